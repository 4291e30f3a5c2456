"""Implicit feedback: interactions without ratings, from frames and from sparse matrices."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from recowidget import Interactions, RecowidgetError

PLAYS = pd.DataFrame(
    {
        "user_id": ["ann", "ann", "bob", "ann", "bob", "cid"],
        "track": [3, 1, 1, 3, 2, 3],
        "time": [10, 20, 30, 40, 50, 60],
        "minutes": [2.0, 5.0, 1.0, 4.0, 3.0, 0.5],
    }
)
ONCE = PLAYS.drop(index=3)


def read(frame: pd.DataFrame = ONCE, **keywords: Any) -> Interactions:
    return Interactions.from_frame(frame, item="track", **keywords)


def rows_of(interactions: Interactions) -> list[tuple[object, ...]]:
    return [tuple(row) for row in interactions.to_frame().itertuples(index=False)]


def test_a_frame_without_ratings_is_implicit_feedback() -> None:
    clicks = read()
    assert clicks.is_implicit
    assert clicks.rating_scale == (0.0, 1.0)
    assert clicks.ratings.tolist() == [1.0] * 5
    assert clicks.ratings.dtype == np.float32
    assert clicks.weights is None
    assert repr(clicks) == (
        "Interactions(3 users, 3 items, 5 interactions (implicit); "
        'user="user_id", item="track", rating=None, timestamp="time")'
    )
    assert not Interactions.from_frame(ONCE.assign(rating=1), item="track").is_implicit


def test_it_stays_so_in_parts_samples_and_frames() -> None:
    clicks = read()
    for part in (clicks.take([0, 2]), clicks.sample(2, 2), read(clicks.to_frame())):
        assert part.is_implicit
        assert part.rating_scale == (0.0, 1.0)
    assert clicks.to_frame().columns.tolist() == ["user_id", "track", "time"]
    assert rows_of(read(clicks.to_frame())) == rows_of(clicks)


def test_a_column_of_weights() -> None:
    plays = read(weight="minutes")
    assert plays.is_implicit
    assert plays.weights is not None
    assert plays.weights.tolist() == [2.0, 5.0, 1.0, 3.0, 0.5]
    assert "(implicit, weighted)" in repr(plays)
    assert rows_of(plays)[0] == ("ann", 3, 2.0, 10)
    again = read(plays.to_frame(), weight="minutes")
    assert rows_of(again) == rows_of(plays)
    part = plays.take([1, 0])
    assert part.weights is not None
    assert part.weights.tolist() == [5.0, 2.0]
    block = plays.sample(2, 2)
    assert block.weights is not None
    assert block.weights.tolist() == block.to_frame()["minutes"].tolist()


def test_ratings_beside_weights_are_not_read() -> None:
    plays = read(ONCE.assign(rating=3.0), weight="minutes")
    assert plays.is_implicit
    assert plays.ratings.tolist() == [1.0] * 5


def test_what_happened_again_is_counted_added_up_or_dropped() -> None:
    with pytest.raises(
        RecowidgetError,
        match=re.escape(
            'ratings has 1 (user, item) pair more than once (first: user_id "ann" and track 3 at rows 0 and '
            '3); Interactions.from_frame can keep the last of each with duplicates="last", or count them '
            'with duplicates="sum"'
        ),
    ):
        read(PLAYS)
    counted = read(PLAYS, duplicates="sum")
    assert counted.to_frame().columns.tolist() == ["user_id", "track", "weight", "time"]
    assert rows_of(counted)[0] == ("ann", 3, 2.0, 40)
    assert [row[2] for row in rows_of(counted)] == [2, 1, 1, 1, 1]
    assert rows_of(read(counted.to_frame(), weight="weight")) == rows_of(counted)
    assert rows_of(read(PLAYS, weight="minutes", duplicates="sum"))[0] == ("ann", 3, 6.0, 40)
    assert rows_of(read(PLAYS, weight="minutes", duplicates="mean"))[0] == ("ann", 3, 3.0, 40)
    assert rows_of(read(PLAYS, weight="minutes", duplicates="last"))[2] == ("ann", 3, 4.0, 40)
    last = read(PLAYS, duplicates="last")
    assert last.weights is None
    assert last.n_ratings == 5


@pytest.mark.parametrize(
    ("frame", "keywords", "message"),
    [
        (ONCE, {"rating": "rating"}, 'ratings has no column "rating" (asked for with rating=)'),
        (ONCE, {"rating": "minutes", "weight": "minutes"}, "rating= and weight= are both given"),
        (ONCE, {"weight": "plays"}, 'ratings has no column "plays" (asked for with weight=)'),
        (
            ONCE.assign(minutes=[1, 0, -2, 3, 4]),
            {"weight": "minutes"},
            'ratings has 2 rows with a weight of 0 or less in "minutes" (first at row 1: 0)',
        ),
        (
            PLAYS.assign(rating=3),
            {"duplicates": "sum"},
            'duplicates="sum" counts implicit feedback, and these have ratings in "rating"',
        ),
    ],
)
def test_what_does_not_fit(frame: pd.DataFrame, keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}"):
        read(frame, **keywords)


# ---- sparse matrices ------------------------------------------------------------------------------------

COUNTS = np.array([[0, 3, 0, 1], [0, 0, 0, 0], [2, 0, 0, 5]])


@pytest.mark.parametrize("form", ["coo", "csr", "csc", "lil", "dok", "bsr"])
@pytest.mark.parametrize("kind", ["array", "matrix"])
def test_a_sparse_matrix_of_any_format(form: str, kind: str) -> None:
    matrix = getattr(sparse, f"{form}_{kind}")(COUNTS)
    plays = Interactions.from_matrix(matrix)
    assert plays.is_implicit
    assert (plays.n_users, plays.n_items) == (3, 4)
    assert plays.users.ids.tolist() == [0, 1, 2]
    assert plays.user_idx.dtype == plays.item_idx.dtype == np.int32
    assert rows_of(plays) == [(0, 1, 3.0), (0, 3, 1.0), (2, 0, 2.0), (2, 3, 5.0)]
    assert plays.to_frame().columns.tolist() == ["user_id", "item_id", "weight"]


@pytest.mark.parametrize("dtype", [bool, np.int8, np.float64])
def test_ones_are_no_weights(dtype: type) -> None:
    clicks = Interactions.from_matrix(sparse.csr_array((COUNTS > 0).astype(dtype)))
    assert clicks.weights is None
    assert clicks.n_ratings == 4


def test_stored_zeros_do_not_count_and_repeated_entries_add_up() -> None:
    matrix = sparse.coo_array(([0.0, 1.0, 2.0, 4.0], ([0, 1, 1, 0], [0, 1, 1, 2])), shape=(2, 3))
    assert rows_of(Interactions.from_matrix(matrix)) == [(0, 2, 4.0), (1, 1, 3.0)]


def test_ids_are_ranked_as_everywhere() -> None:
    matrix = sparse.csr_array(COUNTS)
    items = pd.Index(["d", "a", "c", "b"], name="track")
    plays = Interactions.from_matrix(matrix, users=["zoe", "ann", "bob"], items=items)
    assert plays.users.ids.tolist() == ["ann", "bob", "zoe"]
    assert plays.items.ids.tolist() == ["a", "b", "c", "d"]
    assert set(rows_of(plays)) == {("zoe", "a", 3.0), ("zoe", "b", 1.0), ("bob", "d", 2.0), ("bob", "b", 5.0)}
    assert plays.to_frame().columns.tolist() == ["user_id", "track", "weight"]
    assert plays.user_counts.tolist() == [0, 2, 2]


@pytest.mark.parametrize(
    ("matrix", "keywords", "message"),
    [
        (
            COUNTS,
            {},
            "matrix must be a scipy.sparse matrix or array, not ndarray; pass scipy.sparse.coo_array",
        ),
        (
            pd.DataFrame(COUNTS),
            {},
            "matrix must be a scipy.sparse matrix or array, not DataFrame; pass a frame",
        ),
        (sparse.csr_array((3, 4)), {}, "matrix has no entry other than 0"),
        (sparse.coo_array(np.arange(3)), {}, "matrix must have two dimensions, users and items, not 1"),
        (sparse.csr_array(COUNTS * 1j), {}, "matrix must hold numbers or booleans, not complex128"),
        (sparse.csr_array(COUNTS * -1), {}, "matrix has 4 places whose entry can't be a confidence"),
        (
            sparse.csr_array(np.where(COUNTS == 5, np.nan, COUNTS)),
            {},
            (
                "matrix has 1 place whose entry can't be a confidence, which is a finite number above 0 "
                "(first: nan at row 2, column 3)"
            ),
        ),
        (sparse.csr_array(COUNTS), {"users": ["a", "b"]}, "users has 2 ids for the 3 rows of the matrix"),
        (sparse.csr_array(COUNTS), {"items": "abcd"}, "items must be a list of ids, not str"),
        (sparse.csr_array(COUNTS), {"users": [1, 2, 1]}, "users has the id 1 more than once (again at posi"),
        (sparse.csr_array(COUNTS), {"users": [1, None, 2]}, "users has 1 row with no ids (first at row 1)"),
    ],
)
def test_what_is_no_matrix_of_feedback(matrix: Any, keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}"):
        Interactions.from_matrix(matrix, **keywords)
