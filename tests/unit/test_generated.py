"""The generator of ratings that the benchmarks of large data use, at a small size."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.benchmarks.generated import Columns, generate, kept

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 400, 500, 30_000


@pytest.fixture(scope="module")
def columns() -> Columns:
    return generate(*SIZE)


def strongest_direction(columns: Columns) -> float:
    """The largest singular value of what the means of users and items leave, over that of noise."""
    n_users, n_items, _ = SIZE
    rng = np.random.default_rng(0)
    errors = columns.ratings - columns.ratings.mean(dtype=np.float64)
    for idx, n in ((columns.user_idx, n_users), (columns.item_idx, n_items)):
        errors -= (np.bincount(idx, errors, n) / np.bincount(idx, minlength=n))[idx]

    def largest(values: np.ndarray) -> float:
        matrix = np.zeros((n_users, n_items))
        matrix[columns.user_idx, columns.item_idx] = values
        return float(np.linalg.norm(matrix, 2))

    return largest(errors) / largest(rng.permutation(errors))


def test_sizes_and_types(columns: Columns) -> None:
    assert [getattr(columns, field.name).dtype for field in fields(columns)] == [
        np.int32,
        np.int32,
        np.float32,
        np.int64,
    ]
    n_users, n_items, n_ratings = SIZE
    assert {len(getattr(columns, field.name)) for field in fields(columns)} == {n_ratings}
    assert np.bincount(columns.user_idx, minlength=n_users).min() >= 20
    assert np.bincount(columns.item_idx, minlength=n_items).min() >= 1
    interactions = columns.interactions()
    assert (interactions.n_users, interactions.n_items, interactions.n_ratings) == SIZE


def test_pairs_are_sorted_and_none_comes_twice(columns: Columns) -> None:
    pairs = columns.user_idx.astype(np.int64) * SIZE[1] + columns.item_idx
    assert (np.diff(pairs) > 0).all()


def test_ratings_are_half_stars(columns: Columns) -> None:
    assert np.unique(columns.ratings).tolist() == [step / 2 for step in range(1, 11)]


def test_tails_are_long(columns: Columns) -> None:
    of_users, of_items = np.bincount(columns.user_idx), np.bincount(columns.item_idx)
    assert of_users.max() > 3 * np.median(of_users)
    assert of_items.max() > 10 * np.median(of_items)
    # Few of many items have most of the ratings, wherever they stand.
    most_taken = np.argsort(of_items)[-SIZE[1] // 10 :]
    assert of_items[most_taken].sum() > SIZE[2] / 3
    assert most_taken.min() < SIZE[1] / 5
    assert most_taken.max() > SIZE[1] * 4 / 5


def test_factors_are_behind_the_ratings(columns: Columns) -> None:
    noise = Columns(
        columns.user_idx,
        columns.item_idx,
        np.random.default_rng(0).permutation(columns.ratings),
        columns.timestamps,
    )
    assert strongest_direction(columns) > 1.15 * strongest_direction(noise)


def test_the_seed_decides(columns: Columns) -> None:
    again, other = generate(*SIZE), generate(*SIZE, seed=1)
    for field in fields(columns):
        one = getattr(columns, field.name)
        assert np.array_equal(one, getattr(again, field.name))
        assert not np.array_equal(one, getattr(other, field.name))


def test_few_items_for_many_users() -> None:
    """Items that all have, and users who have most: drawn one by one and until they are different."""
    columns = generate(5_000, 2_000, 400_000)
    pairs = columns.user_idx.astype(np.int64) * 2_000 + columns.item_idx
    assert (np.diff(pairs) > 0).all()
    counts = np.bincount(columns.user_idx)
    assert counts.min() >= 20
    assert 100 < counts.max() <= 1_100
    assert np.bincount(columns.item_idx, minlength=2_000).min() >= 1


def test_numbers_that_do_not_fit() -> None:
    for n_ratings in (7_999, 60_000):
        with pytest.raises(ValueError, match="400 users and 500 items"):
            generate(400, 500, n_ratings)


def test_kept_ratings_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first = kept(*SIZE)
    assert len(list(tmp_path.iterdir())) == 1
    file = next(tmp_path.rglob("ratings.npy"))
    np.save(file, first.ratings + 1)
    second = kept(*SIZE)
    assert np.array_equal(second.ratings, first.ratings + 1)
    assert np.array_equal(second.item_idx, first.item_idx)
