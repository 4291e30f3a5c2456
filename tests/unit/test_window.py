"""Windows: what is cut out of the matrix, against a plain look-up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from recowidget.interactions import Interactions
from recowidget.splits import random_split
from recowidget.widgets.window import MAX_CELLS, Window, WindowSource


@pytest.fixture(scope="module")
def interactions() -> Interactions:
    rng = np.random.default_rng(0)
    pairs = pd.DataFrame(
        {"user": rng.zipf(1.5, 4000) % 40, "item": rng.zipf(1.4, 4000) % 60}
    ).drop_duplicates()
    pairs["rating"] = rng.integers(1, 6, len(pairs)).astype(float)
    return Interactions.from_frame(pairs)


def unpack(content: dict[str, Any], buffers: list[bytes]) -> dict[str, np.ndarray]:
    return {
        head["name"]: np.frombuffer(buffer, head["dtype"]).reshape(head["shape"])
        for head, buffer in zip(content["arrays"], buffers, strict=True)
    }


def test_what_is_known_of_the_users_comes_along_in_few_words() -> None:
    ratings = pd.DataFrame({"user": [1, 2], "item": [1, 2], "rating": [1.0, 2.0]})
    users = pd.DataFrame(
        {"user": [1, 2], "name": ["Ann", None], "age": [31, None], "job": ["clerk", "x" * 99], "more": [1, 2]}
    )
    known = Interactions.from_frame(ratings, users=users)
    content, _ = WindowSource(random_split(known, (0.5, 0.5))).pack(Window((0, 2), (0, 2)))
    assert content["user_titles"] == ["Ann", "2"]
    assert content["user_details"] == ["31, clerk, 1", f"{'x' * 40}, 2"]
    plain = Interactions.from_frame(ratings)
    content, _ = WindowSource(random_split(plain, (0.5, 0.5))).pack(Window((0, 2), (0, 2)))
    assert (content["user_titles"], content["user_details"]) == (None, None)


@pytest.mark.parametrize(
    "window", [Window((0, 10), (0, 20)), Window((5, 30), (17, 44)), Window((0, 999), (0, 999))]
)
def test_a_window_holds_just_the_ratings_of_its_users_and_items(
    interactions: Interactions, window: Window
) -> None:
    split = random_split(interactions, (0.6, 0.2, 0.2), seed=1)
    content, buffers = WindowSource(split).pack(window, "view")
    arrays = unpack(content, buffers)
    users, items = arrays["user_idx"], arrays["item_idx"]
    assert content["users"] == [window.users[0], window.users[0] + len(users)]
    assert content["user_ids"] == [str(interactions.users.ids[u]) for u in users]
    seen = {
        (users[cell // len(items)], items[cell % len(items)]): (rating, part)
        for cell, rating, part in zip(arrays["cell"], arrays["rating"], arrays["part"], strict=True)
    }
    assert len(seen) == len(arrays["cell"])
    parts = split.parts()
    expected = {
        (u, i): (rating, part)
        for u, i, rating, part in zip(
            interactions.user_idx, interactions.item_idx, interactions.ratings, parts, strict=True
        )
        if u in users and i in items
    }
    assert seen == expected


def test_rows_and_columns_go_from_the_most_active_on(interactions: Interactions) -> None:
    source = WindowSource(random_split(interactions))
    whole = source.clip(Window((0, 999), (0, 999)))
    for order, index in [
        (source.user_idx(whole), interactions.user_idx),
        (source.item_idx(whole), interactions.item_idx),
    ]:
        counts = np.bincount(index)[order]
        assert (np.diff(counts) <= 0).all()


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        (Window((-5, 10), (3, 8)), Window((0, 10), (3, 8))),
        (Window((10, 2), (3, 8)), Window((10, 10), (3, 8))),
        (Window((500, 600), (3, 8)), None),
    ],
)
def test_windows_are_clipped_to_the_matrix(
    interactions: Interactions, asked: Window, got: Window | None
) -> None:
    n = interactions.n_users
    clipped = WindowSource(random_split(interactions)).clip(asked)
    assert clipped == (got or Window((n, n), (3, 8)))


def test_a_window_is_bounded_whatever_is_asked_for() -> None:
    n = 3000
    frame = pd.DataFrame({"user": np.arange(n), "item": np.arange(n), "rating": 1.0})
    source = WindowSource(random_split(Interactions.from_frame(frame)))
    rows, columns = source.clip(Window((0, n), (0, n))).shape
    assert 0 < rows * columns <= MAX_CELLS
