"""The event loop of the kernel's main thread: where models are built, and whether a cell holds it."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY_AFTER_SECONDS = 0.1
"""A loop that has not run a callback for so long is held by a cell."""

LEAVING_SECONDS = 0.1
"""Time for a message to leave the kernel: an import of TensorFlow lets no other thread run for seconds."""


class MainLoop:
    """The loop that runs where this object is made or attached; in a plain script there is none."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._probed: float | None = None
        self.attach()

    def attach(self) -> None:
        """Take the loop that runs here, where none was found before; on another thread the kernel's."""
        if self._loop is None:
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:
                self._loop = _kernels_loop()

    @property
    def is_attached(self) -> bool:
        """Whether a loop was found: there is none in a plain script."""
        return self._loop is not None

    def post(self, work: Callable[[], None], delay: float = 0.0) -> bool:
        """Have the main thread call `work` when it is free, after `delay` s; False where there is no loop."""
        if self._loop is None or self._loop.is_closed():
            return False
        self._loop.call_soon_threadsafe(self._loop.call_later, delay, work)
        return True

    def post_heavy(self, work: Callable[[], None]) -> bool:
        """Post what will hold the whole process, once what was said before has left it."""
        return self.post(work, LEAVING_SECONDS)

    def is_busy(self) -> bool:
        """Whether the last probe has been out for `BUSY_AFTER_SECONDS`; sends one where none is out."""
        if self._probed is None:
            self._probed = time.monotonic()
            if not self.post(self._answered):
                self._probed = None
            return False
        return time.monotonic() - self._probed > BUSY_AFTER_SECONDS

    def _answered(self) -> None:
        self._probed = None


def _kernels_loop() -> asyncio.AbstractEventLoop | None:
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    loop = getattr(getattr(getattr(shell, "kernel", None), "io_loop", None), "asyncio_loop", None)
    return loop if isinstance(loop, asyncio.AbstractEventLoop) else None
