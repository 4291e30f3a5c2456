"""Recommendations, new users, similar items and users, explanations."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances

from recowidget import Interactions, RecowidgetError, ranking
from recowidget.baselines import Popularity
from recowidget.factors import Factors
from recowidget.fold_in import fold_in
from recowidget.recommend import explain, recommend, similar_items, similar_users

RATINGS = pd.DataFrame(
    {
        "user_id": [7, 7, 8, 9, 9, 9],
        "movie_id": ["a", "b", "c", "a", "d", "e"],
        "rating": [5.0, 3.0, 4.0, 2.0, 4.5, 1.0],
    }
)
MOVIES = pd.DataFrame({"movie_id": list("abcde"), "title": ["Alien", "Brazil", "Casablanca", "Dune", "Emma"]})


@pytest.fixture(scope="module")
def interactions() -> Interactions:
    return Interactions.from_frame(RATINGS, items=MOVIES)


def draw(n_users: int, n_items: int, k: int, seed: int = 0, *, biases: bool = True) -> Factors:
    rng = np.random.default_rng(seed)
    tables = [rng.standard_normal(shape).astype(np.float32) for shape in ((n_users, k), (n_items, k))]
    rows = [(rng.standard_normal(n) * biases).astype(np.float32) for n in (n_users, n_items)]
    return Factors(*tables, *rows, 3.5 if biases else 0.0)


@pytest.fixture(scope="module")
def factors() -> Factors:
    return draw(3, 5, 2)


# ---- recommend ------------------------------------------------------------------------------------------


def test_one_user(factors: Factors, interactions: Interactions) -> None:
    frame = recommend(factors, interactions, 7, n=2)
    assert frame.columns.tolist() == ["user_id", "movie_id", "title", "score", "rank"]
    scores = dict(zip("abcde", factors.predict_block([0], np.arange(5))[0], strict=True))
    best = sorted("cde", key=lambda item: -scores[item])[:2]
    assert frame["movie_id"].tolist() == best
    assert frame["title"].tolist() == [MOVIES.set_index("movie_id")["title"][item] for item in best]
    assert frame["score"].tolist() == [scores[item] for item in best]
    assert frame["rank"].tolist() == [1, 2]
    assert frame["user_id"].tolist() == [7, 7]
    assert frame["user_id"].dtype == np.int64


def test_many_users_as_one_frame(factors: Factors, interactions: Interactions) -> None:
    frame = recommend(factors, interactions, [9, 7], n=10)
    assert frame["user_id"].tolist() == [9, 9, 7, 7, 7]
    assert frame["rank"].tolist() == [1, 2, 1, 2, 3]
    assert set(frame["movie_id"][:2]) == {"b", "c"}
    everyone = recommend(factors, interactions)
    assert everyone["user_id"].unique().tolist() == [7, 8, 9]
    pd.testing.assert_frame_equal(
        everyone[everyone["user_id"] == 7].reset_index(drop=True),
        recommend(factors, interactions, 7),
    )
    assert len(recommend(factors, interactions, [])) == 0


def test_a_series_is_ids_or_a_new_users_ratings_by_its_names(
    factors: Factors, interactions: Interactions
) -> None:
    both = recommend(factors, interactions, [9, 7])
    for ids in (pd.Series([9, 7]), pd.Series([9, 7], index=[4, 2], name="user_id")):
        pd.testing.assert_frame_equal(recommend(factors, interactions, ids), both)
    rated = RATINGS[RATINGS["user_id"] == 9].set_index("movie_id")["rating"]
    expected = recommend(factors, interactions, {"a": 2.0, "d": 4.5, "e": 1.0})
    pd.testing.assert_frame_equal(recommend(factors, interactions, rated), expected)
    with pytest.raises(RecowidgetError, match=r"user\.to_list\(\) for ids, or user\.to_dict\(\) for ratings"):
        recommend(factors, interactions, pd.Series({"a": 7.0}))
    with pytest.raises(RecowidgetError, match=r'^user has movie_id "a" more than once'):
        recommend(factors, interactions, pd.concat([rated, rated]))


def test_a_huge_n_gives_what_there_is(factors: Factors, interactions: Interactions) -> None:
    pd.testing.assert_frame_equal(
        recommend(factors, interactions, n=10**12), recommend(factors, interactions, n=5)
    )
    assert len(similar_items(factors, interactions, "a", n=10**12)) == 4


def test_blocks_change_nothing(
    factors: Factors, interactions: Interactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = recommend(factors, interactions)
    monkeypatch.setattr(ranking, "BLOCK_CELLS", 1)
    pd.testing.assert_frame_equal(recommend(factors, interactions), whole)


def test_what_counts_as_seen(factors: Factors, interactions: Interactions) -> None:
    assert len(recommend(factors, interactions, 7, exclude_seen=False)) == 5
    assert set(recommend(factors, interactions, 7, seen=[0, 2])["movie_id"]) == set("bcde")
    mask = np.array([False, True, False, False, False, False])
    assert set(recommend(factors, interactions, 7, seen=mask)["movie_id"]) == set("acde")
    with pytest.raises(RecowidgetError, match=r"^seen has the row number 6; the 6 rows are 0 to 5$"):
        recommend(factors, interactions, 7, seen=[6])


def test_any_scorer_recommends(interactions: Interactions) -> None:
    frame = recommend(Popularity.fit(interactions), interactions, [8, 7], n=3)
    assert frame["movie_id"].tolist() == ["a", "b", "d", "c", "d", "e"]  # ties by index


@pytest.mark.parametrize(
    ("user", "n", "message"),
    [
        (6, 10, "1 unknown user_id: 6; there are 3 ids, from 7 to 9"),
        ([7, 6, 5], 10, "2 unknown user_ids: 6 and 5; there are 3 ids, from 7 to 9"),
        ({"a": 5, "z": 1}, 10, '1 unknown movie_id: "z"; there are 5 ids, from "a" to "e"'),
        ({"a": np.nan}, 10, 'the rating of movie_id "a" must be a finite number, not nan'),
        ({"a": "5"}, 10, 'the rating of movie_id "a" must be a finite number, not "5"'),
        (7, 0, "n must be an integer of 1 or more, not 0"),
        (7, 2.5, "n must be an integer of 1 or more, not 2.5"),
    ],
)
def test_what_does_not_fit(
    factors: Factors, interactions: Interactions, user: object, n: object, message: str
) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        recommend(factors, interactions, user, n)


# ---- a new user -----------------------------------------------------------------------------------------


def test_a_new_user(factors: Factors, interactions: Interactions) -> None:
    frame = recommend(factors, interactions, {"b": 5.0, "e": 1}, n=10)
    assert set(frame["movie_id"]) == set("acd")
    assert frame["user_id"].tolist() == [None] * 3
    folded = fold_in(factors, np.array([1, 4]), np.array([5.0, 1.0]))
    assert frame["score"].tolist() == sorted(folded.predict_block([0], [0, 2, 3])[0].tolist(), reverse=True)
    assert len(recommend(factors, interactions, {"b": 5}, exclude_seen=False)) == 5
    with pytest.raises(RecowidgetError, match=r"^a new user needs user and item factors, and Popularity has"):
        recommend(Popularity.fit(interactions), interactions, {"b": 5})
    for regularization in (0, -1.0, True, "1", np.nan):
        with pytest.raises(RecowidgetError, match=r"^regularization must be a number above 0, not "):
            recommend(factors, interactions, {"b": 5}, regularization=regularization)


def test_a_new_user_without_ratings_is_the_mean_user(factors: Factors, interactions: Interactions) -> None:
    frame = recommend(factors, interactions, {})
    mean = factors.predict_block(np.arange(3), np.arange(5)).mean(axis=0)
    assert frame["score"].to_numpy() == pytest.approx(np.sort(mean)[::-1], abs=1e-5)


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32),
    n=st.integers(1, 12),
    regularization=st.floats(0.01, 20),
    biases=st.booleans(),
)
def test_folding_in_is_ridge_regression(seed: int, n: int, regularization: float, *, biases: bool) -> None:
    factors = draw(6, 20, 3, seed, biases=biases)
    rng = np.random.default_rng(seed)
    item_idx, ratings = rng.choice(20, n, replace=False), rng.uniform(1, 5, n)
    folded = fold_in(factors, item_idx, ratings, regularization)
    rows = factors.item_factors.astype(float)
    mean = factors.user_factors.astype(float).mean(axis=0)
    if biases:
        rows = np.column_stack([rows, np.ones(20)])
        mean = np.append(mean, factors.user_bias.astype(float).mean())
    target = ratings - factors.global_mean - factors.item_bias[item_idx] - rows[item_idx] @ mean
    ridge = Ridge(alpha=regularization, fit_intercept=False, solver="cholesky").fit(rows[item_idx], target)
    expected = factors.global_mean + factors.item_bias + rows @ (mean + ridge.coef_)
    assert folded.predict_block([0], np.arange(20))[0] == pytest.approx(expected, abs=1e-3, rel=1e-4)
    assert folded.user_bias.shape == (1,)
    if not biases:
        assert folded.user_bias[0] == 0


def test_many_ratings_bring_back_who_gave_them() -> None:
    factors = draw(30, 400, 4)
    everything = np.arange(400)
    folded = fold_in(factors, everything, factors.predict_block([3], everything)[0])
    assert folded.user_factors[0] == pytest.approx(factors.user_factors[3], abs=0.05)
    assert folded.user_bias[0] == pytest.approx(factors.user_bias[3], abs=0.05)


def test_folding_in_of_squashed_factors_is_that_of_log_odds() -> None:
    plain = draw(30, 400, 3)
    factors = replace(plain, rating_range=(0.5, 5.0))
    rng = np.random.default_rng(1)
    item_idx = rng.choice(400, 8, replace=False)
    log_odds = rng.uniform(-2, 2, 8)
    ratings = factors.squash(log_odds.astype(np.float32))
    folded, expected = fold_in(factors, item_idx, ratings), fold_in(plain, item_idx, log_odds)
    assert folded.rating_range == (0.5, 5.0)
    np.testing.assert_allclose(folded.user_factors, expected.user_factors, atol=1e-3)
    np.testing.assert_allclose(folded.user_bias, expected.user_bias, atol=1e-3)
    everything = np.arange(400)
    theirs = factors.predict_block([3], everything)[0]
    inside = np.flatnonzero((theirs > 0.8) & (theirs < 4.7))
    back = fold_in(factors, inside, theirs[inside]).predict_block([0], everything)[0]
    assert back == pytest.approx(theirs, abs=0.15)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-3.0, 9.0)])
def test_ratings_at_the_ends_and_beyond_stay_finite(ends: tuple[float, float]) -> None:
    factors = replace(draw(5, 9, 2), rating_range=(0.0, 1.0), global_mean=-1.0)
    folded = fold_in(factors, np.array([2, 7]), np.array(ends))
    assert np.isfinite(folded.user_factors).all()
    before = fold_in(factors, np.array([], int), np.array([])).predict([0, 0], [2, 7])
    after = folded.predict([0, 0], [2, 7])
    assert after[1] - after[0] > before[1] - before[0]


# ---- similar --------------------------------------------------------------------------------------------


def test_similar_items_by_hand(interactions: Interactions) -> None:
    items = np.array([[1, 0], [2, 0], [0, 1], [-1, 0], [0, 0]], np.float32)
    factors = Factors(np.zeros((3, 2), np.float32), items, np.zeros(3), np.zeros(5), 0.0)
    cosine = similar_items(factors, interactions, "a", n=10)
    assert cosine.columns.tolist() == ["movie_id", "title", "similarity", "rank"]
    assert cosine["movie_id"].tolist() == ["b", "c", "e", "d"]
    assert cosine["similarity"].tolist() == [1, 0, 0, -1]
    assert cosine["title"].tolist() == ["Brazil", "Casablanca", "Emma", "Dune"]
    assert cosine["rank"].tolist() == [1, 2, 3, 4]
    dot = similar_items(factors, interactions, "b", metric="dot")
    assert dot["similarity"].tolist() == [2, 0, 0, -2]
    euclidean = similar_items(factors, interactions, "a", n=2, metric="euclidean")
    assert euclidean["movie_id"].tolist() == ["b", "e"]
    assert euclidean["similarity"].tolist() == [0.5, 0.5]


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_similarities_are_those_of_scikit_learn(seed: int) -> None:
    interactions = Interactions.from_frame(RATINGS, items=MOVIES)
    factors = draw(3, 5, 3, seed)
    references = {
        "cosine": cosine_similarity(factors.item_factors),
        "dot": factors.item_factors @ factors.item_factors.T,
        "euclidean": 1 / (1 + euclidean_distances(factors.item_factors.astype(float))),
    }
    for metric, reference in references.items():
        frame = similar_items(factors, interactions, "c", metric=metric)
        assert len(frame) == 4
        assert frame["similarity"].is_monotonic_decreasing
        index = interactions.items.index_of(frame["movie_id"])
        assert frame["similarity"].to_numpy() == pytest.approx(reference[2, index], abs=1e-4)


def test_what_has_few_ratings_can_be_left_out(factors: Factors, interactions: Interactions) -> None:
    some = similar_items(factors, interactions, "b", min_ratings=2)
    assert some["movie_id"].tolist() == ["a"]
    assert some["rank"].tolist() == [1]
    assert len(similar_items(factors, interactions, "b", min_ratings=1)) == 4
    active = similar_users(factors, interactions, 8, min_ratings=2)
    assert sorted(active["user_id"]) == [7, 9]
    with pytest.raises(RecowidgetError, match="min_ratings must be"):
        similar_users(factors, interactions, 7, min_ratings=-1)


def test_similar_users(factors: Factors, interactions: Interactions) -> None:
    frame = similar_users(factors, interactions, 8, n=1)
    assert frame.columns.tolist() == ["user_id", "title", "similarity", "rank"]
    cosine = cosine_similarity(factors.user_factors)[1]
    assert frame["user_id"].tolist() == [7 if cosine[0] > cosine[2] else 9]
    assert frame["title"].tolist() == [str(frame["user_id"][0])]


def test_similar_to_what(factors: Factors, interactions: Interactions) -> None:
    with pytest.raises(RecowidgetError, match=r'^1 unknown movie_id: "z"'):
        similar_items(factors, interactions, "z")
    with pytest.raises(RecowidgetError, match=r"^one user_id is needed, not \[7, 8\]$"):
        similar_users(factors, interactions, [7, 8])
    with pytest.raises(RecowidgetError, match=r'^metric must be "cosine", "dot" or "euclidean", not "l2"$'):
        similar_items(factors, interactions, "a", metric="l2")
    with pytest.raises(
        RecowidgetError, match=r"^similarity needs item factors, and this model or baseline has none"
    ):
        similar_items(Popularity.fit(interactions), interactions, "a")


# ---- explain --------------------------------------------------------------------------------------------


def test_the_terms_of_squashed_factors_sum_to_its_log_odds(interactions: Interactions) -> None:
    factors = replace(draw(3, 5, 2), rating_range=(1.0, 5.0))
    frame = explain(factors, interactions, 9, "d")
    prediction = float(factors.predict(2, 3)[0])
    assert frame.attrs["prediction"] == pytest.approx(prediction)
    assert np.log((prediction - 1) / (5 - prediction)) == pytest.approx(frame["product"].sum(), abs=1e-3)


def test_the_terms_sum_to_the_prediction(factors: Factors, interactions: Interactions) -> None:
    frame = explain(factors, interactions, 9, "d")
    assert frame.columns.tolist() == ["term", "user_value", "item_value", "product"]
    assert frame["term"].tolist() == ["global_mean", "user_bias", "item_bias", "factor 0", "factor 1"]
    assert frame["product"].sum() == pytest.approx(float(factors.predict(2, 3)[0]), abs=1e-5)
    assert frame.attrs["prediction"] == pytest.approx(frame["product"].sum(), abs=1e-5)
    assert frame["user_value"][3:].tolist() == factors.user_factors[2].tolist()
    assert frame["item_value"][3:].tolist() == factors.item_factors[3].tolist()
    assert frame["user_value"].isna().tolist() == [True, False, True, False, False]
    assert frame["item_value"].isna().tolist() == [True, True, False, False, False]
    assert frame["product"].notna().all()
    with pytest.raises(RecowidgetError, match=r"^1 unknown user_id: 1;"):
        explain(factors, interactions, 1, "d")
    with pytest.raises(RecowidgetError, match=r"^an explanation needs user and item factors"):
        explain(Popularity.fit(interactions), interactions, 9, "d")
