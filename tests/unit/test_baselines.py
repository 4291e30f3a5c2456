"""Baselines."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget import Interactions, RecowidgetError, baselines
from recowidget.baselines import (
    BASELINES,
    DampedBias,
    GlobalMean,
    ItemMean,
    Popularity,
    Random,
    UserMean,
)
from recowidget.datasets import load_movielens
from recowidget.evaluation import evaluate, rmse
from recowidget.scoring import Predictor
from recowidget.splits import Split, random_split

FRAME = pd.DataFrame({"user": [1, 1, 2], "item": [1, 2, 1], "rating": [1.0, 2.0, 4.5]})
ON_THE_SCALE = [GlobalMean, UserMean, ItemMean, DampedBias]


@pytest.fixture(scope="module")
def movielens() -> Interactions:
    return Interactions.from_frame(load_movielens()[0])


def test_the_mean_is_of_the_rows_in_training() -> None:
    interactions = Interactions.from_frame(FRAME)
    assert GlobalMean.fit(interactions, np.array([0, 1])).mean == 1.5
    assert GlobalMean.fit(interactions).mean == 2.5
    assert GlobalMean.name == "global mean"


def test_predictions_have_the_shape_of_the_pairs() -> None:
    baseline = GlobalMean(3.5)
    predictions = baseline.predict(np.array([0, 1, 1]), np.array([0, 0, 5]))
    assert predictions.dtype == np.float32
    assert predictions.tolist() == [3.5, 3.5, 3.5]
    assert baseline.predict(np.arange(2)[:, None], np.arange(3)).shape == (2, 3)


@pytest.mark.parametrize("kind", BASELINES)
def test_no_rows(kind: type) -> None:
    with pytest.raises(
        RecowidgetError, match=rf"^the {kind.name.replace('+', '.')} needs one rating or more"
    ):
        kind.fit(Interactions.from_frame(FRAME), np.array([], int))


def test_means_by_hand() -> None:
    interactions = Interactions.from_frame(FRAME)
    users, items = interactions.user_idx, interactions.item_idx
    assert UserMean.fit(interactions).predict(users, items).tolist() == [1.5, 1.5, 4.5]
    assert ItemMean.fit(interactions).predict(users, items).tolist() == [2.75, 2, 2.75]
    cold = np.array([0, 1])  # user 2 and item 1 aren't in these rows
    assert UserMean.fit(interactions, cold[:1] + 1).predict(np.array([1]), np.array([0])).tolist() == [2]
    assert ItemMean.fit(interactions, cold[:1] + 1).predict(np.array([1]), np.array([0])).tolist() == [2]


def test_damped_biases_by_hand() -> None:
    interactions = Interactions.from_frame(FRAME)
    baseline = DampedBias.fit(interactions, damping=2)
    items = [((1 - 2.5) + (4.5 - 2.5)) / 4, (2 - 2.5) / 3]
    users = [((1 - 2.5 - items[0]) + (2 - 2.5 - items[1])) / 4, (4.5 - 2.5 - items[0]) / 3]
    assert baseline.item_bias == pytest.approx(items)
    assert baseline.user_bias == pytest.approx(users)
    expected = [[2.5 + user + item for item in items] for user in users]
    np.testing.assert_allclose(baseline.predict_block(np.arange(2), np.arange(2)), expected, rtol=1e-6)
    with pytest.raises(RecowidgetError, match=r"^damping must be a number of 0 or more, not -1$"):
        DampedBias.fit(interactions, damping=-1)


def test_popularity() -> None:
    baseline = Popularity.fit(Interactions.from_frame(FRAME), np.array([0, 2]))
    assert baseline.predict_block(np.array([1, 0]), np.array([1, 0])).tolist() == [[0, 2], [0, 2]]


def test_random_scores_depend_on_the_pair_and_the_seed_alone(movielens: Interactions) -> None:
    baseline = Random.fit(movielens)
    whole = baseline.predict_block(np.arange(100), np.arange(500))
    assert np.array_equal(whole[np.ix_([7, 3], [450, 2])], baseline.predict_block([7, 3], [450, 2]))
    assert not np.array_equal(
        Random.fit(movielens, seed=1).predict_block(np.arange(100), np.arange(500)), whole
    )
    assert 0 <= whole.min() < 0.001
    assert 0.999 < whole.max() < 1
    assert whole.mean() == pytest.approx(0.5, abs=0.005)
    assert np.abs(np.corrcoef(whole)[~np.eye(100, dtype=bool)]).max() < 0.25
    assert np.abs(np.corrcoef(whole.T)[~np.eye(500, dtype=bool)]).max() < 0.6


@pytest.mark.parametrize("kind", BASELINES)
def test_every_baseline_is_a_scorer(kind: type, movielens: Interactions) -> None:
    split = random_split(movielens)
    baseline = kind.fit(movielens, split.train)
    users, items = np.arange(5), np.arange(7)
    block = baseline.predict_block(users, items)
    assert block.shape == (5, 7)
    assert block.dtype == np.float32
    assert isinstance(baseline, Predictor) == (kind in ON_THE_SCALE)
    if kind in ON_THE_SCALE:
        assert np.array_equal(block, baseline.predict(users[:, None], items))
    assert (np.ptp(block, axis=1).max() > 0) == baseline.ranks


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_on_movielens(movielens: Interactions, seed: int) -> None:
    split = random_split(movielens, seed=seed)
    frame = baselines.table(split)
    assert frame.columns.tolist() == ["name", "test_rmse", "test_mae", "ndcg"]
    assert frame["name"].tolist() == [kind.name for kind in BASELINES]
    table = frame.set_index("name")
    errors = table["test_rmse"]
    assert errors["global mean"] == pytest.approx(1.04, abs=0.01)
    assert 0.855 < errors["user + item bias"] < 0.875
    assert errors["user + item bias"] < errors["user mean"] < errors["item mean"] < errors["global mean"]
    assert errors[["popularity", "random"]].isna().all()
    assert table["ndcg"][["global mean", "user mean"]].isna().all()
    assert table["ndcg"]["popularity"] > 1.5 * table["ndcg"]["user + item bias"]
    assert table["ndcg"]["random"] < 0.01
    result = evaluate(DampedBias.fit(movielens, split.train), split)
    assert result["ndcg"] == table["ndcg"]["user + item bias"]
    assert result["rmse"] == errors["user + item bias"]
    without = baselines.table(split, ranking=False)
    assert without["ndcg"].isna().all()
    pd.testing.assert_frame_equal(without[["test_rmse", "test_mae"]], frame[["test_rmse", "test_mae"]])


@pytest.mark.parametrize("rating", [None, 3.7])
def test_items_that_score_alike_are_not_ranked(movielens: Interactions, rating: float | None) -> None:
    ratings = movielens.to_frame()[["user_id", "movie_id"]][:2000]
    if rating is not None:
        ratings["rating"] = rating
    split = random_split(Interactions.from_frame(ratings))
    table = baselines.table(split).set_index("name")
    alike = [kind.name for kind in ON_THE_SCALE]
    assert table["ndcg"][alike].isna().all()
    assert table["ndcg"][["popularity", "random"]].notna().all()
    for kind in ON_THE_SCALE:
        assert not kind.fit(split.interactions, split.train).ranks


def test_popularity_ranks_where_the_counts_differ() -> None:
    interactions = Interactions.from_frame(FRAME)
    assert Popularity.fit(interactions).ranks
    assert not Popularity.fit(interactions, np.array([0, 1])).ranks


def test_a_table_without_a_test_part(movielens: Interactions) -> None:
    rows = np.arange(movielens.n_ratings)
    frame = baselines.table(Split(movielens, rows[:-5], rows[-5:], []))
    assert frame[["test_rmse", "test_mae", "ndcg"]].isna().all(axis=None)


@settings(deadline=None)
@given(st.lists(st.integers(1, 10), min_size=1))
def test_no_other_constant_is_nearer(halves: list[int]) -> None:
    ratings = [half / 2 for half in halves]
    frame = pd.DataFrame({"user": range(len(ratings)), "item": 0, "rating": ratings})
    interactions = Interactions.from_frame(frame)
    mean = GlobalMean.fit(interactions).mean
    assert mean == pytest.approx(np.mean(ratings))
    best = rmse(ratings, np.full(len(ratings), mean))
    assert best <= rmse(ratings, np.full(len(ratings), mean + 0.1)) + 1e-12
    assert math.isclose(
        ItemMean.fit(interactions).predict(np.array([0]), np.array([0]))[0], mean, rel_tol=1e-6
    )
