"""Matrix factorisations as compiled Keras models, made of stock Keras layers.

Every model is called as ``[user, item]`` with integer indices and predicts on the rating scale. Its tables
are the layers ``user_factors``, ``item_factors``, ``user_bias`` and ``item_bias``. TensorFlow and Keras are
imported by the functions that build, so that importing this module is cheap.
"""

from __future__ import annotations

import math
import os
import re
import signal
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.errors import RecowidgetError
from recowidget.factors import Factors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, ModuleType

    import keras

GLOBAL_MEAN_LAYER = "global_mean"


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
    learning_rate: float = 0.002,
    regularization: float = 0.05,
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
        ``global_mean / n_factors``.

    Returns
    -------
    keras.Model
        Compiled with Adam and mean squared error; inputs ``[user, item]``, output shape (batch, 1).

    Notes
    -----
    Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems", IEEE Computer
    42(8), 2009, equations 1 and 2.
    """
    return _build("explicit_mf", n_users, n_items, n_factors, learning_rate, regularization, seed, global_mean)


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
    "biased_mf": ModelKind(biased_mf, True, 0.05, 16, 0.001, 0.1),
    "explicit_mf": ModelKind(explicit_mf, False, 0.1, 16, 0.002, 0.05),
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
    center = 0.0 if kind.has_biases else math.sqrt(max(global_mean, 0.0) / n_factors)

    def draw(n: int) -> np.ndarray:
        return (center + kind.initial_stddev * rng.standard_normal((n, n_factors))).astype(np.float32)

    return Factors(
        user_factors=draw(n_users),
        item_factors=draw(n_items),
        user_bias=np.zeros(n_users, dtype=np.float32),
        item_bias=np.zeros(n_items, dtype=np.float32),
        global_mean=float(global_mean) if kind.has_biases else 0.0,
    )


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
    embeddings = {
        layer.name: (int(layer.input_dim), int(layer.output_dim))
        for layer in model.layers
        if hasattr(layer, "input_dim") and hasattr(layer, "output_dim")
    }

    def find(side: str, n: int, *, bias: bool) -> str | None:
        own = f"{side}_{'bias' if bias else 'factors'}"
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
        listed = ", ".join(f"{name} {rows} x {columns}" for name, (rows, columns) in embeddings.items()) or "none"
        raise RecowidgetError(
            f"the model {model.name} has {len(fitting) or 'no'} Embedding layer{'s' if len(fitting) > 1 else ''} "
            f"of {n} rows for the {side}s' {'bias' if bias else 'factors'} (its Embedding layers: {listed}); "
            f"name the right one {own}"
        )

    user_factors = find("user", n_users, bias=False)
    item_factors = find("item", n_items, bias=False)
    if user_factors is None or item_factors is None:
        raise AssertionError("a side without factors is an error above")
    return Tables(user_factors, item_factors, find("user", n_users, bias=True), find("item", n_items, bias=True))


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
            f"the model {model.name} predicts {predicted[0]:.4g} where its factors and biases give {expected[0]:.4g}: "
            "it is not a dot product of user and item factors plus biases, and only those can be shown so far"
        )


def is_model(candidate: object) -> bool:
    """Whether `candidate` is a Keras model; imports nothing, since where there is one Keras is loaded."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(candidate, keras.Model)


def load_keras() -> ModuleType:
    """Import TensorFlow and Keras, with TensorFlow's start-up messages off.

    Called on the main thread only: an import on another thread fails where the main thread imports Keras at
    the same time. An interrupt that comes during the import takes effect after it, since a half-imported
    TensorFlow can't be imported again.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "keras" in sys.modules:
        import keras
    else:
        with _interrupt_deferred(), _start_up_messages_left_out():
            import keras
    if keras.backend.backend() != "tensorflow":
        raise RecowidgetError(
            f"Keras runs on {keras.backend.backend()}, recowidget trains with TensorFlow; set the environment "
            'variable KERAS_BACKEND to "tensorflow" before Keras is imported, and restart the kernel'
        )
    return keras


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
    start = initial_factors(
        name, n_users, n_items, n_factors=n_factors, seed=seed, global_mean=global_mean
    )
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
    return model


def _zeros(n: int) -> np.ndarray:
    return np.zeros(n, dtype=np.float32)


START_UP_MESSAGE = re.compile(rb"WARNING: All log messages before absl|[IW]0000 00:00:")
"""How the lines begin that TensorFlow prints as it is imported, whatever its log level."""


@contextmanager
def _start_up_messages_left_out() -> Iterator[None]:
    """Keep TensorFlow's start-up messages, and only those, from standard error.

    They come from C++ before its log level counts, and would stand under the learner's first cell in red.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            caught.seek(0)
            for line in caught:
                if not START_UP_MESSAGE.match(line):
                    os.write(stderr, line)
            os.close(stderr)


@contextmanager
def _interrupt_deferred() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list[tuple[int, FrameType | None]] = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: pending.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if pending and callable(previous):
        previous(*pending[-1])
