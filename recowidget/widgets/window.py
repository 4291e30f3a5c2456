"""The part of the matrix that a view looks at."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recowidget.sorting import stable_order
from recowidget.widgets.orders import Axis
from recowidget.widgets.texts import text_of
from recowidget.widgets.wire import pack

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from recowidget.encoding import Vocabulary
    from recowidget.selection import Selected
    from recowidget.splits import Split
    from recowidget.widgets.orders import Side, Sorting

MAX_CELLS = 512 * 1024
"""Cells of one window: more than any screen shows."""


@dataclass(frozen=True, slots=True)
class Window:
    """A block of the matrix in the views' order: positions, not indices.

    Attributes
    ----------
    users, items : tuple of int
        First position, and one past the last.
    """

    users: tuple[int, int]
    items: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.users[1] - self.users[0], self.items[1] - self.items[0]

    def at_start(self, side: Side) -> Window:
        """Give a window as large whose users, or items, are the first."""
        rows, columns = self.shape
        return Window((0, rows), self.items) if side == "user" else Window(self.users, (0, columns))


MAX_DETAILS, MAX_LETTERS = 4, 40
"""So many attributes of a user are told, so long each."""

FIRST_WINDOW = Window((0, 96), (0, 160))
"""What is sent before a view has said what it shows."""


class WindowSource:
    """Cuts windows out of the interactions of a split, users and items in the order of their axes.

    Attributes
    ----------
    split : Split
    axes : dict of "user" and "item" to Axis
        Most active users and most rated items first, where not `turned`.
    is_edited : bool
        Whether the split is another than at first.
    """

    is_edited = False

    def __init__(self, split: Split, axes: dict[str, Axis] | None = None) -> None:
        self.split = split
        self._interactions = split.interactions
        self.axes = axes or {
            "user": Axis(split.interactions.user_order),
            "item": Axis(split.interactions.item_order),
        }
        self._rows = _Rows(split)

    def turned(self, side: Side, order: NDArray[np.int32], sorting: Sorting) -> WindowSource:
        """Give a source of the same split with one side in another order."""
        other = copy(self)
        other.axes = {**self.axes, side: self.axes[side].turned(order, sorting)}
        return other

    def edited(self, split: Split) -> WindowSource:
        """Give a source of a changed split of the same users and items, in the same orders."""
        other = WindowSource(split, self.axes)
        other.is_edited = True
        return other

    def cell(self, user: int, item: int) -> Window:
        """Give the window of a user and an item alone, by index."""
        row, column = (
            int(self.axes[side].positions[index]) for side, index in (("user", user), ("item", item))
        )
        return Window((row, row + 1), (column, column + 1))

    @property
    def parts(self) -> NDArray[np.uint8]:
        """The part of each rating: 0 train, 1 validation, 2 test, shape (n_ratings,)."""
        return self._rows.parts

    @property
    def is_turned(self) -> bool:
        """Whether a side is in another order than at first."""
        return any(axis.serial for axis in self.axes.values())

    def clip(self, window: Window) -> Window:
        """Clip a window to the matrix and to `MAX_CELLS`, its first corner kept."""
        n_users, n_items = self._interactions.n_users, self._interactions.n_items
        u0, u1 = _clip(window.users, n_users, n_users)
        i0, i1 = _clip(window.items, n_items, max(MAX_CELLS // max(u1 - u0, 1), 1))
        u0, u1 = _clip((u0, u1), n_users, max(MAX_CELLS // max(i1 - i0, 1), 1))
        return Window((u0, u1), (i0, i1))

    def user_idx(self, window: Window) -> NDArray[np.int32]:
        """Indices of the window's users, shape (rows,)."""
        return self.axes["user"].order[slice(*window.users)]

    def item_idx(self, window: Window) -> NDArray[np.int32]:
        """Indices of the window's items, shape (columns,)."""
        return self.axes["item"].order[slice(*window.items)]

    def union(
        self, windows: Sequence[Window], selected: Collection[Selected] = ()
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Indices of the users and items of one or more windows and of what is selected, ascending."""
        users = {one.user for one in selected if one.user is not None}
        items = {one.item for one in selected if one.item is not None}
        return (
            np.unique(np.concatenate([*map(self.user_idx, windows), np.array([*users], np.int32)])),
            np.unique(np.concatenate([*map(self.item_idx, windows), np.array([*items], np.int32)])),
        )

    def pack(self, window: Window, view: str | None = None) -> tuple[dict[str, Any], list[bytes]]:
        """Pack the ratings of a window, with the ids and titles of its rows and columns."""
        window = self.clip(window)
        users, items = self.user_idx(window), self.item_idx(window)
        rows, cells = self._cells(window)
        interactions = self._interactions
        return pack(
            {
                "user_idx": users,
                "item_idx": items,
                "cell": cells,
                "rating": interactions.ratings[rows],
                "part": self.parts[rows],
            },
            kind="window",
            view=view,
            users=list(window.users),
            items=list(window.items),
            order={
                "user": self.axes["user"].told(interactions.items),
                "item": self.axes["item"].told(interactions.users),
            },
            user_ids=texts_of(interactions.users.ids[users]),
            item_ids=texts_of(interactions.items.ids[items]),
            item_titles=titles_of(interactions.items, items),
            user_titles=titles_of(interactions.users, users),
            user_details=details_of(interactions.users, users),
        )

    def _cells(self, window: Window) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """Rows of the interactions inside a window, and where they lie in it (row * columns + column)."""
        rows, row = self._rows.of_users(self.user_idx(window))
        i0, i1 = window.items
        column = self.axes["item"].positions[self._interactions.item_idx[rows]] - i0
        inside = (column >= 0) & (column < i1 - i0)
        cells = row[inside] * (i1 - i0) + column[inside]
        return rows[inside], cells.astype(np.int32)


class _Rows:
    """The rows of a split, found by user; whatever the order, they are looked up once."""

    def __init__(self, split: Split) -> None:
        self._split = split

    @cached_property
    def parts(self) -> NDArray[np.uint8]:
        """The part of each row."""
        return self._split.parts()

    def of_users(self, users: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Give the rows of some users, and which of these users each is of (0 for the first)."""
        counts = self._split.interactions.user_counts[users]
        number = np.repeat(np.arange(len(users)), counts)
        # Of each row: how many rows of its user come before it.
        before = np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._by_user[self._starts[users][number] + before], number

    @cached_property
    def _by_user(self) -> NDArray[np.intp]:
        return stable_order(self._split.interactions.user_idx)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        counts = self._split.interactions.user_counts
        return np.cumsum(counts) - counts


def _clip(bounds: tuple[int, int], size: int, longest: int) -> tuple[int, int]:
    start = min(max(int(bounds[0]), 0), size)
    return start, min(max(int(bounds[1]), start), size, start + longest)


def texts_of(values: NDArray[Any]) -> list[str]:
    """Ids as text that travels."""
    return [text_of(value) for value in values.tolist()]


def titles_of(vocabulary: Vocabulary, index: NDArray[np.int32]) -> list[str] | None:
    """Titles of some indices, the id where one has none; None where none has a title."""
    if vocabulary.titles is None:
        return None
    ids = vocabulary.ids
    return [text_of(ids[i] if vocabulary.titles[i] is None else vocabulary.titles[i]) for i in index]


def details_of(vocabulary: Vocabulary, index: NDArray[np.int32]) -> list[str] | None:
    """Say what else is known of each, as `24, M, technician`."""
    if vocabulary.attributes is None:
        return None
    known = vocabulary.attributes.iloc[index, :MAX_DETAILS]
    return [
        ", ".join(text_of(_plain(value))[:MAX_LETTERS] for value in row if not pd.isna(value))
        for row in known.astype(object).itertuples(index=False, name=None)
    ]


def _plain(value: object) -> object:
    """Take back what a column of integers becomes where some are missing: 31.0 is 31."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
