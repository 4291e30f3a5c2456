"""XLA compiles a TensorFlow function on a thread of its own, while training goes on without it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from recowidget.xla_cache import call_compiled

if TYPE_CHECKING:
    from collections.abc import Callable


class Compilation:
    """One function in compilation, which begins at once.

    Compiling takes a call, and a call would hold the variables for as long: it is made on copies of them.

    Parameters
    ----------
    trace : callable
        Gives the concrete function, of ``tf.function(..., jit_compile=True)``.
    arguments : sequence
        What to call it with; it must change nothing of what it is called with.
    """

    def __init__(self, trace: Callable[[], Any], *arguments: Any) -> None:
        self._error: Exception | None = None
        self._compiled: Any = None
        self._began = time.perf_counter()
        # Not a daemon: Python must not end in the midst of compiling.
        self._thread = threading.Thread(
            target=self._compile, args=(trace, arguments), name="recowidget-compiling", daemon=False
        )
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether `result` gives it without waiting."""
        return not self._thread.is_alive()

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self._began

    def result(self) -> Any:
        """Give the compiled function once it is there.

        Raises
        ------
        Exception
            What XLA, or tracing, said against it.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._compiled

    def _compile(self, trace: Callable[[], Any], arguments: tuple[Any, ...]) -> None:
        try:
            function = call_compiled(lambda: _traced_and_called(trace, arguments))
        except Exception as error:  # noqa: BLE001 (it is raised again by result)
            self._error = error
        else:
            self._compiled = function


def _traced_and_called(trace: Callable[[], Any], arguments: tuple[Any, ...]) -> Any:
    import tensorflow as tf

    function = trace()
    captures = list(function.captured_inputs)
    variables = {id(variable.handle): variable for variable in function.graph.variables}
    copies = [
        tf.Variable(variables[id(one)], trainable=False) if id(one) in variables else one for one in captures
    ]
    function.set_external_captures([one.handle if isinstance(one, tf.Variable) else one for one in copies])
    function(*arguments)
    function.set_external_captures(captures)
    return function
