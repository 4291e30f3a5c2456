"""What others train the same models with, each behind one function."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.backend import load_keras
from recowidget.factors import Factors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.movielens import Fold

SVD_TUNED: dict[str, Any] = {"n_factors": 30, "lr_all": 0.02, "reg_all": 0.1, "init_std_dev": 0.03}
"""28 epochs of it are the best known of scikit-surprise on these folds."""


class Surprise:
    """SVD and SVD++ of scikit-surprise on a fold; indices in, predictions out."""

    def __init__(self, fold: Fold) -> None:
        import pandas as pd
        from surprise import Dataset, Reader

        users, items, ratings = fold.train
        frame = pd.DataFrame({"user": users, "item": items, "rating": ratings.astype(float)})
        self._train = Dataset.load_from_df(frame, Reader(rating_scale=(1, 5))).build_full_trainset()
        self._fold = fold

    def fit(self, n_epochs: int, **settings: Any) -> tuple[float, float]:
        """Train SVD; seconds, and RMSE on the test part."""
        seconds, predictions = self.predictions(n_epochs, **settings)
        return seconds, self._fold.test_rmse(predictions)

    def predictions(self, n_epochs: int, **settings: Any) -> tuple[float, np.ndarray]:
        """Train SVD; seconds, and predictions of the test part."""
        from surprise import SVD

        model = SVD(n_epochs=n_epochs, random_state=0, **settings)
        started = time.perf_counter()
        model.fit(self._train)
        return time.perf_counter() - started, self._predict(model)

    def fit_plus(self) -> tuple[float, float]:
        """Train SVD++ with its defaults; seconds, and RMSE on the test part."""
        from surprise import SVDpp

        model = SVDpp(random_state=0, cache_ratings=True)
        started = time.perf_counter()
        model.fit(self._train)
        seconds = time.perf_counter() - started
        users, items, _ = self._fold.test
        pairs = zip(users.tolist(), items.tolist(), strict=True)
        predictions = [model.predict(user, item).est for user, item in pairs]
        return seconds, self._fold.test_rmse(np.array(predictions))

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


@dataclass(frozen=True)
class KerasSetting:
    """How plain ``fit`` is called."""

    batch_size: int
    steps_per_execution: int
    learning_rate: float

    def __str__(self) -> str:
        steps = self.steps_per_execution
        calls = "a step a call" if steps == 1 else f"{steps} steps a call"
        return f"batch {self.batch_size}, {calls}, rate {self.learning_rate:g}"


class KerasFit:
    """`biased_mf` trained by plain ``fit`` with Adam on a fold, always from the same start."""

    def __init__(self, fold: Fold, setting: KerasSetting, n_factors: int) -> None:
        from recowidget.models import biased_mf

        keras = load_keras()
        self._fold = fold
        self._setting = setting
        users, items, ratings = fold.train
        self._inputs, self._ratings = [users, items], ratings
        self._model = biased_mf(
            fold.interactions.n_users,
            fold.interactions.n_items,
            n_factors=n_factors,
            global_mean=float(ratings.mean()),
        )
        self._model.compile(
            optimizer=keras.optimizers.Adam(setting.learning_rate),
            loss="mean_squared_error",
            steps_per_execution=setting.steps_per_execution,
        )
        self._start: list[np.ndarray] | None = None

    def fit(self, n_epochs: int, callbacks: Sequence[Any] = ()) -> float:
        """Train from the start on; seconds of the one call. The first compiles."""
        keras = load_keras()
        if self._start is None:
            self._model.optimizer.build(self._model.trainable_variables)
        variables = [*self._model.variables, *self._model.optimizer.variables]
        if self._start is None:
            self._start = [variable.numpy() for variable in variables]
        for variable, value in zip(variables, self._start, strict=True):
            variable.assign(value)
        keras.utils.set_random_seed(0)
        started = time.perf_counter()
        self._model.fit(
            self._inputs,
            self._ratings,
            batch_size=self._setting.batch_size,
            epochs=n_epochs,
            verbose=0,
            callbacks=list(callbacks),
        )
        return time.perf_counter() - started

    def epochs_to(self, target: float, most: int) -> int | None:
        """Epochs until predictions are as good; None where that takes more."""
        keras = load_keras()
        reached: list[int] = []

        def look(epoch: int, _logs: object) -> None:
            if self.test_rmse() <= target:
                reached.append(epoch + 1)
                self._model.stop_training = True

        self.fit(most, [keras.callbacks.LambdaCallback(on_epoch_end=look)])
        return reached[0] if reached else None

    def test_rmse(self) -> float:
        """RMSE of what it predicts now."""
        users, items, _ = self._fold.test
        predictions = self._model.predict_on_batch([users, items])
        return self._fold.test_rmse(np.asarray(predictions)[:, 0])


def numba_sgd() -> Callable[..., None]:
    """Give SGD of a biased matrix factorisation a rating at a time, as one would write it with numba.

    Unsigned indices spare it a test for those below 0; with all in single precision and contiguous, LLVM
    makes vector instructions of the loops over factors.
    """
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


class CMF:
    """Explicit ALS of cmfrec on a fold: biases, exact solutions, in single precision."""

    def __init__(self, fold: Fold) -> None:
        from scipy import sparse

        users, items, ratings = fold.train
        shape = fold.interactions.n_users, fold.interactions.n_items
        self._fold = fold
        self._matrix = sparse.coo_matrix((ratings, (users, items)), shape=shape)
        self._is_known = [
            np.bincount(idx, minlength=n) > 0 for idx, n in zip((users, items), shape, strict=True)
        ]

    def fit(
        self, *, n_factors: int, epochs: int, regularization: float, **settings: Any
    ) -> tuple[float, Factors]:
        """Train; seconds from the matrix on, and what it learned, zeros where it has seen nothing.

        Regularization is weighted by the number of ratings, as ours is.
        """
        import cmfrec

        model = cmfrec.CMF(
            k=n_factors,
            niter=epochs,
            lambda_=regularization,
            scale_lam=True,
            precompute_for_predictions=False,
            verbose=False,
            **{"use_cg": False, **settings},
        )
        started = time.perf_counter()
        model.fit(self._matrix)
        seconds = time.perf_counter() - started
        tables = (model.A_, model.B_), (model.user_bias_[:, None], model.item_bias_[:, None])
        (p, q), (b, c) = (
            [np.where(known[:, None], table, 0) for known, table in zip(self._is_known, pair, strict=True)]
            for pair in tables
        )
        return seconds, Factors(p, q, b[:, 0], c[:, 0], float(model.glob_mean_))
