"""Factors of a user that the model was not trained on, from a few ratings."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.checks import check_number, check_numbers
from recowidget.errors import RecowidgetError, shown
from recowidget.factors import Factors
from recowidget.ranking import factors_of
from recowidget.rows import row_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from recowidget.encoding import Indices
    from recowidget.interactions import Interactions

REGULARIZATION: Final = 4.0
"""Of `fold_in`. Chosen on MovieLens latest-small: the best of those tried for users with 3 to 40 ratings."""
IMPLICIT_REGULARIZATION: Final = 16.0
"""The same for users of whom only is known what they took."""
CLIP: Final = 0.05
"""How near to the ends of the rating range, as a share of it, a rating counts where it becomes log-odds."""


def fold_in(
    factors: Factors,
    item_idx: npt.NDArray[np.integer],
    ratings: npt.NDArray[np.floating],
    regularization: float = REGULARIZATION,
) -> Factors:
    """Find the factors and the bias of a new user, all else staying what it is.

    Parameters
    ----------
    factors
        Of a trained model.
    item_idx
        The items that the user rated, shape (n,); n may be 0.
    ratings
        On the rating scale, shape (n,).
    regularization
        Above 0. How strongly the user is drawn to the mean of all users.

    Returns
    -------
    Factors
        The same, with the new user as the only user.

    Raises
    ------
    RecowidgetError
        Where `regularization` is no number above 0, or factors, items or ratings are no such thing.

    Notes
    -----
    Ridge regression of the ratings, less the global mean and the item biases, on the item factors and (where
    the model has user biases) a constant. With w the user's factors and bias, W their mean over all users,
    X the items' rows and y the ratings so lessened, it minimizes
    ``|y - X w|² + regularization |w - W|²``: the step that alternating least squares takes for a user (Hu,
    Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008, section 4), drawn
    to the mean and not to zero, so that a user who rated nothing is the mean user.

    Where the factors' sums are squashed into a range, y are the log-odds of the ratings in that range, which
    are infinite at its ends: so ratings are first drawn in by `CLIP`. Of implicit feedback a rating is 1 for
    what the user took, and 0 for what they were shown and didn't.
    """
    factors = factors_of(factors, "folding in")
    weight = check_number("regularization", regularization, above=0)
    rated = check_numbers("ratings", ratings, "(n,)", ndim=1)
    items = row_numbers(item_idx, len(factors.item_factors), "item_idx")
    if len(items) != len(rated):
        raise RecowidgetError(
            f"item_idx has {len(items):,} items and ratings {len(rated):,}; give one for each"
        )
    has_bias = bool(factors.user_bias.any())
    rows = factors.item_factors[items].astype(np.float64)
    users = factors.user_factors.astype(np.float64)
    if has_bias:
        rows = np.column_stack([rows, np.ones(len(rows))])
        users = np.column_stack([users, factors.user_bias])
    mean = users.mean(axis=0)
    left = _sums_of(factors, rated) - factors.global_mean - factors.item_bias[items] - rows @ mean
    ridge = weight * np.eye(rows.shape[1])
    user = (mean + np.linalg.solve(rows.T @ rows + ridge, rows.T @ left)).astype(np.float32)
    n_factors = factors.n_factors
    return Factors(
        user[None, :n_factors],
        factors.item_factors,
        user[n_factors:] if has_bias else np.zeros(1, np.float32),
        factors.item_bias,
        factors.global_mean,
        factors.rating_range,
    )


def _sums_of(factors: Factors, ratings: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give the sums of dot product and biases that stand for ratings; the inverse of `Factors.squash`."""
    if factors.rating_range is None:
        return ratings
    low, high = factors.rating_range
    shares = np.clip((ratings - low) / (high - low), CLIP, 1 - CLIP)
    return np.asarray(np.log(shares / (1 - shares)))


def read_new_user(
    interactions: Interactions, ratings: Mapping[Any, float]
) -> tuple[Indices, npt.NDArray[np.float64]]:
    """Read a new user's ratings.

    Parameters
    ----------
    interactions
        Whose items they are of.
    ratings
        A rating for each item id.

    Returns
    -------
    item_idx, ratings
        Shape (n,).

    Raises
    ------
    RecowidgetError
        Where an item is unknown, or a rating is no finite number; the message names it.
    """
    for item, rating in ratings.items():
        if isinstance(rating, bool) or not isinstance(rating, Real) or not np.isfinite(rating):
            raise RecowidgetError(
                f"the rating of {interactions.items.name} {shown(item)} must be a finite number, "
                f"not {shown(rating)}"
            )
    item_idx = np.asarray(interactions.items.index_of(list(ratings)), np.int32)
    return item_idx, np.fromiter(ratings.values(), np.float64, len(ratings))
