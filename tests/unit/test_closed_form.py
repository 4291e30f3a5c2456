"""Alternating least squares and Gibbs sampling, against the equations a row at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recowidget.engines import gibbs, least_squares
from recowidget.engines.als import ALSEngine
from recowidget.engines.choice import Choice
from recowidget.engines.gibbs import GibbsEngine
from recowidget.engines.least_squares import LeastSquares
from recowidget.engines.sgd import SGDEngine
from recowidget.models import initial_factors
from recowidget.samples import n_samples_in_memory

if TYPE_CHECKING:
    from recowidget.factors import Factors
    from recowidget.samples import SampledFactors

N_USERS, N_ITEMS, N_FACTORS = 30, 40, 3
pytest.importorskip("tensorflow")

Examples = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def ratings() -> Examples:
    """Each pair once; user 0 has none, user 1 has all."""
    rng = np.random.default_rng(0)
    taken = rng.random((N_USERS, N_ITEMS)) < 0.4
    taken[0], taken[1] = False, True
    users, items = (idx.astype(np.int32) for idx in np.nonzero(taken))
    order = rng.permutation(len(users))
    low, high = rng.standard_normal((N_USERS, 2)), rng.standard_normal((N_ITEMS, 2))
    values = 3 + (low @ high.T)[users, items] + 0.3 * rng.standard_normal(len(users))
    # One to five, the range that engines bring others to.
    values = 1 + 4 * (values - values.min()) / np.ptp(values)
    return users[order], items[order], values[order].astype(np.float32)


# ---- the solver -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ridged", [False, True])
@pytest.mark.parametrize(("name", "most"), [("BLOCK", 1 << 16), ("BLOCK", 16), ("ALONE", 1)])
def test_every_row_is_solved_for(
    ratings: Examples, monkeypatch: pytest.MonkeyPatch, *, weighted: bool, ridged: bool, name: str, most: int
) -> None:
    monkeypatch.setattr(least_squares, name, most)
    users, items, values = ratings
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((N_ITEMS, N_FACTORS)).astype(np.float32)
    weights = rng.uniform(0.5, 2, len(users)).astype(np.float32) if weighted else None
    precision = np.diag([0.5, 1.0, 2.0]).astype(np.float32)
    linear = np.array([1.0, -1.0, 0.5], np.float32)
    ridge = rng.uniform(0, 3, N_USERS).astype(np.float32)
    solved = LeastSquares(users, items, N_USERS, N_ITEMS, N_FACTORS).solve(
        vectors, values, precision=precision, ridge=ridge if ridged else None, linear=linear, weights=weights
    )
    assert solved.dtype == np.float32
    for user in range(N_USERS):
        own = users == user
        v = vectors[items[own]].astype(np.float64)
        w = np.ones(len(v)) if weights is None else weights[own]
        matrix = (v.T * w) @ v + precision + (ridge[user] * np.eye(N_FACTORS) if ridged else 0)
        expected = np.linalg.solve(matrix, v.T @ values[own] + linear)
        np.testing.assert_allclose(solved[user], expected, rtol=2e-4, atol=2e-4)


def test_steps_from_a_start_come_to_the_solution(ratings: Examples) -> None:
    """In as many steps as there are columns at once, else over several calls."""
    users, items, values = ratings
    rng = np.random.default_rng(3)
    for width, calls in ((least_squares.STEPS, 1), (3 * least_squares.STEPS, 10)):
        side = LeastSquares(users, items, N_USERS, N_ITEMS, width)
        vectors = rng.standard_normal((N_ITEMS, width)).astype(np.float32)
        equations: dict[str, Any] = {
            "precision": np.eye(width, dtype=np.float32),
            "weights": rng.uniform(0.5, 2, len(users)).astype(np.float32),
        }
        solution = side.solve(vectors, values, **equations)
        nearer = rng.standard_normal(solution.shape).astype(np.float32)
        for call in range(calls):
            before, nearer = nearer, side.solve(vectors, values, start=nearer, **equations)
            assert call or np.linalg.norm(nearer - solution) < np.linalg.norm(before - solution)
        np.testing.assert_allclose(nearer, solution, atol=2e-3)
        np.testing.assert_allclose(
            side.solve(vectors, values, start=solution, **equations), solution, atol=1e-4
        )


def test_with_noise_it_draws_from_the_distribution_of_the_solution() -> None:
    n = 40_000
    users, items = np.repeat(np.arange(n, dtype=np.int32), 2), np.tile(np.array([0, 1], np.int32), n)
    values = np.tile(np.array([1.0, 2.0], np.float32), n)
    vectors = np.array([[1.0, 0.5], [0.2, 1.0]], np.float32)
    precision = np.array([[1.0, 0.3], [0.3, 2.0]], np.float32)
    noise = np.random.default_rng(0).standard_normal((n, 2)).astype(np.float32)
    drawn = LeastSquares(users, items, n, 2, 2).solve(vectors, values, precision=precision, noise=noise)
    matrix = vectors.T @ vectors + precision
    np.testing.assert_allclose(drawn.mean(0), np.linalg.solve(matrix, vectors.T @ values[:2]), atol=0.02)
    np.testing.assert_allclose(np.cov(drawn.T), np.linalg.inv(matrix), atol=0.02)


# ---- alternating least squares --------------------------------------------------------------------------


def als_of(ratings: Examples, **settings: Any) -> ALSEngine:
    name = "biased_mf" if settings.get("has_biases", True) else "explicit_mf"
    start = initial_factors(name, N_USERS, N_ITEMS, n_factors=N_FACTORS, global_mean=3.0, seed=0)
    keywords = {"regularization": 0.1, "has_biases": True, "choice": Choice("als", "as asked")}
    return ALSEngine(start, *ratings, **(keywords | settings))


def objective(factors: Factors, ratings: Examples, regularization: float) -> float:
    """The sum of squared errors, and of the squared norms of the vectors of each rating, biases included."""
    users, items, values = ratings
    errors = values - factors.predict(users, items)
    norms = (
        (factors.user_factors[users] ** 2).sum(1)
        + (factors.item_factors[items] ** 2).sum(1)
        + factors.user_bias[users] ** 2
        + factors.item_bias[items] ** 2
    )
    return float((errors**2).sum() + regularization * norms.sum())


@pytest.mark.parametrize("has_biases", [False, True])
def test_each_half_sweep_is_the_best_that_its_side_can_do(ratings: Examples, *, has_biases: bool) -> None:
    engine = als_of(ratings, has_biases=has_biases)
    before = objective(engine.scorer(), ratings, 0.1)
    rng = np.random.default_rng(0)
    for half in (0, 1, 0, 1):
        engine.run(half, 1)
        factors = engine.scorer()
        now = objective(factors, ratings, 0.1)
        assert now < before
        before = now
        name = "user_factors" if half == 0 else "item_factors"
        for _ in range(5):
            table = getattr(factors, name)
            moved = replace(
                factors, **{name: table + 0.01 * rng.standard_normal(table.shape).astype(np.float32)}
            )
            assert objective(moved, ratings, 0.1) > now
    assert (factors.user_bias != 0).any() == has_biases


def test_implicit_feedback_is_the_least_squares_of_all_pairs(ratings: Examples) -> None:
    users, items, _ = ratings
    confidences = np.random.default_rng(2).uniform(1, 3, len(users)).astype(np.float32)
    engine = als_of(
        (users, items, np.ones(len(users), np.float32)),
        has_biases=False,
        confidences=confidences,
        regularization=0.02,
    )
    engine.run(0, 2)
    engine.run(0, 1)
    factors = engine.scorer()
    weights, taken = np.ones((N_USERS, N_ITEMS)), np.zeros((N_USERS, N_ITEMS))
    weights[users, items] += confidences
    taken[users, items] = 1
    q = factors.item_factors.astype(np.float64)
    for user in range(N_USERS):
        expected = np.linalg.solve(
            (q.T * weights[user]) @ q + 0.02 * weights[user].sum() * np.eye(N_FACTORS),
            q.T @ (weights[user] * taken[user]),
        )
        np.testing.assert_allclose(factors.user_factors[user], expected, atol=1e-3)


def test_steps_of_conjugate_gradients_lead_to_where_exact_solutions_do(ratings: Examples) -> None:
    """The objective (equation 3 of Hu, Koren and Volinsky) never grows, and ends where a twin's does."""
    users, items, _ = ratings
    n_factors = 3 * least_squares.STEPS
    start = initial_factors("explicit_mf", N_USERS, N_ITEMS, n_factors=n_factors, global_mean=0.0, seed=0)
    confidences = np.random.default_rng(2).uniform(1, 30, len(users)).astype(np.float32)
    engine = ALSEngine(
        start,
        users,
        items,
        np.ones(len(users), np.float32),
        regularization=0.05,
        has_biases=False,
        choice=Choice("als", "as asked"),
        confidences=confidences,
    )
    weights, taken = np.ones((N_USERS, N_ITEMS)), np.zeros((N_USERS, N_ITEMS))
    weights[users, items] += confidences
    taken[users, items] = 1

    def loss(p: np.ndarray, q: np.ndarray) -> float:
        norms = weights.sum(1) @ (p**2).sum(1) + weights.sum(0) @ (q**2).sum(1)
        return float((weights * (taken - p @ q.T) ** 2).sum() + 0.05 * norms)

    def exact(other: np.ndarray, weights: np.ndarray, taken: np.ndarray) -> np.ndarray:
        rows = []
        for weight, one in zip(weights, taken, strict=True):
            matrix = (other.T * weight) @ other + 0.05 * weight.sum() * np.eye(n_factors)
            rows.append(np.linalg.solve(matrix, other.T @ (weight * one)))
        return np.array(rows)

    p, q = start.user_factors.astype(np.float64), start.item_factors.astype(np.float64)
    before = loss(p, q)
    for _ in range(50):
        p = exact(q, weights, taken)
        q = exact(p, weights.T, taken.T)
        for half in (0, 1):
            engine.run(half, 1)
            factors = engine.scorer()
            now = loss(factors.user_factors.astype(np.float64), factors.item_factors.astype(np.float64))
            assert now < before * (1 + 1e-6)
            before = now
    assert now == pytest.approx(loss(p, q), rel=1e-4)
    good = factors
    engine.run(0, 2)
    through = engine.scorer()
    engine.recover(good)
    engine.run(0, 2)
    np.testing.assert_array_equal(engine.scorer().user_factors, through.user_factors)


@pytest.mark.parametrize("is_implicit", [False, True])
def test_without_regularization_rows_of_few_ratings_stay_numbers(*, is_implicit: bool) -> None:
    users = np.array([0, 0, 1, 2], np.int32)
    items = np.array([0, 1, 1, 2], np.int32)
    values = np.array([1, 5, 3, 4], np.float32)
    name, mean = ("explicit_mf", 0.0) if is_implicit else ("biased_mf", 3.25)
    start = initial_factors(name, 4, 4, n_factors=N_FACTORS, global_mean=mean, seed=0)
    engine = ALSEngine(
        start,
        users,
        items,
        np.ones_like(values) if is_implicit else values,
        regularization=0.0,
        has_biases=not is_implicit,
        choice=Choice("als", "as asked"),
        confidences=np.full(4, 2.0, np.float32) if is_implicit else None,
    )
    for _ in range(20):
        engine.run(0, 2)
    factors = engine.scorer()
    assert np.isfinite(factors.user_factors).all()
    assert np.isfinite(factors.item_factors).all()
    assert engine.running_loss() < 0.05


def test_als_resets_and_recovers(ratings: Examples) -> None:
    engine = als_of(ratings)
    start = engine.scorer()
    engine.run(0, 2)
    good = engine.scorer()
    errors = good.predict(*ratings[:2]) - ratings[2]
    assert engine.running_loss() == pytest.approx(float(np.mean(errors**2)), rel=1e-5)
    engine.run(0, 2)
    engine.recover(good)
    assert engine.scorer() is good
    engine.reset()
    assert engine.scorer() is start


# ---- Gibbs sampling -------------------------------------------------------------------------------------


def gibbs_of(ratings: Examples, n_samples: int = 6, seed: int = 0) -> GibbsEngine:
    start = initial_factors("bayesian_mf", N_USERS, N_ITEMS, n_factors=N_FACTORS, global_mean=3.0, seed=0)
    return GibbsEngine(
        start,
        *ratings,
        n_samples=n_samples,
        seed=seed,
        choice=Choice("gibbs", "as asked"),
    )


def sweep(engine: GibbsEngine, epochs: range) -> SampledFactors:
    for epoch in epochs:
        engine.begin_epoch(epoch)
        engine.run(0, 2)
    return engine.scorer()


def test_a_sweep_draws_what_a_loop_over_the_rows_draws(ratings: Examples) -> None:
    users, items, values = ratings
    engine = gibbs_of(ratings)
    start = engine.scorer().samples[0]
    residuals = values.astype(np.float64) - 3.0
    tables = [
        np.column_stack([start.user_factors, start.user_bias]).astype(np.float64),
        np.column_stack([start.item_factors, start.item_bias]).astype(np.float64),
    ]
    precision = 1 / np.var(residuals)
    for epoch in (1, 2):
        rng = np.random.default_rng([0, epoch])
        engine.begin_epoch(epoch)
        for side, (idx, other) in enumerate([(users, items), (items, users)]):
            prior = gibbs._draw_prior(tables[side].astype(np.float32), rng)
            noise = rng.standard_normal(tables[side].shape, np.float32)
            drawn = np.empty_like(tables[side])
            for row in range(len(drawn)):
                rated = np.flatnonzero(idx == row)
                vectors = tables[1 - side][other[rated]]
                right = residuals[rated] - vectors[:, -1]
                vectors = np.column_stack([vectors[:, :-1], np.ones(len(rated))])
                matrix = precision * vectors.T @ vectors + prior.precision
                root = np.linalg.cholesky(matrix)
                mean = np.linalg.solve(matrix, precision * vectors.T @ right + prior.precision @ prior.mean)
                drawn[row] = mean + np.linalg.solve(root.T, noise[row])
            tables[side] = drawn
            engine.run(side, 1)
            sample = engine.scorer().samples[-1]
            for mine, theirs in zip(
                tables,
                [(sample.user_factors, sample.user_bias), (sample.item_factors, sample.item_bias)],
                strict=True,
            ):
                np.testing.assert_allclose(np.column_stack(theirs), mine, atol=2e-3)
        (p, b), (q, c) = ((table[:, :-1], table[:, -1]) for table in tables)
        errors = residuals - ((p[users] * q[items]).sum(1) + b[users] + c[items])
        assert engine.running_loss() == pytest.approx(np.mean(errors**2), rel=1e-3)
        precision = rng.gamma(1 + len(errors) / 2, 1 / (1 + (errors**2).sum() / 2))
        assert engine.scorer().noise == pytest.approx(precision**-0.5, rel=1e-3)


def test_the_prior_is_drawn_from_equation_14() -> None:
    rng = np.random.default_rng(0)
    table = rng.standard_normal((40, 3)).astype(np.float32) * np.float32(0.5) + np.float32(1.0)
    draws = [gibbs._draw_prior(table, rng) for _ in range(4000)]
    rows, weight = table.astype(np.float64), gibbs.PRIOR_WEIGHT
    mean = sum(rows) / 40
    inverse = np.eye(3) + weight * 40 / (weight + 40) * np.outer(mean, mean)
    for row in rows:
        inverse += np.outer(row - mean, row - mean)
    expected = (3 + 40) * np.linalg.inv(inverse)
    found = np.mean([draw.precision for draw in draws], axis=0)
    np.testing.assert_allclose(found, expected, atol=0.03 * np.abs(expected).max())
    center = np.mean([draw.mean for draw in draws], axis=0)
    np.testing.assert_allclose(center, 40 * mean / (weight + 40), atol=0.01)
    spread = np.cov(np.array([draw.mean for draw in draws]).T)
    # Of a normal distribution whose precision is (weight + n) * Wishart: it is a t distribution.
    np.testing.assert_allclose(spread, inverse / ((weight + 40) * (3 + 40 - 3 - 1)), rtol=0.15, atol=2e-4)


def test_samples_are_kept_after_the_burn_in_and_the_last_ones_stay(
    ratings: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gibbs, "BURN_IN", 3)
    engine = gibbs_of(ratings, n_samples=4)
    counts, last = [], []
    for epoch in range(1, 10):
        scorer = sweep(engine, range(epoch, epoch + 1))
        counts.append(len(scorer.samples))
        last.append(scorer.samples[-1])
    assert counts == [1, 1, 1, 1, 2, 3, 4, 4, 4]
    assert [id(sample) for sample in engine.scorer().samples] == [id(sample) for sample in last[-4:]]


def test_joined_factors_predict_the_mean_of_the_samples(
    ratings: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gibbs, "BURN_IN", 1)
    engine = gibbs_of(ratings)
    users, items = ratings[0][:50], ratings[1][:50]
    for epochs in (range(1, 2), range(2, 5), range(5, 12)):
        scorer = sweep(engine, epochs)
        predicted = scorer.joined(8).predict(users, items)
        np.testing.assert_allclose(predicted, scorer.predict(users, items), atol=1e-4)
        alone = np.stack([sample.predict(users, items) for sample in scorer.samples])
        np.testing.assert_allclose(scorer.predict(users, items), alone.mean(0), atol=1e-5)
        deviation = np.sqrt(alone.var(0) + scorer.noise**2)
        np.testing.assert_allclose(scorer.deviation(users, items), deviation, atol=1e-5)


def test_blocks_say_what_pairs_say(ratings: Examples) -> None:
    scorer = sweep(gibbs_of(ratings), range(1, 25))
    users, items = np.array([3, 1]), np.array([5, 0, 7])
    pairs = np.repeat(users, 3), np.tile(items, 2)
    predictions, deviations = scorer.blocks(users, items)
    np.testing.assert_allclose(predictions.ravel(), scorer.predict(*pairs), atol=1e-5)
    np.testing.assert_array_equal(predictions, scorer.predict_block(users, items))
    np.testing.assert_allclose(deviations.ravel(), scorer.deviation(*pairs), atol=1e-5)


def test_the_seed_decides_and_going_on_is_the_same_as_going_through(ratings: Examples) -> None:
    through = sweep(gibbs_of(ratings), range(1, 4)).samples[-1]
    engine = gibbs_of(ratings)
    for epoch in (1, 2, 3):
        engine.begin_epoch(epoch)
        for half in (0, 1):
            engine.run(half, 1)
            engine.scorer()
    np.testing.assert_array_equal(engine.scorer().samples[-1].user_factors, through.user_factors)
    engine.reset()
    again = sweep(engine, range(1, 4)).samples[-1]
    np.testing.assert_array_equal(again.user_factors, through.user_factors)
    other = sweep(gibbs_of(ratings, seed=1), range(1, 4)).samples[-1]
    assert not np.array_equal(other.user_factors, through.user_factors)


def test_it_finds_the_noise_and_its_intervals_hold_what_they_should() -> None:
    """The model itself made these ratings: 90% intervals hold 90% of those left out."""
    rng = np.random.default_rng(5)
    n_users, n_items = 200, 150
    p, q = rng.standard_normal((n_users, 2)), rng.standard_normal((n_items, 2))
    b, c = 0.5 * rng.standard_normal(n_users), 0.5 * rng.standard_normal(n_items)
    users, items = (idx.astype(np.int32) for idx in np.nonzero(rng.random((n_users, n_items)) < 0.3))
    truth = 3 + (p[users] * q[items]).sum(1) + b[users] + c[items]
    values = (truth + 0.4 * rng.standard_normal(len(users))).astype(np.float32)
    is_test = rng.random(len(users)) < 0.2
    mean = float(values.mean())
    start = initial_factors("bayesian_mf", n_users, n_items, n_factors=3, global_mean=mean, seed=0)
    train = users[~is_test], items[~is_test], values[~is_test]
    engine = GibbsEngine(start, *train, n_samples=60, seed=0, choice=Choice("gibbs", "as asked"))
    scorer = sweep(engine, range(1, 90))
    assert scorer.noise == pytest.approx(0.4, rel=0.1)
    errors = np.abs(scorer.predict(users, items) - values)[is_test]
    held = float(np.mean(errors < 1.645 * scorer.deviation(users, items)[is_test]))
    assert 0.85 < held < 0.95
    assert float(np.sqrt(np.mean(errors**2))) < 0.52


def test_it_recovers_from_samples(ratings: Examples) -> None:
    engine = gibbs_of(ratings)
    good = sweep(engine, range(1, 25))
    engine.begin_epoch(25)
    engine.run(0, 1)
    engine.recover(good)
    assert [id(sample) for sample in engine.scorer().samples] == [id(sample) for sample in good.samples]
    assert engine.scorer().noise == pytest.approx(good.noise)


def test_a_sample_of_the_burn_in_that_is_put_back_stays_in_no_mean(ratings: Examples) -> None:
    engine = gibbs_of(ratings)
    early = sweep(engine, range(1, 4))
    assert len(early.samples) == 1
    sweep(engine, range(4, 25))
    engine.recover(early)
    later = sweep(engine, range(25, 27))
    assert len(later.samples) == 2
    assert early.samples[0] not in later.samples


# ---- the scale of the ratings ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["als", "gibbs", "sgd"])
def test_the_unit_of_the_ratings_does_not_matter(ratings: Examples, name: str) -> None:
    users, items, values = ratings
    predictions = []
    for slope, intercept in ((1.0, 0.0), (20.0, -30.0)):
        scaled = users, items, (slope * values + intercept).astype(np.float32)
        mean = float(slope * 3.0 + intercept)
        start = initial_factors("biased_mf", N_USERS, N_ITEMS, n_factors=N_FACTORS, global_mean=3.0, seed=0)
        start = start.along(slope, mean - 3.0 * slope)
        choice = Choice(name, "as asked")
        engine: Any
        if name == "als":
            engine = ALSEngine(start, *scaled, regularization=0.1, has_biases=True, choice=choice)
        elif name == "gibbs":
            engine = GibbsEngine(start, *scaled, n_samples=4, seed=0, choice=choice)
        else:
            engine = SGDEngine(
                start, *scaled, batch_size=16, seed=0, learning_rate=0.05, regularization=0.1, choice=choice
            )
        for epoch in range(1, 4):
            engine.begin_epoch(epoch)
            engine.run(0, engine.n_batches)
        predicted = engine.scorer().predict(users, items)
        assert engine.running_loss() / slope**2 < 3
        predictions.append((predicted - intercept) / slope)
    np.testing.assert_allclose(predictions[0], predictions[1], atol=2e-2)


@pytest.mark.parametrize(("n_rows", "expected"), [(2_625, 100), (221_588, 25), (10**9, 1)])
def test_fewer_samples_are_kept_where_there_are_many_rows(n_rows: int, expected: int) -> None:
    assert n_samples_in_memory(n_rows, 12) == expected
