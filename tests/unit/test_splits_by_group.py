"""Stratified and chronological splits, one left out, and folds."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget import Interactions, RecowidgetError
from recowidget.datasets import load_movielens
from recowidget.rounding import group_sizes
from recowidget.shares import (
    check_shares,
    chronological_numbers,
    file_order_numbers,
    stratified_numbers,
)
from recowidget.sorting import stable_order
from recowidget.splits import (
    Split,
    chronological_split,
    k_fold,
    leave_one_out,
    stratified_split,
)


@pytest.fixture(scope="module")
def movielens() -> Interactions:
    return Interactions.from_frame(load_movielens()[0])


def make(users: list[int], items: list[int] | None = None, times: list[int] | None = None) -> Interactions:
    frame = pd.DataFrame({"user": users, "item": range(len(users)) if items is None else items, "rating": 1})
    if times is not None:
        frame["timestamp"] = times
    return Interactions.from_frame(frame)


def rows_of(split: Split) -> list[np.ndarray]:
    return [split.train, *split.validation_parts, split.test]


def check_complete(split: Split) -> None:
    together = np.concatenate([split.train, split.validation, split.test])
    assert np.array_equal(np.sort(together), np.arange(split.interactions.n_ratings))


def check_groups(split: Split, groups: np.ndarray) -> None:
    """Check that each share is within one row in each group, and each group has a row to train on."""
    check_complete(split)
    counts = np.bincount(groups)
    sizes = [np.bincount(groups[rows], minlength=len(counts)) for rows in rows_of(split)]
    for size, share in zip(sizes, split.shares, strict=True):
        slack = np.abs(size - share * counts)[counts > 1]
        assert (slack < 1 + 1e-6).all()
    assert (sizes[0][counts > 0] > 0).all()


@st.composite
def cases(draw: st.DrawFn) -> tuple[Interactions, list[float]]:
    n_rows = draw(st.integers(2, 60))
    pairs = draw(
        st.lists(
            st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=n_rows, max_size=n_rows, unique=True
        )
    )
    times = draw(st.lists(st.integers(-5, 5), min_size=n_rows, max_size=n_rows))
    weights = draw(st.lists(st.integers(1, 20), min_size=2, max_size=5))
    users, items = zip(*pairs, strict=True)
    return make(list(users), list(items), times), [weight / sum(weights) for weight in weights]


def groups_of(interactions: Interactions, by: str) -> np.ndarray:
    return interactions.user_idx if by == "user" else interactions.item_idx


def has_two(groups: np.ndarray) -> bool:
    return bool(np.bincount(groups).max() > 1)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=6),
    st.lists(st.integers(1, 400), min_size=2, max_size=4),
    st.integers(0, 1000),
)
def test_shares_of_groups_are_less_than_one_row_off(counts: list[int], weights: list[int], seed: int) -> None:
    shares = tuple(weight / sum(weights) for weight in weights)
    turns = np.random.default_rng(seed).random(len(counts))
    sizes = group_sizes(np.array(counts), shares, turns)
    assert sizes.sum(axis=1).tolist() == counts
    assert (sizes >= 0).all()
    assert ((sizes[:, 0] > 0) == (np.array(counts) > 0)).all()
    assert sizes[:, -1].any() == (max(counts) > 1)
    off = np.abs(sizes - np.multiply.outer(counts, shares)).max(axis=1)
    given_one = sizes[:, -1].sum() == 1 and len(shares) > 2
    largest = np.arange(len(counts)) == np.argmax(counts)
    assert (off < np.where(largest & given_one, 2, 1) + 1e-6).all()


# ---- stratified -----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(cases(), st.sampled_from(["user", "item"]), st.integers(0, 1000))
def test_stratified_invariants(case: tuple[Interactions, list[float]], by: str, seed: int) -> None:
    interactions, shares = case
    groups = groups_of(interactions, by)
    if not has_two(groups):
        with pytest.raises(RecowidgetError, match=f"^no {by} has two ratings"):
            stratified_split(interactions, shares, by, seed)
        return
    split = stratified_split(interactions, shares, by, seed)
    check_complete(split)
    assert len(split.test) > 0
    in_train = np.bincount(groups[split.train], minlength=groups.max() + 1)
    assert (in_train[np.unique(groups)] > 0).all()
    assert (split.cold_users if by == "user" else split.cold_items).tolist() == []
    if len(split.test) > 1:  # a single one may have been given, against its share
        check_groups(split, groups)
    again = stratified_split(interactions, shares, by, seed)
    assert np.array_equal(again.test, split.test)


@pytest.mark.parametrize("by", ["user", "item"])
@pytest.mark.parametrize("shares", [(0.8, 0.2), (0.7, 0.1, 0.2), (0.4, 0.3, 0.2, 0.1)])
def test_stratified_on_movielens(movielens: Interactions, by: str, shares: tuple[float, ...]) -> None:
    split = stratified_split(movielens, shares, by, seed=2)
    check_groups(split, groups_of(movielens, by))
    assert (split.name, split.seed, split.shares) == ("stratified", 2, shares)
    if by == "user":
        assert len(split.users_without_test) == 0
        for rows, share in zip(rows_of(split), shares, strict=True):
            assert len(rows) == pytest.approx(share * movielens.n_ratings, rel=0.01)


def test_the_shares_hold_over_many_small_groups() -> None:
    users = np.repeat(np.arange(20_000), 2)
    interactions = make(users.tolist(), np.tile([0, 1], 20_000).tolist(), np.zeros(40_000, int).tolist())
    for split in (stratified_split(interactions), chronological_split(interactions)):
        assert len(split.test) / 40_000 == pytest.approx(0.2, abs=0.005)
        assert np.bincount(users[split.train]).min() == 1


def test_a_seed_decides_and_the_order_within_a_group_is_drawn(movielens: Interactions) -> None:
    first, other = (stratified_split(movielens, seed=seed) for seed in (0, 1))
    assert not np.array_equal(first.test, other.test)
    user = np.flatnonzero(movielens.user_idx == movielens.user_order[0])
    where = np.searchsorted(user, first.test[np.isin(first.test, user)])
    assert where.mean() == pytest.approx(len(user) / 2, rel=0.05)


def test_a_test_row_even_where_no_share_reaches_one() -> None:
    split = stratified_split(make([0, 0, 1]), (0.99, 0.01))
    assert split.train.tolist()[-1] == 2
    assert len(split.test) == 1


@pytest.mark.parametrize("by", ["users", None, 1, "global"])
def test_by_what(by: object) -> None:
    with pytest.raises(RecowidgetError, match=r'^by must be "user" or "item", not '):
        stratified_split(make([0, 0]), by=by)


def test_the_workshops_stratified_split() -> None:
    frame = {0: 6, 1: 2, 2: 4, 3: 4, 4: 3, 5: 4, 6: 3, 7: 6, 8: 2, 9: 3}
    users = np.repeat(list(frame), list(frame.values()))
    numbers = file_order_numbers(users, (0.6, 0.4))
    assert np.bincount(numbers).tolist() == [22, 15]
    assert np.bincount(users[numbers == 0]).tolist() == [4, 1, 2, 2, 2, 2, 2, 4, 1, 2]
    assert numbers[:6].tolist() == [0, 0, 0, 0, 1, 1]
    assert file_order_numbers(np.zeros(10, int), (0.5, 0.2, 0.3)).tolist() == [0] * 5 + [1] * 2 + [2] * 3


# ---- chronological --------------------------------------------------------------------------------------


@settings(deadline=None)
@given(cases(), st.sampled_from(["user", "item", "global"]))
def test_chronological_invariants(case: tuple[Interactions, list[float]], by: str) -> None:
    interactions, shares = case
    groups = np.zeros(interactions.n_ratings, int) if by == "global" else groups_of(interactions, by)
    if not has_two(groups):
        with pytest.raises(RecowidgetError, match=f"^no {by} has two ratings"):
            chronological_split(interactions, shares, by)
        return
    split = chronological_split(interactions, shares, by)
    check_complete(split)
    assert len(split.test) > 0
    if by != "global" and len(split.test) > 1:
        check_groups(split, groups)
    parts = rows_of(split)
    for group in np.unique(groups):
        inside = [rows[groups[rows] == group] for rows in parts]
        ordered = [
            [(interactions.timestamps[row], row) for row in rows] for rows in inside if len(rows)
        ]  # ties: the earlier row is the earlier rating
        for earlier, later in itertools.pairwise(ordered):
            assert max(earlier) < min(later)


def test_ties_go_by_row() -> None:
    interactions = make([0] * 5, times=[7, 7, 7, 7, 1])
    assert chronological_split(interactions, (0.6, 0.4)).train.tolist() == [0, 1, 4]
    assert chronological_split(interactions, (0.6, 0.4), by="global").test.tolist() == [2, 3]


def test_times_of_any_span() -> None:
    extremes = [np.iinfo(np.int64).max, 0, np.iinfo(np.int64).min, 5]
    split = chronological_split(make([0] * 4, times=extremes), (0.5, 0.5))
    assert split.train.tolist() == [1, 2]


@pytest.mark.parametrize("by", ["user", "item", "global"])
def test_chronological_on_movielens(movielens: Interactions, by: str) -> None:
    split = chronological_split(movielens, (0.8, 0.2), by)
    assert (split.name, split.seed) == ("chronological", None)
    times = movielens.timestamps
    groups = np.zeros(len(times), int) if by == "global" else groups_of(movielens, by)
    newest = np.full(groups.max() + 1, np.iinfo(np.int64).min)
    np.maximum.at(newest, groups[split.train], times[split.train])
    assert (times[split.test] >= newest[groups[split.test]]).all()
    assert len(split.test) == pytest.approx(20_167, rel=0.08)
    assert (len(split.cold_users) > 0) == (by != "user")


def test_chronological_needs_timestamps() -> None:
    with pytest.raises(RecowidgetError, match=r"^a chronological split needs timestamps, and the ratings"):
        chronological_split(make([0, 0]))
    with pytest.raises(RecowidgetError, match=r'^by must be "user", "item" or "global", not "time"$'):
        chronological_split(make([0, 0], times=[1, 2]), by="time")
    with pytest.raises(RecowidgetError, match=r"there is 1 rating$"):
        chronological_split(make([0], times=[1]), by="global")


# ---- one left out, folds --------------------------------------------------------------------------------


@settings(deadline=None)
@given(cases(), st.sampled_from(["last", "random"]), st.integers(0, 100))
def test_one_is_left_out(case: tuple[Interactions, list[float]], which: str, seed: int) -> None:
    interactions = case[0]
    counts = interactions.user_counts
    if counts.max() < 2:
        with pytest.raises(RecowidgetError, match=r"^no user has two ratings"):
            leave_one_out(interactions, which, seed)
        return
    split = leave_one_out(interactions, which, seed)
    check_complete(split)
    left_out = np.bincount(interactions.user_idx[split.test], minlength=interactions.n_users)
    assert left_out.tolist() == (counts > 1).astype(int).tolist()
    if which == "last":
        for row in split.test:
            mine = np.flatnonzero(interactions.user_idx == interactions.user_idx[row])
            assert row == max(mine, key=lambda other: (interactions.timestamps[other], other))


def test_which_one_is_left_out(movielens: Interactions) -> None:
    first, other = (leave_one_out(movielens, "random", seed) for seed in (0, 1))
    assert (first.name, first.seed, len(first.test)) == ("leave_one_out", 0, 610)
    assert not np.array_equal(first.test, other.test)
    assert leave_one_out(movielens).seed is None
    with pytest.raises(RecowidgetError, match=r'^which must be "last" or "random", not "first"$'):
        leave_one_out(movielens, "first")
    with pytest.raises(RecowidgetError, match=r'leave out any one with which="random"$'):
        leave_one_out(make([0, 0]))


@settings(deadline=None)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 1000))
def test_folds_are_disjoint_and_complete(n_rows: int, k: int, seed: int) -> None:
    interactions = make([0] * n_rows)
    if k > n_rows:
        message = f"k must be an integer from 2 to the number of ratings, {n_rows}, not {k}"
        with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
            k_fold(interactions, k, seed)
        return
    folds = k_fold(interactions, k, seed)
    assert len(folds) == k
    for fold in folds:
        check_complete(fold)
    tests = [fold.test for fold in folds]
    assert np.array_equal(np.sort(np.concatenate(tests)), np.arange(n_rows))
    sizes = [len(test) for test in tests]
    assert max(sizes) - min(sizes) <= 1


def test_names_of_folds(movielens: Interactions) -> None:
    folds = k_fold(movielens, np.int64(3), seed=1)
    assert [(fold.name, fold.seed) for fold in folds] == [(f"fold {n} of 3", 1) for n in (1, 2, 3)]
    for k in (1, 2.0, True, "5"):
        with pytest.raises(RecowidgetError, match=r"^k must be an integer from 2"):
            k_fold(movielens, k)


# ---- numbers of shares, for frames ----------------------------------------------------------------------


def test_numbers_are_those_of_the_splits(movielens: Interactions) -> None:
    shares = check_shares((0.5, 0.3, 0.2))
    numbers = stratified_numbers(movielens.user_idx, shares, 4)
    split = stratified_split(movielens, shares, seed=4)
    assert np.array_equal(np.flatnonzero(numbers == 1), split.validation)
    numbers = chronological_numbers(movielens.timestamps, None, shares)
    assert np.array_equal(np.flatnonzero(numbers == 2), chronological_split(movielens, shares, "global").test)


@settings(deadline=None)
@given(
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=30),
    st.randoms(use_true_random=False),
)
def test_a_packed_sort_is_a_stable_sort(keys: list[int], random: object) -> None:
    array = np.array(keys, np.int64)
    assert np.array_equal(stable_order(array), np.argsort(array, kind="stable"))
    before = np.array(random.sample(range(len(keys)), len(keys)), np.intp)
    expected = sorted(range(len(keys)), key=lambda row: (keys[row], before.tolist().index(row)))
    assert stable_order(array, before).tolist() == expected


def test_a_million_rows_in_many_groups() -> None:
    rng = np.random.default_rng(0)
    users = rng.integers(0, 200_000, 1_000_000).astype(np.int32)
    numbers = stratified_numbers(users, (0.8, 0.2), 0)
    counts = np.bincount(users)
    tested = np.bincount(users[numbers == 1], minlength=len(counts))
    assert (np.abs(tested - 0.2 * counts) < 1 + 1e-6).all()
