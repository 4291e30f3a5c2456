"""Views of their own: one panel each, on plain data or on a run that trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from recowidget.errors import RecowidgetError, counted, shown
from recowidget.progress import Progress
from recowidget.run import Run
from recowidget.scoring import is_model
from recowidget.split import Split
from recowidget.widgets.live import LiveView
from recowidget.widgets.scorers import read_factors, read_scorer
from recowidget.widgets.sources import (
    COLUMNS,
    Fits,
    Still,
    numbered,
    read_history,
    refuse,
    refuse_columns,
    run_of,
    settings_of,
    split_of,
    split_of_frames,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    import pandas as pd

    from recowidget.charts.comparison import Predictions
    from recowidget.factors import Factors
    from recowidget.history import History
    from recowidget.interactions import Interactions
    from recowidget.targets import Transform
    from recowidget.widgets.explorer import MFExplorer


class View(LiveView):
    """One panel, or a few, of a run or of plain data.

    It stands alone under a cell, and beside others in ipywidgets' `HBox` and `VBox`. All views of one run,
    and the explorer of it, share a selection; so do those of one `LiveTraining`, and those of the same
    `Interactions` object or of splits of it.
    """

    # Python also closes a widget whose constructor raised.
    _trained: Run | Fits | None = None

    def __init__(self, watched: Run | Fits | Still, panels: Sequence[str]) -> None:
        trained = None if isinstance(watched, Still) else watched
        if isinstance(watched, Fits):
            watched = watched.fitting or Still(numbered(1, 1), is_awaited=True)
        super().__init__(
            watched,
            settings_of(watched),
            panels=panels,
            has_header=False,
            has_status=trained is not None,
            name=type(self).__name__,
            # Side by side in an HBox, views share its width.
            layout={"width": "100%", "min_width": "0"},
        )
        self._trained = trained
        if isinstance(trained, Run):
            trained.trainer.add_watcher(self)
        elif trained:
            trained.add_view(self)
        if self._main_loop.is_attached:
            # Displayed in a box, in a cell that runs on, it has no word of that before the cell ends.
            self._start()

    def close(self) -> None:
        """Look no longer, and remove the view from the page. A training goes on."""
        if self._trained and not self._is_closed:
            if isinstance(self._trained, Run):
                self._trained.trainer.remove_watcher(self)
            else:
                self._trained.remove_view(self)
        super().close()

    def __repr__(self) -> str:
        """Say what is shown; the same whatever the state of training, as notebooks keep it."""
        return f"{type(self).__name__}({', '.join(self._counts())})"

    def _counts(self) -> list[str]:
        interactions = self._watched.split.interactions
        return [
            counted(interactions.n_users, "user"),
            counted(interactions.n_items, "item"),
            counted(interactions.n_ratings, "rating"),
        ]


class InteractionMatrix(View):
    """The ratings as a matrix: users down, items across, the rating as colour.

    Parameters
    ----------
    ratings : DataFrame, Interactions, ndarray, Split, MFExplorer or LiveTraining
        One row a rating; an array has shape (n_users, n_items), NaN where there is none. Of a split or a
        training, test cells have a hole and validation cells a slit.
    items, users : DataFrame, optional
        Titles of the items and names of the users, by id.
    user, item, rating, timestamp : str, optional
        Columns of a frame, where they don't go by the usual names; see `Interactions.from_frame`.

    Raises
    ------
    RecowidgetError
        If the ratings can't be used; the message says what, where and what to do.
    """

    def __init__(
        self,
        ratings: pd.DataFrame | Interactions | Split | MFExplorer | Run | Fits,
        *,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        user: str | None = None,
        item: str | None = None,
        rating: str | None = None,
        timestamp: str | None = None,
    ) -> None:
        columns = dict(zip(COLUMNS, (items, users, user, item, rating, timestamp), strict=True))
        super().__init__(_live(ratings, columns) or Still(split_of(ratings, columns)), ["ratings"])


class SplitGrid(View):
    """Which ratings are to train on, to choose by and to test with, as a matrix.

    Parameters
    ----------
    split : Split, MFExplorer, LiveTraining or DataFrame
        A frame of the ratings to train on, where `test` is given.
    test, validation : DataFrame, optional
        The ratings of the other parts.
    items, users, user, item, rating, timestamp
        As in `InteractionMatrix`, for frames.

    Raises
    ------
    RecowidgetError
        If there is no split, or the frames can't be read.
    """

    def __init__(
        self,
        split: Split | MFExplorer | Run | Fits | pd.DataFrame,
        test: pd.DataFrame | None = None,
        *,
        validation: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        user: str | None = None,
        item: str | None = None,
        rating: str | None = None,
        timestamp: str | None = None,
    ) -> None:
        columns = dict(zip(COLUMNS, (items, users, user, item, rating, timestamp), strict=True))
        if test is not None:
            given: dict[str, Any] = {"train": split, "validation": validation, "test": test}
            parts = {name: frame for name, frame in given.items() if frame is not None}
            super().__init__(Still(split_of_frames(parts, columns)), ["split"])
            return
        if validation is not None:
            raise RecowidgetError(
                "validation is given without test; SplitGrid takes two or three frames, or one Split"
            )
        run = _live(split, columns)
        if run is None and not isinstance(split, Split):
            raise RecowidgetError(
                "SplitGrid takes a Split, what trains, or two frames (train, test), not "
                f"{type(split).__name__}"
            )
        super().__init__(run or Still(split_of(split, columns)), ["split"])


class LossCurves(View):
    """The losses over the epochs.

    Parameters
    ----------
    history : MFExplorer, LiveTraining, DataFrame, dict, Keras History or History
        What trains is watched. Its `history`, or what Keras's `fit` returns and the
        dictionary in it, are shown as they are: RMSE where they have it or MSE, else the loss as reported.

    Raises
    ------
    RecowidgetError
        If there is no epoch or no loss in it.
    """

    def __init__(self, history: MFExplorer | Run | Fits | pd.DataFrame | dict[str, Any] | History) -> None:
        super().__init__(run_of(history) or read_history(history), ["loss"])

    def _counts(self) -> list[str]:
        if self._trained:
            return [str(self.summary["loss_name"])]
        epochs = int((~self._watched.history.frame()["train_mse"].isna()).sum())
        return [f"{self.summary['loss_name']} of {counted(epochs, 'epoch')}"]


class FactorsView(View):
    """Factors as heat maps: users down, items across; orange is below zero, purple above.

    The colours span the same values on both sides of zero, and hold still while training goes on until the
    factors outgrow them.

    Parameters
    ----------
    factors : MFExplorer, LiveTraining, Factors, pair of arrays, array or keras.Model
        What trains is watched. A single array goes with one side. Where a model's tables
        can't be told apart, `recowidget.scorer_of` takes their names, and what it gives goes here.
    side : str
        "user", "item" or "both".
    interactions : DataFrame, Interactions or Split, optional
        Whose factors they are; they give ids, titles and the order by activity.
    n_users, n_items : int, optional
        By which a model's tables are found, where there are no `interactions` and its layers have other
        names than ours.

    Raises
    ------
    RecowidgetError
        If there are no such factors, or they are not those of the interactions.
    """

    def __init__(
        self,
        factors: MFExplorer | Run | Fits | Factors | keras.Model | Any,
        side: Literal["user", "item", "both"] = "both",
        *,
        interactions: pd.DataFrame | Interactions | Split | None = None,
        n_users: int | None = None,
        n_items: int | None = None,
    ) -> None:
        if not isinstance(side, str) or side not in {"user", "item", "both"}:
            raise RecowidgetError(
                f'side must be "user", "item" or "both", not {shown(side)}; two arrays go in one pair'
            )
        panels = [f"{one}_factors" for one in ("user", "item") if side in {one, "both"}]
        sizes_given = {"n_users": n_users, "n_items": n_items}
        run = run_of(factors)
        if run:
            given = {"interactions": interactions, **sizes_given}
            refuse(given, f"{type(factors).__name__}, which has the ratings that it trains on")
            super().__init__(run, panels)
            return
        if interactions is not None:
            refuse(sizes_given, "interactions, which tell how many there are")
        if not is_model(factors):
            refuse(sizes_given, "factors, which tell how many there are")
        if (n_users is None) != (n_items is None):
            raise RecowidgetError("give n_users and n_items both, or neither")
        split = None if interactions is None else split_of(interactions, {})
        sizes = None if n_users is None or n_items is None else (n_users, n_items)
        if split is not None:
            sizes = split.interactions.n_users, split.interactions.n_items
        scorer = read_factors(factors, side, sizes)
        rows = [None if table is None else len(table) for table in (scorer.user_factors, scorer.item_factors)]
        if split is None:
            split = numbered(rows[0] or 1, rows[1] or 1)
        elif sizes and any(n not in {None, size} for n, size in zip(rows, sizes, strict=True)):
            raise RecowidgetError(
                f"the factors are of {rows[0]} users and {rows[1]} items, the interactions of {sizes[0]} and "
                f"{sizes[1]}"
            )
        super().__init__(Still(split, progress=Progress(scorer=scorer)), panels)  # type: ignore[arg-type]

    def _counts(self) -> list[str]:
        sides = {"user_factors": "user", "item_factors": "item"}
        interactions = self._watched.split.interactions
        sizes = {"user": interactions.n_users, "item": interactions.n_items}
        return [counted(sizes[sides[panel]], sides[panel]) for panel in self.panels]


class PredictionMatrix(View):
    """The predictions as a matrix, in the colours of the ratings.

    Parameters
    ----------
    predictor : MFExplorer, LiveTraining, keras.Model, Factors, scorer or ndarray
        What trains is watched. A Keras model is read as it is now. A scorer is anything with
        ``predict_block(user_idx, item_idx)``, as the baselines; an array has shape (n_users, n_items).
    interactions : DataFrame, Interactions or Split
        The ratings, which give users, items and the rating scale; not given with what trains.
    items, users, user, item, rating, timestamp
        As in `InteractionMatrix`, for a frame.
    to_rating : callable, optional
        Turns the output of a Keras model into ratings, where it was trained on another scale.

    Raises
    ------
    RecowidgetError
        If it predicts nothing for these users and items.
    """

    def __init__(
        self,
        predictor: MFExplorer | Run | Fits | keras.Model | Predictions,
        interactions: pd.DataFrame | Interactions | Split | None = None,
        *,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        user: str | None = None,
        item: str | None = None,
        rating: str | None = None,
        timestamp: str | None = None,
        to_rating: Transform | None = None,
    ) -> None:
        columns = dict(zip(COLUMNS, (items, users, user, item, rating, timestamp), strict=True))
        run = _live(predictor, columns)
        if run:
            given = {"interactions": interactions, "to_rating": to_rating}
            refuse(given, f"{type(predictor).__name__}, which has its ratings and their scale")
            super().__init__(run, ["predictions"])
            return
        if interactions is None:
            raise RecowidgetError(
                "PredictionMatrix needs the ratings beside what predicts them: "
                "PredictionMatrix(model, interactions)"
            )
        split = split_of(interactions, columns)
        scorer = read_scorer(predictor, split.interactions, to_rating)
        super().__init__(Still(split, progress=Progress(scorer=scorer)), ["predictions"])


def _live(source: object, columns: dict[str, Any]) -> Run | Fits | None:
    run = run_of(source)
    if run:
        refuse_columns(columns, source)
    return run
