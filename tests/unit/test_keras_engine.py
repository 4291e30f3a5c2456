"""The Keras engine against Keras's own fit."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recowidget.backend import load_keras
from recowidget.engines import keras_engine
from recowidget.engines.compilation import Compilation
from recowidget.engines.keras_engine import KerasEngine
from recowidget.errors import RecowidgetError
from recowidget.feeding import Feed, find_feed
from recowidget.history import Losses
from recowidget.negatives import NegativeSampler
from recowidget.reader import ModelReader
from recowidget.targets import Targets, targets_of
from tests.unit.test_models import seeds_model

if TYPE_CHECKING:
    from collections.abc import Sequence

N_USERS, N_ITEMS, N_RATINGS = 30, 40, 500
keras = load_keras()
tf = pytest.importorskip("tensorflow")


@pytest.fixture(scope="module")
def ratings() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    users = rng.integers(0, N_USERS, N_RATINGS).astype(np.int32)
    items = rng.integers(0, N_ITEMS, N_RATINGS).astype(np.int32)
    return users, items, rng.integers(1, 6, N_RATINGS).astype(np.float32)


def engine_of(
    model: keras.Model,
    ratings: tuple[np.ndarray, ...],
    batch_size: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> KerasEngine:
    feed = find_feed(model)
    reader = ModelReader(model, feed, Targets(), N_USERS, N_ITEMS, (ratings[0], ratings[1]))
    return KerasEngine(model, feed, reader, *ratings, batch_size=batch_size, seed=3, callbacks=callbacks)


@pytest.mark.parametrize("batch_size", [7, 64, 5000])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_an_epoch_is_an_epoch_of_fit_given_the_same_batches(
    ratings: tuple[np.ndarray, ...], batch_size: int, optimizer: str
) -> None:
    ours, theirs = (seeds_model(N_USERS, N_ITEMS, 4) for _ in range(2))
    theirs.set_weights(ours.get_weights())
    for model in (ours, theirs):
        model.compile(loss="mse", optimizer=optimizer, metrics=["mae"])
    engine = engine_of(ours, ratings, batch_size)
    for epoch in (1, 2):
        engine.begin_epoch(epoch)
        for start in range(0, engine.n_batches, 3):
            engine.run(start, min(3, engine.n_batches - start))
        order = np.random.default_rng([3, epoch]).permutation(N_RATINGS)
        users, items, targets = (array[order] for array in ratings)
        history = theirs.fit(
            [users, items], targets, batch_size=batch_size, epochs=1, shuffle=False, verbose=0
        )
        assert engine.running_loss() == pytest.approx(history.history["loss"][0], rel=1e-5)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-5)


def test_reset_gives_back_weights_and_optimizer_state(ratings: tuple[np.ndarray, ...]) -> None:
    model = seeds_model(N_USERS, N_ITEMS, 4)
    users, items, targets = ratings
    model.fit([users, items], targets, epochs=2, verbose=0)
    before = [v.numpy().copy() for v in [*model.variables, *model.optimizer.variables]]
    engine = engine_of(model, ratings, 64)
    engine.begin_epoch(1)
    engine.run(0, engine.n_batches)
    trained = engine.scorer().user_factors
    engine.reset()
    after = [v.numpy() for v in [*model.variables, *model.optimizer.variables]]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    engine.begin_epoch(1)
    engine.run(0, engine.n_batches)
    np.testing.assert_array_equal(engine.scorer().user_factors, trained)


def test_every_rating_is_trained_on_once_an_epoch(ratings: tuple[np.ndarray, ...]) -> None:
    engine = engine_of(seeds_model(N_USERS, N_ITEMS, 4), ratings, 64)
    assert engine.n_batches == 8
    engine.begin_epoch(1)
    assert sorted(engine._order) == list(range(N_RATINGS))
    first = engine._order
    engine.begin_epoch(2)
    assert not np.array_equal(first, engine._order)


# ---- any model, with XLA and without -------------------------------------------------------------------


def with_dropout_and_batch_norm() -> keras.Model:
    user, item = (keras.Input((1,), dtype="int32", name=name) for name in ("user", "item"))
    vectors = [
        keras.layers.Flatten()(keras.layers.Embedding(n, 4)(one))
        for one, n in ((user, N_USERS), (item, N_ITEMS))
    ]
    hidden = keras.layers.Dense(8, activation="relu")(keras.layers.Concatenate()(vectors))
    hidden = keras.layers.Dropout(0.3, seed=1)(keras.layers.BatchNormalization()(hidden))
    return keras.Model([user, item], keras.layers.Dense(1)(hidden))


def with_batch_norm() -> keras.Model:
    user, item = (keras.Input((1,), dtype="int32", name=name) for name in ("user", "item"))
    vectors = [
        keras.layers.Flatten()(keras.layers.Embedding(n, 4)(one))
        for one, n in ((user, N_USERS), (item, N_ITEMS))
    ]
    hidden = keras.layers.Dense(8, activation="relu")(keras.layers.Concatenate()(vectors))
    return keras.Model([user, item], keras.layers.Dense(1)(keras.layers.BatchNormalization()(hidden)))


def sequential() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((2,), dtype="int32"),
            keras.layers.Embedding(N_USERS + N_ITEMS, 4, embeddings_regularizer="l2"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )


def with_dict() -> keras.Model:
    inputs = {name: keras.Input((1,), dtype="int32", name=name) for name in ("user_id", "item_id")}
    vectors = [
        keras.layers.Embedding(n, 4)(inputs[name]) for name, n in (("user_id", N_USERS), ("item_id", N_ITEMS))
    ]
    return keras.Model(inputs, keras.layers.Flatten()(keras.layers.Dot(axes=2)(vectors)))


class Subclassed(keras.Model):
    """With a step of its own, too: the gradients are halved."""

    def __init__(self) -> None:
        super().__init__()
        self.users = keras.layers.Embedding(N_USERS, 4)
        self.items = keras.layers.Embedding(N_ITEMS, 4)

    def call(self, inputs: list[object]) -> object:
        users, items = (table(one)[:, 0] for table, one in zip((self.users, self.items), inputs, strict=True))
        return keras.ops.sum(users * items, axis=1, keepdims=True)

    def train_step(self, data: tuple[object, ...]) -> dict[str, object]:
        inputs, targets = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(inputs, targets, self(inputs, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        halves = [0.5 * tf.convert_to_tensor(gradient) for gradient in gradients]
        self.optimizer.apply(halves, self.trainable_variables)
        self._loss_tracker.update_state(loss)
        return self.get_metrics_result()


class Momentum(keras.optimizers.Optimizer):
    """A user's own."""

    def build(self, variables: list[object]) -> None:
        super().build(variables)
        self.moving = [self.add_variable_from_reference(one, "moving") for one in variables]

    def update_step(self, gradient: object, variable: object, learning_rate: object) -> None:
        moving = self.moving[self._get_variable_index(variable)]
        moving.assign(0.5 * moving.value + tf.convert_to_tensor(gradient))
        variable.assign_sub(learning_rate * moving.value)


MODELS = {
    "functional": lambda: seeds_model(N_USERS, N_ITEMS, 4),
    "dropout and batch normalization": with_dropout_and_batch_norm,
    "batch normalization": with_batch_norm,
    "sequential": sequential,
    "dict": with_dict,
    "subclassed": Subclassed,
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("optimizer", ["adam", Momentum])
def test_any_model_is_trained_as_by_fit_given_the_same_batches_before_and_after_xla_takes_over(
    ratings: tuple[np.ndarray, ...],
    name: str,
    optimizer: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keras_engine, "COMPILE_AFTER", 2)
    monkeypatch.setattr(keras_engine, "COMPILED_AFTER", 5)
    if (name, optimizer) == ("batch normalization", "adam"):
        # Some gradients are next to nothing here, and Adam would make steps of what rounding leaves of them.
        optimizer = lambda learning_rate: keras.optimizers.Adam(learning_rate, epsilon=1e-2)  # noqa: E731
    ours, theirs = (MODELS[name]() for _ in range(2))
    pair = [one[:4, None] for one in ratings[:2]]
    feed = Feed("pair") if name == "subclassed" else find_feed(ours)
    for model in (ours, theirs):
        model(feed.inputs(*pair))
        model.compile(
            loss="mae", optimizer=optimizer if isinstance(optimizer, str) else optimizer(learning_rate=0.01)
        )
    theirs.set_weights(ours.get_weights())
    engine = engine_of(ours, ratings, 64)
    for epoch in (1, 2):
        engine.begin_epoch(epoch)
        for start in range(0, engine.n_batches, 3):
            engine.run(start, min(3, engine.n_batches - start))
        order = np.random.default_rng([3, epoch]).permutation(N_RATINGS)
        users, items, targets = (array[order][:, None] for array in ratings)
        history = theirs.fit(
            feed.inputs(users, items), targets, batch_size=64, epochs=1, shuffle=False, verbose=0
        )
        assert engine.running_loss() == pytest.approx(history.history["loss"][0], rel=1e-5)
    assert engine.choice.name == "keras"
    # XLA draws other random numbers than fit.
    assert (engine._compiled(N_RATINGS // 64) is None) == ("dropout" in name)
    assert ("without XLA, which would draw other random numbers" in engine.choice.reason) == (
        "dropout" in name
    )
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-5)


def test_the_learning_rate_can_be_changed_between_epochs(
    ratings: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras_engine, "COMPILED_AFTER", 3)
    model = seeds_model(N_USERS, N_ITEMS, 4)
    engine = engine_of(model, ratings, 64)
    engine.begin_epoch(1)
    engine.run(0, engine.n_batches)
    before = model.get_weights()
    model.optimizer.learning_rate = 0.0
    engine.begin_epoch(2)
    engine.run(0, engine.n_batches)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_callbacks_are_told_of_epochs_and_change_them_as_in_fit(ratings: tuple[np.ndarray, ...]) -> None:
    ours, theirs = (seeds_model(N_USERS, N_ITEMS, 4) for _ in range(2))
    theirs.set_weights(ours.get_weights())
    for model in (ours, theirs):
        model.compile(loss="mse", optimizer="adam", metrics=["mae"])

    def callbacks() -> list[keras.callbacks.Callback]:
        schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.05 / 2**epoch)
        return [schedule, keras.callbacks.EarlyStopping("mae", min_delta=100, patience=1)]

    engine = engine_of(ours, ratings, 64, callbacks())
    given = callbacks()
    ends = []
    for epoch in (1, 2):
        engine.begin_epoch(epoch)
        engine.run(0, engine.n_batches)
        ends.append(engine.end_epoch(epoch, Losses(1.0, float("nan"), 1.0)))
        order = np.random.default_rng([3, epoch]).permutation(N_RATINGS)
        users, items, targets = (array[order] for array in ratings)
        history = theirs.fit(
            [users, items],
            targets,
            batch_size=64,
            initial_epoch=epoch - 1,
            epochs=epoch,
            shuffle=False,
            verbose=0,
            callbacks=given[:1],
        )
        assert engine.running_loss() == pytest.approx(history.history["loss"][0], rel=1e-5)
        rate = float(ours.optimizer.learning_rate)
        assert rate == pytest.approx(float(theirs.optimizer.learning_rate)) == pytest.approx(0.1 / 2**epoch)
    assert ends == [False, True]
    engine.end_training()
    engine.end_training()


@pytest.mark.parametrize("name", ["uniform", "normal", "categorical", "truncated_normal", "dropout"])
def test_a_model_that_draws_random_numbers_is_told_apart(name: str) -> None:
    draw = {
        "uniform": lambda x: keras.random.uniform(x.shape),
        "normal": lambda x: keras.random.normal(x.shape),
        "categorical": lambda x: tf.cast(keras.random.categorical(x, 4), tf.float32),
        "truncated_normal": lambda x: keras.random.truncated_normal(x.shape),
        "dropout": lambda x: keras.random.dropout(x, 0.5),
    }[name]
    function = tf.function(draw).get_concrete_function(tf.TensorSpec([8, 4]))
    assert keras_engine._draws_random_numbers(function)
    plain = tf.function(tf.nn.l2_normalize).get_concrete_function(tf.TensorSpec([8, 4]))
    assert not keras_engine._draws_random_numbers(plain)


def test_while_xla_compiles_batches_are_ready_little_by_little(
    ratings: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = threading.Event()

    class Slow(Compilation):
        seconds = 0.0

        def _compile(self, *given: Any) -> None:
            assert may_end.wait(60)
            super()._compile(*given)

    monkeypatch.setattr(keras_engine, "Compilation", Slow)
    monkeypatch.setattr(keras_engine, "COMPILE_AFTER", 32)
    monkeypatch.setattr(keras_engine, "COMPILED_AFTER", 128)
    engine = engine_of(seeds_model(N_USERS, N_ITEMS, 4), ratings, 1)
    engine.begin_epoch(1)
    assert engine.ready(N_RATINGS) == N_RATINGS
    engine.run(0, 33)
    assert engine.ready(100) == 0
    ready = []
    for share in (0.5, 1, 2, 3, 4):
        Slow.seconds = share * keras_engine.COMPILING_SECONDS
        ready.append(engine.ready(100))
        assert engine.ready(10) == 10
    # Fewer and fewer, so that something moves for as long as it may take.
    assert ready == [36, 59, 82, 90, 93]
    may_end.set()
    engine.run(33, 100)
    assert engine.ready(1000) == 1000


def test_a_model_that_xla_cannot_compile_is_trained_without(
    ratings: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras_engine, "COMPILE_AFTER", 0)
    monkeypatch.setattr(keras_engine, "COMPILED_AFTER", 3)

    class Counting(Subclassed):
        n_steps = 0

        def train_step(self, data: tuple[object, ...]) -> dict[str, object]:
            def count() -> None:
                Counting.n_steps += 1

            tf.py_function(count, [], [])
            return super().train_step(data)

    model = Counting()
    model.compile(loss="mse", optimizer="adam")
    engine = engine_of(model, ratings, 64)
    engine.begin_epoch(1)
    engine.run(0, engine.n_batches)
    assert engine._compiled(N_RATINGS // 64) is None
    assert engine.choice.name == "keras"
    assert engine.choice.reason.startswith("as asked; without XLA, which can't compile it: ")
    assert Counting.n_steps == engine.n_batches


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_a_model_that_cannot_be_traced_is_trained_as_fit_does_and_says_so(
    ratings: tuple[np.ndarray, ...], *, run_eagerly: bool
) -> None:
    class Untraceable(Subclassed):
        n_steps = 0

        def train_step(self, data: tuple[object, ...]) -> dict[str, object]:
            Untraceable.n_steps += 1
            if not tf.executing_eagerly():
                raise NotImplementedError("only eagerly\nand more")
            return super().train_step(data)

    model = Untraceable()
    model.compile(loss="mse", optimizer="adam", run_eagerly=run_eagerly)
    engine = engine_of(model, ratings, 64)
    engine.begin_epoch(1)
    if run_eagerly:
        before = Untraceable.n_steps
        engine.run(0, engine.n_batches)
        assert Untraceable.n_steps == before + engine.n_batches
        assert engine.running_loss() > 0
        assert str(engine.choice) == "fit (the model is compiled with run_eagerly=True)"
    else:
        with pytest.raises(RecowidgetError, match=r"only eagerly; compile it with run_eagerly=True"):
            engine.run(0, engine.n_batches)
        reason = "the model can't be traced: NotImplementedError: only eagerly"
        assert str(engine.choice) == f"fit ({reason})"


# ---- implicit feedback ----------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_an_epoch_with_negatives_is_an_epoch_of_fit_given_the_same_batches(
    ratings: tuple[np.ndarray, ...], *, weighted: bool
) -> None:
    users, items, _ = ratings
    # User 0 has all items, and so gets no negatives.
    users = np.concatenate([users, np.zeros(N_ITEMS, np.int32)])
    items = np.concatenate([items, np.arange(N_ITEMS, dtype=np.int32)])
    n = len(users)
    weights = np.random.default_rng(1).uniform(0.5, 2, n).astype(np.float32) if weighted else None
    sampler = NegativeSampler(users, items, N_USERS, N_ITEMS)
    ours, theirs = (seeds_model(N_USERS, N_ITEMS, 4) for _ in range(2))
    theirs.set_weights(ours.get_weights())
    for model in (ours, theirs):
        model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), optimizer="adam")
    feed = find_feed(ours)
    reader = ModelReader(ours, feed, targets_of(ours, Targets()), N_USERS, N_ITEMS, (users, items))
    engine = KerasEngine(
        ours,
        feed,
        reader,
        users,
        items,
        np.ones(n, np.float32),
        batch_size=64,
        seed=3,
        weights=weights,
        negatives=sampler,
        n_negatives=2,
    )
    assert engine.n_batches == -(-n // 64)
    for epoch in (1, 2):
        engine.begin_epoch(epoch)
        engine.run(0, engine.n_batches)
        rng = np.random.default_rng([3, epoch])
        order = rng.permutation(n)
        drawn = sampler.draw(users, 2, rng)
        for start in range(0, n, 64):
            rows = order[start : start + 64]
            negatives = drawn[rows].ravel()
            there = negatives >= 0
            examples = (
                np.concatenate([users[rows], np.repeat(users[rows], 2)[there]]),
                np.concatenate([items[rows], negatives[there]]),
                np.concatenate([np.ones(len(rows)), np.zeros(there.sum())]),
            )
            sample_weight = None
            if weights is not None:
                sample_weight = np.concatenate([weights[rows], np.ones(there.sum(), np.float32)])
            theirs.train_on_batch([examples[0], examples[1]], examples[2], sample_weight=sample_weight)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-5)


# ---- what else fit does -------------------------------------------------------------------------------


def test_an_average_of_the_weights_takes_their_place_at_the_end_as_in_fit(
    ratings: tuple[np.ndarray, ...],
) -> None:
    ours, theirs = (seeds_model(N_USERS, N_ITEMS, 4) for _ in range(2))
    theirs.set_weights(ours.get_weights())
    for model in (ours, theirs):
        optimizer = keras.optimizers.Adam(0.05, use_ema=True, ema_momentum=0.9, clipnorm=0.5)
        model.compile(loss="mse", optimizer=optimizer)
    engine = engine_of(ours, ratings, 64)
    engine.begin_epoch(1)
    engine.run(0, engine.n_batches)
    order = np.random.default_rng([3, 1]).permutation(N_RATINGS)
    users, items, targets = (array[order] for array in ratings)
    trained = ours.get_weights()
    engine.end_epoch(1, Losses(1.0, float("nan"), 1.0))
    engine.end_training()
    theirs.fit([users, items], targets, batch_size=64, epochs=1, shuffle=False, verbose=0)
    for mine, other, before in zip(ours.get_weights(), theirs.get_weights(), trained, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-5)
        assert not np.allclose(mine, before, atol=1e-4)


class Tells(Subclassed):
    """A train step that tells what no metric knows."""

    def train_step(self, data: tuple[object, ...]) -> dict[str, object]:
        super().train_step(data)
        inputs, targets = data
        error = tf.reduce_mean(tf.abs(self(inputs) - tf.cast(targets, tf.float32)))
        return {"loss": error, "twice": 2 * error}


@pytest.mark.parametrize("compiled_after", [3, 1000])
def test_what_a_train_step_of_ones_own_tells_is_told_as_by_fit(
    ratings: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch, compiled_after: int
) -> None:
    monkeypatch.setattr(keras_engine, "COMPILE_AFTER", 2)
    monkeypatch.setattr(keras_engine, "COMPILED_AFTER", compiled_after)
    ours, theirs = Tells(), Tells()
    pair = [one[:4, None] for one in ratings[:2]]
    for model in (ours, theirs):
        model(pair)
        model.compile(loss="mse", optimizer="adam")
    theirs.set_weights(ours.get_weights())
    told: list[dict[str, float]] = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda _epoch, logs: told.append(dict(logs)))
    reader = ModelReader(ours, Feed("pair"), Targets(), N_USERS, N_ITEMS, (ratings[0], ratings[1]))
    engine = KerasEngine(ours, Feed("pair"), reader, *ratings, batch_size=50, seed=3, callbacks=[callback])
    engine.begin_epoch(1)
    engine.run(0, engine.n_batches)
    engine.end_epoch(1, Losses(1.0, float("nan"), 1.0))
    order = np.random.default_rng([3, 1]).permutation(N_RATINGS)
    users, items, targets = (array[order][:, None] for array in ratings)
    history = theirs.fit([users, items], targets, batch_size=50, epochs=1, shuffle=False, verbose=0).history
    assert set(told[0]) == set(history) == {"loss", "twice"}
    for name, (value,) in history.items():
        assert told[0][name] == pytest.approx(value, rel=1e-5)
    assert engine.running_loss() == pytest.approx(history["loss"][0], rel=1e-5)
