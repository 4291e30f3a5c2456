"""Measures of an epoch beside its losses: absolute errors, how well it ranks, how alike its lists are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from recowidget.evaluation import evaluate
from recowidget.factors import Factors
from recowidget.ranking import top_n

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.scoring import LearnedScorer
    from recowidget.split import Split

RANKED: Final = 10
"""Length of the ranked lists."""
MAX_PAIRS: Final = 10_000_000
"""Of users and items that are ranked for one epoch: above, users are drawn."""
SLOWER: Final = 10
"""So many times fewer pairs are ranked where a prediction is more than a dot product."""
MAX_ROWS: Final = 200_000
"""Ratings of a part whose absolute errors are averaged: of more, so many are drawn."""
FEWEST_COMPARED, FEWEST_TIMES = 5, 3
"""Of fewer users, or of so few items that lists must overlap, it is not told whether lists are alike."""
COMPARED: Final = 50
"""Users whose lists are compared."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Measures of one epoch; NaN where there is nothing to measure.

    Attributes
    ----------
    train_mae, validation_mae, test_mae : float
    ndcg : float
        NDCG@10 on the test part.
    alike : float
        Share of a user's first ten items, seen ones among them, that are the ten most often named: 1 where
        all users get the same.
    """

    train_mae: float
    validation_mae: float
    test_mae: float
    ndcg: float
    alike: float


class Measurer:
    """Measures what predicts, always on the same ratings and users.

    Parameters
    ----------
    split : Split
    max_pairs : int
        Users times items that are ranked at most; a tenth of that where the model is no dot product.
    """

    def __init__(self, split: Split, max_pairs: int = MAX_PAIRS) -> None:
        self._split = split
        self._max_pairs = max_pairs

    def of(self, scorer: LearnedScorer) -> Measures:
        """Measure one epoch."""
        is_implicit = self._split.interactions.is_implicit
        train, validation, test = (
            float("nan") if is_implicit else self._mae(scorer, rows) for rows in self._rows
        )
        return Measures(train, validation, test, self.ndcg(scorer), self._alike(scorer))

    def ndcg(self, scorer: LearnedScorer) -> float:
        """Measure NDCG@10 on the test part."""
        if not len(self._split.test):
            return float("nan")
        return float(evaluate(scorer, self._ranked(scorer), RANKED)["ndcg"])

    def n_ranked_users(self, scorer: LearnedScorer) -> int:
        """How many users' lists NDCG is of."""
        return len(np.unique(self._split.interactions.user_idx[self._ranked(scorer).test]))

    def _ranked(self, scorer: LearnedScorer) -> Split:
        return self._quickly_ranked if isinstance(scorer, Factors) else self._slowly_ranked

    @cached_property
    def _quickly_ranked(self) -> Split:
        return self._of_drawn_users(self._max_pairs)

    @cached_property
    def _slowly_ranked(self) -> Split:
        return self._of_drawn_users(self._max_pairs // SLOWER)

    @cached_property
    def _rows(self) -> tuple[NDArray[np.intp], ...]:
        rng = np.random.default_rng(0)
        parts = self._split.train, self._split.validation, self._split.test
        return tuple(
            rows if len(rows) <= MAX_ROWS else rng.choice(rows, MAX_ROWS, replace=False) for rows in parts
        )

    def _of_drawn_users(self, max_pairs: int) -> Split:
        """Give the split, its test part only of so many users as are to be ranked."""
        split, interactions = self._split, self._split.interactions
        users = np.unique(interactions.user_idx[split.test])
        most = max(max_pairs // max(interactions.n_items, 1), 1)
        if len(users) <= most:
            return split
        drawn = np.zeros(interactions.n_users, bool)
        drawn[np.random.default_rng(0).choice(users, most, replace=False)] = True
        is_drawn = drawn[interactions.user_idx[split.test]]
        # A split has all rows; those of other users have no part in the ranking of these.
        rest = np.concatenate([split.validation, split.test[~is_drawn]])
        return replace(split, test=split.test[is_drawn], validation=rest, validation_parts=(), shares=None)

    def _mae(self, scorer: LearnedScorer, rows: NDArray[np.intp]) -> float:
        if not len(rows):
            return float("nan")
        interactions = self._split.interactions
        predicted = scorer.predict(interactions.user_idx[rows], interactions.item_idx[rows])
        return float(np.mean(np.abs(predicted - interactions.ratings[rows]), dtype=np.float64))

    def _alike(self, scorer: LearnedScorer) -> float:
        interactions = self._split.interactions
        if interactions.n_users < FEWEST_COMPARED or interactions.n_items < FEWEST_TIMES * RANKED:
            return float("nan")
        n = RANKED
        users = np.random.default_rng(0).permutation(interactions.n_users)[:COMPARED]
        tops = top_n(scorer.predict_block(users, np.arange(interactions.n_items)), n)
        counts = np.bincount(tops.ravel(), minlength=interactions.n_items)
        common = np.argsort(-counts, kind="stable")[:n]
        return float(np.isin(tops, common).mean())
