"""What predicts: the factors of a dot product, or the weights of a model that computes more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from recowidget.factors import Factors
from recowidget.samples import SampledFactors

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Forward = Callable[[Any, NDArray[np.int32], NDArray[np.int32]], NDArray[np.float32]]

BLOCK_ROWS = 1 << 16
"""Pairs that go through a model at a time, so that memory stays bounded."""


class Scorer(Protocol):
    """What ranks items: `Factors`, a `ModelScorer`, the baselines, or anything else with this method."""

    def predict_block(self, user_idx: Any, item_idx: Any) -> NDArray[np.float32]:
        """Score every pair of the given users and items; the higher the better.

        Parameters
        ----------
        user_idx, item_idx
            Indices, shapes (m,) and (n,).

        Returns
        -------
        ndarray of float32
            Shape (m, n). On the rating scale where the scorer is a `Predictor`.
        """
        ...


@runtime_checkable
class Predictor(Scorer, Protocol):
    """A scorer on the rating scale."""

    def predict(self, user_idx: Any, item_idx: Any) -> NDArray[np.float32]:
        """Predict a rating for each pair of indices, shape (n,)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ModelScorer:
    """A model that is no dot product, with the weights it had at one moment.

    Attributes
    ----------
    forward : callable
        ``forward(weights, user_idx, item_idx)``: one rating for each pair, int32 in, float32 out, shape (n,).
    weights : Any
        What `forward` computes with; a copy, which training doesn't change.
    user_factors, item_factors : ndarray of float32 or None
        The model's embeddings of users and items, shapes (n_users, k) and (n_items, l), where it has such.
    """

    forward: Forward
    weights: Any
    user_factors: NDArray[np.float32] | None = None
    item_factors: NDArray[np.float32] | None = None

    def predict(self, user_idx: ArrayLike, item_idx: ArrayLike) -> NDArray[np.float32]:
        """Predict one rating for each pair, shape (n,)."""
        users = np.atleast_1d(user_idx).astype(np.int32, copy=False)
        items = np.atleast_1d(item_idx).astype(np.int32, copy=False)
        predictions = np.empty(len(users), dtype=np.float32)
        for start in range(0, len(users), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            predictions[rows] = self.forward(self.weights, users[rows], items[rows])
        return predictions

    def predict_block(self, user_idx: ArrayLike, item_idx: ArrayLike) -> NDArray[np.float32]:
        """Predict every pair, shape (len(user_idx), len(item_idx))."""
        users, items = np.asarray(user_idx), np.asarray(item_idx)
        pairs = self.predict(np.repeat(users, len(items)), np.tile(items, len(users)))
        return pairs.reshape(len(users), len(items))


LearnedScorer: TypeAlias = Factors | SampledFactors | ModelScorer
"""What training gives."""
