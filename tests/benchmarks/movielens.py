"""The folds of MovieLens 100K, which are not part of the repository."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from recowidget.interactions import Interactions
from recowidget.splits import Split, predefined_split

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "ml-100k"
FOLDS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Fold:
    """One of the five parts in two that MovieLens 100K comes with."""

    interactions: Interactions
    split: Split

    @property
    def train(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Users, items and ratings of the train part."""
        return self._part(self.split.train)

    @property
    def test(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Users, items and ratings of the test part."""
        return self._part(self.split.test)

    def _part(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        data = self.interactions
        return data.user_idx[rows], data.item_idx[rows], data.ratings[rows]

    def test_rmse(self, predictions: np.ndarray) -> float:
        """RMSE of predictions of the test part, clipped to the scale."""
        return clipped_rmse(predictions, self.test[2])


@cache
def fold(number: int) -> Fold:
    """Read one of the folds."""
    if not FOLDER.exists():
        raise SystemExit(f"this benchmark needs MovieLens 100K in {FOLDER}")
    parts = [
        pd.read_csv(
            FOLDER / f"u{number}.{part}", sep="\t", names=["user_id", "item_id", "rating", "timestamp"]
        )
        for part in ("base", "test")
    ]
    interactions = Interactions.from_frame(pd.concat(parts, ignore_index=True))
    is_test = np.arange(interactions.n_ratings) >= len(parts[0])
    return Fold(interactions, predefined_split(interactions, is_test))


def clipped_rmse(predictions: np.ndarray, ratings: np.ndarray) -> float:
    """Root mean squared error of predictions clipped to one to five stars."""
    return float(np.sqrt(np.mean((np.clip(predictions, 1, 5) - ratings) ** 2)))
