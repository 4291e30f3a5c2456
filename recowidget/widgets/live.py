"""What every live widget shares: a training run is watched, and its frames go to the browser."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import anywidget
import numpy as np
import traitlets

from recowidget.errors import RecowidgetError, listed, shown
from recowidget.history import read_epoch
from recowidget.projection import FactorPlane
from recowidget.selection import Selected, Selection, read_selection
from recowidget.widgets.base import read_bundle
from recowidget.widgets.frame import Carries, pack_frame
from recowidget.widgets.inspector import INSPECTOR
from recowidget.widgets.mainloop import MainLoop
from recowidget.widgets.points import MOST_SELECTED, pack_points, usual_points
from recowidget.widgets.stream import FrameStream
from recowidget.widgets.summary import error_text, summarize
from recowidget.widgets.twins import twin
from recowidget.widgets.window import FIRST_WINDOW, WindowSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import altair as alt
    import pandas as pd

    from recowidget.architecture import Layer
    from recowidget.history import History
    from recowidget.progress import Progress
    from recowidget.splits import Split

logger = logging.getLogger(__name__)

PANELS = ("ratings", "split", "predictions", "residuals", "loss")
"""The panels that a training is watched by."""
MATRICES = frozenset({"ratings", "split", "predictions", "residuals"})
FACTORS = frozenset({"user_factors", "item_factors"})
ALL_PANELS = (
    "ratings",
    "split",
    "predictions",
    "residuals",
    "user_factors",
    "item_factors",
    "map",
    "loss",
    "cell",
    "user",
    "item",
    "you",
    "runs",
    "architecture",
)
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


class CursorError(RecowidgetError, traitlets.TraitError):
    """The cursor can't be set so; to traitlets it is an error of the value, which is then taken back."""


class LiveView(anywidget.AnyWidget):
    """A widget that shows a training run; whoever makes it passes it the states of training by `offer`.

    Parameters
    ----------
    watched : Watched
    settings : dict
        What the header tells of; as `recowidget.settings.Settings.as_json` gives it.
    panels : sequence of str
        Which of `ALL_PANELS` are shown.
    has_controls : bool
        Whether there are buttons to play, step and reset.
    has_header : bool
        Whether the data and the settings are told of.
    has_status : bool
        Whether there is a training whose status is told.
    is_compact : bool
        Whether what is shown is small.
    name : str
        What the widget is called, on screen and by a screen reader.

    Attributes
    ----------
    state : dict
        ``status`` of the training, ``message``: the error's text where training failed, and ``run``,
        ``epoch``, ``batch`` and planned ``epochs`` when the status changed; ``is_building`` while
        TensorFlow is loaded and the model built ahead; ``is_waited_for`` while a cell waits for the
        training, which an interrupt of the kernel then pauses; ``engine``: its name and the reason for it,
        where there is one; ``speed`` of Play. Read-only.
    summary : dict
        Counts of the ratings and their parts, and the baselines. Read-only.
    window : dict
        The first block of the matrix that is shown. Read-only.
    architecture : list of dict
        The layers of the model, once it is built; see `recowidget.architecture.Layer`. Read-only.
    cursor : int or None
        The epoch that is shown, one of those kept; None: what there is now.
    selected : dict
        Indices of what is selected: ``user`` and ``item``, None where there is none, and all ``users`` and
        ``items``; `selection` has their ids.
    points : dict
        Who and what is on the map of factors, where there is one. Read-only.
    """

    _esm: ClassVar[str] = read_bundle("explorer.js")
    _css: ClassVar[str] = read_bundle("explorer.css")

    _framed: Progress | None = None
    """What `frame` shows; None where there is something newer."""

    _n_taken = 0

    _windows: WindowSource = None  # type: ignore[assignment]  # Until the first data is taken.

    _shown_run = 0

    _n_edited = 0
    """How many of the edits of what is watched the windows have in them."""

    _speed = ""

    _updates = "both"

    # Until there is something to close: Python also closes a widget whose constructor raised.
    _is_closed = True

    settings = traitlets.Dict(read_only=True, help="All settings, by name.").tag(
        sync=True,
        to_json=lambda value, widget: widget._settings_as_json(value),  # noqa: SLF001
    )
    state = traitlets.Dict(read_only=True, help="Status, and the error where training failed.").tag(sync=True)
    summary = traitlets.Dict(read_only=True, help="Counts and baselines.").tag(sync=True)
    window = traitlets.Dict(read_only=True, help="The first window, packed.").tag(sync=True)
    frame = traitlets.Dict(read_only=True, help="The state of training at display, packed.").tag(sync=True)
    architecture: traitlets.List[dict[str, Any]] = traitlets.List(
        read_only=True, help="The layers of the model, once it is built."
    ).tag(sync=True)
    selected = traitlets.Dict(
        Selected().as_json(), help="Indices of the selected user and item, or None, and of all."
    ).tag(sync=True)
    points = traitlets.Dict(read_only=True, help="Who is on the map of factors, packed.").tag(sync=True)
    cursor = traitlets.Any(None, help="The epoch that is shown; None: what there is now.").tag(sync=True)
    proposed = traitlets.Dict(
        default_value=None,
        allow_none=True,
        read_only=True,
        help="The settings that the next reset takes, and those refused.",
    ).tag(sync=True)
    run_table: traitlets.List[dict[str, Any]] = traitlets.List(
        read_only=True, help="The runs so far, the one under way last."
    ).tag(sync=True)
    your_ratings: traitlets.List[list[Any]] = traitlets.List(
        help="What who sits before it rated: index of an item, and a rating or None."
    ).tag(sync=True)
    edit_list = traitlets.Dict(
        None, allow_none=True, read_only=True, help="The edits of the ratings; None where there are none."
    ).tag(sync=True)
    panels: traitlets.List[str] = traitlets.List(read_only=True, help="The panels that are shown.").tag(
        sync=True
    )
    name = traitlets.Unicode(read_only=True, help="What the widget is called.").tag(sync=True)
    has_controls = traitlets.Bool(read_only=True, help="Whether buttons drive the training.").tag(sync=True)
    has_header = traitlets.Bool(read_only=True, help="Whether data and settings are told of.").tag(sync=True)
    has_status = traitlets.Bool(read_only=True, help="Whether there is a training to tell of.").tag(sync=True)
    is_compact = traitlets.Bool(read_only=True, help="Whether what is shown is small.").tag(sync=True)

    def __init__(
        self,
        watched: Watched,
        settings: dict[str, Any],
        *,
        panels: Sequence[str] = PANELS,
        has_controls: bool = False,
        has_header: bool = True,
        has_status: bool = True,
        is_compact: bool = False,
        name: str = "MFExplorer",
        **keywords: Any,
    ) -> None:
        self._main_loop = MainLoop()
        self._state_lock = threading.Lock()
        self._is_building = False
        self._is_waited_for = False
        self._with_baselines = "loss" in panels
        self._plane = FactorPlane() if "map" in panels else None
        self._listeners: tuple[Callable[[pd.DataFrame], object], ...] = ()
        self._carries = Carries(
            predictions=not MATRICES.union(INSPECTOR).isdisjoint(panels),
            factors=not FACTORS.isdisjoint(panels),
            plane=self._plane,
            told=frozenset(INSPECTOR).intersection(panels),
        )
        # Before the widget opens its comm, so that the first message has everything for the first picture.
        self._take(watched, settings, WindowSource(watched.split))
        self.set_trait("panels", [panel for panel in ALL_PANELS if panel in panels])
        self.set_trait("name", name)
        self.set_trait("has_controls", has_controls)
        self.set_trait("has_header", has_header)
        self.set_trait("has_status", has_status)
        self.set_trait("is_compact", is_compact)
        super().__init__(**keywords)
        self._stream = FrameStream(
            send=self.send,
            publish=self._publish,
            on_ready=self._view_is_there,
            windows=self._windows,
            history=watched.history,
            is_busy=self._main_loop.is_busy,
            on_edited=self._tell_counts,
            carries=self._carries,
        )
        self.on_msg(self._receive)
        self.observe(self._tell_selected, "selected")
        self._selection.join(self._take_selected)
        self._is_closed = False

    def _take(self, watched: Watched, settings: dict[str, Any], windows: WindowSource) -> None:
        self._watched = watched
        self._n_edited = len(getattr(watched, "edited", ()))
        self._selection: Selection = getattr(watched, "selection", None) or Selection()
        self.set_trait("settings", settings)
        self.set_trait("state", self._state_of(watched.progress))
        if windows is not self._windows:
            self._windows = windows
            self._n_taken += 1
            content, buffers = self._windows.pack(FIRST_WINDOW)
            summary = summarize(watched, data=self._n_taken, with_baselines=self._with_baselines)
            self.set_trait("summary", summary)
            self.set_trait("window", {**content, "buffers": buffers})
        else:
            self.set_trait("summary", {**self.summary, "run": watched.progress.run})
        if self._plane:
            self._plane.choose(*usual_points(watched.split.interactions))
            self._place_selected()
            self._tell_points()
        self._frame_now()
        self.cursor = None
        self._shown_run = watched.progress.run
        self.set_trait("selected", self._selection.selected.as_json())

    # ---- states of training -------------------------------------------------------------------------

    def look_at(self, watched: Watched, settings: dict[str, Any]) -> None:
        """Show something else from now on, in the views that are on the page."""
        if self._is_closed:
            return
        self._selection.leave(self._take_selected)
        windows = self._windows if watched.split is self._watched.split else WindowSource(watched.split)
        self._stream.turn_to(windows, watched.history)
        with self.hold_sync():
            self._take(watched, settings, windows)
        self._selection.join(self._take_selected)
        self.offer(watched.progress)

    def offer(self, progress: Progress) -> None:
        """Take the latest state of training, on any thread; what can't be shown in time is passed over."""
        self._framed = None
        self._take_edits()
        if not self._stream.is_started:
            self._leave_past(progress)
        self._stream.offer(progress)

    def _take_edits(self) -> None:
        """Show what was changed of the ratings, in the orders that users and items are in."""
        edited: tuple[tuple[int, int], ...] = getattr(self._watched, "edited", ())
        pairs = edited[self._n_edited :]
        if not pairs:
            return
        self._n_edited = len(edited)
        split = self._watched.split
        self._windows = self._windows.edited(split)
        self._stream.edit(split, pairs)

    def _tell_counts(self) -> None:
        """Tell how many ratings there are once they were changed; the baselines, which take longer, after."""
        if self._is_closed:
            return
        counts = summarize(self._watched, data=self._n_taken, edits=self._n_edited, with_baselines=False)
        self.set_trait("summary", {**counts, "baselines": self.summary["baselines"]})
        if self._with_baselines:
            told = summarize(self._watched, data=self._n_taken, edits=self._n_edited)
            self.set_trait("summary", told)

    @property
    def is_hungry(self) -> bool:
        """Whether a state offered now would be shown at once."""
        return self._stream.is_hungry

    def close(self) -> None:
        """End the thread that talks to the browser, and remove all views."""
        if not self._is_closed:
            self._is_closed = True
            self.on_msg(self._receive, remove=True)
            self._selection.leave(self._take_selected)
            self._stream.close()
        super().close()

    # ---- what is shown and selected -----------------------------------------------------------------

    def show_architecture(self, layers: Sequence[Layer]) -> None:
        """Show of what the model is made; called once it is built."""
        if not self._is_closed:
            self.set_trait("architecture", [layer.as_json() for layer in layers])

    @property
    def selection(self) -> pd.DataFrame:
        """What is selected, in this and all other views of the run.

        One row for each user and each item: ``kind``, ``id`` and ``title``. May be set to such a frame, to a
        dictionary such as ``{"user": 1, "item": [50, 260]}``, or to None.
        """
        return self._selection.selected.frame(self._watched.split.interactions)

    @selection.setter
    def selection(self, value: pd.DataFrame | Mapping[str, Any] | None) -> None:
        self._selection.select(read_selection(value, self._watched.split.interactions))

    def on_selection(self, f: Callable[[pd.DataFrame], object]) -> Callable[[], None]:
        """Call a function with `selection` on every change of it.

        Parameters
        ----------
        f : callable
            Called on the thread that changed the selection: it should take no time. What it raises is logged
            and goes no further.

        Returns
        -------
        callable
            Takes it back: `f` is called no more.
        """

        def tell(selection: pd.DataFrame) -> None:
            try:
                f(selection)
            except Exception:
                logger.exception("what on_selection calls raised an error")

        def take_back() -> None:
            with self._state_lock:
                self._listeners = tuple(other for other in self._listeners if other is not tell)

        with self._state_lock:
            self._listeners = (*self._listeners, tell)
        return take_back

    def chart(self, panel: str | None = None) -> alt.TopLevelMixin:
        """Draw a panel as a static Altair chart of what there is now.

        Parameters
        ----------
        panel : str, optional
            One of `panels`. None: all that this view shows, side by side.

        Raises
        ------
        RecowidgetError
            If the view has no such panel, or there is nothing to draw yet.
        """
        if panel is not None and panel not in self.panels:
            there = listed([shown(one) for one in self.panels])
            raise RecowidgetError(f"{self.name} has no panel {shown(panel)}; it has {there}")
        return twin(self._watched, list(self.panels) if panel is None else [panel])

    @traitlets.validate("cursor")
    def _check_cursor(self, proposal: Any) -> int | None:
        epoch, history = proposal["value"], self._watched.history
        if epoch is None:
            return None
        if not self.has_controls:
            raise CursorError("this view shows what there is now; cursor is that of an explorer")
        try:
            return history.nearest_kept(read_epoch(epoch, history))
        except RecowidgetError as error:
            raise CursorError(f"cursor: {error}; None shows what there is now") from None

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> dict[str, int | list[int] | None]:
        interactions, given = self._watched.split.interactions, proposal["value"]

        def known(kind: str, size: int) -> tuple[int, ...]:
            many = given.get(f"{kind}s")
            several = [given.get(kind), *(many if isinstance(many, list | tuple) else [])]
            return tuple(index for index in several if isinstance(index, int) and 0 <= index < size)

        users, items = known("user", interactions.n_users), known("item", interactions.n_items)
        return Selected(users=users, items=items).as_json()

    def _tell_selected(self, _change: object) -> None:
        selected: dict[str, Any] = self.selected
        self._selection.select(Selected(users=tuple(selected["users"]), items=tuple(selected["items"])))

    def _take_selected(self, selected: Selected) -> None:
        if self._is_closed:
            return
        self.selected = selected.as_json()
        if self._place_selected():
            self._tell_points()
            self._stream.refresh()
        if self._listeners:
            frame = selected.frame(self._watched.split.interactions)
            for tell in self._listeners:
                tell(frame.copy())

    def _place_selected(self) -> bool:
        """Have what is selected on the map; return whether that is a change."""
        selected = self._selection.selected
        users, items = (np.array(some[:MOST_SELECTED], np.int32) for some in (selected.users, selected.items))
        return self._plane is not None and self._plane.add(users, items)

    def _tell_points(self) -> None:
        if self._plane:
            self.set_trait("points", pack_points(self._watched.split.interactions, *self._plane.points))

    # ---- the browser --------------------------------------------------------------------------------

    def _frame_now(self) -> None:
        """Put the state of training into a trait: it arrives with the widget, whatever holds the kernel."""
        self._framed = progress = self._watched.progress
        looked_at = self._windows.union([self._windows.clip(FIRST_WINDOW)], [self._selection.selected])
        content, buffers, _ = pack_frame(progress, self._watched.history, 0, looked_at, self._carries)
        self.set_trait("frame", {**content, "buffers": buffers})

    def _start(self) -> None:
        """Begin to send frames. In a box no one asks for the bundle: then the view's own word starts it."""
        self._main_loop.attach()
        self._stream.start(self._watched.progress)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if self._framed is not self._watched.progress:
            self._frame_now()
        if self.summary["edits"] != self._n_edited and not self._stream.is_started:
            content, buffers = self._windows.pack(FIRST_WINDOW)
            self.set_trait("window", {**content, "buffers": buffers})
            self._tell_counts()
        self._start()
        return super()._repr_mimebundle_(**kwargs)

    def _settings_as_json(self, settings: dict[str, Any]) -> dict[str, Any]:
        return settings

    def _view_is_there(self) -> None:
        """A browser shows the widget."""

    def _publish(self, progress: Progress) -> None:
        self._set_state(progress)

    def _set_state(
        self,
        progress: Progress | None = None,
        *,
        is_building: bool | None = None,
        is_waited_for: bool | None = None,
    ) -> None:
        """Publish from whatever thread; the last write wins."""
        with self._state_lock:
            if is_building is not None:
                self._is_building = is_building
            if is_waited_for is not None:
                self._is_waited_for = is_waited_for
            if not self._is_closed:
                progress = progress or self._watched.progress
                self._leave_past(progress)
                self.set_trait("state", self._state_of(progress))

    def _leave_past(self, progress: Progress) -> None:
        """Show what there is now where the past that was shown is of a run before a reset."""
        if self.cursor is not None and progress.run != self._shown_run:
            self.cursor = None
        self._shown_run = progress.run

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        """Take a message from the browser. It may come on a subshell's thread: nothing here takes time."""
        if self._is_closed:
            return
        if content.get("kind") == "command":
            self._command(str(content.get("command")), content)
        else:
            if not self._stream.is_started:
                self._start()
            self._stream.receive(content)

    def _command(self, command: str, content: dict[str, Any]) -> None:
        """Carry out what a button asks for."""

    def _state_of(self, progress: Progress) -> dict[str, Any]:
        engine = getattr(self._watched, "engine", None)
        return {
            "status": progress.status,
            "message": error_text(progress.error),
            "reason": progress.reason,
            "run": progress.run,
            "epoch": progress.epoch,
            "batch": progress.batch,
            "epochs": progress.epochs,
            "is_building": self._is_building,
            "is_waited_for": self._is_waited_for,
            "engine": None if engine is None else {"name": engine.name, "reason": engine.reason},
            "has_halves": getattr(self._watched, "has_halves", False),
            "updates": self._updates,
            "speed": self._speed,
        }
