"""An order in which neighbours are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.floating]

DEPTH: Final = 3, 9
"""Groups are parted so many times, as far as `WORK` goes."""
WORK: Final = 2_000_000
"""Rows that are sorted, those sorted again counted again: some hundred milliseconds."""
SMALLEST: Final = 8
"""Rows that are not parted any more."""
SAMPLE: Final = 4096
"""Rows of a group that its main axis is taken from."""
MIDDLE: Final = 0.2, 0.8
"""Shares of the rows between which a group is parted."""


def seriate(vectors: NDArray[np.float32]) -> NDArray[np.intp]:
    """Order vectors so that groups of like ones stand together.

    Principal direction divisive partitioning (Boley, "Principal direction divisive partitioning", Data Mining
    and Knowledge Discovery 2(4), 1998), read as an order: rows are sorted along their first principal axis,
    parted at the widest gap in the middle, and each part is ordered in the same way, turned so that what is
    nearer to the other part stands next to it.

    Parameters
    ----------
    vectors
        Shape (n, k). What is not finite counts as zero.

    Returns
    -------
    ndarray of intp, shape (n,)
        Rows in order; the same for the same vectors.
    """
    points = _scaled(vectors)
    order = np.arange(len(points))
    if points.size:
        least, most = DEPTH
        _order(points, order, max(least, min(most, WORK // len(points))), None)
    return order


def _scaled(vectors: NDArray[np.float32]) -> Vectors:
    points = np.nan_to_num(np.asarray(vectors, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    largest = np.abs(points).max(initial=0.0)
    return points / largest if largest else points


def _order(points: Vectors, rows: NDArray[np.intp], depth: int, towards: Vectors | None) -> None:
    """Order `rows`, a part of the whole order, in place; at its end stands what lies `towards`."""
    along = points[rows] @ _main_axis(_some(points, rows), towards)
    sorting = np.argsort(along, kind="stable")
    rows[:] = rows[sorting]
    if depth == 0 or len(rows) <= SMALLEST:
        return
    cut = _widest_gap(along[sorting])
    before, after = rows[:cut], rows[cut:]
    apart = _some(points, after).mean(0) - _some(points, before).mean(0)
    for part in (before, after):
        _order(points, part, depth - 1, apart)


def _some(points: Vectors, rows: NDArray[np.intp]) -> Vectors:
    return points[rows[:: -(-len(rows) // SAMPLE)]]


def _main_axis(points: Vectors, towards: Vectors | None) -> Vectors:
    centred = points - points.mean(0)
    axis: Vectors = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    # An axis has no sign of its own.
    sign = axis[np.abs(axis).argmax()] if towards is None else axis @ towards
    return -axis if sign < 0 else axis


def _widest_gap(ascending: Vectors) -> int:
    """Give the place of the widest gap near the middle: so many stand before it."""
    first, last = (max(1, int(share * len(ascending))) for share in MIDDLE)
    gaps = np.diff(ascending)[first - 1 : last]
    return first + int(gaps.argmax())
