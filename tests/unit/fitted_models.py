"""Small recommenders as people build them, each with what its ``fit`` takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recowidget.backend import load_keras
from recowidget.workshop import ExplicitMF

if TYPE_CHECKING:
    from collections.abc import Callable

N_USERS, N_ITEMS, N_RATINGS = 9, 7, 40
keras = load_keras()
layers = keras.layers

_rng = np.random.default_rng(0)
USERS = np.r_[_rng.integers(0, N_USERS, N_RATINGS - 2), N_USERS - 1, 0]
ITEMS = np.r_[_rng.integers(0, N_ITEMS, N_RATINGS - 2), 0, N_ITEMS - 1]
RATINGS = _rng.integers(1, 6, N_RATINGS).astype(np.float32)
FRAME = pd.DataFrame({"USER": USERS, "ITEM": ITEMS, "RATING": RATINGS})


@dataclass
class Case:
    """A model and the arguments of its `fit`."""

    build: Callable[[], Any]
    x: Any
    is_dot_product: bool = False
    first_epoch: int = 0
    """The first that is measured."""


def compiled(model: Any, loss: Any = "mse", **settings: Any) -> Any:
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, **settings)
    return model


def embedded(index: Any, rows: int, columns: int = 4, name: str | None = None) -> Any:
    return layers.Flatten()(layers.Embedding(rows, columns, name=name)(index))


def on_top(user: Any, item: Any) -> Any:
    both = layers.Concatenate()([embedded(user, N_USERS), embedded(item, N_ITEMS)])
    return layers.Dense(1)(layers.Dropout(0.2)(layers.Dense(8, activation="relu")(both)))


def pair(first: str = "user", second: str = "item") -> Any:
    inputs = [keras.Input((1,), name=name) for name in (first, second)]
    return compiled(keras.Model(inputs, on_top(*inputs)))


def items_first() -> Any:
    """Only the names of its Embedding layers tell which is which."""
    a, b = keras.Input((1,)), keras.Input((1,))
    dot = layers.Dot(1)([embedded(a, N_ITEMS, name="films"), embedded(b, N_USERS, name="viewers")])
    return compiled(keras.Model([a, b], dot))


def dictionary() -> Any:
    inputs = {"film": keras.Input((1,), name="film"), "viewer": keras.Input((1,), name="viewer")}
    return compiled(keras.Model(inputs, on_top(inputs["viewer"], inputs["film"])))


def columns() -> Any:
    both = keras.Input((2,), dtype="int32")
    return compiled(keras.Model(both, on_top(both[:, :1], both[:, 1:])))


def sequential() -> Any:
    """One Embedding of users and one of items, side by side in a Sequential."""

    class Dot(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.users, self.items = layers.Embedding(N_USERS, 3), layers.Embedding(N_ITEMS, 3)

        def build(self, shape: Any) -> None:
            self.users.build(shape)
            self.items.build(shape)
            super().build(shape)

        def call(self, both: Any) -> Any:
            return keras.ops.sum(self.users(both[:, 0]) * self.items(both[:, 1]), axis=1, keepdims=True)

    return compiled(keras.Sequential([Dot()]))


class Subclassed(keras.Model):  # type: ignore[misc]
    """Biases and a dot product of vectors, shape (n,), with a state of its own in training."""

    def __init__(self) -> None:
        super().__init__()
        self.user_table, self.item_table = layers.Embedding(N_USERS, 4), layers.Embedding(N_ITEMS, 4)
        self.bias = layers.Embedding(N_ITEMS, 1)
        self.dropout = layers.Dropout(0.3)

    def call(self, inputs: Any, training: bool | None = None) -> Any:  # noqa: FBT001 (as Keras calls it)
        user, item = inputs
        u = self.dropout(self.user_table(user), training=training)
        return keras.ops.sum(u * self.item_table(item), axis=1, keepdims=True) + self.bias(item)


CASES = {
    "workshop": Case(lambda: ExplicitMF(N_USERS, N_ITEMS, 2), [FRAME.USER, FRAME.ITEM], is_dot_product=True),
    "pair": Case(pair, [USERS, ITEMS]),
    "columns-of-one": Case(pair, (USERS[:, None], ITEMS[:, None].astype("float32"))),
    "items-first": Case(items_first, [ITEMS, USERS], is_dot_product=True),
    "swapped-names": Case(lambda: pair("a", "b"), [FRAME.USER, FRAME.ITEM]),
    "dict": Case(dictionary, {"film": ITEMS, "viewer": USERS}),
    "width-two": Case(columns, np.column_stack([USERS, ITEMS])),
    "frame": Case(columns, FRAME[["USER", "ITEM"]]),
    "sequential": Case(sequential, np.column_stack([USERS, ITEMS]), is_dot_product=True, first_epoch=1),
    "subclassed": Case(lambda: compiled(Subclassed()), [USERS, ITEMS], is_dot_product=True, first_epoch=1),
}


def fit(model: Any, x: Any, y: Any = RATINGS, **settings: Any) -> Any:
    """Train as a notebook would, in silence."""
    return model.fit(x, y, **{"epochs": 2, "batch_size": 8, "verbose": 0, **settings})
