"""The whole matrix, binned, against single cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from recowidget.factors import Factors
from recowidget.interactions import Interactions
from recowidget.samples import SampledFactors
from recowidget.splits import random_split
from recowidget.widgets import overview as module
from recowidget.widgets.orders import Sorting
from recowidget.widgets.overview import Overview, add_overviews
from recowidget.widgets.window import WindowSource
from tests.unit.test_window import unpack

N_USERS, N_ITEMS, K = 23, 41, 3


@pytest.fixture(scope="module")
def windows() -> WindowSource:
    rng = np.random.default_rng(0)
    pairs = pd.DataFrame({"user": rng.integers(0, N_USERS, 500), "item": rng.integers(0, N_ITEMS, 500)})
    pairs = pairs.drop_duplicates()
    pairs["rating"] = rng.integers(1, 6, len(pairs)).astype(float)
    source = WindowSource(random_split(Interactions.from_frame(pairs), (0.6, 0.2, 0.2)))
    interactions = source.split.interactions
    assert (interactions.n_users, interactions.n_items) == (N_USERS, N_ITEMS)
    shuffled = rng.permutation(N_ITEMS).astype(np.int32)
    return source.turned("item", shuffled, Sorting("id"))


def factors(rating_range: tuple[float, float] | None = None) -> Factors:
    rng = np.random.default_rng(1)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    return Factors(
        normal(N_USERS, K), normal(N_ITEMS, K), normal(N_USERS), normal(N_ITEMS), 3.0, rating_range
    )


class Block:
    """A scorer that is no dot product, and knows no more than it has to."""

    def predict_block(self, user_idx: Any, item_idx: Any) -> np.ndarray:
        return np.sin(np.add.outer(np.asarray(user_idx) * 7.0, np.asarray(item_idx)))


def bins_of(windows: WindowSource, n_rows: int, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of each user and item."""
    users, items = windows.axes["user"], windows.axes["item"]
    return users.positions * n_rows // N_USERS, items.positions * n_columns // N_ITEMS


SHAPES = [(1, 1), (4, 7), (10, 40), (N_USERS, N_ITEMS)]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_bin_has_the_number_and_the_mean_of_its_ratings_by_part(
    windows: WindowSource, shape: tuple[int, int]
) -> None:
    content, buffers = Overview(windows, *shape).pack("a")
    assert (content["rows"], content["columns"]) == shape
    assert content["order"] == {"user": 0, "item": 1}
    arrays = unpack(content, buffers)
    row, column = bins_of(windows, *shape)
    interactions, parts = windows.split.interactions, windows.split.parts()
    count, total = np.zeros((3, *shape)), np.zeros((3, *shape))
    at = parts, row[interactions.user_idx], column[interactions.item_idx]
    np.add.at(count, at, 1)
    np.add.at(total, at, interactions.ratings)
    np.testing.assert_array_equal(arrays["count"], count)
    assert arrays["count"].sum() == interactions.n_ratings
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(arrays["mean"], total / count, rtol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_bins_mean_prediction_is_the_product_of_its_means(
    windows: WindowSource, shape: tuple[int, int]
) -> None:
    scorer = factors()
    arrays, told = Overview(windows, *shape).moment(scorer)
    bins = Factors(
        *(arrays[name] for name in ("user_factors", "item_factors", "user_bias", "item_bias")),
        told["global_mean"],
    )
    row, column = bins_of(windows, *shape)
    cells = scorer.predict_block(np.arange(N_USERS), np.arange(N_ITEMS)).astype(np.float64)
    total, count = np.zeros(shape), np.zeros(shape)
    np.add.at(total, (row[:, None], column[None, :]), cells)
    np.add.at(count, (row[:, None], column[None, :]), 1)
    assert (count > 0).all()
    np.testing.assert_allclose(
        bins.predict_block(np.arange(shape[0]), np.arange(shape[1])), total / count, atol=1e-4
    )
    assert told["n_cells"] == 0


@pytest.mark.parametrize("scorer", [factors(), factors((1, 5)), Block(), SampledFactors((factors(),), 0.1)])
def test_residuals_are_means_over_the_ratings_of_a_part(windows: WindowSource, scorer: Any) -> None:
    shape = 4, 7
    arrays, told = Overview(windows, *shape).moment(scorer)
    interactions, parts = windows.split.interactions, windows.split.parts()
    row, column = bins_of(windows, *shape)
    every = scorer.predict_block(np.arange(N_USERS), np.arange(N_ITEMS))
    residuals = interactions.ratings - every[interactions.user_idx, interactions.item_idx]
    for part in range(3):
        rows = parts == part
        total, count = np.zeros(shape), np.zeros(shape)
        at = row[interactions.user_idx[rows]], column[interactions.item_idx[rows]]
        np.add.at(total, at, residuals[rows])
        np.add.at(count, at, 1)
        with np.errstate(invalid="ignore"):
            np.testing.assert_allclose(arrays[f"residuals_{part}"], total / count, atol=1e-4)
    assert told["n_residuals"] == interactions.n_ratings
    assert "residuals_0" not in Overview(windows, *shape, with_residuals=False).moment(scorer)[0]


@pytest.mark.parametrize("scorer", [factors((1, 5)), Block(), SampledFactors((factors(), factors()), 0.1)])
def test_what_is_no_dot_product_is_predicted_in_some_cells_of_each_bin(
    windows: WindowSource, scorer: Any
) -> None:
    arrays, told = Overview(windows, N_USERS, N_ITEMS).moment(scorer)
    users, items = windows.axes["user"].order, windows.axes["item"].order
    # A bin of one cell is that cell.
    np.testing.assert_allclose(arrays["predictions"], scorer.predict_block(users, items), atol=1e-5)
    coarse = Overview(windows, 4, 7)
    arrays, told = coarse.moment(scorer)
    assert told["n_cells"] == 4
    row, column = bins_of(windows, 4, 7)
    every = scorer.predict_block(np.arange(N_USERS), np.arange(N_ITEMS))
    for r, c in np.ndindex(4, 7):
        block = every[np.ix_(row == r, column == c)]
        assert block.min() - 1e-5 <= arrays["predictions"][r, c] <= block.max() + 1e-5
    np.testing.assert_array_equal(coarse.moment(scorer)[0]["predictions"], arrays["predictions"])


def test_large_data_is_sampled_and_says_so(windows: WindowSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RATINGS", 50)
    monkeypatch.setattr(module, "MOST_ROWS", 15)
    scorer = factors()
    arrays, told = Overview(windows, 4, 7).moment(scorer)
    assert told["n_residuals"] == 50
    # Each bin is the mean of some of its own.
    row, _ = bins_of(windows, 4, 7)
    for r in range(4):
        own = scorer.user_bias[row == r]
        assert own.min() <= arrays["user_bias"][r] <= own.max()
    assert Overview(windows, 4, 7).pack("a")[0]["rows"] == 4
    count = unpack(*Overview(windows, 4, 7).pack("a"))["count"]
    assert count.sum() == windows.split.interactions.n_ratings


def test_frames_carry_each_overview_once(windows: WindowSource) -> None:
    content: dict[str, Any] = {"arrays": []}
    buffers: list[bytes] = []
    add_overviews(
        content,
        buffers,
        [Overview(windows, 4, 7), Overview(windows, 4, 7), Overview(windows, 2, 3)],
        factors(),
    )
    assert [(told["rows"], told["columns"]) for told in content["overviews"]] == [(4, 7), (2, 3)]
    arrays = unpack(content, buffers)
    assert arrays["overview_0_user_factors"].shape == (4, K)
    assert arrays["overview_1_item_bias"].shape == (3,)
    add_overviews(content, buffers, [Overview(windows, 4, 7)], None)
    assert content["overviews"][0]["n_factors"] == 0


def test_there_are_no_more_bins_than_users_and_items(windows: WindowSource) -> None:
    assert Overview(windows, 9999, 9999).shape == (N_USERS, N_ITEMS)
    assert Overview(windows, -1, 0).shape == (1, 1)
