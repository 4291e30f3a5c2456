"""Where a Keras model keeps its factors and biases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.feeding import ITEM_WORDS, USER_WORDS

if TYPE_CHECKING:
    import keras

GLOBAL_MEAN_LAYER = "global_mean"
RATING_RANGE_LAYER = "rating_range"
ITEM_FEATURES_LAYER = "item_features"
OF_FEATURES = "_of_features"
"""After a table's name: the Dense layer that says what the items' features add to it."""
OWN_NAMES = ("user_factors", "item_factors", "user_bias", "item_bias")


@dataclass(frozen=True, slots=True)
class Tables:
    """Where a model keeps its factors: names of its Embedding layers, None where it has no such table."""

    user_factors: str | None = None
    item_factors: str | None = None
    user_bias: str | None = None
    item_bias: str | None = None


def find_tables(
    model: keras.Model,
    n_users: int,
    n_items: int,
    *,
    user_embedding: str | None = None,
    item_embedding: str | None = None,
) -> Tables:
    """Find a model's tables: by the names of our layers, otherwise by the sizes of its Embedding layers.

    A table of `n_users` rows is the users', one of `n_items` rows the items'; one column is a bias. Where
    several fit, a name that says which side it is of decides.

    Parameters
    ----------
    model
    n_users, n_items
    user_embedding, item_embedding
        Names of the layers whose rows are the factors, where they can't be found so.

    Raises
    ------
    RecowidgetError
        If several may hold the factors of a side all the same, or there is no layer of a given name; the
        message lists those that there are.
    """
    sizes = table_sizes(model)
    named = {"user": user_embedding, "item": item_embedding}
    for side, name in named.items():
        if name is not None and name not in sizes:
            raise RecowidgetError(
                f'the model {model.name} has no Embedding layer "{name}", which {side}_embedding names '
                f"(its Embedding layers: {in_words(sizes)})"
            )
    found: dict[str, str | None] = {}
    for side, rows, words in (("user", n_users, USER_WORDS), ("item", n_items, ITEM_WORDS)):
        fitting = _fitting(sizes, f"{side}_factors", rows, words, is_bias=False)
        if named[side] is None and len(fitting) > 1:
            raise RecowidgetError(
                f"the model {model.name} has {len(fitting)} Embedding layers of {rows} rows that may be the "
                f"{side}s' factors (its Embedding layers: {in_words(sizes)}); name the right one, as "
                f'{side}_embedding="{fitting[0]}"'
            )
        found[f"{side}_factors"] = named[side] or (fitting[0] if fitting else None)
        biases = _fitting(sizes, f"{side}_bias", rows, words, is_bias=True)
        found[f"{side}_bias"] = biases[0] if len(biases) == 1 else None
    return Tables(**found)


def table_sizes(model: keras.Model) -> dict[str, tuple[int, int]]:
    """Give the rows and columns of a model's Embedding layers, nested ones included, by name.

    A frozen one of given features is none of them.
    """
    return {
        layer.name: (int(layer.input_dim), int(layer.output_dim))
        for layer in model._flatten_layers(include_self=False)  # noqa: SLF001 (nested layers have no other list)
        if hasattr(layer, "input_dim")
        and hasattr(layer, "output_dim")
        and (layer.name != ITEM_FEATURES_LAYER or layer.trainable)
    }


def in_words(sizes: dict[str, tuple[int, int]]) -> str:
    """List Embedding layers with their sizes."""
    return ", ".join(f"{name} {rows} x {columns}" for name, (rows, columns) in sizes.items()) or "none"


def _fitting(
    sizes: dict[str, tuple[int, int]], own: str, rows: int, words: tuple[str, ...], *, is_bias: bool
) -> list[str]:
    """Give the names of the tables that may be the one wanted: one only, where that can be told."""
    if own in sizes:
        return [own]
    fitting = [
        name
        for name, (size, columns) in sizes.items()
        if size == rows and (columns == 1) == is_bias and name not in OWN_NAMES
    ]
    telling = [name for name in fitting if any(word in name.lower() for word in words)]
    return telling if len(telling) == 1 else fitting


def squashed_range(model: keras.Model) -> tuple[float, float] | None:
    """Give the range that one of our models squashes its ratings into; None where it doesn't."""
    for layer in model.layers:
        if layer.name == RATING_RANGE_LAYER:
            return float(layer.offset), float(layer.offset + layer.scale)
    return None


def _layer(model: keras.Model, name: str) -> keras.layers.Layer:
    layers = model._flatten_layers(include_self=False)  # noqa: SLF001
    return next(layer for layer in layers if layer.name == name)


def read_table(model: keras.Model, name: str) -> np.ndarray:
    """Copy what the model takes for a table: its Embedding, and what features of the items add to it.

    Returns
    -------
    ndarray of float32
        Shape (rows, columns).
    """
    table = np.asarray(_layer(model, name).get_weights()[0], dtype=np.float32)
    added = _of_features(model, name)
    return table if added is None else table + added


def _of_features(model: keras.Model, name: str) -> np.ndarray | None:
    names = {layer.name for layer in model.layers}
    if not {ITEM_FEATURES_LAYER, name + OF_FEATURES} <= names:
        return None
    features, kernel = (
        model.get_layer(layer).get_weights()[0] for layer in (ITEM_FEATURES_LAYER, name + OF_FEATURES)
    )
    return np.asarray(features @ kernel, dtype=np.float32)


def read_factors(
    model: keras.Model, tables: Tables, rating_range: tuple[float, float] | None = None
) -> Factors | None:
    """Copy the factors out of a model, as it multiplies them; None where a side has none."""
    if tables.user_factors is None or tables.item_factors is None:
        return None
    user_factors = read_table(model, tables.user_factors)
    item_factors = read_table(model, tables.item_factors)

    def bias(name: str | None, rows: int) -> np.ndarray:
        return np.zeros(rows, dtype=np.float32) if name is None else read_table(model, name)[:, 0]

    means = [layer for layer in model.layers if layer.name == GLOBAL_MEAN_LAYER]
    return Factors(
        user_factors=user_factors,
        item_factors=item_factors,
        user_bias=bias(tables.user_bias, len(user_factors)),
        item_bias=bias(tables.item_bias, len(item_factors)),
        global_mean=float(means[0].offset) if means else 0.0,
        rating_range=rating_range,
    )


def write_factors(model: keras.Model, tables: Tables, factors: Factors) -> None:
    """Put factors into a model.

    What features of the items add stays what it is in the model: their tables take up the rest.
    """
    for name, table in (
        (tables.user_factors, factors.user_factors),
        (tables.item_factors, factors.item_factors),
        (tables.user_bias, factors.user_bias[:, None]),
        (tables.item_bias, factors.item_bias[:, None]),
    ):
        if name is not None:
            added = _of_features(model, name)
            _layer(model, name).set_weights([table if added is None else table - added])


def predicts_as(
    factors: Factors | None, predictions: np.ndarray, user_idx: np.ndarray, item_idx: np.ndarray
) -> bool:
    """Whether a model's predictions of some pairs are just what its tables say."""
    if factors is None or factors.user_factors.shape[1] != factors.item_factors.shape[1]:
        return False
    expected = factors.predict(user_idx, item_idx)
    tolerance = 1e-3 * max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    return bool(np.allclose(predictions, expected, rtol=0, atol=tolerance))
