"""A model in training by its own ``fit``, as far as it is looked at."""

from __future__ import annotations

import threading
import time
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.budget import Budget
from recowidget.eager import NO_PREDICTIONS, read_lookups, runs_own_code
from recowidget.errors import RecowidgetError
from recowidget.evaluator import SplitEvaluator
from recowidget.factors import Factors
from recowidget.fit_split import split_of
from recowidget.history import History, Losses
from recowidget.lookups import find_lookups
from recowidget.progress import Pace, Progress
from recowidget.reader import CHECKED, ModelReader
from recowidget.selection import Selection
from recowidget.targets import Targets, targets_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from recowidget.fit_data import FitData
    from recowidget.known import Known
    from recowidget.lookups import Lookups
    from recowidget.progress import Status
    from recowidget.scoring import LearnedScorer
    from recowidget.targets import Transform

MAX_TRAIN = 100_000
"""Train losses are of at most so many ratings, drawn once."""
MAX_BYTES = 16 * 1024**2
"""Bound of the factors that the history of one training keeps."""


class Fitting:
    """A model in training by its own ``fit``: what a live widget looks at.

    Losses are of the weights at the end of an epoch, on all rows (of the train part `MAX_TRAIN` at most),
    measured as often as the budget of time allows: epochs between have none. Those of the first and the last
    weights are always measured.

    Parameters
    ----------
    model : keras.Model
        Built and compiled.
    data : FitData
        What it trains on.
    known : Known, optional
        Ids and titles of its indices.
    to_rating : callable, optional
        From the scale that the model is trained on to ratings.
    run : int
        By which it is told from others that a widget looks at.

    Attributes
    ----------
    remark : str
        What could not be done as the user may expect.
    no_predictions : str
        Why the model is not called, and losses are those that Keras reports; empty where it is.
    loss_name : str
        "RMSE", or "loss" where it is Keras's.
    selection : Selection
        Of all views of it.
    budget : Budget
        Of the time of the present call of ``fit``.

    Raises
    ------
    RecowidgetError
        If the model is no recommender that can be shown; the message says why.
    """

    def __init__(
        self,
        model: keras.Model,
        data: FitData,
        *,
        known: Known | None = None,
        to_rating: Transform | None = None,
        run: int = 0,
    ) -> None:
        self._model = weakref.ref(model)
        self.data = data
        self.no_predictions = NO_PREDICTIONS if runs_own_code(model) else ""
        self.loss_name = "loss" if self.no_predictions else "RMSE"
        lookups = read_lookups(model, data) if self.no_predictions else find_lookups(model, data)
        self.split, self.remark = split_of(data, lookups, known, to_rating)
        self._reader = None if self.no_predictions else self._make_reader(lookups, to_rating)
        self._evaluator = SplitEvaluator(self.split, seed=0, max_train=MAX_TRAIN)
        self.history = History(MAX_BYTES)
        self.progress = Progress(status="running", run=run)
        self.selection = Selection()
        self.offer: Callable[[Progress], None] = lambda _progress: None
        self._lock = threading.Lock()
        self.budget = Budget()
        self._seconds_before = 0.0
        self._epoch_began = 0.0
        self._first_epoch = 0
        self._epochs_done = 0
        self._steps_before = 0
        self._pace = Pace()
        self._logs: dict[str, float] = {}

    def _make_reader(self, lookups: Lookups, to_rating: Transform | None) -> ModelReader:
        interactions = self.split.interactions
        return ModelReader(
            self.model,
            lookups.feed,
            targets_of(self.model, Targets(to_rating)),
            lookups.n_users,
            lookups.n_items,
            (interactions.user_idx[:CHECKED], interactions.item_idx[:CHECKED]),
            lookups.tables,
        )

    @property
    def model(self) -> keras.Model:
        """The model; it is not kept alive by being shown.

        Raises
        ------
        RecowidgetError
            If it is gone.
        """
        model = self._model()
        if model is None:
            raise RecowidgetError("the model that was trained is gone; keep it in a variable")
        return model

    def is_of(self, model: keras.Model, data: FitData) -> bool:
        """Whether it looks at this model, trained on the same rows."""
        return self._model() is model and self.data.is_same(data)

    def settings(self) -> dict[str, Any]:
        """What there is to tell of the training; as `recowidget.settings.Settings.as_json` gives it."""
        rates = getattr(self.model.optimizer, "learning_rate", None)
        scorer = self.progress.scorer
        factors = None if scorer is None else scorer.user_factors
        n_train, n_test = len(self.split.train), len(self.split.test)
        shares = [n_train / (n_train + n_test), n_test / (n_train + n_test)] if n_test else []
        return {
            "model": str(self.model.name),
            "split": "validation data" if n_test else "",
            "shares": shares,
            "seed": None,
            "n_factors": None if factors is None else int(factors.shape[1]),
            "learning_rate": None if rates is None else float(f"{float(np.asarray(rates)):.6g}"),
            "regularization": None,
            "batch_size": self.data.batch_size,
            "epochs": self.progress.epochs,
            "engine": "fit",
        }

    # ---- on the thread that trains ------------------------------------------------------------------

    def begin(self, initial_epoch: int, epochs: int, n_batches: int, batch: int = 0) -> None:
        """A call of ``fit`` begins, or has done some batches; after another one epochs are counted on."""
        self.budget = Budget()
        self._logs = {}
        goes_on = len(self.history) > 0
        self._seconds_before = float(self.history.frame()["seconds"].iloc[-1]) if goes_on else 0.0
        first = max(initial_epoch, self.progress.epoch)
        self._first_epoch = first - initial_epoch
        self._steps_before = self._steps() - batch
        self._pace.clear()
        self.progress = replace(
            self.progress,
            status="running",
            epoch=first,
            batch=0,
            n_batches=n_batches,
            epochs=first + epochs - initial_epoch,
            running_mse=None,
            rate=None,
            seconds_left=None,
            error=None,
        )
        self._epochs_done = first
        if batch:
            self.progress = replace(self.progress, scorer=self._read(), batch=batch)
        elif not goes_on and self._reader is not None:
            self._measure(first)
        self._epoch_began = time.perf_counter()
        self.offer(self.progress)

    def end_epoch(self, number: int, logs: dict[str, float]) -> None:
        """Keras's epoch `number`, counted from 0, is done; `logs` are what Keras reports of it."""
        self._logs = logs
        epoch = self._epochs_done = self._first_epoch + number + 1
        now = time.perf_counter()
        self._pace.add(len(self.split.train), now - self._epoch_began)
        self._epoch_began = now
        if not self.budget.allows("measure") and epoch < self.progress.epochs:
            return
        with self.budget.spending("measure"):
            self._steps_before = self._steps()
            self._measure(epoch)
            self.offer(self.progress)

    def end(self, status: Status | None = None, error: BaseException | None = None) -> None:
        """Training is over; what predicts is read once more, since Keras may have put other weights in."""
        if self._epochs_done > self.progress.epoch:
            self._measure(self._epochs_done)
        status = status or ("finished" if self._epochs_done >= self.progress.epochs else "stopped")
        changes: dict[str, Any] = {
            "status": status,
            "error": error,
            "seconds_left": None,
            "running_mse": None,
        }
        with self._lock:
            batch = 0 if status == "finished" else self._batch()
            self.progress = replace(self.progress, scorer=self._read(), batch=batch, **changes)
        self.offer(self.progress)

    def settle(self) -> None:
        """Read once more what predicts: callbacks that end after ours may have put other weights in."""
        with self._lock:
            self.progress = replace(self.progress, scorer=self._read())
        self.offer(self.progress)

    def _read(self) -> LearnedScorer | None:
        return None if self._reader is None else self._reader.read()

    def _losses(self, scorer: LearnedScorer | None) -> Losses:
        if scorer is not None:
            return self._evaluator.losses(scorer)
        # Curves are drawn of roots.
        loss, validation_loss = (self._logs.get(name, float("nan")) ** 2 for name in ("loss", "val_loss"))
        return Losses(loss, float("nan"), validation_loss)

    def _measure(self, epoch: int) -> None:
        scorer = self._read()
        self.history.record(
            self._losses(scorer),
            seconds=self._seconds_before + self.budget.elapsed,
            running_loss=self._logs.get("loss", float("nan")),
            scorer=scorer if isinstance(scorer, Factors) else None,
            epoch=epoch,
        )
        rate = self._pace.rate
        left = (self.progress.epochs - epoch) * len(self.split.train)
        with self._lock:
            self.progress = replace(
                self.progress,
                epoch=epoch,
                batch=0,
                scorer=scorer,
                running_mse=None,
                rate=rate,
                seconds_left=None if rate is None else left / rate,
            )

    # ---- on any thread ------------------------------------------------------------------------------

    def look(self) -> None:
        """Read the model within an epoch, if that leaves enough of the budget for the epochs' ends."""
        before = self.progress
        if self._reader is None or not self.budget.allows("look", 0.5):
            return
        with self.budget.spending("look"):
            scorer, batch = self._reader.read(), self._batch()
            changes: dict[str, Any] = {
                "scorer": scorer,
                "batch": batch,
                "running_mse": self._evaluator.sampled_mse(scorer),
            }
            with self._lock:
                if self.progress is before:
                    self.progress = replace(before, **changes)
            self.offer(self.progress)

    def _steps(self) -> int:
        iterations = getattr(self.model.optimizer, "iterations", None)
        return 0 if iterations is None else int(np.asarray(iterations.value))

    def _batch(self) -> int:
        """Batches done since the last epoch that was measured, as far as Keras knows how many there are."""
        n_batches = self.progress.n_batches
        return (self._steps() - self._steps_before) % n_batches if n_batches else 0
