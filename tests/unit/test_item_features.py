"""Features of items out of their frame."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recowidget import Interactions, RecowidgetError
from recowidget.datasets import load_movielens

RATINGS = pd.DataFrame(
    {"user_id": [1, 1, 2, 2, 3], "movie_id": [10, 20, 30, 40, 50], "rating": [1.0, 2.0, 3.0, 4.0, 5.0]}
)
MOVIES = pd.DataFrame(
    {
        "movie_id": [50, 99, 10, 20, 30],
        "title": list("ezabc"),
        "genres": ["(no genres listed)", "War", "Comedy|Drama", "Drama", None],
        "tags": [[], ["x"], ["new", "old"], ("old",), {"new"}],
        "year": [2000.0, 1900.0, 1990.0, 1980.0, np.nan],
        "is_long": [True, True, False, True, False],
    }
)


def read(columns: Any, movies: pd.DataFrame = MOVIES) -> Interactions:
    return Interactions.from_frame(RATINGS, items=movies, item_features=columns)


def features_of(interactions: Interactions) -> np.ndarray:
    assert interactions.item_features is not None
    return interactions.item_features


def test_text_is_cut_and_each_value_is_a_feature() -> None:
    read_ = read("genres")
    assert read_.item_feature_names == ("Comedy", "Drama")
    features = features_of(read_)
    assert features.dtype == np.float32
    assert not features.flags.writeable
    # 10, 20, and nothing of 30 (missing), 40 (not in the frame), 50 (none listed)
    assert features.tolist() == [[1, 1], [0, 1], [0, 0], [0, 0], [0, 0]]


def test_lists_of_text() -> None:
    assert read("tags").item_feature_names == ("new", "old")
    assert features_of(read("tags")).tolist() == [[1, 1], [0, 1], [1, 0], [0, 0], [0, 0]]


def test_numbers_are_standardized_and_flags_are_not() -> None:
    years = features_of(read("year"))[:, 0]
    known = np.array([1990.0, 1980.0, 2000.0])
    expected = (known - known.mean()) / known.std()
    np.testing.assert_allclose(years, [expected[0], expected[1], 0, 0, expected[2]], atol=1e-6)
    assert features_of(read("is_long"))[:, 0].tolist() == [0, 1, 0, 0, 1]


def test_several_columns_name_their_values() -> None:
    read_ = read(["genres", "is_long"])
    assert read_.item_feature_names == ("genres: Comedy", "genres: Drama", "is_long")
    assert features_of(read_).shape == (5, 3)


def test_parts_keep_them_and_a_sample_keeps_those_of_its_items() -> None:
    ratings, movies = load_movielens()
    read_ = Interactions.from_frame(ratings, items=movies, item_features="genres")
    assert len(read_.item_feature_names) == 19
    sample = read_.sample(10, 6)
    assert sample.item_feature_names == read_.item_feature_names
    positions = read_.items.index_of(sample.items.ids)
    np.testing.assert_array_equal(features_of(sample), features_of(read_)[positions])
    np.testing.assert_array_equal(features_of(read_.take([3])), features_of(read_))


def test_there_are_none_where_none_are_asked_for() -> None:
    read_ = Interactions.from_frame(RATINGS, items=MOVIES)
    assert read_.item_features is None
    assert read_.item_feature_names == ()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            "genre",
            'items has no column "genre" beside ids and titles (asked for with item_features=); it has "gen',
        ),
        ("title", 'items has no column "title" beside ids and titles'),
        ([], "item_features is empty"),
        ("when", 'items has 2020-01-01 00:00:00 in "when"; a feature is text, a list of text or a number'),
        ("blank", 'items has no value in "blank" for any item of the ratings'),
        ("huge", 'items has an infinite number in "huge"'),
    ],
)
def test_what_is_no_feature(columns: Any, message: str) -> None:
    movies = MOVIES.assign(when=pd.Timestamp("2020-01-01"), blank="", huge=np.inf)
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}"):
        read(columns, movies)


def test_a_column_that_names_each_item_is_no_feature() -> None:
    n = 1_001
    ratings = pd.DataFrame({"user": 1, "item": np.arange(n), "rating": 1.0})
    items = pd.DataFrame({"item": np.arange(n), "title": "", "plot": [f"t{k}" for k in range(n)]})
    with pytest.raises(RecowidgetError, match='items has 1,001 different values in "plot", and features'):
        Interactions.from_frame(ratings, items=items, item_features="plot")


def test_features_need_the_frame_of_items() -> None:
    with pytest.raises(RecowidgetError, match="item_features names columns of items; pass that frame"):
        Interactions.from_frame(RATINGS, item_features="genres")
