"""Items without ratings, predicted by their features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from recowidget import MFExplorer
from recowidget.errors import RecowidgetError
from recowidget.interactions import Interactions
from recowidget.models import biased_mf
from recowidget.run import Run
from recowidget.settings import Settings
from recowidget.splits import predefined_split
from tests.unit.test_models import keras, seeds_model

N_USERS, N_ITEMS, N_COLD = 40, 60, 10
GENRES = np.where(np.arange(N_ITEMS) % 2 == 0, "Comedy", "Horror")
MOVIES = pd.DataFrame({"item_id": np.arange(N_ITEMS), "title": "", "genres": GENRES})


def frame_of(*, rated: bool) -> pd.DataFrame:
    """Users with even numbers like comedies, the others horror. The last items are new."""
    rng = np.random.default_rng(0)
    users, items = (side.ravel() for side in np.divmod(np.arange(N_USERS * N_ITEMS), N_ITEMS))
    likes = users % 2 == items % 2
    if rated:
        there = rng.random(len(users)) < 0.5
        rating = np.clip(3 + np.where(likes, 1, -1) + rng.normal(0, 0.3, len(users)), 1, 5)
        return pd.DataFrame({"user_id": users, "item_id": items, "rating": rating})[there]
    there = rng.random(len(users)) < np.where(likes, 0.5, 0.05)
    return pd.DataFrame({"user_id": users, "item_id": items})[there]


def run_of(frame: pd.DataFrame, features: str | None, **settings: Any) -> Run:
    interactions = Interactions.from_frame(frame, items=MOVIES, item_features=features)
    split = predefined_split(interactions, interactions.item_idx >= N_ITEMS - N_COLD)
    assert len(split.cold_items) == N_COLD
    run = Run(interactions, Settings(split=split, n_factors=4, batch_size=16, **settings))
    run.train()
    run.wait(120)
    return run


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("biased_mf", {"learning_rate": 0.01, "epochs": 15}),
        ("explicit_mf", {"learning_rate": 0.01, "epochs": 15}),
        ("deep_mf", {"learning_rate": 0.01, "epochs": 20}),
        ("neural_cf", {"learning_rate": 0.01, "epochs": 15, "regularization": 0.02}),
        ("implicit_mf", {"learning_rate": 0.01, "epochs": 15}),
    ],
)
def test_users_are_predicted_to_like_new_items_of_the_genre_they_like(
    model: str, settings: dict[str, Any]
) -> None:
    run = run_of(frame_of(rated=model != "implicit_mf"), "genres", model=model, **settings)
    cold = run.scorer.predict_block(np.arange(N_USERS), np.arange(N_ITEMS - N_COLD, N_ITEMS))
    likes = np.arange(N_USERS)[:, None] % 2 == np.arange(N_ITEMS - N_COLD, N_ITEMS) % 2
    assert cold[likes].mean() > 1.3 * cold[~likes].mean()
    by_user = [row[mask].min() > row[~mask].max() for row, mask in zip(cold, likes, strict=True)]
    assert np.mean(by_user) > 0.9
    run.trainer.close()


def test_errors_on_new_items_fall_far_below_those_without_features() -> None:
    frame, settings = frame_of(rated=True), {"learning_rate": 0.01, "epochs": 15}
    with_features, without = (
        run_of(frame, features, **settings).history.frame()["test_rmse"].iloc[-1]
        for features in ("genres", None)
    )
    assert without > 0.9
    assert with_features < 0.7


def test_after_a_divergence_the_features_count_as_they_did() -> None:
    run = run_of(frame_of(rated=True), "genres", learning_rate=0.01, epochs=3)
    good = run.scorer
    engine = run.trainer.engine
    assert engine is not None
    engine.recover(good)
    users, items = np.arange(N_USERS), np.arange(N_ITEMS)
    np.testing.assert_allclose(
        engine.scorer().predict_block(users, items), good.predict_block(users, items), atol=1e-5
    )


def test_an_explorer_shows_the_factors_with_what_features_add() -> None:
    frame = frame_of(rated=True)
    explorer = MFExplorer(
        frame, items=MOVIES, item_features="genres", n_factors=3, epochs=3, learning_rate=0.01
    )
    explorer.fit()
    model = explorer.model
    kernel = model.get_layer("item_factors_of_features").get_weights()[0]
    assert np.abs(kernel).max() > 0.01
    features = explorer.interactions.item_features
    own = model.get_layer("item_factors").get_weights()[0]
    np.testing.assert_allclose(explorer.item_factors, own + features @ kernel, atol=1e-6)
    predicted = model.predict([np.array([3]), np.array([5])], verbose=0)[0, 0]
    assert explorer.predict(3, 5)[0] == pytest.approx(float(predicted), abs=1e-5)
    explorer.close()


def test_builders_get_the_features_or_say_that_they_take_none() -> None:
    interactions = Interactions.from_frame(frame_of(rated=True), items=MOVIES, item_features="genres")
    seen: dict[str, Any] = {}

    def build(n_users: int, n_items: int, *, item_features: np.ndarray) -> keras.Model:
        seen["item_features"] = item_features
        return biased_mf(n_users, n_items, item_features=item_features)

    Run(interactions, Settings(model=build)).build()
    np.testing.assert_array_equal(seen["item_features"], interactions.item_features)
    plain = Run(interactions, Settings(model=lambda n_users, n_items: seeds_model(n_users, n_items, 2)))
    with pytest.raises(
        RecowidgetError, match="takes no item_features; leave it out, or add it to the builder"
    ):
        plain.build()
