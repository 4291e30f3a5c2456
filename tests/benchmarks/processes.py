"""Measure in a process of its own, and see how much memory a process has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from recowidget.xla_cache import FLAGS

MIB = 1024**2


def in_a_fresh_process(benchmark: str, *arguments: object, is_new: bool = False) -> Any:
    """Run a benchmark with some arguments; what it printed last, read as JSON.

    Where `is_new`, it finds nothing that XLA compiled before.
    """
    command = [sys.executable, "-m", f"tests.benchmarks.{benchmark}", *map(str, arguments)]
    with TemporaryDirectory() as empty:
        environment = os.environ | ({"XDG_CACHE_HOME": empty} if is_new else {})
        if is_new:
            environment.pop(FLAGS, None)
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def peak_memory() -> float:
    """MiB that this process has had resident at most.

    Of the process alone: the ``ru_maxrss`` of one that Python starts begins with that of its parent.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def resident_memory() -> float:
    """MiB that this process has resident now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB
