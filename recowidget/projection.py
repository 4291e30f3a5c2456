"""A plane to see factors in: their two main axes, which hold still while factors grow and never flip."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int32]
    Axes = NDArray[np.float64]

ENOUGH: Final = 0.95
"""The axes of before stay while they show so much of what the best two would."""
LOST: Final = 0.6
"""Where they show less than this, there is little to go on seeing: the axes become the main ones themselves,
and only keep the sides they point to."""
PLAIN: Final = 2
"""So few factors are themselves the axes."""


def main_axes(rows: NDArray[Any]) -> Axes:
    """Give the two axes along which rows reach furthest from the origin.

    The leading eigenvectors of ``rows.T @ rows``: the rows are not centred, as predictions are dot products,
    which know the origin.

    Parameters
    ----------
    rows : ndarray, shape (n, k)
        Finite.

    Returns
    -------
    ndarray of float64, shape (k, 2)
        Orthonormal columns, the first that of the larger eigenvalue. Each points to where its largest
        component is positive. The second is zero where k is 1.
    """
    rows = rows.astype(np.float64)
    _, vectors = np.linalg.eigh(rows.T @ rows)
    axes = vectors[:, ::-1][:, :2]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    return np.pad(axes, ((0, 0), (0, 2 - axes.shape[1])))


def aligned(axes: Axes, before: Axes) -> Axes:
    """Turn axes within their plane to where they are nearest to those of before.

    The orthogonal Procrustes problem, as Schönemann, "A generalized solution of the orthogonal Procrustes
    problem" (Psychometrika 31(1), 1966), solves it.

    Parameters
    ----------
    axes, before : ndarray, shape (k, 2)

    Returns
    -------
    ndarray of float64, shape (k, 2)
        Of the same plane as `axes`.
    """
    left, _, right = np.linalg.svd(axes.T @ before)
    return np.asarray(axes @ left @ right)


def facing(axes: Axes, before: Axes) -> Axes:
    """Point each of two axes to the side that those of before point to."""
    return axes * np.where(np.einsum("ka,ka->a", axes, before) < 0, -1.0, 1.0)


class FactorPlane:
    """Where some users and items are in the plane of their factors' main axes, from one moment to the next.

    Two factors are the axes themselves.

    Attributes
    ----------
    version : int
        Grows when axes or points change: places of one version go together. 0 where nothing was placed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._axes: Axes | None = None
        self._run: int | None = None
        self.version = 0
        self.choose(np.empty(0, np.int32), np.empty(0, np.int32))

    def choose(self, users: Indices, items: Indices) -> None:
        """Take other users and items, by whose factors the axes are."""
        with self._lock:
            self._users, self._items = users, items
            self._more_users = self._more_items = np.empty(0, np.int32)
            self._axes = None

    def add(self, users: Indices, items: Indices) -> bool:
        """Have these placed as well, in place of those that were added before.

        Returns
        -------
        bool
            Whether that changes which are placed.
        """
        with self._lock:
            more = np.setdiff1d(users, self._users), np.setdiff1d(items, self._items)
            if np.array_equal(more[0], self._more_users) and np.array_equal(more[1], self._more_items):
                return False
            self._more_users, self._more_items = more
            self.version += 1
            return True

    @property
    def points(self) -> tuple[Indices, Indices]:
        """Indices of the users and of the items that are placed."""
        return (
            np.concatenate([self._users, self._more_users]),
            np.concatenate([self._items, self._more_items]),
        )

    def place(self, scorer: Any, run: int | None = None) -> dict[str, NDArray[Any]]:
        """Give places of users and items.

        Parameters
        ----------
        scorer
            What predicts. Without ``user_factors`` or ``item_factors`` that side is left out, and the users
            are where theirs are of another length than the items'.
        run : int, optional
            Counts the resets; given of what predicts now, by which the axes may turn. Of the past they stay.

        Returns
        -------
        dict of ndarray
            ``map_user_idx`` and ``map_item_idx``, int32, and ``map_users`` and ``map_items``, float32, shapes
            (n_users, 2) and (n_items, 2); nothing where there are no finite factors.
        """
        tables = _tables(scorer)
        with self._lock:
            if run is not None or self._axes is None or not _fit(self._axes, tables):
                self._turn(tables, run)
            if self._axes is None or not _fit(self._axes, tables):
                return {}
            placed: dict[str, NDArray[Any]] = {}
            for side, table, idx in zip(("user", "item"), tables, self.points, strict=True):
                if table is not None:
                    placed[f"map_{side}_idx"] = idx
                    with np.errstate(over="ignore", invalid="ignore"):  # of a diverged model
                        placed[f"map_{side}s"] = (table[idx] @ self._axes).astype(np.float32)
            return placed

    def _turn(self, tables: tuple[NDArray[Any] | None, ...], run: int | None) -> None:
        """Take the main axes of now, unless those of before show nearly as much."""
        chosen = [
            table[idx]
            for table, idx in zip(tables, (self._users, self._items), strict=True)
            if table is not None
        ]
        rows = np.concatenate(chosen) if chosen else np.empty((0, 0))
        rows = rows[np.isfinite(rows).all(axis=1)]
        if not rows.size:
            return
        if rows.shape[1] <= PLAIN:
            if self._axes is None or len(self._axes) != rows.shape[1]:
                self._axes = np.eye(rows.shape[1], 2)
                self.version += 1
            return
        before = self._axes if self._axes is not None and len(self._axes) == rows.shape[1] else None
        if run is not None and run != self._run:
            before, self._run = None, run
        axes = main_axes(rows)
        if before is not None:
            seen = _shown(rows, before) / (_shown(rows, axes) or 1.0)
            if seen >= ENOUGH:
                return
            axes = aligned(axes, before) if seen >= LOST else facing(axes, before)
        self._axes = axes
        self.version += 1


def _shown(rows: NDArray[Any], axes: Axes) -> float:
    """Give how much of the rows' squared length lies in a plane."""
    return float(np.square(rows.astype(np.float64) @ axes).sum())


def _tables(scorer: Any) -> tuple[NDArray[Any] | None, NDArray[Any] | None]:
    users, items = (getattr(scorer, f"{side}_factors", None) for side in ("user", "item"))
    if users is not None and items is not None and users.shape[1] != items.shape[1]:
        users = None
    return users, items


def _fit(axes: Axes, tables: tuple[NDArray[Any] | None, ...]) -> bool:
    lengths = [table.shape[1] for table in tables if table is not None]
    return bool(lengths) and lengths[0] == len(axes)
