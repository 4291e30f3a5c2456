"""The thread that talks to the browser, so that neither training nor a comm handler ever waits for it."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from recowidget.selection import Selected
from recowidget.widgets.frame import ALL, pack_frame, pack_past, pack_pinned
from recowidget.widgets.gate import SPARING_INTERVAL, FrameGate
from recowidget.widgets.inspector import Inspections, Question
from recowidget.widgets.measuring import EpochMeasurer
from recowidget.widgets.overview import Overview, add_overviews
from recowidget.widgets.resort import resort
from recowidget.widgets.search import Search
from recowidget.widgets.window import FIRST_WINDOW, Window
from recowidget.widgets.you import NewUser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from recowidget.history import History
    from recowidget.progress import Progress
    from recowidget.scoring import LearnedScorer
    from recowidget.split import Split
    from recowidget.widgets.frame import Carries
    from recowidget.widgets.window import WindowSource

    Packed = tuple[dict[str, Any], list[bytes]]
    Send = Callable[[dict[str, Any], list[bytes]], None]

logger = logging.getLogger(__name__)

PICTURE_FIRST_SECONDS = 0.08
"""How long a new status waits for the frame that shows it."""
LONG_EPOCH, WITHIN_INTERVAL = 0.5, 0.12
"""From so many seconds on, an epoch is long to wait for: then frames, which show what happens within it, are
no further apart than this."""
REST_SECONDS = 1.0
"""The thread ends where there was nothing to do for so long; what comes later starts another."""


class FrameStream:
    """Sends frames of a training run to the views that look at it, the latest only.

    Parameters
    ----------
    send : callable
        ``send(content, buffers)``: sends a custom message to the browser.
    publish : callable
        ``publish(progress)``: called when the status has changed.
    on_ready : callable
        Called when a view is there.
    windows : WindowSource
    history : History
    is_busy : callable
        Whether a cell holds the main thread.
    on_edited : callable
        Called when views have been told of changed ratings.
    carries : Carries
        What frames are to have beside the losses.
    """

    def __init__(
        self,
        *,
        send: Send,
        publish: Callable[[Progress], None],
        on_ready: Callable[[], None],
        windows: WindowSource,
        history: History,
        is_busy: Callable[[], bool],
        on_edited: Callable[[], None] = lambda: None,
        carries: Carries = ALL,
    ) -> None:
        self._carries = carries
        self._send = send
        self._publish = publish
        self._on_ready = on_ready
        self._on_edited = on_edited
        self._windows = windows
        self._search = Search(windows.split.interactions)
        self._history = history
        self._gate = FrameGate(is_busy, time.monotonic)
        self._woken = threading.Condition()
        self._messages: deque[tuple[dict[str, Any], contextvars.Context | None]] = deque()
        self._latest: Progress | None = None
        self._published: tuple[str, BaseException | None, int] | None = None
        self._changed_at: float | None = None
        self._racing_since: float | None = None
        self._is_pending = False
        self._is_hungry = False
        self._is_closed = False
        self._is_started = False
        self._is_woken = False
        self._thread: threading.Thread | None = None
        self._context: contextvars.Context | None = None
        self._view_windows: dict[str, Window] = {}
        self._overviews: dict[str, Overview] = {}
        self._last_epochs: dict[int, int] = {}
        self._received: dict[str, int] = {}
        self._asked: dict[str, tuple[int, deque[int]]] = {}
        """By view: the number of its request, and the past epochs that it still waits for."""
        self._selected: dict[str, Selected] = {}
        """By view: what it tells of, which frames and past epochs have to carry."""
        self._inspections = Inspections(self._take_answer, carries.told)
        self._measurer = EpochMeasurer(self._take_measures)
        self._pinned: tuple[int, LearnedScorer] | None = None
        """The run that predictions are compared with, and what it predicts with."""
        self._pinned_for: tuple[bytes, ...] | None = None
        """Users and items that views have that run's predictions of."""
        self._run = 0
        self._n_turns = 0
        """Turns to other runs that are yet to be taken: until then states are of a run that is not known."""

    # ---- from any thread; they return at once -------------------------------------------------------

    def start(self, progress: Progress) -> None:
        """The widget was displayed: begin to send, if a browser is there."""
        with self._woken:
            self._latest = self._latest or progress
            self._is_pending = True
            self._gate.expect_view()
            self._is_started = True
            self._wake()

    def offer(self, progress: Progress) -> None:
        """Take the latest state of training; it replaces one that has not gone yet."""
        with self._woken:
            self._latest = progress
            self._is_pending = True
            self._is_hungry = False
            self._wake()

    def refresh(self) -> None:
        """Send the latest state once more: there is something else to tell of it."""
        with self._woken:
            self._is_pending = True
            self._wake()

    def turn_to(self, windows: WindowSource, history: History) -> None:
        """Send of other data from now on; the state of its training is yet to be offered."""
        with self._woken:
            self._latest = None
            self._n_turns += 1
            self._messages.append(({"kind": "turn", "windows": windows, "history": history}, None))
            self._wake()

    def edit(self, split: Split, pairs: Sequence[tuple[int, int]]) -> None:
        """Send of a changed split from now on; views are told of the cells of some users and items."""
        with self._woken:
            self._messages.append(({"kind": "edit", "split": split, "pairs": pairs}, None))
            self._wake()

    def pin(self, pinned: tuple[int, LearnedScorer] | None) -> None:
        """Send, beside the frames, what a run predicts that predictions are compared with; None: no more."""
        with self._woken:
            self._messages.append(({"kind": "pin", "pinned": pinned}, None))
            self._wake()

    def receive(self, content: dict[str, Any]) -> None:
        """Take a message from a view, in the context it came in.

        The kernel delivers a view's next message to the thread of the shell that last sent to it. Answering
        in the context of the message keeps that a subshell, so that clicks arrive while a cell runs.
        """
        with self._woken:
            self._messages.append((content, contextvars.copy_context()))
            self._wake()

    @property
    def is_started(self) -> bool:
        """Whether `start` was called."""
        return self._is_started

    @property
    def is_hungry(self) -> bool:
        """Whether a frame offered now would go at once."""
        return self._is_hungry

    def _take_answer(
        self, view: str, windows: WindowSource, answer: tuple[dict[str, Any], list[bytes]]
    ) -> None:
        """Have an answer sent, on the thread that sends all else."""
        with self._woken:
            content = {"kind": "tell", "view": view, "windows": windows, "answer": answer}
            self._messages.append((content, None))
            self._wake()

    def _take_measures(self, content: dict[str, Any]) -> None:
        with self._woken:
            self._messages.append(({"kind": "measured", "answer": content}, None))
            self._wake()

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._inspections.close()
        self._measurer.close()
        with self._woken:
            self._is_closed = True
            thread = self._thread
            self._wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _wake(self) -> None:
        self._is_woken = True
        if self._thread is None and self._is_started and not self._is_closed:
            self._thread = threading.Thread(target=self._work, name="recowidget-frames", daemon=True)
            self._thread.start()
        self._woken.notify()

    # ---- on the thread ------------------------------------------------------------------------------

    def _work(self) -> None:
        timeout: float | None = 0.0
        worked = time.monotonic()
        while True:
            with self._woken:
                if not self._is_woken and timeout != 0.0:
                    self._woken.wait(self._patience(timeout))
                if self._is_woken or timeout == 0.0:
                    worked = time.monotonic()
                elif self._may_rest(worked):
                    self._thread = None
                    return
                self._is_woken = False
                if self._is_closed:
                    return
                messages, self._messages = self._messages, deque()
            for content, context in messages:
                self._context = context or self._context
                self._guarded(self._handle, content)
            timeout = self._guarded(self._advance)
            if self._asked:
                self._guarded(self._answer)
                timeout = 0.0

    def _patience(self, timeout: float | None) -> float | None:
        return REST_SECONDS if timeout is None and not self._is_active() else timeout

    def _may_rest(self, worked: float) -> bool:
        return not self._is_active() and time.monotonic() - worked >= REST_SECONDS

    def _is_active(self) -> bool:
        return self._latest is not None and self._latest.is_active

    @staticmethod
    def _guarded(work: Callable[..., float | None], *args: Any) -> float | None:
        """One message that can't be read or sent must not end the thread."""
        try:
            return work(*args)
        except Exception:
            logger.exception("recowidget could not talk to the browser")
            return None

    def _handle(self, content: dict[str, Any]) -> None:
        takes: dict[str, Callable[[str, dict[str, Any]], None]] = {
            "ready": self._take_ready,
            "window": self._take_window,
            "order": self._take_order,
            "overview": self._take_overview,
            "search": self._take_search,
            "past": self._take_past,
            "inspect": self._take_question,
            "you": self._take_new_user,
            "measure": self._take_epochs,
            "tell": self._take_told,
            "measured": lambda _view, content: self._say(content["answer"], []),
            "ack": self._take_ack,
            "gone": lambda view, _content: self._forget(view),
            "edit": lambda _view, content: self._edit(content["split"], content["pairs"]),
            "turn": lambda _view, content: self._turn(content["windows"], content["history"]),
            "pin": lambda _view, content: self._pin(content["pinned"]),
        }
        take = takes.get(str(content.get("kind")))
        if take:
            take(str(content.get("view")), content)

    def _take_ready(self, view: str, content: dict[str, Any]) -> None:
        self._gate.add_view(view)
        self._received[view] = -1
        if "users" in content:
            self._view_windows[view] = self._window_of(content)
        if self._windows.is_turned or self._windows.is_edited:
            self._say_window(view)
        self._is_pending = True
        self._pinned_for = None
        self._in_context(self._on_ready)

    def _take_window(self, view: str, content: dict[str, Any]) -> None:
        self._view_windows[view] = self._window_of(content)
        self._say_window(view)
        self._show_soon()

    def _take_order(self, view: str, content: dict[str, Any]) -> None:
        """Put one side in another order, and send all views what stands at its start then."""
        self._windows = resort(self._windows, content, self._history, self._latest)
        self._view_windows.setdefault(view, FIRST_WINDOW)
        for one, window in self._view_windows.items():
            self._view_windows[one] = self._windows.clip(window.at_start(content["side"]))
            self._say_window(one)
        for one, overview in self._overviews.items():
            self._overviews[one] = overview.over(self._windows)
            self._say(*self._overviews[one].pack(one))
        self._asked.clear()
        self._show_soon()

    def _take_overview(self, view: str, content: dict[str, Any]) -> None:
        """A view looks at the whole matrix, in so many rows and columns, or (0 of them) no longer does."""
        rows, columns = int(content["rows"]), int(content["columns"])
        if rows < 1 or columns < 1:
            self._overviews.pop(view, None)
            return
        with_residuals = bool(content.get("residuals", True))
        self._overviews[view] = Overview(self._windows, rows, columns, with_residuals=with_residuals)
        self._say(*self._overviews[view].pack(view))
        self._asked.pop(view, None)
        self._show_soon()

    def _take_search(self, view: str, content: dict[str, Any]) -> None:
        side = content.get("side")
        matches = self._search.find(str(content["query"]), self._windows.axes, side)
        serials = {side: axis.serial for side, axis in self._windows.axes.items()}
        answer = {
            "kind": "found",
            "view": view,
            "serial": content["serial"],
            "side": side,
            "matches": matches,
        }
        self._say({**answer, "order": serials}, [])

    def _take_past(self, view: str, content: dict[str, Any]) -> None:
        self._asked[view] = int(content["serial"]), deque(map(int, content["epochs"]))

    def _take_ack(self, view: str, content: dict[str, Any]) -> None:
        frame = int(content["frame"])
        self._gate.answer(view, frame)
        if view not in self._view_windows and "users" in content:
            self._view_windows[view] = self._window_of(content)
        self._received[view] = max(self._last_epochs.get(frame, -1), self._received.get(view, -1))
        # The other views have this frame still to answer.
        self._last_epochs = {f: e for f, e in self._last_epochs.items() if f >= frame}
        for lost in self._gate.lost():
            self._forget(lost)

    def _turn(self, windows: WindowSource, history: History) -> None:
        with self._woken:
            self._n_turns -= 1
        if windows.split is self._windows.split:
            # A view that looks at it in another order keeps that.
            windows = self._windows
        else:
            # A view shows the first window of other data, until it asks for another.
            self._view_windows = dict.fromkeys(self._view_windows, windows.clip(FIRST_WINDOW))
            self._selected.clear()
            self._overviews.clear()
            self._pinned_for = None
            self._search = Search(windows.split.interactions)
        self._windows, self._history = windows, history
        self._received = dict.fromkeys(self._received, -1)
        self._last_epochs.clear()
        self._asked.clear()

    def _pin(self, pinned: tuple[int, LearnedScorer] | None) -> None:
        self._pinned, self._pinned_for = pinned, None
        if pinned is None:
            self._say({"kind": "pinned", "run": None, "arrays": []}, [])
        else:
            self._tell_pinned(self._looked_at())

    def _tell_pinned(self, looked_at: tuple[NDArray[np.int32], NDArray[np.int32]]) -> None:
        """Send what the pinned run predicts of what is looked at, where views don't have that yet."""
        wanted = tuple(idx.tobytes() for idx in looked_at)
        if self._pinned is not None and self._carries.predictions and wanted != self._pinned_for:
            self._pinned_for = wanted
            self._say(*pack_pinned(*self._pinned, looked_at))

    def _edit(self, split: Split, pairs: Sequence[tuple[int, int]]) -> None:
        self._windows = self._windows.edited(split)
        self._search.turn_to(split.interactions)
        if self._is_started:
            for pair in dict.fromkeys(pairs):
                self._say(*self._windows.pack(self._windows.cell(*pair)))
        self._in_context(self._on_edited)

    def _take_question(self, view: str, content: dict[str, Any]) -> None:
        """Have what is selected looked up, and carried by the next frame where that is new."""
        question = Question.read(content, self._windows)
        selected = Selected(question.user, question.item)
        if self._selected.get(view, Selected()) != selected:
            self._selected[view] = selected
            self._show_soon()
        if self._latest is not None and not self._n_turns:
            self._inspections.ask(view, question, self._latest, self._windows, self._history)

    def _take_new_user(self, view: str, content: dict[str, Any]) -> None:
        question = NewUser.read(content, self._windows.split.interactions)
        if self._latest is not None:
            self._inspections.ask(view, question, self._latest, self._windows, self._history)

    def _take_epochs(self, _view: str, content: dict[str, Any]) -> None:
        """Have epochs measured; not while training goes as fast as it can, which that would slow down."""
        latest = self._latest
        if latest is not None and not self._n_turns and (latest.status != "running" or latest.is_paced):
            self._measurer.ask(
                list(map(int, content["epochs"])), latest.run, self._history, self._windows.split
            )

    def _take_told(self, view: str, content: dict[str, Any]) -> None:
        if content["windows"].split is self._windows.split:
            answer, buffers = content["answer"]
            self._say({**answer, "view": view}, buffers)

    def _show_soon(self) -> None:
        self._gate.hurry()
        self._is_pending = True

    def _say_window(self, view: str) -> None:
        window = self._view_windows.get(view) or self._windows.clip(FIRST_WINDOW)
        self._say(*self._windows.pack(window, view))

    def _forget(self, view: str) -> None:
        self._gate.remove_view(view)
        self._view_windows.pop(view, None)
        self._received.pop(view, None)
        self._overviews.pop(view, None)
        self._asked.pop(view, None)
        self._selected.pop(view, None)
        self._inspections.forget(view)

    def _window_of(self, content: dict[str, Any]) -> Window:
        return self._windows.clip(Window(_bounds(content["users"]), _bounds(content["items"])))

    def _advance(self) -> float | None:
        """Send what may go; return the seconds until it is worth looking again, None: not before a call."""
        progress = self._latest
        if progress is None or self._n_turns:
            return None
        longest = WITHIN_INTERVAL if progress.epoch_seconds > LONG_EPOCH else SPARING_INTERVAL
        delay = self._gate.delay(racing=self._racing(progress), longest=longest)
        is_held = delay is None or delay > 0
        if not self._is_published(progress):
            if is_held and self._may_wait(delay):
                return PICTURE_FIRST_SECONDS / 4
            if not is_held:
                progress = self._send_latest()
            self._changed_at = None
            self._published = _state(progress)
            self._in_context(self._publish, progress)
            return 0.0
        if is_held:
            self._is_hungry = False
            return delay if self._is_pending or progress.is_active else None
        if not self._is_pending:
            self._is_hungry = True
            return None
        self._send_latest()
        return 0.0

    def _racing(self, progress: Progress) -> float:
        """Seconds for which training has run as fast as it can."""
        if progress.status != "running" or progress.is_paced:
            self._racing_since = None
            return 0.0
        now = time.monotonic()
        self._racing_since = self._racing_since or now
        return now - self._racing_since

    def _is_published(self, progress: Progress) -> bool:
        return _state(progress) == self._published

    def _may_wait(self, delay: float | None) -> bool:
        """Whether a new status should wait for its picture: "paused" is said of what is on screen."""
        if delay is None:
            return False
        now = time.monotonic()
        self._changed_at = self._changed_at or now
        return now - self._changed_at < PICTURE_FIRST_SECONDS

    def _send_latest(self) -> Progress:
        """Send a frame of the latest state, and return it: no status is to be older than its picture."""
        with self._woken:
            self._is_pending = False
            progress = self._latest
        if progress is None:
            raise AssertionError("a frame of nothing")
        self._send_frame(progress)
        return progress

    def _send_frame(self, progress: Progress) -> None:
        if progress.run != self._run:
            self._run = progress.run
            self._received = dict.fromkeys(self._received, -1)
        # A view that lags still gets every message that is sent meanwhile, if it is there at all.
        awaited = self._gate.awaited()
        first = min((self._received.get(view, -1) for view in awaited), default=-1) + 1
        looked_at = self._looked_at()
        self._tell_pinned(looked_at)
        content, buffers, last = pack_frame(progress, self._history, first, looked_at, self._carries)
        self._add_overviews(content, buffers, self._overviews.values(), progress.scorer)
        content["frame"] = self._gate.sent(sum(map(len, buffers)), racing=self._racing(progress))
        content["wants_answer"] = self._gate.wants_answer
        self._last_epochs[content["frame"]] = last
        self._say(content, buffers)

    def _answer(self) -> None:
        """Send each view the next of the past epochs that it asked for; frames go between them."""
        for view, (serial, epochs) in list(self._asked.items()):
            if not epochs:
                del self._asked[view]
                continue
            window = self._view_windows.get(view) or self._windows.clip(FIRST_WINDOW)
            try:
                snapshot = self._history.snapshot(epochs.popleft())
            except KeyError:  # It was thinned out, or training was reset: then the view learns of that.
                continue
            selected = [self._selected.get(view, Selected())]
            content, buffers = pack_past(snapshot, self._windows.union([window], selected), self._carries)
            overviews = [self._overviews[view]] if view in self._overviews else []
            self._add_overviews(content, buffers, overviews, snapshot.scorer)
            self._say({**content, "view": view, "serial": serial}, buffers)

    def _add_overviews(
        self, content: dict[str, Any], buffers: list[bytes], overviews: Iterable[Overview], scorer: Any
    ) -> None:
        if self._carries.predictions:
            add_overviews(content, buffers, overviews, scorer)

    def _looked_at(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Indices of the users and items in the windows of all views, and of those that they tell of."""
        windows = list(self._view_windows.values()) or [self._windows.clip(FIRST_WINDOW)]
        return self._windows.union(windows, list(self._selected.values()))

    def _say(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self._in_context(self._send, content, buffers)

    def _in_context(self, call: Callable[..., None], *args: Any) -> None:
        if self._context is None:
            call(*args)
        else:
            self._context.run(call, *args)


def _bounds(value: Any) -> tuple[int, int]:
    start, stop = value
    return int(start), int(stop)


def _state(progress: Progress) -> tuple[str, BaseException | None, int]:
    return progress.status, progress.error, progress.run
