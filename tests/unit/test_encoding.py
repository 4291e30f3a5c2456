"""Vocabularies: ids to indices and back."""

from __future__ import annotations

import pickle
import re
import uuid
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget import RecowidgetError
from recowidget.encoding import Vocabulary


def objects(*values: object) -> np.ndarray:
    array = np.empty(len(values), object)
    array[:] = values
    return array


MOVIES = Vocabulary(np.array([1, 50, 71], np.int32), objects("Toy Story", "Star Wars", "71"), name="movie_id")
USERS = Vocabulary(objects("ann", "bob"), name="user")


def test_one_id_gives_an_int() -> None:
    index = MOVIES.index_of(50)
    assert index == 1
    assert type(index) is int


@pytest.mark.parametrize(
    "ids",
    [
        [71, 1, 71],
        (71, 1, 71),
        np.array([71, 1, 71]),
        np.array([71, 1, 71], np.uint8),
        np.array([71.0, 1.0, 71.0]),
        pd.Series([71, 1, 71], index=[5, 5, 5]),
        pd.Series([71, 1, 71], dtype="Int64"),
        pd.Index([71, 1, 71]),
        (value for value in (71, 1, 71)),
    ],
)
def test_many_ids_give_an_array(ids: object) -> None:
    indices = MOVIES.index_of(ids)
    assert indices.dtype == np.int32
    assert indices.tolist() == [2, 0, 2]


def test_no_ids_give_an_empty_array() -> None:
    assert MOVIES.index_of([]).tolist() == []
    assert MOVIES.id_of([]).tolist() == []


def test_a_range_of_ids() -> None:
    assert MOVIES.index_of(range(50, 51)).tolist() == [1]


def test_text_is_one_id_and_no_sequence() -> None:
    assert USERS.index_of("bob") == 1
    assert USERS.index_of(np.array(["bob", "ann"])).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (7, "1 unknown movie_id: 7; there are 3 ids, from 1 to 71"),
        ("1", '1 unknown movie_id: "1"; there are 3 ids, from 1 to 71'),
        (True, "1 unknown movie_id: True; there are 3 ids, from 1 to 71"),
        (None, "1 unknown movie_id: None; there are 3 ids, from 1 to 71"),
        ([1, 7, 8, 7], "2 unknown movie_ids: 7 and 8; there are 3 ids, from 1 to 71"),
        (np.array([0.5, 1.0]), "1 unknown movie_id: 0.5; there are 3 ids, from 1 to 71"),
        (np.array([-1, 99]), "2 unknown movie_ids: -1 and 99; there are 3 ids, from 1 to 71"),
        (
            range(100, 110),
            "10 unknown movie_ids: 100, 101, 102, 103, 104 and 5 more; there are 3 ids, from 1 to 71",
        ),
        ([[1]], "1 unknown movie_id: [1]; there are 3 ids, from 1 to 71"),
    ],
)
def test_unknown_ids_are_named(ids: object, message: str) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        MOVIES.index_of(ids)


def test_an_unknown_text_is_shown_with_its_control_characters_escaped_and_cut() -> None:
    message = '1 unknown user: "\\u202e<b>\\x00"; there are 2 ids, from "ann" to "bob"'
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        USERS.index_of("\u202e<b>\0")
    with pytest.raises(RecowidgetError, match=re.escape('"… (10,000 characters); there are')):
        USERS.index_of("x" * 10_000)


def test_id_of_gives_back_python_values() -> None:
    assert MOVIES.id_of(1) == 50
    assert type(MOVIES.id_of(1)) is int
    assert USERS.id_of(np.int32(0)) == "ann"
    many = MOVIES.id_of([2, 0])
    assert many.dtype == np.int32
    assert many.tolist() == [71, 1]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (3, "no movie_id has the index 3: there are 3, 0 to 2"),
        ([0, -1], "no movie_id has the index -1: there are 3, 0 to 2"),
        (1.0, "an index of movie_id is an integer, not 1.0"),
        ("a", 'an index of movie_id is an integer, not "a"'),
        (True, "an index of movie_id is an integer, not True"),
    ],
)
def test_an_index_out_of_range_is_an_error(index: object, message: str) -> None:
    for lookup in (MOVIES.id_of, MOVIES.label_of):
        with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
            lookup(index)


def test_labels_are_titles_or_else_ids() -> None:
    assert MOVIES.label_of(0) == "Toy Story"
    assert MOVIES.label_of([1, 2]) == ["Star Wars", "71"]
    assert USERS.label_of(1) == "bob"
    assert Vocabulary(np.array([3, 7])).label_of([0, 1]) == ["3", "7"]


def test_subset_keeps_titles() -> None:
    kept = MOVIES.subset(np.array([1, 2]))
    assert kept.ids.tolist() == [50, 71]
    assert kept.label_of(0) == "Star Wars"
    assert kept.name == "movie_id"
    assert USERS.subset(np.array([1])).titles is None


def test_repr_is_one_line() -> None:
    assert repr(MOVIES) == "Vocabulary(3 movie_ids, with titles)"
    assert repr(USERS) == "Vocabulary(2 users)"


def test_arrays_are_read_only_and_the_given_ones_are_not_touched() -> None:
    given_ids = np.array([1, 2])
    vocabulary = Vocabulary(given_ids)
    with pytest.raises(ValueError, match="read-only"):
        vocabulary.ids[0] = 5
    assert given_ids.flags.writeable


def test_pickles() -> None:
    USERS.index_of("ann")
    assert pickle.loads(pickle.dumps(USERS)).index_of("bob") == 1  # noqa: S301


@pytest.mark.parametrize(
    "ids",
    [
        objects(date(2020, 1, 1), date(2021, 1, 1)),
        objects(uuid.UUID(int=1), uuid.UUID(int=2)),
        objects(b"a", b"b"),
        objects(*pd.to_datetime(["2020-01-01", "2021-01-01"])),
        np.array([2**63, 2**64 - 1], np.uint64),
        np.array([-(2**63), 2**63 - 1]),
    ],
)
def test_kinds_of_ids(ids: np.ndarray) -> None:
    vocabulary = Vocabulary(ids)
    assert vocabulary.index_of(list(ids)).tolist() == [0, 1]
    assert vocabulary.index_of(pd.Series(ids)).tolist() == [0, 1]
    assert vocabulary.index_of(ids[1]) == 1
    assert vocabulary.id_of(1) == ids[1]


def test_datetimes_of_numpy() -> None:
    times = pd.to_datetime(["2020-01-01", "2021-01-01"])
    assert Vocabulary(objects(*times)).index_of(times.to_numpy()).tolist() == [0, 1]


ids_of_one_kind = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, unique=True).map(
        lambda ids: np.array(sorted(ids), np.int64)
    ),
    st.lists(st.text(), min_size=1, unique=True).map(lambda ids: objects(*sorted(ids))),
    st.lists(st.uuids(), min_size=1, unique=True).map(lambda ids: objects(*sorted(ids))),
)


@settings(deadline=None)
@given(ids_of_one_kind, st.data())
def test_index_and_id_are_inverse(ids: np.ndarray, data: st.DataObject) -> None:
    vocabulary = Vocabulary(ids)
    indices = data.draw(st.lists(st.integers(0, len(ids) - 1)))
    assert vocabulary.index_of(vocabulary.id_of(indices)).tolist() == indices
    assert [vocabulary.index_of(vocabulary.id_of(index)) for index in indices] == indices
