"""What watching costs: seconds from Play to the first point, and how much longer a fit takes if shown."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from recowidget.backend import load_keras
from recowidget.datasets import load_movielens
from recowidget.widgets.explorer import MFExplorer
from tests.benchmarks.processes import in_a_fresh_process
from tests.benchmarks.tables import print_table, spread, verdict
from tests.browser.chromium import VIEWPORT, chromium
from tests.browser.jupyter import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from recowidget.progress import Progress
    from tests.browser.jupyter import Notebook

RUNS = 5
MODELS = ("explicit_mf", "biased_mf", "nonnegative_mf", "bayesian_mf", "implicit_mf")
ENGINES = ("sgd", "keras")
SECONDS, FEWEST_SECONDS = 10.0, 5.0
"""Aimed length of a fit, and what the shortest must have."""
REST_MS = 1_000
"""Between two fits, for the browser to clear away the view before."""

CELLS = (
    f"""
import json, math, time
import recowidget as rw
from recowidget.backend import load_keras
load_keras()
ratings, movies = rw.datasets.load_movielens()

def build():
    global ex
    ex = rw.MFExplorer(ratings, items=movies, engine=engine)
    ex._run.build()

def fit():
    started = time.perf_counter()
    ex.fit(epochs)
    seconds = time.perf_counter() - started
    print(json.dumps({{"seconds": seconds, "epochs": epochs, "frames": ex._stream._gate.frame}}))
    ex.close()

def calibrate():
    global epochs
    epochs = 20
    build()
    took = ex.fit(epochs)["seconds"]
    ex.close()
    epochs = math.ceil({SECONDS} * (epochs - 1) / (took.iloc[-1] - took.iloc[1]))
""",
    "fit()",  # Above the view, so that it stays in sight.
    "build()\ndisplay(ex)",
    "build()\ndisplay(ex)\nfit()",
    "build()\nfit()",
)
LOAD, FIT, SHOW, SHOW_AND_FIT, FIT_UNSEEN = range(len(CELLS))
COUNT_DRAWINGS = """
window.drawings = 0;
const { putImageData } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.putImageData = function (...given) {
  window.drawings += 1;
  return putImageData.apply(this, given);
};
"""


class FirstPoint:
    """A watcher that waits for the end of the first epoch."""

    is_hungry = False

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._at = 0.0

    def offer(self, progress: Progress) -> None:
        """Note the time, if this is it."""
        if progress.epoch and not self._at:
            self._at = time.perf_counter()
            self._loop.call_soon_threadsafe(self._came.set)

    async def wait(self) -> float:
        """Wait for it; the time when it came."""
        await self._came.wait()
        return self._at


async def measure_play(model: str) -> None:
    """Press Play where nothing is built yet, and print the seconds until the curve has its first point."""
    load_keras()
    ratings, movies = load_movielens()
    if model == "implicit_mf":
        ratings = ratings.drop(columns="rating")
    explorer = MFExplorer(ratings, items=movies, model=model)
    point = FirstPoint()
    explorer._run.trainer.add_watcher(point)
    started = time.perf_counter()
    explorer._command("play", {})
    print(json.dumps([await point.wait() - started, explorer.engine.name]))
    explorer.close()


def print_play() -> None:
    """Print seconds from Play to the first point."""
    found: dict[str, list[list[object]]] = {model: [] for model in MODELS}
    for _ in range(RUNS):
        for model, runs in found.items():
            runs.append(in_a_fresh_process("live", model))
    rows = []
    for model, runs in found.items():
        times = [float(str(seconds)) for seconds, _ in runs]
        rows.append([model, runs[0][1], spread(times), "at most 0.5", verdict(is_met=median(times) <= 0.5)])
    print_table(
        "Seconds from Play until the first point of the curve is there to be drawn (sending and drawing it "
        "not counted), MovieLens latest-small, TensorFlow loaded, "
        f"the model not built yet, {RUNS} processes each in turns",
        ("model", "engine", "seconds", "bar", ""),
        rows,
    )


@contextmanager
def lab() -> Iterator[tuple[Server, Page]]:
    """Start JupyterLab, and open a page that counts what is drawn."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        server = Server(Path(folder))
        server.start()
        try:
            page = browser.new_page(viewport=VIEWPORT)
            page.add_init_script(COUNT_DRAWINGS)
            yield server, page
        finally:
            server.stop()


def said(notebook: Notebook, cell: int) -> dict[str, float]:
    """Run a cell, and read what it says of its fit; with it how often a canvas was drawn."""
    before = notebook.page.evaluate("() => window.drawings")
    notebook.run(cell)
    drawings = notebook.page.evaluate("() => window.drawings") - before
    text = notebook.output(cell)
    notebook.page.wait_for_timeout(REST_MS)
    line = next(line for line in text.splitlines() if line.startswith("{"))
    return {**json.loads(line), "drawings": drawings}


def shown_before(notebook: Notebook) -> dict[str, float]:
    """Show an explorer in one cell, and train it in another: then the browser's answers come through."""
    notebook.run(SHOW)
    notebook.page.wait_for_timeout(REST_MS)
    return said(notebook, FIT)


def compare(server: Server, page: Page, engine: str) -> list[list[str]]:
    """Train shown and unseen in turns: two lines of the table."""
    first, *others = CELLS
    load = f"{first.strip()}\n\nengine = {engine!r}\ncalibrate()"
    notebook = server.notebook(page, load, *others, name=f"live-{engine}")
    notebook.run(LOAD)
    ways = {
        "unseen": lambda: said(notebook, FIT_UNSEEN),
        "in the cell that trains": lambda: said(notebook, SHOW_AND_FIT),
        "in a cell before": lambda: shown_before(notebook),
    }
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for number in range(RUNS):
        # There and back, so that what changes with time counts for all alike.
        for way in sorted(ways, reverse=number % 2 == 1):
            found[way].append(ways[way]())
    server.end_kernels()
    unseen = [fit["seconds"] for fit in found.pop("unseen")]
    rows = []
    for way, fits in found.items():
        shown = [fit["seconds"] for fit in fits]
        ratios = [100 * (one / other - 1) for one, other in zip(shown, unseen, strict=True)]
        longer = 100 * (median(shown) / median(unseen) - 1)
        if not all(fit["drawings"] for fit in fits):
            raise SystemExit(f"nothing was drawn of a fit by {engine} shown {way}")
        is_long = min(*shown, *unseen) >= FEWEST_SECONDS
        rows.append(
            [
                engine,
                way,
                f"{fits[0]['epochs']:,.0f}",
                spread(unseen),
                spread(shown),
                f"{median(fit['frames'] for fit in fits):.0f}",
                f"{median(fit['drawings'] for fit in fits):.0f}",
                f"{longer:.1f} ({min(ratios):.1f} to {max(ratios):.1f})",
                "at most 5",
                verdict(is_met=longer <= 5) if is_long else "runs too short to tell",
            ]
        )
    return rows


def print_shown() -> None:
    """Print how much longer a fit takes that a browser draws."""
    with lab() as (server, page):
        rows = [row for engine in ENGINES for row in compare(server, page, engine)]
    columns = "engine", "shown", "epochs", "unseen", "shown", "frames sent", "canvases drawn", "% longer"
    print_table(
        "Seconds of fit() in JupyterLab with Chromium, MovieLens latest-small, biased_mf, shown and unseen, "
        f"{RUNS} runs in turns; longer: of the medians, and the least and the greatest of the turns",
        (*columns, "bar", ""),
        rows,
    )


def main() -> None:
    """Print the tables."""
    print_play()
    print_shown()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(measure_play(sys.argv[1]))
    else:
        main()
