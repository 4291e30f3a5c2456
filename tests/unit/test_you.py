"""Who sits before it: what is asked of the model, and what it answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import recowidget as rw
from recowidget.widgets.you import NO_NEW_USERS, NewUser, read_ratings
from tests.unit.test_edits import ratings
from tests.unit.test_window import unpack


@pytest.fixture(scope="module")
def explorer() -> Any:
    explorer = rw.MFExplorer(ratings(), user="reader", item="book", epochs=5)
    explorer.fit()
    yield explorer
    explorer.close()


def answer(explorer: rw.MFExplorer, given: list[list[Any]], n: int = 10) -> tuple[dict[str, Any], Any]:
    question = NewUser.read({"ratings": given, "n": n, "serial": 3}, explorer.interactions)
    content, buffers = question.answer(explorer._run.scorer, explorer.interactions, run=0, epoch=5)
    return content, unpack(content, buffers)


def test_the_list_is_that_of_recommend(explorer: rw.MFExplorer) -> None:
    content, arrays = answer(explorer, [[4, 5], [7, 1.0], [9, None]], n=6)
    items = explorer.interactions.items
    same = explorer.recommend({items.id_of(4): 5, items.id_of(7): 1}, 6)
    assert content["top"]["ids"] == [str(one) for one in same["book"]]
    np.testing.assert_array_equal(arrays["top_scores"], same["score"])
    np.testing.assert_array_equal(arrays["top_idx"], items.index_of(same["book"]))
    assert arrays["rated_idx"].tolist() == [4, 7, 9]
    assert len(arrays["rated_predictions"]) == 3
    assert content["serial"] == 3


def test_ratings_pull_predictions_their_way_and_without_any_it_is_the_average_user(
    explorer: rw.MFExplorer,
) -> None:
    low, nothing, high = (
        answer(explorer, [[4, rating]])[1]["rated_predictions"][0] for rating in (1, None, 5)
    )
    assert low < nothing < high
    scorer = explorer._run.scorer
    average = scorer.user_factors.mean(0) @ scorer.item_factors[4]
    average += scorer.user_bias.mean() + scorer.item_bias[4] + scorer.global_mean
    assert nothing == pytest.approx(average, abs=1e-4)


def test_what_travels_badly_counts_for_nothing(explorer: rw.MFExplorer) -> None:
    given = [[4, 3], [10_000, 4], [-1, 4], ["x", 4], [5, 99], [6, "a"], [7, float("nan")]]
    assert read_ratings(given, explorer.interactions) == {4: 3.0, 5: None, 6: None, 7: None}
    assert read_ratings(None, explorer.interactions) == {}


def test_you_goes_by_ids_and_takes_what_is_on_the_scale(explorer: rw.MFExplorer) -> None:
    assert explorer.you == {}
    explorer.you = {3: 4.5, 8: 1}
    assert explorer.you == {3: 4.5, 8: 1.0}
    index = explorer.interactions.items.index_of(3)
    assert explorer.your_ratings[0] == [index, 4.5]
    assert len(explorer.recommend(explorer.you)) == 10
    with pytest.raises(rw.RecowidgetError, match="999"):
        explorer.you = {999: 4}
    with pytest.raises(rw.RecowidgetError, match="from 1 to 5"):
        explorer.you = {3: 6}
    assert explorer.you == {3: 4.5, 8: 1.0}
    explorer.you = {}
    assert explorer.your_ratings == []


def test_of_implicit_feedback_it_is_what_you_took() -> None:
    frame = ratings().drop(columns="rating")
    explorer = rw.MFExplorer(frame, user="reader", item="book", epochs=2)
    try:
        explorer.fit()
        content, _ = answer(explorer, [[4, 1], [7, 1]])
        items = explorer.interactions.items
        same = explorer.recommend({items.id_of(4): 1, items.id_of(7): 1})
        assert content["top"]["ids"] == [str(one) for one in same["book"]]
    finally:
        explorer.close()


def test_a_model_that_can_fold_nobody_in_says_why() -> None:
    explorer = rw.MFExplorer(ratings(), user="reader", item="book", model="deep_mf")
    try:
        _ = explorer.model
        content, arrays = answer(explorer, [[4, 5]])
        assert (content["top"], content["reason"]) == (None, NO_NEW_USERS)
        assert set(arrays) == {"rated_idx"}
    finally:
        explorer.close()


def test_before_there_is_a_model_there_is_no_list() -> None:
    interactions = rw.Interactions.from_frame(pd.DataFrame({"user": [1], "item": [2], "rating": [3.0]}))
    question = NewUser.read({"ratings": [[0, 3]]}, interactions)
    content, _ = question.answer(None, interactions, run=0, epoch=0)
    assert (content["top"], content["reason"]) == (None, "")
