"""Principal axes of factors: a plane to look at them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Plane:
    """Two axes through the mean of some points.

    Attributes
    ----------
    center
        Shape (n_factors,).
    axes
        Orthonormal rows, shape (2, n_factors); the second is 0 where there is but one factor.
    shares
        The share of the variance along each axis, shape (2,).
    """

    center: npt.NDArray[np.float64]
    axes: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]

    def project(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Give the coordinates of points, shape (n, n_factors), in the plane: shape (n, 2)."""
        projected: npt.NDArray[np.float64] = (np.asarray(points, np.float64) - self.center) @ self.axes.T
        return projected


def principal_plane(points: npt.ArrayLike) -> Plane:
    """Find the two axes along which points vary most, by singular value decomposition.

    Parameters
    ----------
    points
        Shape (n, n_factors); those that aren't finite are passed over.

    Returns
    -------
    Plane
        Each axis points to where its greatest component is positive (the first of equal ones), so that the
        same points have the same axes whatever the library that decomposes.
    """
    given = np.asarray(points, np.float64)
    finite = given[np.isfinite(given).all(axis=1)]
    n_factors = given.shape[1]
    axes, variances = np.zeros((2, n_factors)), np.zeros(2)
    if not len(finite):
        return Plane(np.zeros(n_factors), axes, variances)
    center = finite.mean(axis=0)
    # The triangular factor has the same singular values and axes, and is small whatever the number of points.
    _, values, rows = np.linalg.svd(np.linalg.qr(finite - center, mode="r"), full_matrices=False)
    n_axes = min(2, len(rows))
    axes[:n_axes] = rows[:n_axes]
    largest = np.argmax(np.abs(axes).round(9), axis=1)
    axes *= np.where(axes[np.arange(2), largest] < 0, -1.0, 1.0)[:, None]
    total = float(np.sum(values**2))
    variances[:n_axes] = values[:n_axes] ** 2 / total if total else 0.0
    return Plane(center, axes, variances)
