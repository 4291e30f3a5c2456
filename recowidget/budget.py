"""How much of the time of a training may go into looking at it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHARE = 0.025
"""Of the time that a training has taken, for all that looking at it takes."""
LOOKS_SHARE = 0.01
"""What looks may take all the same, while the start has yet to be paid back: the picture has to move."""


class Budget:
    """Sees to it that looking takes no more than `SHARE` of the time, the start of it counted in.

    Kinds of looks are told apart by name, as one may take ten times as long as another.

    Parameters
    ----------
    clock : callable
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._started = clock()
        self._start_up = 0.0
        self._looks = 0.0
        self._last: dict[str, float] = {}

    @property
    def elapsed(self) -> float:
        """Seconds since training began."""
        return self._clock() - self._started

    def charge(self, seconds: float) -> None:
        """Count what went by before the first look could be taken."""
        self._start_up += seconds

    def allows(self, look: str, part: float = 1.0) -> bool:
        """Whether one more look, as long as the last of its kind, is in the budget or in a part of it."""
        looks = self._looks + self._last.get(look, 0.0)
        allowed = max(LOOKS_SHARE * self.elapsed, SHARE * self.elapsed - self._start_up)
        return looks <= part * allowed

    @contextmanager
    def spending(self, look: str) -> Iterator[None]:
        """Count the time that the body takes."""
        started = self._clock()
        yield
        self._last[look] = self._clock() - started
        self._looks += self._last[look]
