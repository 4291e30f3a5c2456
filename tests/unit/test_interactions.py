"""Interactions: what is read from a frame, taken from it, and given back."""

from __future__ import annotations

import dataclasses
import pickle
import re
import uuid
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recowidget import Interactions, RecowidgetError
from recowidget.datasets import load_movielens

FRAME = pd.DataFrame(
    {
        "who": ["bob", "ann", "bob", "cem"],
        "movie_id": [50, 7, 7, 50],
        "rating": [5.0, 3.5, 4.0, 0.5],
        "timestamp": [40, 30, 20, 10],
    },
    index=[9, 9, 1, 0],
)


@pytest.fixture(scope="module")
def movielens() -> Interactions:
    ratings, movies = load_movielens()
    return Interactions.from_frame(ratings, items=movies)


def read(df: pd.DataFrame = FRAME, **keywords: object) -> Interactions:
    return Interactions.from_frame(df, user="who", **keywords)


def rows_of(interactions: Interactions) -> list[tuple[object, ...]]:
    return list(interactions.to_frame().itertuples(index=False, name=None))


def test_what_is_read() -> None:
    found = read()
    assert found.user_idx.tolist() == [1, 0, 1, 2]
    assert found.item_idx.tolist() == [1, 0, 0, 1]
    assert found.ratings.tolist() == [5.0, 3.5, 4.0, 0.5]
    assert found.timestamps.tolist() == [40, 30, 20, 10]
    dtypes = [array.dtype for array in (found.user_idx, found.item_idx, found.ratings, found.timestamps)]
    assert dtypes == [np.int32, np.int32, np.float32, np.int64]
    assert found.users.ids.tolist() == ["ann", "bob", "cem"]
    assert found.items.ids.tolist() == [7, 50]
    assert (found.users.name, found.items.name) == ("who", "movie_id")
    assert (found.n_users, found.n_items, found.n_ratings, len(found.users)) == (3, 2, 4, 3)
    assert found.rating_scale == (0.5, 5.0)
    assert [type(bound) for bound in found.rating_scale] == [float, float]


def test_repr_says_what_was_taken() -> None:
    assert repr(read()) == (
        "Interactions(3 users, 2 items, 4 ratings; "
        'user="who", item="movie_id", rating="rating", timestamp="timestamp")'
    )
    one = pd.DataFrame({0: [1], "item": [1], "rating": [1]})
    assert repr(Interactions.from_frame(one, user=0)) == (
        'Interactions(1 user, 1 item, 1 rating; user=0, item="item", rating="rating", timestamp=None)'
    )


def test_the_frame_is_not_changed() -> None:
    frame = FRAME.copy(deep=True)
    Interactions.from_frame(frame, user="who", duplicates="mean")
    pd.testing.assert_frame_equal(frame, FRAME)
    frame.loc[:, "rating"] = 0.0


def test_later_changes_of_the_frame_are_not_seen() -> None:
    frame = FRAME.copy(deep=True)
    found = read(frame)
    frame.loc[:, "rating"] = 0.0
    frame.loc[:, "timestamp"] = 0
    assert found.ratings.tolist() == [5.0, 3.5, 4.0, 0.5]
    assert found.timestamps.tolist() == [40, 30, 20, 10]


def test_it_is_frozen() -> None:
    found = read()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.ratings = found.ratings
    arrays = (found.user_idx, found.item_idx, found.ratings, found.timestamps, found.user_order)
    for array in (*arrays, found.users.ids, found.item_order, found.user_counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[0]


def test_order_by_number_of_ratings() -> None:
    found = read()
    assert found.user_counts.tolist() == [1, 2, 1]
    assert found.item_counts.tolist() == [2, 2]
    assert found.user_order.tolist() == [1, 0, 2]
    assert found.item_order.tolist() == [0, 1]
    assert found.user_order.dtype == np.int32
    assert found.user_order is found.user_order


def test_to_frame_gives_back_names_and_ids() -> None:
    frame = read().to_frame()
    assert frame.columns.tolist() == list(FRAME.columns)
    assert frame["rating"].dtype == np.float32
    assert rows_of(read()) == list(FRAME.itertuples(index=False, name=None))
    assert read(FRAME.drop(columns="timestamp")).to_frame().columns.tolist() == ["who", "movie_id", "rating"]


def test_pickles() -> None:
    assert rows_of(pickle.loads(pickle.dumps(read()))) == rows_of(read())  # noqa: S301


# ---- take ---------------------------------------------------------------------------------------------


def test_take_keeps_indices_and_vocabularies() -> None:
    found = read()
    taken = found.take([2, 0, 0])
    assert rows_of(taken) == [rows_of(found)[row] for row in (2, 0, 0)]
    assert taken.users is found.users
    assert taken.n_users == 3
    assert taken.user_counts.tolist() == [0, 3, 0]
    assert taken.user_order.tolist() == [1, 0, 2]
    assert rows_of(found.take(np.array([True, False, False, True]))) == [
        rows_of(found)[row] for row in (0, 3)
    ]
    assert rows_of(found.take(pd.Series([3]))) == rows_of(found)[3:]


def test_take_nothing() -> None:
    empty = read().take([])
    assert (empty.n_ratings, empty.n_users) == (0, 3)
    assert empty.rating_scale == read().rating_scale
    assert rows_of(empty) == []


def test_a_colour_means_the_same_in_a_sample(movielens: Interactions) -> None:
    few = movielens.sample(10, 6)
    assert few.ratings.min() > 0.5
    assert few.rating_scale == few.take([0, 1]).rating_scale == (0.5, 5.0)


NO_ROWS = "rows must be row numbers, or a boolean for each of the 4 rows, not an array of"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0, 4], "rows has the row number 4; the 4 rows are 0 to 3"),
        ([-1], "rows has the row number -1; the 4 rows are 0 to 3"),
        (
            [0.0],
            f"{NO_ROWS} float64 with shape (1,)",
        ),
        (
            [True, False],
            f"{NO_ROWS} bool with shape (2,)",
        ),
        (
            0,
            f"{NO_ROWS} int64 with shape ()",
        ),
    ],
)
def test_rows_that_are_not_there(rows: object, message: str) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        read().take(rows)


# ---- duplicates ---------------------------------------------------------------------------------------

REPEATED = pd.DataFrame(
    {
        "who": ["bob", "ann", "bob", "ann", "cem", "bob"],
        "movie_id": [50, 7, 50, 7, 7, 50],
        "rating": [5.0, 3.0, 4.0, 4.0, 1.0, 0.0],
        "timestamp": [90, 10, 50, 20, 1, 70],
    },
    index=[3, 3, 2, 1, 0, 0],
)


def test_repeated_pairs_are_an_error() -> None:
    message = (
        "ratings has 2 (user, item) pairs more than once "
        '(first: who "bob" and movie_id 50 at rows 0, 2 and 5); '
        'Interactions.from_frame can keep the last of each with duplicates="last", or average them with '
        'duplicates="mean"'
    )
    for keywords in ({}, {"duplicates": "error"}):
        with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
            read(REPEATED, **keywords)
    one = pd.DataFrame({"user": [2, 1, 1], "item": [1, 1, 1], "rating": 1})
    message = (
        "ratings has 1 (user, item) pair more than once "
        "(first: user 1 and item 1 at rows 1 and 2); Interactions"
    )
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}"):
        Interactions.from_frame(one)


def test_the_last_of_repeated_pairs_is_the_last_in_the_frame() -> None:
    assert rows_of(read(REPEATED, duplicates="last")) == [
        ("ann", 7, 4.0, 20),
        ("cem", 7, 1.0, 1),
        ("bob", 50, 0.0, 70),
    ]
    by_time = read(REPEATED.sort_values("timestamp", kind="stable"), duplicates="last")
    assert set(rows_of(by_time)) == {("ann", 7, 4.0, 20), ("cem", 7, 1.0, 1), ("bob", 50, 5.0, 90)}


def test_the_mean_of_repeated_pairs_stands_where_the_first_stood() -> None:
    assert rows_of(read(REPEATED, duplicates="mean")) == [
        ("bob", 50, 3.0, 90),
        ("ann", 7, 3.5, 20),
        ("cem", 7, 1.0, 1),
    ]
    assert read(REPEATED.drop(columns="timestamp"), duplicates="mean").timestamps is None


@pytest.mark.parametrize("duplicates", ["first", None, True, ["last"]])
def test_an_unknown_way_with_duplicates(duplicates: object) -> None:
    shown = f'"{duplicates}"' if isinstance(duplicates, str) else duplicates
    message = f'duplicates must be "error", "last", "mean" or "sum", not {shown}'
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        read(duplicates=duplicates)


pairs = st.tuples(st.integers(0, 4), st.integers(0, 3))
ratings_of_pairs = st.lists(st.tuples(pairs, st.integers(1, 10)), min_size=1, max_size=30)


def frame_of(rows: list[tuple[tuple[int, int], int]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user": [user for (user, _), _ in rows],
            "item": [item for (_, item), _ in rows],
            "rating": [rating / 2 for _, rating in rows],
            "time": range(len(rows)),
        }
    )


@settings(deadline=None, max_examples=50)
@given(ratings_of_pairs)
def test_duplicates_agree_with_pandas(rows: list[tuple[tuple[int, int], int]]) -> None:
    frame = frame_of(rows)
    last = frame.drop_duplicates(["user", "item"], keep="last")
    assert rows_of(Interactions.from_frame(frame, duplicates="last")) == list(
        last.itertuples(index=False, name=None)
    )
    groups = frame.groupby(["user", "item"], sort=False)
    mean = groups.agg(rating=("rating", "mean"), time=("time", "max")).reset_index()
    found = Interactions.from_frame(frame, duplicates="mean").to_frame()
    pd.testing.assert_frame_equal(found, mean, check_dtype=False, rtol=1e-6)
    n_repeated = int((groups.size() > 1).sum())
    if n_repeated:
        with pytest.raises(RecowidgetError, match=rf"^ratings has {n_repeated} \(user, item\) pair"):
            Interactions.from_frame(frame)
    else:
        assert rows_of(Interactions.from_frame(frame)) == list(frame.itertuples(index=False, name=None))


# ---- sample -------------------------------------------------------------------------------------------


def test_the_sample_for_teaching(movielens: Interactions) -> None:
    sample = movielens.sample(10, 6)
    assert (sample.n_users, sample.n_items) == (10, 6)
    assert sample.n_ratings == 60
    assert sample.items.label_of(range(3)) == [
        "Star Wars: Episode IV - A New Hope (1977)",
        "Pulp Fiction (1994)",
        "Shawshank Redemption, The (1994)",
    ]
    whole = movielens.to_frame().set_index(["user_id", "movie_id"])
    part = sample.to_frame().set_index(["user_id", "movie_id"])
    pd.testing.assert_frame_equal(part, whole.loc[part.index])


@pytest.mark.parametrize(("n_users", "n_items"), [(1, 1), (40, 25), (610, 9724), (3, 2000), (610, 1)])
def test_every_user_and_item_of_a_sample_has_a_rating(
    movielens: Interactions, n_users: int, n_items: int
) -> None:
    if (n_users, n_items) == (610, 1):
        with pytest.raises(RecowidgetError, match="ask for a block of another shape"):
            movielens.sample(n_users, n_items)
        return
    sample = movielens.sample(n_users, n_items)
    assert (sample.n_users, sample.n_items) == (n_users, n_items)
    assert sample.user_counts.min() > 0
    assert sample.item_counts.min() > 0
    assert sample.users.titles is None
    assert len(sample.items.titles) == n_items


def test_a_sample_keeps_the_order_of_rows_and_ranks_its_own_ids() -> None:
    sample = read().sample(1, 2)
    assert rows_of(sample) == [("bob", 50, 5.0, 40), ("bob", 7, 4.0, 20)]
    assert sample.user_idx.tolist() == [0, 0]
    assert sample.item_idx.tolist() == [1, 0]
    assert read().sample(2, 1).users.ids.tolist() == ["ann", "bob"]


def test_a_sample_finds_a_planted_block() -> None:
    rng = np.random.default_rng(0)
    cells = {(int(user), int(item)) for user, item in rng.integers(0, 60, (400, 2))}
    block = set(product(range(10, 20), range(30, 38)))
    frame = pd.DataFrame(sorted(cells | block), columns=["user", "item"]).assign(rating=1.0)
    sample = Interactions.from_frame(frame).sample(10, 8)
    assert sample.users.ids.tolist() == list(range(10, 20))
    assert sample.items.ids.tolist() == list(range(30, 38))


@pytest.mark.parametrize("size", [0, -1, 4, 2.0, True, None, "2"])
def test_a_sample_of_a_size_that_is_not_there(size: object) -> None:
    shown = f'"{size}"' if isinstance(size, str) else size
    message = f"n_users must be an integer from 1 to 3, not {shown}"
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        read().sample(size, 1)
    with pytest.raises(RecowidgetError, match=r"^n_items must be an integer from 1 to 2, not 3$"):
        read().sample(1, 3)


def test_a_sample_that_is_not_found() -> None:
    diagonal = pd.DataFrame({"user": range(3), "item": range(3), "rating": 1})
    message = (
        "found no 1 users and 2 items that each have a rating among them; ask for a block of another shape"
    )
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        Interactions.from_frame(diagonal).sample(1, 2)
    assert Interactions.from_frame(diagonal).sample(2, 2).n_ratings == 2
    lonely = pd.DataFrame({"user": [0, 0, 1], "item": [0, 1, 2], "rating": 1})
    with pytest.raises(RecowidgetError, match=r"^found no 1 users and 3 items"):
        Interactions.from_frame(lonely).sample(1, 3)


def test_a_sample_gives_up_an_item_for_one_that_another_user_rated() -> None:
    island = pd.DataFrame({"user": [0, 0, 1], "item": [0, 1, 2], "rating": 1})
    assert rows_of(Interactions.from_frame(island).sample(2, 2)) == [(0, 1, 1.0), (1, 2, 1.0)]


@settings(deadline=None, max_examples=60)
@given(st.sets(pairs, min_size=1), st.integers(1, 5), st.integers(1, 4))
def test_sample_invariants(cells: set[tuple[int, int]], n_users: int, n_items: int) -> None:
    frame = pd.DataFrame(sorted(cells), columns=["user", "item"]).assign(rating=1.0)
    whole = Interactions.from_frame(frame)
    assume(n_users <= whole.n_users and n_items <= whole.n_items)
    try:
        sample = whole.sample(n_users, n_items)
    except RecowidgetError as error:
        assert "found no" in str(error)  # noqa: PT017
        assert n_users != n_items
        assert (n_users, n_items) != (whole.n_users, whole.n_items)
        return
    assert (sample.n_users, sample.n_items) == (n_users, n_items)
    assert sample.user_counts.min() > 0
    assert sample.item_counts.min() > 0
    inside = frame["user"].isin(sample.users.ids) & frame["item"].isin(sample.items.ids)
    assert rows_of(sample) == list(frame[inside].itertuples(index=False, name=None))
    assert rows_of(whole.sample(n_users, n_items)) == rows_of(sample)


# ---- real data ----------------------------------------------------------------------------------------


def test_movielens(movielens: Interactions) -> None:
    assert repr(movielens) == (
        "Interactions(610 users, 9,724 items, 100,836 ratings; "
        'user="user_id", item="movie_id", rating="rating", timestamp="timestamp")'
    )
    assert movielens.rating_scale == (0.5, 5.0)
    assert movielens.items.label_of(movielens.items.index_of(1)) == "Toy Story (1995)"
    assert movielens.users.id_of(movielens.user_order[0]) == 414
    assert movielens.items.label_of(movielens.item_order[0]) == "Forrest Gump (1994)"
    ratings, _ = load_movielens()
    pd.testing.assert_frame_equal(movielens.to_frame(), ratings, check_dtype=False)


def test_the_workshops_own_files(shared_data: object) -> None:
    folder = shared_data / "workshop"
    ratings, items, users = (pd.read_csv(folder / f"{name}.csv") for name in ("ratings", "items", "users"))
    with pytest.warns(UserWarning, match=r"^items has \d+ ids more than once"):
        found = Interactions.from_frame(ratings, items=items, users=users)
    assert (found.n_users, found.n_items, found.n_ratings) == (943, 1682, 100_000)
    assert found.columns["timestamp"] == "unix_timestamp"
    assert found.items.label_of(0) == "Toy Story (1995)"
    assert found.users.titles is None


# ---- anything -----------------------------------------------------------------------------------------

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.floats(),
    st.text(max_size=2),
    st.just(uuid.UUID(int=1)),
    st.datetimes(),
    st.binary(max_size=1),
    st.just((1,)),
    st.builds(list),
)
names = ["user_id", "USER", "item_id", "Item", "rating", "RATING", "timestamp", "time", 0, None]


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    n_rows = draw(st.integers(0, 5))
    labels = draw(st.lists(st.sampled_from(names), max_size=6)) or ["user_id", "item_id", "rating"]
    kinds = st.sampled_from([st.integers(0, 2), st.floats(), st.text(max_size=2), scalars, st.booleans()])
    columns = [draw(st.lists(draw(kinds), min_size=n_rows, max_size=n_rows)) for _ in labels]
    frame = pd.DataFrame(dict(enumerate(columns)), index=draw(st.sampled_from([None, [1] * n_rows])))
    frame.columns = pd.Index(labels, dtype=object)
    return frame


@settings(deadline=None, max_examples=200)
@given(frames(), st.sampled_from(["error", "last", "mean"]), st.booleans())
def test_any_frame_is_read_or_refused(frame: pd.DataFrame, duplicates: str, titled: bool) -> None:  # noqa: FBT001
    before = frame.copy(deep=True)
    try:
        found = Interactions.from_frame(frame, duplicates=duplicates, items=frame if titled else None)
    except RecowidgetError as error:
        assert str(error).isprintable()  # noqa: PT017
        return
    except UserWarning as warning:
        assert "more than once" in str(warning)  # noqa: PT017
        return
    finally:
        pd.testing.assert_frame_equal(frame, before)
    assert found.n_ratings > 0
    assert np.isfinite(found.ratings).all()
    assert np.isin(np.arange(found.n_users), found.user_idx).all()
    assert np.isin(np.arange(found.n_items), found.item_idx).all()
    again = Interactions.from_frame(
        found.to_frame(),
        **{role: label for role, label in found.columns.items() if label is not None},
    )
    assert np.array_equal(again.user_idx, found.user_idx)
    assert np.array_equal(again.item_idx, found.item_idx)
    assert np.array_equal(again.ratings, found.ratings)
