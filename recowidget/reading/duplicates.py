"""(user, item) pairs that stand in the ratings more than once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from recowidget.rows import Rows


@dataclass(frozen=True, eq=False)
class Pairs:
    """The distinct (user, item) pairs of some ratings, and the rows of each.

    Attributes
    ----------
    rows
        All rows, shape (n_rows,), those of one pair together and in their own order.
    starts
        Shape (n_pairs,): where the rows of each pair start in `rows`.
    """

    rows: Rows
    starts: Rows

    @property
    def counts(self) -> Rows:
        """How many rows each pair has, shape (n_pairs,)."""
        return np.diff(self.starts, append=len(self.rows))

    @property
    def n_repeated(self) -> int:
        """How many pairs have more than one row."""
        return int((self.counts > 1).sum())

    def first_repeated(self) -> Rows:
        """Give the rows of the pair with more than one row whose first row comes first."""
        repeated = np.flatnonzero(self.counts > 1)
        pair = repeated[np.argmin(self.rows[self.starts[repeated]])]
        return self.rows[self.starts[pair] :][: self.counts[pair]]

    def last_rows(self) -> Rows:
        """Give the last row of each pair, ascending, shape (n_pairs,)."""
        return np.sort(self.rows[self.starts + self.counts - 1])

    def first_rows(self) -> Rows:
        """Give the first row of each pair, ascending, shape (n_pairs,)."""
        return np.sort(self.rows[self.starts])

    def mean(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Average the values of each pair in 64 bits, in the order of `first_rows`."""
        sums = np.add.reduceat(values[self.rows].astype(np.float64), self.starts)
        return (sums / self.counts)[self._by_first_row()].astype(np.float32)

    def sums(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Add up the values of each pair in 64 bits, in the order of `first_rows`."""
        sums = np.add.reduceat(values[self.rows].astype(np.float64), self.starts)
        return sums[self._by_first_row()].astype(np.float32)

    def latest(self, values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Take the largest value of each pair, in the order of `first_rows`."""
        return np.maximum.reduceat(values[self.rows], self.starts)[self._by_first_row()]

    def _by_first_row(self) -> Rows:
        return np.argsort(self.rows[self.starts])


def repeated_pairs(
    user_idx: npt.NDArray[np.int32], item_idx: npt.NDArray[np.int32], n_items: int
) -> Pairs | None:
    """Group the rows by (user, item) where any pair stands more than once.

    Parameters
    ----------
    user_idx, item_idx
        Indices, shape (n_rows,).
    n_items
        The number of items.

    Returns
    -------
    Pairs or None
        None where each pair stands once. Finding that out takes 9 bytes a row, and no sort where the rows
        are in (user, item) order already.
    """
    keys = _keys(user_idx, item_idx, n_items)
    if bool(np.all(keys[1:] > keys[:-1])):
        return None
    keys.sort()
    if not bool(np.any(keys[1:] == keys[:-1])):
        return None
    keys = _keys(user_idx, item_idx, n_items)
    rows = np.argsort(keys, kind="stable")
    keys = keys[rows]
    return Pairs(rows, np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])))


def _keys(
    user_idx: npt.NDArray[np.int32], item_idx: npt.NDArray[np.int32], n_items: int
) -> npt.NDArray[np.int64]:
    keys = user_idx.astype(np.int64)
    keys *= n_items
    keys += item_idx
    return keys
