"""Which Embedding layers of a model look up its users, and which its items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.backend import load_keras
from recowidget.errors import RecowidgetError, first_line
from recowidget.feeding import Feed, says_user_first
from recowidget.tables import Tables

if TYPE_CHECKING:
    import keras

    from recowidget.fit_data import FitData

Sizes = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Lookups:
    """How a model takes users and items, and where it looks them up.

    Attributes
    ----------
    feed : Feed
    user_first : bool
        Whether the first of the data's two columns is the user's.
    users, items : dict
        Rows and columns of the Embedding layers by name.
    """

    feed: Feed
    user_first: bool
    users: Sizes
    items: Sizes

    @property
    def n_users(self) -> int:
        """Indices that every table of users has."""
        return min(rows for rows, _ in self.users.values())

    @property
    def n_items(self) -> int:
        """Indices that every table of items has."""
        return min(rows for rows, _ in self.items.values())

    @property
    def tables(self) -> Tables:
        """Factors and biases, as far as a side has one of each at most."""
        user_factors, user_bias = _factors_and_bias(self.users, "user")
        item_factors, item_bias = _factors_and_bias(self.items, "item")
        return Tables(user_factors, item_factors, user_bias, item_bias)


def find_lookups(model: keras.Model, data: FitData) -> Lookups:
    """Find out which tables a model looks its two columns up in.

    Whatever the model is built of, the gradient of a prediction tells: of an Embedding layer it has just
    the rows that were looked up. Nothing of the model's state is changed by it. Which column is the user's is
    decided by the names of the inputs, then of the data, then of the tables, then by position.

    Raises
    ------
    RecowidgetError
        If a column is looked up nowhere, or not as it is, or beyond the table; or if both are in one table.
    """
    train = data.train
    different = np.flatnonzero(train.first != train.second)
    if not len(different):
        raise RecowidgetError("its two columns are equal in every row")
    # The lowest indices: where others are beyond a table, that is said below in better words.
    row = different[np.maximum(train.first[different], train.second[different]).argmin()]
    keys = data.names if data.form == "dict" else ()
    first, second = _looked_up(
        model,
        Feed(data.form, names=keys, is_flat=data.is_flat),
        int(train.first[row]),
        int(train.second[row]),
    )
    for which, tables in (("first", first), ("second", second)):
        if not tables:
            raise RecowidgetError(f"the {which} column is looked up in no Embedding layer as it is")
    if first.keys() & second.keys():
        raise RecowidgetError("both columns are looked up in one Embedding layer")
    parts = [train] if data.test is None else [train, data.test]
    for which, tables in (("first", first), ("second", second)):
        highest = max(int(getattr(part, which).max()) for part in parts)
        for name, (rows, _) in tables.items():
            if highest >= rows:
                raise RecowidgetError(
                    f"the {which} column has the index {highest}, its Embedding layer {name} {rows:,} rows"
                )
    user_first = tells_user_first(model, data, first, second)
    if data.form == "dict":
        feed = Feed("dict", names=keys if user_first else keys[::-1], is_flat=data.is_flat)
    else:
        feed = Feed(data.form, user_first, is_flat=data.is_flat)
    return Lookups(feed, user_first, *((first, second) if user_first else (second, first)))


def tells_user_first(model: keras.Model, data: FitData, first: Sizes, second: Sizes) -> bool:
    """Whether the first column is the user's, by names of inputs, of the data and of the sides' tables."""
    inputs = [str(tensor.name) for tensor in getattr(model, "inputs", None) or ()]
    candidates = [data.names, (" ".join(first), " ".join(second))]
    if data.form == "pair" and len(inputs) == len(data.names):
        candidates.insert(0, (inputs[0], inputs[1]))
    said = (says_user_first(*names) for names in candidates)
    return next((answer for answer in said if answer is not None), True)


def _looked_up(model: keras.Model, feed: Feed, first: int, second: int) -> tuple[Sizes, Sizes]:
    import tensorflow as tf

    keras = load_keras()
    variables = model.variables
    values = [tf.identity(variable.value) for variable in variables]
    tables = {
        layer.name: (layer.weights[0], (int(layer.input_dim), int(layer.output_dim)))
        for layer in model._flatten_layers(include_self=False)  # noqa: SLF001 (as in recowidget.tables)
        if hasattr(layer, "input_dim") and hasattr(layer, "output_dim") and layer.weights
    }
    positions = {id(variable): position for position, variable in enumerate(variables)}
    watched = [values[positions[id(weight)]] for weight, _ in tables.values()]
    inputs = feed.inputs(
        *(tf.constant([[index]], tf.int32) for index in (first, second)), concatenate=tf.concat
    )
    try:
        with (
            tf.GradientTape(watch_accessed_variables=False) as tape,
            keras.StatelessScope(list(zip(variables, values, strict=True))),
        ):
            tape.watch(watched)
            output = model(inputs, training=False)
    except Exception as error:
        raise RecowidgetError(
            f"it could not be called with one user and item: {first_line(error)}"
        ) from error
    if not hasattr(output, "shape"):
        raise RecowidgetError(f"it has {len(output)} outputs, not one rating a row")
    if output.shape.num_elements() != 1:
        raise RecowidgetError(f"it gives {output.shape.num_elements():,} numbers a row, not one rating")
    gradients = tape.gradient(output, watched)
    found: tuple[Sizes, Sizes] = {}, {}
    for (name, (_, size)), gradient in zip(tables.items(), gradients, strict=True):
        rows = _rows_of(gradient)
        for side, index in zip(found, (first, second), strict=True):
            if index in rows and rows <= {first, second}:
                side[name] = size
    return found


def _rows_of(gradient: Any) -> set[int]:
    """Rows of a table that a gradient reaches."""
    if gradient is None:
        return set()
    if hasattr(gradient, "indices"):
        return set(gradient.indices.numpy().ravel().tolist())
    return set(np.flatnonzero(gradient.numpy().any(axis=1)).tolist())


def _factors_and_bias(sizes: Sizes, side: str) -> tuple[str | None, str | None]:
    own = {f"{side}_factors", f"{side}_bias"}
    if own <= sizes.keys():  # beside features of the items, in our models
        return f"{side}_factors", f"{side}_bias"
    wide = [name for name, (_, columns) in sizes.items() if columns > 1]
    narrow = [name for name, (_, columns) in sizes.items() if columns == 1]
    if not wide and len(narrow) == 1:
        return narrow[0], None
    return (wide[0] if len(wide) == 1 else None), (narrow[0] if len(narrow) == 1 else None)
