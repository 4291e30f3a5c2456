"""The entries of a sparse matrix of users and items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.errors import RecowidgetError, counted, shown
from recowidget.reading.ids import encode
from recowidget.reading.values import check_none_missing

if TYPE_CHECKING:
    from recowidget.encoding import Ids, Indices

_LARGEST = np.finfo(np.float32).max
_SIDES = ("users", "items")


def read_matrix(
    matrix: Any,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float32], tuple[int, int]]:
    """Read the entries of a sparse matrix, whatever its format.

    Parameters
    ----------
    matrix
        Of two dimensions, with a method ``tocoo``.

    Returns
    -------
    rows, columns, values
        Of the entries other than 0, row by row and in a row by column, shape (n,). Entries of one place are
        added up, as SciPy does.
    shape
        Of the matrix.

    Raises
    ------
    RecowidgetError
        Where it is no such matrix or has no entry, or an entry is negative or no finite number.
    """
    if not hasattr(matrix, "tocoo"):
        way = "scipy.sparse.coo_array(matrix)"
        if isinstance(matrix, pd.DataFrame):
            way = "a frame of users and items to Interactions.from_frame"
        raise RecowidgetError(
            f"matrix must be a scipy.sparse matrix or array, not {type(matrix).__name__}; pass {way}"
        )
    entries = matrix.tocoo()
    shape = tuple(int(size) for size in entries.shape)
    if len(shape) != len(_SIDES):
        raise RecowidgetError(f"matrix must have two dimensions, users and items, not {len(shape)}")
    values = np.asarray(entries.data)
    if values.dtype.kind not in "biuf":
        raise RecowidgetError(f"matrix must hold numbers or booleans, not {values.dtype}")
    rows, columns = np.asarray(entries.row, np.intp), np.asarray(entries.col, np.intp)
    keys, places = np.unique(rows * shape[1] + columns, return_inverse=True)
    sums = np.bincount(places.reshape(-1), values.astype(np.float64), len(keys))
    usable = (sums >= 0) & (sums <= _LARGEST)
    if not usable.all():
        first = int(np.argmin(usable))
        row, column = divmod(int(keys[first]), shape[1])
        raise RecowidgetError(
            f"matrix has {counted(int((~usable).sum()), 'place')} whose entry can't be a confidence, which "
            f"is a finite number above 0 (first: {shown(sums[first])} at row {row}, column {column})"
        )
    there = sums > 0
    if not there.any():
        raise RecowidgetError("matrix has no entry other than 0; there must be one or more")
    rows, columns = np.divmod(keys[there], shape[1])
    return rows, columns, sums[there].astype(np.float32), (shape[0], shape[1])


def read_side_ids(ids: Any, side: str, size: int) -> tuple[Indices, Ids]:
    """Read the ids of a matrix's rows or columns.

    Parameters
    ----------
    ids
        One for each, in their order; None: their numbers, 0 and on.
    side
        "users" or "items".
    size
        How many there are.

    Returns
    -------
    indices : ndarray of int32
        Shape (size,): the rank of each id.
    ids : ndarray
        Ascending, shape (size,).

    Raises
    ------
    RecowidgetError
        Where there are more or fewer, one is missing or stands twice, or they can't be sorted.
    """
    if ids is None:
        return np.arange(size, dtype=np.int32), np.arange(size)
    if isinstance(ids, str | pd.DataFrame) or not pd.api.types.is_list_like(ids):
        raise RecowidgetError(f"{side} must be a list of ids, not {type(ids).__name__}")
    column = pd.Series(ids if hasattr(ids, "__len__") else list(ids), name="ids").reset_index(drop=True)
    if len(column) != size:
        what = "rows" if side == "users" else "columns"
        raise RecowidgetError(
            f"{side} has {counted(len(column), 'id')} for the {size:,} {what} of the matrix; "
            "give one for each"
        )
    check_none_missing({"ids": column}, side)
    indices, distinct = encode(column, side)
    if len(distinct) < size:
        repeated = column[column.duplicated()]
        raise RecowidgetError(
            f"{side} has the id {shown(repeated.iloc[0])} more than once (again at position "
            f"{int(repeated.index[0])}); give each once"
        )
    return indices, distinct
