"""Negatives: what is drawn, and what never is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recowidget import negatives
from recowidget.confidence import confidences
from recowidget.negatives import NegativeSampler


@given(
    taken=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=40),
    seed=st.integers(0, 100),
)
def test_only_what_the_user_did_not_take_is_drawn(taken: list[tuple[int, int]], seed: int) -> None:
    users, items = (np.array(side, np.int32) for side in zip(*taken, strict=True))
    sampler = NegativeSampler(users, items, 5, 7)
    wanted = np.repeat(np.arange(5), 10)
    drawn = sampler.draw(wanted, 3, np.random.default_rng(seed))
    assert drawn.shape == (50, 3)
    assert drawn.dtype == np.int32
    for user in range(5):
        own = {item for one, item in taken if one == user}
        theirs = set(drawn[wanted == user].ravel().tolist())
        assert theirs == {-1} if len(own) == 7 else theirs <= set(range(7)) - own


def test_every_item_left_is_drawn_as_often_as_any_other() -> None:
    sampler = NegativeSampler(np.array([0, 0, 0, 1]), np.array([0, 3, 4, 7]), 3, 8)
    drawn = sampler.draw(np.array([0, 1, 2]), 40_000, np.random.default_rng(0))
    for row, left in zip(drawn, ([1, 2, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6], range(8)), strict=True):
        items, counts = np.unique(row, return_counts=True)
        assert items.tolist() == list(left)
        np.testing.assert_allclose(counts / 40_000, 1 / len(items), rtol=0.05)


def test_users_with_all_items_but_one_or_with_all_cost_no_more() -> None:
    n_items = 2_000
    users = np.repeat(np.array([0, 1], np.int32), [n_items - 1, n_items])
    items = np.concatenate([np.delete(np.arange(n_items), 1234), np.arange(n_items)]).astype(np.int32)
    sampler = NegativeSampler(users, items, 2, n_items)
    assert sampler.n_left.tolist() == [1, 0]
    drawn = sampler.draw(users, 4, np.random.default_rng(0))
    assert set(drawn[users == 0].ravel().tolist()) == {1234}
    assert set(drawn[users == 1].ravel().tolist()) == {-1}


def test_the_generator_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    users, items = (rng.integers(0, n, 500).astype(np.int32) for n in (30, 40))
    sampler = NegativeSampler(users, items, 30, 40)
    first = sampler.draw(users, 4, np.random.default_rng([3, 1]))
    monkeypatch.setattr(negatives, "_BLOCK", 64)
    np.testing.assert_array_equal(sampler.draw(users, 4, np.random.default_rng([3, 1])), first)
    assert not np.array_equal(sampler.draw(users, 4, np.random.default_rng([3, 2])), first)


def test_a_pair_counts_the_more_the_oftener_it_was_seen_whatever_the_unit() -> None:
    plays = np.array([1, 2, 3, 10], np.float32)
    weights = confidences(plays)
    assert weights.mean() == pytest.approx(1)
    # 1 + alpha r, alpha being one over the mean
    np.testing.assert_allclose(weights / weights[0], (1 + plays / 4) / 1.25, rtol=1e-6)
    np.testing.assert_allclose(confidences(plays * 60), weights, rtol=1e-6)
