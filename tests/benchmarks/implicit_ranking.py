"""Implicit feedback: ranking and time of ALS, beside implicit and EASE, on u1 of MovieLens 100K."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import product
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.backend import load_keras
from recowidget.run import Run
from recowidget.settings import Settings
from recowidget.splits import predefined_split
from tests.benchmarks.movielens import Fold, fold
from tests.benchmarks.tables import print_table, spread, verdict

if TYPE_CHECKING:
    from recowidget.engines.engine import Engine

RUNS = 5
LIKED = 4
TOP = 10
ALPHAS = 1.0, 2.0, 3.0, 5.0, 10.0
REGULARIZATIONS = 1.0, 5.0, 10.0, 20.0, 30.0
PENALTIES = 50, 100, 200, 400, 800, 1600
"""Of EASE."""
THREADS = 1, 2, 0
"""Of implicit; 0 is as many as there are processors."""


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


class Implicit:
    """implicit's ALS on the positives of a fold, its BLAS pinned to one thread."""

    def __init__(self, one: Fold, n_factors: int, epochs: int) -> None:
        from scipy import sparse

        users, items = positives(one, "train")
        shape = one.interactions.n_users, one.interactions.n_items
        self._fold = one
        self._matrix = sparse.csr_matrix((np.ones(len(users), np.float32), (users, items)), shape=shape)
        self._settings = {"factors": n_factors, "iterations": epochs, "random_state": 0}

    def fit(self, *, num_threads: int, alpha: float, regularization: float) -> tuple[Any, float, float]:
        """Train; the model, seconds from the matrix on, and those of the iterations alone."""
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits

        iterations: list[float] = []
        with threadpool_limits(1, "blas"):
            started = time.perf_counter()
            model = AlternatingLeastSquares(
                num_threads=num_threads, alpha=alpha, regularization=regularization, **self._settings
            )
            model.fit(
                self._matrix,
                show_progress=False,
                callback=lambda _number, seconds, _loss: iterations.append(seconds),
            )
            return model, time.perf_counter() - started, sum(iterations)

    def ndcg(self, **settings: Any) -> float:
        """NDCG at 10 of a model."""
        model, *_ = self.fit(**settings)
        return ndcg(self._fold, model.user_factors @ model.item_factors.T)

    def best(self) -> tuple[dict[str, Any], float]:
        """Settings of the best NDCG on the test part, and that."""
        tried = [
            {"alpha": alpha, "regularization": regularization}
            for alpha, regularization in product(ALPHAS, REGULARIZATIONS)
        ]
        found = [self.ndcg(num_threads=1, **settings) for settings in tried]
        best = int(np.argmax(found))
        return tried[best], found[best]


class Ours:
    """`implicit_mf` with its defaults on the same."""

    def __init__(self, one: Fold) -> None:
        self._fold = one
        self._run = run_of(one)
        self.n_factors = int(self._run.settings.n_factors or 1)
        self.epochs = int(self._run.settings.epochs or 1)

    def fit(self) -> tuple[Engine, float, float]:
        """Train; the engine, seconds from the columns on, and those of the iterations alone."""
        started = time.perf_counter()
        engine = self._run._make_own_engine()
        begun = time.perf_counter()
        for epoch in range(1, self.epochs + 1):
            engine.begin_epoch(epoch)
            engine.run(0, engine.n_batches)
        finished = time.perf_counter()
        return engine, finished - started, finished - begun

    def ndcg(self) -> float:
        """NDCG at 10."""
        data = self._fold.interactions
        engine, *_ = self.fit()
        return ndcg(
            self._fold, engine.scorer().predict_block(np.arange(data.n_users), np.arange(data.n_items))
        )


def main() -> None:
    """Print the tables."""
    load_keras()
    one = fold(1)
    ours = Ours(one)
    implicit = Implicit(one, ours.n_factors, ours.epochs)
    settings, other = implicit.best()
    print_ranking(ours.ndcg(), other, settings, max(ndcg(one, ease(one, penalty)) for penalty in PENALTIES))
    print_seconds(ours, implicit, settings)


def print_ranking(mine: float, other: float, settings: dict[str, Any], shallow: float) -> None:
    """Print how good each is."""
    best = max(other, shallow)
    best_of = f"the best of alpha {listed(ALPHAS)} and regularization {listed(REGULARIZATIONS)}"
    print_table(
        f"NDCG@10 on u1 of MovieLens 100K, ratings of 4 and over; ours with its defaults, the others at "
        f"their best on the test part (implicit: {best_of})",
        ("ours", f"implicit ALS, {in_words(settings)}", "EASE", "bar", ""),
        [
            [
                *(f"{value:.4f}" for value in (mine, other, shallow)),
                ".45, and within .015 of the better",
                verdict(is_met=mine >= 0.45 and mine >= best - 0.015),
            ],
        ],
    )


def print_seconds(ours: Ours, implicit: Implicit, settings: dict[str, Any]) -> None:
    """Print how long each takes."""
    times: dict[object, list[tuple[float, float]]] = {"ours": [], **{threads: [] for threads in THREADS}}
    for number in range(RUNS + 1):
        for name, found in times.items():
            taken = ours.fit() if name == "ours" else implicit.fit(num_threads=int(str(name)), **settings)
            if number:
                found.append(taken[1:])
    rows = []
    for column, what in enumerate(("with set-up", "iterations alone")):
        mine = [1000 * taken[column] for taken in times["ours"]]
        theirs = {threads: [1000 * taken[column] for taken in times[threads]] for threads in THREADS}
        ratio = median(mine) / min(median(taken) for taken in theirs.values())
        met = verdict(is_met=ratio <= 3)
        others = (spread(taken, 1) for taken in theirs.values())
        rows.append([what, spread(mine, 1), *others, f"{ratio:.1f}", "at most 3", met])
    print_table(
        f"Milliseconds of {ours.epochs} iterations of the same, {ours.n_factors} factors, {RUNS} runs in "
        "turns after one that isn't counted; the ratio is to implicit's best number of threads, its BLAS is "
        "pinned to one",
        ("", "ours", *(f"implicit, num_threads={threads}" for threads in THREADS), "ratio", "bar", ""),
        rows,
    )


def listed(values: tuple[float, ...]) -> str:
    """Give numbers in a line."""
    return ", ".join(f"{value:g}" for value in values)


def in_words(settings: dict[str, Any]) -> str:
    """Give settings in a line."""
    return ", ".join(f"{name} {value:g}" for name, value in settings.items())


if __name__ == "__main__":
    main()
