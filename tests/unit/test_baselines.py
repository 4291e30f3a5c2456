"""Baselines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget import Interactions, RecowidgetError
from recowidget.baselines import GlobalMean
from recowidget.datasets import load_movielens
from recowidget.evaluation import rmse
from recowidget.splits import random_split

FRAME = pd.DataFrame({"user": [1, 1, 2], "item": [1, 2, 1], "rating": [1.0, 2.0, 4.5]})


def test_the_mean_is_of_the_rows_in_training() -> None:
    interactions = Interactions.from_frame(FRAME)
    assert GlobalMean.fit(interactions, np.array([0, 1])).mean == 1.5
    assert GlobalMean.fit(interactions).mean == 2.5
    assert GlobalMean.name == "global mean"


def test_predictions_have_the_shape_of_the_pairs() -> None:
    baseline = GlobalMean(3.5)
    predictions = baseline.predict(np.array([0, 1, 1]), np.array([0, 0, 5]))
    assert predictions.dtype == np.float32
    assert predictions.tolist() == [3.5, 3.5, 3.5]
    assert baseline.predict(np.arange(2)[:, None], np.arange(3)).shape == (2, 3)


def test_no_rows() -> None:
    with pytest.raises(RecowidgetError, match=r"^the global mean needs one rating or more to train on$"):
        GlobalMean.fit(Interactions.from_frame(FRAME), np.array([], int))


def test_on_movielens() -> None:
    interactions = Interactions.from_frame(load_movielens()[0])
    split = random_split(interactions)
    baseline = GlobalMean.fit(interactions, split.train)
    test = interactions.take(split.test)
    assert baseline.mean == pytest.approx(3.5, abs=0.01)
    assert rmse(test.ratings, baseline.predict(test.user_idx, test.item_idx)) == pytest.approx(1.04, abs=0.01)


@settings(deadline=None)
@given(st.lists(st.integers(1, 10), min_size=1))
def test_no_other_constant_is_nearer(halves: list[int]) -> None:
    ratings = [half / 2 for half in halves]
    frame = pd.DataFrame({"user": range(len(ratings)), "item": 0, "rating": ratings})
    interactions = Interactions.from_frame(frame)
    mean = GlobalMean.fit(interactions).mean
    assert mean == pytest.approx(np.mean(ratings))
    best = rmse(ratings, np.full(len(ratings), mean))
    assert best <= rmse(ratings, np.full(len(ratings), mean + 0.1)) + 1e-12
