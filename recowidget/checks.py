"""What an argument may be: a count, a number, one of some names, numbers in an array."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from recowidget.errors import RecowidgetError, named_type, shown

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_count(name: str, value: object, least: int = 1) -> int:
    """Return a number if it is an integer of `least` or more; RecowidgetError where it isn't."""
    number = int(value) if not isinstance(value, bool) and isinstance(value, Integral) else least - 1
    if number < least:
        raise RecowidgetError(f"{name} must be an integer of {least} or more, not {shown(value)}")
    return number


def check_number(name: str, value: object, *, least: float = -math.inf, above: float = -math.inf) -> float:
    """Return a number if it is finite, `least` or more, and above `above`; RecowidgetError where it isn't."""
    is_number = not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)
    number = float(value) if is_number else math.nan  # type: ignore[arg-type]
    if not (number >= least and number > above):
        what = "a finite number"
        if math.isfinite(least):
            what = f"a number of {least:g} or more"
        elif math.isfinite(above):
            what = f"a number above {above:g}"
        raise RecowidgetError(f"{name} must be {what}, not {shown(value)}")
    return number


def check_choice(name: str, value: object, choices: Sequence[str]) -> str:
    """Return a name if it is one of those there are; RecowidgetError where it isn't."""
    if isinstance(value, str) and value in choices:
        return value
    *others, final = (f'"{choice}"' for choice in choices)
    raise RecowidgetError(f"{name} must be {', '.join(others)} or {final}, not {shown(value)}")


def check_range(name: str, value: Any) -> tuple[float, float]:
    """Return the ends of a rating scale if they are two finite numbers, the lower first."""
    try:
        low, high = (float(end) for end in value)
    except (TypeError, ValueError):
        low, high = math.nan, math.nan
    if not (math.isfinite(high - low) and low < high):
        raise RecowidgetError(
            f"{name} must be the lowest and the highest rating, as (0.5, 5), not {shown(value)}"
        )
    return low, high


def check_numbers(
    name: str, values: Any, shape: str = "", *, ndim: int | None = None
) -> npt.NDArray[np.float64]:
    """Read an array of numbers.

    Parameters
    ----------
    name
        What messages call it.
    values
        Numbers, or objects that are such, as of a nullable column.
    shape
        What messages say of its shape.
    ndim
        How many dimensions it must have, where that is known.

    Raises
    ------
    RecowidgetError
        Where a value is no number, rows have different lengths, or the dimensions are others.
    """
    try:
        array = np.asarray(values)
        numbers = array.astype(np.float64) if array.dtype.kind in "fiubO" else None
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or (ndim is not None and numbers.ndim != ndim):
        got = named_type(values) if numbers is None else f"an array of shape {numbers.shape}"
        raise RecowidgetError(f"{name} must be numbers{f' of shape {shape}' if shape else ''}, not {got}")
    return numbers
