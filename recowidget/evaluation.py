"""How far predictions are from the truth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recowidget.errors import RecowidgetError


def rmse(ratings: npt.ArrayLike, predictions: npt.ArrayLike) -> float:
    """Root of the mean squared error.

    Parameters
    ----------
    ratings, predictions
        On the rating scale, of one shape.

    Returns
    -------
    float
        sqrt(mean((ratings - predictions)²)), computed in 64 bits; NaN where there is no rating.

    Raises
    ------
    RecowidgetError
        Where the shapes differ.
    """
    residuals = _residuals(ratings, predictions)
    return float(np.sqrt(np.mean(np.square(residuals)))) if residuals.size else float("nan")


def mae(ratings: npt.ArrayLike, predictions: npt.ArrayLike) -> float:
    """Mean absolute error.

    Parameters
    ----------
    ratings, predictions
        On the rating scale, of one shape.

    Returns
    -------
    float
        mean(abs(ratings - predictions)), computed in 64 bits; NaN where there is no rating.

    Raises
    ------
    RecowidgetError
        Where the shapes differ.
    """
    residuals = _residuals(ratings, predictions)
    return float(np.mean(np.abs(residuals))) if residuals.size else float("nan")


def _residuals(ratings: npt.ArrayLike, predictions: npt.ArrayLike) -> npt.NDArray[np.float64]:
    truth, predicted = np.asarray(ratings, np.float64), np.asarray(predictions, np.float64)
    if truth.shape != predicted.shape:
        raise RecowidgetError(
            f"ratings and predictions must have one shape, not {truth.shape} and {predicted.shape}"
        )
    return truth - predicted
