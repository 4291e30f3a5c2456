"""Trains any compiled Keras model with its own train step and optimizer, many batches a call."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.backend import load_keras
from recowidget.engines.choice import Choice
from recowidget.engines.compilation import Compilation
from recowidget.engines.examples import Ratings, WithNegatives
from recowidget.errors import RecowidgetError, first_line
from recowidget.negatives import N_NEGATIVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from numpy.typing import NDArray

    from recowidget.engines.engine import Side
    from recowidget.engines.examples import Examples
    from recowidget.feeding import Feed
    from recowidget.history import Losses
    from recowidget.negatives import NegativeSampler
    from recowidget.reader import ModelReader
    from recowidget.scoring import LearnedScorer

COMPILE_AFTER: Final = 16
"""Batches before XLA begins to compile: a run that ends before is not worth it."""

COMPILED_AFTER: Final = 48
"""Batches trained without XLA in any run. A fixed number, so that the same seed gives the same result however
long it takes to compile."""

COMPILING_SECONDS: Final = 1.5
"""Of compiling, in which two thirds of the batches left until XLA takes over are trained."""

RANDOM: Final = ("Random", "Multinomial", "TruncatedNormal", "StandardNormal", "StatefulUniform", "Rng")
"""In names of operations that draw random numbers."""

AS_ASKED: Final = Choice("keras", "as asked")


class KerasEngine:
    """Trains a compiled Keras model with its own train step and optimizer, inside one TensorFlow function.

    ``model.fit`` spends most of its time between steps; here a whole chunk of steps is one call. Metrics,
    regularizers and the optimizer do just what they do in ``fit``. The first batches go through a plain
    TensorFlow function, which is soon ready; meanwhile XLA compiles one that is several times faster, and
    takes over after `COMPILED_AFTER` of them. A model that can't be traced is trained batch by batch as
    ``fit`` does. One that draws random numbers, as Dropout does, is never compiled: XLA would draw others.
    `choice` says so.

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
    choice : Choice
        Named "keras" or "fit".
    callbacks : sequence of keras.callbacks.Callback
        Told of the begin and end of epochs and of training, not of batches. They get the metrics of the model
        and, as ``val_loss``, the mean squared error of the validation part, where there is one.
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
        choice: Choice = AS_ASKED,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        weights: NDArray[np.float32] | None = None,
        negatives: NegativeSampler | None = None,
        n_negatives: int = N_NEGATIVES,
        negative_target: float = 0.0,
    ) -> None:
        self.model = model
        self.choice = choice
        self._given_batch_size = batch_size
        self._feed = feed
        self._reader = reader
        self._seed = seed
        self._n_negatives, self._negative_target = n_negatives, negative_target
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        self._is_without_xla = False
        self._untraceable: Exception | None = None
        if model.run_eagerly and choice.name != "fit":
            self.choice = replace(choice, name="fit", reason="the model is compiled with run_eagerly=True")
        self._callbacks = list(callbacks)
        self._told: keras.callbacks.CallbackList | None = None
        self._begun = 0
        self.take(user_idx, item_idx, targets, weights=weights, negatives=negatives)
        self._start = [(variable, variable.numpy().copy()) for variable in self._variables()]

    def take(
        self,
        user_idx: NDArray[np.int32],
        item_idx: NDArray[np.int32],
        targets: NDArray[np.float32],
        *,
        weights: NDArray[np.float32] | None = None,
        negatives: NegativeSampler | None = None,
    ) -> None:
        """Train on other data from now on; weights and optimizer state stay as they are.

        The train step is traced, and compiled, anew.
        """
        self.batch_size = min(self._given_batch_size, len(targets))
        self.n_batches = -(-len(targets) // self.batch_size)
        self._n_ratings = len(targets)
        examples: Examples = Ratings(user_idx, item_idx, targets, weights)
        if negatives is not None:
            examples = WithNegatives(examples, user_idx, negatives, self._n_negatives, self._negative_target)
        self._examples = examples
        self._steps = _Steps(self.model, self._feed, examples)
        self._traced: Any = None
        self._compilation: Compilation | None = None
        self._n_trained = 0
        self._learning_rate: float | None = None
        self._order: NDArray[np.int32] = np.empty(0, np.int32)
        self._full_batches: Any = None

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def change(self, *, learning_rate: float | None, regularization: float | None) -> None:  # noqa: ARG002
        """Give the optimizer another learning rate; regularization is part of the model."""
        if learning_rate is not None:
            self._learning_rate = learning_rate
            self.model.optimizer.learning_rate = learning_rate

    def train_only(self, side: Side | None) -> None:
        """Nothing: a train step of Keras trains all weights together."""

    def begin_epoch(self, epoch: int) -> None:
        """Draw the order of the ratings and the negatives; the seed and the epoch decide both."""
        rng = np.random.default_rng([self._seed, epoch])
        self._order = rng.permutation(self._n_ratings).astype(np.int32)
        self._full_batches = None
        self._examples.draw(rng)
        self.model.reset_metrics()
        if self._callbacks:
            if self._told is None:
                self._told = load_keras().callbacks.CallbackList(
                    self._callbacks, model=self.model, verbose=0, steps=self.n_batches
                )
                self.model.stop_training = False
                self._told.on_train_begin()
            # With other data an epoch begins in its midst.
            if epoch != self._begun:
                self._told.on_epoch_begin(epoch - 1)
            self._begun = epoch

    @property
    def has_callbacks(self) -> bool:
        """Whether there are callbacks, which may change what the next epoch begins with.

        An optimizer that puts an average in the place of the weights at the end of training is one of them.
        """
        return bool(self._callbacks) or bool(getattr(self.model.optimizer, "use_ema", False))

    def end_epoch(self, epoch: int, losses: Losses) -> bool:
        """Tell callbacks of an epoch, and give whether they want training to end."""
        if self._told is None:
            return False
        logs = {name: float(value) for name, value in self._results().items()}
        if not math.isnan(losses.validation):
            logs["val_loss"] = losses.validation
        self._told.on_epoch_end(epoch - 1, logs)
        return bool(self.model.stop_training)

    def end_training(self) -> None:
        """Tell callbacks that training has ended; the next epoch begins another."""
        self._forget_callbacks()
        if getattr(self.model.optimizer, "use_ema", False):
            self.model.optimizer.finalize_variable_values(self.model.trainable_variables)

    def _forget_callbacks(self) -> None:
        told, self._told = self._told, None
        self._begun = 0
        if told is not None:
            told.on_train_end()

    def ready(self, count: int) -> int:
        """Give how many of the next batches can be trained without waiting for XLA.

        While it compiles they are few at a time, and fewer the longer it takes: what is shown of the training
        moves all the while, where it would stand still else before XLA takes over.
        """
        if self._compilation is None or self._compilation.is_done:
            return count
        share = 1 - math.exp(-self._compilation.seconds / COMPILING_SECONDS)
        due = COMPILE_AFTER + int(share * (COMPILED_AFTER - COMPILE_AFTER))
        return min(count, max(due - self._n_trained, 0))

    def run(self, start: int, count: int) -> None:
        """Train on some batches; wait for XLA where more than are `ready` are asked for."""
        stop = start + count
        while start < stop:
            end = self._run_some(start, stop)
            self._n_trained += end - start
            start = end

    def _run_some(self, start: int, stop: int) -> int:
        """Train on batches from `start` on, and give the first that is left."""
        if self.choice.name == "fit" or not self._is_traced():
            try:
                self._steps.run_one(self._rows(start, start + 1))
            except Exception as error:
                if self._untraceable is None:
                    raise
                raise RecowidgetError(
                    f"the model {self.model.name} can't be traced, by fit neither: {first_line(error)}; "
                    "compile it with run_eagerly=True, and it is trained as fit does"
                ) from error
            return start + 1
        n_full = self._n_ratings // self.batch_size
        left = COMPILED_AFTER - self._n_trained
        if left <= 0 and start < n_full and (compiled := self._compiled(n_full)) is not None:
            end = min(stop, n_full)
            if self._full_batches is None:
                self._full_batches, *_ = _constants(self._rows(0, n_full).reshape(n_full, -1), 0, 0)
            self._steps.run(compiled, *_constants(self._full_batches, start, end))
            return end
        end = min(stop, start + left) if left > 0 else stop
        if start < n_full:
            full = min(end, n_full)
            rows = self._rows(start, full).reshape(-1, self.batch_size)
            self._steps.run(self._traced, *_constants(rows, 0, len(rows)))
            end = full
        else:
            self._steps.run(self._traced, *_constants(self._rows(start, end)[None], 0, 1))
        if self._n_trained + end - start >= COMPILE_AFTER:
            self._begin_to_compile(n_full)
        return end

    def _rows(self, start: int, stop: int) -> NDArray[np.int32]:
        return self._order[start * self.batch_size : stop * self.batch_size]

    def _is_traced(self) -> bool:
        """Trace the train step where that is not yet done; fall back to ``fit`` where it can't be."""
        if self._traced is None:
            try:
                self._traced = self._steps.trace([None, None])
            except Exception as error:  # noqa: BLE001 (what is wrong with the model itself, fit says as well)
                self._untraceable = error
                reason = f"the model can't be traced: {first_line(error)}"
                self.choice = replace(self.choice, name="fit", reason=reason)
                return False
        return True

    def _begin_to_compile(self, n_full: int) -> None:
        if self._compilation is not None or self._is_without_xla or not n_full:
            return
        if _draws_random_numbers(self._traced):
            self._go_without_xla("which would draw other random numbers than fit")
        else:
            order = np.zeros((n_full, self.batch_size), np.int32)
            self._compilation = Compilation(
                lambda: self._steps.trace(list(order.shape), compiled=True), *_constants(order, 0, 0)
            )

    def _compiled(self, n_full: int) -> Any:
        self._begin_to_compile(n_full)
        if self._compilation is None or self._is_without_xla:
            return None
        try:
            return self._compilation.result()
        except Exception as error:  # noqa: BLE001 (whatever it is that XLA can't do, TensorFlow alone can)
            self._go_without_xla(f"which can't compile it: {first_line(error)}")
            return None

    def _go_without_xla(self, why: str) -> None:
        self._is_without_xla = True
        self.choice = replace(self.choice, reason=f"{self.choice.reason}; without XLA, {why}")

    def running_loss(self) -> float:
        """What ``fit`` would report as ``loss``; NaN where a train step of the model's own reports none."""
        return float(self._results().get("loss", math.nan))

    def _results(self) -> dict[str, Any]:
        """What ``fit`` would report: the metrics, or what a train step of the model's own told last."""
        metrics = self.model.get_metrics_result()
        told = self._steps.told
        return told if told is not None and set(told) != set(metrics) else metrics

    def scorer(self) -> LearnedScorer:
        """Read the model."""
        return self._reader.read()

    def reset(self) -> None:
        """Assign weights and optimizer state as they were when the engine was made."""
        self._forget_callbacks()
        for variable, value in self._start:
            variable.assign(value)
        if self._learning_rate is not None:
            self.model.optimizer.learning_rate = self._learning_rate
        self.model.reset_metrics()
        self._n_trained = 0

    def recover(self, scorer: LearnedScorer) -> None:
        """Reset, then put what was read back into the model."""
        self.reset()
        self._reader.write(scorer)


class _Steps:
    """The train step of a model on rows of the examples."""

    def __init__(self, model: keras.Model, feed: Feed, examples: Examples) -> None:
        self._model = model
        self._feed = feed
        self._examples = examples
        self.told: dict[str, Any] | None = None
        """What a train step of the model's own told last."""

    @property
    def _is_own(self) -> bool:
        """Whether the model has a train step of its own, which may tell of anything."""
        return type(self._model).train_step is not load_keras().Model.train_step

    def _batch(self, rows: Any) -> tuple[Any, ...]:
        import tensorflow as tf

        users, items, targets, weights = self._examples.gather(rows)
        inputs = self._feed.inputs(users, items, concatenate=tf.concat)
        return (inputs, targets) if weights is None else (inputs, targets, weights)

    def run_one(self, rows: NDArray[np.int32]) -> None:
        """Train on one batch with the function that ``fit`` trains with."""
        self._model.make_train_function()
        self.told = self._own(self._model.train_function(iter([self._batch(rows)])))

    def _own(self, logs: Any) -> dict[str, Any] | None:
        return logs if self._is_own and isinstance(logs, dict) else None

    def run(self, traced: Any, *arguments: Any) -> None:
        """Train with what `trace` gave."""
        told = traced(*arguments)
        self.told = told or None

    def trace(self, shape: list[int | None], *, compiled: bool = False) -> Any:
        """Trace training on batches `start` to ``stop - 1`` of an order of rows, a batch a row."""
        import tensorflow as tf

        index = tf.TensorSpec([], tf.int32)

        signature = [tf.TensorSpec(shape, tf.int32), index, index]
        specs = self._told_specs

        @tf.function(input_signature=signature, jit_compile=compiled, autograph=False)  # type: ignore[untyped-decorator]
        def run(order: Any, start: Any, stop: Any) -> dict[str, Any]:
            first = {name: tf.zeros(spec.shape, spec.dtype) for name, spec in specs.items()}

            def train(batch: Any, _told: dict[str, Any]) -> Any:
                logs = self._model.train_step(self._batch(tf.gather(order, batch)))
                return batch + 1, {name: logs[name] for name in first}

            # A loop over a range would be compiled anew for each number of batches.
            _, told = tf.while_loop(
                lambda batch, _told: batch < stop, train, (start, first), parallel_iterations=1
            )
            return dict(told)

        return run.get_concrete_function()

    @cached_property
    def _told_specs(self) -> dict[str, Any]:
        """What a train step of the model's own tells of: a loop has to know before it begins."""
        import tensorflow as tf

        if not self._is_own:
            return {}
        rows = tf.TensorSpec([None], tf.int32)
        step = tf.function(lambda rows: self._own(self._model.train_step(self._batch(rows))), autograph=False)
        told = step.get_concrete_function(rows).structured_outputs or {}
        if set(told) == set(self._model.get_metrics_result()):
            return {}
        return {name: one for name, one in told.items() if one.shape.is_fully_defined()}


def _draws_random_numbers(function: Any) -> bool:
    graph = function.graph.as_graph_def()
    nodes = [*graph.node, *(node for body in graph.library.function for node in body.node_def)]
    return any(part in node.op for node in nodes for part in RANDOM)


def _constants(order: Any, start: int, stop: int) -> tuple[Any, Any, Any]:
    import tensorflow as tf

    return tf.constant(order), tf.constant(start), tf.constant(stop)
