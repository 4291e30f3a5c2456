"""A Keras callback that shows a training as it goes on."""

from __future__ import annotations

import sys
import time
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from recowidget.backend import load_keras
from recowidget.errors import RecowidgetError, first_line
from recowidget.fit_data import arguments_of_fit, read_fit
from recowidget.fitting import Fitting
from recowidget.interactions import Interactions
from recowidget.known import Known
from recowidget.ticker import Ticker

if TYPE_CHECKING:
    from collections.abc import Callable

    from recowidget.fit_data import FitData
    from recowidget.progress import Progress, Status
    from recowidget.targets import Transform
    from recowidget.widgets.live import LiveView

LOSSES = ("loss", "val_loss")
"""What Keras calls its own losses."""

Callback: Any = load_keras().callbacks.Callback


class LiveTraining(Callback):  # type: ignore[misc]
    """Shows the training of a recommender by ``model.fit`` under the cell it runs in.

    ``model.fit(..., callbacks=[LiveTraining()])`` with any Keras model that takes a user's and an item's
    index and looks each up in an Embedding layer: two inputs, one of two columns, or a dict of two. What
    ``fit`` trains on are the ratings of the train part, its validation data those of the test part. Training,
    its results and what it prints stay what they are without the callback, and an error in here only ends the
    view. Outside of a notebook it shows nothing, and fills `history`.

    Used again with the same model and the same data, it goes on where it was.

    Parameters
    ----------
    interactions : Interactions or DataFrame, optional
        Whose ids and titles to show in place of indices. Columns of indices (as ``USER`` and ``ITEM``) count
        where a frame has them beside its ids; otherwise an index is the rank of an id, or the id itself.
        Where the numbers of users and items don't fit, indices are shown.
    items, users : DataFrame, optional
        Titles of items and names of users by id, where `interactions` is a frame.
    to_rating : callable, optional
        Where ``fit`` gets rescaled ratings: turns an array of them into ratings.

    Raises
    ------
    RecowidgetError
        If the ratings can't be read.
    """

    def __init__(
        self,
        interactions: Interactions | pd.DataFrame | None = None,
        *,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        to_rating: Transform | None = None,
    ) -> None:
        super().__init__()
        if interactions is None and (items is not None or users is not None):
            raise RecowidgetError(
                "items and users go with the ratings whose ids they name: LiveTraining(ratings, items=movies)"
            )
        self.known = None if interactions is None else read_known(interactions, items, users)
        self._to_rating = to_rating
        self._fitting: Fitting | None = None
        self._is_off = True
        self._is_awaited = False
        self._view: LiveView | None = None
        self._views: tuple[LiveView, ...] = ()
        self._n_fittings = 0
        self._shown_under: object = None
        self._ticker: Ticker | None = None
        self.tell: Callable[[str], None] = tell

    @property
    def history(self) -> pd.DataFrame:
        """The losses of all epochs that were measured.

        Returns
        -------
        DataFrame
            Columns ``epoch`` (that of the first row: the weights before training), ``train_mse``,
            ``train_rmse``, ``test_mse``, ``test_rmse`` and ``seconds``. Losses are of the weights at the end
            of the epoch, unclipped, without penalty, on the rating scale; with more than 100,000 ratings to
            train on, the train loss is of so many of them. Where epochs are so short that measuring each
            would slow training down, some have no row; nor has epoch 0 of a model that is not built before
            its first step. No rows before the first training. A model that runs eagerly with code of its own
            is not called for it: ``train_loss`` and ``test_loss`` are then those that Keras reports.
        """
        if self._fitting is None:
            return pd.DataFrame({"epoch": [], "train_mse": [], "train_rmse": [], "seconds": []})
        frame = self._fitting.history.frame().dropna(subset="seconds").reset_index(drop=True)
        name = self._fitting.loss_name
        if name == "RMSE":
            return frame
        parts = [part for part in ("train", "test") if f"{part}_mse" in frame]
        return frame.drop(columns=[f"{part}_mse" for part in parts]).rename(
            columns={f"{part}_rmse": f"{part}_{name}" for part in parts}
        )

    @property
    def status(self) -> Status:
        """As `MFExplorer.status`; "idle" before the first training."""
        return "idle" if self._fitting is None else self._fitting.progress.status

    @property
    def view(self) -> LiveView | None:
        """The widget that is shown; None outside of a notebook."""
        return self._view

    @property
    def fitting(self) -> Fitting | None:
        """The training under way, or the last; None before the first."""
        return self._fitting

    def add_view(self, view: LiveView) -> None:
        """Have a view of its own look at each training; `InteractionMatrix` and the others do so."""
        self._views = (*self._views, view)

    def remove_view(self, view: LiveView) -> None:
        """Tell a view nothing more."""
        self._views = tuple(other for other in self._views if other is not view)

    # ---- what Keras calls ---------------------------------------------------------------------------

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Look at what is trained, and show it."""
        self._is_off = False
        # A model that builds itself in its first step is left alone until then.
        self._is_awaited = not self.model.built
        if not self._is_awaited:
            self._guarded(self._begin)

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Look at a model that has been built by now; of hooks for batches only this one costs nothing."""
        if self._is_awaited and batch:
            self._is_awaited = False
            self._guarded(lambda: self._begin(batch))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Measure and show."""
        if self._is_awaited:
            self._is_awaited = False
            self._guarded(lambda: self._begin(self.params.get("steps") or 1))
        reported = {name: float(value) for name, value in (logs or {}).items() if name in LOSSES}
        self._guarded(lambda: self._looked_at().end_epoch(epoch, reported))

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Show the end."""
        self.end()

    def end(self, error: BaseException | None = None) -> None:
        """Training is over, early where the model was told to stop or where ``fit`` raised `error`.

        Keras does not tell callbacks of errors; the extension does.
        """
        if self._ticker is not None:
            self._ticker.close()
            self._ticker = None
        if self._is_off:
            return
        if error is not None:
            status: Status = "stopped" if isinstance(error, KeyboardInterrupt) else "failed"
            shown = error if status == "failed" else None
            self._guarded(lambda: self._looked_at().end(status, shown))
        else:
            self._guarded(lambda: self._looked_at().end())
        self._is_off = True

    def settle(self) -> None:
        """``fit`` has returned: show the weights that it left.

        Callbacks after this one, as EarlyStopping with ``restore_best_weights``, put them in as they end; the
        extension calls this. Where there is none, give this callback as the last.
        """
        if self._fitting is not None and self._fitting.progress.status in {"finished", "stopped"}:
            try:
                self._fitting.settle()
            except Exception as error:  # noqa: BLE001
                self.tell(f"the live view of {self.model.name} misses its end: {first_line(error)}")

    # ---- inside -------------------------------------------------------------------------------------

    def _looked_at(self) -> Fitting:
        if self._fitting is None:
            raise AssertionError("an epoch of no training")
        return self._fitting

    def _guarded(self, work: Callable[[], None]) -> None:
        """Whatever goes wrong here, training goes on."""
        if self._is_off:
            return
        try:
            work()
        except Exception as error:  # noqa: BLE001
            self._is_off = True
            self.tell(f"the live view of {self.model.name} ended, training goes on: {first_line(error)}")
            if self._fitting is not None:
                ended = RecowidgetError(f"the view ended, training goes on: {first_line(error)}")
                self._offer(replace(self._fitting.progress, status="failed", error=ended))

    def _begin(self, batch: int = 0) -> None:
        started = time.perf_counter()
        try:
            frame, arguments = arguments_of_fit(self.model)
            before = self._fitting
            fitting = self._fitting_of(read_fit(arguments))
        except RecowidgetError as error:
            self._is_off = True
            self.tell(f"no live view of the model {self.model.name}: {error}")
            return
        fitting.begin(
            int(arguments.get("initial_epoch") or 0),
            int(self.params["epochs"]),
            self.params.get("steps") or 0,
            batch,
        )
        if fitting.remark:
            self.tell(fitting.remark)
        self._show(fitting)
        if fitting is not before:
            for view in self._views:
                view.look_at(fitting, fitting.settings())
            fitting.offer = _weakly(self._offer)
        fitting.budget.charge(time.perf_counter() - started)
        self._ticker = Ticker(frame, self._tick, lambda: self.end(KeyboardInterrupt()))
        self._ticker.start()

    def _fitting_of(self, data: FitData) -> Fitting:
        """Give the present one where it is of the same model and rows."""
        if self._fitting is None or not self._fitting.is_of(self.model, data):
            self._view = self._shown_under = None
            self._fitting = None
            self._n_fittings += 1
            self._fitting = Fitting(
                self.model, data, known=self.known, to_rating=self._to_rating, run=self._n_fittings
            )
        return self._fitting

    def _show(self, fitting: Fitting) -> None:
        shell = notebook_shell()
        if shell is None:
            return
        from IPython.display import display

        from recowidget.architecture import describe
        from recowidget.widgets.training import TrainingView

        if self._view is None:
            self._view = TrainingView(fitting)
            self._view.show_architecture(describe(self.model))
        if self._shown_under != shell.execution_count:
            self._shown_under = shell.execution_count
            display(self._view)  # type: ignore[no-untyped-call]

    def _tick(self) -> None:
        """See, on the ticker's thread, whether the browser could take a picture from within the epoch."""
        if any(view.is_hungry for view in self._every_view()):
            self._guarded(self._looked_at().look)

    def _every_view(self) -> tuple[LiveView, ...]:
        return self._views if self._view is None else (self._view, *self._views)

    def _offer(self, progress: Progress) -> None:
        for view in self._every_view():
            view.offer(progress)


def notebook_shell() -> Any:
    """Give the shell of the notebook that runs this; None elsewhere, also in a terminal's IPython."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell if getattr(shell, "kernel", None) is not None else None


def _weakly(offer: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Call a method without keeping its object alive: a callback has the model that it was called for."""
    method = weakref.WeakMethod(offer)

    def call(progress: Progress) -> None:
        alive = method()
        if alive is not None:
            alive(progress)

    return call


def tell(text: str) -> None:
    """Print one line among what ``fit`` prints."""
    print(f"recowidget: {text}")  # noqa: T201


def read_known(
    interactions: Interactions | pd.DataFrame,
    items: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
) -> Known:
    """Read ids and titles; see `LiveTraining`."""
    if isinstance(interactions, pd.DataFrame):
        return Known.from_frames(interactions, items, users)
    if items is not None or users is not None:
        raise RecowidgetError(
            "items and users go with a frame of ratings; Interactions have their titles already"
        )
    if not isinstance(interactions, Interactions):
        raise RecowidgetError(
            f"interactions must be Interactions or a frame, not {type(interactions).__name__}"
        )
    return Known.from_interactions(interactions)
