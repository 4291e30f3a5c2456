"""Alternating least squares for ratings, beside cmfrec, on u1 of MovieLens 100K."""

from __future__ import annotations

import os
import time
from statistics import median
from typing import TYPE_CHECKING

from recowidget.backend import load_keras
from recowidget.run import Run
from recowidget.settings import Settings
from tests.benchmarks.movielens import Fold, fold
from tests.benchmarks.peers import CMF
from tests.benchmarks.tables import print_table, spread

if TYPE_CHECKING:
    from recowidget.scoring import LearnedScorer

RUNS = 5
REGULARIZATIONS = 0.08, 0.1, 0.12, 0.15, 0.2
"""Of cmfrec, of which the best counts."""


class Ours:
    """`biased_mf` by the engine "als" with its defaults."""

    def __init__(self, one: Fold) -> None:
        self._run = Run(one.interactions, Settings(model="biased_mf", engine="als", split=one.split))
        settings = self._run.settings
        self.n_factors, self.epochs = int(settings.n_factors or 1), int(settings.epochs or 1)
        self.regularization = float(settings.regularization or 0.0)

    def fit(self) -> tuple[float, LearnedScorer]:
        """Train; seconds from the columns on, and what was learned."""
        started = time.perf_counter()
        engine = self._run._make_own_engine()
        for epoch in range(1, self.epochs + 1):
            engine.begin_epoch(epoch)
            engine.run(0, engine.n_batches)
        scorer = engine.scorer()
        return time.perf_counter() - started, scorer


def main() -> None:
    """Print the table."""
    load_keras()
    one = fold(1)
    ours, cmf = Ours(one), CMF(one)
    size = {"n_factors": ours.n_factors, "epochs": ours.epochs}

    def rmse(scorer: LearnedScorer) -> float:
        return one.test_rmse(scorer.predict(*one.test[:2]))

    def theirs(regularization: float, *, is_exact: bool) -> tuple[float, LearnedScorer]:
        settings = {"use_cg": not is_exact, "finalize_chol": False}
        return cmf.fit(**size, regularization=regularization, **settings)

    best = min(REGULARIZATIONS, key=lambda one: rmse(theirs(one, is_exact=True)[1]))
    ways = {
        f"ours, regularization {ours.regularization:g}": ours.fit,
        f"cmfrec, {ours.regularization:g}": lambda: theirs(ours.regularization, is_exact=True),
        f"cmfrec at its best, {best:g}": lambda: theirs(best, is_exact=True),
        f"cmfrec at its best, {best:g}, conjugate gradients": lambda: theirs(best, is_exact=False),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for fit in ways.values():
        fit()
    for _ in range(RUNS):
        for way, fit in ways.items():
            times[way].append(fit()[0])
    mine = median(next(iter(times.values())))
    print_table(
        f"ALS for ratings on u1 of MovieLens 100K, {ours.n_factors} factors and biases, {ours.epochs} "
        f"iterations, set-up included, {RUNS} runs in turns, {os.cpu_count()} threads; cmfrec at its best of "
        f"regularization {', '.join(map(str, REGULARIZATIONS))} on the test part",
        ("", "test RMSE", "milliseconds", "over ours"),
        [
            [
                way,
                f"{rmse(fit()[1]):.4f}",
                spread([1000 * seconds for seconds in times[way]], 1),
                f"{median(times[way]) / mine:.2f}",
            ]
            for way, fit in ways.items()
        ],
    )


if __name__ == "__main__":
    main()
