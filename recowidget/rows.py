"""Row numbers: positions of rows in some interactions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recowidget.errors import RecowidgetError

Rows = npt.NDArray[np.intp]


def row_numbers(rows: npt.ArrayLike, n_rows: int, name: str) -> Rows:
    """Check row numbers, or turn a boolean for each row into the numbers of those that are True.

    Parameters
    ----------
    rows
        Row numbers in any order, or booleans of shape (n_rows,).
    n_rows
        How many rows there are.
    name
        What messages call them.

    Returns
    -------
    ndarray of intp
        An array of its own, in the order given.

    Raises
    ------
    RecowidgetError
        Where `rows` is neither, or a number is negative or too large.
    """
    try:
        given = np.asarray(rows)
    except ValueError:  # rows of different lengths
        given = np.empty((0, 0), object)
    if given.dtype == np.bool_ and given.shape == (n_rows,):
        return np.flatnonzero(given)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise RecowidgetError(
            f"{name} must be row numbers, or a boolean for each of the {n_rows:,} rows, "
            f"not an array of {given.dtype} with shape {given.shape}"
        )
    if given.size and not 0 <= given.min() <= given.max() < n_rows:
        outside = given[(given < 0) | (given >= n_rows)][0]
        raise RecowidgetError(
            f"{name} has the row number {outside}; the {n_rows:,} rows are 0 to {n_rows - 1}"
        )
    return given.astype(np.intp)
