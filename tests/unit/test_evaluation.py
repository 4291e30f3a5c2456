"""Errors of predictions."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget import RecowidgetError
from recowidget.evaluation import mae, rmse


def test_by_hand() -> None:
    assert rmse([1, 2, 3], [1, 4, 3]) == pytest.approx(math.sqrt(4 / 3))
    assert mae([1, 2, 3], [1, 4, 3]) == pytest.approx(2 / 3)
    assert type(rmse([1], [2])) is float
    assert type(mae([1], [2])) is float


def test_sums_are_of_64_bits() -> None:
    ratings = np.full(2_000_001, 0.1, np.float32)
    assert mae(ratings, np.zeros_like(ratings)) == pytest.approx(float(np.float32(0.1)), rel=1e-12)
    assert rmse([1e30], np.float32([0])) == pytest.approx(1e30)


def test_nothing_to_compare() -> None:
    assert math.isnan(rmse([], []))
    assert math.isnan(mae([], []))


def test_a_prediction_that_is_no_number_is_not_hidden() -> None:
    assert math.isnan(rmse([1, 2], [1, np.nan]))
    assert math.isnan(mae([1, 2], [1, np.nan]))


@pytest.mark.parametrize("metric", [rmse, mae])
def test_shapes_that_differ(metric: object) -> None:
    message = "ratings and predictions must have one shape, not (1,) and (2,)"
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        metric([1], [1, 2])
    with pytest.raises(RecowidgetError, match=re.escape("not (2,) and (2, 1)")):
        metric([1, 2], [[1], [2]])


numbers = st.floats(-10, 10, width=32)


@settings(deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=1))
def test_properties(pairs: list[tuple[float, float]]) -> None:
    ratings, predictions = zip(*pairs, strict=True)
    assert 0 <= mae(ratings, predictions) <= rmse(ratings, predictions) + 1e-9
    assert rmse(ratings, predictions) == rmse(predictions, ratings)
    assert mae(ratings, ratings) == 0
    assert rmse(ratings, predictions) <= max(abs(a - b) for a, b in pairs) + 1e-9
