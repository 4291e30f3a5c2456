"""Matrix factorisation by SGD, against the same steps in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recowidget.engines import sgd
from recowidget.engines.choice import Choice
from recowidget.engines.folding import BIAS_REGULARIZATION
from recowidget.engines.sgd import DECAY, SGDEngine
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


Batch = list[tuple[int, int, float]]


def batches_of(ratings: Examples, epoch: int, batch_size: int) -> list[Batch]:
    """The batches of an epoch of one thread."""
    order = np.random.default_rng([3, epoch]).permutation(len(ratings[0]))
    rows = [order[first : first + batch_size] for first in range(0, len(order), batch_size)]
    return [[tuple(array[row] for array in ratings) for row in batch] for batch in rows]


def slow(
    start: Factors, epochs: list[list[Batch]], *, has_biases: bool = True, is_nonnegative: bool = False
) -> tuple[Factors, float]:
    """Do the same a rating at a time, in double precision; and the last epoch's running loss."""
    p, q, b, c = (
        array.astype(np.float64)
        for array in (start.user_factors, start.item_factors, start.user_bias, start.item_bias)
    )
    for epoch, batches in enumerate(epochs):
        rate = 0.05 * DECAY**epoch
        squares = []
        for batch in batches:
            steps = []
            for u, i, rating in batch:
                error = rating - (start.global_mean + b[u] + c[i] + p[u] @ q[i])
                squares.append(error**2)
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
    return Factors(p, q, b, c, start.global_mean), float(np.mean(squares))


def assert_equal(one: Factors, other: Factors, atol: float = 1e-4) -> None:
    for name in ("user_factors", "item_factors", "user_bias", "item_bias"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=atol, err_msg=name)


@pytest.mark.parametrize("name", ["explicit_mf", "biased_mf", "nonnegative_mf"])
@pytest.mark.parametrize("batch_size", [1, 7, 40])
def test_steps_are_those_of_numpy(name: str, batch_size: int, ratings: Examples) -> None:
    engine = engine_of(name, ratings, batch_size=batch_size)
    kind = MODELS[name]
    start = engine.scorer()
    expected, running_loss = slow(
        start,
        [batches_of(ratings, epoch, batch_size) for epoch in (1, 2, 3)],
        has_biases=kind.start.has_biases,
        is_nonnegative=kind.start.is_nonnegative,
    )
    assert_equal(train(engine, 3), expected)
    assert engine.running_loss() == pytest.approx(running_loss, rel=1e-4)


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
    engine = engine_of("explicit_mf", ratings, batch_size=40)
    assert all((one.numpy()[:-1] == 1).all() for tensors in engine._damping for one in tensors)


def test_only_the_rows_given_are_trained_on(ratings: Examples) -> None:
    rows = np.arange(0, N_RATINGS, 3)[::-1].copy()
    some = engine_of("biased_mf", tuple(column[rows] for column in ratings))  # type: ignore[arg-type]
    assert_equal(train(engine_of("biased_mf", ratings, rows=rows), 2), train(some, 2), atol=0)


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


def dealt_to(engine: SGDEngine) -> list[list[Batch]]:
    """The batches of the epoch under way, in an order that one thread could train them in; no padding."""
    dealt, blocks = engine._dealt, engine._blocks
    assert dealt is not None
    rows_of = [
        {(part, place): row for row, (part, place) in enumerate(zip(side.part, side.place, strict=True))}
        for side in (blocks.users, blocks.items)
    ]
    batches = []
    for number in engine._rounds:
        for thread, arrays in enumerate(dealt.batches[number]):
            item_part = (thread + number) % blocks.n_threads
            for batch in engine._order[0]:
                places = zip(*(array.numpy()[batch] for array in arrays), strict=True)
                batches.append(
                    [
                        (rows_of[0][thread, u], rows_of[1][item_part, i], residual * engine._scale + MEAN)
                        for u, i, residual in places
                        if u < blocks.users.size
                    ]
                )
    return [batches]


@pytest.mark.parametrize("n_threads", [1, 2, 3])
@pytest.mark.parametrize("max_shuffled", [100, 1 << 20])
def test_every_rating_is_trained_on_once_an_epoch_in_a_new_order(
    ratings: Examples, monkeypatch: pytest.MonkeyPatch, n_threads: int, max_shuffled: int
) -> None:
    monkeypatch.setattr(sgd, "MAX_SHUFFLED", max_shuffled)
    engine = engine_of("biased_mf", ratings, n_threads=n_threads)
    orders = []
    for epoch in (1, 2, 4):
        engine.begin_epoch(epoch)
        orders.append([(u, i, round(r)) for batch in dealt_to(engine)[0] for u, i, r in batch])
        assert sorted(orders[-1]) == sorted(zip(*ratings, strict=True))
    assert orders[0] != orders[1] != orders[2]


@pytest.mark.parametrize("n_threads", [2, 3])
@pytest.mark.parametrize("name", ["explicit_mf", "biased_mf", "nonnegative_mf"])
def test_threads_do_what_one_would(name: str, n_threads: int, ratings: Examples) -> None:
    engine = engine_of(name, ratings, batch_size=12, n_threads=n_threads)
    start = engine.scorer()
    engine.begin_epoch(1)
    kind = MODELS[name]
    expected, running_loss = slow(
        start,
        [[[(u, i, r - MEAN + start.global_mean) for u, i, r in batch] for batch in dealt_to(engine)[0]]],
        has_biases=kind.start.has_biases,
        is_nonnegative=kind.start.is_nonnegative,
    )
    for batch in range(0, engine.n_batches, 5):
        engine.run(batch, min(5, engine.n_batches - batch))
    assert_equal(engine.scorer(), expected)
    assert engine.running_loss() == pytest.approx(running_loss, rel=1e-4)


def test_the_same_seed_gives_the_same_whatever_was_dealt_before(ratings: Examples) -> None:
    engine = engine_of("biased_mf", ratings)
    first = train(engine, 3)
    engine.reset()
    assert_equal(train(engine, 3), first, atol=0)


def test_the_rate_falls_but_not_to_nothing(ratings: Examples) -> None:
    engine = engine_of("biased_mf", ratings, batch_size=N_RATINGS)
    steps = []
    for epoch in (1, 2, 500):
        engine.reset()
        engine.begin_epoch(epoch)
        engine.run(0, 1)
        steps.append(float(np.abs(engine.scorer().user_bias).sum()))
    assert steps[1:] == pytest.approx([steps[0] * DECAY, steps[0] * sgd.LOWEST_SHARE], rel=1e-3)


@pytest.mark.parametrize("max_shuffled", [100, 1 << 20])
def test_with_threads_the_same_seed_gives_the_same_to_the_last_bit(
    ratings: Examples, monkeypatch: pytest.MonkeyPatch, max_shuffled: int
) -> None:
    monkeypatch.setattr(sgd, "MAX_SHUFFLED", max_shuffled)
    one, other = (train(engine_of("biased_mf", ratings, n_threads=2), epochs=4) for _ in range(2))
    np.testing.assert_array_equal(one.user_factors, other.user_factors)
    np.testing.assert_array_equal(one.item_factors, other.item_factors)
