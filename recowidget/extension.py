"""The notebook extension: after ``%load_ext recowidget`` every ``model.fit`` of a recommender is live."""

from __future__ import annotations

import copy
import functools
import re
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from IPython.core.error import UsageError

from recowidget.backend import load_keras
from recowidget.errors import RecowidgetError, counted, listed
from recowidget.interactions import Interactions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import keras
    from IPython.core.interactiveshell import InteractiveShell

    from recowidget.known import Known
    from recowidget.live_training import LiveTraining

CALLBACKS: Final = 5
"""Position of ``callbacks`` among the arguments of ``fit`` after the model."""
MAX_VIEWS: Final = 8
"""Views under one cell; a search over a hundred models is not to be watched."""

_MAGIC = "recowidget"
_NUMBER: Final = re.compile(r"\d[\d.,]*")
_loaded: Extension | None = None


class Extension:
    """``keras.Model.fit`` with a live view, and ``%recowidget``.

    Parameters
    ----------
    shell : InteractiveShell
        Where the user's variables are.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        from recowidget import live_training

        self._shell = shell
        self._live_training = live_training
        if live_training.notebook_shell() is not None:
            import recowidget.widgets.training  # noqa: F401 (so that the first fit need not wait for it)
        self._model_class = load_keras().Model
        self._had_own_fit = "fit" in vars(self._model_class)
        self._original: Callable[..., Any] = self._model_class.fit
        self._fit = _live_fit(self)
        self._model_class.fit = self._fit
        self._is_on = True
        self._known: Known | None = None
        self._depth = threading.local()
        self._told: set[str] = set()
        self._seen: weakref.WeakSet[keras.Model] = weakref.WeakSet()
        self._steps: weakref.WeakKeyDictionary[keras.Model, int] = weakref.WeakKeyDictionary()
        self._cell: object = None
        self._of_cell: list[tuple[weakref.ref[keras.Model], LiveTraining]] = []
        shell.magics_manager.register_function(self.magic, magic_kind="line", magic_name=_MAGIC)
        self._note_own_fits()
        shell.events.register("post_run_cell", self._end_cell)

    def unload(self) -> None:
        """Give ``keras.Model`` its own ``fit`` back, take the magic away and let go of models."""
        self._is_on = False
        self._of_cell.clear()
        # Where others have patched it since, theirs stays and finds ours doing nothing.
        if vars(self._model_class).get("fit") is self._fit:
            if self._had_own_fit:
                self._model_class.fit = self._original
            else:
                del self._model_class.fit
        self._shell.magics_manager.magics["line"].pop(_MAGIC, None)
        with suppress(ValueError):
            self._shell.events.unregister("post_run_cell", self._end_cell)

    # ---- fit ----------------------------------------------------------------------------------------

    def fit(self, model: keras.Model, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call the model's own ``fit`` with a callback more."""
        __tracebackhide__ = True
        self._seen.add(model)
        if not self._is_on or getattr(self._depth, "inside", False):
            return self._original(model, *args, **keywords)
        args, keywords, live = self._with_callback(model, args, dict(keywords))
        self._depth.inside = True
        try:
            result = self._original(model, *args, **keywords)
        except BaseException as error:
            if live is not None:
                live.end(error)
            raise
        else:
            if live is not None:
                live.settle()
            return result
        finally:
            self._depth.inside = False

    def _with_callback(
        self, model: keras.Model, args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], LiveTraining | None]:
        given = args[CALLBACKS] if len(args) > CALLBACKS else keywords.get("callbacks")
        live = self._own(given)
        if live is None:
            live = self._callback_of(model)
            if live is None:
                return args, keywords, None
            added = _added(live, given)
            if len(args) > CALLBACKS:
                args = (*args[:CALLBACKS], added, *args[CALLBACKS + 1 :])
            else:
                keywords["callbacks"] = added
        return args, keywords, live

    def _own(self, callbacks: Any) -> LiveTraining | None:
        """Find the user's own `LiveTraining` among the callbacks."""
        listed = getattr(callbacks, "callbacks", callbacks)
        every = listed if isinstance(listed, list | tuple) else [listed]
        return next((one for one in every if isinstance(one, self._live_training.LiveTraining)), None)

    def _callback_of(self, model: keras.Model) -> LiveTraining | None:
        """Give the callback for a model: within a cell, the one that it had already."""
        cell = self._shell.execution_count
        if cell != self._cell:
            self._cell, self._of_cell = cell, []
        for of, live in self._of_cell:
            if of() is model:
                return live
        if len(self._of_cell) >= MAX_VIEWS:
            self._tell_once(f"only the first {MAX_VIEWS} models trained in a cell are shown")
            return None
        live = self._live_training.LiveTraining()
        live.known = self._known
        live.tell = self._tell_once
        self._of_cell.append((weakref.ref(model), live))
        return live

    def _tell_once(self, text: str) -> None:
        """Say each reason once, whichever model or sizes it is of: it goes for all fits like that."""
        _, _, reason = text.partition(": ")
        kind = _NUMBER.sub("#", reason or text)
        if kind not in self._told:
            self._told.add(kind)
            self._live_training.tell(text)

    # ---- models with a fit of their own -------------------------------------------------------------

    def _own_fits(self) -> Iterator[tuple[keras.Model, int]]:
        """Give the notebook's models whose class has a ``fit`` that never called Keras's, and their steps."""
        for model in list(self._shell.user_ns.values()):
            if (
                isinstance(model, self._model_class)
                and type(model).fit is not self._fit
                and model not in self._seen
            ):
                iterations = getattr(getattr(model, "optimizer", None), "iterations", None)
                yield model, 0 if iterations is None else int(np.asarray(iterations))

    def _note_own_fits(self) -> None:
        self._steps = weakref.WeakKeyDictionary(self._own_fits())

    def _end_cell(self, _result: object = None) -> None:
        """A cell has run: let go of its models, and tell of those trained in it past `keras.Model.fit`."""
        self._of_cell.clear()
        if not self._is_on:
            return
        before = self._steps
        self._note_own_fits()
        for model, steps in self._steps.items():
            if steps > before.get(model, 0):
                self._tell_once(
                    f"no live view of the model {model.name}: its class {type(model).__name__} has a fit of "
                    "its own, which calls keras.Model.fit nowhere"
                )

    # ---- %recowidget --------------------------------------------------------------------------------

    def magic(self, line: str) -> None:
        """Say which ids and titles the indices of models stand for.

        ``%recowidget ratings movies`` takes them from two variables of the notebook: a frame of ratings, or
        Interactions, and a frame with titles of the items; a third one has names of the users.
        ``%recowidget`` alone tells what is known, ``%recowidget off`` and ``on`` switch the live views.
        """
        match line.split():
            case []:
                self._live_training.tell(self._state())
            case ["off"]:
                self._is_on = False
            case ["on"]:
                self._is_on = True
            case names:
                self._learn(names)
                self._live_training.tell(f"known are {self._known}")

    def _state(self) -> str:
        views = (
            "every fit of a recommender is shown" if self._is_on else "off; %recowidget on shows views again"
        )
        known = (
            "of ids and titles nothing is known, %recowidget ratings movies names the frames that have them"
            if self._known is None
            else f"known are {self._known}"
        )
        return f"{views}; {known}"

    def _learn(self, names: list[str]) -> None:
        variables = self._shell.user_ns
        missing = [name for name in names if name not in variables]
        if missing:
            raise UsageError(f"%recowidget: there is no variable {listed(missing)} in this notebook")
        most = ("ratings", "items", "users")
        if len(names) > len(most):
            raise UsageError(f"%recowidget takes {listed(most)}, not {counted(len(names), 'variable')}")
        values = [variables[name] for name in names]
        for name, value, role in zip(names, values, most, strict=False):
            if not isinstance(value, pd.DataFrame) and not (
                role == "ratings" and isinstance(value, Interactions)
            ):
                wanted = "a frame or Interactions" if role == "ratings" else "a frame"
                raise UsageError(f"%recowidget: {name} must be {wanted}, it is {type(value).__name__}")
        try:
            self._known = self._live_training.read_known(*values)
        except RecowidgetError as error:
            raise UsageError(f"%recowidget: {error} (it takes Interactions as well)") from error


def _live_fit(extension: Extension) -> Callable[..., Any]:
    @functools.wraps(extension._original)  # noqa: SLF001
    def fit(self: keras.Model, *args: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        return extension.fit(self, args, keywords)

    return fit


def _added(live: LiveTraining, callbacks: Any) -> Any:
    """Put a callback before the user's, whose own object stays as it is.

    Keras calls hooks of a batch on another thread where no callback of a list has such hooks, and doesn't
    look where it is no list: what it is given stays of the kind it was.
    """
    if callbacks is None:
        return [live]
    if isinstance(callbacks, list | tuple):
        return [live, *callbacks]
    if isinstance(getattr(callbacks, "callbacks", None), list):
        copied = copy.copy(callbacks)
        copied.callbacks = [live, *callbacks.callbacks]
        live.set_params(callbacks.params)
        live.set_model(callbacks.model)
        return copied
    return {"0": live, "1": callbacks}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Make every ``fit`` live; again, it does nothing."""
    global _loaded  # noqa: PLW0603 (IPython loads an extension into a process once)
    if _loaded is None:
        _loaded = Extension(shell)


def unload_ipython_extension(_shell: InteractiveShell) -> None:
    """Put everything back."""
    global _loaded  # noqa: PLW0603
    if _loaded is not None:
        _loaded.unload()
        _loaded = None
