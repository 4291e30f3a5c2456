"""Where a Keras model keeps its factors and biases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recowidget.errors import RecowidgetError
from recowidget.factors import Factors

if TYPE_CHECKING:
    import keras

GLOBAL_MEAN_LAYER = "global_mean"


@dataclass(frozen=True, slots=True)
class Tables:
    """Where a model keeps its factors: names of its Embedding layers, None where it has no such table."""

    user_factors: str
    item_factors: str
    user_bias: str | None = None
    item_bias: str | None = None


def find_tables(model: keras.Model, n_users: int, n_items: int) -> Tables:
    """Find a model's tables: by this module's layer names, otherwise by the sizes of its Embedding layers.

    A table of `n_users` rows is the users', one of `n_items` rows the items'; one column is a bias.

    Raises
    ------
    RecowidgetError
        If a side has no table of factors, or more than one that fits.
    """
    embeddings: dict[str, tuple[int, int]] = {
        layer.name: (int(layer.input_dim), int(layer.output_dim))
        for layer in model.layers
        if hasattr(layer, "input_dim") and hasattr(layer, "output_dim")
    }

    def find(side: str, n: int, *, bias: bool) -> str | None:
        kind = "bias" if bias else "factors"
        own = f"{side}_{kind}"
        if own in embeddings:
            return own
        others = {f"{'item' if side == 'user' else 'user'}_{kind}" for kind in ("factors", "bias")}
        fitting = [
            name
            for name, (rows, columns) in embeddings.items()
            if rows == n and (columns == 1) == bias and name not in others
        ]
        if len(fitting) == 1:
            return fitting[0]
        if bias and not fitting:
            return None
        listed = (
            ", ".join(f"{name} {rows} x {columns}" for name, (rows, columns) in embeddings.items()) or "none"
        )
        found = "no Embedding layer" if not fitting else f"{len(fitting)} Embedding layers"
        raise RecowidgetError(
            f"the model {model.name} has {found} of {n} rows for the {side}s' {kind} "
            f"(its Embedding layers: {listed}); name the right one {own}"
        )

    user_factors = find("user", n_users, bias=False)
    item_factors = find("item", n_items, bias=False)
    if user_factors is None or item_factors is None:
        raise AssertionError("a side without factors is an error above")
    return Tables(
        user_factors, item_factors, find("user", n_users, bias=True), find("item", n_items, bias=True)
    )


def read_factors(model: keras.Model, tables: Tables) -> Factors:
    """Copy the factors out of a model."""

    def table(name: str | None, rows: int) -> np.ndarray:
        if name is None:
            return np.zeros((rows, 1), dtype=np.float32)
        return np.asarray(model.get_layer(name).get_weights()[0], dtype=np.float32)

    user_factors, item_factors = table(tables.user_factors, 0), table(tables.item_factors, 0)
    means = [layer for layer in model.layers if layer.name == GLOBAL_MEAN_LAYER]
    return Factors(
        user_factors=user_factors,
        item_factors=item_factors,
        user_bias=table(tables.user_bias, len(user_factors))[:, 0],
        item_bias=table(tables.item_bias, len(item_factors))[:, 0],
        global_mean=float(means[0].offset) if means else 0.0,
    )


def write_factors(model: keras.Model, tables: Tables, factors: Factors) -> None:
    """Put factors into a model."""
    for name, table in (
        (tables.user_factors, factors.user_factors),
        (tables.item_factors, factors.item_factors),
        (tables.user_bias, factors.user_bias[:, None]),
        (tables.item_bias, factors.item_bias[:, None]),
    ):
        if name is not None:
            model.get_layer(name).set_weights([table])


def check_dot_product(
    model: keras.Model, factors: Factors, user_idx: np.ndarray, item_idx: np.ndarray
) -> None:
    """Make sure that a model predicts just what its tables say.

    Raises
    ------
    RecowidgetError
        If it computes more than a dot product of factors plus biases.
    """
    columns = [np.asarray(user_idx)[:, None], np.asarray(item_idx)[:, None]]
    predicted = np.ravel(np.asarray(model(columns, training=False)))
    expected = factors.predict(user_idx, item_idx)
    if predicted.shape != expected.shape:
        raise RecowidgetError(
            f"the model {model.name} gives {predicted.size} values for {expected.size} (user, item) pairs; "
            "it must give one prediction a pair"
        )
    error = float(np.max(np.abs(predicted - expected), initial=0.0))
    if not error <= 1e-3 * max(1.0, float(np.max(np.abs(expected), initial=0.0))):
        raise RecowidgetError(
            f"the model {model.name} predicts {predicted[0]:.4g} where its factors and biases give "
            f"{expected[0]:.4g}: it is no dot product of user and item factors plus biases, and only such "
            "models can be shown so far"
        )
