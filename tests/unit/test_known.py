from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from recowidget.errors import RecowidgetError
from recowidget.interactions import Interactions
from recowidget.known import Known

RATINGS = pd.DataFrame({"user_id": [7, 3, 7, 12], "movie_id": ["b", "a", "a", "c"], "rating": [1.0, 2, 3, 4]})
MOVIES = pd.DataFrame({"movie_id": ["a", "b", "c"], "title": ["Alien", "Brazil", "Casablanca"]})
ALL = np.arange(3, dtype=np.int32)


def ids(vocabulary: Any) -> list[Any]:
    assert vocabulary is not None
    return list(vocabulary.ids)


def test_an_index_is_the_rank_of_an_id() -> None:
    known = Known.from_frames(RATINGS, MOVIES)
    assert ids(known.user_vocabulary(3, ALL)) == [3, 7, 12]
    assert list(known.item_vocabulary(3, ALL).titles) == ["Alien", "Brazil", "Casablanca"]  # type: ignore[union-attr, arg-type]
    assert str(known) == "3 users (user_id, by rank) and 3 items with titles (movie_id, by rank)"


def test_where_the_numbers_do_not_agree_nothing_is_known() -> None:
    known = Known.from_interactions(Interactions.from_frame(RATINGS))
    assert known.user_vocabulary(4, ALL) is None
    assert known.item_vocabulary(2, ALL[:2]) is None


def test_ids_fed_as_they_are() -> None:
    known = Known.from_frames(RATINGS)
    fed = np.array([3, 7, 12, 7], dtype=np.int32)
    assert ids(known.user_vocabulary(13, fed))[6:9] == ["index 6", 7, "index 8"]
    assert known.user_vocabulary(12, fed) is None
    assert known.user_vocabulary(13, np.array([3, 4], dtype=np.int32)) is None


@pytest.mark.parametrize("labels", [("USER", "ITEM"), ("user_idx", "item_idx")])
def test_columns_of_indices_count(labels: tuple[str, str]) -> None:
    frame = RATINGS.assign(**{labels[0]: [0, 2, 0, 1], labels[1]: [5, 0, 0, 1]})
    known = Known.from_frames(frame, MOVIES)
    users = known.user_vocabulary(4, np.array([0, 2], dtype=np.int32))
    assert ids(users) == [7, 12, 3, "index 3"]
    assert users.index_of([3, 7, 12]).tolist() == [2, 0, 1]  # type: ignore[union-attr]
    items = known.item_vocabulary(6, np.array([0, 1, 5], dtype=np.int32))
    assert list(items.titles) == ["Alien", "Casablanca", "index 2", "index 3", "index 4", "Brazil"]  # type: ignore[union-attr, arg-type]
    assert known.user_vocabulary(2, np.array([0, 1], dtype=np.int32)) is None
    assert known.item_vocabulary(6, np.array([4], dtype=np.int32)) is None


def test_a_frame_of_indices_alone() -> None:
    frame = pd.DataFrame({"USER": [0, 1], "ITEM": [1, 0], "RATING": [4.0, 5.0]})
    assert ids(Known.from_frames(frame).user_vocabulary(2, ALL[:2])) == [0, 1]


@pytest.mark.parametrize(
    ("users", "message"),
    [
        ([0, 1, 2, 3], '"user_id" 7 stands for several of "USER"'),
        ([0, 0, 0, 1], '"USER" 0 stands for several of "user_id"'),
        ([-1, 0, -1, 2], "must hold indices"),
        ([0.5, 1.5, 0.5, 2.5], "must hold indices"),
    ],
)
def test_indices_that_do_not_go_with_the_ids(users: list[float], message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        Known.from_frames(RATINGS.assign(USER=users, ITEM=[1, 0, 0, 2]))
