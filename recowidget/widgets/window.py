"""The part of the matrix that a view looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recowidget.widgets.wire import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recowidget.encoding import Vocabulary
    from recowidget.splits import Split

MAX_CELLS = 512 * 1024
"""Cells of one window: more than any screen shows."""


@dataclass(frozen=True, slots=True)
class Window:
    """A block of the matrix in the views' order: most active users first, most rated items first.

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


MAX_DETAILS, MAX_LETTERS = 4, 40
"""So many attributes of a user are told, so long each."""

FIRST_WINDOW = Window((0, 96), (0, 160))
"""What is sent before a view has said what it shows."""


class WindowSource:
    """Cuts windows out of the interactions of a split."""

    def __init__(self, split: Split) -> None:
        self._split = split
        self._interactions = split.interactions

    def clip(self, window: Window) -> Window:
        """Clip a window to the matrix and to `MAX_CELLS`, its first corner kept."""
        n_users, n_items = self._interactions.n_users, self._interactions.n_items
        u0, u1 = _clip(window.users, n_users, n_users)
        i0, i1 = _clip(window.items, n_items, max(MAX_CELLS // max(u1 - u0, 1), 1))
        u0, u1 = _clip((u0, u1), n_users, max(MAX_CELLS // max(i1 - i0, 1), 1))
        return Window((u0, u1), (i0, i1))

    def user_idx(self, window: Window) -> NDArray[np.int32]:
        """Indices of the window's users, shape (rows,)."""
        return self._interactions.user_order[slice(*window.users)]

    def item_idx(self, window: Window) -> NDArray[np.int32]:
        """Indices of the window's items, shape (columns,)."""
        return self._interactions.item_order[slice(*window.items)]

    def union(self, windows: Sequence[Window]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Indices of the users and of the items of one or more windows, ascending."""
        users = np.unique(np.concatenate([self.user_idx(window) for window in windows]))
        items = np.unique(np.concatenate([self.item_idx(window) for window in windows]))
        return users, items

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
                "part": self._parts[rows],
            },
            kind="window",
            view=view,
            users=list(window.users),
            items=list(window.items),
            user_ids=texts(interactions.users.ids[users]),
            item_ids=texts(interactions.items.ids[items]),
            item_titles=titles(interactions.items, items),
            user_titles=titles(interactions.users, users),
            user_details=_details(interactions.users, users),
        )

    def _cells(self, window: Window) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """Rows of the interactions inside a window, and where they lie in it (row * columns + column)."""
        u0, u1 = window.users
        i0, i1 = window.items
        rows = self._by_user[self._starts[u0] : self._starts[u1]]
        item_positions = self._item_positions[self._interactions.item_idx[rows]]
        rows = rows[(item_positions >= i0) & (item_positions < i1)]
        row = self._user_positions[self._interactions.user_idx[rows]] - u0
        column = self._item_positions[self._interactions.item_idx[rows]] - i0
        return rows, (row * (i1 - i0) + column).astype(np.int32)

    @cached_property
    def _parts(self) -> NDArray[np.uint8]:
        return self._split.parts()

    @cached_property
    def _user_positions(self) -> NDArray[np.int32]:
        return _inverse(self._interactions.user_order)

    @cached_property
    def _item_positions(self) -> NDArray[np.int32]:
        return _inverse(self._interactions.item_order)

    @cached_property
    def _by_user(self) -> NDArray[np.intp]:
        """Rows of the interactions, ordered by the position of their user."""
        return np.argsort(self._user_positions[self._interactions.user_idx], kind="stable")

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        counts = np.bincount(self._interactions.user_idx, minlength=self._interactions.n_users)
        return np.concatenate([[0], np.cumsum(counts[self._interactions.user_order])])


def _clip(bounds: tuple[int, int], size: int, longest: int) -> tuple[int, int]:
    start = min(max(int(bounds[0]), 0), size)
    return start, min(max(int(bounds[1]), start), size, start + longest)


def _inverse(order: NDArray[np.int32]) -> NDArray[np.int32]:
    positions = np.empty(len(order), dtype=np.int32)
    positions[order] = np.arange(len(order), dtype=np.int32)
    return positions


def texts(values: NDArray[Any]) -> list[str]:
    """Give ids as text that travels."""
    return [_text(value) for value in values.tolist()]


def titles(vocabulary: Vocabulary, index: NDArray[np.int32]) -> list[str] | None:
    """Give titles, the id where one has none; None where there are none at all."""
    if vocabulary.titles is None:
        return None
    ids = vocabulary.ids
    return [_text(ids[i] if vocabulary.titles[i] is None else vocabulary.titles[i]) for i in index]


def _details(vocabulary: Vocabulary, index: NDArray[np.int32]) -> list[str] | None:
    """Say what else is known of each, as `24, M, technician`."""
    if vocabulary.attributes is None:
        return None
    known = vocabulary.attributes.iloc[index, :MAX_DETAILS]
    return [
        ", ".join(_text(_plain(value))[:MAX_LETTERS] for value in row if not pd.isna(value))
        for row in known.astype(object).itertuples(index=False, name=None)
    ]


def _plain(value: object) -> object:
    """Take back what a column of integers becomes where some are missing: 31.0 is 31."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(value: object) -> str:
    """Half a surrogate pair, as cut strings have it, does not travel."""
    return str(value).encode("utf-8", "replace").decode("utf-8")
