"""Implicit feedback: ranking and time of ALS, beside implicit and EASE, on u1 of MovieLens 100K."""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np

from recowidget.backend import load_keras
from recowidget.run import Run
from recowidget.settings import Settings
from recowidget.splits import predefined_split
from tests.benchmarks.movielens import Fold, fold
from tests.benchmarks.tables import print_table, spread

RUNS = 5
LIKED = 4
TOP = 10


def positives(one: Fold, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Users and items of the ratings of 4 and over."""
    users, items, ratings = getattr(one, part)
    return users[ratings >= LIKED], items[ratings >= LIKED]


def ndcg(one: Fold, scores: np.ndarray) -> float:
    """NDCG at 10 over all items but those of the user's train part, of users with a positive in the test."""
    scores = scores.astype(np.float64).copy()
    scores[one.train[0], one.train[1]] = -np.inf
    top = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
    relevant = np.zeros(scores.shape, bool)
    relevant[positives(one, "test")] = True
    discounts = 1 / np.log2(np.arange(TOP) + 2)
    gained = (np.take_along_axis(relevant, top, 1) * discounts).sum(1)
    counts = relevant.sum(1)
    ideal = np.cumsum(discounts)[np.minimum(np.maximum(counts, 1), TOP) - 1]
    return float((gained / ideal)[counts > 0].mean())


def run_of(one: Fold) -> Run:
    """A run on the positives, with the defaults."""
    liked = np.flatnonzero(one.interactions.ratings >= LIKED)
    data = one.interactions.take(liked)
    clicks = replace(data, ratings=np.ones_like(data.ratings), columns=data.columns | {"rating": None})
    return Run(clicks, Settings(split=predefined_split(clicks, np.isin(liked, one.split.test))))


def ease(one: Fold, penalty: float) -> np.ndarray:
    """Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019."""
    data = one.interactions
    taken = np.zeros((data.n_users, data.n_items))
    taken[positives(one, "train")] = 1
    gram = taken.T @ taken
    gram[np.diag_indices(len(gram))] += penalty
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return np.asarray(taken @ weights)


def of_implicit(one: Fold, n_factors: int, epochs: int) -> tuple[float, Any]:
    """Seconds an iteration of implicit's ALS on one thread, and its model."""
    from implicit.als import AlternatingLeastSquares
    from scipy import sparse
    from threadpoolctl import threadpool_limits

    users, items = positives(one, "train")
    shape = one.interactions.n_users, one.interactions.n_items
    matrix = sparse.csr_matrix((np.ones(len(users), np.float32), (users, items)), shape=shape)
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=n_factors,
            alpha=3.0,
            regularization=10.0,
            iterations=epochs,
            random_state=0,
            num_threads=1,
        )
        started = time.perf_counter()
        model.fit(matrix, show_progress=False)
        return (time.perf_counter() - started) / epochs, model


def main() -> None:
    """Print the table."""
    load_keras()
    one = fold(1)
    run = run_of(one)
    run.build()
    engine = run.trainer.engine
    if engine is None:
        raise AssertionError("built without an engine")
    n_factors, epochs = int(run.settings.n_factors or 1), int(run.settings.epochs or 1)
    ours, theirs = [], []
    model: Any = None
    for _ in range(RUNS + 1):
        engine.reset()
        started = time.perf_counter()
        for _epoch in range(epochs):
            engine.run(0, 2)
        ours.append((time.perf_counter() - started) / epochs)
        seconds, model = of_implicit(one, n_factors, epochs)
        theirs.append(seconds)
    ours, theirs = ours[1:], theirs[1:]
    everything = np.arange(one.interactions.n_users), np.arange(one.interactions.n_items)
    mine = ndcg(one, engine.scorer().predict_block(*everything))
    other = ndcg(one, model.user_factors @ model.item_factors.T)
    shallow = max(ndcg(one, ease(one, penalty)) for penalty in (100, 200, 400, 800))
    best = max(other, shallow)
    ratio = median(ours) / median(theirs)
    print_table(
        f"NDCG@10 on u1 of MovieLens 100K, ratings of 4 and over, {n_factors} factors",
        ("", "ours", "implicit ALS", "EASE at its best", "bar", ""),
        [
            [
                "NDCG@10",
                f"{mine:.4f}",
                f"{other:.4f}",
                f"{shallow:.4f}",
                ".45, and within .015 of the better",
                "met" if mine >= 0.45 and mine >= best - 0.015 else "not met",
            ],
            [
                "milliseconds an iteration",
                spread([1000 * one for one in ours], 1),
                spread([1000 * one for one in theirs], 1),
                "",
                f"ratio {ratio:.1f}, at most 3",
                "met" if ratio <= 3 else "not met",
            ],
        ],
    )


if __name__ == "__main__":
    main()
