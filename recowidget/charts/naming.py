"""Names beside points and lines, kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

GAP: Final = 6
"""Pixels between a point and its name."""
Box = tuple[float, float, float, float]
CHARACTER: Final = 6.2
_LINE = 14
_LONGEST = 26


def shortened(text: str) -> str:
    """Cut a name to what a map has room for."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def sides_for_names(
    at: npt.NDArray[np.float64], names: Sequence[str], size: tuple[int, int], most: int, *, covering: int
) -> npt.NDArray[np.int8]:
    """Choose which points are named, and on which side: the first that fit, in the order given.

    Parameters
    ----------
    at
        Pixels from the upper left corner, shape (n, 2).
    names
        Of the points, shape (n,).
    size
        Width and height of the map.
    most
        How many names at most.
    covering
        How many points a name may lie on.

    Returns
    -------
    ndarray of int8
        Shape (n,): 1 where the name goes to the right of its point, -1 to the left, 0 where there is none.
        No two names overlap, and none leaves the map.
    """
    chosen = np.zeros(len(names), np.int8)
    taken: list[Box] = []
    for k, ((x, y), name) in enumerate(zip(at, names, strict=True)):
        if len(taken) >= most:
            break
        length = CHARACTER * len(name)
        for side in (1, -1):
            left = x + GAP if side > 0 else x - GAP - length
            box = (left, y - _LINE / 2, left + length, y + _LINE / 2)
            inside = box[0] >= 0 and box[2] <= size[0] and box[1] >= 0 and box[3] <= size[1]
            if inside and _covered(box, at) <= covering and not any(_overlap(box, one) for one in taken):
                taken.append(box)
                chosen[k] = side
                break
    return chosen


def spread(wanted: npt.ArrayLike, gap: float, low: float, high: float) -> npt.NDArray[np.float64]:
    """Move positions as little as it takes to stand apart.

    Parameters
    ----------
    wanted
        Shape (n,).
    gap
        The least distance of two.
    low, high
        Where they may be; the last go beyond `high` only where there is no room for all.

    Returns
    -------
    ndarray of float64
        Shape (n,), in the order given.
    """
    given = np.asarray(wanted, np.float64)
    order = np.argsort(given, kind="stable")
    placed = given[order]
    for k in range(1, len(placed)):
        placed[k] = max(placed[k], placed[k - 1] + gap)
    ceiling = high
    for k in range(len(placed) - 1, -1, -1):
        placed[k] = min(placed[k], ceiling)
        ceiling = placed[k] - gap
    floor = low
    for k in range(len(placed)):
        placed[k] = max(placed[k], floor)
        floor = placed[k] + gap
    result = np.empty_like(placed)
    result[order] = placed
    return result


def _covered(box: Box, at: npt.NDArray[np.float64]) -> int:
    inside = (at[:, 0] > box[0]) & (at[:, 0] < box[2]) & (at[:, 1] > box[1]) & (at[:, 1] < box[3])
    return int(np.count_nonzero(inside))


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
