"""The Trainer: one worker thread that trains, and takes commands between chunks of steps."""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.progress import Pace, Progress, Status
from recowidget.tempo import FULL, Tempo

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from recowidget.engines.engine import Engine, Side
    from recowidget.history import History, Losses, Snapshot
    from recowidget.scoring import LearnedScorer

StepUnit = Literal["batch", "epoch"]

CHUNK_SECONDS = 0.02
"""Aimed length of one call into the engine: what a pause waits for, and what bounds the frame rate."""


logger = logging.getLogger(__name__)

LISTEN = 0.2
"""Seconds after which one who waits looks whether there was an interrupt."""


class DivergedError(RecowidgetError):
    """The loss is no number any more; the last epoch before stays."""


class Evaluator(Protocol):
    """How the trainer measures the model; `recowidget.run` gives the one for a split."""

    def losses(self, scorer: LearnedScorer) -> Losses:
        """Losses of all parts."""

    def sampled_mse(self, scorer: LearnedScorer) -> float:
        """Train loss on a fixed sample: cheap enough to follow within an epoch."""


class Watcher(Protocol):
    """Who is told of the states of training, on the worker's thread: nothing here may take long."""

    @property
    def is_hungry(self) -> bool:
        """Whether a state within an epoch is wanted now; each costs a copy of the factors."""

    def offer(self, progress: Progress) -> None:
        """Take the latest state."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Settings that training under way can take; None: as it was.

    Attributes
    ----------
    learning_rate, regularization : float or None
    epochs : int or None
        The planned last epoch.
    early_stopping : int or None
        0 for none.
    """

    learning_rate: float | None = None
    regularization: float | None = None
    epochs: int | None = None
    early_stopping: int | None = None


@dataclass(slots=True)
class _Command:
    name: str
    epochs: int | None = None
    unit: StepUnit = "epoch"
    tempo: Tempo = FULL
    engine: Engine | None = None
    error: BaseException | None = None
    snapshot: Snapshot | None = None
    changes: Changes | None = None
    only: Side | None = None
    evaluator: Evaluator | None = None
    turn: Callable[[Engine], Engine] | None = None
    taken: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class _Goal:
    """Where training is to halt, and in which state."""

    epoch: int
    status: Status
    batches: int | None = None
    """So many batches and no more."""


@dataclass(slots=True)
class _Ended:
    """An epoch that is trained and still being measured, while the next one begins."""

    scorer: LearnedScorer
    running_loss: float
    seconds: float
    """Of training before it is measured."""
    measured: Future[tuple[Losses, float]]
    """Its losses, and the seconds that it took to measure them."""
    is_behind: bool = False
    """Whether states of the next epoch have been shown."""


class Trainer:
    """Trains an engine's model on a thread of its own.

    Commands go through a queue and take effect between two chunks of some 20 ms. The thread starts with the
    first command. Factors are measured on another thread while the next epoch begins. The trainer knows
    nothing of widgets: it tells its watchers.

    Parameters
    ----------
    history : History
        Gets the losses and a snapshot of every epoch.
    evaluator : Evaluator
    epochs : int
        Where training without a given number of epochs halts.
    request_engine : callable
        Called on the worker when a command needs the engine. Must lead to `provide` or `refuse`.
    initial : Factors or ModelScorer, optional
        What predicts at epoch 0, where it is known before the model is built.
    run : int
        Its number; it grows with every reset.
    early_stopping : int, optional
        Training finishes after so many epochs without a better one, by the loss that `History.best_epoch`
        goes by.
    """

    def __init__(
        self,
        *,
        history: History,
        evaluator: Evaluator,
        epochs: int,
        request_engine: Callable[[], None],
        initial: LearnedScorer | None = None,
        run: int = 0,
        early_stopping: int | None = None,
    ) -> None:
        self.history = history
        self._evaluator = evaluator
        self._default_epochs = epochs
        self._request_engine = request_engine
        self._initial = initial
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._outstanding = 0
        self._engine: Engine | None = None
        self._engine_requested = False
        self._turn: Callable[[Engine], Engine] | None = None  # To other data, before it trains on.
        self._goal: _Goal | None = None
        self._batch = 0  # Of the epoch under way; progress may still tell of the one before.
        self._ended: _Ended | None = None
        self._patience = early_stopping
        self._patient_from = 0
        self._only: Side | None = None
        self._changed_settings: dict[str, float] = {}
        """Learning rate and regularization where they were changed: an engine may have been made before."""
        self._to_end_for = ""  # Why training is to end before the planned epochs.
        self._is_unmeasured = False  # An epoch whose losses could not be measured was lost.
        self._measuring = ThreadPoolExecutor(1, "recowidget-measuring")
        self._seconds = 0.0
        self._chunk = 1
        self._sample_offset: float | None = None
        self._last_good: LearnedScorer | None = None
        self._last_good_epoch = 0
        self._pace = Pace()
        self._tempo = FULL
        self._due = 0.0  # When the next epoch may begin, or the next batch.
        self._waiting_since: float | None = None  # For the engine to be ready.
        self._is_warm = False  # The first call compiles: its pace says nothing of the next.
        self._progress = Progress(epochs=epochs, run=run)
        self._watchers: tuple[Watcher, ...] = ()
        self._reported: tuple[Watcher, ...] = ()  # Watchers that raised an error.
        if initial is not None:
            self._record_start(initial)

    def add_watcher(self, watcher: Watcher) -> None:
        """Tell `watcher` of every state from now on."""
        self._watchers = (*self._watchers, watcher)

    def remove_watcher(self, watcher: Watcher) -> None:
        """Tell `watcher` nothing more."""
        self._watchers = tuple(other for other in self._watchers if other is not watcher)

    # ---- read from any thread -----------------------------------------------------------------------

    @property
    def progress(self) -> Progress:
        """The latest state."""
        return self._progress

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def is_worker(self) -> bool:
        """Whether this is called on the thread that trains."""
        return self._thread is threading.current_thread()

    @property
    def engine(self) -> Engine | None:
        """What trains; None before the model is built."""
        return self._engine

    # ---- commands, from any thread; they return at once ---------------------------------------------

    def start(self, epochs: int | None = None) -> threading.Event:
        """Train `epochs` more; without a number, up to the planned epochs and, once there, as many again.

        Returns
        -------
        threading.Event
            Set once the command has taken effect; so do all commands.
        """
        return self._submit(_Command("start", epochs=epochs))

    def resume(self, *, tempo: Tempo = FULL) -> threading.Event:
        """Train to the epoch planned when training was halted, or else as `start` without a number.

        Parameters
        ----------
        tempo : Tempo
            Train no faster than that, for people to follow; as fast as it goes where not given.
        """
        return self._submit(_Command("resume", tempo=tempo))

    def set_tempo(self, tempo: Tempo) -> threading.Event:
        """Go on at another tempo, where training is under way."""
        return self._submit(_Command("tempo", tempo=tempo))

    def pause(self) -> threading.Event:
        """Halt between two batches; `start` goes on from there."""
        return self._submit(_Command("pause"))

    def step(self, unit: StepUnit = "epoch") -> threading.Event:
        """Train one batch, or to the end of the epoch under way, and pause."""
        return self._submit(_Command("step", unit=unit))

    def stop(self) -> threading.Event:
        """End the run where it is."""
        return self._submit(_Command("stop"))

    def reset(self) -> threading.Event:
        """Go back to the untrained model, and forget the epochs."""
        return self._submit(_Command("reset"))

    def change(self, changes: Changes) -> threading.Event:
        """Train on with other settings, from the next epoch on."""
        return self._submit(_Command("change", changes=changes))

    def train_only(self, side: Side | None) -> threading.Event:
        """Leave the other side's vectors as they are from now on; None: train both."""
        return self._submit(_Command("only", only=side))

    def restore(self, snapshot: Snapshot) -> threading.Event:
        """Go on from what predicted at the end of a past epoch; training under way is paused.

        The history stays, and the count of epochs goes on.
        """
        return self._submit(_Command("restore", snapshot=snapshot))

    def turn_to(self, evaluator: Evaluator, turn: Callable[[Engine], Engine] | None) -> threading.Event:
        """Train on with other data of the same users and items.

        The history stays, and its next losses are those of `evaluator`. An epoch under way goes on from
        where it is, with the other data in an order of its own.

        Parameters
        ----------
        evaluator : Evaluator
        turn : callable or None
            Called once, on the worker, before training goes on: ``turn(engine)`` takes the engine so far and
            gives one of the other data that goes on from what was learned. None where there is no engine yet.
        """
        return self._submit(_Command("change", evaluator=evaluator, turn=turn))

    def provide(self, engine: Engine) -> threading.Event:
        """Answer a request for the engine."""
        return self._submit(_Command("provide", engine=engine))

    def refuse(self, error: BaseException) -> threading.Event:
        """Answer a request for the engine that can't be met."""
        return self._submit(_Command("refuse", error=error))

    def close(self) -> None:
        """End the thread, and wait for it."""
        with self._changed:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._commands.put(_Command("close"))
            if thread is not threading.current_thread():
                thread.join()
        self._measuring.shutdown(wait=thread is not threading.current_thread())

    def wait(self, timeout: float | None = None) -> None:
        """Wait until training is not under way any more, whether finished, paused or stopped.

        Raises
        ------
        TimeoutError
            If that takes longer than `timeout` seconds.
        BaseException
            What training raised.
        """
        end = math.inf if timeout is None else time.perf_counter() + timeout
        with self._changed:
            # In short waits: an interrupt may reach another thread, and this one learns of it between them.
            while not self._changed.wait_for(self._is_idle, max(min(end - time.perf_counter(), LISTEN), 0)):
                if time.perf_counter() >= end:
                    status, epoch = self._progress.status, self._progress.epoch
                    raise TimeoutError(f"training is still {status} after {timeout:g} s, at epoch {epoch}")
            if self._progress.error is not None:
                raise self._progress.error

    def _is_idle(self) -> bool:
        return self._closed or (self._outstanding == 0 and not self._progress.is_active)

    def _submit(self, command: _Command) -> threading.Event:
        with self._changed:
            if self._closed:
                raise RecowidgetError("this explorer is closed; make a new one to train again")
            self._outstanding += 1
            self._commands.put(command)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="recowidget-training", daemon=True)
                self._thread.start()
            if self.is_worker:
                # Who is told of an epoch may well pause; to wait for that there would be forever.
                command.taken.set()
        return command.taken

    # ---- on the worker ------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            command = self._next_command()
            if command is not None:
                if command.name == "close":
                    self._guarded(self._settle)
                    return
                self._guarded(lambda command=command: self._apply(command))  # type: ignore[misc]
                with self._changed:
                    self._outstanding -= 1
                    self._changed.notify_all()
                command.taken.set()
            elif self._is_training():
                self._guarded(self._advance)

    def _is_training(self) -> bool:
        return self._progress.status == "running"

    def _next_command(self) -> _Command | None:
        try:
            if not self._is_training():
                return self._commands.get()
            is_awaited = self._batch == 0 or self._tempo.batches is not None
            early = self._due - time.perf_counter() if is_awaited else 0.0
            if self._waiting_since is not None:
                early = CHUNK_SECONDS
            return self._commands.get(timeout=early) if early > 0 else self._commands.get_nowait()
        except queue.Empty:
            return None

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (it is raised again by wait)
            try:
                self._fail(error)
            except BaseException as another:  # noqa: BLE001 (the thread has to go on taking commands)
                error.__context__ = another
                self._set(status="failed", error=error, rate=None, seconds_left=None)

    def _fail(self, error: BaseException) -> None:
        try:
            self._settle()
        except DivergedError as before:
            error = before
        except Exception as another:  # noqa: BLE001 (the first error is the one to tell)
            error.__context__ = another
        self._goal = None
        changes: dict[str, Any] = {"status": "failed", "error": error, "rate": None, "seconds_left": None}
        # The engine goes back to where the history ends.
        is_ahead, self._is_unmeasured = self._is_unmeasured, False
        if (is_ahead or isinstance(error, DivergedError)) and self._engine is not None:
            last_good = self._last_good
            if last_good is not None:
                self._engine.recover(last_good)
                self._batch = 0
                changes |= self._back_at_last_good()
        self._set(**changes)

    def _end_waiting(self) -> None:
        if self._waiting_since is not None:
            self._seconds += time.perf_counter() - self._waiting_since
            self._waiting_since = None

    def _apply(self, command: _Command) -> None:
        self._end_waiting()
        if command.name != "reset":
            self._settle()
        apply: dict[str, Callable[[_Command], None]] = {
            "start": self._set_out,
            "resume": self._set_out,
            "step": self._set_out,
            "pause": self._hold,
            "stop": self._hold,
            "tempo": self._take_tempo,
            "reset": lambda _command: self._reset(),
            "restore": self._restore,
            "change": self._change,
            "only": self._take_only,
            "provide": self._take_engine,
            "refuse": self._go_without_engine,
        }
        apply[command.name](command)

    def _take_tempo(self, command: _Command) -> None:
        self._set_tempo(command)
        self._set(is_paced=not self._tempo.is_full)

    def _take_only(self, command: _Command) -> None:
        self._only = command.only
        if self._engine is not None:
            self._engine.train_only(command.only)

    def _set_tempo(self, command: _Command) -> None:
        self._tempo = command.tempo
        self._due = 0.0

    def _hold(self, command: _Command) -> None:
        is_stop = command.name == "stop"
        if self._progress.is_active or (is_stop and self._progress.status == "paused"):
            self._halt("stopped" if is_stop else "paused")

    def _set_out(self, command: _Command) -> None:
        self._goal = self._goal_of(command)
        self._patient_from = self._progress.epoch
        self._pace.clear()
        self._set_tempo(command)
        planned = self._goal.epoch
        if command.name == "step":
            planned = max(planned, self._progress.epochs)
        self._set(
            status="loading" if self._engine is None else "running",
            error=None,
            reason="",
            epochs=planned,
            is_paced=not self._tempo.is_full,
        )
        if self._engine is None and not self._engine_requested:
            self._engine_requested = True
            self._request_engine()

    def _goal_of(self, command: _Command) -> _Goal:
        epoch = self._progress.epoch
        if command.name == "step":
            return self._step_goal(command.unit)
        if command.epochs is not None:
            return _Goal(epoch + command.epochs, "finished")
        planned = self._default_epochs
        if command.name == "resume" and self._progress.epochs > epoch:
            planned = self._progress.epochs
        return _Goal(planned if epoch < planned else epoch + planned, "finished")

    def _step_goal(self, unit: StepUnit) -> _Goal:
        """One step more than those still to be done: steps asked for in quick succession all count."""
        before = self._goal if self._goal is not None and self._goal.status == "paused" else None
        epoch = self._progress.epoch
        if unit == "batch":
            return _Goal(epoch + 1, "paused", batches=1 + ((before and before.batches) or 0))
        return _Goal(1 + (before.epoch if before and before.batches is None else epoch), "paused")

    def _change_engine(self, engine: Engine | None) -> None:
        if engine is not None and self._changed_settings:
            changed = self._changed_settings
            engine.change(
                learning_rate=changed.get("learning_rate"), regularization=changed.get("regularization")
            )

    def _take_engine(self, command: _Command) -> None:
        engine = command.engine
        self._engine_requested = False
        if engine is None or self._engine is not None:
            return
        self._engine = engine
        engine.train_only(self._only)
        self._change_engine(engine)
        if not len(self.history):
            self._record_start(engine.scorer())
        status: Status = "running" if self._progress.status == "loading" else self._progress.status
        self._set(status=status, n_batches=engine.n_batches)

    def _go_without_engine(self, command: _Command) -> None:
        error = command.error
        self._engine_requested = False
        if isinstance(error, KeyboardInterrupt):
            if self._progress.is_active:
                self._halt("paused")
        elif error is not None:
            self._fail(error)

    def _record_start(self, scorer: LearnedScorer) -> None:
        losses = self._evaluator.losses(scorer)
        self.history.record(losses, seconds=0.0, scorer=scorer)
        self._sample_offset = None
        self._last_good, self._last_good_epoch = scorer, 0
        self._progress = replace(self._progress, scorer=scorer)

    def _restore(self, command: _Command) -> None:
        engine, snapshot = self._engine, command.snapshot
        if engine is None or snapshot is None:
            raise AssertionError("restored without an engine or a snapshot")
        if self._progress.is_active:
            self._halt("paused")
        engine.recover(snapshot.scorer)
        self._batch = 0
        self._last_good, self._last_good_epoch = snapshot.scorer, snapshot.epoch
        self._sample_offset = None
        status = "paused" if self._progress.status == "failed" else self._progress.status
        self._set(status=status, error=None, **self._back_at_last_good())

    def _change(self, command: _Command) -> None:
        if command.evaluator is not None:
            self._turn_to(command.evaluator, command.turn)
        if command.changes is not None:
            self._change_settings(command.changes)

    def _change_settings(self, changes: Changes) -> None:
        if changes.early_stopping is not None:
            self._patience = changes.early_stopping or None
        for name in ("learning_rate", "regularization"):
            value = getattr(changes, name)
            if value is not None:
                self._changed_settings[name] = value
        self._change_engine(self._engine)
        if changes.epochs is None:
            return
        self._default_epochs = changes.epochs
        if self._goal is not None and self._goal.status == "finished":
            self._goal.epoch = max(changes.epochs, self._progress.epoch + 1)
            self._set(epochs=self._goal.epoch)
            return
        more: dict[str, Any] = {}
        if self._progress.status == "finished" and changes.epochs > self._progress.epoch:
            more = {"status": "paused"}
        self._set(epochs=max(changes.epochs, self._progress.epoch), **more)

    def _turn_to(self, evaluator: Evaluator, turn: Callable[[Engine], Engine] | None) -> None:
        self._evaluator, self._turn = evaluator, turn
        self._sample_offset = None
        self._set()

    def _turn_engine(self, before: Engine) -> Engine:
        """Have the engine turn to other data, where there is such."""
        if self._turn is None:
            return before
        engine = self._engine = self._turn(before)
        engine.train_only(self._only)
        self._turn = None
        self._chunk = 1
        if self._batch:
            self._batch = min(self._batch, engine.n_batches - 1)
            engine.begin_epoch(self._progress.epoch + 1)
        self._set(n_batches=engine.n_batches, batch=self._batch)
        return engine

    def _back_at_last_good(self) -> dict[str, Any]:
        epoch = self._last_good_epoch
        return {
            "scorer": self._last_good,
            "restored": None if epoch == self._progress.epoch else epoch,
            "batch": 0,
            "running_mse": None,
        }

    def _reset(self) -> None:
        self._goal = self._ended = None
        self._batch = 0
        self._seconds = 0.0
        self._pace.clear()
        scorer = self._initial
        if self._engine is not None:
            self._engine.reset()
            scorer = self._engine.scorer()
        self.history.clear()
        if scorer is not None:
            self._record_start(scorer)
        self._set(
            status="idle",
            epoch=0,
            batch=0,
            epochs=self._default_epochs,
            rate=None,
            seconds_left=None,
            running_mse=None,
            restored=None,
            error=None,
            reason="",
            run=self._progress.run + 1,
        )

    def _advance(self) -> None:
        """Train one chunk, and see what follows from it."""
        engine, goal = self._engine, self._goal
        if engine is None or goal is None:
            raise AssertionError("training without an engine or a goal")
        engine = self._turn_engine(engine)
        started = time.perf_counter()
        batch = self._batch
        is_single = goal.batches or self._tempo.batches
        count = engine.ready(1 if is_single else min(self._chunk, engine.n_batches - batch))
        if count == 0:
            self._waiting_since = self._waiting_since or started
            self._settle()
            return
        self._end_waiting()
        self._set_due(started, engine.n_batches)
        if batch == 0:
            engine.begin_epoch(self._progress.epoch + 1 + (self._ended is not None))
        engine.run(batch, count)
        self._batch = batch + count
        elapsed = time.perf_counter() - started
        self._seconds += elapsed
        if self._is_warm:
            self._pace.add(count * engine.batch_size, elapsed)
        self._is_warm = True
        if goal.batches:
            goal.batches -= 1
        else:
            self._chunk = _next_chunk(self._chunk, count, elapsed)

        if self._ended is not None and (self._ended.measured.done() or self._batch >= engine.n_batches):
            self._settle()
        if self._batch >= engine.n_batches:
            self._end_epoch(engine, goal)
        else:
            self._within_epoch(engine)
        if self._to_end_for:
            self._halt("finished")
        elif goal.batches == 0 or (goal.batches is None and self._progress.epoch >= goal.epoch):
            self._halt(goal.status)

    def _set_due(self, started: float, n_batches: int) -> None:
        if self._tempo.batches is not None:
            self._due = started + 1 / self._tempo.batches
        elif self._batch == 0:
            self._due = started + self._tempo.seconds_of_epoch(n_batches)

    def _end_epoch(self, engine: Engine, goal: _Goal) -> None:
        """Have the epoch measured; where the next one follows at once, it doesn't wait for that."""
        if self._closed:  # By who was told of the epoch before.
            return
        started = time.perf_counter()
        scorer = engine.scorer()
        self._batch = 0
        running_loss = engine.running_loss()
        self._seconds += time.perf_counter() - started
        self._ended = _Ended(
            scorer, running_loss, self._seconds, self._measuring.submit(self._measure, scorer)
        )
        follows = goal.batches is None and self._progress.epoch + 1 < goal.epoch
        is_free = isinstance(scorer, Factors) and not engine.has_callbacks and not self._patience
        if not (follows and self._tempo.is_full and is_free):
            self._settle()

    def _measure(self, scorer: LearnedScorer) -> tuple[Losses, float]:
        started = time.perf_counter()
        return self._evaluator.losses(scorer), time.perf_counter() - started

    def _settle(self) -> None:
        """Wait for the losses of the epoch that has ended, and tell of it."""
        ended, engine = self._ended, self._engine
        if ended is None or engine is None:
            return
        self._ended = None
        started = time.perf_counter()
        epoch = self._progress.epoch + 1
        try:
            losses, measuring = ended.measured.result()
        except BaseException:
            self._is_unmeasured = True
            raise
        _check_finite(losses.train, epoch, engine)
        self._last_good, self._last_good_epoch = ended.scorer, epoch
        self._seconds += time.perf_counter() - started
        self.history.record(
            losses,
            seconds=min(ended.seconds + measuring, self._seconds),
            running_loss=ended.running_loss,
            scorer=ended.scorer,
        )
        self._sample_offset = None
        self._set(
            epoch=epoch,
            batch=self._batch if ended.is_behind else 0,
            running_mse=None,
            # What is on screen never goes back.
            scorer=engine.scorer() if ended.is_behind else ended.scorer,
            restored=None,
            **self._pace_of(engine, epoch, 0),
        )
        if engine.end_epoch(epoch, losses):
            self._to_end_for = "callback"
        elif self._patience and epoch - max(self.history.best_epoch, self._patient_from) >= self._patience:
            self._to_end_for = "early stopping"

    def _within_epoch(self, engine: Engine) -> None:
        # As long as an epoch is not measured it doesn't count, but what comes after it is shown.
        batch = self._batch if self._ended is None else engine.n_batches
        self._progress = replace(self._progress, batch=batch)
        if any(watcher.is_hungry for watcher in self._watchers):
            if self._ended is not None:
                self._ended.is_behind = True
            self._set(**self._inside_epoch(engine), **self._pace_of(engine, self._progress.epoch, batch))

    def _inside_epoch(self, engine: Engine) -> dict[str, Any]:
        scorer = engine.scorer()
        running = self._evaluator.sampled_mse(scorer) + self._offset()
        _check_finite(running, self._progress.epoch + 1 + (self._ended is not None), engine)
        return {"scorer": scorer, "running_mse": max(running, 0.0), "restored": None}

    def _offset(self) -> float:
        """How far the loss on the sample was below that of all where training goes on from; measured once."""
        if self._sample_offset is None and self._last_good is not None:
            train = float(self.history.mse(self._last_good_epoch)[0, 0])
            self._sample_offset = train - self._evaluator.sampled_mse(self._last_good)
        return self._sample_offset or 0.0

    def _pace_of(self, engine: Engine, epoch: int, batch: int) -> dict[str, Any]:
        rate = self._pace.rate
        if rate is None:
            return {"rate": None, "seconds_left": None}
        epochs = max(self._progress.epochs - epoch - batch / engine.n_batches, 0)
        seconds = engine.n_batches * engine.batch_size / rate
        seconds = max(seconds, self._tempo.seconds_of_epoch(engine.n_batches))
        return {"rate": rate, "seconds_left": epochs * seconds}

    def _halt(self, status: Status) -> None:
        self._goal = None
        changes: dict[str, Any] = {"status": status, "seconds_left": None, "reason": self._to_end_for}
        self._to_end_for = ""
        if status in {"finished", "stopped"} and self._engine is not None and self._engine.has_callbacks:
            self._engine.end_training()
            changes["scorer"] = self._last_good = self._engine.scorer()
        if self._engine is not None and self._batch:
            changes |= self._inside_epoch(self._engine) | {"batch": self._batch}
        self._set(**changes)

    def _set(self, **changes: Any) -> None:
        with self._changed:
            self._progress = replace(self._progress, **changes)
            self._changed.notify_all()
        for watcher in self._watchers:
            try:
                watcher.offer(self._progress)
            except Exception:
                if watcher not in self._reported:  # It is told of thirty times a second.
                    self._reported = (*self._reported, watcher)
                    logger.exception("who watches the training raised an error")


def _check_finite(loss: float, epoch: int, engine: Engine) -> None:
    if not math.isfinite(loss):
        raise DivergedError(
            f"the train loss became {loss} in epoch {epoch}: the training diverged. Epoch {epoch - 1} is "
            f"kept; {engine.choice.remedy}"
        )


def _next_chunk(chunk: int, count: int, elapsed: float) -> int:
    """Aim at `CHUNK_SECONDS`, at most doubling at a time: the first calls include tracing."""
    ideal = count * CHUNK_SECONDS / max(elapsed, 1e-6)
    return max(1, min(math.floor(ideal), 2 * chunk))
