"""From a column of ids, of whatever kind, to indices and the sorted ids that they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.errors import RecowidgetError, as_code, counted, listed, shown
from recowidget.reading.values import plain_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recowidget.encoding import Ids, Indices

_CHUNK = 1 << 20
_SMALL_SPAN = 1 << 16
_EXACT_IN_FLOAT = 2**53


def encode(column: pd.Series[Any], frame_name: str) -> tuple[Indices, Ids]:
    """Turn a column of ids into indices and the sorted ids they stand for.

    Takes integers, text, UUIDs, dates and other single kinds that sort; plain, nullable, categorical or
    backed by Arrow. Whole numbers that pandas keeps as floats (it does where some were missing) become
    integers again.

    Parameters
    ----------
    column
        The ids, shape (n_rows,), n_rows > 0, without a missing one.
    frame_name
        What messages call the frame.

    Returns
    -------
    indices : ndarray of int32
        Shape (n_rows,): the rank of each row's id.
    ids : ndarray
        Shape (n_ids,), ascending: integers of the column's dtype, or objects.

    Raises
    ------
    RecowidgetError
        Where the ids are booleans, fractions, of several kinds, or of a kind that can't be sorted.

    Notes
    -----
    Integers that span less than the number of rows are ranked by a lookup table, in linear time and with
    temporary arrays of a few bytes a row at most; all other ids by a hash table.
    """
    return _Column(column, frame_name).encode(column)


@dataclass(frozen=True)
class _Column:
    """The column as the user sees it: what messages speak of while parts of it are encoded."""

    rows: pd.Series[Any]
    frame_name: str

    def encode(self, values: pd.Series[Any]) -> tuple[Indices, Ids]:
        dtype = values.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            codes = values.cat.codes.to_numpy()
            used = np.flatnonzero(np.bincount(codes, minlength=len(dtype.categories)))
            rank = np.zeros(len(dtype.categories), np.int32)
            rank[used], ids = self.encode(pd.Series(dtype.categories[used]))
            return rank[codes], ids
        numbers = plain_numbers(values)
        if numbers is not None:
            return self.encode_numbers(numbers)
        if isinstance(dtype, pd.ArrowDtype) or getattr(dtype, "storage", "") == "pyarrow":
            codes, uniques = pd.factorize(values)
            rank, ids = self.encode_objects(uniques.to_numpy(dtype=object))
            return rank[codes], ids
        return self.encode_objects(values.to_numpy(dtype=object))

    def encode_numbers(self, values: npt.NDArray[Any]) -> tuple[Indices, Ids]:
        if values.dtype.kind in "bc":
            raise self.unusable("booleans" if values.dtype.kind == "b" else "complex numbers")
        if values.dtype.kind == "f":
            if not _is_whole(values).all():
                count = int((~_is_whole(self.rows.to_numpy(dtype=np.float64))).sum())
                row = next(row for row, value in enumerate(self.rows) if not _is_whole(value))
                raise RecowidgetError(
                    f"{self.frame_name} has {counted(count, 'row')} where {shown(self.rows.name)} is no "
                    f"whole number below 2**53 (first at row {row}: {shown(self.rows.iloc[row])}), "
                    f"which can't serve as an id; {self.as_text()}"
                )
            values = values.astype(np.int64)
        return _encode_integers(values)

    def encode_objects(self, values: npt.NDArray[np.object_]) -> tuple[Indices, Ids]:
        kinds = set(map(type, values))
        if kinds <= {bool, np.bool_}:
            raise self.unusable("booleans")
        if all(issubclass(kind, Real) for kind in kinds) and not kinds & {bool, np.bool_}:
            try:
                if all(issubclass(kind, Integral) for kind in kinds):
                    return _encode_integers(values.astype(np.int64))
                return self.encode_numbers(values.astype(np.float64))
            except OverflowError:
                kinds = {int} if all(issubclass(kind, Integral) for kind in kinds) else kinds
        if all(issubclass(kind, str) for kind in kinds):
            kinds = {str}
        if len(kinds) > 1:
            raise self.mixed()
        if pd.api.types.is_list_like(values[0]):
            raise self.unusable(f"values of type {kinds.pop().__qualname__}")
        try:
            codes, uniques = _factorize(values)
            order = np.argsort(uniques, kind="stable")
        except TypeError:
            raise self.unusable(f"values of type {kinds.pop().__qualname__}") from None
        return _ranked(codes, uniques, order)

    def unusable(self, what: str) -> RecowidgetError:
        return RecowidgetError(
            f"{self.frame_name} has {what} in {shown(self.rows.name)} (first at row 0: "
            f"{shown(self.rows.iloc[0])}), which can't serve as ids; {self.as_text()}"
        )

    def mixed(self) -> RecowidgetError:
        kinds = dict.fromkeys(type(value) for value in self.rows)
        examples = []
        for kind in kinds:
            row = next(row for row, value in enumerate(self.rows) if type(value) is kind)
            examples.append(f"{kind.__qualname__} (first at row {row}: {shown(self.rows.iloc[row])})")
        return RecowidgetError(
            f"{self.frame_name} has ids of different kinds in {shown(self.rows.name)}, which can't be sorted "
            f"together: {listed(examples)}; {self.as_text()}"
        )

    def as_text(self) -> str:
        place = f"{self.frame_name}[{as_code(self.rows.name)}]"
        return f"make them text with {place} = {place}.astype(str)"


def _encode_integers(values: npt.NDArray[Any]) -> tuple[Indices, Ids]:
    low, high = int(values.min()), int(values.max())
    span = high - low + 1
    if span > max(len(values), _SMALL_SPAN):
        codes, uniques = pd.factorize(values)
        return _ranked(codes, uniques, np.argsort(uniques))
    wide = np.dtype(np.uint64 if values.dtype.kind == "u" else np.int64)

    def offsets() -> Iterator[tuple[slice, npt.NDArray[np.intp]]]:
        for start in range(0, len(values), _CHUNK):
            rows = slice(start, start + _CHUNK)
            yield rows, (values[rows].astype(wide) - wide.type(low)).astype(np.intp)

    present = np.zeros(span, np.bool_)
    for _, chunk in offsets():
        present[chunk] = True
    found = np.flatnonzero(present)
    rank = np.empty(span, np.int32)
    rank[found] = np.arange(len(found), dtype=np.int32)
    indices = np.empty(len(values), np.int32)
    for rows, chunk in offsets():
        indices[rows] = rank[chunk]
    return indices, (found.astype(wide) + wide.type(low)).astype(values.dtype)


def _factorize(values: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.object_]]:
    codes, uniques = pd.factorize(values)
    # The string hash table of pandas 2.2 reads up to the first NUL, and takes "a\0b" and "a\0c" for one.
    if bool(np.all(uniques[codes] == values)):
        return codes, uniques
    ranks: dict[Any, int] = {}
    codes = np.fromiter((ranks.setdefault(value, len(ranks)) for value in values), np.intp, len(values))
    uniques = np.empty(len(ranks), object)
    uniques[:] = list(ranks)
    return codes, uniques


def _ranked(codes: npt.NDArray[np.intp], uniques: Ids, order: npt.NDArray[np.intp]) -> tuple[Indices, Ids]:
    rank = np.empty(len(uniques), np.int32)
    rank[order] = np.arange(len(uniques), dtype=np.int32)
    return rank[codes], uniques[order]


def _is_whole(values: Any) -> Any:
    return (np.abs(values) < _EXACT_IN_FLOAT) & (np.trunc(values) == values)
