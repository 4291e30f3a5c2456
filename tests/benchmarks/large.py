"""Training on as many ratings as MovieLens 25M has, beside plain Keras: seconds, threads, memory."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from recowidget.backend import load_keras
from recowidget.engines.choice import Choice
from recowidget.engines.sgd import SGDEngine
from recowidget.models import biased_mf, initial_factors
from recowidget.run import Run
from recowidget.settings import Settings
from recowidget.split import Split
from tests.benchmarks.generated import MOVIELENS_25M, kept
from tests.benchmarks.processes import in_a_fresh_process, peak_memory
from tests.benchmarks.tables import print_table, seconds_of_epochs, spread, verdict

if TYPE_CHECKING:
    import keras

    from recowidget.interactions import Interactions

Size = tuple[int, int, int]
"""Users, items and ratings to train on."""

RUNS = 5
N_FACTORS = 30
STEPS = 64
"""Batches that ``fit`` does in one call."""
SMALL_BATCH, LARGE_BATCH = 1_024, 65_536
BARS = {SMALL_BATCH: 40.0, LARGE_BATCH: 3.0}
MEMORY_RUNS, MEMORY_STEPS = 3, 512
TEST_SHARE = 0.05
"""Of all ratings; there are as many more."""


@dataclass(frozen=True)
class Ratings:
    """What is trained on, for those who take columns."""

    user_idx: np.ndarray
    item_idx: np.ndarray
    ratings: np.ndarray


def split_of(size: Size) -> Split:
    """Draw as many ratings to train on as `size` says, of some more; without timestamps."""
    data = all_of(size)
    is_test = np.zeros(data.n_ratings, bool)
    is_test[np.random.default_rng(0).choice(len(is_test), len(is_test) - size[2], replace=False)] = True
    return Split(data, np.flatnonzero(~is_test), np.empty(0, np.intp), np.flatnonzero(is_test))


def all_of(size: Size) -> Interactions:
    """Read all ratings, which are generated where they aren't there yet."""
    n_users, n_items, n_train = size
    return kept(n_users, n_items, round(n_train / (1 - TEST_SHARE))).interactions()


def train_of(split: Split) -> Ratings:
    """Copy the train part."""
    data, rows = split.interactions, split.train
    return Ratings(data.user_idx[rows], data.item_idx[rows], data.ratings[rows])


def ours(split: Split) -> Run:
    """Build a run."""
    load_keras()
    settings = Settings(model="biased_mf", engine="sgd", n_factors=N_FACTORS, split=split)
    run = Run(split.interactions, settings)
    run.build()
    return run


def seconds_of_run(run: Run) -> float:
    """Train an epoch as a user does, who has its losses measured and its state kept."""
    before = float(run.history.frame()["seconds"].iloc[-1])
    run.train(1)
    run.wait()
    return float(run.history.frame()["seconds"].iloc[-1]) - before


def seconds_of_engine(run: Run) -> float:
    """Train an epoch and nothing else."""
    if run.trainer.engine is None:
        raise AssertionError("built without an engine")
    return seconds_of_epochs(run.trainer.engine, 1)


def plain(size: Size) -> keras.Model:
    """Build the same model, compiled with Adam."""
    keras = load_keras()
    model = biased_mf(size[0], size[1], n_factors=N_FACTORS, global_mean=3.5)
    model.compile(keras.optimizers.Adam(), "mean_squared_error", steps_per_execution=STEPS)
    return model


def seconds_of_fit(model: keras.Model, columns: Ratings, batch_size: int, n: int | None = None) -> float:
    """Train an epoch, of the first `n` ratings where that is given."""
    pairs, ratings = [columns.user_idx[:n], columns.item_idx[:n]], columns.ratings[:n]
    started = time.perf_counter()
    model.fit(pairs, ratings, batch_size=batch_size, epochs=1, verbose=0)
    return time.perf_counter() - started


def compiling(model: keras.Model, columns: Ratings, batch_size: int) -> None:
    """Have ``fit`` see whole batches, and the last, which has fewer ratings."""
    n = len(columns.ratings)
    seconds_of_fit(model, columns, batch_size, min(2 * STEPS * batch_size + n % batch_size, n))


def print_seconds(size: Size) -> None:
    """Print seconds an epoch."""
    split = split_of(size)
    columns = train_of(split)
    run, model = ours(split), plain(size)
    for warm in (seconds_of_engine, seconds_of_run):
        warm(run)
    times: dict[object, list[float]] = {"engine": [], "run": [], SMALL_BATCH: [], LARGE_BATCH: []}
    compiling(model, columns, LARGE_BATCH)
    for _ in range(RUNS):
        times["engine"].append(seconds_of_engine(run))
        times[LARGE_BATCH].append(seconds_of_fit(model, columns, LARGE_BATCH))
        times["run"].append(seconds_of_run(run))
    compiling(model, columns, SMALL_BATCH)
    times[SMALL_BATCH].append(seconds_of_fit(model, columns, SMALL_BATCH))
    rows = []
    for batch_size, bar in BARS.items():
        theirs = times[batch_size]
        ratios = [median(theirs) / median(times[name]) for name in ("engine", "run")]
        rows.append(
            [
                f"{batch_size:,}",
                spread(theirs) if len(theirs) > 1 else f"{theirs[0]:.2f} (one run)",
                spread(times["engine"]),
                f"{ratios[0]:.1f}",
                spread(times["run"]),
                f"{ratios[1]:.1f}",
                f"{bar:g}",
                verdict(is_met=min(ratios) >= bar),
            ]
        )
    n_users, n_items, n_ratings = size
    print_table(
        f"Seconds an epoch of {n_ratings:,} ratings of {n_items:,} items by {n_users:,} users, biased_mf "
        f"with {N_FACTORS} factors, beside fit with Adam and {STEPS} steps a call, {RUNS} runs in turns; fit "
        f"at batch {SMALL_BATCH:,} once, after the others",
        ("batch of fit", "fit", "engine sgd", "ratio", "with both losses measured", "ratio", "bar", ""),
        rows,
    )


def print_threads(size: Size) -> None:
    """Print what a second thread brings."""
    load_keras()
    columns = train_of(split_of(size))
    n_users, n_items, n_ratings = size
    settings = Settings(model="biased_mf", engine="sgd", n_factors=N_FACTORS).resolved(n_ratings)
    mean = float(columns.ratings.mean(dtype=np.float64))
    start = initial_factors("biased_mf", n_users, n_items, n_factors=N_FACTORS, seed=0, global_mean=mean)
    one, two = (
        SGDEngine(
            start,
            columns.user_idx,
            columns.item_idx,
            columns.ratings,
            batch_size=settings.batch_size or 1,
            seed=0,
            learning_rate=settings.learning_rate or 0.0,
            regularization=settings.regularization or 0.0,
            choice=Choice("sgd", "as asked"),
            n_threads=n_threads,
        )
        for n_threads in (1, 2)
    )
    for engine in (one, two):
        seconds_of_epochs(engine, 1)
    pairs = [(seconds_of_epochs(one, 1), seconds_of_epochs(two, 1)) for _ in range(RUNS)]
    with_one, with_two = ([pair[k] for pair in pairs] for k in (0, 1))
    ratio = median(with_one) / median(with_two)
    print_table(
        f"Seconds an epoch of {n_ratings:,} ratings, engine sgd, {RUNS} runs in turns",
        ("one thread", "two threads", "ratio", "bar", ""),
        [[spread(with_one), spread(with_two), f"{ratio:.2f}", "1.4", verdict(is_met=ratio >= 1.4)]],
    )


def measure_memory(whose: str, size: Size) -> None:
    """Train two epochs in this process, and print its peak memory in MiB."""
    if whose == "ours":
        run = ours(split_of(size))
        run.train(2)
        run.wait()
    else:
        columns = train_of(split_of(size))
        model, batch_size = plain(size), int(whose)
        for _ in range(2):
            model.fit(
                [columns.user_idx, columns.item_idx],
                columns.ratings,
                batch_size=batch_size,
                steps_per_epoch=min(MEMORY_STEPS, -(-len(columns.ratings) // batch_size)),
                verbose=0,
            )
    print(json.dumps(peak_memory()))


def print_memory(size: Size) -> None:
    """Print the peak memory of both."""
    peaks: dict[object, list[float]] = {"ours": [], **{batch_size: [] for batch_size in BARS}}
    for _ in range(MEMORY_RUNS):
        for whose, found in peaks.items():
            found.append(in_a_fresh_process("large", "memory", whose, *size))
    rows = []
    for batch_size in BARS:
        ratio = median(peaks["ours"]) / median(peaks[batch_size])
        rows.append(
            [
                f"{batch_size:,}",
                spread(peaks["ours"], 0),
                spread(peaks[batch_size], 0),
                f"{ratio:.2f}",
                "at most 1",
                verdict(is_met=ratio <= 1),
            ]
        )
    print_table(
        f"Peak memory of a process that trains on {size[2]:,} ratings, MiB, "
        f"{MEMORY_RUNS} processes each in turns (recowidget two epochs, with a test part beside of "
        f"{TEST_SHARE:.0%} of all; fit twice at most {MEMORY_STEPS} batches, all ratings shuffled)",
        ("batch of fit", "recowidget", "fit", "ratio", "bar", ""),
        rows,
    )


def main(size: Size = MOVIELENS_25M) -> None:
    """Print the tables."""
    all_of(size)
    for part in (print_memory, print_threads, print_seconds):
        part(size)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["memory", whose, *numbers]:
            measure_memory(whose, (int(numbers[0]), int(numbers[1]), int(numbers[2])))
        case _:
            main()
