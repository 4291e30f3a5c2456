"""What is measured of an epoch beside its losses."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

import recowidget as rw
from recowidget.factors import Factors
from recowidget.history import History, Losses
from recowidget.measures import Measurer
from recowidget.scoring import ModelScorer
from recowidget.widgets.measuring import EpochMeasurer


def split_of(n_users: int = 60, n_items: int = 45, shares: Any = (0.7, 0.1, 0.2)) -> rw.splits.Split:
    rng = np.random.default_rng(3)
    pairs = pd.DataFrame(
        {"user_id": rng.integers(0, n_users, 1500), "item_id": rng.integers(0, n_items, 1500)}
    ).drop_duplicates()
    frame = pairs.assign(rating=rng.integers(1, 6, len(pairs)).astype(float))
    return rw.splits.random_split(rw.Interactions.from_frame(frame), shares)


def factors_of(split: rw.splits.Split, seed: int = 0, scale: float = 1.0) -> Factors:
    rng = np.random.default_rng(seed)
    n_users, n_items = split.interactions.n_users, split.interactions.n_items
    return Factors(
        scale * rng.normal(size=(n_users, 4)).astype(np.float32),
        rng.normal(size=(n_items, 4)).astype(np.float32),
        np.zeros(n_users, np.float32),
        rng.normal(size=n_items).astype(np.float32),
        3.0,
    )


def test_measures_are_those_of_the_evaluation() -> None:
    split = split_of()
    factors = factors_of(split)
    measures = Measurer(split).of(factors)
    whole = rw.evaluation.evaluate(factors, split, 10)
    assert measures.ndcg == pytest.approx(whole["ndcg"])
    assert measures.test_mae == pytest.approx(whole["mae"], rel=1e-5)
    held = rw.evaluation.evaluate_errors(factors, split, "validation")
    assert measures.validation_mae == pytest.approx(held["mae"], rel=1e-5)
    rows, data = split.train, split.interactions
    errors = factors.predict(data.user_idx[rows], data.item_idx[rows]) - data.ratings[rows]
    assert measures.train_mae == pytest.approx(np.abs(errors).mean(), rel=1e-5)


def test_of_very_many_pairs_users_are_drawn_and_ranked_as_before() -> None:
    split = split_of()
    factors = factors_of(split)
    drawn = Measurer(split, max_pairs=10 * split.interactions.n_items)
    assert drawn.n_ranked_users(factors) == 10
    users = rw.evaluation.evaluate_users(factors, split, 10)
    ids = split.interactions.users.ids[np.unique(split.interactions.user_idx[drawn._ranked(factors).test])]
    expected = users.set_index("user_id").loc[ids, "ndcg"].mean()
    # Rows that moved to the validation part are of other users.
    assert drawn.ndcg(factors) == pytest.approx(expected)


def test_of_what_is_slower_than_a_dot_product_fewer_are_ranked() -> None:
    split = split_of()
    factors = factors_of(split)
    n_items = split.interactions.n_items
    slow = ModelScorer(lambda _weights, users, items: factors.predict(users, items), weights=[])
    measurer = Measurer(split, max_pairs=200 * n_items)
    assert measurer.n_ranked_users(factors) == len(np.unique(split.interactions.user_idx[split.test]))
    assert measurer.n_ranked_users(slow) == 20
    assert measurer.of(slow).test_mae == pytest.approx(measurer.of(factors).test_mae)


def test_lists_are_alike_where_only_the_items_bias_counts() -> None:
    split = split_of()
    assert Measurer(split).of(factors_of(split, scale=0.0)).alike == 1.0
    assert Measurer(split).of(factors_of(split, scale=3.0)).alike < 0.6


def test_where_nothing_is_held_out_or_rated_there_is_nothing_to_measure() -> None:
    split = split_of(shares=(0.8, 0.2))
    measures = Measurer(split).of(factors_of(split))
    assert np.isnan(measures.validation_mae)
    taken = rw.Interactions.from_frame(pd.DataFrame({"user_id": [1, 1, 2, 3], "item_id": [1, 2, 2, 3]}))
    implicit = rw.splits.random_split(taken, (0.75, 0.25))
    factors = factors_of(implicit)
    assert np.isnan(Measurer(implicit).of(factors).train_mae)


def recorded(split: rw.splits.Split, n: int) -> History:
    history = History()
    for epoch in range(n):
        history.record(Losses(1.0, np.nan, 1.0), seconds=0.0, scorer=factors_of(split, epoch))
    return history


def wait_for(condition: Any) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_epochs_are_measured_in_the_order_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    split = split_of()
    history = recorded(split, 4)
    told: list[dict[str, Any]] = []
    measured: list[float] = []
    original = Measurer.of

    def counted(self: Measurer, scorer: Any) -> Any:
        measured.append(1)
        return original(self, scorer)

    monkeypatch.setattr(Measurer, "of", counted)
    measurer = EpochMeasurer(told.append)
    measurer.ask([3, 0, 7, 1], 5, history, split)
    wait_for(lambda: len(told) == 3)
    assert [one["epoch"] for one in told] == [3, 0, 1]  # There is no epoch 7.
    assert {one["run"] for one in told} == {5}
    expected = original(Measurer(split), history.snapshot(0).scorer)
    assert told[1]["ndcg"] == expected.ndcg
    assert told[1]["validation_mae"] == expected.validation_mae
    measurer.ask([1, 2], 5, history, split)
    wait_for(lambda: len(told) == 5)
    assert len(measured) == 4
    measurer.ask([1], 6, history, split)
    wait_for(lambda: len(told) == 6)
    assert len(measured) == 5
    measurer.close()


def test_another_run_that_is_asked_of_meanwhile_is_not_told_of_as_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    split = split_of()
    first, second = recorded(split, 2), History()
    for epoch in range(2):
        second.record(Losses(1.0, np.nan, 1.0), seconds=0.0, scorer=factors_of(split, 50 + epoch))
    told: list[dict[str, Any]] = []
    original = Measurer.of
    may_go = threading.Event()

    def held(self: Measurer, scorer: Any) -> Any:
        may_go.wait(10)
        return original(self, scorer)

    monkeypatch.setattr(Measurer, "of", held)
    measurer = EpochMeasurer(told.append)
    measurer.ask([0, 1], 1, first, split)
    measurer.ask([0, 1], 2, second, split)
    may_go.set()
    wait_for(lambda: len([one for one in told if one["run"] == 2]) == 2)
    measurer.close()
    for one in told:
        history = first if one["run"] == 1 else second
        assert one["ndcg"] == original(Measurer(split), history.snapshot(one["epoch"]).scorer).ndcg
