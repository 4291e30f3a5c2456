"""Ratings and timestamps: what is read, and what can't be."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from recowidget import Interactions, RecowidgetError
from recowidget.reading.values import read_ratings, read_timestamps

LEAP_DAY = 951_782_400  # 2000-02-29 in UTC


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([4.0, 0.5]),
        pd.Series([4.0, 0.5], dtype="float16"),
        pd.Series([4.0, 0.5], dtype=">f8"),
        pd.Series([4.0, 0.5], dtype="Float32"),
        pd.Series([4, 0.5], dtype=object),
        pd.Series([Decimal(4), Decimal("0.5")]),
        pd.Series([Fraction(4), Decimal("0.5")], dtype=object),
        pd.Series([4.0, 0.5], dtype="category"),
        pd.Series([4.0, 0.5], dtype=pd.SparseDtype("float64", 0.5)),
        pd.Series([4.0, 0.5], index=[3, 3]),
    ],
    ids=lambda column: f"{column.dtype}",
)
def test_numbers_of_any_dtype_are_ratings(column: pd.Series) -> None:
    ratings = read_ratings(column, "ratings")
    assert ratings.dtype == np.float32
    assert ratings.tolist() == [4.0, 0.5]


@pytest.mark.parametrize("dtype", [bool, "boolean", object, "category"])
def test_booleans_are_ratings_of_0_and_1(dtype: object) -> None:
    assert read_ratings(pd.Series([True, False], dtype=dtype), "ratings").tolist() == [1.0, 0.0]


def test_negative_and_equal_ratings_are_ratings() -> None:
    df = pd.DataFrame({"user": [1, 2], "item": [1, 2], "rating": [-3, -3]})
    assert Interactions.from_frame(df).rating_scale == (-3.0, -3.0)


def test_arrow_numbers() -> None:
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow")
    for kind in (pa.float64(), pa.decimal128(5, 2)):
        column = pd.Series([Decimal(4), Decimal("0.5")], dtype=pd.ArrowDtype(kind))
        assert read_ratings(column, "ratings").tolist() == [4.0, 0.5]
    time = pd.Series(pd.to_datetime(["2000-02-29"]), dtype=pd.ArrowDtype(pa.timestamp("us", "Asia/Tokyo")))
    assert read_timestamps(time, "ratings").tolist() == [LEAP_DAY]
    assert read_timestamps(pd.Series([5], dtype=pd.ArrowDtype(pa.int32())), "ratings").tolist() == [5]


@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_what_is_read_is_never_the_frames_own_memory(dtype: str) -> None:
    column = pd.Series([1, 2], dtype=dtype)
    for read in (read_ratings, read_timestamps):
        assert not np.shares_memory(read(column, "ratings"), column.to_numpy())


@pytest.mark.parametrize(
    ("values", "message", "advice"),
    [
        (
            ["4.0", "3", "5"],
            'ratings has 3 rows where "rating" is not a number (first at row 0: "4.0"); convert them with ',
            'ratings["rating"] = pd.to_numeric(ratings["rating"])',
        ),
        (
            pd.Categorical(["4.0", "3", "5"]),
            'ratings has 3 rows where "rating" is not a number (first at row 0: "4.0"); convert them with ',
            'ratings["rating"] = pd.to_numeric(ratings["rating"])',
        ),
        (
            [4.0, "good", "3"],
            'ratings has 2 rows where "rating" is not a number (first at row 1: "good"); convert them with ',
            (
                'ratings["rating"] = pd.to_numeric(ratings["rating"], errors="coerce"), '
                'then drop what is no number with ratings.dropna(subset=["rating"])'
            ),
        ),
        (
            [4.0, np.inf, -np.inf],
            (
                "ratings has 2 rows with an infinite rating, or one beyond ±3.4e38, "
                'in "rating" (first at row 1: inf); drop them with '
            ),
            'ratings[ratings["rating"].abs() < 3.4e38]',
        ),
        (
            [4.0, 3.0, 1e308],
            (
                "ratings has 1 row with an infinite rating, or one beyond ±3.4e38, "
                'in "rating" (first at row 2: 1e+308); drop them with '
            ),
            'ratings[ratings["rating"].abs() < 3.4e38]',
        ),
        (
            pd.array([4.0, 3.0, -1e308], "Float64"),
            (
                "ratings has 1 row with an infinite rating, or one beyond ±3.4e38, "
                'in "rating" (first at row 2: -1e+308); drop them with '
            ),
            'ratings[ratings["rating"].abs() < 3.4e38]',
        ),
        (
            pd.Series([10**400, 1, 2], dtype=object),
            (
                "ratings has 1 row with an infinite rating, or one beyond ±3.4e38, "
                f'in "rating" (first at row 0: 1{59 * "0"}… (401 characters)); drop them with '
            ),
            'ratings[ratings["rating"].abs() < 3.4e38]',
        ),
        (
            [4.0, None, np.nan],
            "ratings has 2 rows with no rating (first at row 1); drop them with ",
            'ratings.dropna(subset=["rating"])',
        ),
    ],
)
def test_ratings_that_cannot_be_and_how_to_go_on(values: object, message: str, advice: str) -> None:
    ratings = pd.DataFrame({"user": [1, 2, 3], "item": [1, 2, 3], "rating": values})
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message + advice)}$"):
        Interactions.from_frame(ratings)
    space = {"ratings": ratings, "pd": pd}
    for step in advice.split(", then drop what is no number with "):
        statement = step if " = " in step else f"ratings = {step}"
        exec(statement, space)  # noqa: S102
    assert Interactions.from_frame(space["ratings"]).n_ratings > 0


@pytest.mark.parametrize(
    ("values", "row", "value", "count"),
    [
        ([4.0, [1], 3.0], 1, "[1]", "1 row"),
        (pd.to_datetime(["2020-01-01"] * 3), 0, "2020-01-01 00:00:00", "3 rows"),
        ([1j, 2j, 3j], 0, "1j", "3 rows"),
    ],
)
def test_what_is_neither_number_nor_text(values: object, row: int, value: str, count: str) -> None:
    df = pd.DataFrame({"user": [1, 2, 3], "item": [1, 2, 3], "rating": values, "stars of mine": 1})
    message = (
        f'ratings has {count} where "rating" is not a number (first at row {row}: {value}); '
        'name the column of ratings with rating="..."'
    )
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        Interactions.from_frame(df)
    Interactions.from_frame(df, rating="stars of mine")


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([LEAP_DAY, 5]),
        pd.Series([LEAP_DAY, 5], dtype="uint64"),
        pd.Series([LEAP_DAY, 5], dtype="Int64"),
        pd.Series([LEAP_DAY, 5], dtype=object),
        pd.Series([LEAP_DAY + 0.9, 5.0]),
        pd.Series([LEAP_DAY, 5.0], dtype=object),
    ],
    ids=lambda column: f"{column.dtype}",
)
def test_numbers_are_timestamps_in_their_own_unit(column: pd.Series) -> None:
    times = read_timestamps(column, "ratings")
    assert times.dtype == np.int64
    assert times.tolist() == [LEAP_DAY, 5]


def test_large_integers_stay_exact() -> None:
    values = [2**63 - 1, -(2**63) + 1]
    for dtype in ("int64", object):
        assert read_timestamps(pd.Series(values, dtype=dtype), "ratings").tolist() == values


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_datetimes_become_seconds(unit: str, zone: str | None) -> None:
    times = pd.DatetimeIndex(["2000-02-29", "1960-01-01"]).as_unit(unit).tz_localize(zone)
    expected = [LEAP_DAY, -315_619_200]
    assert read_timestamps(pd.Series(times), "ratings").tolist() == expected
    assert read_timestamps(pd.Series(times.astype(object), dtype=object), "ratings").tolist() == expected


def test_time_zones_are_heeded() -> None:
    times = pd.Series(pd.DatetimeIndex(["2000-02-29 09:00"]).tz_localize("Asia/Tokyo"))
    assert read_timestamps(times, "ratings").tolist() == [LEAP_DAY]
    mixed = pd.Series([date(2000, 2, 29), datetime(2000, 2, 29, tzinfo=timezone.utc)], dtype=object)  # noqa: UP017
    assert read_timestamps(mixed, "ratings").tolist() == [LEAP_DAY, LEAP_DAY]


def test_future_times_are_times() -> None:
    assert read_timestamps(pd.Series(pd.to_datetime(["2200-01-01"])), "ratings").tolist() == [7_258_118_400]


@pytest.mark.parametrize(
    ("values", "count", "row", "value"),
    [
        (["2000-01-01", "x", "y"], "3 rows", 0, '"2000-01-01"'),
        ([1, "x", 2], "1 row", 1, '"x"'),
        ([date(2000, 1, 1), "x", date(2000, 1, 1)], "1 row", 1, '"x"'),
        ([1.0, np.inf, 2.0], "1 row", 1, "inf"),
        (np.array([2**63, 1, 2], np.uint64), "1 row", 0, "9223372036854775808"),
        (pd.Series([2**70, 1, 2], dtype=object), "1 row", 0, "1180591620717411303424"),
        ([True, False, True], "3 rows", 0, "True"),
        (pd.to_timedelta([1, 2, 3]), "3 rows", 0, "0 days 00:00:00.000000001"),
    ],
)
def test_timestamps_that_cannot_be(values: object, count: str, row: int, value: str) -> None:
    df = pd.DataFrame({"user": [1, 2, 3], "item": [1, 2, 3], "rating": [1, 2, 3], "time": values})
    message = (
        f'ratings has {count} where "time", taken for the timestamp, is neither a number that fits in 64 '
        f"bits nor a datetime (first at row {row}: {value}); convert it with "
        'ratings["time"] = pd.to_datetime(ratings["time"]), or leave it out with '
        'ratings.drop(columns=["time"])'
    )
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        Interactions.from_frame(df)
    assert Interactions.from_frame(df.drop(columns=["time"])).timestamps is None


def test_text_times_can_be_converted_as_the_message_says() -> None:
    ratings = pd.DataFrame({"user": [1], "item": [1], "rating": [1], "time": ["2000-02-29"]})
    with pytest.raises(RecowidgetError, match=re.escape('ratings["time"] = pd.to_datetime(ratings["time"])')):
        Interactions.from_frame(ratings)
    ratings["time"] = pd.to_datetime(ratings["time"])
    assert Interactions.from_frame(ratings).timestamps.tolist() == [LEAP_DAY]


@pytest.mark.parametrize(
    ("changes", "message", "labels"),
    [
        ({"user": [1, None, 3]}, "1 row with no user (first at row 1)", '"user"'),
        ({"item": ["a", None, None]}, "2 rows with no item (first at row 1)", '"item"'),
        ({"item": [None, pd.NA, "a"]}, "2 rows with no item (first at row 0)", '"item"'),
        ({"item": pd.Categorical(["a", None, "b"])}, "1 row with no item (first at row 1)", '"item"'),
        ({"user": pd.array([None, 1, 2], "Int64")}, "1 row with no user (first at row 0)", '"user"'),
        (
            {"user": [1, None, 3], "rating": [None, None, 3.0]},
            "1 row with no user (first at row 1) and 2 rows with no rating (first at row 0)",
            '"user", "rating"',
        ),
        (
            {"time": pd.to_datetime(["2020-01-01", None, "2020-01-01"])},
            "1 row with no time (first at row 1)",
            '"time"',
        ),
    ],
)
def test_missing_values(changes: dict[str, object], message: str, labels: str) -> None:
    df = pd.DataFrame({"user": [1, 2, 3], "item": [1, 2, 3], "rating": [1, 2, 3], "other": None, **changes})
    df.index = [7, 7, 7]
    advice = f"ratings.dropna(subset=[{labels}])"
    with pytest.raises(
        RecowidgetError, match=f"^{re.escape(f'ratings has {message}; drop them with {advice}')}$"
    ):
        Interactions.from_frame(df)
    assert Interactions.from_frame(eval(advice, {"ratings": df})).n_ratings > 0  # noqa: S307


def test_a_column_with_nothing_in_it() -> None:
    df = pd.DataFrame({"user": [1, 2], "item": [1, 2], "rating": [1, 2], "time": [None, None]})
    message = (
        "ratings has no time in any of its 2 rows; fill that column, "
        'or leave it out with ratings.drop(columns=["time"])'
    )
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        Interactions.from_frame(df)
    Interactions.from_frame(df.drop(columns=["time"]))
