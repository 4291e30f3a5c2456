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

NAMES = (
    "splitting",
    "evaluating",
    "accuracy",
    "speed",
    "any_model",
    "implicit_ranking",
    "large",
    "memory",
    "live",
)
RESULTS = Path(__file__).with_name("RESULTS.md")
PACKAGES = ("tensorflow", "keras", "numpy", "scikit-surprise", "numba", "implicit")


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
    return f"{os.cpu_count()} cores ({cpu}), {gigabytes:.0f} GiB, {platform.system()}, no GPU used"


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *NAMES], default=[])
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    tee = Tee()
    with contextlib.redirect_stdout(tee):
        print("# Benchmarks\n")
        print(f"{datetime.now(UTC):%d %B %Y}, Python {platform.python_version()}, {versions()}.")
        print(f"{machine()}. Medians, with the least and the greatest of several runs taken in turns.")
        for name in arguments.names or NAMES:
            import_module(f"tests.benchmarks.{name}").main()
    if arguments.write:
        RESULTS.write_text(tee.kept.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main()
