"""Which engine is taken, and what is said of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from recowidget import MFExplorer, RecowidgetError
from recowidget.engines.choice import choose
from recowidget.engines.gibbs import BURN_IN
from recowidget.models import biased_mf
from recowidget.samples import SampledFactors


@pytest.mark.parametrize(
    ("model", "settings", "expected"),
    [
        ("biased_mf", {}, "sgd (biased_mf is a dot product of factors)"),
        ("explicit_mf", {}, "sgd (explicit_mf is a dot product of factors)"),
        ("nonnegative_mf", {"engine": "keras"}, "keras (as asked)"),
        ("biased_mf", {"engine": "fit"}, "fit (as asked)"),
        ("biased_mf", {"batch_size": 1}, "keras (the batch size is 1)"),
        ("biased_mf", {"batch_size": 1, "engine": "sgd"}, "sgd (as asked)"),
        ("biased_mf", {"has_item_features": True}, "keras (features of the items go into the model)"),
        ("deep_mf", {}, "keras (deep_mf is more than a dot product of factors, or not trained on ratings)"),
        (biased_mf, {}, "keras (the model is not one of recowidget's by name)"),
    ],
)
def test_auto_takes_the_fastest_that_can_and_says_why(
    model: Any, settings: dict[str, Any], expected: str
) -> None:
    keywords = {"engine": "auto", "batch_size": 64} | settings
    assert str(choose(keywords.pop("engine"), model, **keywords)) == expected


@pytest.mark.parametrize("model", ["deep_mf", "implicit_mf", biased_mf])
def test_an_engine_that_cannot_train_the_model_is_refused(model: Any) -> None:
    with pytest.raises(RecowidgetError, match=r'engine="sgd" can\'t train this model: .*use "keras"'):
        choose("sgd", model, batch_size=64)


def test_explorer_says_its_engine_and_defaults_are_the_engines() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"user_id": rng.integers(0, 40, 2000), "item_id": rng.integers(0, 60, 2000)})
    frame = frame.drop_duplicates().assign(rating=lambda x: rng.integers(1, 6, len(x)))
    explorers = {engine: MFExplorer(frame, engine=engine, epochs=2) for engine in ("auto", "keras", "fit")}
    assert {name: ex.engine.name for name, ex in explorers.items()} == {
        "auto": "sgd",
        "keras": "keras",
        "fit": "fit",
    }
    assert explorers["auto"].settings["learning_rate"] == 0.08
    assert explorers["auto"].state["engine"] == {"name": "sgd", "reason": explorers["auto"].engine.reason}
    assert explorers["keras"].settings["learning_rate"] == explorers["fit"].settings["learning_rate"] == 0.001
    for ex in explorers.values():
        ex.fit()
        again = MFExplorer(frame, **ex.settings)
        again.fit()
        np.testing.assert_array_equal(ex.user_factors, again.user_factors)
        ex.close()
        again.close()
    np.testing.assert_allclose(explorers["keras"].user_factors, explorers["fit"].user_factors, atol=1e-6)


def test_auto_takes_no_engine_without_a_setting_that_was_given() -> None:
    assert choose("auto", "implicit_mf", batch_size=64).name == "als"
    choice = choose("auto", "implicit_mf", batch_size=64, given=["seed", "learning_rate", "batch_size"])
    assert str(choice) == "keras (als has no learning_rate and no batch_size)"
    with pytest.raises(RecowidgetError, match='engine="als" has no learning_rate; leave that out'):
        choose("als", "biased_mf", batch_size=64, given=["learning_rate"])
    with pytest.raises(RecowidgetError, match='engine="gibbs" has no regularization; leave that out'):
        choose("auto", "bayesian_mf", batch_size=64, given=["regularization"])


def test_what_is_sampled_is_not_trained_by_keras() -> None:
    with pytest.raises(RecowidgetError, match=r'engine="keras" can.t train this model: .*; use "gibbs"'):
        choose("keras", "bayesian_mf", batch_size=64)


@pytest.mark.parametrize(
    ("settings", "engine"),
    [
        ({"model": "biased_mf", "engine": "als"}, "als"),
        ({"model": "explicit_mf", "engine": "als"}, "als"),
        ({"model": "biased_mf"}, "sgd"),
        ({"model": "explicit_mf"}, "sgd"),
        ({"model": "nonnegative_mf"}, "sgd"),
        ({"model": "bayesian_mf"}, "gibbs"),
        ({"rating": None}, "als"),
    ],
)
def test_each_engine_learns_pauses_repeats_itself_and_fills_the_keras_model(
    settings: dict[str, Any], engine: str
) -> None:
    rng = np.random.default_rng(0)
    users, items = rng.standard_normal((60, 2)), rng.standard_normal((80, 2))
    frame = pd.DataFrame({"user_id": rng.integers(0, 60, 3000), "item_id": rng.integers(0, 80, 3000)})
    frame = frame.drop_duplicates()
    dot = (users[frame["user_id"]] * items[frame["item_id"]]).sum(1)
    frame["rating"] = np.clip(np.round(3 + dot), 1, 5)
    if "rating" in settings:
        frame = frame[frame.pop("rating") > 3]
    keywords = {name: value for name, value in settings.items() if name != "rating"} | {"epochs": 12}
    ex = MFExplorer(frame, **keywords)
    assert ex.engine.name == engine
    ex.step("batch")
    ex.step()
    ex.resume()
    ex.wait(60)
    assert (ex.status, ex.epoch) == ("finished", 12)
    assert ex.history["train_mse"].iloc[-1] < 0.8 * ex.history["train_mse"].iloc[0]
    whole = MFExplorer(frame, **ex.settings)
    whole.fit()
    np.testing.assert_array_equal(ex.history["test_mse"], whole.history["test_mse"])
    pairs = frame.head(50)
    data = ex.interactions
    inputs = [data.users.index_of(pairs["user_id"])[:, None], data.items.index_of(pairs["item_id"])[:, None]]
    np.testing.assert_allclose(
        ex.model.predict(inputs, verbose=0)[:, 0], ex.predict(pairs["user_id"], pairs["item_id"]), atol=1e-4
    )
    ex.reset()
    np.testing.assert_allclose(
        ex.model.predict(inputs, verbose=0)[:, 0], ex.predict(pairs["user_id"], pairs["item_id"]), atol=1e-4
    )
    ex.close()
    whole.close()


def test_a_bayesian_model_is_asked_as_any_other() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"user_id": rng.integers(0, 30, 900), "item_id": rng.integers(0, 20, 900)})
    frame = frame.drop_duplicates().assign(rating=lambda x: rng.integers(1, 6, len(x)))
    ex = MFExplorer(frame, model="bayesian_mf", epochs=25)
    ex.fit()
    predicted = ex.predictions(users=[1], items=[2, 3])
    assert list(predicted) == ["user_id", "item_id", "prediction", "deviation"]
    assert (predicted["deviation"] > 0).all()
    terms = ex.explain(1, 2)
    assert terms["product"].sum() == pytest.approx(predicted["prediction"][0], abs=1e-3)
    assert len(ex.recommend({1: 5.0, 2: 1.0}, n=3)) == 3
    ex.close()


def test_the_keras_model_predicts_the_mean_of_all_samples() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"user_id": rng.integers(0, 40, 1500), "item_id": rng.integers(0, 30, 1500)})
    frame = frame.drop_duplicates().assign(rating=lambda x: rng.integers(1, 6, len(x)))
    ex = MFExplorer(frame, model="bayesian_mf", epochs=BURN_IN + 20)
    ex.fit()
    scorer = ex._run.scorer
    assert isinstance(scorer, SampledFactors)
    assert len(scorer.samples) == 20
    users, items = (ids.to_numpy() for ids in (frame["user_id"], frame["item_id"]))
    data = ex.interactions
    inputs = [data.users.index_of(users)[:, None], data.items.index_of(items)[:, None]]
    predicted = ex.model.predict(inputs, verbose=0)[:, 0]
    np.testing.assert_allclose(predicted, ex.predict(users, items), atol=1e-4)
    by_sample = [one.predict(inputs[0][:, 0], inputs[1][:, 0]) for one in scorer.samples]
    np.testing.assert_allclose(predicted, np.mean(by_sample, axis=0), atol=1e-4)
    assert np.std(by_sample, axis=0).max() > 0.01
    ex.close()


@pytest.mark.parametrize("settings", [{"engine": "als"}, {"model": "bayesian_mf"}])
def test_a_batch_of_a_closed_form_engine_is_one_half_sweep(settings: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"user_id": rng.integers(0, 40, 1500), "item_id": rng.integers(0, 30, 1500)})
    frame = frame.drop_duplicates().assign(rating=lambda x: rng.integers(1, 6, len(x)))
    ex = MFExplorer(frame, **settings)
    users, items = ex.user_factors, ex.item_factors
    ex.step("batch")
    assert ex._run.progress.batch == 1
    assert not np.allclose(ex.user_factors, users)
    np.testing.assert_array_equal(ex.item_factors, items)
    users = ex.user_factors
    ex.step("batch")
    assert (ex.epoch, ex._run.progress.batch) == (1, 0)
    assert not np.allclose(ex.item_factors, items)
    np.testing.assert_array_equal(ex.user_factors, users)
    ex.close()


def _asks_for_more(n_users: int, n_items: int, more: int) -> None:
    """Build nothing: nobody gives `more`."""


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (dict, "model must be a name, a function that builds a Keras model or a compiled one, not dict"),
        (_asks_for_more, "_asks_for_more can't be called as a builder, .* missing 1 required .* 'more'"),
    ],
)
def test_what_cannot_build_a_model_is_told_of(model: Any, message: str) -> None:
    frame = pd.DataFrame({"user_id": [1, 2, 3, 1], "item_id": [1, 1, 2, 2], "rating": [1, 2, 3, 4]})
    with pytest.raises(RecowidgetError, match=message):
        MFExplorer(frame, model=model).fit()
