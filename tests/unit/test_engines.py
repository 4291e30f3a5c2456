"""The Keras engine against Keras's own fit."""

from __future__ import annotations

import numpy as np
import pytest

from recowidget.backend import load_keras
from recowidget.engines import KerasEngine
from recowidget.feeding import find_feed
from recowidget.negatives import NegativeSampler
from recowidget.reader import ModelReader
from recowidget.targets import Targets, targets_of
from tests.unit.test_models import seeds_model

N_USERS, N_ITEMS, N_RATINGS = 30, 40, 500
keras = load_keras()


@pytest.fixture(scope="module")
def ratings() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    users = rng.integers(0, N_USERS, N_RATINGS).astype(np.int32)
    items = rng.integers(0, N_ITEMS, N_RATINGS).astype(np.int32)
    return users, items, rng.integers(1, 6, N_RATINGS).astype(np.float32)


def engine_of(model: keras.Model, ratings: tuple[np.ndarray, ...], batch_size: int) -> KerasEngine:
    feed = find_feed(model)
    reader = ModelReader(model, feed, Targets(), N_USERS, N_ITEMS, (ratings[0], ratings[1]))
    return KerasEngine(model, feed, reader, *ratings, batch_size=batch_size, seed=3)


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
    assert sorted(engine._order.numpy()) == list(range(N_RATINGS))
    first = engine._order.numpy()
    engine.begin_epoch(2)
    assert not np.array_equal(first, engine._order.numpy())


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
