"""Ratings of any size in the shape of MovieLens 25M: long tails, a model behind them, and noise."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from recowidget.encoding import Vocabulary
from recowidget.interactions import Interactions

MOVIELENS_25M = 162_541, 59_047, 25_000_095
"""Its users, items and ratings."""

FEWEST = 20
"""Ratings that a user has at least, as in MovieLens."""
BUSIEST = 0.55
"""The share of all items that a user has rated at most."""
TAIL_OF_USERS = 1.39
"""Standard deviation of the logarithm of a user's ratings above the fewest."""
TAIL_OF_ITEMS = 0.36
"""The item of a rank is drawn by exp(-(1000 rank / n_items) ** this)."""

N_FACTORS = 8
MEAN, USER_DEVIATION, ITEM_DEVIATION, FACTOR_DEVIATION, NOISE = 3.5, 0.45, 0.5, 0.4, 0.72
FIRST, LAST, SESSION = 820_000_000, 1_570_000_000, 10_000_000
"""Seconds since 1970 between which users begin, and for how many seconds one goes on."""

USERS_A_TIME, ROWS_A_TIME = 4_096, 1 << 20
MOST_DRAWN = 0.05
"""The share of all items up to which a user's are drawn until they are different ones."""


@dataclass(frozen=True)
class Columns:
    """Ratings, by user and then by item, no pair twice.

    Attributes
    ----------
    user_idx, item_idx
        int32; every user has `FEWEST` ratings or more, every item one or more.
    ratings
        float32, 0.5 to 5 by 0.5.
    timestamps
        int64, seconds since 1970.
    """

    user_idx: np.ndarray
    item_idx: np.ndarray
    ratings: np.ndarray
    timestamps: np.ndarray

    def interactions(self) -> Interactions:
        """Give them as the library has them, under ids that are the indices; without timestamps."""
        return Interactions(
            self.user_idx,
            self.item_idx,
            self.ratings,
            None,
            Vocabulary(np.arange(self.user_idx.max() + 1), None, "user"),
            Vocabulary(np.arange(self.item_idx.max() + 1), None, "item"),
            {"user": "user", "item": "item", "rating": "rating", "timestamp": None},
        )


def generate(n_users: int, n_items: int, n_ratings: int, seed: int = 0) -> Columns:
    """Draw ratings; the same arguments give the same."""
    most = int(BUSIEST * n_items)
    if not max(FEWEST * n_users, 4 * n_items) <= n_ratings <= most * n_users // 2:
        raise ValueError(
            f"{n_ratings:,} ratings are too few or too many for {n_users:,} users and {n_items:,} items"
        )
    rng = np.random.default_rng(seed)
    counts = _counts(rng, n_users, n_ratings, most)
    weights = np.exp(-((np.arange(n_items) * 1000 / n_items) ** TAIL_OF_ITEMS))
    user_idx = np.repeat(np.arange(n_users, dtype=np.int32), counts)
    item_idx = _items(rng, counts, rng.permutation(weights / weights.sum()))
    item_idx = _with_all_items(rng, user_idx, item_idx, n_items)
    ratings = _ratings(rng, user_idx, item_idx, n_users, n_items)
    timestamps = rng.integers(FIRST, LAST, n_users)[user_idx] + rng.integers(0, SESSION, n_ratings)
    return Columns(user_idx, item_idx, ratings, timestamps)


def kept(n_users: int, n_items: int, n_ratings: int, seed: int = 0) -> Columns:
    """Read ratings from a temporary folder, where they are generated once for all processes."""
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    everywhere = Path(tempfile.gettempdir())
    folder = everywhere / f"recowidget-ratings-{n_users}-{n_items}-{n_ratings}-{seed}-{version}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=everywhere) as unfinished:
            finished = Path(unfinished) / "finished"
            finished.mkdir()
            columns = generate(n_users, n_items, n_ratings, seed)
            for field in fields(columns):
                np.save(finished / f"{field.name}.npy", getattr(columns, field.name))
            finished.rename(folder)
    return Columns(*(np.load(folder / f"{field.name}.npy") for field in fields(Columns)))


def _counts(rng: np.random.Generator, n_users: int, n_ratings: int, most: int) -> np.ndarray:
    """Give how many ratings each user has, shape (n_users,)."""
    tail = rng.lognormal(0, TAIL_OF_USERS, n_users)
    left, room = n_ratings - FEWEST * n_users, most - FEWEST
    scale = left / tail.sum()
    # What doesn't fit with the busiest goes to the others.
    while (short := left - np.minimum(scale * tail, room).sum()) > n_users:
        scale *= 1 + short / left
    more = np.minimum(scale * tail, room).astype(np.int64)
    while short := left - int(more.sum()):
        more[rng.permutation(np.flatnonzero(more < room))[:short]] += 1
    return FEWEST + more


def _items(rng: np.random.Generator, counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Draw each user's items by their shares, all different, shape (n_ratings,)."""
    n_items, edges = len(shares), np.cumsum(shares)[:-1]
    all_items = []
    for start in range(0, len(counts), USERS_A_TIME):
        wanted = counts[start : start + USERS_A_TIME]
        is_busy = wanted > MOST_DRAWN * n_items
        finished = [
            # By the least of exponential times: as one after the other, without those that are taken.
            user * n_items + np.argpartition(rng.exponential(1 / shares), wanted[user])[: wanted[user]]
            for user in np.flatnonzero(is_busy)
        ]
        missing = np.where(is_busy, 0, wanted)
        pairs = np.empty(0, np.int64)
        while missing.any():
            users = np.repeat(np.arange(len(wanted)), missing)
            drawn = np.searchsorted(edges, rng.random(len(users)), side="right")
            pairs = np.union1d(pairs, users * n_items + drawn)
            owners = pairs // n_items
            missing = np.where(missing > 0, wanted - np.bincount(owners, minlength=len(wanted)), 0)
            is_open = missing[owners] > 0
            finished.append(pairs[~is_open])
            pairs = pairs[is_open]
        all_items.append((np.sort(np.concatenate(finished)) % n_items).astype(np.int32))
    return np.concatenate(all_items)


def _with_all_items(
    rng: np.random.Generator, user_idx: np.ndarray, item_idx: np.ndarray, n_items: int
) -> np.ndarray:
    """Put items that nobody has in the place of some that many have."""
    while len(nobodys := np.flatnonzero((counts := np.bincount(item_idx, minlength=n_items)) == 0)):
        rows = rng.choice(np.flatnonzero((counts > counts.mean())[item_idx]), len(nobodys), replace=False)
        item_idx[rows] = nobodys
    pairs = user_idx * np.int64(n_items) + item_idx
    pairs.sort()
    return np.asarray(pairs % n_items, np.int32)


def _ratings(
    rng: np.random.Generator, user_idx: np.ndarray, item_idx: np.ndarray, n_users: int, n_items: int
) -> np.ndarray:
    """Give biases, factors and noise, rounded to half stars, shape (n_ratings,)."""
    user_bias, item_bias, user_factors, item_factors = (
        rng.standard_normal(shape, np.float32)
        for shape in (n_users, n_items, (n_users, N_FACTORS), (n_items, N_FACTORS))
    )
    ratings = np.empty(len(user_idx), np.float32)
    for start in range(0, len(ratings), ROWS_A_TIME):
        rows = slice(start, start + ROWS_A_TIME)
        u, i = user_idx[rows], item_idx[rows]
        ratings[rows] = (
            MEAN
            + USER_DEVIATION * user_bias[u]
            + ITEM_DEVIATION * item_bias[i]
            + FACTOR_DEVIATION / np.sqrt(N_FACTORS) * np.einsum("nk,nk->n", user_factors[u], item_factors[i])
            + NOISE * rng.standard_normal(len(u), np.float32)
        )
    return np.clip(np.round(2 * ratings) / 2, 0.5, 5.0)
