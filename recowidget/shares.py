"""The shares of a split, and which of them each row belongs to."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recowidget.checks import check_count
from recowidget.errors import RecowidgetError, shown
from recowidget.rounding import Sizes, group_sizes, whole_sizes
from recowidget.sorting import stable_order

if TYPE_CHECKING:
    from recowidget.rows import Rows

Numbers = npt.NDArray[np.uint8]

FEWEST_SHARES, MOST_SHARES = 2, 256
_SUM_TOLERANCE = 1e-6
_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


def check_shares(shares: object) -> tuple[float, ...]:
    """Check the shares of a split.

    Parameters
    ----------
    shares
        Two numbers or more (up to 256), each above 0.

    Returns
    -------
    tuple of float
        As given.

    Raises
    ------
    RecowidgetError
        Where they are fewer, no numbers, 0 or less, or don't sum to 1 to within a millionth.
    """
    given = tuple(shares) if isinstance(shares, Iterable) and not isinstance(shares, str) else ()
    if not FEWEST_SHARES <= len(given) <= MOST_SHARES:
        raise RecowidgetError(
            f"shares must be two numbers (train, test), three (train, validation, test) or more, "
            f"not {shown(shares)}"
        )
    if not all(_is_real(share) and share > 0 for share in given):
        raise RecowidgetError(f"shares must be numbers above 0, not {shown(shares)}")
    if not math.isclose(math.fsum(given), 1, abs_tol=_SUM_TOLERANCE, rel_tol=0):
        terms = " + ".join(f"{float(share):g}" for share in given)
        raise RecowidgetError(f"shares must sum to 1, and {terms} is {math.fsum(given):.6g}")
    return tuple(float(share) for share in given)


def check_seed(seed: object) -> int:
    """Return the seed if it is an integer of 0 or more; RecowidgetError where it isn't."""
    return check_count("seed", seed, least=0)


def random_numbers(n_rows: int, shares: tuple[float, ...], seed: int) -> Numbers:
    """Draw the share of each row.

    Parameters
    ----------
    n_rows
        2 or more.
    shares
        As `check_shares` gives them.
    seed
        Of the NumPy generator that shuffles.

    Returns
    -------
    ndarray of uint8
        Shape (n_rows,), 0 to n_shares-1; each as often as its share says to within one row, save that the
        first and the last have a row each however small they are.
    """
    numbers = np.repeat(_each(shares), whole_sizes(n_rows, shares))
    np.random.default_rng(seed).shuffle(numbers)
    return numbers


def stratified_numbers(groups: npt.NDArray[np.integer], shares: tuple[float, ...], seed: int) -> Numbers:
    """Draw the share of each row, group by group.

    Parameters
    ----------
    groups
        The group of each row, shape (n_rows,): integers of 0 or more.
    shares
        As `check_shares` gives them.
    seed
        Of the NumPy generator that shuffles and that draws the rounding.

    Returns
    -------
    ndarray of uint8
        Shape (n_rows,); in each group as many of each share as `recowidget.rounding.group_sizes` says.
    """
    rng = np.random.default_rng(seed)
    counts = np.bincount(groups)
    sizes = group_sizes(counts, shares, rng.random(len(counts)))
    order = stable_order(groups, rng.permutation(len(groups)))
    return in_order(order, sizes)


def chronological_numbers(
    timestamps: npt.NDArray[np.int64], groups: npt.NDArray[np.integer] | None, shares: tuple[float, ...]
) -> Numbers:
    """Give the earliest rows to the first share, the latest to the last.

    Parameters
    ----------
    timestamps
        Shape (n_rows,). Rows of one time stay in the order that they are in.
    groups
        The group of each row, to go by the time within each; None for one group of all rows.
    shares
        As `check_shares` gives them.

    Returns
    -------
    ndarray of uint8
        Shape (n_rows,); in each group as many of each share as `recowidget.rounding.group_sizes` says. Which
        way a group is rounded depends on its number alone, and evens out over the groups.
    """
    order = stable_order(timestamps)
    if groups is None:
        return in_order(order, np.array([whole_sizes(len(timestamps), shares)]))
    counts = np.bincount(groups)
    turns = np.arange(len(counts)) * _GOLDEN_RATIO % 1
    return in_order(stable_order(groups, order), group_sizes(counts, shares, turns))


def file_order_numbers(groups: npt.NDArray[np.integer], shares: tuple[float, ...]) -> Numbers:
    """Give the first rows of each group to the first share, as they come, and so on.

    Parameters
    ----------
    groups
        The group of each row, shape (n_rows,): integers of 0 or more.
    shares
        As `check_shares` gives them.

    Returns
    -------
    ndarray of uint8
        Shape (n_rows,). A group of n rows is cut at the sums of the shares times n, rounded half to even.
    """
    counts = np.bincount(groups)
    bounds = np.rint(np.multiply.outer(counts, np.cumsum((0.0, *shares)))).astype(np.int64)
    bounds[:, -1] = counts
    return in_order(stable_order(groups), np.diff(bounds, axis=1))


def in_order(order: Rows, sizes: Sizes) -> Numbers:
    """Number rows that are sorted by group: of each group the first `sizes[g, 0]` get 0, and so on.

    Parameters
    ----------
    order
        Row numbers, those of one group together, shape (n_rows,).
    sizes
        Rows of each share in each group, shape (n_groups, n_shares).

    Returns
    -------
    ndarray of uint8
        Shape (n_rows,), by row number.
    """
    n_groups, n_shares = sizes.shape
    numbers = np.empty(len(order), np.uint8)
    numbers[order] = np.repeat(np.tile(np.arange(n_shares, dtype=np.uint8), n_groups), sizes.ravel())
    return numbers


def _each(shares: tuple[float, ...]) -> Numbers:
    return np.arange(len(shares), dtype=np.uint8)


def _is_real(share: object) -> bool:
    return not isinstance(share, bool) and isinstance(share, Real)
