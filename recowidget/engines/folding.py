"""Factors and biases of one side as one table, ready for gathers and scatters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from recowidget.factors import Factors

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH: Final = 16
"""Columns of the tables are padded to a multiple of this: so wide are the registers."""

BIAS_REGULARIZATION: Final = 0.5
"""Of the regularization of factors."""


class Columns:
    """How factors and biases lie in the two tables: users' biases beside a 1 of the items, and vice versa.

    Parameters
    ----------
    n_factors : int
    has_biases : bool
        Whether biases are learned.

    Attributes
    ----------
    n : int
    learned : dict of str to ndarray of float32, shape (n,)
        By side, 1 where a column is learned.
    regularized : ndarray of float32, shape (n,)
    is_factor : ndarray of bool, shape (n,)
    """

    def __init__(self, n_factors: int, *, has_biases: bool) -> None:
        self.n_factors = n_factors
        self.n = -(-(n_factors + 2) // WIDTH) * WIDTH
        factors = np.arange(self.n) < n_factors
        biases = {"user": np.arange(self.n) == n_factors, "item": np.arange(self.n) == n_factors + 1}
        self._bias = {"user": n_factors, "item": n_factors + 1}
        self.learned = {
            side: np.asarray(factors | (biases[side] & has_biases), np.float32) for side in biases
        }
        self.is_factor = factors
        self.regularized = np.where(factors, np.float32(1.0), np.float32(BIAS_REGULARIZATION))

    def tables(self, factors: Factors) -> list[NDArray[np.float32]]:
        """Give both tables, shape (rows, n)."""
        tables = []
        for side, values, bias, other in (
            ("user", factors.user_factors, factors.user_bias, "item"),
            ("item", factors.item_factors, factors.item_bias, "user"),
        ):
            table = np.zeros((len(values), self.n), np.float32)
            table[:, : self.n_factors] = values
            table[:, self._bias[side]] = bias
            table[:, self._bias[other]] = 1.0
            tables.append(table)
        return tables

    def factors(self, users: NDArray[np.float32], items: NDArray[np.float32]) -> Factors:
        """Read what the tables say of residuals."""
        return Factors(
            user_factors=users[:, : self.n_factors].copy(),
            item_factors=items[:, : self.n_factors].copy(),
            user_bias=users[:, self._bias["user"]].copy(),
            item_bias=items[:, self._bias["item"]].copy(),
            global_mean=0.0,
        )
