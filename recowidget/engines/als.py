"""Matrix factorisation by alternating least squares: all users, then all items, each in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from recowidget.engines.engine import Plain
from recowidget.engines.least_squares import LeastSquares
from recowidget.factors import Factors, scale_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.engines.choice import Choice
    from recowidget.scoring import LearnedScorer

CONFIDENCE: Final = 2.0
"""By how much a pair that was taken counts more, on average, than one that was not."""

LEAST_REGULARIZATION: Final = 1e-4


class ALSEngine(Plain):
    """Gives each user, then each item, the vector that fits best as long as the other side stays as it is.

    Of implicit feedback it gives one that fits better, some steps on from that of the last sweep: over the
    sweeps that leads to the same, in less time.

    An epoch is a sweep of two halves: a half is a batch.

    Of ratings, an unknown pair says nothing. Biases are a further factor beside a 1 of the other side. Of
    implicit feedback every pair counts: those taken as 1, with their confidence, all others as 0, with
    confidence 1. Only those taken are gone through; what all pairs have in common is one small matrix.
    Ratings are brought to a range of four first, as one to five stars have.

    Parameters
    ----------
    start : Factors
        What training starts from.
    user_idx, item_idx : ndarray of int32, shape (n,)
    ratings : ndarray of float32, shape (n,)
        1 for implicit feedback.
    regularization : float
        Weight of the squared norm of a vector for each of its pairs that count, times its confidence; taken
        to be `LEAST_REGULARIZATION` at least, so that a row of few ratings has one solution, not many.
    has_biases : bool
        Not of implicit feedback.
    choice : Choice
    confidences : ndarray of float32, shape (n,), optional
        By how much a pair that was taken counts more than one that was not: makes the feedback implicit.

    Notes
    -----
    Zhou, Wilkinson, Schreiber and Pan, "Large-scale parallel collaborative filtering for the Netflix prize",
    AAIM 2008, for ratings. Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets",
    ICDM 2008, equations 4 and 5, for implicit feedback.
    """

    n_batches = 2

    def __init__(
        self,
        start: Factors,
        user_idx: NDArray[np.int32],
        item_idx: NDArray[np.int32],
        ratings: NDArray[np.float32],
        *,
        regularization: float,
        has_biases: bool,
        choice: Choice,
        confidences: NDArray[np.float32] | None = None,
    ) -> None:
        self.choice = choice
        self.batch_size = -(-len(ratings) // 2)
        self._regularization = regularization
        self._scale = scale_of(ratings)
        self._global_mean = start.global_mean
        self._start = start
        self._idx = user_idx, item_idx
        self._residuals = (ratings - np.float32(start.global_mean)) / np.float32(self._scale)
        self._confidences = confidences
        self._has_biases = has_biases
        n_users, n_items = len(start.user_factors), len(start.item_factors)
        width = start.n_factors + has_biases
        self._sides = (
            LeastSquares(user_idx, item_idx, n_users, n_items, width),
            LeastSquares(item_idx, user_idx, n_items, n_users, width),
        )
        self._totals = [
            _totals(user_idx, n_users, n_items, confidences),
            _totals(item_idx, n_items, n_users, confidences),
        ]
        """By row: the pairs that count, times their confidence."""
        self._factors = self._scorer = start
        self.recover(start)

    def begin_epoch(self, epoch: int) -> None:
        """Begin a sweep; nothing is drawn."""

    def run(self, start: int, count: int) -> None:
        """Solve for the users (batch 0), the items (batch 1) or both."""
        for side in range(start, start + count):
            if self.trains(side):
                self._solve(side)

    def _solve(self, side: int) -> None:
        factors = self._factors
        tables = [factors.user_factors, factors.item_factors]
        biases = [factors.user_bias, factors.item_bias]
        vectors, values, confidences = tables[1 - side], self._residuals, self._confidences
        if self._has_biases:
            vectors = np.concatenate([vectors, np.ones((len(vectors), 1), np.float32)], 1)
            values = values - biases[1 - side][self._idx[1 - side]]
        solved = self._sides[side].solve(
            vectors,
            values if confidences is None else values * (1 + confidences),
            precision=None if confidences is None else vectors.T @ vectors,
            ridge=np.float32(max(self._regularization, LEAST_REGULARIZATION)) * self._totals[side],
            weights=confidences,
            start=None if confidences is None else tables[side],
        )
        n_factors = factors.n_factors
        tables[side] = np.ascontiguousarray(solved[:, :n_factors])
        if self._has_biases:
            biases[side] = solved[:, n_factors].copy()
        self._factors = Factors(tables[0], tables[1], biases[0], biases[1], 0.0)
        self._scorer = self._factors.along(self._scale, self._global_mean)

    def change(self, *, learning_rate: float | None, regularization: float | None) -> None:  # noqa: ARG002
        """Solve with another regularization from the next epoch on."""
        if regularization is not None:
            self._regularization = regularization

    def running_loss(self) -> float:
        """Mean squared error on the ratings now."""
        errors = self._residuals - self._factors.predict(*self._idx)
        return self._scale**2 * float(np.mean(np.square(errors, dtype=np.float64)))

    def scorer(self) -> Factors:
        """Give the factors."""
        return self._scorer

    def reset(self) -> None:
        """Go back to what training started from."""
        self.recover(self._start)

    def recover(self, scorer: LearnedScorer) -> None:
        """Go on from these factors."""
        if not isinstance(scorer, Factors):
            raise TypeError("ALSEngine can only go on from Factors")
        self._scorer = scorer
        self._factors = scorer.along(1 / self._scale, -self._global_mean / self._scale)


def _totals(
    idx: NDArray[np.int32], n_rows: int, n_others: int, confidences: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    totals = np.bincount(idx, confidences, minlength=n_rows).astype(np.float32)
    return np.maximum(totals, 1) if confidences is None else totals + np.float32(n_others)
