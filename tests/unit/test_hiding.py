"""What an explorer shows, and that what it doesn't show costs nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import recowidget as rw
from recowidget.widgets.hiding import NOT_COMPACT, TOGETHER, panels_but
from recowidget.widgets.inspector import Inspector, Question
from recowidget.widgets.live import ALL_PANELS


def ratings() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    pairs = pd.DataFrame({"user": rng.integers(0, 20, 300), "item": rng.integers(0, 25, 300)})
    return pairs.drop_duplicates().assign(rating=lambda frame: frame["user"] % 5 + 1.0)


def arrays_of(view: rw.MFExplorer) -> set[str]:
    return {head["name"] for head in view.get_state()["frame"]["arrays"]}


def explorer(**keywords: Any) -> rw.MFExplorer:
    return rw.MFExplorer(ratings(), n_factors=2, epochs=1, **keywords)


@pytest.mark.parametrize("name", [*ALL_PANELS, *TOGETHER])
def test_all_is_shown_but_what_is_hidden_in_the_same_order(name: str) -> None:
    gone = TOGETHER.get(name, (name,))
    expected = tuple(panel for panel in ALL_PANELS if panel not in gone)
    assert panels_but(name) == panels_but([name]) == panels_but((name, name)) == expected


def test_a_compact_explorer_shows_what_is_watched() -> None:
    assert panels_but(()) == ALL_PANELS
    assert set(ALL_PANELS) - set(panels_but((), compact=True)) == NOT_COMPACT
    assert "map" not in panels_but("map", compact=True)
    view = explorer(compact=True)
    assert view.get_state()["is_compact"] is True
    assert explorer().get_state()["is_compact"] is False


@pytest.mark.parametrize("name", ["losses", "", 3, None, ["loss"]])
def test_an_unknown_panel_is_an_error_that_lists_those_there_are(name: Any) -> None:
    with pytest.raises(rw.RecowidgetError, match=r"there is no panel .*; there are .*\"map\".*\"inspector\""):
        explorer(hide=[name])


def test_what_no_panel_shows_is_not_sent() -> None:
    matrices = ("ratings", "split", "predictions", "residuals")
    assert {"user_factors", "user_bias"} < arrays_of(explorer(hide="factors"))
    assert {"user_factors", "user_bias"} < arrays_of(explorer(hide=[*matrices, "inspector"]))
    nothing = explorer(hide=[*matrices, "inspector", "factors"])
    assert not {"user_factors", "item_factors", "user_bias", "predictions"} & arrays_of(nothing)
    assert any("map" in name for name in arrays_of(nothing))
    bare = explorer(hide=ALL_PANELS)
    assert arrays_of(bare) == {"epoch_number", "train_mse", "validation_mse", "test_mse"}
    assert bare.get_state()["points"] == {}
    assert bare.get_state()["summary"]["baselines"] == []


def test_runs_are_not_ranked_and_layers_not_told_where_nobody_sees_them() -> None:
    for hide in ((), ("runs", "architecture")):
        view = explorer(hide=hide)
        view.fit(1)
        _ = view.model
        view._publish(view._run.progress)
        view._ranking.shutdown()
        assert (view.get_state()["run_table"][-1]["ndcg"] is None) is bool(hide)
        assert (view.get_state()["architecture"] == []) is bool(hide)
        assert view.runs["ndcg"].notna().all()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"cell", "user", "item"}, {"top_idx", "user_ndcg", "similar_idx", "pair_epochs", "item_bars"}),
        ({"cell"}, {"pair_epochs"}),
        ({"item"}, {"similar_idx", "item_bars"}),
        ({"user"}, {"top_idx", "user_ndcg"}),
    ],
)
def test_answers_tell_what_a_panel_shows_and_names_in_any_case(told: set[str], expected: set[str]) -> None:
    view = explorer()
    view.fit(1)
    question = Question(user=1, item=2, n=5, epoch=None, lists=frozenset({"user", "item"}), serial=1)
    inspector = Inspector(view._windows, view._run.history, frozenset(told))
    content, _ = inspector.answer(question, view._run.progress)
    there = {head["name"] for head in content["arrays"]}
    every = {"top_idx", "user_ndcg", "similar_idx", "pair_epochs", "item_bars"}
    assert there & every == expected
    assert (content["user"]["id"], content["item"]["id"]) == (
        str(view.interactions.users.ids[1]),
        str(view.interactions.items.ids[2]),
    )
