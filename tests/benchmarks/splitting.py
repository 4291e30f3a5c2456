"""Splits of as many ratings as MovieLens 25M has."""

from __future__ import annotations

import numpy as np

from recowidget import splits
from tests.benchmarks.data import drawn
from tests.benchmarks.tables import print_table, seconds, spread

USERS, ITEMS, RATINGS = 162_541, 59_047, 25_000_095


def main() -> None:
    ratings = drawn(USERS, ITEMS, RATINGS)
    held_out = np.random.default_rng(0).random(RATINGS) < 0.2
    ways = {
        "random": lambda: splits.random_split(ratings),
        "stratified by user": lambda: splits.stratified_split(ratings),
        "stratified by item, 3 shares": lambda: splits.stratified_split(ratings, (0.7, 0.1, 0.2), by="item"),
        "chronological by user": lambda: splits.chronological_split(ratings),
        "chronological, global": lambda: splits.chronological_split(ratings, by="global"),
        "leave one out, last": lambda: splits.leave_one_out(ratings),
        "leave one out, random": lambda: splits.leave_one_out(ratings, "random"),
        "5 folds": lambda: splits.k_fold(ratings),
        "predefined, a mask": lambda: splits.predefined_split(ratings, held_out),
    }
    print_table(
        f"Splits of {RATINGS:,} ratings, three runs each, one after the other",
        ("split", "seconds"),
        [(name, spread(seconds(split), 1)) for name, split in ways.items()],
    )


if __name__ == "__main__":
    main()
