"""How much more a pair counts in training the more often it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

ALPHA: Final = 1.0
"""How much a pair of mean weight counts beside one of none, less 1."""


def confidences(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Give the sample weights of positives.

    Parameters
    ----------
    weights
        How often each was seen, or how long, above 0, shape (n,).

    Returns
    -------
    ndarray of float32
        Shape (n,), of mean 1.

    Notes
    -----
    ``1 + alpha * r`` of Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets",
    ICDM 2008, section 4, with `ALPHA` over the mean of r as alpha, so that the unit of the weights doesn't
    matter; and divided by their own mean, so that positives count the same beside negatives, whose weight is
    1, as where there are no weights.
    """
    relative = 1 + ALPHA * weights.astype(np.float64) / weights.mean(dtype=np.float64)
    return np.asarray(relative / relative.mean(), np.float32)
