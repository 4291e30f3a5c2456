"""Who and what is on the factor map, and what is told of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import recowidget as rw
from recowidget.widgets.points import MOST_GENRES, MOST_ITEMS, MOST_USERS, genres_of
from tests.unit.test_window import unpack


def ratings(n_users: int = 300, n_items: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    users = np.concatenate([np.arange(n_users), rng.integers(0, n_users, 2000)])
    items = np.concatenate([np.arange(n_users) % n_items, rng.integers(0, n_items, 2000)])
    items[-n_items:] = np.arange(n_items)
    frame = pd.DataFrame(
        {"user": users, "item": [f"i{k}" for k in items], "rating": 1.0 + (users + items) % 5}
    )
    return frame.drop_duplicates(["user", "item"])


def points_of(explorer: rw.MFExplorer) -> dict[str, Any]:
    points = dict(explorer.points)
    return {**points, **unpack(points, points["buffers"])}


def frame_of(explorer: rw.MFExplorer) -> dict[str, Any]:
    explorer._frame_now()
    frame = dict(explorer.frame)
    return {**frame, **unpack(frame, frame["buffers"])}


def test_the_most_rated_items_and_the_most_active_users_are_told_of() -> None:
    frame = ratings()
    explorer = rw.MFExplorer(frame, items=pd.DataFrame({"item": ["i3"], "title": ["Three"]}))
    points = points_of(explorer)
    assert (points["usual_users"], points["usual_items"]) == (MOST_USERS, MOST_ITEMS)
    counts = frame["item"].value_counts()
    assert points["item_count"].tolist() == counts.to_numpy()[:MOST_ITEMS].tolist()
    means = frame.groupby("item")["rating"].mean()
    np.testing.assert_allclose(points["item_mean"], means[points["item_ids"]], rtol=1e-6)
    users = frame.groupby("user")["rating"].agg(["size", "mean"])
    of_points = users.loc[[int(one) for one in points["user_ids"]]]
    assert points["user_count"].tolist() == of_points["size"].tolist()
    np.testing.assert_allclose(points["user_mean"], of_points["mean"], rtol=1e-6)
    assert dict(zip(points["item_ids"], points["item_titles"], strict=True))["i3"] == "Three"
    assert points["genres"] == []
    explorer.close()


def test_what_is_selected_beyond_them_is_told_of_and_placed() -> None:
    explorer = rw.MFExplorer(ratings())
    first = frame_of(explorer)
    assert len(first["map_item_idx"]) == len(first["map_items"]) == MOST_ITEMS
    rarest = int(explorer.interactions.item_order[-1])
    explorer.selection = {"item": explorer.interactions.items.id_of(rarest)}
    points, frame = points_of(explorer), frame_of(explorer)
    assert points["item_idx"].tolist()[MOST_ITEMS:] == [rarest]
    assert frame["map_item_idx"].tolist() == points["item_idx"].tolist()
    assert frame["map_version"] > first["map_version"]
    # What is on the map already needs no more room.
    explorer.selection = {"item": explorer.interactions.items.id_of(int(points["item_idx"][0]))}
    assert len(points_of(explorer)["item_idx"]) == MOST_ITEMS
    explorer.close()


def test_views_without_a_map_are_told_of_no_points() -> None:
    explorer = rw.MFExplorer(ratings())
    view = rw.PredictionMatrix(explorer)
    assert view.points == {}
    assert not [head for head in view.frame["arrays"] if head["name"].startswith("map")]
    explorer.close()


def test_few_users_without_ratings_have_a_map() -> None:
    explorer = rw.MFExplorer(pd.DataFrame({"user": ["a", "a", "b"], "item": [1, 2, 2]}))
    points = points_of(explorer)
    assert points["user_count"].tolist() == [2, 1]
    assert points["user_titles"] is None
    assert frame_of(explorer)["map_users"].shape == (2, 2)
    explorer.close()


@pytest.mark.parametrize("joined", [True, False])
def test_an_item_has_the_first_of_its_genres_that_are_common(*, joined: bool) -> None:
    lists = [
        ["Drama", "War"],
        ["Comedy", "Drama"],
        ["Comedy"],
        ["Drama"],
        [],
        *([f"rare {k}"] for k in range(9)),
    ]
    values: list[Any] = ["|".join(one) if joined else one for one in lists]
    values[4] = "(no genres listed)" if joined else None
    frame = pd.DataFrame({"item": range(len(values)), "genres": values})
    few = pd.DataFrame({"user": 0, "item": range(len(values)), "rating": 3.0})
    items = rw.Interactions.from_frame(few, items=frame.assign(title="t")).items
    names, genre = genres_of(items, np.arange(len(values), dtype=np.int32))
    assert names[:2] == ["Drama", "Comedy"]
    assert len(names) == MOST_GENRES
    told = [names[number] if number >= 0 else "other" for number in genre]
    assert told[1:5] == ["Comedy", "Comedy", "Drama", "other"]
    assert told[0] == "Drama"
    assert "other" in told[5:]


def test_items_without_genres_have_none() -> None:
    items = rw.Interactions.from_frame(ratings(5, 5)).items
    names, genre = genres_of(items, np.arange(3, dtype=np.int32))
    assert names == []
    assert genre.tolist() == [-1, -1, -1]
