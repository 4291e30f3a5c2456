"""Which columns are taken."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from recowidget import Interactions, RecowidgetError
from recowidget.reading.columns import USUAL_NAMES

ROLES = ("user", "item", "rating", "timestamp")


def frame(*labels: object) -> pd.DataFrame:
    return pd.DataFrame([range(len(labels))], columns=pd.Index(list(labels), dtype=object))


def taken(*labels: object, **given: object) -> tuple[object, ...]:
    columns = Interactions.from_frame(frame(*labels), **given).columns
    assert list(columns) == list(ROLES)
    return tuple(columns.values())


@pytest.mark.parametrize("role", ROLES)
def test_every_usual_name_is_found_in_any_case(role: str) -> None:
    usual = {"user": "user_id", "item": "item_id", "rating": "rating", "timestamp": "timestamp"}
    for names in USUAL_NAMES[role]:
        for name in names:
            for spelled in (name, name.upper(), name.title()):
                labels = {**usual, role: spelled}
                assert taken(*labels.values()) == tuple(labels.values())


def test_the_names_of_the_pinned_surface() -> None:
    named = {role: {name for group in groups for name in group} for role, groups in USUAL_NAMES.items()}
    assert named == {
        "user": {"user_id", "userId", "user", "uid", "USER"},
        "item": {"item_id", "movie_id", "movieId", "item", "iid", "ITEM", "book_id", "product_id"},
        "rating": {"rating", "score", "stars", "RATING"},
        "timestamp": {"timestamp", "unix_timestamp", "time", "TIMESTAMP"},
    }


def test_a_frame_that_was_encoded_is_no_riddle() -> None:
    labels = ["user_id", "movie_id", "RATING", "TIMESTAMP", "USER", "ITEM"]
    assert taken(*labels) == ("user_id", "movie_id", "RATING", "TIMESTAMP")
    assert taken(*reversed(labels)) == ("user_id", "movie_id", "RATING", "TIMESTAMP")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("User_ID", "uid", "item", "rating"), ("uid", "item", "rating", None)),
        (("user", "user_id", "item_id", "item", "rating"), ("user_id", "item_id", "rating", None)),
        (("user", "uid", "item", "book_id", "score", "rating"), ("user", "book_id", "rating", None)),
        (("User", "UserID", "Item", "ITEM", "Rating"), ("UserID", "ITEM", "Rating", None)),
        (
            ("uid", "iid", "stars", "time", "unix_timestamp", "Timestamp"),
            ("uid", "iid", "stars", "unix_timestamp"),
        ),
        (("user", "item", "mark"), ("user", "item", None, None)),
        (("uid", "iid", "stars", 3, ("time", 1)), ("uid", "iid", "stars", None)),
    ],
)
def test_which_of_several_wins(labels: tuple[object, ...], expected: tuple[object, ...]) -> None:
    assert taken(*labels) == expected


def test_named_columns_are_taken_as_they_are() -> None:
    labels = ("user_id", "film", "rating", "mood", 4)
    assert taken(*labels, item="film", rating="mood", timestamp=4) == ("user_id", "film", "mood", 4)
    assert taken(*labels, user="rating", item=4, rating="mood") == ("rating", 4, "mood", None)


def test_a_column_that_was_named_for_one_role_is_not_found_for_another() -> None:
    assert taken("item_id", "movie_id", "score", user="item_id") == ("item_id", "movie_id", "score", None)


def test_columns_of_a_multiindex_by_name() -> None:
    labels = [("a", "user"), ("a", "film"), ("b", "rating")]
    df = pd.DataFrame([[1, 2, 3]], columns=pd.MultiIndex.from_tuples(labels))
    found = Interactions.from_frame(df, user=labels[0], item=labels[1], rating=labels[2])
    assert found.columns == {"user": labels[0], "item": labels[1], "rating": labels[2], "timestamp": None}
    assert found.to_frame().columns.tolist() == labels


GOOD = frame("user_id", "item_id", "rating")
NO_USER = "ratings has no user column: looked for user_id, userId, user, uid, USER, in upper or lower case,"


@pytest.mark.parametrize(
    ("df", "given", "message"),
    [
        (
            frame("user_id", "userId", "item", "rating"),
            {},
            (
                'ratings has 2 columns that may be the user: "user_id" and "userId"; '
                'say which with user="user_id"'
            ),
        ),
        (
            frame("User_ID", "USER_id", "userid", "item", "rating"),
            {},
            (
                'ratings has 3 columns that may be the user: "User_ID", "USER_id" and "userid"; '
                'say which with user="User_ID"'
            ),
        ),
        (
            frame("user", "movie_id", "book_id", "rating"),
            {},
            (
                'ratings has 2 columns that may be the item: "movie_id" and "book_id"; '
                'say which with item="movie_id"'
            ),
        ),
        (
            frame("user", "item", "score", "stars"),
            {},
            (
                'ratings has 2 columns that may be the rating: "score" and "stars"; '
                'say which with rating="score"'
            ),
        ),
        (
            frame("user", "item", "rating", "Time", "TIME"),
            {},
            (
                'ratings has 2 columns that may be the timestamp: "Time" and "TIME"; '
                'say which with timestamp="Time"'
            ),
        ),
        (
            frame("person", "item", "rating"),
            {},
            (f'{NO_USER} among the 3 columns "person", "item" and "rating"; say which it is with user="..."'),
        ),
        (
            frame("user", 7),
            {},
            (
                "ratings has no item column: looked for item_id, movie_id, movieId, book_id, product_id, "
                'item, iid, ITEM, in upper or lower case, among the 2 columns "user" and 7; '
                'say which it is with item="..."'
            ),
        ),
        (
            frame("user", "item", "rating").set_index("rating"),
            {},
            (
                "ratings has no rating column: looked for rating, score, stars, RATING, in upper or lower "
                'case, among the 2 columns "user" and "item"; it is in the index: pass ratings.reset_index()'
            ),
        ),
        (
            frame("user", "item"),
            {"rating": "rating"},
            (
                'ratings has no column "rating" (asked for with rating=); '
                'it has the 2 columns "user" and "item"'
            ),
        ),
        (
            frame(*range(30)),
            {},
            (
                f"{NO_USER} "
                f"among the 30 columns {', '.join(map(str, range(20)))} and 10 more; "
                'say which it is with user="..."'
            ),
        ),
        (
            pd.DataFrame(index=[0, 1]),
            {},
            (f'{NO_USER} among no columns; say which it is with user="..."'),
        ),
        (
            GOOD.set_index(["user_id", "item_id"]),
            {},
            (f'{NO_USER} among the 1 column "rating"; it is in the index: pass ratings.reset_index()'),
        ),
        (
            GOOD.set_index(["user_id", "item_id"]),
            {"user": "user_id"},
            '"user_id" is in the index of ratings; pass ratings.reset_index()',
        ),
        (
            pd.DataFrame([[1, 2, 3]], columns=pd.MultiIndex.from_product([["a"], list(GOOD.columns)])),
            {},
            (
                f"{NO_USER} "
                "among the 3 columns ('a', 'user_id'), ('a', 'item_id') and ('a', 'rating'); "
                "its columns are a MultiIndex: flatten it with ratings.droplevel(0, axis=1)"
            ),
        ),
        (
            GOOD,
            {"timestamp": "when"},
            (
                'ratings has no column "when" (asked for with timestamp=); '
                'it has the 3 columns "user_id", "item_id" and "rating"'
            ),
        ),
        (GOOD, {"user": ["user_id"]}, "user= takes the name of one column, not ['user_id']"),
        (
            GOOD,
            {"user": "item_id", "item": "item_id"},
            'user= and item= both name the column "item_id"; name one of each',
        ),
        (
            frame("user", "item", "item", "rating"),
            {},
            (
                'ratings has 2 columns called "item"; '
                "keep the first of each with ratings.loc[:, ~ratings.columns.duplicated()]"
            ),
        ),
        (
            frame("user", "item", "a", "a"),
            {"rating": "a"},
            (
                'ratings has 2 columns called "a"; '
                "keep the first of each with ratings.loc[:, ~ratings.columns.duplicated()]"
            ),
        ),
    ],
)
def test_what_is_wrong_with_the_columns(df: pd.DataFrame, given: dict[str, object], message: str) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        Interactions.from_frame(df, **given)
    if "; pass ratings" in message or "with ratings." in message or ": pass ratings" in message:
        advice = re.findall(r"ratings\..*$", message)[0]
        Interactions.from_frame(eval(advice, {"ratings": df}), **given)  # noqa: S307


def test_double_columns_that_nobody_needs_do_no_harm() -> None:
    assert taken("user", "item", "rating", "x", "x") == ("user", "item", "rating", None)


class Polars:
    __module__ = "polars.dataframe.frame"
    __qualname__ = "DataFrame"

    def to_pandas(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"user_id": [1]}, "ratings must be a pandas DataFrame, not dict; pass pd.DataFrame(ratings)"),
        ([[1, 2, 3]], "ratings must be a pandas DataFrame, not list; pass pd.DataFrame(ratings)"),
        (
            np.zeros((1, 3)),
            "ratings must be a pandas DataFrame, not numpy.ndarray; pass pd.DataFrame(ratings)",
        ),
        ("ratings.csv", "ratings must be a pandas DataFrame, not str; pass pd.read_csv(ratings)"),
        (None, "ratings must be a pandas DataFrame, not None; pass a frame"),
        (GOOD["rating"], None),
        (Polars(), "ratings must be a pandas DataFrame, not polars.DataFrame; pass ratings.to_pandas()"),
    ],
)
def test_not_a_frame(given: object, message: str | None) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$" if message else "must be a pandas"):
        Interactions.from_frame(given)


def test_no_rows() -> None:
    message = "ratings has no rows; pass a frame with at least one"
    for df in (GOOD.iloc[:0], pd.DataFrame()):
        with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
            Interactions.from_frame(df)
