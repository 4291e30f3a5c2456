"""Seconds an epoch of the engine for any Keras model, beside its own fit."""

from __future__ import annotations

import math
import time
from itertools import product
from statistics import median
from typing import TYPE_CHECKING

import pandas as pd

from recowidget.backend import load_keras
from recowidget.interactions import Interactions
from recowidget.models import MODELS
from recowidget.run import Run
from recowidget.settings import Settings
from recowidget.splits import random_split
from tests.benchmarks.movielens import FOLDER, fold
from tests.benchmarks.tables import print_table, seconds_of_epochs, spread, verdict

if TYPE_CHECKING:
    import keras
    import numpy as np

    from recowidget.engines.engine import Engine
    from recowidget.split import Split

RUNS, TRIES = 5, 3
STEPS = (1, 16, 64)
N_FACTORS = 20
USERS = (1, 2, 6, 7, 8, 10, 12, 13, 14, 16)
FILMS = (1, 50, 71, 82, 95, 176)
BARS = {1: 50.0, 64: 1.7, 256: 3.0, 1024: 3.0}
EPOCHS = {1: 200, 64: 3, 256: 10, 1024: 20}
"""Of a run, by the batch size."""
LONG_MODELS, LONG_BATCHES = ("biased_mf", "deep_mf"), (256, 1024)
LONG_SECONDS, FEWEST_SECONDS = 6.5, 5.0
"""Aimed length of a long run of ``fit``, and what the shortest must have."""


def of_movielens() -> tuple[Interactions, Split]:
    """u1 of MovieLens 100K."""
    one = fold(1)
    return one.interactions, one.split


def of_workshop() -> tuple[Interactions, Split]:
    """The 37 ratings of the workshop, 22 of them to train on."""
    ratings = pd.read_csv(FOLDER.parent / "workshop" / "ratings.csv")
    few = Interactions.from_frame(ratings[ratings.user_id.isin(USERS) & ratings.movie_id.isin(FILMS)])
    return few, random_split(few, (0.6, 0.4))


def train_of(data: Interactions, split: Split) -> tuple[np.ndarray, ...]:
    """Users, items and ratings of the train part."""
    return tuple(column[split.train] for column in (data.user_idx, data.item_idx, data.ratings))


def model_of(data: Interactions, name: str = "biased_mf", steps_per_execution: int = 1) -> keras.Model:
    """Build a model, and compile it with Adam."""
    keras = load_keras()
    keras.utils.set_random_seed(0)
    model = MODELS[name].build(data.n_users, data.n_items, n_factors=N_FACTORS, global_mean=3.5)
    model.compile("adam", "mean_squared_error", steps_per_execution=steps_per_execution)
    return model


def seconds_of_fit(model: keras.Model, train: tuple[np.ndarray, ...], batch_size: int, epochs: int) -> float:
    """Train by one call of ``fit``."""
    users, items, ratings = train
    started = time.perf_counter()
    model.fit([users, items], ratings, batch_size=batch_size, epochs=epochs, verbose=0)
    return time.perf_counter() - started


def best_of_fit(
    data: Interactions, train: tuple[np.ndarray, ...], name: str, batch_size: int
) -> tuple[int, keras.Model, float]:
    """Give the number of steps a call that ``fit`` is best at, its model, compiled, and seconds an epoch."""
    epochs = 50 if batch_size == 1 else 3
    found = []
    for steps in STEPS:
        if steps * batch_size > len(train[0]):
            continue
        model = model_of(data, name, steps)
        seconds_of_fit(model, train, batch_size, 1)
        times = [seconds_of_fit(model, train, batch_size, epochs) / epochs for _ in range(TRIES)]
        found.append((steps, model, median(times)))
    return min(found, key=lambda one: one[2])


def engine_of(data: Interactions, split: Split, batch_size: int) -> Engine:
    """Build an engine that has compiled what it needs."""
    run = Run(data, Settings(model=model_of(data), batch_size=batch_size, split=split))
    run.build()
    engine = run.trainer.engine
    if engine is None:
        raise AssertionError("built without an engine")
    seconds_of_epochs(engine, max(2, -(-1100 // engine.n_batches)))
    return engine


def print_epochs() -> None:
    """Print milliseconds an epoch, compiled."""
    rows = []
    for batch_size, bar in BARS.items():
        data, split = of_workshop() if batch_size == 1 else of_movielens()
        train = train_of(data, split)
        epochs = EPOCHS[batch_size]
        engine = engine_of(data, split, batch_size)
        steps, model, _ = best_of_fit(data, train, "biased_mf", batch_size)
        pairs = [
            (seconds_of_epochs(engine, epochs), seconds_of_fit(model, train, batch_size, epochs))
            for _ in range(RUNS)
        ]
        ours, theirs = ([1000 * pair[k] / epochs for pair in pairs] for k in (0, 1))
        ratio = median(theirs) / median(ours)
        met = verdict(is_met=ratio >= bar)
        taken = spread(ours, 1), spread(theirs, 1)
        rows.append([f"{len(split.train):,}", batch_size, epochs, *taken, steps, f"{ratio:.1f}", bar, met])
    print_table(
        f"Milliseconds an epoch of a Keras model (biased_mf, {N_FACTORS} factors, Adam), compiled, {RUNS} "
        "runs in turns",
        ("ratings", "batch", "epochs a run", "engine keras", "fit", "its steps a call", "ratio", "bar", ""),
        rows,
    )


def print_long_runs() -> None:
    """Print seconds of runs that take some, from the model's building on."""
    data, split = of_movielens()
    train = train_of(data, split)
    rows = []
    for name, batch_size in product(LONG_MODELS, LONG_BATCHES):
        steps, _, an_epoch = best_of_fit(data, train, name, batch_size)
        epochs = math.ceil(LONG_SECONDS / an_epoch)

        def ours(name: str = name, batch_size: int = batch_size, epochs: int = epochs) -> float:
            started = time.perf_counter()
            run = Run(data, Settings(model=model_of(data, name), batch_size=batch_size, split=split))
            run.train(epochs)
            run.wait()
            seconds = time.perf_counter() - started
            if run.engine.name != "keras":
                raise AssertionError(f"trained by {run.engine}")
            run.trainer.close()
            return seconds

        def theirs(
            name: str = name, batch_size: int = batch_size, epochs: int = epochs, steps: int = steps
        ) -> float:
            started = time.perf_counter()
            seconds_of_fit(model_of(data, name, steps), train, batch_size, epochs)
            return time.perf_counter() - started

        pairs = [(ours(), theirs()) for _ in range(RUNS)]
        mine, others = ([pair[k] for pair in pairs] for k in (0, 1))
        ratio = median(others) / median(mine)
        is_long = min(others) >= FEWEST_SECONDS
        met = verdict(is_met=ratio >= 1) if is_long else "runs too short to tell"
        taken = spread(mine), spread(others)
        rows.append([name, batch_size, epochs, *taken, steps, f"{ratio:.2f}", "never slower", met])
    print_table(
        f"Seconds of a run on u1 of MovieLens 100K, building and compiling included ({N_FACTORS} factors, "
        f"Adam), {RUNS} runs in turns; ours measures the losses of both parts after each epoch, fit none",
        ("model", "batch", "epochs", "Run", "fit", "its steps a call", "ratio", "bar", ""),
        rows,
    )


def main() -> None:
    """Print the tables."""
    print_epochs()
    print_long_runs()


if __name__ == "__main__":
    main()
