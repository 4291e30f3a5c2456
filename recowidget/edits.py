"""Ratings that are set, erased or moved between the parts of a split, and taken back again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from recowidget.checks import check_choice, check_number
from recowidget.errors import RecowidgetError, shown
from recowidget.similarity import index_of_one
from recowidget.split import Split

if TYPE_CHECKING:
    import numpy.typing as npt

    from recowidget.encoding import Vocabulary
    from recowidget.interactions import Interactions

Part = Literal["train", "validation", "test"]
SAME: Final = "same"
"""In place of a rating: that stays what it is."""

TRAIN, TEST, VALIDATION = 0, 1, 2
"""Places of a row: to train on, to test with; validation parts are `VALIDATION` and on."""
NO_TIME: Final = 0
"""The timestamp of a rating in data that has no row to take one from."""


@dataclass(frozen=True, slots=True)
class Rated:
    """All that a row of some interactions says of its user and item.

    Attributes
    ----------
    rating : float
    place : int
        `TRAIN`, `TEST`, or `VALIDATION` and on.
    timestamp : int or None
    weight : float or None
    """

    rating: float
    place: int
    timestamp: int | None = None
    weight: float | None = None

    @property
    def part(self) -> Part:
        """The part by name."""
        return ("train", "test", "validation")[min(self.place, VALIDATION)]


@dataclass(frozen=True, slots=True)
class Edit:
    """What was changed of one user and item.

    Attributes
    ----------
    user, item : int
        Indices.
    row : int
        The row that it is about.
    before, after : Rated or None
        None where there is no rating: then the row is added, or taken out.
    epoch : int
        At which it was made.
    """

    user: int
    item: int
    row: int
    before: Rated | None
    after: Rated | None
    epoch: int

    @property
    def inverse(self) -> Edit:
        """What takes it back."""
        return replace(self, before=self.after, after=self.before)

    def applied(self, split: Split) -> Split:
        """Give a changed copy of a split and its interactions; what is not changed is shared.

        Ids, titles, the numbers of users and items and the rating scale stay those of before. Costs a pass
        over each array that changes: the ratings where one is set, the parts where one is moved, all of them
        where a row is added or taken out; a second for 25 million rows.

        Parameters
        ----------
        split : Split
            In which `row` is as `before` says.

        Returns
        -------
        Split
        """
        if self.after is None:
            return self._taken_out(split)
        if self.before is None:
            return self._added(split, self.after)
        interactions = split.interactions
        if self.after.rating != self.before.rating:
            ratings = interactions.ratings.copy()
            ratings[self.row] = self.after.rating
            interactions = _changed(interactions, ratings=ratings)
        places = places_of(split)
        places[self.row] = self.after.place
        return _split(split, interactions, places)

    def _added(self, split: Split, rated: Rated) -> Split:
        interactions, row = split.interactions, self.row
        added: dict[str, Any] = {
            "user_idx": np.insert(interactions.user_idx, row, self.user),
            "item_idx": np.insert(interactions.item_idx, row, self.item),
            "ratings": np.insert(interactions.ratings, row, rated.rating),
        }
        for name, value in (("timestamps", rated.timestamp), ("weights", rated.weight)):
            array: npt.NDArray[Any] | None = getattr(interactions, name)
            if array is not None and value is not None:
                added[name] = np.insert(array, row, value)
        places = np.insert(places_of(split), row, rated.place)
        return _split(split, _changed(interactions, **added), places)

    def _taken_out(self, split: Split) -> Split:
        interactions = split.interactions
        names = ("user_idx", "item_idx", "ratings", "timestamps", "weights")
        arrays = {name: getattr(interactions, name) for name in names}
        left = {name: np.delete(array, self.row) for name, array in arrays.items() if array is not None}
        return _split(split, _changed(interactions, **left), np.delete(places_of(split), self.row))


def plan(
    split: Split,
    user: Any,
    item: Any,
    *,
    rating: float | Literal["same"] | None = SAME,
    part: Part | None = None,
    epoch: int = 0,
) -> Edit | None:
    """Read what is to be changed.

    Parameters
    ----------
    split : Split
    user, item
        An id each.
    rating : float or None
        None: erase it. "same": as it is.
    part : str, optional
        Where it is to be. Where not given it stays where it is; a new rating goes to the train part.
    epoch : int

    Returns
    -------
    Edit or None
        None where all is so already.

    Raises
    ------
    RecowidgetError
        If an id is unknown, a rating is not on the rating scale, there is nothing to erase or to move, or
        nothing to train on would be left.
    """
    interactions = split.interactions
    user_idx = index_of_one(interactions.users, user)
    item_idx = index_of_one(interactions.items, item)
    if part is not None:
        check_choice("part", part, Split.PARTS)
    rows = np.flatnonzero((interactions.user_idx == user_idx) & (interactions.item_idx == item_idx))
    pair = f"{_named(interactions.users, user)} and {_named(interactions.items, item)}"
    if len(rows) > 1:
        raise RecowidgetError(f"{pair} have {len(rows)} rows; only one rating of a pair can be edited")
    before = _rated(split, int(rows[0])) if len(rows) else None
    after = _after(split, before, rating, part, pair)
    if after == before:
        return None
    leaves = before is not None and before.place == TRAIN and (after is None or after.place != TRAIN)
    if leaves and len(split.train) == 1:
        raise RecowidgetError(f"{pair} have the only rating to train on; put another into train first")
    row = int(rows[0]) if len(rows) else interactions.n_ratings
    return Edit(user_idx, item_idx, row, before, after, epoch)


def _after(
    split: Split, before: Rated | None, rating: float | str | None, part: Part | None, pair: str
) -> Rated | None:
    interactions = split.interactions
    if before is None and (rating is None or rating == SAME):
        verb = "erase" if rating is None else "move"
        raise RecowidgetError(f"{pair} have no {interactions.noun} to {verb}")
    if rating is None:
        if part is not None:
            raise RecowidgetError(f"rating=None erases the {interactions.noun}; leave part out")
        return None
    if before is None:
        times = interactions.timestamps
        before = Rated(
            0.0,
            TRAIN,
            # The newest there is: that of today may be of another unit.
            None if times is None else int(times.max(initial=NO_TIME)),
            None if interactions.weights is None else 1.0,
        )
    value = before.rating if rating == SAME else _on_scale(interactions, rating)
    return replace(before, rating=value, place=before.place if part in (None, before.part) else _place(part))


def _on_scale(interactions: Interactions, rating: Any) -> float:
    value = float(np.float32(check_number("rating", rating)))
    low, high = interactions.rating_scale
    if interactions.is_implicit and value != 1:
        raise RecowidgetError(
            f"rating must be 1, for taken, or None, not {shown(rating)}: there are no ratings"
        )
    if not low <= value <= high:
        raise RecowidgetError(f"rating must be from {low:g} to {high:g}, as all ratings, not {shown(rating)}")
    return value


def _place(part: Part | None) -> int:
    return {"train": TRAIN, "test": TEST}.get(part or "", VALIDATION)


def _named(vocabulary: Vocabulary, one: Any) -> str:
    return f"{vocabulary.name} {shown(one)}"


def _rated(split: Split, row: int) -> Rated:
    interactions = split.interactions
    times, weights = interactions.timestamps, interactions.weights
    return Rated(
        float(interactions.ratings[row]),
        int(_place_of(split, row)),
        None if times is None else int(times[row]),
        None if weights is None else float(weights[row]),
    )


def _place_of(split: Split, row: int) -> int:
    for place, rows in ((TRAIN, split.train), (TEST, split.test)):
        if _has(rows, row):
            return place
    return next(VALIDATION + k for k, rows in enumerate(split.validation_parts) if _has(rows, row))


def _has(rows: npt.NDArray[np.intp], row: int) -> bool:
    at = int(np.searchsorted(rows, row))
    return at < len(rows) and int(rows[at]) == row


def places_of(split: Split) -> npt.NDArray[np.uint8]:
    """Give the place of each row, shape (n_ratings,)."""
    places = np.full(split.interactions.n_ratings, TRAIN, np.uint8)
    places[split.test] = TEST
    for k, rows in enumerate(split.validation_parts):
        places[rows] = VALIDATION + k
    return places


def _split(split: Split, interactions: Interactions, places: npt.NDArray[np.uint8]) -> Split:
    n_parts = max(len(split.shares or ()) - 2, int(places.max()) - VALIDATION + 1)
    return replace(
        split,
        interactions=interactions,
        train=np.flatnonzero(places == TRAIN),
        validation=np.flatnonzero(places >= VALIDATION),
        test=np.flatnonzero(places == TEST),
        validation_parts=tuple(np.flatnonzero(places == VALIDATION + k) for k in range(n_parts)),
    )


def _changed(interactions: Interactions, **arrays: Any) -> Interactions:
    return replace(interactions, scale=interactions.rating_scale, **arrays)


class Edits:
    """The edits of some interactions, in the order they were made; the last can be taken back."""

    def __init__(self) -> None:
        self._done: list[Edit] = []
        self._undone: list[Edit] = []

    @property
    def done(self) -> tuple[Edit, ...]:
        """Those that count, the first first."""
        return tuple(self._done)

    @property
    def n_undone(self) -> int:
        """How many can be made again."""
        return len(self._undone)

    def add(self, edit: Edit) -> None:
        """Count one more; what was taken back before can't be made again then."""
        self._done.append(edit)
        self._undone.clear()

    def undo(self) -> Edit:
        """Take the last back, and give it.

        Raises
        ------
        RecowidgetError
            If there is none.
        """
        if not self._done:
            raise RecowidgetError("there is no edit to undo")
        self._undone.append(self._done.pop())
        return self._undone[-1]

    def redo(self, epoch: int) -> Edit:
        """Count the last that was taken back again, as made at `epoch`, and give it.

        Raises
        ------
        RecowidgetError
            If there is none.
        """
        if not self._undone:
            raise RecowidgetError("there is no edit to redo")
        self._done.append(replace(self._undone.pop(), epoch=epoch))
        return self._done[-1]

    def frame(self, interactions: Interactions) -> pd.DataFrame:
        """Give the edits as a frame; see `recowidget.MFExplorer.edits`."""
        done = self._done
        users, items = interactions.users, interactions.items
        return pd.DataFrame(
            {
                users.name: users.ids[[edit.user for edit in done]] if done else users.ids[:0],
                items.name: items.ids[[edit.item for edit in done]] if done else items.ids[:0],
                "before": np.array([_rating(edit.before) for edit in done], np.float32),
                "after": np.array([_rating(edit.after) for edit in done], np.float32),
                "part": [_part(edit) for edit in done],
                "epoch": np.array([edit.epoch for edit in done], np.int64),
            }
        )


def _rating(rated: Rated | None) -> float:
    return float("nan") if rated is None else rated.rating


def _part(edit: Edit) -> str:
    rated = edit.after or edit.before
    return "" if rated is None else rated.part
