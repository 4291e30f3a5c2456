"""What carries out training steps: one object behind the Trainer, whatever trains the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from recowidget.examples import Ratings, WithNegatives
from recowidget.negatives import N_NEGATIVES

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from recowidget.examples import Examples
    from recowidget.feeding import Feed
    from recowidget.negatives import NegativeSampler
    from recowidget.reader import ModelReader
    from recowidget.scoring import LearnedScorer


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

    def scorer(self) -> LearnedScorer:
        """Copy what predicts now: the factors of a dot product, the weights of any other model."""

    def reset(self) -> None:
        """Bring back the weights and the optimizer's state of the beginning."""

    def recover(self, scorer: LearnedScorer) -> None:
        """Go on from what predicted then, with an optimizer that has seen nothing."""


class KerasEngine:
    """Trains a compiled Keras model with its own train step and optimizer, inside one TensorFlow function.

    ``model.fit`` spends most of its time between steps; here a whole chunk of steps is one call. Metrics,
    regularizers and the optimizer do just what they do in ``fit``.

    Parameters
    ----------
    model : keras.Model
        Compiled. Trained in place.
    feed : Feed
        How it takes users and items.
    reader : ModelReader
    user_idx, item_idx : ndarray of int32, shape (n,)
    targets : ndarray of float32, shape (n,)
        The train part, on the scale of the model's loss.
    batch_size : int
        Rows of the train part in a batch.
    seed : int
        With the number of the epoch it decides the order of the ratings, and the negatives.
    weights : ndarray of float32, shape (n,), optional
        Sample weights, as of ``fit``.
    negatives : NegativeSampler, optional
        Whose draws are trained on beside each rating, drawn anew each epoch.
    n_negatives : int
        How many for each rating. Their weight is 1.
    negative_target : float
        What they are trained on, on the scale of the model's loss.
    """

    def __init__(
        self,
        model: keras.Model,
        feed: Feed,
        reader: ModelReader,
        user_idx: NDArray[np.int32],
        item_idx: NDArray[np.int32],
        targets: NDArray[np.float32],
        *,
        batch_size: int,
        seed: int,
        weights: NDArray[np.float32] | None = None,
        negatives: NegativeSampler | None = None,
        n_negatives: int = N_NEGATIVES,
        negative_target: float = 0.0,
    ) -> None:
        self.model = model
        self.batch_size = min(batch_size, len(targets))
        self.n_batches = -(-len(targets) // self.batch_size)
        self._reader = reader
        self._n_ratings = len(targets)
        self._seed = seed
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        examples: Examples = Ratings(user_idx, item_idx, targets, weights)
        if negatives is not None:
            examples = WithNegatives(examples, user_idx, negatives, n_negatives, negative_target)
        self._examples = examples
        self._run = _compile_training(model, feed, examples, self._n_ratings, self.batch_size)
        self._start = [(variable, variable.numpy().copy()) for variable in self._variables()]
        self._order: Any = None

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def begin_epoch(self, epoch: int) -> None:
        """Draw the order of the ratings and the negatives; the seed and the epoch decide both."""
        import tensorflow as tf

        rng = np.random.default_rng([self._seed, epoch])
        self._order = tf.constant(rng.permutation(self._n_ratings).astype(np.int32))
        self._examples.draw(rng)
        self.model.reset_metrics()

    def run(self, start: int, count: int) -> None:
        """Train on some batches in one call of the TensorFlow function."""
        self._run(self._order, np.int32(start), np.int32(count))

    def running_loss(self) -> float:
        """What ``fit`` would report as ``loss``."""
        return float(self.model.get_metrics_result()["loss"])

    def scorer(self) -> LearnedScorer:
        """Read the model."""
        return self._reader.read()

    def reset(self) -> None:
        """Assign weights and optimizer state as they were when the engine was made."""
        for variable, value in self._start:
            variable.assign(value)
        self.model.reset_metrics()

    def recover(self, scorer: LearnedScorer) -> None:
        """Reset, then put what was read back into the model."""
        self.reset()
        self._reader.write(scorer)


def _compile_training(
    model: keras.Model, feed: Feed, examples: Examples, n_ratings: int, batch_size: int
) -> Any:
    import tensorflow as tf

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
            users, items, targets, weights = examples.gather(rows)
            inputs = feed.inputs(users, items, concatenate=tf.concat)
            model.train_step((inputs, targets) if weights is None else (inputs, targets, weights))

    return run
