"""The parameters of a matrix factorisation, and what they predict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

BLOCK_ROWS = 1 << 12
"""Rows predicted at a time: what is gathered stays in the processor's cache, and so small that the memory
of the last block is taken again."""


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Factors and biases of all users and items.

    The prediction of Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems"
    (IEEE Computer 42(8), 2009), equation 4: ``global_mean + user_bias[u] + item_bias[i] +
    user_factors[u] . item_factors[i]``. A model without biases has zeros there.

    Attributes
    ----------
    user_factors : ndarray of float32, shape (n_users, n_factors)
    item_factors : ndarray of float32, shape (n_items, n_factors)
    user_bias : ndarray of float32, shape (n_users,)
    item_bias : ndarray of float32, shape (n_items,)
    global_mean : float
        On the rating scale, unless there is a `rating_range`.
    rating_range : tuple of float, optional
        Where it is given, that sum is squashed into this range by the logistic function: global mean, biases
        and dot product are then log-odds.
    """

    user_factors: NDArray[np.float32]
    item_factors: NDArray[np.float32]
    user_bias: NDArray[np.float32]
    item_bias: NDArray[np.float32]
    global_mean: float
    rating_range: tuple[float, float] | None = None

    @property
    def n_factors(self) -> int:
        """Length of a factor vector."""
        return int(self.user_factors.shape[1])

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        arrays = (self.user_factors, self.item_factors, self.user_bias, self.item_bias)
        return sum(array.nbytes for array in arrays)

    def predict(self, user_idx: ArrayLike, item_idx: ArrayLike) -> NDArray[np.float32]:
        """Predict one rating for each pair of indices.

        Parameters
        ----------
        user_idx, item_idx : array_like of int, shape (n,)

        Returns
        -------
        ndarray of float32, shape (n,)
            On the rating scale, not clipped to it.
        """
        users, items = np.atleast_1d(user_idx), np.atleast_1d(item_idx)
        predictions = np.empty(len(users), dtype=np.float32)
        for start in range(0, len(users), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            u, i = users[rows], items[rows]
            dot = np.einsum("nk,nk->n", self.user_factors.take(u, 0), self.item_factors.take(i, 0))
            biases = self.user_bias.take(u) + self.item_bias.take(i)
            predictions[rows] = self.squash(self.global_mean + biases + dot)
        return predictions

    def predict_block(self, user_idx: ArrayLike, item_idx: ArrayLike) -> NDArray[np.float32]:
        """Predict every pair of the given users and items.

        Returns
        -------
        ndarray of float32, shape (len(user_idx), len(item_idx))
        """
        u, i = np.asarray(user_idx), np.asarray(item_idx)
        dot = self.user_factors[u] @ self.item_factors[i].T
        block = self.global_mean + self.user_bias[u][:, None] + self.item_bias[i][None, :] + dot
        return np.asarray(self.squash(block), dtype=np.float32)

    def along(self, slope: float, intercept: float) -> Factors:
        """Give factors whose sums are ``slope * sum + intercept``.

        Parameters
        ----------
        slope
            Not 0. Both sides' factors take its root, the users' its sign.
        intercept
            Added to the global mean.
        """
        if (slope, intercept) == (1, 0):
            return self
        root = np.float32(abs(slope) ** 0.5)
        return replace(
            self,
            user_factors=self.user_factors * np.copysign(root, np.float32(slope)),
            item_factors=self.item_factors * root,
            user_bias=self.user_bias * np.float32(slope),
            item_bias=self.item_bias * np.float32(slope),
            global_mean=slope * self.global_mean + intercept,
        )

    def squash(self, sums: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the predictions that sums of dot product and biases stand for, of the same shape."""
        if self.rating_range is None:
            return sums
        low, high = self.rating_range
        # tanh, since exp overflows.
        return np.asarray(low + (high - low) * (0.5 + 0.5 * np.tanh(0.5 * sums)))


def scale_of(ratings: NDArray[np.float32]) -> float:
    """Give what ratings are to be divided by, to span four as one to five stars do; 1 where all are equal."""
    return float(np.ptp(ratings)) / 4 or 1.0
