"""How long one who watches a training on as many ratings as MovieLens 25M has waits for a new picture."""

from __future__ import annotations

import json
import sys
import threading
import time
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from recowidget.widgets.stream import FrameStream
from recowidget.widgets.window import FIRST_WINDOW, WindowSource
from tests.benchmarks.generated import MOVIELENS_25M
from tests.benchmarks.large import all_of, ours, split_of
from tests.benchmarks.processes import in_a_fresh_process
from tests.benchmarks.tables import print_table, spread, verdict

if TYPE_CHECKING:
    from recowidget.progress import Progress
    from recowidget.run import Run
    from tests.benchmarks.large import Size

WATCHED_EPOCHS, WATCHED_RUNS = 4, 5
MOST_SECONDS = 0.25
DRAWING_SECONDS = 0.05
"""After which the view answers a frame that drawn frames are measured with."""


class States:
    """Notes when each state of training came, and which."""

    def __init__(self) -> None:
        self.came: list[tuple[float, int, int]] = []

    def note(self, epoch: int, batch: int) -> None:
        """Take one more."""
        self.came.append((time.perf_counter(), epoch, batch))

    def longest(self, started: float, ended: float) -> dict[str, float]:
        """Give the longest times without one: in the first epoch, in later ones, and between epochs."""
        longest: dict[str, float] = {}
        steps = [(started, 0, 0), *self.came, (ended, WATCHED_EPOCHS, 0)]
        for (before, last_epoch, batch), (now, epoch, _) in pairwise(steps):
            is_inside = batch > 0 and epoch == last_epoch
            name = "first" if epoch == 0 else "inside" if is_inside else "between"
            longest[name] = max(longest.get(name, 0.0), now - before)
        return longest | {"n": len(self.came)}


class Hungry:
    """A watcher that always wants a state."""

    is_hungry = True

    def __init__(self) -> None:
        self.states = States()

    def offer(self, progress: Progress) -> None:
        """Take one."""
        if progress.status == "running":
            self.states.note(progress.epoch, progress.batch)


class View:
    """What stands in for a browser: it answers each frame after some time, or a busy cell keeps that back."""

    def __init__(self, run: Run, *, is_answering: bool) -> None:
        self.states = States()
        self._is_answering = is_answering
        windows = WindowSource(run.split)
        windows.pack(FIRST_WINDOW)
        self.stream = FrameStream(
            send=self._take,
            publish=lambda _progress: None,
            on_ready=lambda: None,
            windows=windows,
            history=run.history,
            is_busy=lambda: not is_answering,
        )
        self.stream.start(run.progress)
        self.stream.receive({"kind": "ready", "view": "one"})

    def _take(self, content: dict[str, Any], _buffers: list[bytes]) -> None:
        if content["kind"] != "frame":
            return
        self.states.note(content["epoch"], content["batch"])
        if self._is_answering:
            answer = {"kind": "ack", "view": "one", "frame": content["frame"]}
            threading.Timer(DRAWING_SECONDS, self.stream.receive, [answer]).start()


WATCHED = {
    "states": "states, to one who takes all",
    "answered": f"frames, each answered after {DRAWING_SECONDS:g} s",
    "busy": "frames, in a busy cell: no answer comes",
}


def measure_states(watched: str, size: Size) -> None:
    """Train some epochs in this process, watched, and print the longest times without a state."""
    run = ours(split_of(size))
    watcher = Hungry() if watched == "states" else View(run, is_answering=watched == "answered")
    run.trainer.add_watcher(watcher if isinstance(watcher, Hungry) else watcher.stream)
    started = time.perf_counter()
    run.train(WATCHED_EPOCHS)
    run.wait()
    print(json.dumps(watcher.states.longest(started, time.perf_counter())))
    if isinstance(watcher, View):
        watcher.stream.close()


def print_states(size: Size) -> None:
    """Print how long one who watches waits."""
    found: dict[str, list[dict[str, float]]] = {watched: [] for watched in WATCHED}
    for _ in range(WATCHED_RUNS):
        for watched, runs in found.items():
            runs.append(in_a_fresh_process("frames", watched, *size))
    names = {
        "first": "first epoch of a process, from its start",
        "inside": "later epochs, inside",
        "between": "around ends of epochs, where losses are measured",
    }
    rows = []
    for watched, words in WATCHED.items():
        for name, when in names.items():
            longest = [run[name] for run in found[watched] if name in run]
            if not longest:
                continue
            met = verdict(is_met=max(longest) <= MOST_SECONDS)
            counted = f"{median(run['n'] for run in found[watched]):.0f}"
            rows.append([words, counted, when, spread(longest), f"at most {MOST_SECONDS:g}", met])
    print_table(
        f"Longest time without a new picture, seconds, of training on {size[2]:,} ratings at full speed for "
        f"{WATCHED_EPOCHS} epochs with both losses measured, {WATCHED_RUNS} processes each in turns",
        ("watched", "in all", "when", "seconds", "bar", ""),
        rows,
    )


def main(size: Size = MOVIELENS_25M) -> None:
    """Print the table."""
    all_of(size)
    print_states(size)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure_states(sys.argv[1], (int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
    else:
        main()
