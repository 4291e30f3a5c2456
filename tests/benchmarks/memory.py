"""Resident memory as epochs go by: flat once the history keeps all that it may."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from recowidget.datasets import load_movielens
from recowidget.interactions import Interactions
from recowidget.run import Run
from recowidget.settings import Settings
from tests.benchmarks.processes import in_a_fresh_process, resident_memory
from tests.benchmarks.tables import print_table, verdict

if TYPE_CHECKING:
    from recowidget.history import History
    from recowidget.progress import Progress

EPOCHS = 1_000
ENGINES = ("sgd", "keras")
MOST_MORE, MOST_MIB = 0.05, 20.0
"""By so much memory may grow and be called flat: a share of what it was, and MiB."""


class MemoryWatch:
    """A watcher that notes memory at the end of each epoch, and when the history first lets go of states."""

    is_hungry = False

    def __init__(self, history: History) -> None:
        self._history = history
        self._kept = 0
        self.resident: dict[int, float] = {}
        self.bound: int | None = None
        """The epoch before."""

    def offer(self, progress: Progress) -> None:
        """Look at the memory."""
        if progress.batch or progress.epoch in self.resident:
            return
        kept = self._history.snapshot_bytes
        if self.bound is None and kept < self._kept:
            self.bound = progress.epoch - 1
        self._kept = kept
        self.resident[progress.epoch] = resident_memory()


def measure(engine: str, epochs: int) -> None:
    """Train in this process, and print the memory as JSON."""
    ratings, movies = load_movielens()
    run = Run(Interactions.from_frame(ratings, items=movies), Settings(model="biased_mf", engine=engine))
    watch = MemoryWatch(run.history)
    run.trainer.add_watcher(watch)
    run.train(epochs)
    run.wait()
    if watch.bound is None:
        raise SystemExit(f"{epochs} epochs didn't reach the history's bound")
    last = run.history.last_epoch
    after = [mib for epoch, mib in watch.resident.items() if epoch > watch.bound]
    print(
        json.dumps(
            {
                "first": watch.resident[1],
                "bound": watch.bound,
                "at_bound": watch.resident[watch.bound],
                "most": max(after),
                "last": last,
                "at_last": watch.resident[last],
            }
        )
    )


def is_flat(before: float, after: float) -> bool:
    """Whether memory grew by little."""
    return after - before < min(MOST_MORE * before, MOST_MIB)


def main(epochs: int = EPOCHS) -> None:
    """Print the table."""
    rows = []
    for engine in ENGINES:
        found = in_a_fresh_process("memory", engine, epochs)
        at_bound, most = found["at_bound"], found["most"]
        rows.append(
            [
                engine,
                f"{found['first']:.0f}",
                f"{at_bound:.0f} (epoch {found['bound']:,})",
                f"{found['at_last']:.0f} (epoch {found['last']:,})",
                f"{most:.0f}",
                f"{most - at_bound:+.1f} MiB, {100 * (most / at_bound - 1):+.1f}%",
                f"{MOST_MIB:g} MiB and {100 * MOST_MORE:g}% more",
                verdict(is_met=is_flat(at_bound, most)),
            ]
        )
    print_table(
        f"MiB resident in {epochs:,} epochs on MovieLens latest-small, biased_mf, a process each, once",
        (
            "engine",
            "epoch 1",
            "history's bound reached",
            "end",
            "most since the bound",
            "more than at the bound",
            "bar",
            "",
        ),
        rows,
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], int(sys.argv[2]))
    else:
        main()
