"""What a Keras model in training predicts, read out of it and put back."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.backend import load_keras
from recowidget.errors import RecowidgetError, first_line
from recowidget.factors import Factors
from recowidget.feeding import find_feed, names_tell
from recowidget.scoring import ModelScorer
from recowidget.tables import (
    find_tables,
    in_words,
    layer_called,
    predicts_as,
    read_factors,
    read_table,
    squashed_range,
    table_sizes,
    write_factors,
)
from recowidget.targets import Targets, targets_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from recowidget.feeding import Feed
    from recowidget.interactions import Interactions
    from recowidget.scoring import Forward, LearnedScorer
    from recowidget.tables import Tables
    from recowidget.targets import Transform


CHECKED = 256
"""Pairs that a model is tried on."""
_CHANGED, _UNCHANGED = np.zeros(1, np.int32), np.ones(1, np.int32)


class ModelReader:
    """Reads a model: its factors where they say all, otherwise all its weights.

    It doesn't keep the model alive, and nor does what it reads.

    Parameters
    ----------
    model : keras.Model
    feed : Feed
        How it takes users and items.
    targets : Targets
        What its output stands for.
    n_users, n_items : int
        By these sizes its tables are found.
    pairs : tuple of ndarray of int32
        User and item indices to try it on.
    tables : Tables, optional
        Where it keeps its factors, if that is known; otherwise they are found by size.

    Raises
    ------
    RecowidgetError
        If it doesn't give one prediction a pair, or its tables can't be told apart.
    """

    def __init__(
        self,
        model: keras.Model,
        feed: Feed,
        targets: Targets,
        n_users: int,
        n_items: int,
        pairs: tuple[NDArray[np.int32], NDArray[np.int32]],
        tables: Tables | None = None,
    ) -> None:
        self._model_of = weakref.ref(model)
        self._tables = tables or find_tables(model, n_users, n_items)
        # The last user and item as well: a table that is too small fails there.
        pairs = np.append(pairs[0], np.int32(n_users - 1)), np.append(pairs[1], np.int32(n_items - 1))
        # With the weights that it begins with, a network whose last layer is zeros looks like a dot product.
        weights = _other_weights(model)
        output = _output(model, feed)
        columns = [_column(idx) for idx in pairs]
        try:
            predictions = targets.ratings_of(output(weights, *columns).numpy())
        except Exception as error:
            raise RecowidgetError(
                f"the model {model.name} can't predict for {n_users:,} users and {n_items:,} items (its "
                f"Embedding layers: {in_words(table_sizes(model))}; it is given the user first): "
                f"{first_line(error)}"
            ) from error
        if predictions.shape != pairs[0].shape:
            raise RecowidgetError(
                f"the model {model.name} gives {len(predictions):,} numbers for {len(pairs[0]):,} "
                "(user, item) pairs; it must give one prediction a pair"
            )
        variables = [one for some in _variables(model) for one in some]
        values = {
            id(one): value.numpy() for one, value in zip(variables, [*weights[0], *weights[1]], strict=True)
        }
        self._range: tuple[float, float] | None = None
        self._line = 1.0, 0.0
        is_dot_product = False
        ways = [
            (rating_range, self._line) for rating_range in (None, squashed_range(model), targets.rating_range)
        ]
        if targets.line is not None:
            ways.append((None, targets.line))
        for rating_range, line in ways:
            factors = read_factors(model, self._tables, rating_range, values)
            if factors is not None and predicts_as(factors.along(*line), predictions, *pairs):
                self._range, self._line, is_dot_product = rating_range, line, True
                break
        # Tracing takes longer than all of the above, and a dot product needs none.
        try:
            self._forward = None if is_dot_product else _compile_forward(model, feed, targets)
        except Exception as error:
            raise RecowidgetError(
                f"the model {model.name} can't be made a graph of, and is no dot product of its factors: "
                f"{first_line(error)}"
            ) from error

    @property
    def _model(self) -> keras.Model:
        model = self._model_of()
        if model is None:
            raise AssertionError("a model was read that is gone")
        return model

    def read(self) -> LearnedScorer:
        """Copy what predicts now."""
        if self._forward is None:
            factors = read_factors(self._model, self._tables, self._range)
            if factors is None:
                raise AssertionError("a dot product without factors")
            return factors.along(*self._line)
        user_factors, item_factors = (
            None if name is None else read_table(self._model, name)
            for name in (self._tables.user_factors, self._tables.item_factors)
        )
        return ModelScorer(self._forward, _weights(self._model), user_factors, item_factors)

    def write(self, scorer: LearnedScorer) -> None:
        """Make the model predict what it predicted when `scorer` was read."""
        if isinstance(scorer, Factors):
            slope, intercept = self._line
            write_factors(self._model, self._tables, scorer.along(1 / slope, -intercept / slope))
        elif isinstance(scorer, ModelScorer):
            for variables, values in zip(_variables(self._model), scorer.weights, strict=True):
                for variable, value in zip(variables, values, strict=True):
                    variable.assign(value)


def find_ordered_feed(model: keras.Model, tables: Tables) -> Feed:
    """Find out how a model takes users and items, and which comes first by the table that it is looked up in.

    Names of inputs decide, where they tell. Otherwise a row of a side's table is changed: if the prediction
    changes where the other side has that index, the other side was taken for this one.

    Raises
    ------
    RecowidgetError
        As `recowidget.feeding.find_feed`.
    """
    feed = find_feed(model)
    name = tables.user_factors or tables.item_factors
    if name is None or names_tell(model, feed):
        return feed
    weights = _other_weights(model)
    table = layer_called(model, name).weights[0]
    changed = tuple(
        [_with_another_row(value) if one is table else value for one, value in zip(some, values, strict=True)]
        for some, values in zip(_variables(model), weights, strict=True)
    )
    try:
        forward = _compile_forward(model, feed, Targets())
        moved = [
            bool(np.any(forward(weights, *pair) != forward(changed, *pair)))
            for pair in ((_CHANGED, _UNCHANGED), (_UNCHANGED, _CHANGED))
        ]
    except Exception:  # noqa: BLE001 (the reader will say what is wrong with it)
        return feed
    is_swapped = moved == ([False, True] if name == tables.user_factors else [True, False])
    return replace(feed, user_first=not feed.user_first) if is_swapped else feed


def _with_another_row(table: Any) -> Any:
    import tensorflow as tf

    return tf.tensor_scatter_nd_add(table, [[0]], tf.ones_like(table[:1]))


def scorer_of(
    model: keras.Model,
    interactions: Interactions,
    *,
    to_rating: Transform | None = None,
    user_embedding: str | None = None,
    item_embedding: str | None = None,
) -> LearnedScorer:
    """Read a Keras model, to evaluate it, to recommend with it and to draw it.

    Parameters
    ----------
    model
        Any that takes a user and an item, however it does; see `recowidget.feeding.find_feed`.
    interactions
        Whose users and items it was made for: indices are those of `users` and `items` here.
    to_rating
        Turns its output into ratings, where it was trained on another scale. A straight line is put into the
        factors, so that a dot product stays one: they are then not those of the model, but the ratings'.
    user_embedding, item_embedding
        Names of the Embedding layers that hold the factors, where sizes and names don't tell.

    Returns
    -------
    Factors or ModelScorer
        `Factors` where the model is a dot product plus biases. A copy: training on doesn't change it.

    Raises
    ------
    RecowidgetError
        Where the model takes something else, can't predict for these users and items, or its tables can't
        be told apart.
    """
    pairs = interactions.user_idx[:CHECKED], interactions.item_idx[:CHECKED]
    targets = targets_of(model, Targets(to_rating))
    tables = find_tables(
        model,
        interactions.n_users,
        interactions.n_items,
        user_embedding=user_embedding,
        item_embedding=item_embedding,
    )
    feed = find_ordered_feed(model, tables)
    sizes = interactions.n_users, interactions.n_items
    return ModelReader(model, feed, targets, *sizes, pairs, tables).read()


def scorer_of_own_size(model: keras.Model, interactions: Interactions) -> LearnedScorer:
    """Read a Keras model of which nothing else is said, as `scorer_of` does.

    Raises
    ------
    RecowidgetError
        As `scorer_of`; or where no Embedding layer has a row for each user, or none for each item: the
        indices that the model knows are then hardly those of these interactions.
    """
    sizes = table_sizes(model)
    for side, count in (("user", interactions.n_users), ("item", interactions.n_items)):
        if sizes and all(rows != count for rows, _ in sizes.values()):
            raise RecowidgetError(
                f"the model {model.name} seems to be made for other {side}s: the ratings have {count:,}, and "
                f"no Embedding layer has as many rows (its Embedding layers: {in_words(sizes)}). Give the "
                "ratings that it was trained on; or, where an index is the rank of an id all the same, "
                "recowidget.scorer_of(model, interactions) in place of the model"
            )
    return scorer_of(model, interactions)


def _weights(model: keras.Model) -> tuple[list[Any], list[Any]]:
    import tensorflow as tf

    trainable, fixed = ([tf.identity(one.value) for one in some] for some in _variables(model))
    return trainable, fixed


def _other_weights(model: keras.Model) -> tuple[list[Any], list[Any]]:
    """Give every variable of numbers another value, drawn at random."""
    import tensorflow as tf

    rng = np.random.default_rng(0)

    def other(value: Any) -> Any:
        if not value.dtype.is_floating:
            return value
        return tf.constant(0.5 * rng.standard_normal(value.shape), value.dtype)

    trainable, fixed = ([other(value) for value in values] for values in _weights(model))
    return trainable, fixed


def _variables(model: keras.Model) -> tuple[list[Any], list[Any]]:
    return model.trainable_variables, model.non_trainable_variables


def _output(model: keras.Model, feed: Feed) -> Callable[..., Any]:
    """Give ``output(weights, users, items)``: what a model with some weights gives for two columns."""
    import tensorflow as tf

    keras = load_keras()
    trainable, fixed = _variables(model)
    variables = [*trainable, *fixed]

    def output(weights: tuple[list[Any], list[Any]], users: Any, items: Any) -> Any:
        inputs = feed.inputs(users, items, concatenate=tf.concat)
        with keras.StatelessScope(list(zip(variables, [*weights[0], *weights[1]], strict=True))):
            predictions = model(inputs, training=False)
        return tf.reshape(tf.cast(predictions, tf.float32), [-1])

    return output


def _compile_forward(model: keras.Model, feed: Feed, targets: Targets) -> Forward:
    import tensorflow as tf

    output = _output(model, feed)
    specs = tuple([tf.TensorSpec(one.shape, one.dtype) for one in some] for some in _variables(model))
    column = tf.TensorSpec([None, 1], tf.int32)
    # Traced here: TensorFlow counts calls that trace, and warns of many, as models are many. Keras leaves
    # AutoGraph out as well.
    traced = tf.function(output, autograph=False).get_concrete_function(specs, column, column)

    def forward(
        weights: Any, user_idx: NDArray[np.int32], item_idx: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        predictions = traced(weights, _column(user_idx), _column(item_idx)).numpy()
        return targets.ratings_of(np.asarray(predictions, dtype=np.float32))

    return forward


def _column(indices: NDArray[np.int32]) -> Any:
    import tensorflow as tf

    return tf.constant(indices[:, None], tf.int32)
