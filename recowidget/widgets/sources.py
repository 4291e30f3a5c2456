"""What a view may be given: a run that trains, or plain data that stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from recowidget.encoding import Vocabulary
from recowidget.errors import RecowidgetError
from recowidget.history import History, Losses, epochs_of, frame_of_history, is_own
from recowidget.interactions import Interactions
from recowidget.progress import Progress
from recowidget.run import Run
from recowidget.selection import Selection, selection_of
from recowidget.split import Split

if TYPE_CHECKING:
    from collections.abc import Hashable

COLUMNS = ("items", "users", "user", "item", "rating", "timestamp")


@dataclass(frozen=True, eq=False)
class Still:
    """What is shown where nothing trains.

    Attributes
    ----------
    split : Split
    history : History
    progress : Progress
    loss_name : str
        What the root of the losses is called.
    is_awaited : bool
        Whether it stands in for what is yet to be trained.
    """

    split: Split
    history: History = field(default_factory=History)
    progress: Progress = field(default_factory=Progress)
    loss_name: str = "RMSE"
    is_awaited: bool = False

    @property
    def selection(self) -> Selection:
        """What is selected in all views of these interactions."""
        return selection_of(self.split.interactions)


@runtime_checkable
class Fits(Protocol):
    """Trainings one after another, as `recowidget.LiveTraining` sees them."""

    @property
    def fitting(self) -> Any:
        """The training under way, or the last; None before the first."""

    def add_view(self, view: Any) -> None:
        """Have `view` look at each training as it begins, and offer it every state."""

    def remove_view(self, view: Any) -> None:
        """Tell `view` nothing more."""


def run_of(source: object) -> Run | Fits | None:
    """Give what trains where `source` does, or shows a run as `MFExplorer` and its views do."""
    if isinstance(source, type):
        return None
    watched = source if isinstance(source, Run | Fits) else getattr(source, "_watched", None)
    return watched if isinstance(watched, Run | Fits) else None


def settings_of(watched: Any) -> dict[str, Any]:
    """What there is to tell of a training; nothing of what stays as it is."""
    if isinstance(watched, Still):
        return {}
    return watched.settings.as_json() if isinstance(watched, Run) else dict(watched.settings())


def split_of(ratings: Any, columns: Mapping[str, Any]) -> Split:
    """Read ratings: a split, or Interactions or a frame that are all one part.

    Parameters
    ----------
    ratings : Split, Interactions, DataFrame, ndarray, MFExplorer, Run or LiveTraining
    columns : dict
        Keywords of `Interactions.from_frame`, for a frame.

    Raises
    ------
    RecowidgetError
        If it is none of these, or keywords come with what has its columns already.
    """
    if isinstance(ratings, pd.DataFrame):
        return unsplit(Interactions.from_frame(ratings, **columns))
    if isinstance(ratings, np.ndarray):
        refuse_columns(columns, ratings)
        return unsplit(_of_matrix(ratings))
    trained = run_of(ratings)
    if trained:
        refuse_columns(columns, ratings)
        watched = trained if isinstance(trained, Run) else trained.fitting
        if watched is None:
            raise RecowidgetError("LiveTraining has no ratings before its first fit; train first")
        of_training: Split = watched.split
        return of_training
    if not isinstance(ratings, Split | Interactions):
        raise RecowidgetError(
            "ratings must be a DataFrame, Interactions, an array, a Split, an MFExplorer or a LiveTraining, "
            f"not {type(ratings).__name__}"
        )
    refuse_columns(columns, ratings)
    return ratings if isinstance(ratings, Split) else unsplit(ratings)


def refuse(given: Mapping[str, Any], reason: str) -> None:
    """Raise where arguments are given that would count for nothing.

    Parameters
    ----------
    given : dict
        Values by name; None where not given.
    reason : str
        After "can't be given with".
    """
    names = [name for name, value in given.items() if value is not None]
    if names:
        raise RecowidgetError(f"{', '.join(names)} can't be given with {reason}")


def refuse_columns(columns: Mapping[str, Any], source: object) -> None:
    """Raise where columns or titles are named for what has them already."""
    advice = "Interactions.from_frame takes them"
    if isinstance(source, Fits):
        advice = "LiveTraining(ratings, items=movies) takes them"
    elif run_of(source):
        advice = "MFExplorer takes them"
    refuse(columns, f"{type(source).__name__}, which has its columns and titles already; {advice}")


def split_of_frames(parts: Mapping[str, pd.DataFrame], columns: Mapping[str, Any]) -> Split:
    """Read a split out of a frame for each of "train", "validation" and "test".

    Raises
    ------
    RecowidgetError
        If one is no frame, or the same rating is in two.
    """
    for name, frame in parts.items():
        if not isinstance(frame, pd.DataFrame):
            raise RecowidgetError(
                f"{name} must be a DataFrame, as the other parts, not {type(frame).__name__}"
            )
    interactions = Interactions.from_frame(pd.concat(list(parts.values()), ignore_index=True), **columns)
    bounds = np.cumsum([0, *(len(frame) for frame in parts.values())])
    rows: dict[str, Any] = {
        name: np.arange(start, stop) for name, start, stop in zip(parts, bounds[:-1], bounds[1:], strict=True)
    }
    nothing = np.empty(0, np.intp)
    return Split(interactions, **{name: rows.get(name, nothing) for name in Split.PARTS}, name="predefined")


def unsplit(interactions: Interactions) -> Split:
    """Put all ratings into one part, so that none is marked."""
    nothing = np.empty(0, np.intp)
    return Split(interactions, np.arange(interactions.n_ratings), nothing, nothing, name="none")


def numbered(n_users: int, n_items: int) -> Split:
    """Stand in where there are users and items and no ratings: ids are indices, and one rating is made up."""
    zero = np.zeros(1, np.int32)
    sizes = max(n_users, 1), max(n_items, 1)
    return unsplit(_of_indices(zero, zero, np.zeros(1, np.float32), sizes, rating=None))


def _of_matrix(values: np.ndarray) -> Interactions:
    """Read a matrix of ratings, NaN where there is none: ids are indices."""
    if values.ndim != len(("users", "items")) or values.dtype.kind not in "fiu":
        raise RecowidgetError(
            f"an array of ratings must be numbers of shape (n_users, n_items), not {values.dtype} of shape "
            f"{values.shape}"
        )
    users, items = np.nonzero(np.isfinite(values))
    if not len(users):
        raise RecowidgetError("the array has no rating; NaN stands for none")
    ratings = values[users, items].astype(np.float32)
    return _of_indices(users.astype(np.int32), items.astype(np.int32), ratings, values.shape, rating="rating")


def _of_indices(
    user_idx: np.ndarray,
    item_idx: np.ndarray,
    ratings: np.ndarray,
    sizes: tuple[int, ...],
    *,
    rating: str | None,
) -> Interactions:
    named: dict[str, Hashable | None] = {"user": "user", "item": "item", "rating": rating, "timestamp": None}
    return Interactions(
        user_idx=user_idx,
        item_idx=item_idx,
        ratings=ratings,
        timestamps=None,
        users=Vocabulary(np.arange(sizes[0]), name="user"),
        items=Vocabulary(np.arange(sizes[1]), name="item"),
        columns=named,  # type: ignore[arg-type]
    )


def read_history(history: Any) -> Still:
    """Read losses: a `History` of recowidget, a frame as `MFExplorer.history`, or what Keras keeps.

    Of a Keras history MSE and RMSE are taken where it has them among its metrics. Otherwise its loss is
    shown as it is, which may have penalty terms in it.

    Raises
    ------
    RecowidgetError
        If there is no epoch or no loss in it; as `recowidget.history.frame_of_history`.
    """
    if isinstance(history, History):
        return _still(history)
    values = getattr(history, "history", history)
    if not isinstance(values, pd.DataFrame | Mapping):
        raise RecowidgetError(
            "history must be an MFExplorer, a LiveTraining, their history, or what Keras's fit returns, not "
            f"{type(history).__name__}"
        )
    frame = frame_of_history(values)
    if not len(frame):
        raise RecowidgetError("history has no epoch; train first")
    own = is_own(frame)
    epochs = epochs_of(frame, is_own=own)
    prefixes = ("train_", "validation_", "test_") if own else ("", "val_", "test_")
    for name, shown, power in _MEASURES:
        if prefixes[0] + name in frame.columns:
            rows = np.full((int(epochs.max()) + 1, 3), np.nan)
            for part, prefix in enumerate(prefixes):
                if prefix + name in frame.columns:
                    rows[epochs, part] = _errors(frame, prefix + name) ** power
            kept = History()
            for losses in rows:
                kept.record(Losses(*losses.tolist()), seconds=0.0)
            return _still(kept, shown)
    raise RecowidgetError(
        "history has no loss: a frame has columns such as epoch, train_rmse and test_rmse, a dictionary of "
        "Keras loss and val_loss"
    )


def _errors(frame: pd.DataFrame, column: str) -> np.ndarray:
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64)
    if (values < 0).any():
        raise RecowidgetError(
            f'history has {values[values < 0][0]:g} in "{column}"; LossCurves draws errors, which are 0 or '
            "more, charts.history_chart any measure"
        )
    return values


_MEASURES = (
    ("rmse", "RMSE", 2),
    ("root_mean_squared_error", "RMSE", 2),
    ("mse", "RMSE", 1),
    ("mean_squared_error", "RMSE", 1),
    ("loss", "loss", 2),
)
"""Names of a measure, what its root is called, and the power that makes it a mean square."""


def _still(history: History, loss_name: str = "RMSE") -> Still:
    last = max(history.last_epoch, 0)
    return Still(numbered(1, 1), history, Progress(epoch=last, epochs=max(last, 1)), loss_name=loss_name)
