"""Ratings of any size, drawn at random."""

from __future__ import annotations

import numpy as np

from recowidget.encoding import Vocabulary
from recowidget.factors import Factors
from recowidget.interactions import Interactions


def drawn(n_users: int, n_items: int, n_ratings: int, seed: int = 0) -> Interactions:
    """Ratings with long tails on both sides; pairs may repeat, which nothing measured here minds."""
    rng = np.random.default_rng(seed)
    return Interactions(
        (n_users * rng.random(n_ratings) ** 1.5).astype(np.int32),
        (n_items * rng.random(n_ratings) ** 2.5).astype(np.int32),
        rng.integers(1, 11, n_ratings).astype(np.float32) / 2,
        rng.integers(10**9, 15 * 10**8, n_ratings),
        Vocabulary(np.arange(n_users), None, "user"),
        Vocabulary(np.arange(n_items), None, "item"),
        {"user": "user", "item": "item", "rating": "rating", "timestamp": "timestamp"},
    )


def drawn_factors(n_users: int, n_items: int, n_factors: int = 30) -> Factors:
    """Factors of a model that learned nothing."""
    rng = np.random.default_rng(0)
    shapes = (n_users, n_factors), (n_items, n_factors), (n_users,), (n_items,)
    return Factors(*(rng.standard_normal(shape).astype(np.float32) for shape in shapes), 3.5)
