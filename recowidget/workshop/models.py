# ruff: noqa: N802, the workshop's own names
"""The workshop's model, and what it has learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.backend import load_keras
from recowidget.checks import check_count
from recowidget.errors import RecowidgetError, listed, named_type, shown
from recowidget.scoring import is_model

if TYPE_CHECKING:
    import keras
    import numpy.typing as npt

_REGULARIZATION: Final = 1e-6


def ExplicitMF(n_users: int, n_items: int, n_factors: int) -> keras.Model:
    """Build the workshop's matrix factorisation: the dot product of two embeddings.

    Parameters
    ----------
    n_users, n_items, n_factors
        Sizes of the embeddings: (n_users + n_items) * n_factors parameters.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error, called as ``[user, item]``. Its embeddings start from
        Keras's own initialiser, from where it trains badly: `recowidget.models.explicit_mf` starts better.
    """
    sizes = {"n_users": n_users, "n_items": n_items, "n_factors": n_factors}
    n_users, n_items, n_factors = (check_count(name, size) for name, size in sizes.items())
    keras = load_keras()
    layers = keras.layers
    item, user = layers.Input(shape=[1], name="Item"), layers.Input(shape=[1], name="User")

    def embedded(index: Any, n: int, side: str) -> Any:
        table = layers.Embedding(
            n,
            n_factors,
            embeddings_regularizer=keras.regularizers.L2(_REGULARIZATION),
            name=f"{side}Embedding",
        )
        return layers.Flatten(name=f"Flatten{side}E")(table(index))

    vectors = [embedded(item, n_items, "Item"), embedded(user, n_users, "User")]
    rating = layers.Dot(axes=1, name="DotProduct")(vectors)
    model = keras.Model([user, item], rating, name="ExplicitMF")
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def UserEmbedding(model: keras.Model, name: str = "UserEmbedding") -> npt.NDArray[np.float32]:
    """Copy the users' embedding out of a model, shape (n_users, n_factors)."""
    return _GetEmbedding(model, name)


def ItemEmbedding(model: keras.Model, name: str = "ItemEmbedding") -> npt.NDArray[np.float32]:
    """Copy the items' embedding out of a model, shape (n_items, n_factors)."""
    return _GetEmbedding(model, name)


def _GetEmbedding(model: keras.Model, name: str) -> npt.NDArray[np.float32]:
    """Copy the weights of a layer out of a model; RecowidgetError where it has none of the name."""
    if not is_model(model):
        raise RecowidgetError(f"model must be a Keras model, not {named_type(model)}")
    names = [layer.name for layer in model.layers if layer.weights]
    if not isinstance(name, str) or name not in names:
        there = f"its layers with weights: {listed(names)}" if names else "no layer has weights"
        raise RecowidgetError(f"the model {model.name} has no embedding {shown(name)}; {there}")
    return np.asarray(model.get_layer(name).get_weights()[0])
