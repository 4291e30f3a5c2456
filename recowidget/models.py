"""Recommender models as compiled Keras models, made of stock Keras layers.

Every model is called as ``[user, item]`` with integer indices and predicts on the rating scale; a model of
implicit feedback gives log-odds. Its tables are the layers ``user_factors``, ``item_factors``, ``user_bias``
and ``item_bias``. TensorFlow and Keras are imported by the functions that build, so that importing this
module is cheap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from inspect import signature
from typing import TYPE_CHECKING

from recowidget.backend import load_keras
from recowidget.builder import Builder, begin
from recowidget.checks import check_number, check_range
from recowidget.errors import RecowidgetError
from recowidget.negatives import N_NEGATIVES
from recowidget.networks import deep_mf, neural_cf
from recowidget.samples import N_SAMPLES, SampledFactors
from recowidget.starts import STARTS, Start, initial_factors, log_odds
from recowidget.tables import RATING_RANGE_LAYER

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import ArrayLike

__all__ = [
    "MODELS",
    "ModelKind",
    "Recipe",
    "bayesian_mf",
    "biased_mf",
    "deep_mf",
    "explicit_mf",
    "implicit_mf",
    "initial_factors",
    "neural_cf",
    "nonnegative_mf",
]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings that train a model well together, chosen on MovieLens latest-small and 100K.

    `learning_rate` and `regularization` are None where the engine has none.
    """

    n_factors: int
    epochs: int
    learning_rate: float | None = None
    regularization: float | None = None


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
    start : Start
        How its factors begin.
    recipes : dict of Recipe
        By name the engines of its own that can train it beside Keras, with their defaults; the first is the
        one that is taken.
    is_sampled : bool
        Whether it is only sampled, and can't be trained by Keras.
    is_dot_product : bool
        Whether its prediction is the dot product of its factors plus its biases.
    """

    build: Callable[..., keras.Model]
    n_factors: int
    learning_rate: float
    regularization: float
    start: Start
    epochs: int = 30
    recipes: dict[str, Recipe] = field(default_factory=dict)
    is_sampled: bool = False
    is_dot_product: bool = True

    @property
    def is_implicit(self) -> bool:
        """Whether it is trained on implicit feedback, and not on ratings; its output is log-odds."""
        return self.start.is_implicit


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
    build = begin(
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
    build = begin("biased_mf", n_users, n_items, n_factors, regularization, seed, mean, item_features)
    if rating_range is None:
        return build.compiled(build.biased(build.dot()), learning_rate)
    if not low <= mean <= high:
        raise RecowidgetError(f"global_mean is {mean:g}, outside of rating_range, {low:g} to {high:g}")
    sums = build.biased(build.dot(), offset=log_odds((mean - low) / (high - low)))
    squashed = build.layers.Activation("sigmoid", name="squash")(sums)
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
    build = begin(
        "nonnegative_mf", n_users, n_items, n_factors, regularization, seed, global_mean, item_features
    )
    return build.compiled(build.biased(build.dot()), learning_rate)


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
    is_logistic: bool = True,
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
    is_logistic : bool
        Otherwise the output is the dot product alone, from 0 to 1 where it is right, trained on its squared
        error: what alternating least squares fits.

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
    build = begin(
        "implicit_mf", n_users, n_items, n_factors, regularization, seed, global_mean, item_features
    )
    if not is_logistic:
        return build.compiled(build.dot(), learning_rate)
    loss = load_keras().losses.BinaryCrossentropy(from_logits=True)
    return build.compiled(build.biased(build.dot()), learning_rate, loss=loss)


def bayesian_mf(
    n_users: int,
    n_items: int,
    *,
    n_factors: int = 12,
    n_samples: int = N_SAMPLES,
    learning_rate: float = 0.001,
    regularization: float = 0.0,
    seed: int = 0,
    global_mean: float = 0.0,
) -> keras.Model:
    """Build Bayesian matrix factorisation: `biased_mf` with room for many samples of its factors.

    The engine "gibbs" draws the samples; they stand side by side, scaled so that their one dot product is the
    mean of their predictions. Before that, all samples but the first are zeros.

    Parameters
    ----------
    n_users, n_items, seed, global_mean
        As in `biased_mf`.
    n_factors : int
        Of a sample.
    n_samples : int
        Kept at most. The tables have so many times `n_factors` columns.
    learning_rate, regularization : float
        As in `biased_mf`, for those who train it further with Keras.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Notes
    -----
    Salakhutdinov and Mnih, "Bayesian probabilistic matrix factorization using Markov chain Monte Carlo", ICML
    2008.
    """
    name = "bayesian_mf"
    start = initial_factors(name, n_users, n_items, n_factors=n_factors, seed=seed, global_mean=global_mean)
    build = Builder(
        name,
        SampledFactors((start,), noise=1.0).joined(n_samples),
        initial_stddev=STARTS[name].initial_stddev,
        regularization=regularization,
        seed=seed,
    )
    return build.compiled(build.biased(build.dot()), learning_rate)


def _kind(
    build: Callable[..., keras.Model],
    epochs: int = 30,
    recipes: dict[str, Recipe] | None = None,
    *,
    is_sampled: bool = False,
    is_dot_product: bool = True,
) -> ModelKind:
    """Describe a model, whose defaults are those of the function that builds it."""
    given = signature(build).parameters
    n_factors, learning_rate, regularization = (
        given[name].default for name in ("n_factors", "learning_rate", "regularization")
    )
    return ModelKind(
        build,
        n_factors,
        learning_rate,
        regularization,
        STARTS[build.__name__],
        epochs,
        recipes or {},
        is_sampled,
        is_dot_product,
    )


MODELS: dict[str, ModelKind] = {
    "biased_mf": _kind(
        biased_mf,
        recipes={
            "sgd": Recipe(n_factors=30, epochs=25, learning_rate=0.08, regularization=0.095),
            "als": Recipe(n_factors=16, epochs=15, regularization=0.15),
        },
    ),
    "explicit_mf": _kind(
        explicit_mf,
        epochs=15,
        recipes={
            "sgd": Recipe(n_factors=30, epochs=25, learning_rate=0.06, regularization=0.08),
            "als": Recipe(n_factors=16, epochs=15, regularization=0.1),
        },
    ),
    "nonnegative_mf": _kind(
        nonnegative_mf,
        epochs=20,
        recipes={"sgd": Recipe(n_factors=30, epochs=25, learning_rate=0.08, regularization=0.03)},
    ),
    "deep_mf": _kind(deep_mf, epochs=15, is_dot_product=False),
    "neural_cf": _kind(neural_cf, epochs=15, is_dot_product=False),
    "implicit_mf": _kind(
        implicit_mf,
        epochs=20,
        recipes={"als": Recipe(n_factors=32, epochs=15, regularization=0.012)},
    ),
    "bayesian_mf": _kind(bayesian_mf, recipes={"gibbs": Recipe(n_factors=12, epochs=130)}, is_sampled=True),
}
"""The models that `MFExplorer(model=...)` knows by name."""
