"""What is told of a user, an item and both: the same as recommending, comparing and evaluating tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recowidget.evaluation import evaluate_users
from recowidget.factors import Factors
from recowidget.history import History, Losses
from recowidget.inspection import (
    Bars,
    Course,
    HeldOut,
    RatedBy,
    Side,
    coarse_to_fine,
    similar_items,
    spread_epochs,
)
from recowidget.interactions import Interactions
from recowidget.recommend import recommend
from recowidget.recommend import similar_items as similar_frame
from recowidget.splits import Split, random_split

N_USERS, N_ITEMS = 30, 50
NAN = float("nan")


def draw(seed: int = 0) -> Factors:
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    return Factors(normal(N_USERS, 3), normal(N_ITEMS, 3), normal(N_USERS), normal(N_ITEMS), 3.5)


def interactions(*, is_implicit: bool = False) -> Interactions:
    rng = np.random.default_rng(1)
    pairs = rng.choice(N_USERS * N_ITEMS, 500, replace=False)
    frame = pd.DataFrame({"user": pairs // N_ITEMS, "item": 1000 + pairs % N_ITEMS})
    # All ids are there, so that factors fit.
    frame = pd.concat(
        [
            frame,
            pd.DataFrame({"user": np.arange(N_ITEMS) % N_USERS, "item": 1000 + np.arange(N_ITEMS)}),
        ]
    ).drop_duplicates()
    if not is_implicit:
        frame["rating"] = rng.integers(1, 6, len(frame)).astype(float)
    return Interactions.from_frame(frame)


@pytest.fixture(
    scope="module",
    params=["two shares", "three shares", "validation alone", "implicit"],
    ids=lambda kind: kind,
)
def split(request: pytest.FixtureRequest) -> Split:
    data = interactions(is_implicit=request.param == "implicit")
    if request.param == "three shares":
        return random_split(data, (0.6, 0.2, 0.2))
    made = random_split(data, (0.7, 0.3))
    if request.param == "validation alone":
        return Split(data, made.train, made.test, np.empty(0, np.intp))
    return made


def held_out(split: Split, user: int) -> HeldOut:
    return HeldOut.of(split, RatedBy.of(split, split.parts(), "user", user))


@pytest.mark.parametrize("n", [1, 7, 60])
def test_the_list_is_what_is_recommended_and_its_measures_are_those_of_evaluation(
    split: Split, n: int
) -> None:
    scorer, part = draw(), "test" if len(split.test) else "validation"
    seen = np.concatenate([split.train, split.validation if part == "test" else split.train[:0]])
    measured = evaluate_users(scorer, split, k=n, part=part).set_index("user")
    recommended = recommend(scorer, split.interactions, n=n, seen=seen).groupby("user")
    for user in range(N_USERS):
        held = held_out(split, user)
        ranking = held.rank(scorer, n)
        expected = recommended.get_group(user)
        assert split.interactions.items.ids[ranking.item_idx].tolist() == expected["item"].tolist()
        np.testing.assert_allclose(ranking.scores, expected["score"], rtol=1e-5, atol=1e-6)
        if user not in measured.index:
            assert not len(held.item_idx)
            continue
        row = measured.loc[user]
        np.testing.assert_allclose((ranking.precision, ranking.ndcg), (row["precision"], row["ndcg"]))
        assert held.n_relevant == row["n_relevant"]
        measures = held.measure(scorer, n, on_scale=not split.interactions.is_implicit)
        np.testing.assert_allclose(measures, row[["precision", "ndcg", "rmse"]].to_list(), rtol=1e-6)


def test_a_hit_is_held_out_and_rated_high_enough(split: Split) -> None:
    for user in range(N_USERS):
        held = held_out(split, user)
        ranking = held.rank(draw(), N_ITEMS)
        ratings = dict(zip(held.item_idx.tolist(), held.ratings.tolist(), strict=True))
        assert len(ranking.item_idx) == N_ITEMS - int((held.rated.parts < held.part).sum())
        for item, rating, hit in zip(ranking.item_idx.tolist(), ranking.ratings, ranking.hits, strict=True):
            assert (ratings.get(item) == rating) if item in ratings else np.isnan(rating)
            assert hit == (ratings.get(item, -1) >= held.threshold)


@pytest.mark.parametrize("n", [1, 10, 99])
def test_similar_items_are_those_of_the_frame(n: int) -> None:
    data, scorer = interactions(), draw()
    for item in range(N_ITEMS):
        found, similarities = similar_items(scorer, item, n, N_ITEMS)
        expected = similar_frame(scorer, data, 1000 + item, n)
        assert data.items.ids[found].tolist() == expected["item"].tolist()
        np.testing.assert_array_equal(similarities, expected["similarity"].to_numpy(np.float32))


def test_without_factors_of_items_nothing_is_similar() -> None:
    assert [len(one) for one in similar_items(object(), 0, 5, 9)] == [0, 0]


@pytest.mark.parametrize("side", ["user", "item"])
def test_ratings_of_each_are_there_once_the_highest_first(split: Split, side: Side) -> None:
    data, parts = split.interactions, split.parts()
    own = data.user_idx if side == "user" else data.item_idx
    other = data.item_idx if side == "user" else data.user_idx
    counts = data.item_counts if side == "user" else data.user_counts
    for index in range(own.max() + 1):
        rated = RatedBy.of(split, parts, side, index)
        rows = np.flatnonzero(own == index)
        told = set(zip(rated.other_idx, rated.ratings, rated.parts, strict=True))
        assert len(rated) == len(told) == len(rows)
        assert told == set(zip(other[rows], data.ratings[rows], parts[rows], strict=True))
        order = list(zip(-rated.ratings, -counts[rated.other_idx], rated.other_idx, strict=True))
        assert order == sorted(order)
        assert rated.mean == pytest.approx(data.ratings[rows].mean())
        row = rows[0]
        assert rated.rating_of(other[row]) == (data.ratings[row], parts[row])
    assert rated.rating_of(-1) is None


def rated(ratings: list[float]) -> Split:
    frame = pd.DataFrame({"user": range(len(ratings)), "item": 1, "rating": ratings})
    return random_split(Interactions.from_frame(frame))


@pytest.mark.parametrize(
    ("ratings", "centers"),
    [
        ([0.5, 1.0, 5.0, 4.5], [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]),
        ([1, 2, 5], [1, 2, 3, 4, 5]),
        ([3, 3], [3]),
        ([0, 1, 100], [5, 15, 25, 35, 45, 55, 65, 75, 85, 95]),
        ([-1.0, 0.13, 1.0], [-0.9, -0.7, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.7, 0.9]),
    ],
)
def test_bars_are_of_the_ratings_that_can_be_given(ratings: list[float], centers: list[float]) -> None:
    bars = Bars.of(rated([float(rating) for rating in ratings]))
    np.testing.assert_allclose(bars.centers, centers, atol=1e-6)
    counts = bars.count(np.array(ratings, np.float32))
    assert counts.sum() == len(ratings)
    nearest = [int(np.abs(bars.centers - rating).argmin()) for rating in ratings if rating % 10]
    assert all(counts[bar] for bar in nearest)


def test_implicit_feedback_has_no_bars() -> None:
    bars = Bars.of(random_split(interactions(is_implicit=True)))
    assert (len(bars.centers), len(bars.count(np.ones(3, np.float32)))) == (0, 0)


def trained(n: int, max_bytes: int = 1 << 28) -> History:
    history = History(max_bytes)
    for epoch in range(n):
        history.record(Losses(2.0, NAN, float(abs(epoch - 3))), seconds=0.0, scorer=draw(epoch))
    return history


def test_a_course_computes_each_kept_epoch_once_and_goes_on_from_there() -> None:
    history, computed = trained(9), []

    def compute(scorer: Factors) -> tuple[float]:
        computed.append(scorer)
        return (float(scorer.user_bias[0]),)

    course = Course(compute, 1)
    assert course.advance(history, 10.0)
    assert course.epochs.tolist() == list(range(9))
    np.testing.assert_array_equal(course.numbers[:, 0], [draw(epoch).user_bias[0] for epoch in range(9)])
    history.record(Losses(2.0, NAN, 9.0), seconds=0.0, scorer=draw(9))
    assert course.advance(history, 10.0)
    assert (len(course.epochs), len(computed)) == (10, 10)


def test_a_course_that_takes_long_comes_in_parts_spread_over_all_epochs() -> None:
    history, course = trained(9), Course(lambda _scorer: (1.0, NAN), 2)
    parts = []
    while not course.advance(history, 0.0):
        parts.append(course.epochs.tolist())
    assert parts[:3] == [[8], [0, 8], [0, 4, 8]]
    assert course.epochs.tolist() == list(range(9))
    assert course.numbers.shape == (9, 2)


def test_a_course_keeps_what_the_history_has_forgotten() -> None:
    history = trained(8)
    course = Course(lambda _scorer: (1.0,), 1)
    course.advance(history, 10.0)
    history.max_bytes = 1
    history.record(Losses(2.0, NAN, 9.0), seconds=0.0, scorer=draw(9))
    assert len(history.kept_epochs) == 3
    assert course.advance(history, 10.0)
    assert course.epochs.tolist() == list(range(9))


@pytest.mark.parametrize(("n", "most"), [(1, 4), (4, 4), (5, 4), (100, 16), (1000, 256)])
def test_epochs_are_chosen_evenly_and_those_chosen_before_stay(n: int, most: int) -> None:
    chosen = spread_epochs(list(range(n)), {0, 3, n - 1}, most)
    assert {0, n - 1} <= set(chosen) <= set(range(n))
    assert len(chosen) <= most + 3
    assert len(chosen) >= min(n, most / 2)
    later = spread_epochs(list(range(2 * n)), set(), most)
    assert {epoch for epoch in later if epoch < n} <= set(chosen)


@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 9])
def test_few_epochs_are_spread_over_all(n: int) -> None:
    order = coarse_to_fine(list(range(n)))
    assert sorted(order) == list(range(n))
    assert order[:2] == [n - 1, 0][: len(order)]
