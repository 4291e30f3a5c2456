"""Baselines on the rating scale: a mean, and biases of users and items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np
import numpy.typing as npt

from recowidget.arguments import read_interactions
from recowidget.checks import check_number
from recowidget.errors import RecowidgetError
from recowidget.rows import row_numbers

if TYPE_CHECKING:
    from recowidget.arguments import RatingsLike
    from recowidget.ranking import AnyIndices, Scores

Biases = npt.NDArray[np.float64]

DAMPING: Final = 5.0
"""Of `DampedBias`: the best of those tried on MovieLens latest-small."""


class TrainPart:
    """The ratings in training, as the baselines read them.

    Parameters
    ----------
    interactions
        The ratings, or a frame of them.
    rows
        Row numbers to train on; None for all.
    name
        What messages call the baseline.

    Raises
    ------
    RecowidgetError
        Where there is no row, or the ratings or the rows are no such thing.
    """

    def __init__(self, interactions: RatingsLike, rows: AnyIndices | None, name: str) -> None:
        read = read_interactions(interactions)
        taken = slice(None) if rows is None else row_numbers(rows, read.n_ratings, "rows")
        self.n_users, self.n_items = read.n_users, read.n_items
        self.user_idx, self.item_idx = read.user_idx[taken], read.item_idx[taken]
        self.ratings = read.ratings[taken].astype(np.float64)
        if not len(self.ratings):
            raise RecowidgetError(f"the {name} needs one rating or more to train on")
        self.mean = float(self.ratings.mean())

    def user_bias(self, residuals: Biases, damping: float) -> Biases:
        """Average the residuals of each user's rows, damped, shape (n_users,)."""
        return _damped_means(self.user_idx, residuals, self.n_users, damping)

    def item_bias(self, residuals: Biases, damping: float) -> Biases:
        """Average the residuals of each item's rows, damped, shape (n_items,)."""
        return _damped_means(self.item_idx, residuals, self.n_items, damping)


@dataclass(frozen=True, eq=False)
class _MeanAndBiases:
    """Predict a mean, plus what is known of the user and of the item.

    Attributes
    ----------
    mean
        On the rating scale.
    user_bias, item_bias
        Shapes (n_users,) and (n_items,), 0 where the user or item has no rating in training; None where
        the baseline has none.
    """

    mean: float
    user_bias: Biases | None = None
    item_bias: Biases | None = None

    @property
    def ranks(self) -> bool:
        """Whether the item biases differ, and with them the predictions, which are float32."""
        if self.item_bias is None:
            return False
        predictions = (self.mean + self.item_bias).astype(np.float32)
        return bool((predictions != predictions[0]).any())

    def predict(self, user_idx: AnyIndices, item_idx: AnyIndices) -> Scores:
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
        predictions = np.full(np.broadcast_shapes(np.shape(user_idx), np.shape(item_idx)), self.mean)
        if self.user_bias is not None:
            predictions += self.user_bias[user_idx]
        if self.item_bias is not None:
            predictions += self.item_bias[item_idx]
        return predictions.astype(np.float32)

    def predict_block(self, user_idx: AnyIndices, item_idx: AnyIndices) -> Scores:
        """Predict a rating for every pair of the users and items, shape (m, n)."""
        return self.predict(np.asarray(user_idx)[:, None], np.asarray(item_idx)[None, :])


class GlobalMean(_MeanAndBiases):
    """Predict the mean of the ratings in training for every user and item."""

    name: ClassVar = "global mean"

    @classmethod
    def fit(cls, interactions: RatingsLike, rows: AnyIndices | None = None) -> Self:
        """Average the ratings, in 64 bits; see `recowidget.baselines.Baseline`."""
        return cls(TrainPart(interactions, rows, cls.name).mean)


class UserMean(_MeanAndBiases):
    """Predict the mean of the user's ratings in training; the global mean for a user without any."""

    name: ClassVar = "user mean"

    @classmethod
    def fit(cls, interactions: RatingsLike, rows: AnyIndices | None = None) -> Self:
        """Average each user's ratings; see `recowidget.baselines.Baseline`."""
        train = TrainPart(interactions, rows, cls.name)
        return cls(train.mean, user_bias=train.user_bias(train.ratings - train.mean, 0.0))


class ItemMean(_MeanAndBiases):
    """Predict the mean of the item's ratings in training; the global mean for an item without any."""

    name: ClassVar = "item mean"

    @classmethod
    def fit(cls, interactions: RatingsLike, rows: AnyIndices | None = None) -> Self:
        """Average each item's ratings; see `recowidget.baselines.Baseline`."""
        train = TrainPart(interactions, rows, cls.name)
        return cls(train.mean, item_bias=train.item_bias(train.ratings - train.mean, 0.0))


class DampedBias(_MeanAndBiases):
    """Predict the global mean plus a bias of the item and one of the user, both damped.

    Notes
    -----
    ``item_bias[i] = sum(rating - mean) / (damping + n)`` over the item's n ratings, then
    ``user_bias[u] = sum(rating - mean - item_bias) / (damping + n)`` over the user's: Koren, "Factor in the
    neighbors: scalable and accurate collaborative filtering", ACM TKDD 4(1), 2010, section 2.1.
    """

    name: ClassVar = "user + item bias"

    @classmethod
    def fit(
        cls, interactions: RatingsLike, rows: AnyIndices | None = None, *, damping: float = DAMPING
    ) -> Self:
        """Compute the item biases, then the user biases; see `recowidget.baselines.Baseline`.

        Parameters
        ----------
        interactions, rows
            As in `recowidget.baselines.Baseline.fit`.
        damping
            0 or more: how many ratings at the mean each user and item are thought to have besides.
        """
        check_number("damping", damping, least=0)
        train = TrainPart(interactions, rows, cls.name)
        residuals = train.ratings - train.mean
        item_bias = train.item_bias(residuals, damping)
        return cls(train.mean, train.user_bias(residuals - item_bias[train.item_idx], damping), item_bias)


def _damped_means(idx: AnyIndices, residuals: Biases, n: int, damping: float) -> Biases:
    counts = np.bincount(idx, minlength=n)
    sums = np.bincount(idx, residuals, n)
    return np.asarray(sums / np.where(counts > 0, counts + damping, 1))
