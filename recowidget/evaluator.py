"""How the losses of a run are measured: of each part of its split, on the rating scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from recowidget.factors import Factors
from recowidget.history import Losses
from recowidget.negatives import NegativeSampler
from recowidget.samples import SampledFactors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.interactions import Interactions
    from recowidget.scoring import LearnedScorer
    from recowidget.split import Split

MAX_EVALUATED: Final = 5_000_000
BLOCK: Final = 1 << 18
"""Ratings whose errors of factors are in memory at a time."""
SAMPLED: Final = 4_096
"""Ratings that the train loss within an epoch is estimated on."""


class SplitEvaluator:
    """Losses of the parts of a split.

    Of ratings they are mean squared errors. Of implicit feedback they are so of probabilities (Brier, 1950):
    over the rows of a part, where 1 is the truth, and as many pairs where 0 is, one of each row's user with
    an item that the user took in no part. These pairs are drawn once, from the seed, so that losses of all
    epochs, and of all models with that seed, are of the same pairs. A user who took all items gives none.

    Parameters
    ----------
    split : Split
    seed : int
    max_train : int
        Train losses are of at most so many ratings, drawn once.
    """

    def __init__(self, split: Split, *, seed: int, max_train: int = MAX_EVALUATED) -> None:
        rng = np.random.default_rng(seed)
        interactions, train = split.interactions, split.train
        if len(train) > max_train:
            train = np.sort(rng.choice(train, max_train, replace=False))
        sample = train if len(train) <= SAMPLED else rng.choice(train, SAMPLED, replace=False)
        sampler = None
        if interactions.is_implicit:
            sampler = NegativeSampler(
                interactions.user_idx, interactions.item_idx, interactions.n_users, interactions.n_items
            )
        self._train, self._validation, self._test, self._sample = (
            _Part(interactions, rows, sampler, rng) for rows in (train, split.validation, split.test, sample)
        )

    def losses(self, scorer: LearnedScorer) -> Losses:
        """Losses of all parts."""
        return Losses(self._train.mse(scorer), self._validation.mse(scorer), self._test.mse(scorer))

    def sampled_mse(self, scorer: LearnedScorer) -> float:
        """Train loss on a fixed sample."""
        return self._sample.mse(scorer)


class _Part:
    """The ratings of some rows, gathered once, and negatives beside them where there is a sampler."""

    def __init__(
        self,
        interactions: Interactions,
        rows: NDArray[np.intp],
        sampler: NegativeSampler | None,
        rng: np.random.Generator,
    ) -> None:
        self._user_idx = interactions.user_idx[rows]
        self._item_idx = interactions.item_idx[rows]
        self._targets = interactions.ratings[rows]
        if sampler is not None:
            drawn = sampler.draw(self._user_idx, 1, rng)[:, 0]
            there = drawn >= 0
            self._user_idx = np.concatenate([self._user_idx, self._user_idx[there]])
            self._item_idx = np.concatenate([self._item_idx, drawn[there]])
            self._targets = np.concatenate([self._targets, np.zeros(there.sum(), np.float32)])

        self._mean = _SampleMean(self._user_idx, self._item_idx)

    def mse(self, scorer: LearnedScorer) -> float:
        if not len(self._targets):
            return float("nan")
        if isinstance(scorer, Factors):
            blocks = (slice(start, start + BLOCK) for start in range(0, len(self._targets), BLOCK))
            return sum(self._squares(scorer, rows) for rows in blocks) / len(self._targets)
        if isinstance(scorer, SampledFactors):
            errors = self._mean.of(scorer.samples) - self._targets
        else:
            errors = scorer.predict(self._user_idx, self._item_idx) - self._targets
        return float(np.mean(np.square(errors, dtype=np.float64)))

    def _squares(self, factors: Factors, rows: slice) -> float:
        errors = factors.predict(self._user_idx[rows], self._item_idx[rows]) - self._targets[rows]
        return float(np.square(errors, dtype=np.float64).sum())


class _SampleMean:
    """The mean prediction of samples for the same pairs, where each epoch only goes through new samples."""

    def __init__(self, user_idx: NDArray[np.int32], item_idx: NDArray[np.int32]) -> None:
        self._pairs = user_idx, item_idx
        self._samples: tuple[Factors, ...] = ()
        self._sum = np.zeros(len(user_idx), np.float64)

    def of(self, samples: tuple[Factors, ...]) -> NDArray[np.float32]:
        """Give the mean of these, shape (n,)."""
        before, now = set(map(id, self._samples)), set(map(id, samples))
        gone = [sample for sample in self._samples if id(sample) not in now]
        if len(gone) * 2 > len(before):
            self._sum[:] = 0
            before, gone = set(), []
        for sample in gone:
            self._sum -= sample.predict(*self._pairs)
        for sample in samples:
            if id(sample) not in before:
                self._sum += sample.predict(*self._pairs)
        self._samples = samples
        return np.asarray(self._sum / len(samples), np.float32)
