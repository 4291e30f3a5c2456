"""Factors as they may be: samples of them, and how sure a prediction is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from recowidget.factors import Factors

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

N_SAMPLES: Final = 100
"""Kept at most, where memory allows it."""

MAX_NUMBERS: Final = 1 << 26
"""In all samples together: 256 MiB, and as much again in the Keras model, whose optimizer has twice that."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledFactors:
    """Samples of the factors of a Bayesian matrix factorisation.

    Attributes
    ----------
    samples : tuple of Factors
        One or more. They predict as their mean.
    noise : float
        Standard deviation of a rating around what the factors say, on the rating scale.
    """

    samples: tuple[Factors, ...]
    noise: float

    @property
    def user_factors(self) -> NDArray[np.float32]:
        """Those of the last sample, shape (n_users, n_factors): samples have no common axes to average on."""
        return self.samples[-1].user_factors

    @property
    def item_factors(self) -> NDArray[np.float32]:
        """Those of the last sample, shape (n_items, n_factors)."""
        return self.samples[-1].item_factors

    def predict(self, user_idx: ArrayLike, item_idx: ArrayLike) -> NDArray[np.float32]:
        """Predict one rating for each pair, shape (n,)."""
        return self._moments(lambda sample: sample.predict(user_idx, item_idx))[0]

    def predict_block(self, user_idx: ArrayLike, item_idx: ArrayLike) -> NDArray[np.float32]:
        """Predict every pair, shape (len(user_idx), len(item_idx))."""
        return self._moments(lambda sample: sample.predict_block(user_idx, item_idx))[0]

    def deviation(self, user_idx: ArrayLike, item_idx: ArrayLike) -> NDArray[np.float32]:
        """Give the standard deviation of each pair's rating, shape (n,): of its prediction, and the noise.

        A rating lies within 1.64 of these of its prediction nine times in ten.
        """
        return self._deviation(self._moments(lambda sample: sample.predict(user_idx, item_idx))[1])

    def blocks(
        self, user_idx: ArrayLike, item_idx: ArrayLike
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give prediction and standard deviation of every pair, shape (len(user_idx), len(item_idx)) each."""
        mean, variance = self._moments(lambda sample: sample.predict_block(user_idx, item_idx))
        return mean, self._deviation(variance)

    def joined(self, n_samples: int | None = None) -> Factors:
        """Give factors that predict the mean: those of all samples side by side, over their number.

        Parameters
        ----------
        n_samples : int, optional
            Zeros stand where there are fewer; otherwise there are as many as samples.

        Returns
        -------
        Factors
            Of `n_samples` times as many factors.
        """
        n = len(self.samples)
        n_missing = 0 if n_samples is None else n_samples - n

        def side_by_side(tables: list[NDArray[np.float32]]) -> NDArray[np.float32]:
            root = np.float32(1 / math.sqrt(n))
            return np.concatenate([root * one for one in tables] + [0 * tables[0]] * n_missing, axis=1)

        def mean(biases: list[NDArray[np.float32]]) -> NDArray[np.float32]:
            return np.asarray(np.mean(biases, axis=0, dtype=np.float64), np.float32)

        return Factors(
            user_factors=side_by_side([one.user_factors for one in self.samples]),
            item_factors=side_by_side([one.item_factors for one in self.samples]),
            user_bias=mean([one.user_bias for one in self.samples]),
            item_bias=mean([one.item_bias for one in self.samples]),
            global_mean=self.samples[0].global_mean,
        )

    def _moments(
        self, predict: Callable[[Factors], NDArray[np.float32]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give mean and variance over the samples, by Welford's recurrence."""
        mean = predict(self.samples[0]).astype(np.float64)
        squares = np.zeros_like(mean)
        for n, sample in enumerate(self.samples[1:], start=2):
            difference = predict(sample) - mean
            mean += difference / n
            squares += difference**2 * (n - 1) / n
        return mean.astype(np.float32), (squares / len(self.samples)).astype(np.float32)

    def _deviation(self, variance: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(np.sqrt(variance + np.float32(self.noise**2)))


def n_samples_in_memory(n_rows: int, n_factors: int) -> int:
    """Give how many samples are kept of so many users and items together: `N_SAMPLES`, or what fits."""
    return max(min(N_SAMPLES, MAX_NUMBERS // (n_rows * n_factors)), 1)
