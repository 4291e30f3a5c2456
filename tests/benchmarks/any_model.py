"""Seconds an epoch of the engine for any Keras model, beside its own fit."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recowidget.backend import load_keras
from recowidget.interactions import Interactions
from recowidget.models import biased_mf
from recowidget.run import Run
from recowidget.settings import Settings
from recowidget.splits import random_split
from tests.benchmarks.movielens import FOLDER, fold
from tests.benchmarks.tables import print_table, seconds_of_epochs, spread

if TYPE_CHECKING:
    import keras

RUNS = 5
STEPS = (1, 16, 64)
N_FACTORS = 20
USERS = (1, 2, 6, 7, 8, 10, 12, 13, 14, 16)
FILMS = (1, 50, 71, 82, 95, 176)
BARS = {1: 50.0, 64: 1.7, 256: 3.0, 1024: 3.0}


def of_movielens() -> tuple[Interactions, tuple[np.ndarray, ...]]:
    """u1 of MovieLens 100K."""
    one = fold(1)
    return one.interactions, one.train


def of_workshop() -> tuple[Interactions, tuple[np.ndarray, ...]]:
    """The 37 ratings of the workshop, 22 of them to train on."""
    ratings = pd.read_csv(FOLDER.parent / "workshop" / "ratings.csv")
    few = Interactions.from_frame(ratings[ratings.user_id.isin(USERS) & ratings.movie_id.isin(FILMS)])
    rows = random_split(few, (0.6, 0.4)).train
    return few, (few.user_idx[rows], few.item_idx[rows], few.ratings[rows])


def model_of(data: Interactions, steps_per_execution: int = 1) -> keras.Model:
    """A biased matrix factorisation, compiled with Adam."""
    keras = load_keras()
    model = biased_mf(data.n_users, data.n_items, n_factors=N_FACTORS, global_mean=3.5)
    model.compile("adam", "mean_squared_error", steps_per_execution=steps_per_execution)
    keras.utils.set_random_seed(0)
    return model


def seconds_of_fit(
    data: Interactions, train: tuple[np.ndarray, ...], batch_size: int, epochs: int
) -> tuple[list[float], int]:
    """Seconds an epoch of ``fit`` with its best number of steps a call."""
    users, items, ratings = train
    best: tuple[list[float], int] = ([np.inf], 0)
    for steps in STEPS:
        if steps * batch_size > len(users):
            continue
        model = model_of(data, steps)
        model.fit([users, items], ratings, batch_size=batch_size, epochs=1, verbose=0)
        times = []
        for _ in range(RUNS):
            started = time.perf_counter()
            model.fit([users, items], ratings, batch_size=batch_size, epochs=epochs, verbose=0)
            times.append((time.perf_counter() - started) / epochs)
        if median(times) < median(best[0]):
            best = (times, steps)
    return best


def seconds_of_engine(
    data: Interactions, train: tuple[np.ndarray, ...], batch_size: int, epochs: int
) -> list[float]:
    """Seconds an epoch of the engine, from the start of a run on; it compiles before."""
    run = Run(data, Settings(model=model_of(data), batch_size=batch_size, split=_train_only(data, train)))
    run.build()
    engine = run.trainer.engine
    if engine is None:
        raise AssertionError("built without an engine")

    seconds_of_epochs(engine, max(2, -(-1100 // engine.n_batches)))
    return [seconds_of_epochs(engine, epochs) / epochs for _ in range(RUNS)]


def _train_only(data: Interactions, train: tuple[np.ndarray, ...]) -> object:
    from recowidget.splits import predefined_split

    keys = set(zip(train[0].tolist(), train[1].tolist(), strict=True))
    is_test = [pair not in keys for pair in zip(data.user_idx.tolist(), data.item_idx.tolist(), strict=True)]
    return predefined_split(data, np.array(is_test))


def main() -> None:
    """Print the table."""
    rows = []
    for batch_size, bar in BARS.items():
        data, train = of_workshop() if batch_size == 1 else of_movielens()
        epochs = {1: 200, 64: 3, 256: 10, 1024: 20}[batch_size]
        ours = seconds_of_engine(data, train, batch_size, epochs)
        theirs, steps = seconds_of_fit(data, train, batch_size, min(epochs, 20))
        ratio = median(theirs) / median(ours)
        rows.append(
            [
                f"{len(train[0]):,}",
                batch_size,
                epochs,
                spread([1000 * one for one in ours], 1),
                spread([1000 * one for one in theirs], 1),
                steps,
                f"{ratio:.1f}",
                bar,
                "met" if ratio >= bar else "not met",
            ]
        )
    print_table(
        f"Milliseconds an epoch of a Keras model (biased_mf, {N_FACTORS} factors, Adam)",
        ("ratings", "batch", "epochs a run", "engine keras", "fit", "its steps a call", "ratio", "bar", ""),
        rows,
    )


if __name__ == "__main__":
    main()
