"""TensorFlow and Keras: imported when they are first needed, once, and quietly."""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from recowidget.errors import RecowidgetError
from recowidget.xla_cache import keep_compiled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

START_UP_MESSAGE = re.compile(rb"WARNING: All log messages before absl|I0000 00:00:")
"""How the lines begin that TensorFlow prints as it is imported, whatever its log level."""


def load_keras() -> Any:
    """Import TensorFlow and Keras, with TensorFlow's start-up messages off.

    Called on the main thread only: an import on another thread fails where the main thread imports Keras at
    the same time. An interrupt that comes during the import takes effect after it, since a half-imported
    TensorFlow can't be imported again.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "keras" in sys.modules:
        import keras
    else:
        if "tensorflow" not in sys.modules:
            keep_compiled()
        with _interrupt_deferred(), _start_up_messages_left_out():
            import keras
    if keras.backend.backend() != "tensorflow":
        raise RecowidgetError(
            f"Keras runs on {keras.backend.backend()}, recowidget trains with TensorFlow; restart the kernel "
            'and set the environment variable KERAS_BACKEND to "tensorflow" before Keras is imported'
        )
    return keras


@contextmanager
def _start_up_messages_left_out() -> Iterator[None]:
    """Keep TensorFlow's start-up messages, and only those, from standard error.

    They come from C++ before its log level counts, and would stand under the learner's first cell in red.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            caught.seek(0)
            for line in caught:
                if not START_UP_MESSAGE.match(line):
                    os.write(stderr, line)
            os.close(stderr)


@contextmanager
def _interrupt_deferred() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list[tuple[int, FrameType | None]] = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: pending.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if pending and callable(previous):
        previous(*pending[-1])
