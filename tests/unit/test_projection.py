"""The plane of the factor map: main axes that hold still, and never flip."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recowidget.factors import Factors
from recowidget.projection import ENOUGH, FactorPlane, aligned, facing, main_axes
from recowidget.scoring import ModelScorer

N_USERS, N_ITEMS = 30, 40
SEEDS = st.integers(0, 10_000)
SIZES = st.integers(1, 7)


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def factors(users: np.ndarray, items: np.ndarray) -> Factors:
    zeros = np.zeros(N_USERS, np.float32), np.zeros(N_ITEMS, np.float32)
    return Factors(users.astype(np.float32), items.astype(np.float32), *zeros, 3.5)


def drawn(seed: int, k: int, spread: np.ndarray | float = 1.0) -> Factors:
    return factors(normal(seed, N_USERS, k) * spread, normal(seed + 1, N_ITEMS, k) * spread)


def plane(users: range = range(20), items: range = range(25)) -> FactorPlane:
    made = FactorPlane()
    made.choose(np.array(users, np.int32), np.array(items, np.int32))
    return made


def seen(places: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([places["map_users"], places["map_items"]])


@given(SEEDS, SIZES)
def test_no_plane_shows_more_than_that_of_the_main_axes(seed: int, k: int) -> None:
    rows = normal(seed, 50, k) + 1.0
    axes = main_axes(rows)
    shown = np.square(rows @ axes).sum(axis=0)
    if k > 1:
        np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-9)
        other, _ = np.linalg.qr(normal(seed + 1, k, 2))
        assert np.square(rows @ other).sum() <= shown.sum() * (1 + 1e-9)
        assert shown[0] >= shown[1]
    else:
        assert axes.tolist() == [[1.0, 0.0]]
    # The rows are not centred: a cloud away from the origin lies along the first axis.
    far = np.full((9, k), 3.0)
    np.testing.assert_allclose(np.abs(far @ main_axes(far))[:, 0], np.linalg.norm(far, axis=1))


@given(SEEDS, st.integers(2, 7))
def test_axes_turn_within_their_plane_and_to_nowhere_nearer(seed: int, k: int) -> None:
    axes, before = (np.linalg.qr(normal(seed + n, k, 2))[0] for n in (0, 1))
    turned = aligned(axes, before)
    np.testing.assert_allclose(turned @ turned.T, axes @ axes.T, atol=1e-9)
    np.testing.assert_allclose(turned.T @ turned, np.eye(2), atol=1e-9)
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for other in (axes @ turn, axes @ turn * [1, -1]):
        assert np.linalg.norm(turned - before) <= np.linalg.norm(other - before) + 1e-9
    assert (np.einsum("ka,ka->a", facing(axes, before), before) >= -1e-12).all()


@settings(max_examples=30)
@given(SEEDS, st.integers(2, 6))
def test_points_travel_no_further_than_their_factors_and_never_flip(seed: int, k: int) -> None:
    """While factors grow out of noise, the main axes swap and change signs; the places do neither."""
    made, run = plane(), 1
    spread = np.linspace(1.5, 0.5, k)
    target = drawn(seed, k, spread)
    before = None
    for share in np.linspace(0.3, 1.0, 12):
        noise = drawn(seed + 7, k, 0.02)
        now = factors(
            share * target.user_factors + noise.user_factors,
            share * target.item_factors + noise.item_factors,
        )
        places = seen(made.place(now, run))
        if before is not None:
            step = np.linalg.norm(places - before)
            assert step <= 2.5 * np.linalg.norm(places) * 0.35
            assert (places * before).sum() > 0
        before = places


def test_the_axes_stay_while_they_show_enough_and_turn_once_they_do_not() -> None:
    made = plane()
    first = drawn(0, 4, np.array([3.0, 2.0, 0.1, 0.1]))
    made.place(first, 1)
    version = made.version
    assert version > 0
    made.place(drawn(2, 4, np.array([3.0, 2.1, 0.1, 0.1])), 1)
    assert made.version == version, "the same two matter"
    other = drawn(2, 4, np.array([0.1, 2.0, 3.0, 0.1]))
    places = seen(made.place(other, 1))
    assert made.version == version + 1
    rows = np.concatenate([other.user_factors[:20], other.item_factors[:25]])
    best = np.square(rows @ main_axes(rows)).sum()
    assert np.square(places).sum() >= ENOUGH * best


def test_the_past_is_seen_along_the_axes_of_now() -> None:
    made = plane()
    early, late = drawn(0, 3, np.array([1.0, 1.0, 3.0])), drawn(5, 3, np.array([3.0, 2.0, 0.1]))
    made.place(late, 1)
    version = made.version
    past = made.place(early)
    assert made.version == version
    np.testing.assert_allclose(
        past["map_users"], made.place(factors(2 * early.user_factors, early.item_factors))["map_users"] / 2
    )
    assert not np.allclose(past["map_users"], plane().place(early, 1)["map_users"])


def test_another_run_begins_with_axes_of_its_own() -> None:
    made = plane()
    late = drawn(5, 3, np.array([3.0, 2.0, 0.1]))
    fresh = plane().place(late, 2)
    made.place(drawn(9, 3, np.array([2.9, 2.0, 0.2])), 1)
    np.testing.assert_array_equal(made.place(late, 2)["map_items"], fresh["map_items"])


def test_what_is_selected_is_placed_as_well_and_does_not_move_the_others() -> None:
    made = plane()
    scorer = drawn(3, 3)
    before = made.place(scorer, 1)
    version = made.version
    assert made.add(np.array([3, 28], np.int32), np.array([39, 38], np.int32))
    assert made.version == version + 1
    assert not made.add(np.array([28, 3, 3], np.int32), np.array([38, 39], np.int32))
    after = made.place(scorer, 1)
    assert after["map_user_idx"].tolist() == [*range(20), 28]
    assert after["map_item_idx"].tolist() == [*range(25), 38, 39]
    np.testing.assert_array_equal(after["map_users"][:20], before["map_users"])
    assert after["map_users"].dtype == after["map_items"].dtype == np.float32
    assert made.add(np.empty(0, np.int32), np.empty(0, np.int32))
    assert len(made.place(scorer, 1)["map_user_idx"]) == 20


def model(users: np.ndarray | None, items: np.ndarray | None) -> ModelScorer:
    return ModelScorer(lambda *_: np.zeros(1, np.float32), [], users, items)


@pytest.mark.parametrize(
    ("users", "items", "sides"),
    [
        (None, None, set()),
        (normal(0, N_USERS, 2), None, {"user"}),
        (None, normal(0, N_ITEMS, 5), {"item"}),
        (normal(0, N_USERS, 3), normal(1, N_ITEMS, 5), {"item"}),
        (normal(0, N_USERS, 1), normal(1, N_ITEMS, 1), {"user", "item"}),
    ],
)
def test_models_with_factors_of_one_side_or_none(
    users: np.ndarray | None, items: np.ndarray | None, sides: set[str]
) -> None:
    places = plane().place(model(users, items), 1)
    assert {name for name in places if name.endswith("idx")} == {f"map_{side}_idx" for side in sides}
    for side in sides:
        assert places[f"map_{side}s"].shape == (20 if side == "user" else 25, 2)


def test_a_diverged_model_leaves_the_axes_as_they_are() -> None:
    made = plane()
    made.place(drawn(0, 3), 1)
    version = made.version
    gone = factors(np.full((N_USERS, 3), np.nan), np.full((N_ITEMS, 3), np.inf))
    places = made.place(gone, 1)
    assert made.version == version
    assert np.isnan(places["map_users"]).all()
    assert plane().place(gone, 1) == {}


@pytest.mark.parametrize("k", [1, 2])
def test_two_factors_are_the_axes_themselves(k: int) -> None:
    made = plane()
    for seed in (0, 1):
        scorer = drawn(seed, k)
        places = made.place(scorer, 1)
        np.testing.assert_array_equal(places["map_users"][:, :k], scorer.user_factors[:20])
        assert made.version == 1
    assert k == 2 or not places["map_items"][:, 1].any()


def test_factors_of_another_length_begin_anew() -> None:
    made = plane()
    made.place(drawn(0, 3), 1)
    assert made.place(drawn(0, 5), 1)["map_users"].shape == (20, 2)
    assert made.place(drawn(0, 3))["map_users"].shape == (20, 2)
