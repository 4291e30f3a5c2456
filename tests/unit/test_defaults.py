"""The models' defaults, tried on MovieLens latest-small: without tuning each beats what it has to beat."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recowidget import baselines
from recowidget.datasets import load_movielens
from recowidget.evaluation import evaluate, rmse
from recowidget.interactions import Interactions
from recowidget.models import MODELS, biased_mf
from recowidget.run import Run
from recowidget.settings import Settings
from recowidget.splits import random_split

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

SQUASHED = "biased_mf, squashed"
WITH_BIASES = [
    SQUASHED,
    *(name for name, kind in MODELS.items() if kind.start.has_biases and not kind.is_implicit),
]
SEEDS = {"neural_cf": (0, 1)}
"""0 for all others. This one has the least to spare."""


@pytest.fixture(scope="module")
def ratings() -> Interactions:
    return Interactions.from_frame(load_movielens()[0])


@pytest.fixture(scope="module")
def clicks() -> Interactions:
    return Interactions.from_frame(load_movielens()[0].drop(columns="rating"))


@pytest.fixture(scope="module")
def run_of(ratings: Interactions, clicks: Interactions) -> Callable[[str, int], Run]:
    """Give the run of a model at the end of its default epochs; each is trained once."""
    runs: dict[tuple[str, int], Run] = {}

    def trained(name: str, seed: int) -> Run:
        if (name, seed) not in runs:
            model: Any = partial(biased_mf, rating_range=(0.5, 5.0)) if name == SQUASHED else name
            data = clicks if name in MODELS and MODELS[name].is_implicit else ratings
            run = runs[name, seed] = Run(data, Settings(model=model, seed=seed))
            run.train()
            run.wait(300)
            run.trainer.close()
        return runs[name, seed]

    return trained


@pytest.fixture(scope="module")
def bars(ratings: Interactions) -> Callable[[int], pd.DataFrame]:
    return lambda seed: baselines.table(random_split(ratings, (0.8, 0.2), seed), ranking=False)


@pytest.mark.parametrize(
    ("name", "seed"), [(name, seed) for name in WITH_BIASES for seed in SEEDS.get(name, (0,))]
)
def test_models_of_ratings_with_biases_beat_every_baseline(
    name: str, seed: int, run_of: Callable[[str, int], Run], bars: Callable[[int], pd.DataFrame]
) -> None:
    history = run_of(name, seed).history.frame()
    assert history["test_rmse"].iloc[-1] < bars(seed)["test_rmse"].min()


def test_explicit_mf_beats_the_mean_where_user_and_item_are_known(run_of: Callable[[str, int], Run]) -> None:
    run = run_of("explicit_mf", 0)
    data, split = run.interactions, run.split
    rows = split.test[
        ~np.isin(data.user_idx[split.test], split.cold_users)
        & ~np.isin(data.item_idx[split.test], split.cold_items)
    ]
    predicted = run.factors.predict(data.user_idx[rows], data.item_idx[rows])
    assert len(rows) > 0.9 * len(split.test)
    assert rmse(data.ratings[rows], predicted) < 0.9 * rmse(
        data.ratings[rows], np.full(len(rows), run.train_mean)
    )


def test_implicit_mf_beats_popularity_at_ranking(run_of: Callable[[str, int], Run]) -> None:
    run = run_of("implicit_mf", 0)
    popularity = baselines.Popularity.fit(run.interactions, run.split.train)
    bar = evaluate(popularity, run.split, k=10)["ndcg"]
    assert evaluate(run.scorer, run.split, k=10)["ndcg"] > 1.3 * bar
