"""When the next frame may go: never more than one unanswered, and by the clock where no answer can come."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_INTERVAL = 1 / 30
"""Seconds between frames that are answered."""
ACK_SECONDS = 0.25
"""How long an answer may take before it counts as late."""
SPARING_AFTER = 1.0
"""Seconds of training as fast as it can, after which it needs the processor more than the picture does."""
FIRST_SHARE, DRAWING_SHARE = 0.25, 0.04
"""Of the time, that drawing may take until then, and from then on."""
DRAWING_SECONDS = 0.05
"""How long drawing takes, as long as no answer tells."""
SPARING_INTERVAL = 0.5
"""Seconds between frames at most then."""
ANSWER_INTERVAL = 2.0
"""Seconds between answers while training runs so: the page shows the kernel busy and idle with each."""
PACED_INTERVAL = 0.1
"""Seconds between frames where a busy cell keeps answers from arriving."""
SILENT_INTERVAL = 1.0
"""The same after `SILENT_AFTER` seconds without any answer."""
SILENT_AFTER = 5.0
PACED_BYTES_PER_SECOND = 1_000_000
LOST_FRAMES = 300
"""A view so far behind the frames that others answered is forgotten, until it speaks again."""
POLL_SECONDS = 0.05
"""How soon to look again whether a cell has begun to hold the main thread."""


class FrameGate:
    """Decides when a frame may be sent.

    Frames are numbered from 1. At most one that is to be answered is in flight. All are to be answered, but
    for most of those sent while training runs as fast as it can. A view that stays silent while another
    answers is not waited for. Where the answer is late and the main thread is busy with a cell, frames are
    paced by time, for then answers can't arrive. Where it is late and the main thread is free, nobody is
    looking, and nothing is sent until a view is heard of again.

    Parameters
    ----------
    is_busy : callable
        Whether a cell holds the main thread.
    clock : callable
        Monotonic seconds.
    """

    def __init__(self, is_busy: Callable[[], bool], clock: Callable[[], float]) -> None:
        self._is_busy = is_busy
        self._clock = clock
        self._heard = clock()
        self._sent = -SILENT_INTERVAL
        self._sent_bytes = 0
        self._frame = 0
        self._asked = self._asked_before = 0
        self._asked_at = -ANSWER_INTERVAL
        self._in_flight = False
        self._answers: dict[str, int] = {}
        self._expecting = False
        self._drawing_seconds = DRAWING_SECONDS
        self._is_hurried = False

    @property
    def frame(self) -> int:
        """Number of the last frame sent."""
        return self._frame

    @property
    def wants_answer(self) -> bool:
        """Whether the last frame sent is to be answered."""
        return self._asked == self._frame

    @property
    def has_views(self) -> bool:
        """Whether a view was heard of that is not gone."""
        return bool(self._answers)

    def awaited(self) -> list[str]:
        """Views that keep up: one that is frames behind was reloaded, closed or hidden."""
        return [view for view, answer in self._answers.items() if answer >= self._asked_before]

    def lost(self) -> list[str]:
        """Views that have been silent for so many frames that they count as gone."""
        return [view for view, answer in self._answers.items() if answer < self._frame - LOST_FRAMES]

    def expect_view(self) -> None:
        """The widget was displayed: a view may be there whose first message has not come through."""
        self._expecting = True
        self._heard = self._clock()

    def add_view(self, view: str) -> None:
        """A view is ready, or asks anew: it needs a frame at once."""
        self._answers[view] = self._asked
        self._expecting = False
        self._heard = self._clock()
        self._in_flight = False

    def remove_view(self, view: str) -> None:
        """A view is gone."""
        self._answers.pop(view, None)
        self._settle()

    def answer(self, view: str, frame: int) -> None:
        """A view has drawn `frame`."""
        if frame == self._asked and self._in_flight:
            self._drawing_seconds = self._clock() - self._asked_at
        self._answers[view] = max(frame, self._answers.get(view, 0))
        self._heard = self._clock()
        self._settle()

    def _settle(self) -> None:
        """Free the way once all views have answered that answered when last asked before."""
        waited_for = {answer for answer in self._answers.values() if answer >= self._asked_before}
        if waited_for == {self._asked} or not self._answers:
            self._in_flight = False

    def hurry(self) -> None:
        """Somebody waits for the next frame."""
        self._is_hurried = True

    def sent(self, nbytes: int, *, racing: float = 0.0) -> int:
        """Take note of a frame of `nbytes` about to go, of a training as in `delay`; returns its number."""
        self._frame += 1
        self._sent = self._clock()
        self._sent_bytes = nbytes
        self._is_hurried = False
        if not racing or self._sent - self._asked_at >= ANSWER_INTERVAL:
            self._asked_before, self._asked = self._asked, self._frame
            self._asked_at = self._sent
            self._in_flight = True
        return self._frame

    def delay(self, *, racing: float = 0.0, longest: float = SPARING_INTERVAL) -> float | None:
        """Seconds until a frame may go or it is worth asking again; 0: now, None: when a view speaks.

        Parameters
        ----------
        racing : float
            Seconds for which training has run as fast as it can, 0 where it does not.
        longest : float
            Seconds between frames at most then, however slow the drawing.
        """
        now = self._clock()
        spared = 0.0 if self._is_hurried else self._spared(racing, longest)
        since = now - self._sent
        if since >= ACK_SECONDS and self._asked in self._answers.values():
            self._in_flight = False
        if self._answers and not self._in_flight:
            return max(MIN_INTERVAL - since, spared - since, 0.0)
        if not self._answers and not self._expecting:
            return None
        # A training that runs as fast as it can has few frames answered: they are paced in any case.
        is_paced = racing > 0 and self._is_busy()
        if self._in_flight and since < ACK_SECONDS and self._answers and not is_paced:
            return ACK_SECONDS - since
        if not self._is_busy():
            return POLL_SECONDS
        silent = now - self._heard > SILENT_AFTER
        interval = SILENT_INTERVAL if silent else max(PACED_INTERVAL, spared)
        return max(interval - since, self._sent_bytes / PACED_BYTES_PER_SECOND - since, 0.0)

    def _spared(self, racing: float, longest: float) -> float:
        """Seconds between frames that leave training the processor."""
        if not racing:
            return 0.0
        if racing < SPARING_AFTER:
            return min(self._drawing_seconds / FIRST_SHARE, PACED_INTERVAL)
        return min(self._drawing_seconds / DRAWING_SHARE, longest)
