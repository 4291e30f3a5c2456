"""Evaluation of scorers: candidates, ties, relevance, blocks, and agreement with an oracle."""

from __future__ import annotations

import math
import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget import Interactions, RecowidgetError, ranking
from recowidget.datasets import load_movielens
from recowidget.encoding import Vocabulary
from recowidget.evaluation import evaluate, evaluate_users, relevance_threshold
from recowidget.factors import Factors
from recowidget.ranking import ItemsByUser, top_n
from recowidget.scoring import Predictor
from recowidget.splits import Split, random_split


class Table:
    """A scorer made of a table of scores."""

    def __init__(self, scores: object) -> None:
        self.scores = np.asarray(scores, np.float32)

    def predict_block(self, user_idx: np.ndarray, item_idx: np.ndarray) -> np.ndarray:
        return self.scores[np.ix_(user_idx, item_idx)]


class RatingTable(Table):
    def predict(self, user_idx: np.ndarray, item_idx: np.ndarray) -> np.ndarray:
        return self.scores[user_idx, item_idx]


def make(rows: list[tuple[str, str, float, str]]) -> Split:
    """Make a split from rows of user, item, rating and part."""
    frame = pd.DataFrame(rows, columns=["user_id", "movie_id", "rating", "part"])
    interactions = Interactions.from_frame(frame)
    return Split(interactions, *[frame["part"] == part for part in ("train", "validation", "test")])


# ---- the best items -------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 30), st.integers(1, 35), st.integers(1, 8))
def test_the_best_items_are_those_of_a_stable_sort(
    seed: int, n_users: int, n_items: int, n: int, distinct: int
) -> None:
    rng = np.random.default_rng(seed)
    pool = np.array([-np.inf, -2.5, -0.0, 0.0, 1e-40, 3.25, np.inf, np.nan], np.float32)[:distinct]
    scores = rng.choice(pool, (n_users, n_items))
    excluded = rng.random((n_users, n_items)) < 0.3
    top = top_n(scores, n, excluded)
    assert top.shape == (n_users, n)
    for user in range(n_users):
        numbers = {item: scores[user, item] for item in range(n_items) if not excluded[user, item]}
        ordered = sorted(numbers, key=lambda item: (math.isnan(numbers[item]), -numbers[item], item))
        if any(math.isnan(number) for number in numbers.values()):
            known = [item for item in sorted(numbers) if not math.isnan(numbers[item])]
            ordered = sorted(known, key=lambda item: -numbers[item])
            ordered += [item for item in sorted(numbers) if math.isnan(numbers[item])]
        expected = (ordered + [-1] * n)[:n]
        assert top[user].tolist() == expected


def test_ties_go_by_item() -> None:
    assert top_n([[1, 2, 2, 1, 2]], 4).tolist() == [[1, 2, 4, 0]]
    assert top_n(np.zeros((1, 5)), 2).tolist() == [[0, 1]]
    assert top_n([[0.0, -0.0]], 2).tolist() == [[0, 1]]
    assert top_n([[-0.0, 0.0]], 1).tolist() == [[0]]


def test_items_by_user() -> None:
    split = make(
        [("a", "y", 1, "train"), ("c", "x", 1, "train"), ("a", "x", 1, "train"), ("b", "z", 1, "test")]
    )
    grouped = ItemsByUser.of_rows(split.interactions, split.train)
    assert grouped.mask(np.array([2, 0, 1, 0]), 3).astype(int).tolist() == [
        [1, 0, 0],
        [1, 1, 0],
        [0, 0, 0],
        [1, 1, 0],
    ]
    assert grouped.mask(np.array([], int), 3).shape == (0, 3)


# ---- by hand --------------------------------------------------------------------------------------------

HAND = [
    ("u", "a", 5.0, "train"),
    ("u", "b", 5.0, "test"),
    ("u", "c", 2.0, "test"),
    ("u", "d", 4.0, "validation"),
    ("v", "a", 1.0, "train"),
    ("v", "c", 3.0, "test"),
    ("w", "e", 4.0, "train"),
]
SCORES = [[9, 1, 3, 8, 2], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]


def test_a_split_by_hand() -> None:
    result = evaluate(RatingTable(SCORES), make(HAND), k=2, relevant=4)
    # u: a and d are known; c, e, b are ranked in that order; only b is relevant. v has nothing relevant.
    assert result["precision"] == result["recall"] == result["ndcg"] == result["mrr"] == 0
    assert evaluate(RatingTable(SCORES), make(HAND), k=3, relevant=4)["mrr"] == pytest.approx(1 / 3)
    assert result["coverage"] == pytest.approx(3 / 5)  # c, e for u; b, c for v
    assert result["rmse"] == pytest.approx(math.sqrt((16 + 1 + 9) / 3))
    assert result["mae"] == pytest.approx((4 + 1 + 3) / 3)
    names = ["rmse", "mae", "precision", "recall", "ndcg", "map", "mrr", "hit_rate", "coverage"]
    assert result.index.tolist() == names
    assert result.dtype == np.float64


def test_users_by_hand() -> None:
    frame = evaluate_users(RatingTable(SCORES), make(HAND), k=3, relevant=2)
    assert frame["user_id"].tolist() == ["u", "v"]
    assert frame["n_ratings"].tolist() == [2, 1]
    assert frame["n_relevant"].tolist() == [2, 1]
    assert frame["recall"].tolist() == [1, 1]
    assert frame["mrr"].tolist() == [1, 0.5]  # v: all tied, so b comes before c
    assert frame["rmse"].tolist() == pytest.approx([math.sqrt(17 / 2), 3])
    strict = evaluate_users(Table(SCORES), make(HAND), k=3, relevant=4)
    assert strict["n_relevant"].tolist() == [1, 0]
    assert np.isnan(strict.loc[1, "ndcg"])
    assert strict["rmse"].isna().all()


def test_lists_longer_than_the_catalogue() -> None:
    split = make([("u", "a", 5, "train"), ("u", "b", 5, "test"), ("v", "c", 5, "train")])
    scorer = Table(np.zeros((2, 3)))
    short, long = evaluate(scorer, split, 3), evaluate(scorer, split, 10**12)
    assert long["precision"] == 1e-12
    others = ["recall", "ndcg", "map", "mrr", "hit_rate", "coverage"]
    assert long[others].tolist() == short[others].tolist()


def test_validation() -> None:
    frame = evaluate_users(Table(SCORES), make(HAND), k=1, relevant=4, part="validation")
    assert frame["user_id"].tolist() == ["u"]
    assert frame["precision"].tolist() == [1]  # of b, c, d and e: what is to test with is a candidate


def test_nothing_held_out() -> None:
    split = make([("u", "a", 5.0, "train")])
    assert evaluate(Table([[1]]), split).isna().all()
    assert len(evaluate_users(Table([[1]]), split)) == 0


@pytest.mark.parametrize(
    ("low", "high", "threshold"), [(1, 5, 4), (0.5, 5, 3.875), (1, 10, 7.75), (0, 1, 0.75), (1, 1, 1)]
)
def test_what_is_relevant_where_nothing_is_said(low: float, high: float, threshold: float) -> None:
    split = make([("u", "a", low, "train"), ("u", "b", high, "test")])
    assert relevance_threshold(split.interactions) == threshold
    assert evaluate_users(Table([[1, 1]]), split)["n_relevant"].tolist() == [1]


def test_a_threshold_on_float32() -> None:
    split = make([("u", "a", 1, "train"), ("u", "b", 3.6, "test")])
    assert evaluate_users(Table([[1, 1]]), split, relevant=3.6)["n_relevant"].tolist() == [1]


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"k": 0}, r"^k must be an integer of 1 or more, not 0$"),
        ({"relevant": "4"}, r'^relevant must be a finite number, not "4"$'),
        ({"relevant": math.nan}, r"^relevant must be a finite number, not nan$"),
        ({"part": "train"}, r'^part must be "validation" or "test", not "train"$'),
    ],
)
def test_settings_that_do_not_fit(settings_: dict[str, object], message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        evaluate(Table(SCORES), make(HAND), **settings_)


# ---- against an oracle ----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_equal_to_trec_eval_on_random_splits(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    n_users, n_items = rng.integers(2, 8), rng.integers(2, 30)
    users, items = np.nonzero(rng.random((n_users, n_items)) < 0.5)
    if len(users) < 3:
        return
    frame = pd.DataFrame({"user": users, "item": items, "rating": rng.integers(1, 6, len(users))})
    interactions = Interactions.from_frame(frame)
    split = random_split(interactions, (0.4, 0.2, 0.4), seed=seed)
    scores = rng.permuted(
        np.tile(np.arange(interactions.n_items), (interactions.n_users, 1)), axis=1
    )  # no ties: trec_eval has its own rule
    truth: dict[str, dict[str, int]] = {}
    for row in split.test:
        if interactions.ratings[row] >= 4:
            truth.setdefault(str(interactions.user_idx[row]), {})[str(interactions.item_idx[row])] = 1
    run: dict[str, dict[str, float]] = {}
    for user in truth:
        mine = interactions.user_idx == int(user)
        seen = set(interactions.item_idx[mine & (split.parts() < 2)].tolist())
        known = {item: float(scores[int(user), item]) for item in range(interactions.n_items)}
        best = sorted(known.keys() - seen, key=lambda item: -known[item])[:k]
        run[user] = {str(item): known[item] for item in best}
    result = evaluate(RatingTable(scores), split, k=k, relevant=4)
    if not truth:
        assert np.isnan(result["ndcg"])
        return
    names = {
        "precision": f"P_{k}",
        "recall": f"recall_{k}",
        "ndcg": f"ndcg_cut_{k}",
        "map": f"map_cut_{k}",
        "hit_rate": f"success_{k}",
        "mrr": "recip_rank",
    }
    measures = {re_name.rpartition("_")[0] + f".{k}" for re_name in names.values() if re_name != "recip_rank"}
    reference = pytrec_eval.RelevanceEvaluator(truth, measures | {"recip_rank"}).evaluate(run)
    zeros = dict.fromkeys(names.values(), 0.0)  # trec_eval leaves out a user without candidates
    for ours, theirs in names.items():
        mean = np.mean([reference.get(user, zeros)[theirs] for user in truth])
        assert result[ours] == pytest.approx(mean, abs=1e-9)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = Interactions.from_frame(load_movielens()[0])
    split = random_split(interactions)
    rng = np.random.default_rng(0)
    shape = (interactions.n_users, interactions.n_items)
    scorer = RatingTable(rng.integers(0, 50, shape))
    whole = evaluate_users(scorer, split)
    monkeypatch.setattr(ranking, "BLOCK_CELLS", 100_000)
    pd.testing.assert_frame_equal(evaluate_users(scorer, split), whole)


def draw(n_users: int, n_items: int, k: int) -> Factors:
    rng = np.random.default_rng(0)
    tables = [rng.standard_normal((n, k)).astype(np.float32) for n in (n_users, n_items)]
    return Factors(*tables, *[table[:, 0] * 0 for table in tables], 3.5)


def generate(n_users: int, n_items: int, n_ratings: int) -> Split:
    rng = np.random.default_rng(1)
    users, items = (rng.integers(0, n, n_ratings).astype(np.int32) for n in (n_users, n_items))
    vocabularies = (
        Vocabulary(np.arange(n), None, name) for n, name in ((n_users, "user"), (n_items, "item"))
    )
    columns = {"user": "user", "item": "item", "rating": "rating", "timestamp": None}
    ratings = rng.integers(1, 6, n_ratings).astype(np.float32)
    return random_split(Interactions(users, items, ratings, None, *vocabularies, columns))


def test_factors_are_a_predictor() -> None:
    assert isinstance(draw(2, 2, 1), Predictor)
    assert not isinstance(Table(SCORES), Predictor)


def test_movielens_100k_in_under_a_second() -> None:
    split, factors = generate(943, 1_682, 100_000), draw(943, 1_682, 32)
    start = time.perf_counter()
    evaluate(factors, split)
    assert time.perf_counter() - start < 1


def test_memory_is_bounded_for_many_users() -> None:
    split, factors = generate(100_000, 500, 300_000), draw(100_000, 500, 8)
    tracemalloc.start()
    evaluate(factors, split)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # All scores at once would be 200 MB, and four times that with what ranks them.
    assert peak < 200e6
