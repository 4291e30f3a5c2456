"""How much of the time of a training may go into looking at it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARE = 0.02


class Budget:
    """Sees to it that looking takes no more than `SHARE` of the time."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._spent = 0.0
        self._last = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since training began."""
        return time.perf_counter() - self._started

    def allows(self, part: float = 1.0) -> bool:
        """Whether a look as long as the last one is in the budget, or in a part of it."""
        return self._spent + self._last <= part * SHARE * self.elapsed

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time that the body takes."""
        started = time.perf_counter()
        yield
        self._last = time.perf_counter() - started
        self._spent += self._last
