"""Metrics: by hand, on the workshop's fixture, and against implementations that others wrote."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, ndcg_score, root_mean_squared_error

from recowidget import RecowidgetError, evaluation
from recowidget.evaluation import (
    catalogue_coverage,
    hit_rate_at_k,
    mae,
    map_at_k,
    mrr_at_k,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    rmse,
)

OF_LISTS = [precision_at_k, recall_at_k, ndcg_at_k, map_at_k, mrr_at_k, hit_rate_at_k]


def test_by_hand() -> None:
    assert rmse([1, 2, 3], [1, 4, 3]) == pytest.approx(math.sqrt(4 / 3))
    assert mae([1, 2, 3], [1, 4, 3]) == pytest.approx(2 / 3)
    assert type(rmse([1], [2])) is float
    assert type(mae([1], [2])) is float


def test_sums_are_of_64_bits() -> None:
    ratings = np.full(2_000_001, 0.1, np.float32)
    assert mae(ratings, np.zeros_like(ratings)) == pytest.approx(float(np.float32(0.1)), rel=1e-12)
    assert rmse([1e30], np.float32([0])) == pytest.approx(1e30)


def test_nothing_to_compare() -> None:
    assert math.isnan(rmse([], []))
    assert math.isnan(mae([], []))


def test_a_prediction_that_is_no_number_is_not_hidden() -> None:
    assert math.isnan(rmse([1, 2], [1, np.nan]))
    assert math.isnan(mae([1, 2], [1, np.nan]))


@pytest.mark.parametrize("metric", [rmse, mae])
def test_shapes_that_differ(metric: object) -> None:
    message = "ratings and predictions must have one shape, not (1,) and (2,)"
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        metric([1], [1, 2])
    with pytest.raises(RecowidgetError, match=re.escape("not (2,) and (2, 1)")):
        metric([1, 2], [[1], [2]])


numbers = st.floats(-10, 10, width=32)


@settings(deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=1))
def test_properties(pairs: list[tuple[float, float]]) -> None:
    ratings, predictions = zip(*pairs, strict=True)
    assert 0 <= mae(ratings, predictions) <= rmse(ratings, predictions) + 1e-9
    assert rmse(ratings, predictions) == rmse(predictions, ratings)
    assert mae(ratings, ratings) == 0
    assert rmse(ratings, predictions) <= max(abs(a - b) for a, b in pairs) + 1e-9
    assert rmse(ratings, predictions) == pytest.approx(
        root_mean_squared_error(ratings, predictions), abs=1e-9
    )
    assert mae(ratings, predictions) == pytest.approx(mean_absolute_error(ratings, predictions), abs=1e-9)


# ---- ranked lists ---------------------------------------------------------------------------------------


def test_a_list_by_hand() -> None:
    recommended, relevant = ["a", "b", "c", "d"], {"b", "d", "x"}
    assert precision_at_k(recommended, relevant, 4) == 0.5
    assert recall_at_k(recommended, relevant, 4) == pytest.approx(2 / 3)
    assert map_at_k(recommended, relevant, 4) == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert mrr_at_k(recommended, relevant, 4) == 0.5
    assert hit_rate_at_k(recommended, relevant, 4) == 1
    found = 1 / math.log2(3) + 1 / math.log2(5)
    best = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg_at_k(recommended, relevant, 4) == pytest.approx(found / best)
    assert [metric(recommended, relevant, 1) for metric in OF_LISTS] == [0] * 6
    assert all(type(metric(recommended, relevant, 3)) is float for metric in OF_LISTS)


def test_a_perfect_list() -> None:
    for metric in OF_LISTS:
        assert metric([3, 1, 2], [1, 2, 3], 3) == pytest.approx(1)
    assert map_at_k([3, 1], [1, 2, 3], 2) == pytest.approx(2 / 3)  # of all that are relevant
    assert ndcg_at_k([3, 1], [1, 2, 3], 2) == 1


def test_lists_shorter_than_k() -> None:
    assert precision_at_k([1], [1], 5) == 0.2
    assert ndcg_at_k([1], [1], 5) == 1
    assert precision_at_k([], [1], 5) == 0
    assert mrr_at_k(np.array([7, 8]), np.array([8]), np.int64(5)) == 0.5


@pytest.mark.parametrize("metric", OF_LISTS)
def test_what_has_no_value(metric: object) -> None:
    assert math.isnan(metric([1, 2], [], 2))
    with pytest.raises(RecowidgetError, match=r"^k must be an integer of 1 or more, not 0$"):
        metric([1], [1], 0)
    with pytest.raises(RecowidgetError, match=r"^k must be an integer of 1 or more, not 2\.0$"):
        metric([1], [1], 2.0)
    with pytest.raises(RecowidgetError, match=r"^recommended has 7 more than once among its first 3$"):
        metric([7, 1, 7], [1], 3)
    metric([7, 1, 7], [1], 2)


def test_coverage() -> None:
    assert catalogue_coverage([[1, 2], [2, 3], []], 12) == 0.25
    assert catalogue_coverage(np.array([[0, 1], [1, 0]]), 4) == 0.5
    assert catalogue_coverage([], 4) == 0
    with pytest.raises(RecowidgetError, match=r"^3 items are recommended, and n_items is 2$"):
        catalogue_coverage([[1, 2, 3]], 2)
    with pytest.raises(RecowidgetError, match=r"^n_items must be an integer of 1 or more, not 0$"):
        catalogue_coverage([], 0)


def test_the_workshops_fixture() -> None:
    # `SampleEvaluate`: what each of three users rated, and the three items predicted highest.
    lists = [
        ([3, 10, 12], [1, 2, 3]),
        ([10, 3, 11], [1, 4, 5, 6, 7]),
        ([4, 10, 7], [2, 5, 6, 8, 9, 10, 11, 12, 13, 14]),
    ]
    expected = {precision_at_k: 0.2222, recall_at_k: 0.1444, ndcg_at_k: 0.2551, map_at_k: 0.1278}
    for metric, value in expected.items():
        assert round(float(np.mean([metric(*pair, 3) for pair in lists])), 4) == value


@st.composite
def rankings(draw: st.DrawFn) -> tuple[list[int], set[int], int]:
    n_items = draw(st.integers(1, 40))
    recommended = draw(st.permutations(range(n_items)))
    relevant = draw(st.sets(st.integers(0, n_items - 1), min_size=1))
    return recommended, relevant, draw(st.integers(1, 45))


TREC = {
    precision_at_k: "P_{}",
    recall_at_k: "recall_{}",
    ndcg_at_k: "ndcg_cut_{}",
    map_at_k: "map_cut_{}",
    hit_rate_at_k: "success_{}",
}


@settings(deadline=None)
@given(rankings())
def test_equal_to_trec_eval_and_scikit_learn(case: tuple[list[int], set[int], int]) -> None:
    recommended, relevant, k = case
    # Scores that differ, since trec_eval breaks ties by its own rule.
    first = {str(item): float(-rank) for rank, item in enumerate(recommended[:k])}
    truth = {"user": {str(item): 1 for item in relevant}}
    measures = {name.format("").rstrip("_") + f".{k}" for name in TREC.values()} | {"recip_rank"}
    reference = pytrec_eval.RelevanceEvaluator(truth, measures).evaluate({"user": first})["user"]
    for metric, name in TREC.items():
        assert metric(recommended, relevant, k) == pytest.approx(reference[name.format(k)], abs=1e-9)
    assert mrr_at_k(recommended, relevant, k) == pytest.approx(reference["recip_rank"], abs=1e-9)
    if len(recommended) > 1:
        gains = [[float(item in relevant) for item in recommended]]
        scores = [[float(-rank) for rank in range(len(recommended))]]
        assert ndcg_at_k(recommended, relevant, k) == pytest.approx(ndcg_score(gains, scores, k=k), abs=1e-9)


@settings(deadline=None)
@given(rankings())
def test_metrics_of_lists_are_shares(case: tuple[list[int], set[int], int]) -> None:
    recommended, relevant, k = case
    values = {metric: metric(recommended, relevant, k) for metric in OF_LISTS}
    assert all(0 <= value <= 1 + 1e-12 for value in values.values())
    assert (values[hit_rate_at_k] == 1) == (values[precision_at_k] > 0) == (values[mrr_at_k] > 0)
    assert values[map_at_k] <= values[recall_at_k] + 1e-12


def test_names_are_there() -> None:
    assert set(evaluation.__all__) >= {"ndcg_at_k", "catalogue_coverage", "evaluate", "evaluate_users"}
    assert all(callable(getattr(evaluation, name)) for name in evaluation.__all__)
