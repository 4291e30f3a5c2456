"""The Trainer's states and commands, with an engine that only counts."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from recowidget.engines.choice import Choice
from recowidget.engines.engine import Plain
from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.history import History, Losses
from recowidget.tempo import FULL, Tempo
from recowidget.training import Trainer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recowidget.progress import Progress

NAN = float("nan")


class CountingEngine(Plain):
    """Its one factor is the number of batches trained so far."""

    batch_size = 10
    choice = Choice("sgd", "as asked")

    def __init__(self, n_batches: int = 4, seconds: float = 0.0) -> None:
        self.n_batches = n_batches
        self.seconds = seconds
        self.trained: list[int] = []
        self.epochs_begun: list[int] = []
        self.fail_at: int | None = None
        self.is_ready = True
        self.threads: set[str] = set()

    def begin_epoch(self, epoch: int) -> None:
        self.epochs_begun.append(epoch)

    def ready(self, count: int) -> int:
        return count if self.is_ready else 0

    def run(self, start: int, count: int) -> None:
        self.threads.add(threading.current_thread().name)
        for batch in range(start, start + count):
            if len(self.trained) == self.fail_at:
                raise ZeroDivisionError("as asked")
            self.trained.append(batch)
            time.sleep(self.seconds)

    def running_loss(self) -> float:
        return 1.5

    def scorer(self) -> Factors:
        one = np.full((1, 1), len(self.trained), dtype=np.float32)
        return Factors(one, one, one[0], one[0], 0.0)

    def reset(self) -> None:
        self.trained.clear()

    def recover(self, factors: Factors) -> None:
        self.recovered = factors
        del self.trained[int(factors.user_factors[0, 0]) :]


class Counted:
    """The loss of a CountingEngine falls with every batch."""

    def losses(self, scorer: Factors) -> Losses:
        return Losses(self.sampled_mse(scorer), NAN, self.sampled_mse(scorer) + 1)

    def sampled_mse(self, scorer: Factors) -> float:
        return 100.0 / (1 + float(scorer.user_factors[0, 0]))


class Held(Counted):
    """Measures epochs only while it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.let.set()
        self.error: Exception | None = None

    def losses(self, scorer: Factors) -> Losses:
        assert self.let.wait(10)
        if self.error is not None:
            raise self.error
        return super().losses(scorer)


class Bench:
    """A trainer on a counting engine, and what it told its watcher."""

    def __init__(self, engine: CountingEngine, epochs: int = 5) -> None:
        self.engine = engine
        self.history = History()
        self.seen: list[Progress] = []
        self.evaluator = Held()
        self.requests = 0
        self.answer: Callable[[], None] = lambda: self.trainer.provide(engine)
        self.trainer = Trainer(
            history=self.history,
            evaluator=self.evaluator,
            epochs=epochs,
            request_engine=self._request,
            initial=CountingEngine().scorer(),
        )
        self.is_hungry = False
        self.trainer.add_watcher(self)

    def offer(self, progress: Progress) -> None:
        self.seen.append(progress)

    def _request(self) -> None:
        self.requests += 1
        self.answer()

    @property
    def progress(self) -> Progress:
        return self.trainer.progress

    def states(self) -> list[str]:
        states = [progress.status for progress in self.seen]
        return [state for state, before in zip(states, [None, *states], strict=False) if state != before]


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(CountingEngine())
    yield bench
    bench.trainer.close()


@pytest.fixture
def slow() -> Iterator[Bench]:
    bench = Bench(CountingEngine(n_batches=1000, seconds=0.001))
    yield bench
    bench.trainer.close()


def wait_until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)


def test_starts_idle_at_epoch_0_with_its_losses(bench: Bench) -> None:
    assert bench.progress.status == "idle"
    assert bench.progress.epoch == 0
    assert bench.history.frame()["train_mse"].tolist() == [100.0]
    assert bench.requests == 0


def test_trains_to_the_planned_epochs_then_as_many_again(bench: Bench) -> None:
    bench.trainer.start()
    bench.trainer.wait(5)
    assert (bench.progress.status, bench.progress.epoch) == ("finished", 5)
    assert bench.engine.epochs_begun == [1, 2, 3, 4, 5]
    assert bench.engine.trained == [0, 1, 2, 3] * 5
    assert bench.states() == ["loading", "running", "finished"]
    bench.trainer.start()
    bench.trainer.wait(5)
    assert bench.progress.epoch == 10


def test_start_with_a_number_trains_so_many_more(bench: Bench) -> None:
    bench.trainer.start(2)
    bench.trainer.wait(5)
    bench.trainer.start(3)
    bench.trainer.wait(5)
    assert bench.progress.epoch == bench.progress.epochs == 5
    assert bench.history.frame()["epoch"].tolist() == [0, 1, 2, 3, 4, 5]


def test_engine_is_asked_for_once_and_trains_on_the_worker_only(bench: Bench) -> None:
    bench.trainer.start(1)
    bench.trainer.start(1)
    bench.trainer.wait(5)
    assert bench.requests == 1
    assert bench.engine.threads == {"recowidget-training"}


def test_pause_keeps_the_place_within_the_epoch_and_resume_goes_on_there(slow: Bench) -> None:
    slow.trainer.start(1)
    wait_until(lambda: slow.progress.batch > 10)
    slow.trainer.pause().wait(5)
    paused = slow.progress
    assert paused.status == "paused"
    assert 0 < paused.batch < 1000
    assert paused.scorer is not None
    assert paused.scorer.user_factors[0, 0] == paused.batch
    trained = len(slow.engine.trained)
    time.sleep(0.05)
    assert len(slow.engine.trained) == trained
    slow.trainer.resume()
    slow.trainer.wait(10)
    assert (slow.progress.status, slow.progress.epoch) == ("finished", 1)
    assert slow.engine.trained == list(range(1000))
    assert slow.engine.epochs_begun == [1]


def test_resume_goes_to_the_epochs_planned_before_the_pause() -> None:
    bench = Bench(CountingEngine(n_batches=20, seconds=0.002), epochs=30)
    bench.trainer.start(3)
    wait_until(lambda: bench.progress.epoch >= 1)
    bench.trainer.pause().wait(5)
    bench.trainer.resume()
    bench.trainer.wait(5)
    assert (bench.progress.status, bench.progress.epoch) == ("finished", 3)
    bench.trainer.close()


def test_step_batch_trains_one_batch_and_step_epoch_the_rest_of_the_epoch(bench: Bench) -> None:
    bench.trainer.step("batch")
    bench.trainer.wait(5)
    assert (bench.progress.status, bench.progress.epoch, bench.progress.batch) == ("paused", 0, 1)
    bench.trainer.step("epoch")
    bench.trainer.wait(5)
    assert (bench.progress.status, bench.progress.epoch, bench.progress.batch) == ("paused", 1, 0)
    assert bench.engine.trained == [0, 1, 2, 3]
    for _ in range(4):
        bench.trainer.step("batch")
    bench.trainer.wait(5)
    assert bench.progress.epoch == 2


def test_stop_ends_the_run_and_start_goes_on_from_there(slow: Bench) -> None:
    slow.trainer.start()
    wait_until(lambda: slow.progress.batch > 10)
    slow.trainer.stop().wait(5)
    assert slow.progress.status == "stopped"
    batch = slow.progress.batch
    slow.trainer.step("batch")
    slow.trainer.wait(5)
    assert slow.progress.batch == batch + 1


@pytest.mark.parametrize("command", ["pause", "stop"])
def test_nothing_to_halt_is_no_change(bench: Bench, command: str) -> None:
    getattr(bench.trainer, command)().wait(5)
    assert bench.progress.status == "idle"


def test_reset_goes_back_to_epoch_0_and_counts_runs(bench: Bench) -> None:
    bench.trainer.start()
    bench.trainer.wait(5)
    bench.trainer.reset().wait(5)
    assert (bench.progress.status, bench.progress.epoch, bench.progress.run) == ("idle", 0, 1)
    assert bench.engine.trained == []
    assert bench.history.frame()["train_mse"].tolist() == [100.0]
    bench.trainer.start()
    bench.trainer.wait(5)
    assert bench.progress.epoch == 5


def test_reset_while_running_takes_effect_at_once(slow: Bench) -> None:
    slow.trainer.start()
    wait_until(lambda: slow.progress.batch > 10)
    slow.trainer.reset().wait(5)
    assert (slow.progress.status, slow.progress.epoch, slow.progress.batch) == ("idle", 0, 0)


def test_an_exception_is_kept_raised_by_wait_and_left_behind_by_reset(bench: Bench) -> None:
    bench.engine.fail_at = 9
    bench.trainer.start()
    with pytest.raises(ZeroDivisionError, match="as asked"):
        bench.trainer.wait(5)
    assert bench.progress.status == "failed"
    assert isinstance(bench.progress.error, ZeroDivisionError)
    assert bench.history.last_epoch == bench.progress.epoch == 2
    bench.engine.fail_at = None
    bench.trainer.reset()
    bench.trainer.start()
    bench.trainer.wait(5)
    assert bench.progress.epoch == 5


def test_commands_are_taken_while_the_engine_is_not_ready(bench: Bench) -> None:
    bench.engine.is_ready = False
    bench.trainer.start(2)
    wait_until(lambda: bench.progress.status == "running")
    time.sleep(0.1)
    bench.trainer.pause().wait(1)
    assert bench.progress.status == "paused"
    bench.trainer.resume()
    time.sleep(0.1)
    assert bench.engine.trained == []
    bench.engine.is_ready = True
    bench.trainer.wait(5)
    assert bench.progress.epoch == 2
    assert bench.engine.epochs_begun == [1, 2]
    # Waiting is part of how long it took, a pause is not.
    assert 0.15 < bench.history.frame()["seconds"][1] < 0.6


def test_an_epoch_is_told_of_as_one_with_its_factors_though_the_next_has_begun(slow: Bench) -> None:
    slow.is_hungry = True
    slow.engine.n_batches = 50
    slow.trainer.start(3)
    wait_until(lambda: slow.progress.epoch == 0 and slow.progress.batch > 10)
    slow.evaluator.let.clear()
    wait_until(lambda: len(slow.engine.trained) > 70)
    assert len(slow.history) == 1
    slow.evaluator.let.set()
    slow.trainer.wait(10)
    for progress in slow.seen:
        assert isinstance(progress.scorer, Factors)
        done = progress.epoch * 50 + progress.batch
        # As long as an epoch is measured, what is shown goes on and the counter stands at its end.
        assert progress.scorer.user_factors[0, 0] >= done
        if progress.batch < 50:
            assert progress.scorer.user_factors[0, 0] == done
    shown = [float(progress.scorer.user_factors[0, 0]) for progress in slow.seen if progress.scorer]
    assert shown == sorted(shown)
    assert slow.history.last_epoch == 3
    assert slow.history.frame()["train_mse"].tolist() == [100 / (1 + n) for n in (0, 50, 100, 150)]


@pytest.mark.parametrize("name", ["pause", "stop", "step", "close"])
def test_no_epoch_is_lost_that_is_being_measured(slow: Bench, name: str) -> None:
    slow.engine.n_batches = 50
    slow.trainer.start(3)
    wait_until(lambda: slow.progress.batch > 0)
    slow.evaluator.let.clear()
    wait_until(lambda: len(slow.engine.trained) > 60)
    command = threading.Thread(target=getattr(slow.trainer, name))
    command.start()
    time.sleep(0.1)  # The command is taken while the epoch is still being measured.
    slow.evaluator.let.set()
    command.join(5)
    wait_until(lambda: slow.history.last_epoch >= 1)
    assert slow.history.mse(1)[0, 0] == pytest.approx(100 / 51)


def test_reset_forgets_an_epoch_that_is_being_measured(slow: Bench) -> None:
    slow.engine.n_batches = 50
    slow.trainer.start(3)
    wait_until(lambda: slow.progress.batch > 0)
    slow.evaluator.let.clear()
    wait_until(lambda: len(slow.engine.trained) > 60)
    taken = slow.trainer.reset()
    slow.evaluator.let.set()
    assert taken.wait(5)
    assert (slow.progress.epoch, len(slow.history), slow.progress.batch) == (0, 1, 0)


def test_what_measuring_raises_is_told(bench: Bench) -> None:
    bench.evaluator.error = MemoryError("no room")
    bench.trainer.start()
    with pytest.raises(MemoryError, match="no room"):
        bench.trainer.wait(5)
    assert bench.progress.status == "failed"


def test_an_epoch_that_cannot_be_measured_is_taken_back_and_trained_again(slow: Bench) -> None:
    slow.engine.n_batches = 50
    slow.trainer.start(3)
    wait_until(lambda: slow.progress.batch > 0)
    slow.evaluator.error = MemoryError("no room")
    with pytest.raises(MemoryError):
        slow.trainer.wait(10)
    epoch = slow.history.last_epoch
    assert (slow.progress.epoch, slow.progress.batch) == (epoch, 0)
    assert len(slow.engine.trained) == 50 * epoch
    slow.evaluator.error = None
    slow.trainer.start(1)
    slow.trainer.wait(10)
    assert slow.history.mse(epoch + 1)[0, 0] == pytest.approx(100 / (1 + 50 * (epoch + 1)))


def test_an_engine_whose_callbacks_want_it_ends_the_training(bench: Bench) -> None:
    ended: list[int] = []
    bench.engine.has_callbacks = True
    bench.engine.end_epoch = lambda epoch, _losses: epoch == 2  # type: ignore[method-assign]
    bench.engine.end_training = lambda: ended.append(bench.history.last_epoch)  # type: ignore[method-assign]
    bench.trainer.start()
    bench.trainer.wait(5)
    assert (bench.progress.status, bench.progress.epoch, ended) == ("finished", 2, [2])
    bench.trainer.start(2)
    bench.trainer.wait(5)
    assert (bench.progress.epoch, ended) == (4, [2, 4])


def test_of_two_errors_at_once_the_first_is_told_and_commands_are_taken(slow: Bench) -> None:
    slow.engine.n_batches = 50
    slow.engine.fail_at = 70
    slow.trainer.start(3)
    wait_until(lambda: slow.progress.batch > 0)
    slow.evaluator.let.clear()
    slow.evaluator.error = MemoryError("no room")
    wait_until(lambda: len(slow.engine.trained) == 70)
    slow.evaluator.let.set()
    with pytest.raises((ZeroDivisionError, MemoryError)):
        slow.trainer.wait(5)
    slow.evaluator.error = slow.engine.fail_at = None
    assert slow.trainer.reset().wait(5)
    slow.trainer.start(1)
    slow.trainer.wait(5)
    assert slow.progress.epoch == 1


def test_a_loss_that_is_no_number_fails_with_what_to_do_and_keeps_the_epochs_before(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.trainer.start(2)
    bench.trainer.wait(5)
    last = bench.progress.scorer
    monkeypatch.setattr(Counted, "sampled_mse", lambda *_: NAN)
    bench.trainer.start(1)
    with pytest.raises(RecowidgetError, match=r"became nan in epoch 3: .* lower the learning_rate"):
        bench.trainer.wait(5)
    assert bench.history.last_epoch == 2
    assert bench.progress.scorer is last is bench.engine.recovered
    assert (bench.progress.epoch, bench.progress.batch) == (2, 0)


def test_restore_puts_a_kept_epoch_back_and_training_goes_on_from_it(slow: Bench) -> None:
    slow.engine.n_batches = 20
    slow.trainer.start(4)
    wait_until(lambda: slow.progress.epoch >= 2)
    snapshot = slow.history.snapshot(1)
    slow.trainer.restore(snapshot).wait(5)
    kept = snapshot.scorer
    epoch = slow.progress.epoch
    assert slow.progress.status == "paused"
    assert slow.engine.recovered is slow.progress.scorer is kept
    assert (slow.progress.restored, slow.progress.batch) == (1, 0)
    assert slow.history.last_epoch == epoch
    slow.trainer.step("batch")
    slow.trainer.wait(5)
    assert (slow.progress.restored, slow.progress.epoch, slow.progress.batch) == (None, epoch, 1)
    slow.trainer.resume()
    slow.trainer.wait(5)
    assert slow.progress.epoch == 4


def test_a_divergence_after_a_restore_goes_back_to_what_was_restored(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.trainer.start(3)
    bench.trainer.wait(5)
    bench.trainer.restore(bench.history.snapshot(1)).wait(5)
    monkeypatch.setattr(Counted, "sampled_mse", lambda *_: NAN)
    bench.trainer.start(1)
    with pytest.raises(RecowidgetError, match="diverged"):
        bench.trainer.wait(5)
    assert (bench.progress.status, bench.progress.epoch, bench.progress.restored) == ("failed", 3, 1)
    monkeypatch.undo()
    bench.trainer.restore(bench.history.snapshot(3)).wait(5)
    assert (bench.progress.status, bench.progress.restored, bench.progress.error) == ("paused", None, None)


def test_an_engine_that_cannot_be_had_fails_and_can_be_asked_for_again(bench: Bench) -> None:
    bench.answer = lambda: bench.trainer.refuse(ImportError("no tensorflow"))
    bench.trainer.start()
    with pytest.raises(ImportError, match="no tensorflow"):
        bench.trainer.wait(5)
    bench.answer = lambda: bench.trainer.provide(bench.engine)
    bench.trainer.start()
    bench.trainer.wait(5)
    assert (bench.requests, bench.progress.epoch) == (2, 5)


def test_pause_while_loading_stays_paused_once_the_engine_is_there(bench: Bench) -> None:
    bench.answer = lambda: None
    bench.trainer.start().wait(5)
    assert bench.progress.status == "loading"
    bench.trainer.pause().wait(5)
    bench.trainer.provide(bench.engine).wait(5)
    assert bench.progress.status == "paused"
    assert bench.engine.trained == []
    bench.trainer.resume()
    bench.trainer.wait(5)
    assert bench.progress.epoch == 5


def test_wait_times_out_and_training_goes_on(slow: Bench) -> None:
    slow.trainer.start()
    with pytest.raises(TimeoutError, match="still running"):
        slow.trainer.wait(0.05)
    assert slow.progress.status == "running"


def test_frames_within_an_epoch_come_only_where_somebody_watches(slow: Bench) -> None:
    slow.trainer.start(1)
    slow.trainer.wait(10)
    assert not [p for p in slow.seen if p.status == "running" and p.batch]
    slow.is_hungry = True
    slow.trainer.start(1)
    slow.trainer.wait(10)
    within = [p for p in slow.seen if p.status == "running" and p.batch]
    assert len(within) > 10
    assert all(p.rate and p.seconds_left is not None for p in within)
    before, after = slow.history.frame()["train_mse"].iloc[-2:]
    assert all(before >= (p.running_mse or 0) >= after for p in within)


def test_seconds_leave_pauses_out(slow: Bench) -> None:
    slow.trainer.step("batch")
    slow.trainer.wait(5)
    time.sleep(0.5)
    slow.engine.seconds = 0.0
    slow.trainer.step("epoch")
    slow.trainer.wait(5)
    assert slow.history.frame()["seconds"].iloc[-1] < 0.4


def test_close_ends_the_thread_and_later_commands_say_so() -> None:
    bench = Bench(CountingEngine(n_batches=1000, seconds=0.001))
    bench.trainer.start()
    wait_until(lambda: bench.progress.batch > 0)
    bench.trainer.close()
    trained = len(bench.engine.trained)
    time.sleep(0.05)
    assert len(bench.engine.trained) == trained
    with pytest.raises(RecowidgetError, match="closed"):
        bench.trainer.start()
    bench.trainer.wait(1)


# ---- pace -----------------------------------------------------------------------------------------------


def test_a_pace_holds_epochs_apart_but_takes_commands_at_once(bench: Bench) -> None:
    started = time.perf_counter()
    bench.trainer.resume(tempo=Tempo(epochs=20))
    bench.trainer.wait(5)
    # The first epoch begins at once, and nothing follows the last.
    assert time.perf_counter() - started >= 4 / 20
    assert bench.progress.epoch == 5
    # Waiting is no training.
    assert bench.history.frame()["seconds"].iloc[-1] < 1 / 20
    bench.trainer.resume(tempo=Tempo(epochs=0.01))
    bench.trainer.pause().wait(5)
    assert bench.progress.status == "paused"
    bench.trainer.start()
    bench.trainer.wait(5)
    assert bench.progress.status == "finished"


def test_in_slow_motion_each_batch_is_shown_and_a_faster_tempo_takes_over_at_once() -> None:
    bench = Bench(CountingEngine(n_batches=8), epochs=2)
    bench.is_hungry = True
    started = time.perf_counter()
    bench.trainer.resume(tempo=Tempo(batches=40))
    bench.trainer.wait(5)
    assert time.perf_counter() - started >= 15 / 40
    shown = {(progress.epoch, progress.batch) for progress in bench.seen}
    assert {(0, batch) for batch in range(1, 8)} <= shown
    assert all(progress.is_paced for progress in bench.seen if progress.status == "running")
    bench.trainer.resume(tempo=Tempo(batches=0.01))
    wait_until(lambda: bench.progress.batch == 1)
    bench.trainer.set_tempo(FULL)
    bench.trainer.wait(5)
    assert (bench.progress.epoch, bench.progress.is_paced) == (4, False)
    bench.trainer.close()


def test_the_time_left_is_that_of_the_pace() -> None:
    bench = Bench(CountingEngine(n_batches=1), epochs=6)
    bench.trainer.resume(tempo=Tempo(epochs=10))
    bench.trainer.wait(5)
    left = [progress.seconds_left for progress in bench.seen if progress.epoch == 3 and progress.seconds_left]
    bench.trainer.close()
    assert left[0] == pytest.approx(3 / 10, rel=0.01)


# ---- what those who watch do ----------------------------------------------------------------------------


def test_a_watcher_that_raises_is_logged_and_training_goes_on(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        is_hungry = False

        def offer(self, progress: Progress) -> None:
            raise ValueError(f"can't show {progress.status}")

    bench.trainer.add_watcher(Broken())
    bench.trainer.start(2)
    bench.trainer.wait(5)
    assert (bench.progress.status, bench.progress.epoch) == ("finished", 2)
    (record,) = caplog.records
    assert record.exc_info
    assert "can't show" in str(record.exc_info[1])


def test_an_engine_that_cannot_be_brought_back_does_not_end_the_thread(bench: Bench) -> None:
    def cannot(_factors: Factors) -> None:
        raise OSError("no way back")

    bench.trainer.start(1)
    bench.trainer.wait(5)
    bench.engine.recover = cannot  # type: ignore[method-assign]
    bench.evaluator.error = MemoryError("no room")
    bench.trainer.start(1)
    with pytest.raises(MemoryError):
        bench.trainer.wait(5)
    bench.evaluator.error = None
    bench.trainer.reset()
    bench.trainer.start(1)
    bench.trainer.wait(5)
    assert (bench.progress.status, bench.progress.epoch) == ("finished", 1)


def test_who_is_told_of_an_epoch_may_close(bench: Bench) -> None:
    class Closes:
        is_hungry = False

        def offer(self, progress: Progress) -> None:
            if progress.epoch == 2:
                bench.trainer.close()

    bench.trainer.add_watcher(Closes())
    bench.trainer.start(50)
    wait_until(lambda: bench.trainer.is_closed)
    thread = bench.trainer._thread
    assert thread is not None
    thread.join(5)
    assert not thread.is_alive()
    assert bench.progress.status != "failed"
