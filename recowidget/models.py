"""Recommender models as compiled Keras models, made of stock Keras layers.

Every model is called as ``[user, item]`` with integer indices and predicts on the rating scale; a model of
implicit feedback gives log-odds. Its tables are the layers ``user_factors``, ``item_factors``, ``user_bias``
and ``item_bias``. TensorFlow and Keras are imported by the functions that build, so that importing this
module is cheap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recowidget.backend import load_keras
from recowidget.builder import Builder
from recowidget.checks import check_count, check_number, check_range
from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.negatives import N_NEGATIVES
from recowidget.tables import RATING_RANGE_LAYER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A named model: how it is built, how it starts, and the settings that train it well.

    Attributes
    ----------
    build : callable
        ``build(n_users, n_items, *, n_factors, learning_rate, regularization, seed, global_mean,
        item_features)``
    n_factors, learning_rate, regularization, epochs
        The defaults, chosen together on MovieLens latest-small.
    has_biases : bool
        Whether it has a global mean and biases beside the factors.
    is_dot_product : bool
        Whether its prediction is the dot product of its factors plus its biases.
    initial_stddev : float
        Standard deviation of the initial factors.
    is_nonnegative : bool
        Whether its factors are.
    is_implicit : bool
        Whether it is trained on implicit feedback, and not on ratings; its output is log-odds.
    """

    build: Callable[..., keras.Model]
    n_factors: int
    learning_rate: float
    regularization: float
    epochs: int = 30
    has_biases: bool = True
    is_dot_product: bool = True
    initial_stddev: float = 0.05
    is_nonnegative: bool = False
    is_implicit: bool = False


def explicit_mf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.0005,
    regularization: float = 0.02,
    seed: int = 0,
    global_mean: float = 0.0,
    item_features: ArrayLike | None = None,
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
    item_features : array_like, shape (n_items, n_features), optional
        What else is known of each item, zeros where nothing is. An item's vector (and bias, where there are
        biases) is then what it learned for itself plus what it learned for its features, a matrix times
        them: so an item without ratings is predicted by its features. What features add is regularized as
        the tables are.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Notes
    -----
    Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems", IEEE Computer
    42(8), 2009, equations 1 and 2.
    """
    build = _builder(
        "explicit_mf", n_users, n_items, n_factors, regularization, seed, global_mean, item_features
    )
    return build.compiled(build.dot(), learning_rate)


def biased_mf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.001,
    regularization: float = 0.1,
    seed: int = 0,
    global_mean: float | None = None,
    item_features: ArrayLike | None = None,
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
        The constant that biases and factors depart from: the mean rating of the train part. None: 0, or the
        middle of `rating_range`.
    item_features : array_like, optional
        As in `explicit_mf`.
    rating_range : (float, float), optional
        Squash the prediction into this range, lowest and highest rating, by the logistic function; biases
        and dot product are then log-odds.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Raises
    ------
    RecowidgetError
        If `rating_range` is no range, or `global_mean` lies outside of it.

    Notes
    -----
    Koren, Bell and Volinsky (2009), equations 4 and 5.
    """
    low, high = (0.0, 0.0) if rating_range is None else check_range("rating_range", rating_range)
    mean = (low + high) / 2 if global_mean is None else check_number("global_mean", global_mean)
    build = _builder("biased_mf", n_users, n_items, n_factors, regularization, seed, mean, item_features)
    if rating_range is None:
        return build.compiled(build.biased(build.dot()), learning_rate)
    if not low <= mean <= high:
        raise RecowidgetError(f"global_mean is {mean:g}, outside of rating_range, {low:g} to {high:g}")
    log_odds = build.biased(build.dot(), offset=_log_odds((mean - low) / (high - low)))
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
    item_features: ArrayLike | None = None,
) -> keras.Model:
    """Build matrix factorisation with biases whose factors are never negative: they only add up.

    Parameters
    ----------
    n_users, n_items, n_factors, learning_rate, regularization, seed, global_mean, item_features
        As in `biased_mf`.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; after each step negative factors are set to 0. Features
        of items must be 0 or above.

    Notes
    -----
    Lee and Seung, "Learning the parts of objects by non-negative matrix factorization", Nature 401, 1999,
    for the idea; trained here by projected gradients, with the biases of Koren, Bell and Volinsky (2009).
    """
    build = _builder(
        "nonnegative_mf", n_users, n_items, n_factors, regularization, seed, global_mean, item_features
    )
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
    item_features: ArrayLike | None = None,
    hidden: Sequence[int] = (32, 16),
    dropout: float = 0.5,
) -> keras.Model:
    """Build a network that sees both factor vectors and learns what to make of them.

    Parameters
    ----------
    n_users, n_items, n_factors, learning_rate, regularization, seed, global_mean, item_features
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
    build = _builder("deep_mf", n_users, n_items, n_factors, regularization, seed, global_mean, item_features)
    both = build.layers.Concatenate(name="factors")([build.user_vector, build.item_vector])
    return build.compiled(build.biased(build.output(build.dense(both, hidden, dropout))), learning_rate)


def neural_cf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.0005,
    regularization: float = 0.15,
    seed: int = 0,
    global_mean: float = 0.0,
    item_features: ArrayLike | None = None,
    hidden: Sequence[int] = (32, 16),
    dropout: float = 0.5,
) -> keras.Model:
    """Build neural collaborative filtering: a weighted dot product beside a network.

    Parameters
    ----------
    n_users, n_items, n_factors, learning_rate, regularization, seed, global_mean, item_features
        As in `biased_mf`.
    hidden, dropout
        As in `deep_mf`. The network has factors of its own, ``user_factors_mlp`` and ``item_factors_mlp``.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Notes
    -----
    NeuMF of He et al., "Neural collaborative filtering", WWW 2017, section 3.4, for ratings, with biases.
    """
    build = _builder(
        "neural_cf", n_users, n_items, n_factors, regularization, seed, global_mean, item_features
    )
    product = build.layers.Multiply(name="product")([build.user_vector, build.item_vector])
    user, item = build.more_vectors("mlp")
    network = build.dense(build.layers.Concatenate(name="factors")([user, item]), hidden, dropout)
    both = build.layers.Concatenate(name="both")([product, network])
    return build.compiled(build.biased(build.output(both)), learning_rate)


def implicit_mf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 16,
    learning_rate: float = 0.002,
    regularization: float = 0.01,
    seed: int = 0,
    global_mean: float = 1 / (1 + N_NEGATIVES),
    item_features: ArrayLike | None = None,
) -> keras.Model:
    """Build logistic matrix factorisation for implicit feedback: how likely it is that a user takes an item.

    It is trained on what users took (target 1) and on items that they didn't (target 0), which a `Run`
    draws anew each epoch.

    Parameters
    ----------
    n_users, n_items, n_factors, learning_rate, regularization, seed, item_features
        As in `biased_mf`.
    global_mean : float
        From 0 to 1: the mean of what it is trained on, that is, the share of the positives.

    Returns
    -------
    keras.Model
        Compiled with Adam and binary cross-entropy; inputs ``[user, item]``, output shape (batch, 1): the
        log-odds, ``log(p / (1 - p))``, of dot product, biases and constant.

    Notes
    -----
    Johnson, "Logistic matrix factorization for implicit feedback data", NIPS 2014 workshop on distributed
    machine learning, equations 1 and 2, with negatives drawn rather than all pairs.
    """
    build = _builder(
        "implicit_mf", n_users, n_items, n_factors, regularization, seed, global_mean, item_features
    )
    loss = load_keras().losses.BinaryCrossentropy(from_logits=True)
    return build.compiled(build.biased(build.dot()), learning_rate, loss=loss)


MODELS: dict[str, ModelKind] = {
    "biased_mf": ModelKind(biased_mf, n_factors=16, learning_rate=0.001, regularization=0.1),
    "explicit_mf": ModelKind(
        explicit_mf,
        n_factors=16,
        learning_rate=0.0005,
        regularization=0.02,
        epochs=15,
        has_biases=False,
        initial_stddev=0.1,
    ),
    "nonnegative_mf": ModelKind(
        nonnegative_mf, n_factors=16, learning_rate=0.002, regularization=0.1, epochs=20, is_nonnegative=True
    ),
    "deep_mf": ModelKind(
        deep_mf, n_factors=16, learning_rate=0.001, regularization=0.05, epochs=15, is_dot_product=False
    ),
    "neural_cf": ModelKind(
        neural_cf, n_factors=16, learning_rate=0.0005, regularization=0.15, epochs=15, is_dot_product=False
    ),
    "implicit_mf": ModelKind(
        implicit_mf, n_factors=16, learning_rate=0.002, regularization=0.01, epochs=20, is_implicit=True
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
        `global_mean`, but for noise; of a model of implicit feedback it is a probability.
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
        global_mean=_constant(kind, float(global_mean)),
        rating_range=(0.0, 1.0) if kind.is_implicit else None,
    )


def _constant(kind: ModelKind, global_mean: float) -> float:
    if kind.is_implicit:
        return _log_odds(global_mean)
    return global_mean if kind.has_biases else 0.0


def _log_odds(share: float) -> float:
    inside = min(max(share, 1e-3), 1 - 1e-3)
    return math.log(inside / (1 - inside))


def _builder(
    name: str,
    n_users: int,
    n_items: int,
    n_factors: int,
    regularization: float,
    seed: int,
    global_mean: float,
    item_features: ArrayLike | None,
) -> Builder:
    kind = MODELS[name]
    number = check_count("seed", seed, least=0)
    start = initial_factors(
        name,
        check_count("n_users", n_users),
        check_count("n_items", n_items),
        n_factors=check_count("n_factors", n_factors),
        seed=number,
        global_mean=check_number("global_mean", global_mean),
    )
    return Builder(
        name,
        start,
        initial_stddev=kind.initial_stddev,
        regularization=check_number("regularization", regularization, least=0),
        seed=number,
        is_nonnegative=kind.is_nonnegative,
        item_features=item_features,
    )
