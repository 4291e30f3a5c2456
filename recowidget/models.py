"""Matrix factorisations as compiled Keras models, made of stock Keras layers.

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
from recowidget.tables import GLOBAL_MEAN_LAYER

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A named model: how it is built, how it starts, and the settings that train it well.

    Attributes
    ----------
    build : callable
        ``build(n_users, n_items, *, n_factors, learning_rate, regularization, seed, ...)``
    has_biases : bool
        Whether it has a global mean and biases beside the factors.
    initial_stddev : float
        Standard deviation of the initial factors.
    n_factors, learning_rate, regularization
        The defaults, chosen together on MovieLens latest-small.
    """

    build: Callable[..., keras.Model]
    has_biases: bool
    initial_stddev: float
    n_factors: int
    learning_rate: float
    regularization: float


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
    return _build(
        "explicit_mf", n_users, n_items, n_factors, learning_rate, regularization, seed, global_mean
    )


def biased_mf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.001,
    regularization: float = 0.1,
    seed: int = 0,
    global_mean: float = 0.0,
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

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Notes
    -----
    Koren, Bell and Volinsky (2009), equations 4 and 5.
    """
    return _build("biased_mf", n_users, n_items, n_factors, learning_rate, regularization, seed, global_mean)


MODELS: dict[str, ModelKind] = {
    "biased_mf": ModelKind(
        biased_mf,
        has_biases=True,
        initial_stddev=0.05,
        n_factors=16,
        learning_rate=0.001,
        regularization=0.1,
    ),
    "explicit_mf": ModelKind(
        explicit_mf,
        has_biases=False,
        initial_stddev=0.1,
        n_factors=16,
        learning_rate=0.0005,
        regularization=0.02,
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
        Factors drawn from a normal distribution, users first; biases 0. The untrained model predicts
        `global_mean`, but for noise.
    """
    kind = MODELS[name]
    rng = np.random.default_rng(seed)
    center = 0.0 if kind.has_biases else math.sqrt(abs(global_mean) / n_factors)

    def draw(n: int, center: float) -> np.ndarray:
        return (center + kind.initial_stddev * rng.standard_normal((n, n_factors))).astype(np.float32)

    return Factors(
        user_factors=draw(n_users, center),
        item_factors=draw(n_items, math.copysign(center, global_mean)),
        user_bias=np.zeros(n_users, dtype=np.float32),
        item_bias=np.zeros(n_items, dtype=np.float32),
        global_mean=float(global_mean) if kind.has_biases else 0.0,
    )


def _build(
    name: str,
    n_users: int,
    n_items: int,
    n_factors: int,
    learning_rate: float,
    regularization: float,
    seed: int,
    global_mean: float,
) -> keras.Model:
    keras = load_keras()
    start = initial_factors(name, n_users, n_items, n_factors=n_factors, seed=seed, global_mean=global_mean)
    user = keras.Input((1,), dtype="int32", name="user")
    item = keras.Input((1,), dtype="int32", name="item")

    def table(index: Any, layer: str, weights: np.ndarray) -> Any:
        # An activity regularizer penalises only the rows of the batch and is averaged over it: the
        # objective of the paper. A penalty on the whole table would depend on the size of the batch.
        embedding = keras.layers.Embedding(
            *weights.shape,
            embeddings_initializer="zeros",
            activity_regularizer=keras.regularizers.L2(regularization),
            name=layer,
        )
        vectors = keras.layers.Flatten(name=f"{layer}_flat")(embedding(index))
        embedding.set_weights([weights])
        return vectors

    rating = keras.layers.Dot(axes=1, name="dot")(
        [table(user, "user_factors", start.user_factors), table(item, "item_factors", start.item_factors)]
    )
    if MODELS[name].has_biases:
        user_bias = table(user, "user_bias", start.user_bias[:, None])
        item_bias = table(item, "item_bias", start.item_bias[:, None])
        biased = keras.layers.Add(name="biases")([rating, user_bias, item_bias])
        rating = keras.layers.Rescaling(1.0, offset=start.global_mean, name=GLOBAL_MEAN_LAYER)(biased)
    model = keras.Model([user, item], rating, name=name)
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mean_squared_error")
    # Otherwise a model saved before its first step would not load without a warning.
    model.optimizer.build(model.trainable_variables)
    return model
