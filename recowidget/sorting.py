"""Stable sorts of many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from recowidget.rows import Rows

_PACKED_BITS = 63


def stable_order(keys: npt.NDArray[np.integer], before: Rows | None = None) -> Rows:
    """Sort row numbers by a key, those of one key in the order that they had.

    Parameters
    ----------
    keys
        Integers, shape (n_rows,), by row number.
    before
        The order that the rows had; 0 to n_rows-1 where not given.

    Returns
    -------
    ndarray of intp
        Shape (n_rows,).

    Notes
    -----
    Key and position are packed into one integer of 64 bits and sorted, where they fit: two to three times
    as fast as a stable sort, and of equal result.
    """
    ordered = keys if before is None else keys[before]
    n_rows = len(keys)
    position_bits = max(n_rows - 1, 1).bit_length()
    low, high = (int(keys.min()), int(keys.max())) if n_rows else (0, 0)
    if (high - low).bit_length() + position_bits > _PACKED_BITS:
        order = np.argsort(ordered, kind="stable")
    else:
        packed = ordered.astype(np.int64)
        packed -= low
        packed <<= position_bits
        packed |= np.arange(n_rows)
        packed.sort()
        packed &= (1 << position_bits) - 1
        order = packed.astype(np.intp, copy=False)
    return order if before is None else before[order]
