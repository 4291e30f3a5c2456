"""Splits whose test rows the user has."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
)

from recowidget import Interactions, RecowidgetError
from recowidget.datasets import load_movielens
from recowidget.splits import predefined_split

FRAME = pd.DataFrame(
    {"user_id": [1, 1, 2, 2, 3], "movie_id": [10, 20, 10, 30, 20], "rating": [1.0, 2.0, 3.0, 4.0, 5.0]},
    index=[9, 8, 7, 6, 5],
)


@pytest.fixture(scope="module")
def interactions() -> Interactions:
    return Interactions.from_frame(FRAME)


@pytest.fixture(scope="module")
def movielens() -> Interactions:
    return Interactions.from_frame(load_movielens()[0])


@pytest.mark.parametrize(
    "test",
    [
        FRAME.iloc[[3, 1]],
        FRAME.iloc[[3, 1, 3]],
        pd.DataFrame({"ITEM": [30, 20], "USER": [2, 1]}),
        np.array([False, True, False, True, False]),
        [False, True, False, True, False],
        FRAME["rating"].isin([2, 4]),
        pd.Series([False, True, False, True, False], dtype="boolean"),
        [3, 1],
        np.array([1, 3], np.int8),
        pd.Series([1, 3]),
    ],
    ids=lambda test: type(test).__name__,
)
def test_ways_to_say_it(interactions: Interactions, test: object) -> None:
    split = predefined_split(interactions, test)
    assert split.test.tolist() == [1, 3]
    assert split.train.tolist() == [0, 2, 4]
    assert (split.name, split.seed, split.shares) == ("predefined", None, None)


def test_the_frame_that_was_taken_apart(movielens: Interactions) -> None:
    frame = movielens.to_frame()
    held_out = frame.sample(5000, random_state=1)
    split = predefined_split(movielens, held_out)
    assert split.test.tolist() == sorted(held_out.index)


@pytest.mark.parametrize(
    "splitter",
    [
        KFold(5, shuffle=True, random_state=3),
        StratifiedKFold(4),
        ShuffleSplit(3, test_size=0.3, random_state=1),
        GroupKFold(5),
        PredefinedSplit(np.arange(100_836) % 3),
    ],
    ids=lambda splitter: type(splitter).__name__,
)
def test_scikit_learn_splitters(movielens: Interactions, splitter: object) -> None:
    values = (movielens.ratings * 2).astype(int)
    groups = movielens.user_idx if isinstance(splitter, GroupKFold) else None
    folds = list(splitter.split(np.zeros((movielens.n_ratings, 1)), values, groups))
    for fold in (0, 1):
        split = predefined_split(movielens, splitter, fold=fold)
        assert np.array_equal(split.train, np.sort(folds[fold][0]))
        assert np.array_equal(split.test, np.sort(folds[fold][1]))


def test_folds_that_are_not_there(interactions: Interactions) -> None:
    with pytest.raises(RecowidgetError, match=r"^KFold has no fold 2; its folds are counted from 0$"):
        predefined_split(interactions, KFold(2), fold=2)
    with pytest.raises(RecowidgetError, match=r"^fold must be an integer of 0 or more, not -1$"):
        predefined_split(interactions, KFold(2), fold=-1)
    with pytest.raises(RecowidgetError, match=r"^TimeSeriesSplit leaves 1 row in neither part"):
        predefined_split(interactions, TimeSeriesSplit(2))


@pytest.mark.parametrize(
    ("test", "message"),
    [
        (
            "is_test",
            ('the interactions hold no column "is_test": pass the column itself, test=ratings["is_test"]'),
        ),
        (
            pd.DataFrame({"user_id": [1, 1, 4], "movie_id": [10, 30, 10]}),
            (
                "test has 2 rows whose user and item are not together in the ratings (first at row 1); "
                "the ratings must hold all rows, those to test with as well: pd.concat([train, test])"
            ),
        ),
        (
            pd.DataFrame({"user_id": [1, None], "movie_id": [10, 10]}),
            'test has 1 row with no "user_id" (first at row 1)',
        ),
        (FRAME.iloc[:0], "test has no rows; pass a frame with at least one"),
        ([], "test has no row; give one or more to test with"),
        ([False] * 5, "test has no row; give one or more to test with"),
        (np.arange(5), "train has no row; a split needs one or more to train on"),
        ([1, 1], "test has a row number more than once"),
        (
            [0, 1, 0, 1, 0],
            "test has a row number more than once; a mask must be of booleans: test.astype(bool)",
        ),
        ([1, 7], "test has the row number 7; the 5 rows are 0 to 4"),
        (
            [True, False],
            (
                "test must be row numbers, or a boolean for each of the 5 rows, "
                "not an array of bool with shape (2,)"
            ),
        ),
        (
            pd.Series([True, None, False, None, True], dtype="boolean"),
            "test has 2 missing values (first at row 1); fill them with test.fillna(False)",
        ),
    ],
    ids=str,
)
def test_what_does_not_fit(interactions: Interactions, test: object, message: str) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        predefined_split(interactions, test)


def test_a_frame_without_the_columns(interactions: Interactions) -> None:
    with pytest.raises(RecowidgetError, match=r"^test has no item column"):
        predefined_split(interactions, pd.DataFrame({"user_id": [1]}))
