"""LiveTraining in real fits: what it sees, and that it changes nothing."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import recowidget as rw
from recowidget.factors import Factors
from recowidget.live_training import LiveTraining
from recowidget.scoring import ModelScorer
from tests.unit.fitted_models import (
    CASES,
    FRAME,
    ITEMS,
    N_ITEMS,
    N_RATINGS,
    N_USERS,
    RATINGS,
    USERS,
    compiled,
    embedded,
    fit,
    keras,
    layers,
    pair,
)


def mse(model: Any, x: Any, rows: slice = slice(None)) -> float:
    return float(np.mean((model.predict(x, verbose=0)[rows, 0] - RATINGS[rows]) ** 2))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_sees_what_any_recommender_trains_on_and_changes_nothing(case: Any) -> None:
    def train(callbacks: list[Any]) -> tuple[Any, Any, float]:
        keras.utils.set_random_seed(3)
        model = case.build()
        history = fit(model, case.x, callbacks=callbacks, validation_split=0.25)
        return history.history, model, float(tf.random.uniform(()))

    live = LiveTraining()
    (with_it, model, drawn), (without, expected, also_drawn) = train([live]), train([])
    assert with_it == without
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert drawn == also_drawn

    split = live._fitting.split
    assert np.array_equal(split.interactions.user_idx, USERS)
    assert np.array_equal(split.interactions.item_idx, ITEMS)
    assert np.array_equal(split.interactions.ratings, RATINGS)
    assert (split.interactions.n_users, split.interactions.n_items) == (N_USERS, N_ITEMS)
    # The last of the rows, as Keras parts them.
    assert (split.train.tolist(), split.test.tolist()) == (list(range(30)), list(range(30, 40)))

    predicted = model.predict(case.x, verbose=0)[:, 0]
    scorer = live._fitting.progress.scorer
    assert isinstance(scorer, Factors if case.is_dot_product else ModelScorer)
    np.testing.assert_allclose(scorer.predict(USERS, ITEMS), predicted, rtol=1e-4, atol=1e-5)
    assert live.status == "finished"
    assert live.history["epoch"].iloc[[0, -1]].tolist() == [case.first_epoch, 2]
    errors = (predicted - RATINGS) ** 2
    assert live.history["train_mse"].iloc[-1] == pytest.approx(errors[:30].mean(), rel=1e-4)
    assert live.history["test_mse"].iloc[-1] == pytest.approx(errors[30:].mean(), rel=1e-4)


def test_validation_data_is_the_test_part() -> None:
    live, model = LiveTraining(), pair()
    x = [USERS, ITEMS]
    fit(model, x, callbacks=[live], validation_data=([USERS[:5], ITEMS[:5]], RATINGS[:5]))
    split = live._fitting.split
    assert (len(split.train), len(split.test)) == (N_RATINGS, 5)
    assert np.array_equal(split.interactions.ratings[split.test], RATINGS[:5])
    assert live.history["test_mse"].iloc[-1] == pytest.approx(mse(model, x, slice(5)), rel=1e-4)


def test_a_dataset_is_seen_through_without_a_pass_over_it() -> None:
    def train(callbacks: list[Any]) -> list[Any]:
        keras.utils.set_random_seed(0)
        data = tf.data.Dataset.from_tensor_slices(((USERS, ITEMS), RATINGS))
        model = pair()
        data = data.shuffle(40, seed=1).batch(8).prefetch(1)
        model.fit(data, epochs=2, verbose=0, shuffle=False, callbacks=callbacks)
        weights: list[Any] = model.get_weights()
        return weights

    live = LiveTraining()
    for one, other in zip(train([live]), train([]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert np.array_equal(live._fitting.split.interactions.user_idx, USERS)
    assert live._fitting.settings()["batch_size"] is None


def two_outputs() -> Any:
    user, item = keras.Input((1,), name="user"), keras.Input((1,), name="item")
    both = layers.Concatenate()([embedded(user, N_USERS), embedded(item, N_ITEMS)])
    return compiled(keras.Model([user, item], [layers.Dense(1)(both), layers.Dense(1)(both)]), ["mse", "mse"])


def one_table() -> Any:
    both = keras.Input((2,))
    return compiled(keras.Sequential([both, layers.Embedding(20, 3), layers.Flatten(), layers.Dense(1)]))


def classes() -> Any:
    user, item = keras.Input((1,), name="user"), keras.Input((1,), name="item")
    both = layers.Concatenate()([embedded(user, N_USERS), embedded(item, N_ITEMS)])
    top = layers.Dense(6, activation="softmax")(both)
    return compiled(keras.Model([user, item], top), "sparse_categorical_crossentropy")


def dense(width: int) -> Any:
    return compiled(keras.Sequential([keras.Input((width,)), layers.Dense(1)]))


@pytest.mark.parametrize(
    ("build", "x", "y", "reason"),
    [
        (lambda: dense(3), np.ones((N_RATINGS, 3)), RATINGS, "x is an array of shape (40, 3)"),
        (lambda: dense(2), np.column_stack([USERS, ITEMS]), RATINGS, "looked up in no Embedding layer"),
        (lambda: dense(2), np.full((N_RATINGS, 2), 0.5), RATINGS, "holds 0.5: no indices"),
        (two_outputs, [USERS, ITEMS], [RATINGS, RATINGS], "y is 2 outputs"),
        (one_table, np.column_stack([USERS, ITEMS]), RATINGS, "both columns are looked up in one"),
        (classes, [USERS, ITEMS], RATINGS, "gives 6 numbers a row"),
    ],
)
def test_no_recommender_trains_as_before_and_is_told_why(
    build: Any, x: Any, y: Any, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    live, model = LiveTraining(), build()
    history = fit(model, x, y, callbacks=[live], epochs=2)
    printed = capsys.readouterr().out
    assert len(history.epoch) == 2
    assert printed.count("\n") == 1
    assert f"no live view of the model {model.name}: " in printed
    assert reason in printed
    assert (live.status, len(live.history), live.view) == ("idle", 0, None)


def test_an_index_beyond_its_table_is_told_by_its_layer(capsys: pytest.CaptureFixture[str]) -> None:
    items = np.where(np.arange(N_RATINGS) == 0, N_ITEMS + 3, ITEMS)
    with pytest.raises(Exception, match=r"indices\["):
        fit(pair(), [USERS, items], callbacks=[LiveTraining()])
    printed = capsys.readouterr().out
    assert f"the second column has the index {N_ITEMS + 3}, its Embedding layer embedding" in printed


def test_a_dataset_that_is_mapped_is_no_view() -> None:
    said: list[str] = []
    live = LiveTraining()
    live.tell = said.append
    data = tf.data.Dataset.from_tensor_slices(((USERS, ITEMS), RATINGS)).map(lambda x, y: (x, y - 1)).batch(8)
    pair().fit(data, verbose=0, shuffle=False, callbacks=[live])
    assert len(said) == 1
    assert "can't be seen through" in said[0]


def test_targets_on_another_scale_and_from_log_odds() -> None:
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    user, item = keras.Input((1,), name="user"), keras.Input((1,), name="item")
    dot = layers.Dot(1)([embedded(user, N_USERS), embedded(item, N_ITEMS)])
    model = compiled(keras.Model([user, item], dot), loss)
    live = LiveTraining(to_rating=lambda target: 1 + 4 * target)
    fit(model, [USERS, ITEMS], (RATINGS - 1) / 4, callbacks=[live])
    np.testing.assert_allclose(live._fitting.split.interactions.ratings, RATINGS, rtol=1e-6)
    predicted = live._fitting.progress.scorer.predict(USERS, ITEMS)
    output = model.predict([USERS, ITEMS], verbose=0)[:, 0]
    np.testing.assert_allclose(predicted, 1 + 4 / (1 + np.exp(-output)), rtol=1e-5)


@pytest.mark.parametrize(
    "settings", [{"jit_compile": True}, {"steps_per_execution": 3}, {"run_eagerly": True}]
)
def test_however_it_is_compiled(settings: dict[str, Any]) -> None:
    live, model = LiveTraining(), compiled(pair(), **settings)
    fit(model, [USERS, ITEMS], callbacks=[live])
    assert live.status == "finished"
    assert live.history["train_mse"].iloc[-1] == pytest.approx(mse(model, [USERS, ITEMS]), rel=1e-4)


class Counting(keras.Model):  # type: ignore[misc]
    """Learns what it learns by how often it was called, and by a generator that everybody draws from."""

    def __init__(self) -> None:
        super().__init__()
        self.user_table, self.item_table = layers.Embedding(N_USERS, 4), layers.Embedding(N_ITEMS, 4)
        self.n_calls = 0

    def call(self, pair: Any) -> Any:
        self.n_calls += 1
        noise = tf.random.get_global_generator().normal(())
        dot = keras.ops.sum(self.user_table(pair[0]) * self.item_table(pair[1]), axis=-1)
        return keras.ops.reshape(dot, (-1, 1)) * (1 + 0.1 * noise) + 0.01 * self.n_calls


def test_an_eager_model_with_code_of_its_own_is_not_called_once_more() -> None:
    def train(callbacks: list[Any]) -> tuple[Any, Any]:
        keras.utils.set_random_seed(3)
        tf.random.set_global_generator(tf.random.Generator.from_seed(3))
        model = compiled(Counting(), run_eagerly=True)
        return fit(model, [FRAME.USER, FRAME.ITEM], callbacks=callbacks, validation_split=0.25).history, model

    live = LiveTraining()
    (with_it, model), (without, expected) = train([live]), train([])
    assert with_it == without
    assert model.n_calls == expected.n_calls
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert live.status == "finished"
    assert live._fitting.progress.scorer is None
    assert list(live.history) == ["epoch", "train_loss", "test_loss", "seconds"]
    np.testing.assert_allclose(live.history["train_loss"], with_it["loss"], rtol=1e-6)
    np.testing.assert_allclose(live.history["test_loss"], with_it["val_loss"], rtol=1e-6)
    assert (live._fitting.split.interactions.n_users, live._fitting.split.interactions.n_items) == (9, 7)


def test_an_eager_model_of_keras_own_layers_is_shown_in_full() -> None:
    live, model = LiveTraining(), compiled(CASES["dict"].build(), run_eagerly=True)
    fit(model, CASES["dict"].x, callbacks=[live])
    assert isinstance(live._fitting.progress.scorer, ModelScorer)
    assert live.history["epoch"].tolist() == [0, 1, 2]


class StopAt(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, epoch: int, raised: BaseException | None = None) -> None:
        super().__init__()
        self.epoch, self.raised = epoch, raised

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        if epoch + 1 == self.epoch:
            if self.raised is not None:
                raise self.raised
            self.model.stop_training = True


def test_early_stopping_is_stopped() -> None:
    live = LiveTraining()
    fit(pair(), [USERS, ITEMS], callbacks=[live, StopAt(2)], epochs=5)
    assert (live.status, live.history["epoch"].iloc[-1]) == ("stopped", 2)


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), RuntimeError("out of memory")])
def test_a_fit_that_raises_leaves_no_thread(raised: BaseException) -> None:
    live = LiveTraining()
    with pytest.raises(type(raised)):
        fit(pair(), [USERS, ITEMS], callbacks=[live, StopAt(1, raised)])
    end = time.monotonic() + 20
    while live.status == "running" and time.monotonic() < end:
        time.sleep(0.02)
    assert live.status == "stopped"
    assert "recowidget-ticker" not in {thread.name for thread in threading.enumerate()}


def test_initial_epoch_counts_on() -> None:
    live = LiveTraining()
    fit(pair(), [USERS, ITEMS], callbacks=[live], epochs=6, initial_epoch=4)
    assert live.history["epoch"].iloc[[0, -1]].tolist() == [4, 6]
    assert live.status == "finished"


def test_used_again_it_goes_on_with_the_same_and_begins_anew_with_others() -> None:
    live, model = LiveTraining(), pair()
    for _ in range(3):
        fit(model, [USERS, ITEMS], callbacks=[live], epochs=2)
    assert live.history["epoch"].iloc[[0, -1]].tolist() == [0, 6]
    assert live.history["seconds"].is_monotonic_increasing
    fit(model, [USERS[:30], ITEMS[:30]], RATINGS[:30], callbacks=[live], epochs=2)
    assert live.history["epoch"].iloc[[0, -1]].tolist() == [0, 2]


def test_in_a_thread() -> None:
    live, model = LiveTraining(), pair()
    thread = threading.Thread(target=lambda: fit(model, [USERS, ITEMS], callbacks=[live]))
    thread.start()
    thread.join()
    assert live.status == "finished"


def test_an_error_in_the_view_lets_training_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    calls = []

    def to_rating(target: Any) -> Any:
        calls.append(1)
        if len(calls) > 6:
            raise ZeroDivisionError("of the test")
        return target

    live, model = LiveTraining(to_rating=to_rating), pair()
    history = fit(model, [USERS, ITEMS], callbacks=[live], epochs=20)
    assert len(history.epoch) == 20
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "training goes on: ZeroDivisionError: of the test" in printed


def test_ids_and_titles_stand_for_indices_where_they_fit() -> None:
    ratings = pd.DataFrame({"user_id": USERS * 10 + 5, "movie_id": ITEMS * 3, "rating": RATINGS})
    movies = pd.DataFrame(
        {"movie_id": np.arange(N_ITEMS) * 3, "title": [f"Film {k}" for k in range(N_ITEMS)]}
    )
    live = LiveTraining(ratings, items=movies)
    fit(pair(), [USERS, ITEMS], callbacks=[live])
    interactions = live._fitting.split.interactions
    assert interactions.users.id_of(USERS).tolist() == (USERS * 10 + 5).tolist()
    assert interactions.items.label_of([0, 6]) == ["Film 0", "Film 6"]


def test_titles_that_do_not_fit_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    few = pd.DataFrame({"user_id": [100, 200], "movie_id": [100, 200], "rating": [1.0, 2.0]})
    live = LiveTraining(rw.Interactions.from_frame(few))
    fit(pair(), [USERS, ITEMS], callbacks=[live])
    assert "9 users and 7 items, known are 2 users" in capsys.readouterr().out
    assert live._fitting.split.interactions.users.ids.tolist() == list(range(N_USERS))


def test_bad_arguments() -> None:
    with pytest.raises(rw.RecowidgetError, match="items and users go with a frame"):
        LiveTraining(rw.Interactions.from_frame(FRAME, duplicates="last"), items=FRAME)
    with pytest.raises(rw.RecowidgetError, match="items and users go with the ratings"):
        LiveTraining(items=FRAME)
    with pytest.raises(rw.RecowidgetError, match="not dict"):
        LiveTraining({})  # type: ignore[arg-type]
