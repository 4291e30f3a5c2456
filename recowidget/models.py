"""Recommender models as compiled Keras models, made of stock Keras layers.

Every model is called as ``[user, item]`` with integer indices and predicts on the rating scale. Its tables
are the layers ``user_factors``, ``item_factors``, ``user_bias`` and ``item_bias``. TensorFlow and Keras are
imported by the functions that build, so that importing this module is cheap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.backend import load_keras
from recowidget.factors import Factors
from recowidget.tables import GLOBAL_MEAN_LAYER, RATING_RANGE_LAYER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A named model: how it is built, how it starts, and the settings that train it well.

    Attributes
    ----------
    build : callable
        ``build(n_users, n_items, *, n_factors, learning_rate, regularization, seed, global_mean)``
    n_factors, learning_rate, regularization
        The defaults, chosen together on MovieLens latest-small.
    has_biases : bool
        Whether it has a global mean and biases beside the factors.
    is_dot_product : bool
        Whether its prediction is the dot product of its factors plus its biases.
    initial_stddev : float
        Standard deviation of the initial factors.
    is_nonnegative : bool
        Whether its factors are.
    """

    build: Callable[..., keras.Model]
    n_factors: int
    learning_rate: float
    regularization: float
    has_biases: bool = True
    is_dot_product: bool = True
    initial_stddev: float = 0.05
    is_nonnegative: bool = False


def explicit_mf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.0005,
    regularization: float = 0.02,
    seed: int = 0,
    global_mean: float = 0.0,
) -> keras.Model:
    """Build plain matrix factorisation: the prediction is the dot product of the two factor vectors.

    Parameters
    ----------
    n_users, n_items : int
        Sizes of the tables; indices run from 0 to one less.
    n_factors : int
    learning_rate : float
        Of the Adam optimizer.
    regularization : float
        Weight of the squared norm of both factor vectors of a rating, added to its squared error and
        averaged over the batch.
    seed : int
        Of the NumPy generator that draws the initial factors.
    global_mean : float
        What the untrained model predicts, but for noise: the mean rating of the train part is where
        training gets on best. The model has no constant; its factors are drawn around the square root of
        ``abs(global_mean) / n_factors``, the items' with the sign of the mean.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Notes
    -----
    Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems", IEEE Computer
    42(8), 2009, equations 1 and 2.
    """
    build = _Builder("explicit_mf", n_users, n_items, n_factors, regularization, seed, global_mean)
    return build.compiled(build.dot(), learning_rate)


def biased_mf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.001,
    regularization: float = 0.1,
    seed: int = 0,
    global_mean: float = 0.0,
    rating_range: tuple[float, float] | None = None,
) -> keras.Model:
    """Build matrix factorisation with a global mean and a bias for each user and item.

    Parameters
    ----------
    n_users, n_items, n_factors, learning_rate, seed
        As in `explicit_mf`.
    regularization : float
        As in `explicit_mf`, the squared biases included.
    global_mean : float
        The constant that biases and factors depart from: the mean rating of the train part.
    rating_range : (float, float), optional
        Squash the prediction into this range by the logistic function; biases and dot product are then
        log-odds.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Notes
    -----
    Koren, Bell and Volinsky (2009), equations 4 and 5.
    """
    build = _Builder("biased_mf", n_users, n_items, n_factors, regularization, seed, global_mean)
    if rating_range is None:
        return build.compiled(build.biased(build.dot()), learning_rate)
    low, high = rating_range
    share = min(max((global_mean - low) / (high - low), 1e-3), 1 - 1e-3)
    log_odds = build.biased(build.dot(), offset=math.log(share / (1 - share)))
    squashed = build.layers.Activation("sigmoid", name="squash")(log_odds)
    rating = build.layers.Rescaling(high - low, offset=low, name=RATING_RANGE_LAYER)(squashed)
    return build.compiled(rating, learning_rate)


def nonnegative_mf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.002,
    regularization: float = 0.1,
    seed: int = 0,
    global_mean: float = 0.0,
) -> keras.Model:
    """Build matrix factorisation with biases whose factors are never negative: they only add up.

    Parameters
    ----------
    n_users, n_items, n_factors, learning_rate, regularization, seed, global_mean
        As in `biased_mf`.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; after each step negative factors are set to 0.

    Notes
    -----
    Lee and Seung, "Learning the parts of objects by non-negative matrix factorization", Nature 401, 1999,
    for the idea; trained here by projected gradients, with the biases of Koren, Bell and Volinsky (2009).
    """
    build = _Builder("nonnegative_mf", n_users, n_items, n_factors, regularization, seed, global_mean)
    return build.compiled(build.biased(build.dot()), learning_rate)


def deep_mf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.001,
    regularization: float = 0.05,
    seed: int = 0,
    global_mean: float = 0.0,
    hidden: Sequence[int] = (32, 16),
    dropout: float = 0.5,
) -> keras.Model:
    """Build a network that sees both factor vectors and learns what to make of them.

    Parameters
    ----------
    n_users, n_items, n_factors, learning_rate, regularization, seed, global_mean
        As in `biased_mf`.
    hidden : sequence of int
        Units of the dense layers.
    dropout : float
        Share of what each dense layer gets that is left out in a training step: without it a network learns
        this many ratings by heart in a few epochs.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Notes
    -----
    The multi-layer perceptron of He et al., "Neural collaborative filtering", WWW 2017, section 3.3, for
    ratings, with biases.
    """
    build = _Builder("deep_mf", n_users, n_items, n_factors, regularization, seed, global_mean)
    both = build.layers.Concatenate(name="factors")([build.user_vector, build.item_vector])
    return build.compiled(build.biased(build.output(build.dense(both, hidden, dropout))), learning_rate)


def neural_cf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.001,
    regularization: float = 0.05,
    seed: int = 0,
    global_mean: float = 0.0,
    hidden: Sequence[int] = (32, 16),
    dropout: float = 0.5,
) -> keras.Model:
    """Build neural collaborative filtering: a weighted dot product beside a network.

    Parameters
    ----------
    n_users, n_items, n_factors, learning_rate, regularization, seed, global_mean, hidden, dropout
        As in `deep_mf`. The network has factors of its own, ``user_factors_mlp`` and ``item_factors_mlp``.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Notes
    -----
    NeuMF of He et al., "Neural collaborative filtering", WWW 2017, section 3.4, for ratings, with biases.
    """
    build = _Builder("neural_cf", n_users, n_items, n_factors, regularization, seed, global_mean)
    product = build.layers.Multiply(name="product")([build.user_vector, build.item_vector])
    user, item = build.more_vectors("mlp")
    network = build.dense(build.layers.Concatenate(name="factors")([user, item]), hidden, dropout)
    both = build.layers.Concatenate(name="both")([product, network])
    return build.compiled(build.biased(build.output(both)), learning_rate)


MODELS: dict[str, ModelKind] = {
    "biased_mf": ModelKind(biased_mf, n_factors=16, learning_rate=0.001, regularization=0.1),
    "explicit_mf": ModelKind(
        explicit_mf,
        n_factors=16,
        learning_rate=0.0005,
        regularization=0.02,
        has_biases=False,
        initial_stddev=0.1,
    ),
    "nonnegative_mf": ModelKind(
        nonnegative_mf, n_factors=16, learning_rate=0.002, regularization=0.1, is_nonnegative=True
    ),
    "deep_mf": ModelKind(
        deep_mf, n_factors=16, learning_rate=0.001, regularization=0.05, is_dot_product=False
    ),
    "neural_cf": ModelKind(
        neural_cf, n_factors=16, learning_rate=0.001, regularization=0.05, is_dot_product=False
    ),
}
"""The models that `MFExplorer(model=...)` knows by name."""


def initial_factors(
    name: str, n_users: int, n_items: int, *, n_factors: int, seed: int, global_mean: float = 0.0
) -> Factors:
    """Draw the factors that a named model starts from, without TensorFlow.

    Returns
    -------
    Factors
        Factors drawn from a normal distribution, users first; biases 0. An untrained dot product predicts
        `global_mean`, but for noise.
    """
    kind = MODELS[name]
    rng = np.random.default_rng(seed)
    center = 0.0 if kind.has_biases else math.sqrt(abs(global_mean) / n_factors)

    def draw(n: int, center: float) -> np.ndarray:
        noise = kind.initial_stddev * rng.standard_normal((n, n_factors))
        return np.asarray(np.abs(noise) if kind.is_nonnegative else center + noise, dtype=np.float32)

    return Factors(
        user_factors=draw(n_users, center),
        item_factors=draw(n_items, math.copysign(center, global_mean)),
        user_bias=np.zeros(n_users, dtype=np.float32),
        item_bias=np.zeros(n_items, dtype=np.float32),
        global_mean=float(global_mean) if kind.has_biases else 0.0,
    )


class _Builder:
    """The parts that the models are put together from, all drawn from one seed."""

    def __init__(
        self,
        name: str,
        n_users: int,
        n_items: int,
        n_factors: int,
        regularization: float,
        seed: int,
        global_mean: float,
    ) -> None:
        self._keras = load_keras()
        self.layers = self._keras.layers
        self._name = name
        self._seed = seed
        self._regularization = regularization
        self._start = initial_factors(
            name, n_users, n_items, n_factors=n_factors, seed=seed, global_mean=global_mean
        )
        self._user = self._keras.Input((1,), dtype="int32", name="user")
        self._item = self._keras.Input((1,), dtype="int32", name="item")
        self.user_vector = self._vector(self._user, "user_factors", self._start.user_factors)
        self.item_vector = self._vector(self._item, "item_factors", self._start.item_factors)

    def _vector(self, index: Any, name: str, weights: np.ndarray) -> Any:
        # An activity regularizer penalises only the rows of the batch and is averaged over it: the
        # objective of the paper. A penalty on the whole table would depend on the size of the batch.
        is_factors = weights.shape[1] > 1 or "factors" in name
        constraint = "non_neg" if MODELS[self._name].is_nonnegative and is_factors else None
        embedding = self.layers.Embedding(
            *weights.shape,
            embeddings_initializer="zeros",
            embeddings_constraint=constraint,
            activity_regularizer=self._keras.regularizers.L2(self._regularization),
            name=name,
        )
        vectors = self.layers.Flatten(name=f"{name}_flat")(embedding(index))
        embedding.set_weights([weights])
        return vectors

    def more_vectors(self, suffix: str) -> tuple[Any, Any]:
        """Give a second pair of factor vectors, drawn like the first."""
        rng = np.random.default_rng([self._seed, 1])
        drawn = []
        for index, name, like in (
            (self._user, f"user_factors_{suffix}", self._start.user_factors),
            (self._item, f"item_factors_{suffix}", self._start.item_factors),
        ):
            stddev = MODELS[self._name].initial_stddev
            weights = (stddev * rng.standard_normal(like.shape)).astype(np.float32)
            drawn.append(self._vector(index, name, weights))
        return drawn[0], drawn[1]

    def dot(self) -> Any:
        """Give the dot product of the two factor vectors, shape (batch, 1)."""
        return self.layers.Dot(axes=1, name="dot")([self.user_vector, self.item_vector])

    def biased(self, score: Any, *, offset: float | None = None) -> Any:
        """Add the biases and a constant: the global mean, where no other is given."""
        user_bias = self._vector(self._user, "user_bias", self._start.user_bias[:, None])
        item_bias = self._vector(self._item, "item_bias", self._start.item_bias[:, None])
        biased = self.layers.Add(name="biases")([score, user_bias, item_bias])
        constant = self._start.global_mean if offset is None else offset
        return self.layers.Rescaling(1.0, offset=constant, name=GLOBAL_MEAN_LAYER)(biased)

    def dense(self, vectors: Any, hidden: Sequence[int], dropout: float) -> Any:
        """Put dense layers on top."""
        for k, units in enumerate(hidden):
            seed = self._seed * 100 + k
            vectors = self.layers.Dropout(dropout, seed=seed, name=f"dropout_{k + 1}")(vectors)
            vectors = self.layers.Dense(
                units, activation="relu", kernel_initializer=self._initializer(k), name=f"hidden_{k + 1}"
            )(vectors)
        return vectors

    def output(self, vectors: Any) -> Any:
        """Give one number for a vector, shape (batch, 1)."""
        return self.layers.Dense(1, use_bias=False, kernel_initializer=self._initializer(99), name="output")(
            vectors
        )

    def _initializer(self, number: int) -> Any:
        return self._keras.initializers.GlorotUniform(seed=self._seed * 100 + number)

    def compiled(self, rating: Any, learning_rate: float) -> keras.Model:
        """Make the model and compile it."""
        model = self._keras.Model([self._user, self._item], rating, name=self._name)
        model.compile(optimizer=self._keras.optimizers.Adam(learning_rate), loss="mean_squared_error")
        # Otherwise a model saved before its first step would not load without a warning.
        model.optimizer.build(model.trainable_variables)
        return model
