"""From columns of ratings and timestamps to arrays, and what is wrong with those that can't become any."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.errors import RecowidgetError, as_code, counted, listed, shown

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

_LARGEST = "3.4e38"
_INT64_END = 2**63


def check_none_missing(columns: Mapping[Hashable, pd.Series[Any]], frame_name: str) -> None:
    """Raise where a value is missing (None, NaN, NaT or NA) in a column that is needed.

    Parameters
    ----------
    columns
        The columns that are needed, by label.
    frame_name
        What messages call the frame.

    Raises
    ------
    RecowidgetError
        With the count and the first row of each column, and the call that drops them all.
    """
    found: dict[Hashable, str] = {}
    for label, column in columns.items():
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu":
            continue
        missing = column.isna().to_numpy(dtype=np.bool_)
        count = int(missing.sum())
        if count == len(column):
            raise RecowidgetError(
                f"{frame_name} has no {label} in any of its {counted(count, 'row')}; fill that column, "
                f"or leave it out with {frame_name}.drop(columns=[{as_code(label)}])"
            )
        if count:
            found[label] = f"{counted(count, 'row')} with no {label} (first at row {int(np.argmax(missing))})"
    if found:
        labels = ", ".join(as_code(label) for label in found)
        raise RecowidgetError(
            f"{frame_name} has {listed(list(found.values()))}; "
            f"drop them with {frame_name}.dropna(subset=[{labels}])"
        )


def plain_numbers(column: pd.Series[Any]) -> npt.NDArray[Any] | None:
    """Give a numeric or boolean column as a NumPy array of its own kind, without a copy where possible.

    Parameters
    ----------
    column
        A column without missing values; plain, nullable, sparse or backed by Arrow.

    Returns
    -------
    ndarray or None
        None where the dtype is no kind of number that NumPy has.
    """
    dtype = column.dtype
    if dtype.kind not in "biufc":
        return None
    values = column.to_numpy(dtype=_numpy_dtype(dtype))
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def read_ratings(column: pd.Series[Any], frame_name: str) -> npt.NDArray[np.float32]:
    """Turn a column of ratings into 32-bit floats.

    Booleans count as 0 and 1; decimals and other real numbers are rounded to 32 bits.

    Parameters
    ----------
    column
        Shape (n,), without missing values.
    frame_name
        What messages call the frame.

    Returns
    -------
    ndarray of float32
        Shape (n,), finite; never the frame's own memory.

    Raises
    ------
    RecowidgetError
        Where a rating is no number, infinite, or too large for 32 bits.
    """
    values = plain_numbers(column)
    if values is None or values.dtype.kind == "c":
        values = _numbers_from_objects(column, frame_name)
    with np.errstate(over="ignore"):
        ratings = values.astype(np.float32)
    infinite = ~np.isfinite(ratings)
    if infinite.any():
        row = int(np.argmax(infinite))
        place = f"{frame_name}[{as_code(column.name)}]"
        count = int(infinite.sum())
        raise RecowidgetError(
            f"{frame_name} has {counted(count, 'row')} with an infinite rating, or one beyond ±{_LARGEST}, "
            f"in {shown(column.name)} (first at row {row}: {shown(column.iloc[row])}); "
            f"drop them with {frame_name}[{place}.abs() < {_LARGEST}]"
        )
    return ratings


def read_weights(column: pd.Series[Any], frame_name: str) -> npt.NDArray[np.float32]:
    """Turn a column of weights into 32-bit floats, as `read_ratings` does.

    Raises
    ------
    RecowidgetError
        As `read_ratings`, and where a weight is 0 or less.
    """
    weights = read_ratings(column, frame_name)
    wrong = weights <= 0
    if wrong.any():
        row = int(np.argmax(wrong))
        raise RecowidgetError(
            f"{frame_name} has {counted(int(wrong.sum()), 'row')} with a weight of 0 or less in "
            f"{shown(column.name)} (first at row {row}: {shown(column.iloc[row])}); keep the others with "
            f"{frame_name}[{frame_name}[{as_code(column.name)}] > 0]"
        )
    return weights


def read_timestamps(column: pd.Series[Any], frame_name: str) -> npt.NDArray[np.int64]:
    """Turn a column of timestamps into 64-bit integers.

    Numbers keep their own unit (floats lose their fraction); datetimes become seconds since 1970 in UTC,
    those without a time zone being taken as UTC.

    Parameters
    ----------
    column
        Shape (n,), without missing values.
    frame_name
        What messages call the frame.

    Returns
    -------
    ndarray of int64
        Shape (n,); never the frame's own memory.

    Raises
    ------
    RecowidgetError
        Where a timestamp is neither a number that fits in 64 bits nor a datetime.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _unix_seconds(pd.DatetimeIndex(column))
    values = plain_numbers(column)
    if values is not None and values.dtype.kind in "iuf":
        usable = _fits_int64(values)
        if usable.all():
            return values.astype(np.int64)
    else:
        objects = column.to_numpy(dtype=object)
        usable = np.fromiter((_is_time(value) for value in objects), np.bool_, len(objects))
        if usable.all():
            usable = np.fromiter((abs(value) < _INT64_END for value in objects), np.bool_, len(objects))
            if usable.all():
                return objects.astype(np.int64)
        elif isinstance(objects[0], dt.date):
            times = pd.to_datetime(column.astype(object), utc=True, errors="coerce")
            usable = times.notna().to_numpy()
            if usable.all():
                return _unix_seconds(pd.DatetimeIndex(times))
    row = int(np.argmin(usable))
    label = as_code(column.name)
    place = f"{frame_name}[{label}]"
    raise RecowidgetError(
        f"{frame_name} has {counted(int((~usable).sum()), 'row')} where {shown(column.name)}, taken for the "
        f"timestamp, is neither a number that fits in 64 bits nor a datetime (first at row {row}: "
        f"{shown(column.iloc[row])}); convert it with {place} = pd.to_datetime({place}), "
        f"or leave it out with {frame_name}.drop(columns=[{label}])"
    )


def _numbers_from_objects(column: pd.Series[Any], frame_name: str) -> npt.NDArray[np.float64]:
    is_number = np.fromiter((_is_real(value) for value in column), np.bool_, len(column))
    if is_number.all():
        return np.fromiter((_as_float(value) for value in column), np.float64, len(column))
    row = int(np.argmin(is_number))
    place = f"{frame_name}[{as_code(column.name)}]"
    bad = column[~is_number]
    way = 'name the column of ratings with rating="..."'
    if all(isinstance(value, str) for value in bad):
        if pd.to_numeric(bad.astype(object), errors="coerce").notna().all():
            way = f"convert them with {place} = pd.to_numeric({place})"
        else:
            way = (
                f'convert them with {place} = pd.to_numeric({place}, errors="coerce"), '
                f"then drop what is no number with {frame_name}.dropna(subset=[{as_code(column.name)}])"
            )
    raise RecowidgetError(
        f"{frame_name} has {counted(len(bad), 'row')} where {shown(column.name)} is not a number "
        f"(first at row {row}: {shown(column.iloc[row])}); {way}"
    )


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _is_real(value: object) -> bool:
    return isinstance(value, Real | Decimal)


def _is_time(value: object) -> bool:
    return _is_real(value) and not isinstance(value, bool | np.bool_)


def _fits_int64(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    if values.dtype.kind == "i":
        return np.ones(len(values), np.bool_)
    fits: npt.NDArray[np.bool_] = np.abs(values) < values.dtype.type(_INT64_END)
    return fits


def _unix_seconds(times: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    return times.as_unit("s").asi8.copy()


def _numpy_dtype(dtype: Any) -> np.dtype[Any]:
    """Give NumPy's dtype for the values of a nullable or Arrow (numpy_dtype) or sparse (subtype) one."""
    kind: np.dtype[Any] = getattr(dtype, "numpy_dtype", getattr(dtype, "subtype", dtype))
    return kind
