"""Factors: predictions against their definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recowidget import factors as factors_module
from recowidget.factors import Factors


def draw(n_users: int, n_items: int, n_factors: int, seed: int) -> Factors:
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    return Factors(
        normal(n_users, n_factors), normal(n_items, n_factors), normal(n_users), normal(n_items), 3.5
    )


@given(st.integers(1, 8), st.integers(1, 8), st.integers(1, 5), st.integers(0, 1000))
def test_pairs_and_blocks_are_mean_plus_biases_plus_dot_product(
    n_users: int, n_items: int, k: int, seed: int
) -> None:
    model = draw(n_users, n_items, k, seed)
    block = model.predict_block(np.arange(n_users), np.arange(n_items))
    assert block.shape == (n_users, n_items)
    assert block.dtype == np.float32
    for u in range(n_users):
        for i in range(n_items):
            dot = sum(float(model.user_factors[u, f]) * float(model.item_factors[i, f]) for f in range(k))
            expected = 3.5 + float(model.user_bias[u]) + float(model.item_bias[i]) + dot
            assert abs(block[u, i] - expected) < 1e-4
            assert abs(model.predict(u, i)[0] - expected) < 1e-4


def test_many_pairs_are_predicted_in_blocks(monkeypatch: object) -> None:
    model = draw(20, 30, 4, 0)
    rng = np.random.default_rng(1)
    users, items = rng.integers(0, 20, 1000), rng.integers(0, 30, 1000)
    whole = model.predict(users, items)
    monkeypatch.setattr(factors_module, "BLOCK_ROWS", 7)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(model.predict(users, items), whole)
    assert whole.dtype == np.float32
