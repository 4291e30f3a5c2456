"""How arrays travel: named, typed and shaped in JSON, their bytes beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DTYPES = ("int32", "float32", "uint8")


def pack(arrays: dict[str, NDArray[Any]], **content: Any) -> tuple[dict[str, Any], list[bytes]]:
    """Pack arrays for a custom message.

    Parameters
    ----------
    arrays : dict of name to ndarray
        Of the dtypes in `DTYPES`.
    **content
        What goes along as JSON.

    Returns
    -------
    content : dict
        With ``arrays``: name, dtype and shape of each, in the order of the buffers.
    buffers : list of bytes
        Little endian, C order.
    """
    heads, buffers = [], []
    for name, array in arrays.items():
        if array.dtype.name not in DTYPES:
            raise TypeError(f"{name} is {array.dtype}; the wire takes {', '.join(DTYPES)}")
        heads.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape)})
        buffers.append(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return {**content, "arrays": heads}, buffers
