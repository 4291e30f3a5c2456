"""Settings that are changed, the runs that follow from it, and sweeps."""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recowidget as rw
from recowidget.course import Course
from recowidget.proposal import CONTROLS, Proposal
from recowidget.settings import Settings
from recowidget.training import Changes


def ratings(n: int = 600, *, timestamps: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"user_id": rng.integers(0, 30, n), "movie_id": rng.integers(0, 40, n)}
    ).drop_duplicates()
    frame = frame.assign(rating=rng.integers(1, 6, len(frame)).astype(float))
    return frame.assign(timestamp=rng.permutation(len(frame))) if timestamps else frame


def proposal(**given: Any) -> Proposal:
    interactions = rw.Interactions.from_frame(ratings(timestamps=given.pop("timestamps", True)))
    return Proposal(interactions, Settings(**given), 400)


@pytest.fixture
def course() -> Any:
    course = Course(rw.Interactions.from_frame(ratings()), Settings(epochs=3, batch_size=8))
    yield course
    course.close()


def fit(course: Course) -> None:
    course.run.train()
    course.run.wait(60)


# ---- what is asked for ------------------------------------------------------------------------------


def test_a_value_as_typed_is_read_or_refused_with_the_reason_and_what_was_stays() -> None:
    asked = proposal()
    for name, text, value in [
        ("n_factors", " 7 ", 7),
        ("learning_rate", "1e-2", 0.01),
        ("test_share", "0.35", 0.35),
        ("seed", "12", 12),
        ("split", "chronological", "chronological"),
        ("batch_size", "64.0", 64),
    ]:
        asked.ask_text(name, text)
        assert asked.wanted[name] == value
    assert asked.refused == {}
    for name, text, reason in [
        ("n_factors", "seven", "n_factors must be an integer of 1 or more"),
        ("n_factors", "0", "n_factors must be an integer of 1 or more"),
        ("learning_rate", "-1", "learning_rate must be a number above 0"),
        ("test_share", "1.2", "above 0 and below 1"),
        ("test_share", "0", "it is still 0.35"),
        ("epochs", "2.5", "epochs must be an integer"),
        ("model", "implicit_mf", "the interactions have ratings"),
        ("model", "no_such", "is not known"),
    ]:
        before = asked.wanted[name]
        asked.ask_text(name, text)
        assert asked.wanted[name] == before
        assert asked.refused[name].value == text
        assert reason in asked.refused[name].reason
    asked.ask_text("n_factors", "9")
    assert "n_factors" not in asked.refused


def test_defaults_follow_the_model_and_given_values_stay() -> None:
    asked = proposal(batch_size=32)
    sgd = asked.wanted
    asked.ask("model", "deep_mf")
    assert asked.wanted["batch_size"] == 32
    assert asked.wanted["n_factors"] != sgd["n_factors"]
    asked.ask("model", "biased_mf")
    assert asked.wanted == sgd
    asked.ask("batch_size", None)
    assert asked.wanted["batch_size"] == Settings().resolved(400).batch_size


def test_what_can_not_be_changed_says_why() -> None:
    assert proposal().disabled() == {}
    assert proposal(model="bayesian_mf").disabled()["learning_rate"] == "the engine gibbs has none"
    assert "test_share" in proposal(split="leave_one_out").disabled()
    with pytest.raises(rw.RecowidgetError, match="batch_size can't be changed: the engine als has none"):
        proposal(engine="als").ask("batch_size", 8)
    with pytest.raises(rw.RecowidgetError, match='"patience" is no setting that can be changed'):
        proposal().ask("patience", 8)
    without = proposal(timestamps=False)
    assert without.choices()["split"] == ["random", "stratified"]
    with pytest.raises(rw.RecowidgetError, match="needs timestamps"):
        without.ask("split", "chronological")


def test_what_a_builder_does_not_take_is_not_offered() -> None:
    def mine(n_users: int, n_items: int, learning_rate: float = 0.1) -> Any:
        return rw.models.biased_mf(n_users, n_items, learning_rate=learning_rate)

    def all_of_them(n_users: int, n_items: int, **settings: Any) -> Any:
        return rw.models.biased_mf(n_users, n_items, **settings)

    asked = proposal(model=mine)
    why = "the builder mine takes no "
    assert asked.disabled() == {name: why + name for name in ("n_factors", "regularization")}
    asked.ask_text("n_factors", "8")
    assert asked.refused["n_factors"].reason == f"n_factors can't be changed: {why}n_factors"
    asked.ask("learning_rate", 0.2)
    assert proposal(model=all_of_them).disabled() == {}

    after = proposal(n_factors=8)
    with pytest.raises(rw.RecowidgetError, match=f"{why}n_factors; leave that out"):
        after.ask("model", mine)
    after.ask_all({"n_factors": None, "model": mine})


def test_a_model_or_split_of_ones_own_stands_among_the_names() -> None:
    def halves(interactions: rw.Interactions) -> rw.splits.Split:
        return rw.splits.random_split(interactions, (0.5, 0.5))

    asked = proposal(split=halves)
    assert asked.choices()["split"][0] == asked.wanted["split"] == "halves"
    assert asked.wanted["test_share"] is None
    asked.ask("split", "random")
    assert asked.given.split == "random"


@given(share=st.floats(0.01, 0.99), has_validation=st.booleans())
def test_the_train_part_makes_up_for_the_test_share(share: float, *, has_validation: bool) -> None:
    asked = proposal(shares=(0.7, 0.1, 0.2) if has_validation else (0.8, 0.2))
    if share >= (0.9 if has_validation else 1):
        with pytest.raises(rw.RecowidgetError, match="test_share"):
            asked.ask("test_share", share)
        return
    asked.ask("test_share", share)
    shares = asked.given.shares
    assert sum(shares) == pytest.approx(1)
    assert shares[-1] == share
    assert shares[1:-1] == ((0.1,) if has_validation else ())


@settings(max_examples=60)
@given(st.sampled_from(CONTROLS), st.text(max_size=12))
def test_whatever_is_typed_leaves_settings_that_can_be_had(name: str, text: str) -> None:
    asked = proposal()
    asked.ask_text(name, text)
    assert asked.given.resolved(400).as_json() == asked.resolved.as_json()
    assert set(asked.refused) <= {name}


# ---- runs -------------------------------------------------------------------------------------------


def test_a_reset_with_other_settings_is_another_run_and_keeps_the_first(course: Course) -> None:
    first = course.run
    fit(course)
    losses = first.history.mse()
    course.reset()
    assert course.run is first
    assert course.runs.kept == []
    fit(course)
    np.testing.assert_array_equal(course.run.history.mse(), losses)

    course.change(n_factors=5, model="explicit_mf")
    assert course.run.settings.n_factors != 5
    course.reset()
    second = course.run
    assert (second.settings.n_factors, second.settings.model) == (5, "explicit_mf")
    assert second.split is first.split
    assert second.selection is first.selection
    assert second.progress.run == first.progress.run + 1
    fit(course)
    frame = course.runs.frame()
    assert frame["run"].tolist() == [1, 2]
    assert frame["model"].tolist() == ["biased_mf", "explicit_mf"]
    best = int(losses[:, 2].argmin())
    assert frame["best_epoch"][0] == best
    assert frame["test_rmse"][0] == pytest.approx(np.sqrt(losses[best, 2]))
    assert frame["ndcg"].between(0, 1).all()
    assert (frame["seconds"] > 0).all()

    course.take_back(1)
    course.reset()
    fit(course)
    np.testing.assert_array_equal(course.run.history.mse(), losses)


def test_ndcg_of_a_run_is_that_of_its_best_epoch(course: Course) -> None:
    fit(course)
    run = course.run
    best = run.history.snapshot(run.history.best_epoch).scorer
    expected = rw.evaluation.evaluate(best, run.split, 10)["ndcg"]
    assert course.runs.frame()["ndcg"][0] == pytest.approx(expected)


def test_a_run_that_was_not_trained_is_not_kept(course: Course) -> None:
    course.change(n_factors=5)
    course.reset()
    assert course.runs.frame()["run"].tolist() == [1]


@pytest.mark.parametrize(("name", "value"), [("learning_rate", 1e-9), ("regularization", 5.0)])
def test_some_settings_apply_from_the_next_epoch_on(course: Course, name: str, value: float) -> None:
    fit(course)
    before = course.run.factors.user_factors.copy()
    course.change(**{name: value})
    assert getattr(course.run.settings, name) == value
    course.run.train(1)
    course.run.wait(60)
    after = course.run.factors.user_factors
    if name == "learning_rate":
        np.testing.assert_allclose(after, before, atol=1e-5)
    else:
        assert np.abs(after).mean() < np.abs(before).mean() / 2
    course.reset()
    assert course.runs.kept[0].number == 1


def test_a_learning_rate_applies_to_any_model() -> None:
    course = Course(rw.Interactions.from_frame(ratings()), Settings(model="deep_mf", epochs=2))
    try:
        fit(course)
        before = course.run.predict(1, 2)
        course.change(learning_rate=1e-12)
        course.run.train(1)
        course.run.wait(60)
        np.testing.assert_allclose(course.run.predict(1, 2), before, atol=1e-4)
        assert course.changeable == ("learning_rate", "epochs", "early_stopping")
    finally:
        course.close()


def test_planned_epochs_apply_at_once_and_are_no_other_run(course: Course) -> None:
    fit(course)
    course.change(epochs=5)
    assert (course.run.progress.status, course.run.progress.epochs) == ("paused", 5)
    course.run.resume()
    course.run.wait(60)
    assert course.run.progress.epoch == 5
    course.reset()
    assert course.runs.kept == []
    fit(course)
    assert course.run.progress.epoch == 5


def test_fewer_epochs_end_a_training_under_way(course: Course) -> None:
    course.change(epochs=100_000)
    course.run.train()
    while course.run.progress.epoch < 2:
        time.sleep(0.01)
    course.change(epochs=1)
    course.run.wait(60)
    assert course.run.progress.status == "finished"
    assert course.run.progress.epochs == course.run.progress.epoch


@pytest.mark.parametrize("shares", [(0.8, 0.2), (0.7, 0.1, 0.2)])
def test_early_stopping_ends_a_training_so_many_epochs_after_its_best(shares: tuple[float, ...]) -> None:
    given = Settings(
        epochs=500, batch_size=8, n_factors=20, regularization=0.0, shares=shares, early_stopping=4
    )
    course = Course(rw.Interactions.from_frame(ratings()), given)
    try:
        fit(course)
        progress, history = course.run.progress, course.run.history
        assert (progress.status, progress.reason) == ("finished", "early stopping")
        assert progress.epoch == history.best_epoch + 4
        column = "validation_mse" if len(shares) == 3 else "test_mse"
        assert history.best_epoch == history.frame()[column].idxmin()
        course.change(early_stopping=None, epochs=progress.epoch + 30)
        course.run.resume()
        course.run.wait(60)
        assert course.run.progress.epoch == progress.epoch + 30
        assert course.run.progress.reason == ""
        course.change(early_stopping=2)
        course.run.train(50)
        course.run.wait(60)
        assert course.run.progress.epoch == progress.epoch + 32
        course.reset()
        fit(course)
        assert course.run.progress.epoch == course.run.history.best_epoch + 2
    finally:
        course.close()


def test_a_run_that_can_not_be_made_leaves_the_one_there_is(course: Course) -> None:
    fit(course)
    first = course.run

    def broken(_interactions: rw.Interactions) -> rw.splits.Split:
        raise rw.RecowidgetError("no such split")

    course.change(split=broken)
    with pytest.raises(rw.RecowidgetError, match="no such split"):
        course.reset()
    assert course.run is first
    assert course.run.progress.epoch == 3
    assert course.proposal.refused["split"].reason == "no such split"
    course.run.train(1)
    course.run.wait(60)


def test_a_model_of_ones_own_begins_anew() -> None:
    interactions = rw.Interactions.from_frame(ratings())
    model = rw.models.biased_mf(interactions.n_users, interactions.n_items)
    course = Course(interactions, Settings(model=model, epochs=2))
    try:
        fit(course)
        losses = course.run.history.mse()
        course.change(batch_size=7)
        course.reset()
        assert course.run.model is model
        fit(course)
        np.testing.assert_allclose(course.run.history.mse()[0], losses[0], rtol=1e-6)
        assert not np.allclose(course.run.history.mse()[2], losses[2])
        course.change(batch_size=None)
        course.reset()
        fit(course)
        np.testing.assert_allclose(course.run.history.mse(), losses, rtol=1e-5)
        assert course.changeable == ("epochs", "early_stopping")
        with pytest.raises(rw.RecowidgetError, match="built already"):
            course.change(n_factors=3)
    finally:
        course.close()


def test_a_kept_run_has_a_name_and_can_be_hidden(course: Course) -> None:
    fit(course)
    course.change(n_factors=2)
    course.reset()
    course.name(1, "  wide  ")
    course.show(1, is_shown=False)
    assert course.runs.frame()["name"].tolist()[0] == "wide"
    assert not course.runs.kept[0].is_shown
    with pytest.raises(rw.RecowidgetError, match="there is no kept run 7; there are: 1"):
        course.take_back(7)


# ---- sweeps -----------------------------------------------------------------------------------------


def test_a_sweep_trains_each_combination_with_each_seed(course: Course) -> None:
    fit(course)
    before = course.run.history.mse()
    spread = course.sweep({"n_factors": [1, 3], "model": "biased_mf"}, 2)
    assert spread["n_factors"].tolist() == [1, 3]
    assert spread["seeds"].tolist() == [2, 2]
    frame = course.runs.frame()
    assert frame["seed"].tolist() == [0, 1, 0, 1, 0]
    first = frame[frame["n_factors"] == 1]
    assert spread["test_rmse"][0] == pytest.approx(first["test_rmse"].mean())
    assert spread["test_rmse_std"][0] == pytest.approx(first["test_rmse"].std())
    np.testing.assert_array_equal(course.run.history.mse(), before)
    alone = Course(course.run.interactions, Settings(epochs=3, batch_size=8, n_factors=1, seed=1))
    fit(alone)
    assert frame["test_rmse"][1] == pytest.approx(alone.runs.frame()["test_rmse"][0])
    alone.close()


def test_a_sweep_is_checked_before_it_begins(course: Course) -> None:
    for grid, seeds, message in [
        ({"n_factors": [2, 0]}, 1, "n_factors must be an integer"),
        ({"seed": [1]}, 1, '"seed" can\'t be swept over'),
        ({"n_factors": [2]}, 0, "seeds must be an integer"),
        ({"n_factors": []}, 1, "n_factors has no values to sweep over"),
        ({"n_factors": [2]}, [], "seeds has no values to sweep over"),
    ]:
        with pytest.raises(rw.RecowidgetError, match=message):
            course.sweep(grid, seeds)
    assert course.runs.kept == []


# ---- who listens ------------------------------------------------------------------------------------


def test_a_listener_hears_each_epoch_once_in_every_run(
    course: Course, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[dict[str, Any]] = []
    leave = course.on_epoch(heard.append)

    def failing(_row: dict[str, Any]) -> None:
        raise ValueError("no logger there")

    course.on_epoch(failing)
    with caplog.at_level(logging.ERROR):
        fit(course)
    assert "on_epoch failed at epoch 3" in caplog.text
    assert pd.DataFrame(heard).equals(course.run.history.frame().iloc[1:].reset_index(drop=True))
    course.reset()
    fit(course)
    course.change(n_factors=2)
    course.reset()
    fit(course)
    assert [row["epoch"] for row in heard] == [1, 2, 3] * 3
    leave()
    course.run.train(1)
    course.run.wait(60)
    assert len(heard) == 9
    with pytest.raises(rw.RecowidgetError, match="on_epoch takes a function"):
        course.on_epoch(3)  # type: ignore[arg-type]


def test_a_listener_may_pause_the_training_that_it_hears_of(course: Course) -> None:
    def stop(row: dict[str, Any]) -> None:
        if row["epoch"] == 2:
            course.run.trainer.pause().wait()

    course.on_epoch(stop)
    course.change(epochs=10_000)
    fit(course)
    assert course.run.progress.status == "paused"
    assert course.run.progress.epoch < 100


# ---- one side alone ---------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sgd", "als"])
def test_one_side_is_trained_and_the_other_stays_as_it_is(engine: str) -> None:
    explorer = rw.MFExplorer(ratings(), engine=engine, batch_size=8 if engine == "sgd" else None, epochs=2)
    explorer.fit()
    # Items last: after a sweep of both they are what fits the users best already.
    for side, other in (("user", "item"), ("item", "user")):
        before = {one: getattr(explorer, f"{one}_factors").copy() for one in ("user", "item")}
        biases = getattr(explorer, f"{other}_bias").copy()
        explorer.step("epoch", only=side)  # type: ignore[arg-type]
        after = {one: getattr(explorer, f"{one}_factors") for one in ("user", "item")}
        np.testing.assert_allclose(after[other], before[other], atol=1e-6)
        np.testing.assert_allclose(getattr(explorer, f"{other}_bias"), biases, atol=1e-6)
        assert not np.allclose(after[side], before[side], atol=1e-4)
    assert explorer.epoch == 4
    # After it both are trained again.
    held = explorer.user_factors.copy()
    explorer.step()
    assert not np.allclose(explorer.user_factors, held, atol=1e-4)
    explorer.close()


def test_one_side_of_a_sampled_model_is_drawn() -> None:
    explorer = rw.MFExplorer(ratings(), model="bayesian_mf", epochs=2)
    explorer.step()
    before = explorer._run.trainer.engine._tables  # type: ignore[union-attr]
    items, users = before[1].copy(), before[0].copy()
    explorer.step("epoch", only="user")
    after = explorer._run.trainer.engine._tables  # type: ignore[union-attr]
    np.testing.assert_array_equal(after[1], items)
    assert not np.allclose(after[0], users)
    explorer.close()


def test_a_model_of_keras_trains_all_together_and_says_so() -> None:
    explorer = rw.MFExplorer(ratings(), model="deep_mf", epochs=2)
    with pytest.raises(rw.RecowidgetError, match="the engine keras trains all weights together"):
        explorer.step("epoch", only="user")
    with pytest.raises(rw.RecowidgetError, match='only must be "user", "item" or None, not "users"'):
        explorer.step("epoch", only="users")  # type: ignore[arg-type]
    assert explorer.epoch == 0
    assert not explorer.state["has_halves"]
    explorer.close()


# ---- what a review found ----------------------------------------------------------------------------


def test_a_listener_may_change_settings_while_others_do(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recowidget.course.WORKER_PATIENCE", 0.05)

    def slower(row: dict[str, Any]) -> None:
        course.change(learning_rate=0.08 / row["epoch"])

    course.on_epoch(slower)
    course.change(epochs=100_000)
    course.run.train()
    for rate in np.linspace(0.001, 0.05, 40):
        course.change(regularization=float(rate))
    course.run.trainer.pause().wait(20)
    assert course.run.progress.status == "paused"


def test_a_function_that_was_written_anew_makes_another_run() -> None:
    interactions = rw.Interactions.from_frame(ratings())

    def builder(scale: int) -> Any:
        def mine(n_users: int, n_items: int) -> Any:
            return rw.models.biased_mf(n_users, n_items, n_factors=scale)

        return mine

    course = Course(interactions, Settings(model=builder(2), epochs=1))
    try:
        assert course.run.embedding("user").shape[1] == 2
        course.change(model=builder(5))
        assert course.is_asked_for
        course.reset()
        assert course.run.embedding("user").shape[1] == 5
    finally:
        course.close()


def test_a_rate_changed_while_the_model_is_built_is_that_of_the_training(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = course.run._make_own_engine

    def late() -> Any:
        engine = made()
        course.run.trainer.change(Changes(learning_rate=1e-9)).wait()
        return engine

    monkeypatch.setattr(course.run, "_make_own_engine", late)
    before = course.run.progress.scorer.user_factors.copy()  # type: ignore[union-attr]
    fit(course)
    np.testing.assert_allclose(course.run.factors.user_factors, before, atol=1e-5)


def test_a_lower_rate_in_mid_epoch_leaves_the_rest_of_the_epoch_as_it_was() -> None:
    settings = Settings(epochs=2, batch_size=64, learning_rate=2.0)
    losses = []
    for is_changed in (False, True):
        course = Course(rw.Interactions.from_frame(ratings()), settings)
        course.run.step("batch")
        if is_changed:
            course.change(learning_rate=0.01)
        course.run.step("epoch")
        losses.append(course.run.history.mse()[1])
        course.close()
    np.testing.assert_array_equal(*losses)


def test_weights_that_are_put_back_are_trained_on_with_the_rate_as_it_is() -> None:
    course = Course(rw.Interactions.from_frame(ratings()), Settings(model="deep_mf", epochs=3))
    try:
        fit(course)
        course.change(learning_rate=1e-5)
        course.run.restore(1)
        assert float(course.run.model.optimizer.learning_rate) == pytest.approx(1e-5)
    finally:
        course.close()


def test_a_sweep_goes_on_past_what_diverges(course: Course) -> None:
    spread = course.sweep({"learning_rate": np.array([0.05, 1e9])}, np.int64(1))  # type: ignore[arg-type]
    assert len(spread) == len(course.runs.kept) == 2
    assert course.runs.kept[0].mse.shape[0] == 4


def test_early_stopping_is_patient_anew_where_weights_were_put_back_or_training_goes_on() -> None:
    given = Settings(epochs=500, batch_size=8, n_factors=20, regularization=0.0, early_stopping=4)
    course = Course(rw.Interactions.from_frame(ratings()), given)
    try:
        fit(course)
        stopped = course.run.progress.epoch
        course.run.restore(course.run.history.best_epoch)
        fit(course)
        assert course.run.progress.epoch >= stopped + 4
    finally:
        course.close()


def test_a_kept_run_is_pinned_by_its_number_and_let_go(course: Course) -> None:
    with pytest.raises(rw.RecowidgetError, match="there is no kept run 1; there are: none"):
        course.pin(1)
    fit(course)
    course.change(n_factors=2)
    course.reset()
    course.pin(1)
    assert course.runs.pinned is course.runs.find(1)
    with pytest.raises(rw.RecowidgetError, match="there is no kept run 2; there are: 1"):
        course.pin(2)
    assert course.runs.pinned is course.runs.find(1)
    course.pin(None)
    assert course.runs.pinned is None
