"""Predictions and rankings that any model has to beat.

Each is made by ``fit(interactions, rows)`` and is a `recowidget.scoring.Scorer`. Those on the rating scale
``predict`` ratings as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.arguments import read_split
from recowidget.biases import DampedBias, GlobalMean, ItemMean, TrainPart, UserMean
from recowidget.evaluation import evaluate, evaluate_errors
from recowidget.scoring import Scorer

if TYPE_CHECKING:
    from recowidget.arguments import RatingsLike
    from recowidget.ranking import AnyIndices, Scores
    from recowidget.split import Split

__all__ = [
    "BASELINES",
    "Baseline",
    "DampedBias",
    "GlobalMean",
    "ItemMean",
    "Popularity",
    "Random",
    "UserMean",
    "table",
]


class Baseline(Scorer, Protocol):
    """What each baseline can do.

    Attributes
    ----------
    name
        As in `table`.
    """

    name: ClassVar[str]

    @property
    def ranks(self) -> bool:
        """Whether it ranks items, as it was fitted: not where all items of a user have one score."""
        ...

    @classmethod
    def fit(cls, interactions: RatingsLike, rows: AnyIndices | None = None) -> Self:
        """Learn from some rows of the ratings, or from all.

        Parameters
        ----------
        interactions
            The ratings, or a frame of them.
        rows
            Row numbers to train on; all where not given.

        Returns
        -------
        Self

        Raises
        ------
        RecowidgetError
            Where there is no row, or the ratings or the rows are no such thing.
        """
        ...


@dataclass(frozen=True, eq=False)
class Popularity:
    """Rank items by how many ratings they have in training.

    Attributes
    ----------
    counts
        Shape (n_items,).
    """

    counts: npt.NDArray[np.intp]

    name: ClassVar = "popularity"

    @property
    def ranks(self) -> bool:
        """Whether the counts differ; see `Baseline.ranks`."""
        return bool((self.counts != self.counts[0]).any())

    @classmethod
    def fit(cls, interactions: RatingsLike, rows: AnyIndices | None = None) -> Self:
        """Count the ratings of each item; see `Baseline.fit`."""
        train = TrainPart(interactions, rows, cls.name)
        return cls(np.bincount(train.item_idx, minlength=train.n_items))

    def predict_block(self, user_idx: AnyIndices, item_idx: AnyIndices) -> Scores:
        """Give the counts of the items to each user, shape (m, n)."""
        return np.tile(self.counts[item_idx].astype(np.float32), (len(user_idx), 1))


@dataclass(frozen=True, eq=False)
class Random:
    """Rank items in an order drawn for each user.

    Attributes
    ----------
    seed
        0 or more. A pair's score depends on it, the user and the item alone.
    """

    seed: int = 0

    name: ClassVar = "random"

    @property
    def ranks(self) -> bool:
        """Always; see `Baseline.ranks`."""
        return True

    @classmethod
    def fit(cls, interactions: RatingsLike, rows: AnyIndices | None = None, *, seed: int = 0) -> Self:
        """Take a seed; see `Baseline.fit`."""
        TrainPart(interactions, rows, cls.name)
        return cls(seed)

    def predict_block(self, user_idx: AnyIndices, item_idx: AnyIndices) -> Scores:
        """Give a number from 0 to less than 1 to every pair of the users and items, shape (m, n)."""
        users = np.asarray(user_idx, np.uint64)[:, None] << np.uint64(32)
        pairs = users | np.asarray(item_idx, np.uint64)[None, :]
        offset = _scrambled(np.array([self.seed], np.uint64))
        return (_scrambled(_scrambled(pairs) ^ offset) >> np.uint64(40)).astype(np.float32) / np.float32(
            1 << 24
        )


BASELINES: Final[tuple[type[Baseline], ...]] = (
    GlobalMean,
    UserMean,
    ItemMean,
    DampedBias,
    Popularity,
    Random,
)


def table(split: Split, k: int = 10, relevant: float | None = None, *, ranking: bool = True) -> pd.DataFrame:
    """Evaluate each baseline, fitted to the train part of a split, on its test part.

    Parameters
    ----------
    split
        Of the ratings.
    k, relevant
        As in `recowidget.evaluation.evaluate`.
    ranking
        Whether to rank; where there are very many users and items, that takes minutes.

    Returns
    -------
    pandas.DataFrame
        Columns name, test_rmse, test_mae and ndcg (at k). NaN where a baseline predicts no ratings, or
        scores all items of a user alike, as item biases do of implicit feedback.

    Raises
    ------
    RecowidgetError
        As `recowidget.evaluation.evaluate`.
    """
    checked, records = read_split(split), []
    for kind in BASELINES:
        baseline = kind.fit(checked.interactions, checked.train)
        ranked = ranking and baseline.ranks
        values = evaluate(baseline, checked, k, relevant) if ranked else evaluate_errors(baseline, checked)
        records.append((kind.name, values["rmse"], values["mae"], values.get("ndcg", float("nan"))))
    return pd.DataFrame(records, columns=["name", "test_rmse", "test_mae", "ndcg"])


def _scrambled(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: SplitMix64."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
