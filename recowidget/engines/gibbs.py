"""Bayesian matrix factorisation by Gibbs sampling: samples of the factors, and of how sure they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.engines.engine import Plain
from recowidget.engines.least_squares import LeastSquares
from recowidget.factors import Factors, scale_of
from recowidget.samples import SampledFactors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.engines.choice import Choice
    from recowidget.scoring import LearnedScorer

BURN_IN: Final = 20
"""Sweeps whose samples are not kept: they still tell of where the sampler began."""

PRIOR_WEIGHT: Final = 2.0
"""In rows: what the prior of the mean of all rows counts."""


class GibbsEngine(Plain):
    """Draws the factors, the biases, their distribution and the noise in turn, each given all others.

    Ratings are brought to a range of four first, that of one to five stars, which the prior is for.

    An epoch is a sweep: first all users, then all items. The prediction is the mean over the samples kept;
    until there are any, the latest alone.

    Parameters
    ----------
    start : Factors
        The first sample.
    user_idx, item_idx : ndarray of int32, shape (n,)
    ratings : ndarray of float32, shape (n,)
    n_samples : int
        Kept at most: the last ones.
    seed : int
    choice : Choice

    Notes
    -----
    Salakhutdinov and Mnih, "Bayesian probabilistic matrix factorization using Markov chain Monte Carlo",
    ICML 2008, section 3, with biases as a further factor beside a 1 of the other side, and with the precision
    of the noise drawn as well.
    """

    n_batches = 2

    def __init__(
        self,
        start: Factors,
        user_idx: NDArray[np.int32],
        item_idx: NDArray[np.int32],
        ratings: NDArray[np.float32],
        *,
        n_samples: int,
        seed: int,
        choice: Choice,
    ) -> None:
        self.choice = choice
        self.batch_size = -(-len(ratings) // 2)
        self._start = start
        self._seed = seed
        self._n_samples = n_samples
        self._idx = user_idx, item_idx
        self._scale = scale_of(ratings)
        self._residuals = (ratings - np.float32(start.global_mean)) / np.float32(self._scale)
        n_users, n_items = len(start.user_factors), len(start.item_factors)
        self._sides = (
            LeastSquares(user_idx, item_idx, n_users, n_items, start.n_factors + 1),
            LeastSquares(item_idx, user_idx, n_items, n_users, start.n_factors + 1),
        )
        self._kept: list[Factors] = []
        self._is_burning_in = True
        self.reset()

    def begin_epoch(self, epoch: int) -> None:
        """Begin the sweep that leads to `epoch`; the seed and the epoch decide what is drawn."""
        self._rng = np.random.default_rng([self._seed, epoch])
        self._is_alone = epoch <= BURN_IN + 1

    def run(self, start: int, count: int) -> None:
        """Draw the users (batch 0), the items (batch 1) or both."""
        for side in range(start, start + count):
            if self.trains(side):
                self._draw(side)

    def _draw(self, side: int) -> None:
        own, other = self._tables[side], self._tables[1 - side]
        prior = _draw_prior(own, self._rng)
        ones = np.ones((len(other), 1), np.float32)
        bias = other[:, -1]
        drawn = self._sides[side].solve(
            np.concatenate([other[:, :-1], ones], 1) * np.float32(math.sqrt(self._precision)),
            (self._residuals - bias[self._idx[1 - side]]) * np.float32(math.sqrt(self._precision)),
            precision=prior.precision,
            linear=prior.precision @ prior.mean,
            noise=self._rng.standard_normal(own.shape, np.float32),
        )
        self._tables[side] = drawn
        if side == 1:
            self._finish_sweep()
        elif self._is_alone:
            self._kept = [self._sample()]

    def _finish_sweep(self) -> None:
        sample = self._sample()
        predicted = (sample.predict(*self._idx) - np.float32(sample.global_mean)) / np.float32(self._scale)
        errors = self._residuals - predicted
        squares = float(np.sum(np.square(errors, dtype=np.float64)))
        self._loss = self._scale**2 * squares / len(errors)
        self._precision = self._rng.gamma(1 + len(errors) / 2, 1 / (1 + squares / 2))
        if self._is_alone or self._is_burning_in:
            self._kept = []
        self._is_burning_in = False
        self._kept = [*self._kept, sample][-self._n_samples :]

    def _sample(self) -> Factors:
        users, items = self._tables
        residual = Factors(
            user_factors=users[:, :-1].copy(),
            item_factors=items[:, :-1].copy(),
            user_bias=users[:, -1].copy(),
            item_bias=items[:, -1].copy(),
            global_mean=0.0,
        )
        return residual.along(self._scale, self._start.global_mean)

    def running_loss(self) -> float:
        """Mean squared error of the last sample alone."""
        return self._loss

    def scorer(self) -> SampledFactors:
        """Give the samples kept."""
        return SampledFactors(tuple(self._kept), noise=self._scale / math.sqrt(self._precision))

    def reset(self) -> None:
        """Go back to the first sample."""
        self._put(self._start, [self._start], max(float(np.var(self._residuals)), 1e-6) ** -1)

    def recover(self, scorer: LearnedScorer) -> None:
        """Go on from these samples."""
        if not isinstance(scorer, SampledFactors):
            raise TypeError("GibbsEngine can only go on from SampledFactors")
        self._put(scorer.samples[-1], list(scorer.samples), (self._scale / scorer.noise) ** 2)

    def _put(self, sample: Factors, kept: list[Factors], precision: float) -> None:
        residual = sample.along(1 / self._scale, -sample.global_mean / self._scale)
        self._tables = [
            np.concatenate([residual.user_factors, residual.user_bias[:, None]], 1),
            np.concatenate([residual.item_factors, residual.item_bias[:, None]], 1),
        ]
        self._kept = kept
        # One alone is of the burn-in, whatever the number of the epoch that it is put back in.
        self._is_burning_in = len(kept) == 1
        self._precision = precision
        self._loss = float("nan")
        self._is_alone = True
        self._rng = np.random.default_rng(self._seed)


@dataclass(frozen=True, slots=True)
class _Prior:
    """The normal distribution that all rows of a table are taken to be drawn from."""

    mean: NDArray[np.float32]
    precision: NDArray[np.float32]


def _draw_prior(table: NDArray[np.float32], rng: np.random.Generator) -> _Prior:
    """Draw mean and precision given the rows, from a normal-Wishart distribution with the unit as its scale.

    Equation 14 of the paper.
    """
    n, width = table.shape
    rows = table.astype(np.float64)
    mean = rows.mean(0)
    deviations = rows - mean
    weight = PRIOR_WEIGHT + n
    scale = np.eye(width) + deviations.T @ deviations + PRIOR_WEIGHT * n / weight * np.outer(mean, mean)
    precision = _draw_wishart(width + n, np.linalg.inv(scale), rng)
    root = np.linalg.cholesky(np.linalg.inv(weight * precision))
    drawn = n * mean / weight + root @ rng.standard_normal(width)
    return _Prior(drawn.astype(np.float32), precision.astype(np.float32))


def _draw_wishart(freedom: int, scale: NDArray[np.float64], rng: np.random.Generator) -> NDArray[Any]:
    """Draw from a Wishart distribution by Bartlett's decomposition."""
    width = len(scale)
    lower = np.tril(rng.standard_normal((width, width)), -1)
    lower[np.diag_indices(width)] = np.sqrt(rng.chisquare(freedom - np.arange(width)))
    root = np.linalg.cholesky((scale + scale.T) / 2) @ lower
    return np.asarray(root @ root.T)
