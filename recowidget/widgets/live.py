"""What every live widget shares: a training run is watched, and its frames go to the browser."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import anywidget
import traitlets

from recowidget.widgets.base import read_bundle
from recowidget.widgets.mainloop import MainLoop
from recowidget.widgets.stream import FrameStream
from recowidget.widgets.summary import error_text, summarize
from recowidget.widgets.window import FIRST_WINDOW, WindowSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recowidget.history import History
    from recowidget.progress import Progress
    from recowidget.splits import Split

PANELS = ("ratings", "split", "predictions", "loss")
"""All panels, in the order they stand in."""


class Watched(Protocol):
    """What a live widget looks at: a `recowidget.run.Run`, or anything else that trains."""

    @property
    def split(self) -> Split:
        """The ratings, and which of them are for training."""

    @property
    def history(self) -> History:
        """The losses so far."""

    @property
    def progress(self) -> Progress:
        """Where training stands."""


class LiveView(anywidget.AnyWidget):
    """A widget that shows a training run; whoever makes it passes it the states of training by `offer`.

    Parameters
    ----------
    watched : Watched
    settings : dict
        What the header tells of; as `recowidget.settings.Settings.as_json` gives it.
    panels : sequence of str
        Which of `PANELS` are shown.
    has_controls : bool
        Whether there are buttons to play, step and reset.

    Attributes
    ----------
    state : dict
        ``status`` of the training, ``message``: the error's text where training failed, and ``run``,
        ``epoch``, ``batch`` and planned ``epochs`` when the status changed; ``is_building`` while
        TensorFlow is loaded and the model built ahead. Read-only.
    summary : dict
        Counts of the ratings and their parts, and the baselines. Read-only.
    window : dict
        The first block of the matrix that is shown. Read-only.
    """

    _esm: ClassVar[str] = read_bundle("explorer.js")
    _css: ClassVar[str] = read_bundle("explorer.css")

    # Until there is something to close: Python also closes a widget whose constructor raised.
    _is_closed = True

    settings = traitlets.Dict(read_only=True, help="All settings, by name.").tag(
        sync=True,
        to_json=lambda value, widget: widget._settings_as_json(value),  # noqa: SLF001
    )
    state = traitlets.Dict(read_only=True, help="Status, and the error where training failed.").tag(sync=True)
    summary = traitlets.Dict(read_only=True, help="Counts and baselines.").tag(sync=True)
    window = traitlets.Dict(read_only=True, help="The first window, packed.").tag(sync=True)
    panels: traitlets.List[str] = traitlets.List(read_only=True, help="The panels that are shown.").tag(
        sync=True
    )
    has_controls = traitlets.Bool(read_only=True, help="Whether buttons drive the training.").tag(sync=True)

    def __init__(
        self,
        watched: Watched,
        settings: dict[str, Any],
        *,
        panels: Sequence[str] = PANELS,
        has_controls: bool = False,
    ) -> None:
        self._watched = watched
        self._main_loop = MainLoop()
        self._state_lock = threading.Lock()
        self._is_building = False
        windows = WindowSource(watched.split)
        content, buffers = windows.pack(FIRST_WINDOW)
        # Before the widget opens its comm, so that the first message has everything for the first picture.
        self.set_trait("settings", settings)
        self.set_trait("state", _state(watched.progress) | {"is_building": False})
        self.set_trait("summary", summarize(watched.split, watched.progress.run))
        self.set_trait("window", {**content, "buffers": buffers})
        self.set_trait("panels", list(panels))
        self.set_trait("has_controls", has_controls)
        super().__init__()
        self._stream = FrameStream(
            send=self.send,
            publish=self._publish,
            on_ready=self._view_is_there,
            windows=windows,
            history=watched.history,
            is_busy=self._main_loop.is_busy,
        )
        self.on_msg(self._receive)
        self._is_closed = False

    # ---- states of training -------------------------------------------------------------------------

    def offer(self, progress: Progress) -> None:
        """Take the latest state of training, on any thread; what can't be shown in time is passed over."""
        self._stream.offer(progress)

    @property
    def is_hungry(self) -> bool:
        """Whether a state offered now would be shown at once."""
        return self._stream.is_hungry

    def close(self) -> None:
        """End the thread that talks to the browser, and remove all views."""
        if not self._is_closed:
            self._is_closed = True
            self.on_msg(self._receive, remove=True)
            self._stream.close()
        super().close()

    # ---- the browser --------------------------------------------------------------------------------

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._main_loop.attach()
        self._stream.start(self._watched.progress)
        return super()._repr_mimebundle_(**kwargs)

    def _settings_as_json(self, settings: dict[str, Any]) -> dict[str, Any]:
        return settings

    def _view_is_there(self) -> None:
        """A browser shows the widget."""

    def _publish(self, progress: Progress) -> None:
        self._set_state(progress)

    def _set_state(self, progress: Progress | None = None, *, is_building: bool | None = None) -> None:
        """Publish from whatever thread; the last write wins."""
        with self._state_lock:
            if is_building is not None:
                self._is_building = is_building
            if not self._is_closed:
                self.set_trait(
                    "state", _state(progress or self._watched.progress) | {"is_building": self._is_building}
                )

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        """Take a message from the browser. It may come on a subshell's thread: nothing here takes time."""
        if self._is_closed:
            return
        if content.get("kind") == "command":
            self._command(str(content.get("command")), content)
        else:
            self._stream.receive(content)

    def _command(self, command: str, content: dict[str, Any]) -> None:
        """Carry out what a button asks for."""


def _state(progress: Progress) -> dict[str, Any]:
    return {
        "status": progress.status,
        "message": error_text(progress.error),
        "run": progress.run,
        "epoch": progress.epoch,
        "batch": progress.batch,
        "epochs": progress.epochs,
    }
