"""Engines against others' results on u1 of MovieLens 100K: the same model, the same data, as good a fit.

No peer of the engine "gibbs" can be installed with pip: a loop over its rows is in tests/unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recowidget.backend import load_keras
from recowidget.engines.als import CONFIDENCE
from recowidget.run import Run
from recowidget.settings import Settings
from tests.benchmarks import implicit_ranking, movielens
from tests.benchmarks.peers import CMF, SVD_TUNED, Surprise

if TYPE_CHECKING:
    from recowidget.factors import Factors
    from tests.benchmarks.movielens import Fold

EPOCHS = 60
"""Of ALS, after which little changes."""


@pytest.fixture(scope="module")
def u1() -> Fold:
    if not movielens.FOLDER.is_dir():
        pytest.skip("needs MovieLens 100K in ../shared/data/ml-100k, beside the checkout")
    load_keras()
    return movielens.fold(1)


def factors_of(run: Run, epochs: int) -> Factors:
    engine = run._make_own_engine()
    for epoch in range(1, epochs + 1):
        engine.begin_epoch(epoch)
        engine.run(0, engine.n_batches)
    return engine.scorer()  # type: ignore[return-value]


def trained(one: Fold, engine: str, epochs: int, **settings: Any) -> Factors:
    chosen = Settings(model="biased_mf", engine=engine, split=one.split, **settings)
    return factors_of(Run(one.interactions, chosen), epochs)


def rmse(one: Fold, factors: Factors) -> float:
    return one.test_rmse(factors.predict(*one.test[:2]))


def train_rmse(one: Fold, factors: Factors) -> float:
    return float(np.sqrt(np.mean(np.square(one.train[2] - factors.predict(*one.train[:2])))))


def test_sgd_is_as_good_as_svd_of_scikit_surprise_and_predicts_alike(u1: Fold) -> None:
    pytest.importorskip("surprise", reason="needs scikit-surprise: pip install recowidget[peers]")
    surprise = Surprise(u1)
    ours = trained(u1, "sgd", 25, n_factors=SVD_TUNED["n_factors"])
    _, theirs = surprise.predictions(28, **SVD_TUNED)
    assert rmse(u1, ours) <= u1.test_rmse(theirs)
    assert np.corrcoef(ours.predict(*u1.test[:2]), theirs)[0, 1] > 0.97


def explicit_objective(one: Fold, factors: Factors, regularization: float) -> float:
    users, items, ratings = one.train
    squares = [
        np.square(table).sum(1) + np.square(bias)
        for table, bias in (
            (factors.user_factors, factors.user_bias),
            (factors.item_factors, factors.item_bias),
        )
    ]
    errors = np.square(ratings - factors.predict(users, items))
    return float(np.mean(errors + regularization * (squares[0][users] + squares[1][items])))


@pytest.mark.parametrize("regularization", [0.1, 0.15])
def test_als_reaches_what_cmfrec_reaches(u1: Fold, regularization: float) -> None:
    pytest.importorskip("cmfrec", reason="needs cmfrec: pip install recowidget[peers]")
    size = {"n_factors": 16, "regularization": regularization}
    ours = trained(u1, "als", EPOCHS, **size)
    _, theirs = CMF(u1).fit(epochs=EPOCHS, **size)
    reached, to_reach = (explicit_objective(u1, one, regularization) for one in (ours, theirs))
    assert reached == pytest.approx(to_reach, rel=0.001)
    # A penalty that is another by little would show here before.
    assert train_rmse(u1, ours) == pytest.approx(train_rmse(u1, theirs), rel=0.002)
    assert rmse(u1, ours) == pytest.approx(rmse(u1, theirs), abs=0.005)


def implicit_objective(
    one: Fold, user_factors: np.ndarray, item_factors: np.ndarray, alpha: float, regularization: float
) -> float:
    scores = user_factors @ item_factors.T
    taken = np.zeros(scores.shape, bool)
    taken[implicit_ranking.positives(one, "train")] = True
    errors = np.where(taken, alpha * np.square(1 - scores), np.square(scores)).sum()
    return float(errors + regularization * (np.square(user_factors).sum() + np.square(item_factors).sum()))


def test_implicit_als_reaches_what_implicit_reaches(u1: Fold) -> None:
    pytest.importorskip("implicit", reason="needs implicit: pip install recowidget[peers]")
    regularization, alpha = 20.0, 1 + CONFIDENCE
    run = implicit_ranking.run_of(u1)
    engine = run._make_own_engine()
    # Theirs is the same for every row; how ours is weighted is held against its twin in tests/unit.
    engine.change(learning_rate=None, regularization=regularization)
    engine._totals = [np.ones_like(totals) for totals in engine._totals]
    for _ in range(EPOCHS):
        engine.run(0, 2)
    ours = engine.scorer()
    settings = {"num_threads": 1, "alpha": alpha, "regularization": regularization}
    theirs, *_ = implicit_ranking.Implicit(u1, ours.n_factors, EPOCHS).fit(**settings)
    both = [(each.user_factors, each.item_factors) for each in (ours, theirs)]
    reached, to_reach = (implicit_objective(u1, *tables, alpha, regularization) for tables in both)
    assert reached == pytest.approx(to_reach, rel=0.0001)
    mine, others = (implicit_ranking.ndcg(u1, users @ items.T) for users, items in both)
    assert mine == pytest.approx(others, abs=0.01)


def test_implicit_als_with_its_defaults_ranks_as_well_as_implicit_at_its_best(u1: Fold) -> None:
    pytest.importorskip("implicit", reason="needs implicit: pip install recowidget[peers]")
    ours = implicit_ranking.Ours(u1)
    best = implicit_ranking.Implicit(u1, ours.n_factors, ours.epochs).ndcg(
        num_threads=1, alpha=2.0, regularization=20.0
    )
    assert ours.ndcg() >= max(0.45, best - 0.015)
