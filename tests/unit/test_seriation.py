"""An order in which neighbours are alike."""

from __future__ import annotations

import numpy as np
import pytest

from recowidget.seriation import seriate


def steps(vectors: np.ndarray, order: np.ndarray) -> float:
    """The way from each to the next, on average."""
    return float(np.linalg.norm(np.diff(vectors[order], axis=0), axis=1).mean())


@pytest.mark.parametrize("n_groups", [2, 3, 7])
def test_groups_stand_together(n_groups: int) -> None:
    rng = np.random.default_rng(n_groups)
    centres = rng.normal(size=(n_groups, 6)) * 5
    group = rng.permutation(np.arange(40 * n_groups) % n_groups)
    order = seriate(centres[group] + rng.normal(size=(len(group), 6)) * 0.1)
    assert np.count_nonzero(np.diff(group[order])) == n_groups - 1


def test_a_line_is_found_again() -> None:
    rng = np.random.default_rng(1)
    place = rng.permutation(500)
    vectors = place[:, None] * rng.normal(size=5)
    found = place[seriate(vectors)]
    assert (np.diff(found) == 1).all() or (np.diff(found) == -1).all()


def test_neighbours_are_nearer_than_along_the_first_axis_alone() -> None:
    vectors = np.random.default_rng(2).normal(size=(2000, 8)).astype(np.float32)
    axis = np.linalg.svd(vectors - vectors.mean(0), full_matrices=False)[2][0]
    assert steps(vectors, seriate(vectors)) < 0.8 * steps(vectors, np.argsort(vectors @ axis))


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (2, 1), (50, 1), (300, 4)])
def test_each_stands_once_and_always_at_the_same_place(shape: tuple[int, int]) -> None:
    vectors = np.random.default_rng(3).normal(size=shape)
    order = seriate(vectors)
    assert sorted(order.tolist()) == list(range(shape[0]))
    np.testing.assert_array_equal(order, seriate(vectors.copy()))


def test_what_can_not_be_told_apart_stays_and_what_is_not_finite_does_no_harm() -> None:
    assert seriate(np.zeros((40, 3))).tolist() == list(range(40))
    broken = np.random.default_rng(4).normal(size=(40, 3))
    broken[3], broken[5] = np.nan, np.inf
    assert sorted(seriate(broken).tolist()) == list(range(40))
    assert sorted(seriate(np.full((9, 2), 3e38, np.float32)).tolist()) == list(range(9))
