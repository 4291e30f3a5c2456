"""Least squares for each row of a table at once: what alternating least squares and Gibbs sampling solve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.sorting import stable_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK: Final = 1 << 16
"""Ratings, filled up, or rows of matrices, that are worked on at a time: it bounds the memory."""

SMALLEST: Final = 4
"""Rows of fewer ratings are filled up to so many."""

ALONE: Final = 1 << 18
"""Multiplications in a product, above which BLAS shares it among threads. They wait for each other in busy
loops: where other programs have the cores, that takes ten times as long."""

STEPS: Final = 4
"""Of conjugate gradients, for each row."""


class LeastSquares:
    """One side's ratings row by row, ready to be solved for against the vectors of the other side.

    Rows are taken together that have about as many ratings, filled up to a power of two, or to one and a half
    times that, with a rating of nobody, so that few large operations solve for all of them.

    Parameters
    ----------
    idx, other_idx : ndarray of int32, shape (n,)
        The row of each rating, and the row on the other side.
    n_rows, n_others : int
    width : int
        Length d of a vector.

    Notes
    -----
    Takács, Pilászy and Tikk, "Applications of the conjugate gradient method for implicit feedback
    collaborative filtering", RecSys 2011, for the steps from where a row was before.
    """

    def __init__(
        self, idx: NDArray[np.int32], other_idx: NDArray[np.int32], n_rows: int, n_others: int, width: int
    ) -> None:
        self._other_idx = np.append(other_idx, np.int32(n_others))
        self._shape = n_rows, width
        counts = np.bincount(idx, minlength=n_rows)
        order = np.append(stable_order(idx), len(idx))
        starts = np.cumsum(counts) - counts
        sizes = _filled_up(counts)
        self._blocks: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
        """Rows, and for each the numbers of its ratings, filled up with n, in one or more parts."""
        for size in np.unique(sizes):
            rows = np.flatnonzero(sizes == size)
            step = max(BLOCK // max(int(size), width), 1)
            n_parts = _n_parts(int(size), width)
            for block in (rows[start : start + step] for start in range(0, len(rows), step)):
                within = np.arange(size)
                places = np.where(within < counts[block][:, None], starts[block][:, None] + within, len(idx))
                self._blocks.append((block, order[places].reshape(len(block), n_parts, -1)))

    def solve(
        self,
        vectors: NDArray[np.float32],
        values: NDArray[np.float32],
        *,
        precision: NDArray[np.float32] | None = None,
        ridge: NDArray[np.float32] | None = None,
        linear: NDArray[np.float32] | None = None,
        weights: NDArray[np.float32] | None = None,
        noise: NDArray[np.float32] | None = None,
        start: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Solve for every row.

        That is for x in ``(sum of w v v' + precision + ridge I) x = sum of value v + linear``, the sums over
        the ratings of the row, and v the vectors of their other side.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n_others, d)
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
        start : ndarray of float32, shape (n_rows, d), optional
            Near the solution: it is then not solved for, but come nearer to, by `STEPS` steps of conjugate
            gradients from there. Takes no `noise`.

        Returns
        -------
        ndarray of float32, shape (n_rows, d)
        """
        n_rows, width = self._shape
        vectors = np.concatenate([vectors, np.zeros((1, width), np.float32)])
        nothing = np.zeros(1, np.float32)
        values = np.concatenate([values, nothing])
        if weights is not None:
            weights = np.concatenate([weights, nothing])
        diagonal = np.arange(width)
        solved = np.empty((n_rows, width), np.float32)
        for rows, ratings in self._blocks:
            those = vectors.take(self._other_idx[ratings], 0)
            right = _sum_of_parts(values[ratings][..., None, :] @ those)[:, 0]
            # A copy where all weigh 1: for an array times itself NumPy calls syrk, slow on small matrices.
            weighted = those.copy() if weights is None else those * weights[ratings][..., None]
            matrix = _sum_of_parts(weighted.swapaxes(2, 3) @ those)
            if precision is not None:
                matrix += precision
            if ridge is not None:
                matrix[:, diagonal, diagonal] += ridge[rows][:, None]
            if linear is not None:
                right += linear
            if start is None:
                solved[rows] = _solution(matrix, right, None if noise is None else noise[rows])
            else:
                solved[rows] = _nearer(matrix, right, start[rows])
        return solved


def _filled_up(counts: NDArray[np.intp]) -> NDArray[np.int64]:
    """Round up to the next of 4, 6, 8, 12, 16, 24 and so on."""
    counts = np.maximum(counts, SMALLEST)
    powers = 2 ** np.ceil(np.log2(counts)).astype(np.int64)
    return np.where(counts <= powers // 4 * 3, powers // 4 * 3, powers)


def _n_parts(size: int, width: int) -> int:
    """Halve so many ratings until BLAS works on each part alone, or their matrices would take more memory."""
    longest = max(ALONE // (width * max(width, 32)), width)
    n_parts = 1
    while size // n_parts > longest and size // n_parts % 2 == 0:
        n_parts *= 2
    return n_parts


def _sum_of_parts(products: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(products[:, 0] if products.shape[1] == 1 else products.sum(1))


def _solution(
    matrix: NDArray[np.float32], right: NDArray[np.float32], noise: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    import tensorflow as tf

    root = tf.linalg.cholesky(matrix)
    half = tf.linalg.triangular_solve(root, right[:, :, None])
    if noise is not None:
        half += noise[:, :, None]
    return np.asarray(tf.linalg.triangular_solve(root, half, adjoint=True).numpy()[:, :, 0])


def _nearer(
    matrix: NDArray[np.float32], right: NDArray[np.float32], start: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Take steps of conjugate gradients, for each row its own."""
    tiny = np.finfo(np.float32).tiny
    x = start.copy()
    residual = right - _times(matrix, x)
    direction = residual.copy()
    square = _dots(residual, residual)
    for _ in range(STEPS):
        turned = _times(matrix, direction)
        # Where a row is solved, all of these are 0.
        length = square / np.maximum(_dots(direction, turned), tiny)
        x += length * direction
        residual -= length * turned
        before, square = square, _dots(residual, residual)
        direction *= square / np.maximum(before, tiny)
        direction += residual
    return x


def _times(matrix: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((matrix @ x[:, :, None])[:, :, 0])


def _dots(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("rd,rd->r", one, other)[:, None])
