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

    Values = dict[int, np.ndarray]

GLOBAL_MEAN_LAYER = "global_mean"
RATING_RANGE_LAYER = "rating_range"
ITEM_FEATURES_LAYER = "item_features"
OF_FEATURES = "_of_features"
"""After a table's name: the Dense layer that says what the items' features add to it."""
_WORDS = {"user": USER_WORDS, "item": ITEM_WORDS}
OWN_NAMES = ("user_factors", "item_factors", "user_bias", "item_bias")


@dataclass(frozen=True, slots=True)
class Tables:
    """Where a model keeps its factors: names of its Embedding layers, None where it has no such table."""

    user_factors: str | None = None
    item_factors: str | None = None
    user_bias: str | None = None
    item_bias: str | None = None


OWN_TABLES = {
    True: Tables(*OWN_NAMES),
    False: Tables(*OWN_NAMES[:2]),
}
"""Those of our models, by whether they have biases."""


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
    rows = {"user": n_users, "item": n_items}
    named = {"user": user_embedding, "item": item_embedding}
    _check_named(model.name, sizes, rows, named)
    fitting = {
        side: [name] if name else _fitting(sizes, f"{side}_factors", rows[side], _WORDS[side], is_bias=False)
        for side, name in named.items()
    }
    for side, other in (("user", "item"), ("item", "user")):
        if len(fitting[side]) == 1:
            fitting[other] = [name for name in fitting[other] if name != fitting[side][0]]
    for side, names in fitting.items():
        if len(names) > 1:
            raise RecowidgetError(
                f"the model {model.name} has {len(names)} Embedding layers of {rows[side]} rows that may be "
                f"the {side}s' factors (its Embedding layers: {in_words(sizes)}); name the right one, as "
                f'{side}_embedding="{names[0]}"'
            )
    found: dict[str, str | None] = {}
    for side, names in fitting.items():
        biases = _fitting(sizes, f"{side}_bias", rows[side], _WORDS[side], is_bias=True)
        factors, bias = (one[0] if len(one) == 1 else None for one in (names, biases))
        if factors is None:  # a table of one column alone holds a single factor
            factors, bias = bias, None
        found |= {f"{side}_factors": factors, f"{side}_bias": bias}
    return Tables(**found)


def _check_named(
    model: str, sizes: dict[str, tuple[int, int]], rows: dict[str, int], named: dict[str, str | None]
) -> None:
    for side, name in named.items():
        if name is None:
            continue
        if name not in sizes:
            raise RecowidgetError(
                f'the model {model} has no Embedding layer "{name}", which {side}_embedding names '
                f"(its Embedding layers: {in_words(sizes)})"
            )
        if sizes[name][0] < rows[side]:
            raise RecowidgetError(
                f'"{name}", which {side}_embedding names, has {sizes[name][0]:,} rows, and there are '
                f"{rows[side]:,} {side}s (the Embedding layers of {model}: {in_words(sizes)})"
            )
    if named["user"] is not None and named["user"] == named["item"]:
        raise RecowidgetError(f'user_embedding and item_embedding both name "{named["user"]}"; name one each')


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
        if layer.name == RATING_RANGE_LAYER and hasattr(layer, "offset"):
            return float(layer.offset), float(layer.offset + layer.scale)
    return None


def layer_called(model: keras.Model, name: str) -> keras.layers.Layer:
    """Give the layer of a name, nested ones included."""
    layers = model._flatten_layers(include_self=False)  # noqa: SLF001
    return next(layer for layer in layers if layer.name == name)


def read_table(model: keras.Model, name: str, values: Values | None = None) -> np.ndarray:
    """Copy what the model takes for a table: its Embedding, and what features of the items add to it.

    Parameters
    ----------
    model
    name
    values
        What its variables are taken to have, by their `id`; otherwise what they have.

    Returns
    -------
    ndarray of float32
        Shape (rows, columns).
    """
    table = _weights_of(layer_called(model, name), values)
    added = _of_features(model, name, values)
    return table if added is None else table + added


def _weights_of(layer: keras.layers.Layer, values: Values | None) -> np.ndarray:
    variable = layer.weights[0]
    value = variable.numpy() if values is None else values[id(variable)]
    return np.array(value, dtype=np.float32)


def _of_features(model: keras.Model, name: str, values: Values | None = None) -> np.ndarray | None:
    names = {layer.name for layer in model.layers}
    if not {ITEM_FEATURES_LAYER, name + OF_FEATURES} <= names:
        return None
    features, kernel = (
        _weights_of(model.get_layer(layer), values) for layer in (ITEM_FEATURES_LAYER, name + OF_FEATURES)
    )
    return np.asarray(features @ kernel, dtype=np.float32)


def read_factors(
    model: keras.Model,
    tables: Tables,
    rating_range: tuple[float, float] | None = None,
    values: Values | None = None,
) -> Factors | None:
    """Copy the factors out of a model, as it multiplies them; None where a side has none."""
    if tables.user_factors is None or tables.item_factors is None:
        return None
    user_factors = read_table(model, tables.user_factors, values)
    item_factors = read_table(model, tables.item_factors, values)

    def bias(name: str | None, rows: int) -> np.ndarray:
        return np.zeros(rows, dtype=np.float32) if name is None else read_table(model, name, values)[:, 0]

    means = [layer for layer in model.layers if layer.name == GLOBAL_MEAN_LAYER and hasattr(layer, "offset")]
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
            layer_called(model, name).set_weights([table if added is None else table - added])


def predicts_as(
    factors: Factors | None, predictions: np.ndarray, user_idx: np.ndarray, item_idx: np.ndarray
) -> bool:
    """Whether a model's predictions of some pairs are just what its tables say."""
    if factors is None or factors.user_factors.shape[1] != factors.item_factors.shape[1]:
        return False
    expected = factors.predict(user_idx, item_idx)
    tolerance = 1e-4 * max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    return bool(np.allclose(predictions, expected, rtol=0, atol=tolerance))
