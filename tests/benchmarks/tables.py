"""Time things, and print what came of it."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from recowidget.engines.engine import Engine


def seconds(work: Callable[[], object], runs: int = 3) -> list[float]:
    """Call something several times; seconds of each call."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return taken


def seconds_of_epochs(engine: Engine, epochs: int) -> float:
    """Train from the start on, and nothing else; going back there counts, as an order may be drawn then."""
    started = time.perf_counter()
    engine.reset()
    for epoch in range(1, epochs + 1):
        engine.begin_epoch(epoch)
        engine.run(0, engine.n_batches)
    engine.scorer()
    return time.perf_counter() - started


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, with the least and the greatest."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def verdict(*, is_met: bool) -> str:
    """Say whether a bar is met."""
    return "met" if is_met else "not met"


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table as Markdown."""
    texts = [[str(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(len(row[k]) for row in texts) for k in range(len(columns))]
    print(f"\n## {title}\n")
    for number, row in enumerate(texts):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
