"""Run benchmarks by name, all where none is named; ``--write`` keeps what they print in RESULTS.md."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from recowidget.backend import load_keras
from tests.benchmarks.results import with_sections

NAMES = (
    "splitting",
    "evaluating",
    "accuracy",
    "speed",
    "any_model",
    "explicit_als",
    "implicit_ranking",
    "large",
    "frames",
    "memory",
    "live",
    "scrubbing",
)
RESULTS = Path(__file__).with_name("RESULTS.md")
PACKAGES = ("tensorflow", "keras", "numpy", "scikit-surprise", "numba", "implicit", "cmfrec")


class Tee(io.TextIOBase):
    """Print, and keep what was printed."""

    def __init__(self) -> None:
        self.kept = io.StringIO()

    def write(self, text: str) -> int:
        """Print some text."""
        sys.__stdout__.write(text)  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]
        return self.kept.write(text)


def versions() -> str:
    """Versions of what is measured."""
    found = []
    for package in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{package} {version(package)}")
    return ", ".join(found)


def machine() -> str:
    """What this runs on."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    size = f"{os.cpu_count()} cores ({cpu}), {gigabytes:.0f} GiB"
    return f"{size}, {platform.system()}, devices of TensorFlow: {devices()}"


def devices() -> str:
    """What TensorFlow could compute on."""
    load_keras()
    import tensorflow as tf

    return ", ".join(device.name.split(":", 1)[1] for device in tf.config.list_physical_devices())


def measured(name: str) -> str:
    """Run a benchmark, and give what it printed, under the date and the machine."""
    tee = Tee()
    with contextlib.redirect_stdout(tee):
        print(f"\n{datetime.now(UTC):%d %B %Y}, Python {platform.python_version()}, {versions()}.")
        print(f"{machine()}.")
        import_module(f"tests.benchmarks.{name}").main()
    return tee.kept.getvalue()


def main() -> None:
    """Run what is asked for; what is finished is written before the next begins."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *NAMES], default=[])
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    for name in NAMES:
        if name not in (arguments.names or NAMES):
            continue
        section = measured(name)
        if arguments.write:
            before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
            RESULTS.write_text(with_sections(before, {name: section}, NAMES), encoding="utf-8")


if __name__ == "__main__":
    main()
