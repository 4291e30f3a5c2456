"""Least squares for each row of a table at once: what alternating least squares and Gibbs sampling solve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.sorting import stable_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK: Final = 1 << 16
"""Ratings, filled up, that are solved for at a time: it bounds the memory."""

SMALLEST: Final = 4
"""Rows of fewer ratings are filled up to so many."""


class LeastSquares:
    """One side's ratings row by row, ready to be solved for against the vectors of the other side.

    Rows are taken together that have about as many ratings, filled up to a power of two with a rating of
    nobody, so that few large operations solve for all of them.

    Parameters
    ----------
    idx, other_idx : ndarray of int32, shape (n,)
        The row of each rating, and the row on the other side.
    n_rows, n_others : int
    """

    def __init__(
        self, idx: NDArray[np.int32], other_idx: NDArray[np.int32], n_rows: int, n_others: int
    ) -> None:
        self._other_idx = np.append(other_idx, np.int32(n_others))
        counts = np.bincount(idx, minlength=n_rows)
        order = np.append(stable_order(idx), len(idx))
        starts = np.cumsum(counts) - counts
        sizes = 2 ** np.ceil(np.log2(np.maximum(counts, SMALLEST))).astype(np.int64)
        self._blocks: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
        """Rows, and for each the numbers of its ratings, filled up with n."""
        for size in np.unique(sizes):
            rows = np.flatnonzero(sizes == size)
            step = max(BLOCK // int(size), 1)
            for block in (rows[start : start + step] for start in range(0, len(rows), step)):
                within = np.arange(size)
                places = np.where(within < counts[block][:, None], starts[block][:, None] + within, len(idx))
                self._blocks.append((block, order[places]))
        self._order = np.argsort(np.concatenate([rows for rows, _ in self._blocks]))

    def solve(
        self,
        vectors: Any,
        values: NDArray[np.float32],
        *,
        precision: NDArray[np.float32] | None = None,
        ridge: NDArray[np.float32] | None = None,
        linear: NDArray[np.float32] | None = None,
        weights: NDArray[np.float32] | None = None,
        noise: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Solve for every row.

        That is for x in ``(sum of w v v' + precision + ridge I) x = sum of value v + linear``, the sums over
        the ratings of the row, and v the vectors of their other side.

        Parameters
        ----------
        vectors : shape (n_others, d)
        values : ndarray of float32, shape (n,)
            Of each rating.
        precision : ndarray of float32, shape (d, d), optional
        ridge : ndarray of float32, shape (n_rows,), optional
            It or `precision` must be above 0 where a row has fewer than d ratings.
        linear : ndarray of float32, shape (d,), optional
        weights : ndarray of float32, shape (n,), optional
            The w; 1 otherwise.
        noise : ndarray of float32, shape (n_rows, d), optional
            Standard normal: what is given is then a draw from the normal distribution whose mean is that x,
            and whose precision is the matrix in brackets.

        Returns
        -------
        ndarray of float32, shape (n_rows, d)
        """
        import tensorflow as tf

        width = np.shape(vectors)[1]
        vectors = tf.concat([tf.constant(vectors), tf.zeros((1, width))], 0)
        unit = np.eye(width, dtype=np.float32)
        values = np.append(values, np.float32(0))
        weights = None if weights is None else np.append(weights, np.float32(0))
        solved = []
        for rows, ratings in self._blocks:
            those = tf.gather(vectors, self._other_idx[ratings])
            weighted = those if weights is None else those * weights[ratings][:, :, None]
            matrix = tf.matmul(weighted, those, transpose_a=True)
            right = tf.matmul(those, values[ratings][:, :, None], transpose_a=True)
            if precision is not None:
                matrix += precision
            if ridge is not None:
                matrix += ridge[rows][:, None, None] * unit
            if linear is not None:
                right += linear[:, None]
            root = tf.linalg.cholesky(matrix)
            half = tf.linalg.triangular_solve(root, right)
            if noise is not None:
                half += noise[rows][:, :, None]
            solved.append(tf.linalg.triangular_solve(root, half, adjoint=True)[:, :, 0])
        return np.asarray(tf.gather(tf.concat(solved, 0), self._order).numpy())
