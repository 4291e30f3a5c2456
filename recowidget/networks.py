"""Recommender models that make more of the factors than a dot product; `recowidget.models` has them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recowidget.builder import begin

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from numpy.typing import ArrayLike


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
        As in `recowidget.models.biased_mf`.
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
    build = begin("deep_mf", n_users, n_items, n_factors, regularization, seed, global_mean, item_features)
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
        As in `recowidget.models.biased_mf`.
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
    build = begin("neural_cf", n_users, n_items, n_factors, regularization, seed, global_mean, item_features)
    product = build.layers.Multiply(name="product")([build.user_vector, build.item_vector])
    user, item = build.more_vectors("mlp")
    network = build.dense(build.layers.Concatenate(name="factors")([user, item]), hidden, dropout)
    both = build.layers.Concatenate(name="both")([product, network])
    return build.compiled(build.biased(build.output(both)), learning_rate)
