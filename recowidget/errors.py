"""The one error class of the library, and how its messages name values and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST = 60
_MOST = 5


class RecowidgetError(ValueError):
    """Every error that recowidget raises on purpose.

    Its message says what was wrong, where (rows are counted from 0, by position) and what to do.
    """


def shown(value: object) -> str:
    """Name a value in a message.

    Text stands in double quotes with unprintable characters escaped; what is long is cut.

    Parameters
    ----------
    value
        Anything: an id, a rating, a column's label.

    Returns
    -------
    str
        One line of printable characters.
    """
    is_text = isinstance(value, str)
    text = str(value)
    cut = text[:_LONGEST]
    printable = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in cut
    )
    if is_text:
        printable = '"' + printable.replace('"', '\\"') + '"'
    return printable if cut == text else f"{printable}… ({len(text):,} characters)"


def named_type(value: object) -> str:
    """Name the type of what was given, with its package: `list`, `pandas.DataFrame`, `the class Factors`."""
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__qualname__}"
    package = type(value).__module__.partition(".")[0]
    return f"{package}.{type(value).__qualname__}".removeprefix("builtins.").removeprefix("recowidget.")


def as_code(label: object) -> str:
    """Write a column's label as it stands in the code that a message proposes."""
    return shown(label) if isinstance(label, str) else repr(label)


def counted(count: int, noun: str) -> str:
    """Give a count with its noun: `1 row`, `1,200 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(parts: Sequence[str]) -> str:
    """Join names as a sentence does: `a, b and c`."""
    *others, final = parts
    return f"{', '.join(others)} and {final}" if others else final


def first_few(values: Iterable[object], count: int, most: int = _MOST, *, quote: bool = True) -> str:
    """List the first of `count` values and say how many more there are.

    Parameters
    ----------
    values
        The values; only the first `most` are read.
    count
        How many there are in all.
    most
        How many are named.
    quote
        Whether to name them by `shown`; otherwise they are text that was.

    Returns
    -------
    str
        For example `7, 8, 9, 10, 11 and 3 more`.
    """
    parts = [shown(value) if quote else str(value) for value, _ in zip(values, range(most), strict=False)]
    if count > len(parts):
        return f"{', '.join(parts)} and {count - len(parts):,} more"
    return listed(parts)


def first_line(error: BaseException) -> str:
    """Name an error that others raised, with the first line of what it says."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"
