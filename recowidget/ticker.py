"""A thread that looks at a training between its epochs, and sees when it is gone."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

TICK_SECONDS = 0.05
TICKS_TO_CHECK = 10
"""So many ticks apart it looks whether the call is still under way."""


class Ticker(threading.Thread):
    """Calls `tick` on a thread of its own while a call on the present thread is under way.

    A hook for each batch would do it too, and would cost every batch of every training.

    Parameters
    ----------
    frame : frame
        Of the call.
    tick : callable
        Called every `TICK_SECONDS`.
    gone : callable
        Called where the call has ended and `close` was not called: it raised.
    """

    def __init__(self, frame: FrameType, tick: Callable[[], None], gone: Callable[[], None]) -> None:
        super().__init__(name="recowidget-ticker", daemon=True)
        self._frame: FrameType | None = frame
        self._caller = threading.get_ident()
        self._tick = tick
        self._gone = gone
        self._closed = threading.Event()

    def run(self) -> None:
        """Tick until closed."""
        ticks = 0
        while not self._closed.wait(TICK_SECONDS):
            ticks += 1
            if ticks % TICKS_TO_CHECK == 0 and not self._is_under_way():
                self._gone()
                return
            self._tick()

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._closed.set()
        self._frame = None
        if self is not threading.current_thread():
            self.join()

    def _is_under_way(self) -> bool:
        sought = self._frame
        frame = sys._current_frames().get(self._caller)  # noqa: SLF001
        while frame is not None and frame is not sought:
            frame = frame.f_back
        return sought is None or frame is not None
