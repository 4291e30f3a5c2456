"""XLA compiles a TensorFlow function on a thread of its own, while training goes on without it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

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
        self._trace = trace
        self._arguments = arguments
        self._compiled: Any = None
        self._thread = threading.Thread(target=self._compile, name="recowidget-compiling", daemon=False)
        self._thread.start()

    def result(self) -> Any:
        """Give the compiled function once it is there; None where XLA can't compile it."""
        self._thread.join()
        return self._compiled

    def _compile(self) -> None:
        import tensorflow as tf

        try:
            function = self._trace()
            captures = list(function.captured_inputs)
            variables = {id(variable.handle): variable for variable in function.graph.variables}
            copies = [
                tf.Variable(variables[id(one)], trainable=False) if id(one) in variables else one
                for one in captures
            ]
            function.set_external_captures(
                [one.handle if isinstance(one, tf.Variable) else one for one in copies]
            )
            function(*self._arguments)
            function.set_external_captures(captures)
        except Exception:  # noqa: BLE001 (whatever it is that XLA can't do, TensorFlow alone can)
            return
        self._compiled = function
