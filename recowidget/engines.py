"""What carries out training steps: one object behind the Trainer, whatever trains the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from recowidget.tables import read_factors, write_factors

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from recowidget.factors import Factors
    from recowidget.tables import Tables


class Engine(Protocol):
    """One epoch is `n_batches` batches; the trainer asks for as many at a time as it likes."""

    model: keras.Model
    n_batches: int
    batch_size: int

    def begin_epoch(self, epoch: int) -> None:
        """Draw the order of the ratings for the epoch that leads to `epoch` (1, 2, ...)."""

    def run(self, start: int, count: int) -> None:
        """Train on batches `start` to ``start + count - 1`` of the epoch."""

    def running_loss(self) -> float:
        """Mean loss over the epoch's batches so far, penalty terms included."""

    def factors(self) -> Factors:
        """Copy the current factors."""

    def reset(self) -> None:
        """Bring back the weights and the optimizer's state of the beginning."""

    def recover(self, factors: Factors) -> None:
        """Go on from these factors with an optimizer that has seen nothing."""


class KerasEngine:
    """Trains a compiled Keras model with its own train step and optimizer, inside one TensorFlow function.

    ``model.fit`` spends most of its time between steps; here a whole chunk of steps is one call. Metrics,
    regularizers and the optimizer do just what they do in ``fit``.

    Parameters
    ----------
    model : keras.Model
        Compiled, called as ``[user, item]``. Trained in place.
    tables : Tables
        Where its factors are.
    user_idx, item_idx : ndarray of int32, shape (n,)
    ratings : ndarray of float32, shape (n,)
        The train part.
    batch_size : int
    seed : int
        With the number of the epoch it decides the order of the ratings.
    """

    def __init__(
        self,
        model: keras.Model,
        tables: Tables,
        user_idx: NDArray[np.int32],
        item_idx: NDArray[np.int32],
        ratings: NDArray[np.float32],
        *,
        batch_size: int,
        seed: int,
    ) -> None:
        self.model = model
        self.batch_size = min(batch_size, len(ratings))
        self.n_batches = -(-len(ratings) // self.batch_size)
        self._tables = tables
        self._n_ratings = len(ratings)
        self._seed = seed
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        self._run = _compile(model, user_idx, item_idx, ratings, self.batch_size)
        self._start = [(variable, variable.numpy().copy()) for variable in self._variables()]
        self._order: Any = None

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def begin_epoch(self, epoch: int) -> None:
        """Draw the order of the ratings; the seed and the epoch decide it."""
        import tensorflow as tf

        order = np.random.default_rng([self._seed, epoch]).permutation(self._n_ratings)
        self._order = tf.constant(order.astype(np.int32))
        self.model.reset_metrics()

    def run(self, start: int, count: int) -> None:
        """Train on some batches in one call of the TensorFlow function."""
        self._run(self._order, np.int32(start), np.int32(count))

    def running_loss(self) -> float:
        """What ``fit`` would report as ``loss``."""
        return float(self.model.get_metrics_result()["loss"])

    def factors(self) -> Factors:
        """Copy the tables out of the model."""
        return read_factors(self.model, self._tables)

    def reset(self) -> None:
        """Assign weights and optimizer state as they were when the engine was made."""
        for variable, value in self._start:
            variable.assign(value)
        self.model.reset_metrics()

    def recover(self, factors: Factors) -> None:
        """Reset, then put the factors into the model's tables."""
        self.reset()
        write_factors(self.model, self._tables, factors)


def _compile(
    model: keras.Model,
    user_idx: NDArray[np.int32],
    item_idx: NDArray[np.int32],
    ratings: NDArray[np.float32],
    batch_size: int,
) -> Any:
    import tensorflow as tf

    # Columns, as fit makes of one-dimensional arrays.
    users, items, targets = (tf.constant(array[:, None]) for array in (user_idx, item_idx, ratings))
    n_ratings = len(ratings)

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([], tf.int32),
            tf.TensorSpec([], tf.int32),
        ]
    )
    def run(order: Any, start: Any, count: Any) -> None:
        for batch in tf.range(start, start + count):
            rows = order[batch * batch_size : tf.minimum((batch + 1) * batch_size, n_ratings)]
            inputs = [tf.gather(users, rows), tf.gather(items, rows)]
            model.train_step((inputs, tf.gather(targets, rows)))

    return run
