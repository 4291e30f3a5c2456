"""Which ids and titles the indices of a model stand for, as far as the user's frames tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.encoding import Vocabulary
from recowidget.errors import RecowidgetError, as_code, counted
from recowidget.interactions import Interactions

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

INDEX_COLUMNS = (
    ("USER", "ITEM"),
    ("user_idx", "item_idx"),
    ("user_index", "item_index"),
    ("user_code", "item_code"),
)
"""Labels of columns that hold indices, where they stand beside columns of ids."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Ids and titles of users and items, and their indices where a frame gives them.

    Attributes
    ----------
    users, items : Vocabulary
    user_index, item_index : ndarray of int64 or None
        The index of each id; None: its rank.
    """

    users: Vocabulary
    items: Vocabulary
    user_index: NDArray[np.int64] | None = None
    item_index: NDArray[np.int64] | None = None

    @classmethod
    def from_interactions(cls, interactions: Interactions) -> Known:
        """Take the ids and titles of interactions, whose indices are the ranks of their ids."""
        return cls(interactions.users, interactions.items)

    @classmethod
    def from_frames(
        cls,
        ratings: pd.DataFrame,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
    ) -> Known:
        """Read ids and titles, and the columns of indices where `ratings` has such (`INDEX_COLUMNS`).

        Raises
        ------
        RecowidgetError
            As `Interactions.from_frame`; or where an index stands for several ids.
        """
        interactions = Interactions.from_frame(ratings, items=items, users=users, duplicates="last")
        ids = interactions.columns["user"], interactions.columns["item"]
        for labels in INDEX_COLUMNS:
            if set(labels) <= set(ratings.columns) and not set(labels) & set(ids):
                both = interactions.users, interactions.items
                user_index, item_index = (
                    _index_of_each(ratings, label, name, vocabulary)
                    for label, name, vocabulary in zip(labels, ids, both, strict=True)
                )
                return cls(*both, user_index, item_index)
        return cls.from_interactions(interactions)

    def user_vocabulary(self, n: int, used: NDArray[np.int32]) -> Vocabulary | None:
        """Ids and titles of the indices 0 to n-1, of which some are used; None where they don't fit."""
        return _vocabulary(self.users, self.user_index, n, used)

    def item_vocabulary(self, n: int, used: NDArray[np.int32]) -> Vocabulary | None:
        """The same for items."""
        return _vocabulary(self.items, self.item_index, n, used)

    def __str__(self) -> str:
        sides = []
        for noun, vocabulary, index in (
            ("user", self.users, self.user_index),
            ("item", self.items, self.item_index),
        ):
            titled = "" if vocabulary.titles is None else " with titles"
            by = "rank" if index is None else "its column of indices"
            sides.append(f"{counted(len(vocabulary), noun)}{titled} ({vocabulary.name}, by {by})")
        return " and ".join(sides)


def _index_of_each(ratings: pd.DataFrame, label: str, ids: Any, vocabulary: Vocabulary) -> NDArray[np.int64]:
    pairs = ratings[[ids, label]].drop_duplicates()
    index = pairs[label]
    if index.dtype.kind not in "iu" or bool((index < 0).any()):
        raise RecowidgetError(f"the column {as_code(label)} of ratings must hold indices: 0, 1, 2, ...")
    for one, other in ((label, ids), (ids, label)):
        repeated = pairs[one].duplicated()
        if bool(repeated.any()):
            value = pairs.loc[repeated, one].iloc[0]
            raise RecowidgetError(
                f"the columns {as_code(label)} and {as_code(ids)} of ratings don't go together: "
                f"{as_code(one)} {value} stands for several of {as_code(other)}"
            )
    by_rank = np.empty(len(vocabulary), dtype=np.int64)
    by_rank[vocabulary.index_of(pairs[ids])] = index.to_numpy()
    return by_rank


def _vocabulary(
    known: Vocabulary, index: NDArray[np.int64] | None, n: int, used: NDArray[np.int32]
) -> Vocabulary | None:
    if index is None:
        if len(known) == n:
            return known
        ids = known.ids
        # Ids that were fed to the model as they are.
        if ids.dtype.kind != "i" or ids[0] < 0 or ids[-1] >= n or not np.isin(used, ids).all():
            return None
        index = ids
    elif index.max() >= n or not np.isin(used, index).all():
        return None
    if np.array_equal(index, np.arange(n)):
        return known
    placed = np.array([f"index {number}" for number in range(n)], dtype=object)
    titles = placed.copy()
    placed[index] = known.ids.astype(object)
    titles[index] = placed[index] if known.titles is None else known.titles
    return Vocabulary(placed, None if known.titles is None else titles, known.name)
