"""The densest block of a matrix of ratings: few users and items with many ratings among them."""

from __future__ import annotations

from numbers import Integral

import numpy as np
import numpy.typing as npt

from recowidget.errors import RecowidgetError, shown

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int32]
Sides = tuple[Indices, Indices]


def densest_block(
    user_idx: Indices, item_idx: Indices, shape: tuple[int, int], size: tuple[int, int]
) -> tuple[Mask, Mask]:
    """Choose users and items with as many ratings among them as a greedy search finds.

    1. Take the items with most ratings.
    2. Take the users with most ratings of these items, then the items with most ratings by these users, and
       so on until the block gains no rating.
    3. Where a user or an item has no rating in the block, drop it, and take in its place, one at a time, the
       user or item outside with most ratings in the block. Where none outside has any, take a user and an
       item outside with a rating between them; a side that is complete gives up for it the one with fewest
       ratings in the block that is nobody's only one there.

    Ties go to the smaller index, and to users before items. The result depends on nothing but the ratings.
    To find the densest block of all is NP-hard; before step 3 no exchange of users alone, nor of items
    alone, makes this one denser.

    Parameters
    ----------
    user_idx, item_idx
        Indices of the rated pairs, shape (n_ratings,).
    shape
        Number of all users and of all items.
    size
        Number of users and of items in the block.

    Returns
    -------
    users, items : ndarray of bool
        Shapes (shape[0],) and (shape[1],): who is in the block, each with a rating in it.

    Raises
    ------
    RecowidgetError
        Where there are fewer users or items with a rating, or the search ends without such a block (never
        where as many users as items are asked for).
    """
    idx = user_idx, item_idx
    counts = [np.bincount(own, minlength=n) for own, n in zip(idx, shape, strict=True)]
    n_users = _checked_size("n_users", size[0], counts[0])
    n_items = _checked_size("n_items", size[1], counts[1])
    chosen = np.zeros(shape[0], np.bool_), _most(counts[1], n_items)
    gained = 0
    while True:
        inside = _counts_inside(idx, chosen, 0)
        users = _most(inside, n_users)
        if int(inside[users].sum()) <= gained:
            break
        gained = int(inside[users].sum())
        chosen[0][:] = users
        chosen[1][:] = _most(_counts_inside(idx, chosen, 1), n_items)
    if not _cover(idx, chosen, (n_users, n_items)):
        raise RecowidgetError(
            f"found no {n_users} users and {n_items} items that each have a rating among them; "
            f"ask for a block of another shape"
        )
    return chosen


def _checked_size(name: str, size: object, counts: npt.NDArray[np.intp]) -> int:
    rated = int((counts > 0).sum())
    number = int(size) if not isinstance(size, bool) and isinstance(size, Integral) else 0
    if not 1 <= number <= rated:
        raise RecowidgetError(f"{name} must be an integer from 1 to {rated}, not {shown(size)}")
    return number


def _most(counts: npt.NDArray[np.intp], n: int) -> Mask:
    most = np.zeros(len(counts), np.bool_)
    most[np.argsort(-counts, kind="stable")[:n]] = True
    return most


def _counts_inside(idx: Sides, chosen: tuple[Mask, Mask], side: int) -> npt.NDArray[np.intp]:
    """Count for everyone of a side the ratings that they share with those chosen of the other."""
    other = 1 - side
    return np.bincount(idx[side][chosen[other][idx[other]]], minlength=len(chosen[side]))


def _cover(idx: Sides, chosen: tuple[Mask, Mask], size: tuple[int, int]) -> bool:
    for side in (0, 1):
        chosen[side][_counts_inside(idx, chosen, side) == 0] = False
    while True:
        missing = [wanted - int(side.sum()) for wanted, side in zip(size, chosen, strict=True)]
        if not any(missing):
            return True
        gains = [
            np.where(chosen[side], 0, _counts_inside(idx, chosen, side)) * bool(missing[side])
            for side in (0, 1)
        ]
        side = int(gains[1].max() > gains[0].max())
        if gains[side].max():
            chosen[side][np.argmax(gains[side])] = True
        elif not _add_island(idx, chosen, missing):
            return False


def _add_island(idx: Sides, chosen: tuple[Mask, Mask], missing: list[int]) -> bool:
    # There is such a pair: someone outside has ratings, and none of them with the chosen.
    outside = ~chosen[0][idx[0]] & ~chosen[1][idx[1]]
    for side in (0, 1):
        if not missing[side]:
            spare = _spare(idx, chosen, side)
            if spare is None:
                return False
            chosen[side][spare] = False
    users, items = idx[0][outside], idx[1][outside]
    user = np.argmax(np.bincount(users))
    rated = np.unique(items[users == user])
    chosen[0][user] = True
    chosen[1][rated[np.argmax(np.bincount(items)[rated])]] = True
    return True


def _spare(idx: Sides, chosen: tuple[Mask, Mask], side: int) -> int | None:
    inside = chosen[0][idx[0]] & chosen[1][idx[1]]
    own, other = idx[side][inside], idx[1 - side][inside]
    only_one = np.bincount(other, minlength=len(chosen[1 - side])) == 1
    spared = chosen[side].copy()
    spared[own[only_one[other]]] = False
    if not spared.any():
        return None
    candidates = np.flatnonzero(spared)
    return int(candidates[np.argmin(np.bincount(own, minlength=len(spared))[candidates])])
