"""The best items for each user: what any scorer can be asked, whatever it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recowidget.errors import RecowidgetError, named_type
from recowidget.factors import Factors
from recowidget.samples import SampledFactors
from recowidget.sorting import stable_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recowidget.encoding import Indices
    from recowidget.interactions import Interactions
    from recowidget.rows import Rows

Mask = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float32]
AnyIndices = npt.NDArray[np.integer]

BLOCK_CELLS = 1 << 22
"""Scores held at a time, some 25 bytes each, so that memory stays bounded whatever the number of users."""

_SIGN, _LOW = np.uint32(1 << 31), np.uint64((1 << 32) - 1)
_NAN, _EXCLUDED = np.uint32((1 << 32) - 2), np.uint32((1 << 32) - 1)


@dataclass(frozen=True, eq=False)
class ItemsByUser:
    """The items in some rows, user by user.

    Attributes
    ----------
    item_idx
        Shape (n_rows,), those of user 0 first.
    starts
        Shape (n_users + 1,): where each user's items start.
    """

    item_idx: Indices
    starts: Rows

    @classmethod
    def of_rows(cls, interactions: Interactions, rows: Rows) -> ItemsByUser:
        """Group some rows of interactions."""
        user_idx = interactions.user_idx[rows]
        starts = np.zeros(interactions.n_users + 1, np.intp)
        np.cumsum(np.bincount(user_idx, minlength=interactions.n_users), out=starts[1:])
        return cls(interactions.item_idx[rows[stable_order(user_idx)]], starts)

    def mask(self, user_idx: AnyIndices, n_items: int) -> Mask:
        """Mark the items of some users, shape (len(user_idx), n_items)."""
        starts = self.starts[user_idx]
        counts = self.starts[user_idx + 1] - starts
        ends = np.cumsum(counts)
        positions = np.arange(counts.sum()) + np.repeat(starts - (ends - counts), counts)
        mask = np.zeros((len(user_idx), n_items), np.bool_)
        mask[np.repeat(np.arange(len(user_idx)), counts), self.item_idx[positions]] = True
        return mask


def blocks_of_users(user_idx: AnyIndices, n_items: int) -> Iterator[AnyIndices]:
    """Cut users into blocks whose scores of all items fit into `BLOCK_CELLS`."""
    size = max(BLOCK_CELLS // max(n_items, 1), 1)
    for start in range(0, len(user_idx), size):
        yield user_idx[start : start + size]


def top_n(scores: npt.ArrayLike, n: int, excluded: Mask | None = None) -> Indices:
    """Find the items with the highest scores, user by user.

    Parameters
    ----------
    scores
        Shape (n_users, n_items); compared in float32. Those that are no number come last.
    n
        How many.
    excluded
        Items that aren't candidates, of the same shape.

    Returns
    -------
    ndarray of int32
        Shape (n_users, n): item indices, best first; equal scores by item index, the smaller first. -1
        where there are no more candidates.
    """
    values = np.asarray(scores, np.float32) + np.float32(0)  # -0 becomes 0, which it equals
    n_users, n_items = values.shape
    bits = values.view(np.uint32)
    # Bits that fall as the score rises: all inverted but the sign's, except in negative numbers.
    falling = np.where(bits & _SIGN, bits, bits ^ ~_SIGN)
    falling[np.isnan(values)] = _NAN
    if excluded is not None:
        falling[excluded] = _EXCLUDED
    # No two keys of a user are equal, so that the order is the same however they are sorted.
    keys = falling.astype(np.uint64) << np.uint64(32)
    keys |= np.arange(n_items, dtype=np.uint64)
    kept = min(n, n_items)
    if kept < n_items:
        keys = np.partition(keys, kept, axis=1)[:, :kept]
    keys = np.sort(keys, axis=1)
    top = np.full((n_users, n), -1, np.int32)
    top[:, :kept] = np.where(keys >> np.uint64(32) == _EXCLUDED, -1, (keys & _LOW).astype(np.int64))
    return top


def factors_of(scorer: object, purpose: str) -> Factors:
    """Return a scorer that is made of factors.

    Raises
    ------
    RecowidgetError
        Where it isn't; the message says what they were needed for.
    """
    if isinstance(scorer, SampledFactors):
        return scorer.joined()
    if not isinstance(scorer, Factors):
        raise RecowidgetError(
            f"{purpose} needs user and item factors, and {named_type(scorer)} has none whose dot product it "
            "predicts by; recowidget.scorer_of(model, interactions) reads those of a Keras model"
        )
    return scorer
