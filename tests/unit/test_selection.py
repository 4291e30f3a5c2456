"""What is selected: one pair that is looked at closely, and many beside it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recowidget as rw
from recowidget.selection import Selected

if TYPE_CHECKING:
    from collections.abc import Iterator

INDICES = st.lists(st.integers(0, 20), max_size=6)


def ratings() -> pd.DataFrame:
    rows = np.arange(90)
    return pd.DataFrame({"user": [f"u{k}" for k in rows % 9], "item": rows % 10, "rating": 1.0 + rows % 5})


@pytest.fixture
def explorer() -> Iterator[rw.MFExplorer]:
    explorer = rw.MFExplorer(ratings())
    yield explorer
    explorer.close()


@given(st.none() | st.integers(0, 20), st.none() | st.integers(0, 20), INDICES, INDICES)
def test_the_pinned_pair_is_first_among_all_and_each_is_there_once(
    user: int | None, item: int | None, users: list[int], items: list[int]
) -> None:
    selected = Selected(user, item, tuple(users), tuple(items))
    for one, given_one, every, given_all in (
        (selected.user, user, selected.users, users),
        (selected.item, item, selected.items, items),
    ):
        assert set(every) == set(given_all) | ({given_one} - {None})
        assert len(set(every)) == len(every)
        assert one == (every[0] if every else None)
        assert given_one in {None, one}
    assert Selected(users=selected.users, items=selected.items) == selected


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ({"item": [1, 2]}, [("item", 1), ("item", 2)]),
        ({"user": "u3", "item": np.array([4, 0])}, [("user", "u3"), ("item", 4), ("item", 0)]),
        ({"user": ["u2", "u2"]}, [("user", "u2")]),
        ({"user": [], "item": 5}, [("item", 5)]),
        (
            pd.DataFrame({"kind": ["item", "user", "item"], "id": [7, "u1", 3]}),
            [("user", "u1"), ("item", 7), ("item", 3)],
        ),
        (None, []),
    ],
)
def test_many_are_selected_and_read_back(
    explorer: rw.MFExplorer, value: Any, ids: list[tuple[str, Any]]
) -> None:
    explorer.selection = value
    read = explorer.selection
    assert list(zip(read["kind"], read["id"], strict=True)) == ids
    explorer.selection = None
    explorer.selection = read
    pd.testing.assert_frame_equal(explorer.selection, read)


def test_a_browser_selects_many(explorer: rw.MFExplorer) -> None:
    explorer.set_state({"selected": {"user": 3, "item": None, "users": [5, 3], "items": [1, 99, "x"]}})
    assert explorer.selected == {"user": 3, "item": 1, "users": [3, 5], "items": [1]}
    # Of one that knows of the pair alone.
    explorer.set_state({"selected": {"user": 4, "item": None}})
    assert explorer.selected == {"user": 4, "item": None, "users": [4], "items": []}


def test_who_listens_is_told_of_each_change_until_it_takes_that_back(explorer: rw.MFExplorer) -> None:
    told: list[tuple[pd.DataFrame, int]] = []
    take_back = explorer.on_selection(lambda selection: told.append((selection, threading.get_ident())))
    explorer.selection = {"item": [3, 4]}
    explorer.selection = {"item": [3, 4]}
    thread = threading.Thread(target=lambda: explorer.set_state({"selected": {"user": 2, "item": None}}))
    thread.start()
    name = thread.ident
    thread.join()
    assert [frame["id"].tolist() for frame, _ in told] == [[3, 4], ["u2"]]
    assert [ident for _, ident in told] == [threading.get_ident(), name]
    take_back()
    take_back()
    explorer.selection = None
    assert len(told) == 2


def test_a_view_tells_of_what_is_selected_in_another(explorer: rw.MFExplorer) -> None:
    told: list[list[Any]] = []
    rw.InteractionMatrix(explorer).on_selection(lambda selection: told.append(selection["id"].tolist()))
    explorer.selection = {"user": ["u1", "u5"]}
    assert told == [["u1", "u5"]]


def test_what_a_listener_raises_or_changes_stays_with_it(
    explorer: rw.MFExplorer, caplog: pytest.LogCaptureFixture
) -> None:
    def break_it(selection: pd.DataFrame) -> None:
        selection["id"] = 0
        raise KeyError("of the listener")

    told: list[list[Any]] = []
    explorer.on_selection(break_it)
    explorer.on_selection(lambda selection: told.append(selection["id"].tolist()))
    with caplog.at_level(logging.ERROR):
        explorer.selection = {"item": 7}
    assert told == [[7]]
    assert explorer.selected["item"] == 7
    assert "of the listener" in caplog.text


def test_a_listener_may_select(explorer: rw.MFExplorer) -> None:
    def only_items(selection: pd.DataFrame) -> None:
        if (selection["kind"] == "user").any():
            explorer.selection = selection[selection["kind"] == "item"]

    explorer.on_selection(only_items)
    explorer.selection = {"user": "u1", "item": [1, 2]}
    assert explorer.selected == {"user": None, "item": 1, "users": [], "items": [1, 2]}
