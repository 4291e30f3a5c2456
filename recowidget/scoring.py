"""What predicts: the factors of a dot product, or the weights of a model that computes more."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from recowidget.errors import RecowidgetError, named_type
from recowidget.factors import Factors
from recowidget.samples import SampledFactors

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from recowidget.interactions import Interactions

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

    @property
    def nbytes(self) -> int:
        """Bytes held by the weights and the embeddings."""
        tables = [table for table in (self.user_factors, self.item_factors) if table is not None]
        held = [one for some in self.weights for one in some]
        n_bytes: int = sum(one.shape.num_elements() * one.dtype.size for one in held)
        return n_bytes + sum(table.nbytes for table in tables)

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

ScorerLike: TypeAlias = Any
"""A `Scorer`, or a Keras model, which has no type here."""


def is_model(candidate: object) -> bool:
    """Whether `candidate` is a Keras model; imports nothing, since where there is one Keras is loaded."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(candidate, keras.Model)


def read_scorer(given: Any, interactions: Interactions) -> Scorer:
    """Return a scorer as it is, and read a Keras model as `recowidget.reader.scorer_of_own_size` does.

    Raises
    ------
    RecowidgetError
        Where it is neither, or has factors or biases of fewer users or items; as
        `recowidget.reader.scorer_of_own_size`.
    """
    if is_model(given):
        from recowidget.reader import scorer_of_own_size

        return scorer_of_own_size(given, interactions)
    if isinstance(given, type) or not callable(getattr(given, "predict_block", None)):
        raise RecowidgetError(
            "what scores must be a Keras model, Factors, a fitted baseline or anything else with "
            f"predict_block(user_idx, item_idx), not {named_type(given)}"
        )
    for side, count in (("user", interactions.n_users), ("item", interactions.n_items)):
        for table in (getattr(given, f"{side}_{kind}", None) for kind in ("factors", "bias")):
            if table is not None and len(table) < count:
                raise RecowidgetError(
                    f"the {named_type(given)} is of {len(table):,} {side}s, the ratings of {count:,}; "
                    "both must be of the same users and items"
                )
    scorer: Scorer = given
    return scorer
