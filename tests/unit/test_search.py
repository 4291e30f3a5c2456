"""Users and items found by their ids and titles."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget.encoding import Vocabulary
from recowidget.interactions import Interactions
from recowidget.splits import random_split
from recowidget.widgets.orders import Sorting, sort
from recowidget.widgets.search import MOST, Catalogue, Search
from recowidget.widgets.texts import folded
from recowidget.widgets.window import WindowSource

TITLES = [
    "Aliens (1986)",
    "Alien (1979)",
    "Godfather: Part II, The (1974)",
    "Amélie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
    "My Stepmother Is an Alien (1988)",
    "Inalienable (2008)",
    "12 Angry Men (1957)",
]


def catalogue(titles: list[str] | None = None) -> Catalogue:
    titles = TITLES if titles is None else titles
    n = len(titles)
    return Catalogue(Vocabulary(np.arange(n) * 6, np.array(titles, dtype=object)), np.arange(n))


def found(query: str) -> list[str]:
    return [TITLES[index].rsplit(" (", 1)[0] for _, index in catalogue().find(query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("alien", ["Aliens", "Alien", "My Stepmother Is an Alien", "Inalienable"]),
        ("ALIEN (1979)", ["Alien"]),
        ("  the GODFATHER ", ["Godfather: Part II, The"]),
        ("amelie", [TITLES[3].rsplit(" (", 1)[0]]),
        ("AMÉ", [TITLES[3].rsplit(" (", 1)[0]]),
        ("destin poulain", [TITLES[3].rsplit(" (", 1)[0]]),
        ("12", ["Godfather: Part II, The", "12 Angry Men"]),  # its id is 12
        ("xyz", []),
        ("", []),
        ("…!", []),
        ("\n", []),
    ],
)
def test_what_is_found_and_in_which_order(query: str, expected: list[str]) -> None:
    assert found(query) == expected


words = st.text("abé -1", min_size=1, max_size=6)


@settings(max_examples=100, deadline=None)
@given(titles=st.lists(words, min_size=1, max_size=30), query=words)
def test_every_match_has_the_query_and_none_better_is_left_out(titles: list[str], query: str) -> None:
    wanted = folded([query])[0]

    def rank(title: str, number: str) -> int | None:
        best = []
        for line in (f" {title}", f" {number}"):
            tests = [
                line == f" {wanted}",
                line.startswith(f" {wanted}"),
                f" {wanted}" in line,
                len(wanted.split()) > 1 and all(f" {word}" in line for word in wanted.split()),
                wanted in line[1:],
            ]
            best += [k for k, test in enumerate(tests) if test][:1]
        return min(best, default=None)

    lines = folded(titles)
    expected = sorted(
        (r, index)
        for index, line in enumerate(lines)
        if wanted and (r := rank(line, str(6 * index))) is not None
    )
    assert catalogue(titles).find(query) == expected[:MOST]


def test_matches_of_both_sides_say_where_they_stand() -> None:
    frame = pd.DataFrame({"user": [7, 7, 8], "item": [1, 2, 2], "rating": [1.0, 2, 3]})
    movies = pd.DataFrame({"item": [1, 2], "title": ["7 Samurai", "User Zoo"]})
    interactions = Interactions.from_frame(frame, items=movies)
    windows = WindowSource(random_split(interactions, (0.5, 0.5)))
    assert Search(interactions).find("7", windows.axes) == [
        {"side": "user", "index": 0, "position": 0, "id": "7", "title": None, "n_ratings": 2},
        {"side": "item", "index": 0, "position": 1, "id": "1", "title": "7 Samurai", "n_ratings": 1},
    ]
    for query in ("user 7", "User  7"):
        assert [one["side"] for one in Search(interactions).find(query, windows.axes)] == ["user"]
    assert [one["id"] for one in Search(interactions).find("item 1", windows.axes)] == ["1"]
    assert [one["id"] for one in Search(interactions).find("user zoo", windows.axes)] == ["2"]
    by_title = windows.turned("item", sort(interactions, "item", Sorting("title"), None), Sorting("title"))
    assert Search(interactions).find("samurai", by_title.axes)[0]["position"] == 0
    assert {one["side"] for one in Search(interactions).find("8", windows.axes)} == {"user"}


def test_no_more_are_told_than_fit_and_a_large_catalogue_is_searched_at_once() -> None:
    n = 100_000
    titles = [f"A film about number {k}" for k in range(n)]
    large = catalogue(titles)
    begin = time.perf_counter()
    assert len(large.find("film")) == MOST
    assert large.find("99999")[0][1] == 99_999
    assert large.find("nowhere to be found") == []
    assert time.perf_counter() - begin < 0.5
