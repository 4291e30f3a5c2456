"""Matrix factorisation by SGD, against the same steps in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recowidget.engines import sgd
from recowidget.engines.choice import Choice
from recowidget.engines.sgd import BIAS_REGULARIZATION, DECAY, SGDEngine
from recowidget.factors import Factors
from recowidget.models import MODELS, initial_factors

N_USERS, N_ITEMS, N_RATINGS, MEAN = 30, 40, 500, 3.2
pytest.importorskip("tensorflow")

Examples = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def ratings() -> Examples:
    rng = np.random.default_rng(0)
    users = rng.integers(0, N_USERS, N_RATINGS).astype(np.int32)
    items = rng.integers(0, N_ITEMS, N_RATINGS).astype(np.int32)
    return users, items, rng.integers(1, 6, N_RATINGS).astype(np.float32)


def engine_of(name: str, ratings: Examples, **settings: Any) -> SGDEngine:
    kind = MODELS[name]
    start = initial_factors(name, N_USERS, N_ITEMS, n_factors=5, global_mean=MEAN, seed=1)
    keywords: dict[str, Any] = {
        "batch_size": 64,
        "seed": 3,
        "learning_rate": 0.05,
        "regularization": 0.2,
        "has_biases": kind.start.has_biases,
        "is_nonnegative": kind.start.is_nonnegative,
        "choice": Choice("sgd", "as asked"),
    }
    return SGDEngine(start, *ratings, **(keywords | settings))


def train(engine: SGDEngine, epochs: int = 1) -> Factors:
    for epoch in range(1, epochs + 1):
        engine.begin_epoch(epoch)
        engine.run(0, engine.n_batches)
    return engine.scorer()


def slow(
    start: Factors,
    ratings: Examples,
    epochs: int,
    *,
    batch_size: int,
    has_biases: bool,
    is_nonnegative: bool,
) -> Factors:
    """Do the same, a batch and a rating at a time, in double precision."""
    p, q, b, c = (
        array.astype(np.float64)
        for array in (start.user_factors, start.item_factors, start.user_bias, start.item_bias)
    )
    for epoch in range(1, epochs + 1):
        order = np.random.default_rng([3, epoch]).permutation(len(ratings[0]))
        rate = 0.05 * DECAY ** (epoch - 1)
        for first in range(0, len(order), batch_size):
            steps = []
            for row in order[first : first + batch_size]:
                u, i, rating = (array[row] for array in ratings)
                error = rating - (start.global_mean + b[u] + c[i] + p[u] @ q[i])
                steps.append((u, i, error * q[i] - 0.2 * p[u], error * p[u] - 0.2 * q[i], error, b[u], c[i]))
            for u, i, user_step, item_step, error, user_bias, item_bias in steps:
                p[u] += rate * user_step
                q[i] += rate * item_step
                if has_biases:
                    b[u] += rate * (error - 0.2 * BIAS_REGULARIZATION * user_bias)
                    c[i] += rate * (error - 0.2 * BIAS_REGULARIZATION * item_bias)
            if is_nonnegative:
                p, q = np.maximum(p, 0), np.maximum(q, 0)
    p, q, b, c = (array.astype(np.float32) for array in (p, q, b, c))
    return Factors(p, q, b, c, start.global_mean)


def assert_equal(one: Factors, other: Factors, atol: float = 1e-4) -> None:
    for name in ("user_factors", "item_factors", "user_bias", "item_bias"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=atol, err_msg=name)


@pytest.mark.parametrize("name", ["explicit_mf", "biased_mf", "nonnegative_mf"])
@pytest.mark.parametrize("batch_size", [1, 7, 64, 150])
def test_steps_are_those_of_numpy(name: str, batch_size: int, ratings: Examples) -> None:
    engine = engine_of(name, ratings, batch_size=batch_size)
    kind = MODELS[name]
    start = engine.scorer()
    expected = slow(
        start,
        ratings,
        3,
        batch_size=batch_size,
        has_biases=kind.start.has_biases,
        is_nonnegative=kind.start.is_nonnegative,
    )
    assert_equal(train(engine, 3), expected)


def test_running_loss_is_of_each_batch_before_it_is_trained_on(ratings: Examples) -> None:
    engine = engine_of("biased_mf", ratings, batch_size=500)
    before = engine.scorer().predict(*ratings[:2])
    train(engine)
    assert engine.running_loss() == pytest.approx(float(np.mean((before - ratings[2]) ** 2)), rel=1e-5)


def test_chunks_and_resets_change_nothing(ratings: Examples) -> None:
    engine = engine_of("biased_mf", ratings)
    whole = train(engine, 2)
    engine.reset()
    for epoch in (1, 2):
        engine.begin_epoch(epoch)
        for batch in range(engine.n_batches):
            engine.run(batch, 1)
            engine.scorer()
    assert_equal(engine.scorer(), whole, atol=0)


def test_it_goes_on_from_factors_that_it_gave(ratings: Examples) -> None:
    engine = engine_of("biased_mf", ratings)
    good = train(engine)
    engine.begin_epoch(2)
    engine.run(0, 3)
    engine.recover(good)
    assert_equal(engine.scorer(), good, atol=0)
    assert engine.scorer().global_mean == MEAN


def test_nonnegative_factors_stay_so(ratings: Examples) -> None:
    factors = train(engine_of("nonnegative_mf", ratings, learning_rate=0.3), 3)
    assert factors.user_factors.min() == 0.0
    assert factors.item_factors.min() >= 0.0
    assert factors.user_bias.min() < 0 < factors.item_bias.max()


def test_the_rows_of_the_tests_above_are_not_slowed_down(ratings: Examples) -> None:
    for idx, n in zip(ratings[:2], (N_USERS, N_ITEMS), strict=True):
        assert (sgd._damping(idx, n, 150, 0.05) == 1).all()


def test_a_row_that_fills_a_batch_does_not_overshoot() -> None:
    rng = np.random.default_rng(0)
    n = 4000
    users = np.zeros(n, np.int32)
    items = rng.integers(0, N_ITEMS, n).astype(np.int32)
    ratings = users, items, rng.integers(1, 6, n).astype(np.float32)
    engine = engine_of("biased_mf", ratings, batch_size=4000, learning_rate=0.1)
    factors = train(engine, 20)
    errors = factors.predict(users, items) - ratings[2]
    assert float(np.mean(errors**2)) <= float(np.mean((ratings[2] - MEAN) ** 2))


def test_every_rating_is_trained_on_once_an_epoch_also_where_only_batches_are_shuffled(
    ratings: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sgd, "MAX_SHUFFLED", 100)
    engine = engine_of("biased_mf", ratings)
    orders = []
    for epoch in (1, 2):
        engine.begin_epoch(epoch)
        orders.append(engine._order.numpy())
        assert sorted(orders[-1]) == list(range(engine.n_batches))
        users, items, _ = (one.numpy().ravel() for one in engine._batches)
        dealt = sorted(zip(users, items, strict=True))
        padding = engine.n_batches * engine.batch_size - N_RATINGS
        assert dealt == sorted([*zip(*ratings[:2], strict=True), *[(N_USERS, N_ITEMS)] * padding])
    assert not np.array_equal(*orders)


def test_the_rate_falls_but_not_to_nothing(ratings: Examples) -> None:
    engine = engine_of("biased_mf", ratings, batch_size=N_RATINGS)
    steps = []
    for epoch in (1, 2, 500):
        engine.reset()
        engine.begin_epoch(epoch)
        engine.run(0, 1)
        steps.append(float(np.abs(engine.scorer().user_bias).sum()))
    assert steps[1:] == pytest.approx([steps[0] * DECAY, steps[0] * sgd.LOWEST_SHARE], rel=1e-3)
