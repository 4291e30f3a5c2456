"""Columns of ids, of every kind that pandas has."""

from __future__ import annotations

import re
import uuid
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget import RecowidgetError
from recowidget.reading.ids import encode

UUIDS = [uuid.UUID(int=value) for value in (9, 1, 9, 4)]
WITH_PYARROW = "needs pyarrow"


def check(column: pd.Series, ids: list[object], indices: list[int]) -> np.ndarray:
    found_indices, found_ids = encode(column, "ratings")
    assert found_indices.dtype == np.int32
    assert found_indices.tolist() == indices
    assert found_ids.tolist() == ids
    return found_ids


@pytest.mark.parametrize(
    "dtype",
    ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", ">i4", ">u8", "<i2"],
)
def test_integers_keep_their_dtype(dtype: str) -> None:
    found = check(pd.Series(np.array([7, 3, 120, 3], dtype)), [3, 7, 120], [1, 0, 2, 0])
    assert found.dtype == np.dtype(dtype).newbyteorder("=")


@pytest.mark.parametrize("dtype", ["int8", "Int8"])
def test_integers_that_span_their_whole_dtype(dtype: str) -> None:
    check(pd.Series([127, -128, 0], dtype=dtype), [-128, 0, 127], [2, 0, 1])


def test_integers_far_apart() -> None:
    high, low = 2**63 - 1, -(2**63)
    check(pd.Series([high, low, 5, high]), [low, 5, high], [2, 0, 1, 2])
    check(pd.Series(np.array([2**64 - 1, 2**63], np.uint64)), [2**63, 2**64 - 1], [1, 0])
    check(pd.Series([2**70, 3, 2**70], dtype=object), [3, 2**70], [1, 0, 1])


def test_many_integers_by_table_and_by_hash() -> None:
    values = np.random.default_rng(0).integers(-50_000, 50_000, 200_000)
    for scale in (1, 10_007):
        indices, ids = encode(pd.Series(values * scale), "ratings")
        expected_ids, expected_indices = np.unique(values * scale, return_inverse=True)
        assert np.array_equal(ids, expected_ids)
        assert np.array_equal(indices, expected_indices)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([7, 3, 9, 3], dtype="Int64"),
        pd.Series([7, 3, 9, 3], dtype="UInt8"),
        pd.Series([7.0, 3.0, 9.0, 3.0]),
        pd.Series([7.0, 3.0, 9.0, 3.0], dtype="float32"),
        pd.Series([7.0, 3.0, 9.0, 3.0], dtype="Float64"),
        pd.Series([7, 3, 9, 3], dtype=object),
        pd.Series([7, 3.0, 9, 3], dtype=object),
        pd.Series([np.int32(7), 3, np.uint8(9), 3], dtype=object),
        pd.Series([7, 3, 9, 3], dtype="category"),
        pd.Series([7, 3, 9, 3], dtype=pd.SparseDtype("int64", 0)),
        pd.Series([7, 3, 9, 3], index=[0, 0, 1, 1]),
        pd.Series([7, 3, 9, 3], index=pd.MultiIndex.from_product([[1, 2], [1, 2]])),
    ],
    ids=lambda column: f"{column.dtype}",
)
def test_whole_numbers_of_any_dtype(column: pd.Series) -> None:
    assert check(column, [3, 7, 9], [1, 0, 2, 0]).dtype.kind in "iu"


@pytest.mark.parametrize("dtype", [object, "string", "category", None])
def test_text(dtype: object) -> None:
    column = pd.Series(["b", "Ä", "a", "b"], dtype=dtype)
    assert check(column, ["a", "b", "Ä"], [1, 2, 0, 1]).dtype == object


@pytest.mark.parametrize("dtype", [object, "string", None])
def test_text_with_nul_is_told_apart(dtype: object) -> None:
    check(pd.Series(["a\0c", "a\0b", "a", "a\0"], dtype=dtype), ["a", "a\0", "a\0b", "a\0c"], [3, 2, 0, 1])


def test_hostile_text_stays_what_it_is() -> None:
    texts = ["<script>alert(1)</script>", "\u202e", "🎬", "", " ", "x" * 10_000, "\ud800"]
    check(pd.Series(texts, dtype=object), sorted(texts), [sorted(texts).index(text) for text in texts])


def test_uuids_dates_bytes_decimals() -> None:
    check(pd.Series(UUIDS), sorted(set(UUIDS)), [2, 0, 2, 1])
    days = [date(2021, 1, 1), date(2020, 1, 1)]
    check(pd.Series(days), sorted(days), [1, 0])
    check(pd.Series([b"b", b"a"]), [b"a", b"b"], [1, 0])
    check(pd.Series([Decimal("1.5"), Decimal("0.5")]), [Decimal("0.5"), Decimal("1.5")], [1, 0])


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_datetimes(zone: str | None) -> None:
    times = pd.to_datetime(["2021-01-01", "2020-01-01"]).tz_localize(zone)
    check(pd.Series(times), [times[1], times[0]], [1, 0])


def test_a_categorical_is_sorted_by_its_ids_and_drops_what_is_not_used() -> None:
    dtype = pd.CategoricalDtype(["zoe", "bob", "nobody", "ann"], ordered=True)
    check(pd.Series(["zoe", "ann", "bob", "zoe"], dtype=dtype), ["ann", "bob", "zoe"], [2, 0, 1, 2])


def test_arrow_columns() -> None:
    pa = pytest.importorskip("pyarrow", reason=WITH_PYARROW)
    text, number = pd.ArrowDtype(pa.string()), pd.ArrowDtype(pa.int16())
    categories = pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string()))
    for dtype in (text, categories, "string[pyarrow]", pd.ArrowDtype(pa.large_string())):
        check(pd.Series(["b", "a\0", "a", "b"], dtype=dtype), ["a", "a\0", "b"], [2, 1, 0, 2])
    assert check(pd.Series([7, 3, 7], dtype=number), [3, 7], [1, 0, 1]).dtype == np.int16


TEXT = 'make them text with ratings["user_id"] = ratings["user_id"].astype(str)'


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [1, "a", 2],
            (
                'ratings has ids of different kinds in "user_id", which can\'t be sorted together: '
                'int (first at row 0: 1) and str (first at row 1: "a")'
            ),
        ),
        (
            pd.Categorical(["a", 1, "a"]),
            (
                'ratings has ids of different kinds in "user_id", which can\'t be sorted together: '
                'str (first at row 0: "a") and int (first at row 1: 1)'
            ),
        ),
        (
            np.array([1, True, 1], object),
            (
                'ratings has ids of different kinds in "user_id", which can\'t be sorted together: '
                "int (first at row 0: 1) and bool (first at row 1: True)"
            ),
        ),
        (
            [uuid.UUID(int=1), "a", b"a"],
            (
                'ratings has ids of different kinds in "user_id", which can\'t be sorted together: '
                'UUID (first at row 0: 00000000-0000-0000-0000-000000000001), str (first at row 1: "a") '
                "and bytes (first at row 2: b'a')"
            ),
        ),
        (
            [True, False],
            'ratings has booleans in "user_id" (first at row 0: True), which can\'t serve as ids',
        ),
        (
            pd.array([True, False], "boolean"),
            'ratings has booleans in "user_id" (first at row 0: True), which can\'t serve as ids',
        ),
        (
            np.array([True, False], object),
            'ratings has booleans in "user_id" (first at row 0: True), which can\'t serve as ids',
        ),
        (
            [1j, 2j],
            'ratings has complex numbers in "user_id" (first at row 0: 1j), which can\'t serve as ids',
        ),
        (
            [[1], [2]],
            'ratings has values of type list in "user_id" (first at row 0: [1]), which can\'t serve as ids',
        ),
        (
            [(1,), (2,)],
            'ratings has values of type tuple in "user_id" (first at row 0: (1,)), which can\'t serve as ids',
        ),
        (
            [{}, {}],
            'ratings has values of type dict in "user_id" (first at row 0: {}), which can\'t serve as ids',
        ),
        (
            [int, str],
            (
                "ratings has values of type type in \"user_id\" (first at row 0: <class 'int'>), "
                "which can't serve as ids"
            ),
        ),
        (
            [1.0, 1.5, np.inf],
            (
                'ratings has 2 rows where "user_id" is no whole number below 2**53 (first at row 1: 1.5), '
                "which can't serve as an id"
            ),
        ),
        (
            np.array([1, 2.5], object),
            (
                'ratings has 1 row where "user_id" is no whole number below 2**53 (first at row 1: 2.5), '
                "which can't serve as an id"
            ),
        ),
        (
            pd.Categorical([1.5, 2.0, 1.5]),
            (
                'ratings has 2 rows where "user_id" is no whole number below 2**53 (first at row 0: 1.5), '
                "which can't serve as an id"
            ),
        ),
        (
            pd.Series([10**400, 1.5], dtype=object),
            (
                'ratings has ids of different kinds in "user_id", which can\'t be sorted together: '
                f"int (first at row 0: 1{59 * '0'}… (401 characters)) and float (first at row 1: 1.5)"
            ),
        ),
        (
            [2.0**53, 1.0],
            (
                'ratings has 1 row where "user_id" is no whole number below 2**53 '
                "(first at row 0: 9007199254740992.0), which can't serve as an id"
            ),
        ),
    ],
)
def test_ids_that_cannot_be(values: object, message: str) -> None:
    ratings = pd.DataFrame({"user_id": pd.Series(values)})
    with pytest.raises(RecowidgetError, match=f"^{re.escape(f'{message}; {TEXT}')}$"):
        encode(ratings["user_id"], "ratings")
    exec(TEXT.removeprefix("make them text with "), {"ratings": ratings})  # noqa: S102
    encode(ratings["user_id"], "ratings")


@settings(deadline=None)
@given(
    st.one_of(
        st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1),
        st.lists(st.integers(-5, 5), min_size=1),
        st.lists(st.text(max_size=3), min_size=1),
        st.lists(st.uuids(), min_size=1),
        st.lists(st.binary(max_size=2), min_size=1),
    ),
    st.booleans(),
)
def test_indices_are_ranks_of_sorted_ids(values: list[object], categorical: bool) -> None:  # noqa: FBT001
    column = pd.Series(values, dtype="category" if categorical else None)
    indices, ids = encode(column, "ratings")
    assert ids.tolist() == sorted(set(values))
    assert ids[indices].tolist() == values
