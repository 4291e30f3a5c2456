"""What others train the same models with, each behind one function."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.backend import load_keras

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.movielens import Fold

SVD_TUNED: dict[str, Any] = {"n_factors": 30, "lr_all": 0.02, "reg_all": 0.1, "init_std_dev": 0.03}
"""28 epochs of it are the best known of scikit-surprise on these folds."""


class Surprise:
    """SVD of scikit-surprise on a fold; indices in, predictions out."""

    def __init__(self, fold: Fold) -> None:
        import pandas as pd
        from surprise import Dataset, Reader

        users, items, ratings = fold.train
        frame = pd.DataFrame({"user": users, "item": items, "rating": ratings.astype(float)})
        self._train = Dataset.load_from_df(frame, Reader(rating_scale=(1, 5))).build_full_trainset()
        self._fold = fold

    def fit(self, n_epochs: int, **settings: Any) -> tuple[float, float]:
        """Train; seconds, and RMSE on the test part."""
        from surprise import SVD

        model = SVD(n_epochs=n_epochs, random_state=0, **settings)
        started = time.perf_counter()
        model.fit(self._train)
        seconds = time.perf_counter() - started
        return seconds, self._fold.test_rmse(self._predict(model))

    def _predict(self, model: Any) -> np.ndarray:
        users, items, _ = self._fold.test
        user_bias, user_factors = self._table(model.bu, model.pu, users, self._train.to_inner_uid)
        item_bias, item_factors = self._table(model.bi, model.qi, items, self._train.to_inner_iid)
        dot = np.einsum("nk,nk->n", user_factors, item_factors)
        return self._train.global_mean + user_bias + item_bias + dot

    @staticmethod
    def _table(
        bias: np.ndarray, factors: np.ndarray, idx: np.ndarray, inner: Callable[[int], int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows of a side by our indices; zeros where it was not trained on."""
        known = np.zeros(idx.max() + 1, int) - 1
        for raw in np.unique(idx):
            try:
                known[raw] = inner(int(raw))
            except ValueError:
                continue
        rows = known[idx]
        there = rows >= 0
        return np.where(there, bias[rows], 0), np.where(there[:, None], factors[rows], 0)


def fit_of_keras(
    fold: Fold, *, n_factors: int, batch_size: int, steps_per_execution: int, learning_rate: float
) -> Iterator[tuple[float, float]]:
    """Train `biased_mf` by plain ``fit`` with Adam: after each epoch seconds so far, and RMSE."""
    from recowidget.models import biased_mf

    keras = load_keras()
    users, items, ratings = fold.train
    model = biased_mf(
        fold.interactions.n_users,
        fold.interactions.n_items,
        n_factors=n_factors,
        global_mean=float(ratings.mean()),
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="mean_squared_error",
        steps_per_execution=steps_per_execution,
    )
    seconds = 0.0
    while True:
        started = time.perf_counter()
        model.fit([users, items], ratings, batch_size=batch_size, epochs=1, verbose=0)
        seconds += time.perf_counter() - started
        test_users, test_items, _ = fold.test
        predictions = model.predict([test_users, test_items], batch_size=20_000, verbose=0)[:, 0]
        yield seconds, fold.test_rmse(predictions)


def numba_sgd() -> Callable[..., None]:
    """Give SGD of a biased matrix factorisation a rating at a time, as one would write it with numba."""
    import numba

    @numba.njit(fastmath=True)
    def train(
        users: np.ndarray,
        items: np.ndarray,
        ratings: np.ndarray,
        p: np.ndarray,
        q: np.ndarray,
        b: np.ndarray,
        c: np.ndarray,
        rate: float,
        penalty: float,
    ) -> None:
        n_factors = p.shape[1]
        for row in range(len(users)):
            u, i = users[row], items[row]
            dot = b[u] + c[i]
            for k in range(n_factors):
                dot += p[u, k] * q[i, k]
            error = ratings[row] - dot
            b[u] += rate * (error - penalty * b[u])
            c[i] += rate * (error - penalty * c[i])
            for k in range(n_factors):
                old = p[u, k]
                p[u, k] += rate * (error * q[i, k] - penalty * old)
                q[i, k] += rate * (error * old - penalty * q[i, k])

    return train
