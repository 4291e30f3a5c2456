"""Runs on implicit feedback: the model, what it is trained on, how it is measured and asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from recowidget import MFExplorer
from recowidget.baselines import table
from recowidget.errors import RecowidgetError
from recowidget.evaluation import evaluate
from recowidget.evaluator import SplitEvaluator
from recowidget.interactions import Interactions
from recowidget.models import implicit_mf
from recowidget.recommend import explain, recommend
from recowidget.run import Run
from recowidget.settings import Settings
from tests.unit.test_models import keras, seeds_model

N_USERS, N_ITEMS = 40, 30


def frame_of(seed: int = 0) -> pd.DataFrame:
    """Users with even numbers take items with even numbers, nine times in ten."""
    rng = np.random.default_rng(seed)
    users, items = np.divmod(np.arange(N_USERS * N_ITEMS), N_ITEMS)
    chance = np.where(users % 2 == items % 2, 0.45, 0.05)
    taken = rng.random(len(users)) < chance
    return pd.DataFrame({"user_id": users[taken], "item_id": items[taken]})


@pytest.fixture(scope="module")
def clicks() -> Interactions:
    return Interactions.from_frame(frame_of())


def run_of(interactions: Interactions, **settings: Any) -> Run:
    return Run(interactions, Settings(**{"epochs": 3, "batch_size": 16, **settings}))


def trained(run: Run, epochs: int | None = None) -> pd.DataFrame:
    run.train(epochs)
    run.wait(120)
    return run.history.frame()


def same_kind(predictions: np.ndarray) -> tuple[float, float]:
    """Mean prediction of items of the user's kind, and of the others."""
    kind = np.arange(N_USERS)[:, None] % 2 == np.arange(N_ITEMS) % 2
    return float(predictions[kind].mean()), float(predictions[~kind].mean())


# ---- which model ----------------------------------------------------------------------------------------


def test_the_feedback_decides_where_no_model_is_given(clicks: Interactions) -> None:
    run = run_of(clicks)
    assert run.settings.as_dict()["model"] == "implicit_mf"
    rated = Interactions.from_frame(frame_of().assign(rating=3.0))
    assert run_of(rated).settings.model == "biased_mf"
    again = Run(clicks, Settings(**run.settings.as_dict()))
    assert again.settings.as_dict() == run.settings.as_dict()


@pytest.mark.parametrize("model", ["biased_mf", "explicit_mf", "deep_mf"])
def test_models_of_ratings_say_at_once_that_there_are_none(clicks: Interactions, model: str) -> None:
    message = (
        f'model="{model}" learns from ratings, and the interactions have no ratings: use model="implicit_mf"'
    )
    with pytest.raises(RecowidgetError, match=message):
        run_of(clicks, model=model)
    with pytest.raises(RecowidgetError, match=message):
        MFExplorer(frame_of(), model=model)


def test_the_model_of_implicit_feedback_says_at_once_that_there_are_ratings() -> None:
    rated = Interactions.from_frame(frame_of().assign(rating=3.0))
    with pytest.raises(
        RecowidgetError, match=r'model="implicit_mf" learns from who took what, and .* have rat'
    ):
        run_of(rated, model="implicit_mf")


# ---- training -------------------------------------------------------------------------------------------


def test_epoch_0_is_the_share_of_positives_without_tensorflow(clicks: Interactions) -> None:
    run = run_of(clicks)
    assert not run.is_built
    assert run.factors.rating_range == (0, 1)
    predictions = run.factors.predict_block(np.arange(N_USERS), np.arange(N_ITEMS))
    np.testing.assert_allclose(predictions, 1 / 5, atol=0.02)
    assert run.history.frame()["test_mse"][0] == pytest.approx((0.8**2 + 0.2**2) / 2, abs=0.01)
    run.build()
    assert run.trainer.engine is not None
    built = run.trainer.engine.scorer()
    np.testing.assert_allclose(
        built.predict_block(np.arange(N_USERS), np.arange(N_ITEMS)), predictions, atol=1e-6
    )


def test_it_learns_who_takes_what(clicks: Interactions) -> None:
    run = run_of(clicks, epochs=20, learning_rate=0.01)
    history = trained(run)
    assert history["train_mse"].iloc[-1] < 0.5 * history["train_mse"].iloc[0]
    likely, unlikely = same_kind(run.factors.predict_block(np.arange(N_USERS), np.arange(N_ITEMS)))
    assert likely > 3 * unlikely
    assert run.factors.rating_range == (0, 1)
    ranked, popular = evaluate(run.scorer, run.split), table(run.split).set_index("name")
    assert ranked["ndcg"] > 1.5 * popular["ndcg"]["popularity"]


def test_the_same_seed_gives_the_same_losses_again_after_reset_and_in_a_new_run(clicks: Interactions) -> None:
    run = run_of(clicks, seed=4)
    first = trained(run)
    run.trainer.reset().wait(10)
    np.testing.assert_array_equal(trained(run)["test_mse"], first["test_mse"])
    np.testing.assert_array_equal(trained(run_of(clicks, seed=4))["test_mse"], first["test_mse"])
    assert not np.array_equal(trained(run_of(clicks, seed=5))["test_mse"], first["test_mse"])
    paused = run_of(clicks, seed=4)
    paused.step("batch")
    paused.step("batch")
    paused.resume()
    paused.wait(60)
    np.testing.assert_array_equal(paused.history.frame()["test_mse"], first["test_mse"])


def test_a_user_who_has_everything_is_no_obstacle() -> None:
    everything = pd.DataFrame({"user_id": N_USERS, "item_id": np.arange(N_ITEMS)})
    clicks = Interactions.from_frame(pd.concat([frame_of(), everything], ignore_index=True))
    history = trained(run_of(clicks))
    assert history["train_mse"].iloc[-1] < history["train_mse"].iloc[0]


def test_what_was_seen_more_often_counts_more() -> None:
    """Two items that as many users took, one of them twenty times over."""
    frame = frame_of().query("item_id > 1").assign(count=1)
    takers = np.random.default_rng(1).permutation(N_USERS).reshape(2, -1)
    leads = []
    for counts in ((20, 1), (1, 20)):
        both = [
            pd.DataFrame({"user_id": takers[item], "item_id": item, "count": count})
            for item, count in enumerate(counts)
        ]
        plays = Interactions.from_frame(pd.concat([frame, *both]), weight="count")
        run = run_of(plays, epochs=10, learning_rate=0.01)
        trained(run)
        leads.append(run.factors.item_bias[0] - run.factors.item_bias[1])
    assert leads[0] > 0.2
    assert leads[1] < -0.2


@pytest.mark.parametrize("activation", [None, "sigmoid"])
def test_a_model_of_the_users_own_is_trained_with_negatives(
    clicks: Interactions, activation: str | None
) -> None:
    keras.utils.set_random_seed(0)
    model = seeds_model(N_USERS, N_ITEMS, 3, activation=activation)
    loss = keras.losses.BinaryCrossentropy() if activation else "mse"
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(0.02))
    run = run_of(clicks, model=model, epochs=15)
    history = trained(run)
    assert history["train_mse"].iloc[-1] < history["train_mse"].iloc[0]
    likely, unlikely = same_kind(run.scorer.predict_block(np.arange(N_USERS), np.arange(N_ITEMS)))
    assert likely > 2 * unlikely


def test_a_target_scale_of_the_users_own_has_its_own_zero(clicks: Interactions) -> None:
    keras.utils.set_random_seed(0)
    model = seeds_model(N_USERS, N_ITEMS, 3, activation="tanh")
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.02))
    run = run_of(clicks, model=model, epochs=15, to_rating=lambda y: (y + 1) / 2)
    trained(run)
    likely, unlikely = same_kind(run.scorer.predict_block(np.arange(N_USERS), np.arange(N_ITEMS)))
    assert 0 < unlikely < 0.3 < likely < 1


def test_a_builder_gets_the_share_of_positives(clicks: Interactions) -> None:
    seen: dict[str, Any] = {}

    def build(n_users: int, n_items: int, **settings: Any) -> keras.Model:
        seen.update(settings)
        return implicit_mf(n_users, n_items, **settings)

    run_of(clicks, model=build, n_factors=3).build()
    assert seen == {"n_factors": 3, "seed": 0, "global_mean": 0.2}


# ---- losses ---------------------------------------------------------------------------------------------


def test_losses_are_brier_scores_over_as_many_pairs_that_were_seen_in_no_part(clicks: Interactions) -> None:
    run = run_of(clicks, shares=(0.6, 0.2, 0.2))
    history = trained(run)
    evaluator = run.trainer._evaluator
    assert isinstance(evaluator, SplitEvaluator)
    seen = set(zip(clicks.user_idx.tolist(), clicks.item_idx.tolist(), strict=True))
    for name in ("train", "validation", "test"):
        rows, part = getattr(run.split, name), getattr(evaluator, f"_{name}")
        pairs = list(zip(part._user_idx.tolist(), part._item_idx.tolist(), strict=True))
        n = len(rows)
        assert len(pairs) == 2 * n
        assert set(pairs[:n]) <= seen
        assert not set(pairs[n:]) & seen
        predicted = run.factors.predict(part._user_idx, part._item_idx)
        assert 0 < predicted.min() < predicted.max() < 1
        brier = (np.sum((1 - predicted[:n]) ** 2) + np.sum(predicted[n:] ** 2)) / (2 * n)
        assert history[f"{name}_mse"].iloc[-1] == pytest.approx(brier, rel=1e-5)


def test_the_seed_alone_decides_what_is_measured(clicks: Interactions) -> None:
    split = run_of(clicks).split
    first, same, other = (SplitEvaluator(split, seed=seed)._test._item_idx for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


# ---- what it is asked -----------------------------------------------------------------------------------


def test_everything_held_out_is_relevant_and_there_are_no_errors_of_ratings(clicks: Interactions) -> None:
    run = run_of(clicks)
    values = evaluate(run.scorer, run.split, k=N_ITEMS)
    assert values["recall"] == pytest.approx(1)
    assert values[["rmse", "mae"]].isna().all()
    assert table(run.split)["test_rmse"].isna().all()


def test_a_new_user_gets_more_of_the_same_kind(clicks: Interactions) -> None:
    run = run_of(clicks, epochs=20, learning_rate=0.01)
    trained(run)
    frame = recommend(run.scorer, clicks, {3: 1, 9: 1, 17: 1, 21: 1}, n=5)
    assert (frame["item_id"] % 2 == 1).all()
    assert frame["score"].between(0, 1).all()
    terms = explain(run.factors, clicks, 2, 4)
    log_odds = terms["product"].sum()
    prediction = float(run.predict(2, 4)[0])
    assert 1 / (1 + np.exp(-log_odds)) == pytest.approx(prediction, abs=1e-5)
    assert terms.attrs["prediction"] == pytest.approx(prediction)


def test_an_explorer_takes_clicks_and_sparse_matrices() -> None:
    frame = frame_of()
    matrix = sparse.csr_array((np.ones(len(frame)), (frame["user_id"], frame["item_id"])))
    for data in (frame, matrix):
        explorer = MFExplorer(data, n_factors=2, epochs=2)
        assert explorer.settings["model"] == "implicit_mf"
        assert explorer.interactions.is_implicit
        assert explorer.summary["baselines"] == []
        assert explorer.summary["rating_scale"] == [0, 1]
        assert explorer.fit()["epoch"].tolist() == [0, 1, 2]
        explorer.close()
    often = MFExplorer(pd.concat([frame, frame[:9]]), duplicates="sum")
    assert often.interactions.weights is not None
    assert often.interactions.weights.sum() == len(frame) + 9
    often.close()
    weighted = MFExplorer(frame.assign(plays=2.0), weight="plays")
    assert weighted.interactions.weights is not None
    weighted.close()
