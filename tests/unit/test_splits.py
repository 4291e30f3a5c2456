"""Splits: what is in each part, and who is left out."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget import Interactions, RecowidgetError
from recowidget.datasets import load_movielens
from recowidget.errors import shown
from recowidget.splits import Split, random_split


@pytest.fixture(scope="module")
def movielens() -> Interactions:
    return Interactions.from_frame(load_movielens()[0])


def diagonal(n_rows: int) -> Interactions:
    return Interactions.from_frame(pd.DataFrame({"user": range(n_rows), "item": range(n_rows), "rating": 1}))


def check_invariants(split: Split) -> None:
    n_ratings = split.interactions.n_ratings
    parts = [split.train, split.validation, split.test]
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(n_ratings))
    for code, (name, rows) in enumerate(zip(("train", "validation", "test"), parts, strict=True)):
        assert rows.dtype == np.intp
        assert np.all(np.diff(rows) > 0)
        assert not rows.flags.writeable
        assert np.array_equal(np.flatnonzero(split.parts() == code), rows)
        assert np.array_equal(np.flatnonzero(split.labels() == name), rows)
    assert split.parts().dtype == np.uint8
    for idx, vocabulary, cold in (
        (split.interactions.user_idx, split.interactions.users, split.cold_users),
        (split.interactions.item_idx, split.interactions.items, split.cold_items),
    ):
        held_out = {*idx[split.validation].tolist(), *idx[split.test].tolist()}
        expected = sorted(held_out - set(idx[split.train].tolist()))
        assert cold.tolist() == vocabulary.ids[expected].tolist()
    user_idx = split.interactions.user_idx
    untested = sorted(set(user_idx.tolist()) - set(user_idx[split.test].tolist()))
    assert split.users_without_test.tolist() == split.interactions.users.ids[untested].tolist()


@pytest.mark.parametrize(
    ("shares", "sizes"),
    [
        ((0.8, 0.2), (80_669, 0, 20_167)),
        ((0.6, 0.4), (60_502, 0, 40_334)),
        ((0.7, 0.1, 0.2), (70_585, 10_084, 20_167)),
        ([0.999999, 0.000001], (100_835, 0, 1)),
        (np.array([1, 1, 1]) / 3, (33_612, 33_612, 33_612)),
    ],
)
def test_parts_of_movielens(movielens: Interactions, shares: object, sizes: tuple[int, ...]) -> None:
    split = random_split(movielens, shares, seed=1)
    assert (len(split.train), len(split.validation), len(split.test)) == sizes
    check_invariants(split)
    assert (split.name, split.seed, split.shares) == ("random", 1, tuple(float(share) for share in shares))


def test_cold_users_and_items(movielens: Interactions) -> None:
    split = random_split(movielens)
    assert split.cold_users.tolist() == []
    assert len(split.cold_items) == 741
    assert split.users_without_test.tolist() == []
    assert split.interactions is movielens


def test_a_seed_decides(movielens: Interactions) -> None:
    first, again, other = (random_split(movielens, seed=seed) for seed in (3, np.int64(3), 4))
    assert np.array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)
    assert random_split(diagonal(10), seed=0).test.tolist() == [6, 8]


def test_it_is_random(movielens: Interactions) -> None:
    test = random_split(movielens).test
    counts = np.histogram(test, bins=10, range=(0, movielens.n_ratings))[0]
    assert np.abs(counts - 2016.7).max() < 200


def test_repr() -> None:
    assert repr(random_split(diagonal(10))) == 'Split("random": 8 train, 0 validation, 2 test)'


def test_every_share_rises_by_rows(movielens: Interactions) -> None:
    for n_rows in range(2, 40):
        interactions = movielens.take(np.arange(n_rows))
        for share in (0.01, 0.1, 1 / 3, 0.5, 0.9, 0.99):
            split = random_split(interactions, (1 - share, share))
            assert len(split.train) > 0
            assert len(split.test) > 0
            assert abs(len(split.test) - share * n_rows) <= 1


@pytest.mark.parametrize(("n_rows", "sizes"), [(2, (1, 0, 1)), (3, (1, 1, 1)), (10, (1, 8, 1))])
def test_train_and_test_get_a_row_each_however_small_their_shares(
    n_rows: int, sizes: tuple[int, int, int]
) -> None:
    split = random_split(diagonal(n_rows), (0.01, 0.98, 0.01))
    assert (len(split.train), len(split.validation), len(split.test)) == sizes


positive = st.integers(1, 100)
TWO_OR_MORE = "shares must be two numbers (train, test), three (train, validation, test) or more"


@settings(deadline=None)
@given(st.integers(2, 60), st.lists(positive, min_size=2, max_size=5), st.integers(0, 2**40))
def test_random_split_invariants(n_rows: int, weights: list[int], seed: int) -> None:
    users = np.random.default_rng(seed).integers(0, 5, n_rows)
    frame = pd.DataFrame({"user": users, "item": range(n_rows), "rating": 1.0})
    shares = [weight / sum(weights) for weight in weights]
    split = random_split(Interactions.from_frame(frame), shares, seed)
    check_invariants(split)
    assert len(split.train) >= 1
    assert len(split.test) >= 1
    parts = (split.train, *split.validation_parts, split.test)
    assert len(parts) == len(shares)
    if len(shares) == 2 or min(shares[0], shares[-1]) * n_rows >= 1:
        for rows, share in zip(parts, shares, strict=True):
            assert abs(len(rows) - share * n_rows) < 1 + 1e-9


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ((0.5, 0.4), "shares must sum to 1, and 0.5 + 0.4 is 0.9"),
        ((80, 20), "shares must sum to 1, and 80 + 20 is 100"),
        ((0.8, 0.1, 0.2), "shares must sum to 1, and 0.8 + 0.1 + 0.2 is 1.1"),
        ((1.0, 0), "shares must be numbers above 0, not (1.0, 0)"),
        ((1.2, -0.2), "shares must be numbers above 0, not (1.2, -0.2)"),
        ((float("nan"), 0.5), "shares must be numbers above 0, not (nan, 0.5)"),
        (("a", "b"), "shares must be numbers above 0, not ('a', 'b')"),
        ((True, 0.5), "shares must be numbers above 0, not (True, 0.5)"),
        ((1,), f"{TWO_OR_MORE}, not (1,)"),
        (0.8, f"{TWO_OR_MORE}, not 0.8"),
        (None, f"{TWO_OR_MORE}, not None"),
        ("random", f'{TWO_OR_MORE}, not "random"'),
    ],
)
def test_shares_that_do_not_fit(shares: object, message: str) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        random_split(diagonal(5), shares)


def test_shares_may_be_rounded() -> None:
    assert len(random_split(diagonal(10), (0.3333333, 0.3333333, 0.3333333)).train) == 4


@pytest.mark.parametrize("seed", [-1, 1.0, None, True, "1"])
def test_a_seed_that_is_none(seed: object) -> None:
    message = f"seed must be an integer of 0 or more, not {shown(seed)}"
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        random_split(diagonal(5), seed=seed)


def test_too_few_ratings() -> None:
    message = "a split needs at least 2 ratings, one to train on and one to test with; there is 1 rating"
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        random_split(diagonal(1))
    with pytest.raises(RecowidgetError, match=r"there are 0 ratings$"):
        random_split(diagonal(2).take([]))


def test_a_split_by_hand() -> None:
    frame = pd.DataFrame({"user": list("aabbcd"), "item": [1, 2, 1, 3, 2, 4], "rating": 1})
    interactions = Interactions.from_frame(frame)
    split = Split(interactions, [2, 0], [], np.array([1, 4, 3, 5]))
    check_invariants(split)
    assert split.train.tolist() == [0, 2]
    assert split.cold_users.tolist() == ["c", "d"]
    assert split.cold_items.tolist() == [2, 3, 4]
    assert split.users_without_test.tolist() == []
    assert split.labels().tolist() == ["train", "test", "train", "test", "test", "test"]
    assert (split.name, split.shares, split.seed) == ("custom", None, None)
    masks = [frame["user"].isin(list(users)) for users in ("ab", "c", "d")]
    masked = Split(interactions, *masks, name="by user")
    check_invariants(masked)
    assert masked.users_without_test.tolist() == ["a", "b", "c"]
    assert masked.cold_users.tolist() == ["c", "d"]


def test_more_than_three_shares(movielens: Interactions) -> None:
    split = random_split(movielens, (0.4, 0.1, 0.2, 0.3))
    check_invariants(split)
    sizes = [len(rows) for rows in (split.train, *split.validation_parts, split.test)]
    assert sizes == [40_334, 10_084, 20_167, 30_251]
    assert np.array_equal(np.sort(np.concatenate(split.validation_parts)), split.validation)
    assert dataclasses.replace(split, interactions=movielens).validation_parts[1].tolist() == (
        split.validation_parts[1].tolist()
    )


def test_validation_parts() -> None:
    assert random_split(diagonal(10)).validation_parts == ()
    three = random_split(diagonal(10), (0.5, 0.3, 0.2))
    assert [part.tolist() for part in three.validation_parts] == [three.validation.tolist()]
    with pytest.raises(RecowidgetError, match=r"^validation_parts must be the rows of validation"):
        Split(diagonal(4), [0], [1, 2], [3], validation_parts=([1], [3]))


def test_users_that_rated_nothing_are_not_missed() -> None:
    interactions = diagonal(5).take([0, 1])
    split = Split(interactions, [0], [], [1])
    assert split.users_without_test.tolist() == [0]


def test_rows_given_by_hand_are_not_touched() -> None:
    rows = np.array([1, 0])
    split = Split(diagonal(3), rows, [], [2])
    assert rows.tolist() == [1, 0]
    assert rows.flags.writeable
    rows[0] = 2
    assert split.train.tolist() == [0, 1]


def test_the_same_rows_of_other_interactions() -> None:
    split = random_split(diagonal(5), seed=2)
    other = dataclasses.replace(split, interactions=diagonal(5))
    assert np.array_equal(other.test, split.test)
    assert (other.name, other.seed) == ("random", 2)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (([], [], [0, 1, 2]), "train has no row; a split needs one or more to train on"),
        (
            ([0], [0], [1, 2]),
            (
                "row 0 is in several parts of the split; "
                "each row of the ratings must be in train, validation or test"
            ),
        ),
        (
            ([0], [], [2]),
            "row 1 is in no part of the split; each row of the ratings must be in train, validation or test",
        ),
        (([0, 0], [], [1, 2]), "train has row 0 more than once"),
        (([0], [], [1, 3]), "test has the row number 3; the 3 rows are 0 to 2"),
        (([0], [-1], [1, 2]), "validation has the row number -1; the 3 rows are 0 to 2"),
        (
            ([0.5], [], [1, 2]),
            (
                "train must be row numbers, or a boolean for each of the 3 rows, "
                "not an array of float64 with shape (1,)"
            ),
        ),
    ],
)
def test_parts_that_do_not_fit(parts: tuple[list[float], ...], message: str) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        Split(diagonal(3), *parts)
