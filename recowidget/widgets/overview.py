"""The whole matrix, binned: users and items that follow each other share a cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.factors import Factors
from recowidget.widgets.wire import pack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from recowidget.widgets.orders import Axis
    from recowidget.widgets.window import WindowSource

MOST_BINS: Final = 512, 1024
"""Of users and of items: more than any screen shows."""
MOST_RATINGS: Final = 200_000
"""Ratings that residuals are taken of; of more a sample is."""
MOST_PASSES: Final = 20_000
"""The same for a model that is no dot product; and twice as many predictions."""
MOST_ROWS: Final = 500_000
"""Factors of one side that are averaged; of more evenly spaced ones are."""
MOST_GRIDS: Final = 4
"""Cells of a bin that are predicted where the mean of all is not to be had."""


@dataclass(frozen=True, eq=False)
class Bins:
    """Users or items in the order of an axis, so many of them a bin.

    Attributes
    ----------
    axis : Axis
    n_bins : int
    """

    axis: Axis
    n_bins: int

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """First position of each bin, and one past the last, shape (n_bins + 1,)."""
        return -(-np.arange(self.n_bins + 1) * len(self.axis.order) // self.n_bins)

    @cached_property
    def by_index(self) -> NDArray[np.int64]:
        """The bin of each user or item."""
        return self.axis.positions.astype(np.int64) * self.n_bins // max(len(self.axis.order), 1)

    def means(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Average the rows of each bin, shape (n_bins, ...)."""
        rows, starts = self._rows
        sums = np.add.reduceat(table[rows], starts, axis=0, dtype=np.float64)
        sizes = np.diff([*starts, len(rows)])
        return (sums / sizes.reshape(-1, *(1,) * (table.ndim - 1))).astype(np.float32)

    @cached_property
    def _rows(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        step = -(-len(self.axis.order) // MOST_ROWS)
        if step == 1:
            return self.axis.order, self.bounds[:-1]
        positions = np.unique(np.concatenate([np.arange(0, len(self.axis.order), step), self.bounds[:-1]]))
        return self.axis.order[positions], np.searchsorted(positions, self.bounds[:-1])

    def draw(self, rng: np.random.Generator) -> NDArray[np.int32]:
        """Draw one user or item of each bin."""
        positions = rng.integers(self.bounds[:-1], self.bounds[1:])
        return self.axis.order[positions]


class Overview:
    """One way to bin the whole matrix.

    Parameters
    ----------
    windows : WindowSource
        Whose order it is in.
    n_rows, n_columns : int
        Bins that are wanted; there are no more than users and items.
    with_residuals : bool
        Whether they are shown.
    """

    def __init__(
        self, windows: WindowSource, n_rows: int, n_columns: int, *, with_residuals: bool = True
    ) -> None:
        self._interactions = windows.split.interactions
        self._split = windows.split
        self._wanted = n_rows, n_columns
        self.with_residuals = with_residuals
        n_users, n_items = self._interactions.n_users, self._interactions.n_items
        most_rows, most_columns = MOST_BINS
        self._users = Bins(windows.axes["user"], min(max(n_rows, 1), n_users, most_rows))
        self._items = Bins(windows.axes["item"], min(max(n_columns, 1), n_items, most_columns))
        self._samples: dict[int, tuple[NDArray[np.intp], NDArray[np.int64]]] = {}

    def over(self, windows: WindowSource) -> Overview:
        """Give the same in another order."""
        return Overview(windows, *self._wanted, with_residuals=self.with_residuals)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of bins."""
        return self._users.n_bins, self._items.n_bins

    @property
    def told(self) -> dict[str, Any]:
        """By what a view knows it."""
        rows, columns = self.shape
        return {
            "rows": rows,
            "columns": columns,
            "order": {"user": self._users.axis.serial, "item": self._items.axis.serial},
        }

    def pack(self, view: str) -> tuple[dict[str, Any], list[bytes]]:
        """Pack what stays while training goes on: number and mean of the ratings of each bin, by part."""
        n_cells = self._users.n_bins * self._items.n_bins
        keys = self._keys(slice(None))
        counts = np.bincount(keys, minlength=3 * n_cells)
        sums = np.bincount(keys, self._interactions.ratings, minlength=3 * n_cells)
        with np.errstate(invalid="ignore"):
            means = sums / counts
        shape = 3, *self.shape
        arrays = {
            "count": counts.astype(np.int32).reshape(shape),
            "mean": means.astype(np.float32).reshape(shape),
        }
        return pack(arrays, kind="overview", view=view, **self.told)

    def moment(self, scorer: Any) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give what a scorer makes of the bins.

        Returns
        -------
        arrays : dict
            Mean factors and biases of the bins where the scorer is a dot product: the mean prediction of a
            bin is the product of its mean factors plus its mean biases, as a product is linear in each side.
            Otherwise mean ``predictions`` of some cells of each bin. And ``residuals_0``, ``residuals_1`` and
            ``residuals_2``: means of rating - prediction of each part, NaN where a bin has none.
        told : dict
            ``n_cells``: how many of a bin's cells are predicted, 0 for all; ``n_residuals``: how many ratings
            have residuals; and what the arrays are to be read with.
        """
        told = {**self.told, "n_cells": 0, "n_residuals": 0, "n_factors": 0, "global_mean": 0.0}
        if scorer is None:
            return {}, told
        with np.errstate(over="ignore", invalid="ignore"):  # of a diverged model
            arrays = self._residuals(scorer, told) if self.with_residuals else {}
            if isinstance(scorer, Factors) and scorer.rating_range is None:
                told |= {"n_factors": scorer.n_factors, "global_mean": scorer.global_mean}
                arrays |= {
                    "user_factors": self._users.means(scorer.user_factors),
                    "item_factors": self._items.means(scorer.item_factors),
                    "user_bias": self._users.means(scorer.user_bias),
                    "item_bias": self._items.means(scorer.item_bias),
                }
            else:
                told["n_cells"] = len(self._grids)
                grids = [np.asarray(scorer.predict_block(*grid), np.float32) for grid in self._grids]
                arrays["predictions"] = np.asarray(np.mean(grids, axis=0, dtype=np.float64), np.float32)
        return arrays, told

    def _residuals(self, scorer: Any, told: dict[str, Any]) -> dict[str, NDArray[Any]]:
        rows, keys = self._sample(MOST_RATINGS if isinstance(scorer, Factors) else MOST_PASSES)
        told["n_residuals"] = len(rows)
        interactions = self._interactions
        users, items = interactions.user_idx[rows], interactions.item_idx[rows]
        residuals = interactions.ratings[rows] - _predict(scorer, users, items)
        n_cells = self._users.n_bins * self._items.n_bins
        counts = np.bincount(keys, minlength=3 * n_cells)
        means = np.bincount(keys, residuals, minlength=3 * n_cells) / counts
        parts = means.astype(np.float32).reshape(3, *self.shape)
        return {f"residuals_{part}": parts[part] for part in np.unique(keys // n_cells)}

    @cached_property
    def _grids(self) -> list[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Users and items, one of each bin: always the same, so that nothing moves but what is learned."""
        rng = np.random.default_rng(0)
        n_grids = min(MOST_GRIDS, max(1, 2 * MOST_PASSES // (self._users.n_bins * self._items.n_bins)))
        return [(self._users.draw(rng), self._items.draw(rng)) for _ in range(n_grids)]

    def _sample(self, most: int) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Give row numbers of all ratings, or of as many as are taken, and their `_keys`."""
        if most not in self._samples:
            n_ratings = self._interactions.n_ratings
            rows = np.arange(n_ratings)
            if n_ratings > most:
                drawn = np.random.default_rng(0).choice(n_ratings, most, replace=False, shuffle=False)
                rows = np.sort(drawn)
            self._samples[most] = rows, self._keys(rows)
        return self._samples[most]

    def _keys(self, rows: NDArray[np.intp] | slice) -> NDArray[np.int64]:
        """Give the part and the bin of ratings as one number: part * bins + row * columns + column."""
        keys = self._split.parts()[rows].astype(np.int64) * self._users.n_bins
        keys += self._users.by_index[self._interactions.user_idx[rows]]
        keys *= self._items.n_bins
        keys += self._items.by_index[self._interactions.item_idx[rows]]
        return keys


def _predict(scorer: Any, users: NDArray[np.int32], items: NDArray[np.int32]) -> NDArray[np.float32]:
    """Predict pairs, by whatever a scorer has for it."""
    if callable(getattr(scorer, "predict", None)):
        return np.asarray(scorer.predict(users, items), np.float32)
    predictions = np.empty(len(users), np.float32)
    order = np.argsort(users, kind="stable")
    bounds = np.flatnonzero(np.diff(users[order])) + 1
    for pairs in np.split(order, bounds):
        predictions[pairs] = np.asarray(scorer.predict_block(users[pairs[:1]], items[pairs])).reshape(-1)
    return predictions


def add_overviews(
    content: dict[str, Any], buffers: list[bytes], overviews: Iterable[Overview], scorer: Any
) -> None:
    """Put what a scorer makes of some overviews into a packed frame or past epoch."""
    # Views of one size look at one overview.
    distinct = {(overview.shape, overview.with_residuals): overview for overview in overviews}
    content["overviews"] = []
    for number, overview in enumerate(distinct.values()):
        arrays, told = overview.moment(scorer)
        packed, more = pack({f"overview_{number}_{name}": array for name, array in arrays.items()})
        content["overviews"].append(told)
        content["arrays"] += packed["arrays"]
        buffers += more
