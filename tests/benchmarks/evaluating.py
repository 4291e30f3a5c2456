"""Full-catalogue evaluation: time, and memory above what was there before."""

from __future__ import annotations

import resource
import subprocess
import sys

from recowidget.evaluation import evaluate
from recowidget.splits import random_split
from tests.benchmarks.data import drawn, drawn_factors
from tests.benchmarks.tables import print_table, seconds, spread

SIZES = ((943, 1_682, 100_000), (610, 9_724, 100_836), (100_000, 10_000, 2_000_000))
MIB = 1024


def measure(n_users: int, n_items: int, n_ratings: int) -> str:
    """One line of the table."""
    split = random_split(drawn(n_users, n_items, n_ratings))
    factors = drawn_factors(n_users, n_items)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken = seconds(lambda: evaluate(factors, split, k=10))
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / MIB
    return f"{spread(taken)}|{more:.0f}"


def main() -> None:
    rows = []
    for size in SIZES:
        # A process for each: the most memory that was ever used can't be reset.
        command = [sys.executable, "-m", "tests.benchmarks.evaluating", *map(str, size)]
        line = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        rows.append((*(f"{number:,}" for number in size), *line.split("|")))
    columns = ("users", "items", "ratings", "seconds", "MiB more")
    title = "All metrics at 10, every item ranked for every user, three runs each, one after the other"
    print_table(title, columns, rows)


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:]))) if len(sys.argv) > 1 else main()
