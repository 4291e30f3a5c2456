"""Measures epochs that a view asks for, on a thread that holds up no frame."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from recowidget.measures import Measurer

if TYPE_CHECKING:
    from collections.abc import Callable

    from recowidget.history import History
    from recowidget.split import Split

logger = logging.getLogger(__name__)


class EpochMeasurer:
    """Measures one epoch after the other, and remembers what it measured of a run.

    Parameters
    ----------
    tell : callable
        ``tell(content)``: takes each answer.
    """

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._wanted: deque[int] = deque()
        self._known: dict[int, dict[str, Any]] = {}
        self._run = -1
        self._history: History | None = None
        self._split: Split | None = None
        self._measurer: Measurer | None = None
        self._is_working = False
        self._executor: ThreadPoolExecutor | None = None

    def ask(self, epochs: list[int], run: int, history: History, split: Split) -> None:
        """Measure these epochs, in this order, in place of those asked for before."""
        with self._lock:
            if run != self._run or split is not self._split:
                self._known.clear()
            if split is not self._split:
                self._split, self._measurer = split, Measurer(split)
            self._run, self._history = run, history
            self._wanted = deque(epochs)
            self._executor = self._executor or ThreadPoolExecutor(1, "recowidget-measures")
            if not self._is_working:
                self._is_working = True
                self._executor.submit(self._work)

    def close(self) -> None:
        """End the thread, and wait for the epoch that is being measured."""
        with self._lock:
            self._wanted.clear()
            executor = self._executor
        if executor is not None:
            executor.shutdown(cancel_futures=True)

    def _work(self) -> None:
        while True:
            with self._lock:
                history, measurer = self._history, self._measurer
                if not self._wanted or history is None or measurer is None:
                    self._is_working = False
                    return
                epoch, run = self._wanted.popleft(), self._run
                known = self._known.get(epoch)
            try:
                answer = known or self._measure(epoch, history, measurer)
            except Exception:
                logger.exception("recowidget could not measure epoch %d", epoch)
                continue
            if answer is None:
                continue
            with self._lock:
                if run == self._run:
                    self._known[epoch] = answer
            self._tell({"kind": "measures", "run": run, **answer})

    @staticmethod
    def _measure(epoch: int, history: History, measurer: Measurer) -> dict[str, Any] | None:
        with contextlib.suppress(KeyError):  # It was thinned out, or training was reset.
            scorer = history.snapshot(epoch).scorer
            measures = asdict(measurer.of(scorer))
            numbers = {name: value if math.isfinite(value) else None for name, value in measures.items()}
            return {"epoch": epoch, "n_users": measurer.n_ranked_users(scorer), **numbers}
        return None
