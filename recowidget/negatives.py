"""Items that a user did not take, to learn from beside those that they took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from recowidget.sorting import stable_order

if TYPE_CHECKING:
    import numpy.typing as npt

    from recowidget.encoding import Indices

N_NEGATIVES: Final = 4
"""Drawn for each positive in an epoch: the best of those tried on MovieLens latest-small."""

_BLOCK = 1 << 20


class NegativeSampler:
    """Draws items for users, evenly from those that they are not known to have taken.

    Nothing is drawn and thrown away: the number of an item among those left is drawn, and which item that
    is follows from how many of the user's own come before it. So a user who has all items but one costs no
    more than any other.

    Parameters
    ----------
    user_idx, item_idx
        The known pairs, shape (n,); a pair may stand in them more than once.
    n_users, n_items
        How many there are.
    """

    def __init__(
        self,
        user_idx: npt.NDArray[np.integer],
        item_idx: npt.NDArray[np.integer],
        n_users: int,
        n_items: int,
    ) -> None:
        keys = np.sort(user_idx.astype(np.int64) * n_items + item_idx)
        keys = keys[np.concatenate([[True], keys[1:] > keys[:-1]])]
        users = keys // n_items
        counts = np.bincount(users, minlength=n_users)
        self._starts = np.cumsum(counts) - counts
        self._n_items = n_items
        # How many items that are left come before each of the user's own, counted on from user to user.
        self._left_before = keys - (np.arange(len(keys)) - self._starts[users])
        self.n_left: npt.NDArray[np.int64] = n_items - counts
        """How many items can be drawn for each user, shape (n_users,)."""

    def draw(self, user_idx: npt.NDArray[np.integer], n: int, rng: np.random.Generator) -> Indices:
        """Draw `n` items for each of some users, with replacement.

        Parameters
        ----------
        user_idx
            Shape (m,).
        n
            0 or more.
        rng
            Decides the draw.

        Returns
        -------
        ndarray of int32
            Shape (m, n); -1 for a user who has all items.
        """
        drawn = np.empty((len(user_idx), n), np.int32)
        step = max(_BLOCK // max(n, 1), 1)
        # User by user, as memory is read ten times faster so.
        order = stable_order(user_idx)
        for start in range(0, len(user_idx), step):
            rows = order[start : start + step]
            users = user_idx[rows].astype(np.int64)[:, None]
            n_left = self.n_left[users]
            numbers = (rng.random((len(users), n)) * n_left).astype(np.int64)
            own_before = np.searchsorted(self._left_before, users * self._n_items + numbers, side="right")
            items = numbers + own_before - self._starts[users]
            drawn[rows] = np.where(n_left > 0, items, -1)
        return drawn
