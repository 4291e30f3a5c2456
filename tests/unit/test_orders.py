"""In which order users and items stand, and what a view gets that asks for another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.history import History
from recowidget.interactions import Interactions
from recowidget.progress import Progress
from recowidget.splits import random_split
from recowidget.widgets.orders import Sorting, sort
from recowidget.widgets.resort import resort
from recowidget.widgets.texts import folded
from recowidget.widgets.window import Window, WindowSource
from tests.unit.test_window import unpack

if TYPE_CHECKING:
    from recowidget.widgets.orders import Side

FRAME = pd.DataFrame(
    {
        "user": [1, 1, 1, 2, 2, 10, 10, 11],
        "item": [7, 8, 9, 7, 8, 7, 9, 9],
        "rating": [5.0, 2, 1, 4, 4, 1, 3, 4],
    }
)
MOVIES = pd.DataFrame({"item": [7, 8, 9], "title": ["étoile", "Zoo", "Ara"]})


def ids(
    interactions: Interactions, side: Side, by: str, of: int | None = None, scorer: Any = None
) -> list[Any]:
    order = sort(interactions, side, Sorting(by, of), scorer)
    vocabulary = interactions.users if side == "user" else interactions.items
    return list(vocabulary.ids[order])


@pytest.fixture(scope="module")
def few() -> Interactions:
    return Interactions.from_frame(FRAME, items=MOVIES)


def factors(n_users: int, n_items: int, seed: int = 0) -> Factors:
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    return Factors(normal(n_users, 3), normal(n_items, 3), normal(n_users), normal(n_items), 3.0)


def test_orders_that_the_data_gives(few: Interactions) -> None:
    assert ids(few, "user", "activity") == [1, 2, 10, 11]
    assert ids(few, "user", "mean rating") == [2, 11, 1, 10]
    assert ids(few, "item", "mean rating") == [7, 8, 9]
    assert ids(few, "item", "title") == [9, 7, 8]  # Ara, étoile, Zoo
    assert ids(few, "user", "id") == [1, 2, 10, 11]


def test_ids_of_digits_go_by_the_number_and_others_by_letter() -> None:
    for given_ids, expected in [
        (["10", "9", "010"], ["9", "010", "10"]),
        (["b", "10", "9"], ["10", "9", "b"]),
    ]:
        frame = pd.DataFrame({"user": given_ids, "item": ["x", "y", "z"], "rating": 1.0})
        assert ids(Interactions.from_frame(frame), "user", "id") == expected


def test_who_has_no_rating_comes_last() -> None:
    frame = pd.DataFrame({"user": [1, 2], "item": [1, 2], "rating": [1.0, 2.0]})
    interactions = Interactions.from_frame(frame).take([1])
    assert ids(interactions, "user", "mean rating") == [2, 1]


def test_predictions_sort_the_highest_first(few: Interactions) -> None:
    scorer = factors(4, 3)
    for user in range(4):
        scores = scorer.predict_block([user], np.arange(3))[0]
        assert ids(few, "item", "predictions", user, scorer) == list(few.items.ids[np.argsort(-scores)])
    scores = scorer.predict_block(np.arange(4), [1])[:, 0]
    assert ids(few, "user", "predictions", 1, scorer) == list(few.users.ids[np.argsort(-scores)])


def test_what_is_not_there_can_not_be_sorted_by(few: Interactions) -> None:
    with pytest.raises(RecowidgetError, match="no user factors"):
        ids(few, "user", "similarity")
    with pytest.raises(RecowidgetError, match="no predictions"):
        ids(few, "item", "predictions", None, factors(4, 3))
    with pytest.raises(RecowidgetError, match="no titles"):
        ids(few, "user", "title")
    with pytest.raises(RecowidgetError, match='sorted by "age"'):
        ids(few, "user", "age")


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 99),
    side=st.sampled_from(["user", "item"]),
    by=st.sampled_from(["activity", "mean rating", "id", "title", "similarity", "predictions"]),
)
def test_every_order_has_each_once_and_ties_go_by_activity(seed: int, side: Side, by: str) -> None:
    rng = np.random.default_rng(seed)
    pairs = pd.DataFrame({"user": rng.integers(0, 9, 40), "item": rng.integers(0, 8, 40)}).drop_duplicates()
    pairs["rating"] = rng.integers(1, 3, len(pairs)).astype(float)
    names = pd.DataFrame({"item": range(8), "title": [f"t{k % 2}" for k in range(8)]})
    users = pd.DataFrame({"user": range(9), "title": [f"n{k % 2}" for k in range(9)]})
    interactions = Interactions.from_frame(pairs, items=names, users=users)
    n_users, n_items = interactions.n_users, interactions.n_items
    same = Factors(
        *(np.zeros(shape, np.float32) for shape in [(n_users, 2), (n_items, 2)]),
        *(np.zeros(n, np.float32) for n in (n_users, n_items)),
        3.0,
    )
    active = interactions.user_order if side == "user" else interactions.item_order
    order = sort(interactions, side, Sorting(by, 0), same)
    assert sorted(order) == sorted(active)
    if by in {"activity", "similarity", "predictions"}:
        np.testing.assert_array_equal(order, active)
    if by == "title":
        place = {index: k for k, index in enumerate(active)}
        titles = (interactions.users if side == "user" else interactions.items).titles
        assert titles is not None
        keys = [(titles[index], place[index]) for index in order]
        assert keys == sorted(keys)


def test_texts_are_folded_one_by_one() -> None:
    texts = ["Amélie  (2001)", "", "Zoo_2\nnext", "ẞtraße", 12, "Łódź", "été\r\nhiver"]
    assert folded(texts) == ["amelie 2001", "", "zoo 2 next", "sstrasse", "12", "łodz", "ete hiver"]


@pytest.mark.parametrize("side", ["user", "item"])
@pytest.mark.parametrize("window", [Window((0, 4), (0, 3)), Window((1, 3), (1, 3))])
def test_a_window_of_another_order_holds_the_same_ratings(
    few: Interactions, side: Side, window: Window
) -> None:
    split = random_split(few, seed=1)
    asked = {"side": side, "by": "mean rating"}
    windows = resort(WindowSource(split), asked, History(), None)
    content, buffers = windows.pack(window)
    arrays = unpack(content, buffers)
    users, items = arrays["user_idx"], arrays["item_idx"]
    assert content["user_ids"] == [str(few.users.ids[user]) for user in users]
    order = sort(few, side, Sorting("mean rating"), None)
    bounds = window.users if side == "user" else window.items
    np.testing.assert_array_equal(users if side == "user" else items, order[slice(*bounds)])
    seen = {
        (users[cell // len(items)], items[cell % len(items)], rating, part)
        for cell, rating, part in zip(arrays["cell"], arrays["rating"], arrays["part"], strict=True)
    }
    rows = zip(few.user_idx, few.item_idx, few.ratings, split.parts(), strict=True)
    assert seen == {row for row in rows if row[0] in users and row[1] in items}
    assert content["order"][side]["serial"] == 1
    assert content["order"][side]["by"] == "mean rating"


def test_a_learned_order_says_whose_and_of_which_epoch(few: Interactions) -> None:
    windows, history = WindowSource(random_split(few)), History()
    scorer, past = factors(4, 3), factors(4, 3, seed=5)
    progress = Progress(scorer=scorer, epoch=12)
    asked = {"side": "item", "by": "predictions", "of": 2}
    sorted_now = resort(windows, asked, history, progress)
    told = sorted_now.pack(Window((0, 4), (0, 3)))[0]["order"]["item"]
    assert told == {"serial": 1, "by": "predictions", "of": 2, "name": "10", "epoch": 12}
    np.testing.assert_array_equal(
        sorted_now.axes["item"].order, sort(few, "item", Sorting("predictions", 2), scorer)
    )
    history.snapshot = lambda epoch: type("Snapshot", (), {"scorer": past, "epoch": epoch})  # type: ignore[method-assign, return-value, assignment]
    before = resort(windows, {**asked, "epoch": 3}, history, progress)
    assert before.axes["item"].sorting.epoch == 3
    np.testing.assert_array_equal(
        before.axes["item"].order, sort(few, "item", Sorting("predictions", 2), past)
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "similarity"},
        {"by": "predictions", "of": 99},
        {"by": "predictions", "of": None},
        {"by": "<b>"},
    ],
)
def test_an_order_that_can_not_be_made_leaves_that_of_before(
    few: Interactions, asked: dict[str, Any]
) -> None:
    before = resort(WindowSource(random_split(few)), {"side": "item", "by": "title"}, History(), None)
    after = resort(before, {"side": "item", **asked}, History(), None)
    assert after.axes["item"].sorting == Sorting("title")
    assert after.axes["item"].serial == 2
