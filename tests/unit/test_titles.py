"""Titles of items and names of users."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest

from recowidget import Interactions, RecowidgetError

RATINGS = pd.DataFrame({"user_id": ["u", "v", "u"], "movie_id": [20, 10, 10], "rating": [1.0, 2.0, 3.0]})


def titles(items: pd.DataFrame, ratings: pd.DataFrame = RATINGS) -> list[str]:
    read = Interactions.from_frame(ratings, items=items)
    assert read.items.titles.dtype == object
    assert not read.items.titles.flags.writeable
    return read.items.titles.tolist()


@pytest.mark.parametrize("id_label", ["movie_id", "MOVIE_ID", "movieId", "item_id", "Item"])
@pytest.mark.parametrize("title_label", ["title", "Title", "name", "movie_title", "ITEM_NAME"])
def test_titles_by_usual_names(id_label: str, title_label: str) -> None:
    assert titles(pd.DataFrame({title_label: ["B", "A"], id_label: [20, 10]})) == ["A", "B"]


def test_the_ratings_own_label_comes_first() -> None:
    items = pd.DataFrame({"item_id": [10, 20], "film": [20, 10], "title": ["B", "A"]})
    assert titles(items.rename(columns={"film": "movie_id"})) == ["A", "B"]
    by_name = Interactions.from_frame(RATINGS.rename(columns={"movie_id": "film"}), item="film", items=items)
    assert by_name.items.titles.tolist() == ["A", "B"]


def test_a_title_is_found_before_a_name() -> None:
    assert titles(pd.DataFrame({"name": ["x", "y"], "movie_id": [10, 20], "title": ["A", "B"]})) == ["A", "B"]


def test_ids_without_a_title_go_by_their_id() -> None:
    assert titles(pd.DataFrame({"movie_id": [10, 99], "title": ["A", "Z"]})) == ["A", "20"]
    assert titles(pd.DataFrame({"movie_id": [10, 20], "title": [None, "B"]})) == ["10", "B"]
    assert titles(pd.DataFrame({"movie_id": [10, 20], "title": pd.Categorical([None, "B"])})) == ["10", "B"]


def test_titles_that_are_no_text_become_text() -> None:
    assert titles(pd.DataFrame({"movie_id": [10, 20], "title": [1917, 300]})) == ["1917", "300"]


def test_hostile_titles_stay_what_they_are() -> None:
    hostile = ["<img src=x onerror=alert(1)>", "\u202e\0" * 5_000]
    assert titles(pd.DataFrame({"movie_id": [10, 20], "title": hostile})) == hostile


@pytest.mark.parametrize("dtype", ["int8", "float64", "Int64", object, "category"])
def test_the_dtypes_of_the_two_columns_of_ids_may_differ(dtype: object) -> None:
    items = pd.DataFrame({"movie_id": pd.Series([10, 20], dtype=dtype), "title": ["A", "B"]})
    assert titles(items) == ["A", "B"]


def test_any_index_and_order() -> None:
    items = pd.DataFrame({"movie_id": [30, 20, 10], "title": ["C", "B", "A"]}, index=[1, 1, 1])
    assert titles(items) == ["A", "B"]


def test_the_first_of_several_rows_wins_and_one_warning_says_so() -> None:
    items = pd.DataFrame(
        {"movie_id": [99, 20, 10, 20, 99, 20], "title": ["Z", "B", "A", "C", "Y", "X"]}, index=[0] * 6
    )
    message = (
        "items has 2 ids more than once (first: movie_id 99 at rows 0 and 4); the first row of each is "
        'taken, as by items.drop_duplicates(subset=["movie_id"])'
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}$") as caught:
        assert titles(items) == ["A", "B"]
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert titles(items.drop_duplicates(subset=["movie_id"])) == ["A", "B"]


def test_names_of_users_are_optional() -> None:
    users = pd.DataFrame({"user_id": ["v", "u"], "age": [30, 40]})
    assert Interactions.from_frame(RATINGS, users=users).users.titles is None
    named = Interactions.from_frame(RATINGS, users=users.assign(Name=["Vic", "Una"]))
    assert named.users.titles.tolist() == ["Una", "Vic"]
    assert named.items.titles is None


ITEMS = pd.DataFrame({"movie_id": [10, 20], "title": ["A", "B"]})
TEXT_IDS = RATINGS.assign(movie_id=["a", "b", "b"])


@pytest.mark.parametrize(
    ("items", "message", "advice"),
    [
        ({10: "A"}, "items must be a pandas DataFrame, not dict; pass pd.DataFrame(items)", None),
        (ITEMS.iloc[:0], "items has no rows; pass a frame with at least one", None),
        (
            ITEMS.rename(columns={"movie_id": "film"}),
            (
                'items has no column "movie_id", as ratings has, nor one of another usual name; '
                'rename the right one with items.rename(columns={...: "movie_id"})'
            ),
            'items.rename(columns={"film": "movie_id"})',
        ),
        (
            ITEMS.set_index("movie_id"),
            '"movie_id" is in the index of items; pass items.reset_index()',
            "items.reset_index()",
        ),
        (
            ITEMS.rename(columns={"movie_id": "item_id"}).assign(book_id=1),
            (
                'items has 2 columns that may hold the items\' ids: "item_id" and "book_id"; '
                'rename the right one with items.rename(columns={"item_id": "movie_id"})'
            ),
            'items.rename(columns={"item_id": "movie_id"})',
        ),
        (
            ITEMS.rename(columns={"title": "original"}),
            (
                "items has no column of titles: looked for title, movie_title, item_title, book_title, "
                "product_title, movieTitle, itemTitle, name, movie_name, item_name, book_name, product_name, "
                "movieName, itemName, label, in upper or lower case; "
                'rename the right one with items.rename(columns={...: "title"})'
            ),
            'items.rename(columns={"original": "title"})',
        ),
        (
            ITEMS.rename(columns={"title": "Title"}).assign(TITLE="x"),
            (
                'items has 2 columns that may hold the items\' titles: "Title" and "TITLE"; '
                'rename the right one with items.rename(columns={"Title": "title"})'
            ),
            'items.rename(columns={"Title": "title"})',
        ),
        (
            pd.DataFrame([[10, "A", "B"]], columns=["movie_id", "title", "title"]),
            (
                'items has 2 columns called "title"; '
                "keep the first of each with items.loc[:, ~items.columns.duplicated()]"
            ),
            "items.loc[:, ~items.columns.duplicated()]",
        ),
        (
            pd.DataFrame({"movie_id": [10, None, None], "title": ["A", "B", "C"]}),
            (
                "items has 2 rows with no movie_id (first at row 1); drop them with "
                'items.dropna(subset=["movie_id"])'
            ),
            'items.dropna(subset=["movie_id"])',
        ),
        (
            ITEMS.assign(movie_id=["10", "20"]),
            (
                'items has none of the ratings\' ids in "movie_id" (there "10", in the ratings 10); '
                'convert them with items["movie_id"] = items["movie_id"].astype(int)'
            ),
            'items.assign(movie_id=items["movie_id"].astype(int))',
        ),
        (
            ITEMS.assign(movie_id=[11, 21]),
            (
                'items has none of the ratings\' ids in "movie_id" (there 11, in the ratings 10); '
                "leave items= out, or pass a frame with the ids of the ratings"
            ),
            "ITEMS",
        ),
        (
            ITEMS.assign(movie_id=[1, "x"]),
            (
                'items has ids of different kinds in "movie_id", which can\'t be sorted together: '
                'int (first at row 0: 1) and str (first at row 1: "x"); '
                'make them text with items["movie_id"] = items["movie_id"].astype(str)'
            ),
            None,
        ),
    ],
)
def test_what_is_wrong_with_the_items(items: object, message: str, advice: str | None) -> None:
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        Interactions.from_frame(RATINGS, items=items)
    if advice:
        Interactions.from_frame(RATINGS, items=eval(advice, {"items": items, "ITEMS": ITEMS}))  # noqa: S307


def test_text_in_the_ratings_and_numbers_in_the_titles() -> None:
    ratings, items = RATINGS.assign(movie_id=["10", "20", "20"]), ITEMS.copy()
    advice = (
        'items["movie_id"] = items["movie_id"].astype(str) and '
        'ratings["movie_id"] = ratings["movie_id"].astype(str)'
    )
    message = (
        'items has none of the ratings\' ids in "movie_id" (there 10, in the ratings "10"); '
        f"make both text with {advice}"
    )
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        Interactions.from_frame(ratings, items=items)
    space = {"items": items, "ratings": ratings}
    for statement in advice.split(" and "):
        exec(statement, space)  # noqa: S102
    assert titles(space["items"], space["ratings"]) == ["A", "B"]


def test_what_is_wrong_with_the_users() -> None:
    with pytest.raises(RecowidgetError, match=re.escape("users has no rows; pass a frame")):
        Interactions.from_frame(RATINGS, users=pd.DataFrame({"user_id": []}))
    two = pd.DataFrame({"user_id": ["u"], "Name": ["x"], "NAME": ["y"]})
    message = (
        'users has 2 columns that may hold the users\' titles: "Name" and "NAME"; '
        'rename the right one with users.rename(columns={"Name": "name"})'
    )
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        Interactions.from_frame(RATINGS, users=two)


def test_frames_are_not_changed() -> None:
    items = ITEMS.copy()
    before = items.copy(deep=True)
    Interactions.from_frame(RATINGS, items=items)
    pd.testing.assert_frame_equal(items, before)
    assert np.asarray(items["title"]).flags.writeable == np.asarray(before["title"]).flags.writeable


# ---- what else is known ----------------------------------------------------------------------------------

USERS = pd.DataFrame({"user_id": ["v", "w", "u"], "age": [30, 40, 20], "job": ["nurse", "clerk", None]})


def test_other_columns_are_kept_as_attributes_by_index() -> None:
    read = Interactions.from_frame(RATINGS, users=USERS)
    assert read.users.titles is None
    assert read.users.attributes["age"].tolist() == [20, 30]
    assert read.users.attributes["job"].isna().tolist() == [True, False]
    assert read.users.to_frame().columns.tolist() == ["user_id", "age", "job"]
    items = pd.DataFrame({"movie_id": [20], "title": ["A"], "genres": ["x|y"]})
    films = Interactions.from_frame(RATINGS, items=items).items
    assert films.attributes["genres"].isna().tolist() == [True, False]
    assert films.to_frame().columns.tolist() == ["movie_id", "title", "genres"]
    assert Interactions.from_frame(RATINGS, items=items[["movie_id", "title"]]).items.attributes is None


def test_a_query_finds_ids_by_what_is_known_of_them() -> None:
    users = Interactions.from_frame(RATINGS, users=USERS).users
    assert users.matching("age > 25").tolist() == ["v"]
    assert users.matching("job == 'nurse' or age == 20").tolist() == ["u", "v"]
    assert users.matching("user_id == 'x'").tolist() == []
    with pytest.raises(RecowidgetError, match=r'"wage > 3" can\'t be asked of "user_id", "age" and "job": '):
        users.matching("wage > 3")


def test_a_sample_keeps_what_is_known() -> None:
    sampled = Interactions.from_frame(RATINGS, users=USERS).sample(1, 2)
    assert sampled.users.to_frame()["age"].tolist() == [20]
