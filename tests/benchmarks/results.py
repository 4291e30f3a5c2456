"""The file that keeps what benchmarks printed: a section for each, replaced by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MARKER = re.compile(r"^<!-- (\w+) -->$", re.MULTILINE)
HEAD = """# Benchmarks

What `python -m tests.benchmarks --write` printed; with names of benchmarks it measures those alone. Each
section says when, with which versions and on which machine. Three numbers are the median, the least and the
greatest of several runs; the table's title says how they were taken. [NOTES.md](NOTES.md) says of bars that
are not met what is in the way, and what was tried.
"""


def sections_of(text: str) -> dict[str, str]:
    """Give the sections of a file by the names in their markers."""
    _, *parts = MARKER.split(text)
    return {name: section.strip() for name, section in zip(parts[::2], parts[1::2], strict=True)}


def with_sections(text: str, measured: Mapping[str, str], names: Sequence[str]) -> str:
    """Put in what was measured now, keep what was measured before, all in the order of the names.

    Sections of other names go: there is no such benchmark any more.
    """
    sections = sections_of(text) | measured
    return HEAD + "".join(
        f"\n<!-- {name} -->\n\n{sections[name].strip()}\n" for name in names if name in sections
    )
