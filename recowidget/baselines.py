"""Predictions that any model has to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from recowidget.errors import RecowidgetError

if TYPE_CHECKING:
    from recowidget.interactions import Interactions


@dataclass(frozen=True)
class GlobalMean:
    """Predict the mean of the ratings in training for every user and item.

    Attributes
    ----------
    mean
        On the rating scale.
    """

    mean: float

    name: ClassVar[str] = "global mean"

    @classmethod
    def fit(cls, interactions: Interactions, rows: npt.NDArray[np.integer] | None = None) -> GlobalMean:
        """Average the ratings, in 64 bits.

        Parameters
        ----------
        interactions
            The ratings.
        rows
            Row numbers to train on; all where not given.

        Returns
        -------
        GlobalMean

        Raises
        ------
        RecowidgetError
            Where there is no row.
        """
        ratings = interactions.ratings if rows is None else interactions.ratings[rows]
        if not len(ratings):
            raise RecowidgetError("the global mean needs one rating or more to train on")
        return cls(float(ratings.mean(dtype=np.float64)))

    def predict(
        self, user_idx: npt.NDArray[np.integer], item_idx: npt.NDArray[np.integer]
    ) -> npt.NDArray[np.float32]:
        """Predict a rating for each pair.

        Parameters
        ----------
        user_idx, item_idx
            Indices, of shapes that broadcast together.

        Returns
        -------
        ndarray of float32
            Of the broadcast shape.
        """
        shape = np.broadcast_shapes(np.shape(user_idx), np.shape(item_idx))
        return np.full(shape, self.mean, np.float32)
