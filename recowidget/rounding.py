"""Whole numbers of rows that come as near to the shares of a split as they can."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recowidget.errors import RecowidgetError, counted

if TYPE_CHECKING:
    from recowidget.rows import Rows

Sizes = npt.NDArray[np.int64]

_ROUNDING_ERROR = 1e-6


def whole_sizes(n_rows: int, shares: tuple[float, ...]) -> Sizes:
    """Round the shares of all rows by largest remainder, after a row each for the first and the last.

    Raises
    ------
    RecowidgetError
        Where there are fewer than two rows.
    """
    if n_rows <= 1:
        raise RecowidgetError(
            f"a split needs at least 2 ratings, one to train on and one to test with; "
            f"there {'is' if n_rows == 1 else 'are'} {counted(n_rows, 'rating')}"
        )
    exact = _exact_sizes(np.array([n_rows]), shares)[0]
    sizes: Sizes = np.floor(exact).astype(np.int64)
    sizes[[0, -1]] = np.maximum(sizes[[0, -1]], 1)
    while sizes.sum() < n_rows:
        sizes[np.argmax(exact - sizes)] += 1
    while sizes.sum() > n_rows:
        spare = np.where(sizes > _ends(len(sizes)), sizes - exact, -np.inf)
        sizes[np.argmax(spare)] -= 1
    return sizes


def group_sizes(counts: npt.NDArray[np.integer], shares: tuple[float, ...], turns: npt.ArrayLike) -> Sizes:
    """Round the shares of each group's rows up or down.

    What is left after rounding down goes to shares by systematic sampling on the remainders: each share
    rounds up as often as its remainder says, so that the shares hold over many small groups as well.

    Parameters
    ----------
    counts
        Rows of each group, shape (n_groups,).
    shares
        As `check_shares` gives them.
    turns
        Where each group's sampling starts, 0 to less than 1, shape (n_groups,).

    Returns
    -------
    ndarray of int64
        Shape (n_groups, n_shares): less than one row from the exact share, at least 1 of the first where the
        group has any row. Where no group got a row of the last share, the largest group gives it one (if
        it has two rows or more), and a share between the two may be short by less than two rows there.
    """
    counts = np.asarray(counts, np.int64)
    exact = _exact_sizes(counts, shares)
    sizes = np.floor(exact + _ROUNDING_ERROR).astype(np.int64)
    left = counts - sizes.sum(axis=1)
    bounds = np.cumsum(np.maximum(exact - sizes, 0), axis=1)
    starts = np.asarray(turns, np.float64)[:, None]
    steps = np.floor(np.minimum(bounds, left[:, None]) + starts)
    steps[:, -1] = left
    sizes += np.diff(steps, axis=1, prepend=0).astype(np.int64)
    _give(sizes, exact, np.flatnonzero((sizes[:, 0] == 0) & (counts > 0)), 0)
    if counts.max(initial=0) > 1 and not sizes[:, -1].any():
        _give(sizes, exact, np.array([np.argmax(counts)]), -1)
    return sizes


def _exact_sizes(counts: npt.NDArray[np.integer], shares: tuple[float, ...]) -> npt.NDArray[np.float64]:
    return np.asarray(counts, np.float64)[:, None] * (np.array(shares) / math.fsum(shares))


def _ends(n_shares: int) -> Sizes:
    """Rows that the first and the last share always keep."""
    kept = np.zeros(n_shares, np.int64)
    kept[[0, -1]] = 1
    return kept


def _give(sizes: Sizes, exact: npt.NDArray[np.float64], groups: Rows, share: int) -> None:
    """Move one row of each of some groups to a share, from the one furthest above what it should have."""
    spare = np.where(sizes[groups] > _ends(sizes.shape[1]) * (share != 0), (sizes - exact)[groups], -np.inf)
    spare[:, share] = -np.inf
    sizes[groups, np.argmax(spare, axis=1)] -= 1
    sizes[groups, share] += 1
