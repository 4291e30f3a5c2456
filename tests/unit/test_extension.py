"""%load_ext recowidget in a real IPython shell."""

from __future__ import annotations

import gc
import inspect
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import recowidget as rw
from recowidget import extension as recowidgets_extension
from recowidget.live_training import LiveTraining
from tests.unit.fitted_models import (
    CASES,
    FRAME,
    ITEMS,
    N_ITEMS,
    RATINGS,
    USERS,
    compiled,
    fit,
    keras,
    layers,
    pair,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

X = [USERS, ITEMS]


class NotebookShell(InteractiveShell):  # type: ignore[misc]
    """A shell that has a kernel, as the one of a notebook; what it displays it prints."""

    kernel = "of the tests"


@pytest.fixture(scope="module")
def the_shell() -> Iterator[Any]:
    shell = NotebookShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    yield shell
    NotebookShell.clear_instance()


@pytest.fixture
def shell(the_shell: Any) -> Iterator[Any]:
    the_shell.execution_count += 1
    yield the_shell
    the_shell.extension_manager.unload_extension("recowidget")
    recowidgets_extension.unload_ipython_extension(the_shell)


def run(shell: Any, code: str) -> None:
    shell.run_cell(code).raise_error()


@pytest.fixture
def loaded(shell: Any) -> Any:
    run(shell, "%load_ext recowidget")
    return shell


def live_of(number: int = -1) -> LiveTraining:
    extension = recowidgets_extension._loaded
    assert extension is not None
    return extension._of_cell[number][1]


def test_loading_and_unloading_leave_keras_as_it_was(shell: Any) -> None:
    before, signature = keras.Model.fit, inspect.signature(keras.Model.fit)
    assert "fit" not in vars(keras.Model)
    run(shell, "%load_ext recowidget")
    patched = keras.Model.fit
    assert patched is not before
    assert keras.Sequential.fit is patched
    assert inspect.signature(patched) == signature
    run(shell, "%load_ext recowidget")
    rw.load_ipython_extension(shell)
    assert keras.Model.fit is patched
    run(shell, "%unload_ext recowidget")
    assert keras.Model.fit is before
    assert "fit" not in vars(keras.Model)
    assert "recowidget" not in shell.magics_manager.magics["line"]
    run(shell, "%load_ext recowidget")
    assert keras.Model.fit is not before


def test_a_patch_of_others_outlives_ours(loaded: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    ours = keras.Model.fit
    monkeypatch.setattr(keras.Model, "fit", ours)
    run(loaded, "%unload_ext recowidget")
    assert keras.Model.fit is not ours
    fit(pair(), X)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("loaded")
def test_the_last_picture_is_of_the_weights_that_fit_leaves() -> None:
    """Keras puts the best weights back as it ends, after our callback."""
    model = pair()
    stop = keras.callbacks.EarlyStopping("loss", mode="max", patience=2, restore_best_weights=True)
    fit(model, X, callbacks=[stop], epochs=8)
    assert live_of().status == "stopped"
    shown = live_of()._fitting.progress.scorer.predict(USERS, ITEMS)
    np.testing.assert_allclose(shown, model.predict(X, verbose=0)[:, 0], rtol=1e-4, atol=1e-5)


def test_many_fits_print_nothing_but_their_views(loaded: Any, capfd: Any, caplog: Any) -> None:
    for _ in range(8):
        loaded.execution_count += 1
        fit(pair(), X)
    out, err = capfd.readouterr()
    assert all(line.startswith("LiveTraining(") for line in out.splitlines())
    assert "retracing" not in err
    assert not [record for record in caplog.records if "recowidget" in record.getMessage()]


@pytest.mark.usefixtures("loaded")
def test_a_view_of_a_fit_has_static_twins() -> None:
    fit(pair(), X)
    view = live_of().view
    assert view is not None
    view.chart().to_dict()
    for panel in view.panels:
        view.chart(panel).to_dict()


EAGER = """
class Eager(keras.Model):
    def __init__(self):
        super().__init__()
        self.users, self.items = keras.layers.Embedding(9, 2), keras.layers.Embedding(7, 2)
    def call(self, pair):
        return keras.ops.sum(self.users(pair[0]) * self.items(pair[1]), axis=1, keepdims=True)
eager = Eager()
eager.compile("sgd", "mse", run_eagerly=True)
"""


def test_the_view_of_an_eager_model_says_why_it_has_no_predictions(loaded: Any) -> None:
    loaded.user_ns |= {"keras": keras, "x": X, "y": RATINGS}
    run(loaded, EAGER)
    fit(loaded.user_ns["eager"], X, validation_split=0.25)
    view = live_of().view
    assert view is not None
    assert view.summary["no_predictions"].startswith("No predictions: this model runs eagerly")
    assert (view.summary["loss_name"], view.summary["baselines"]) == ("loss", [])
    view.chart("loss").to_dict()
    with pytest.raises(rw.RecowidgetError, match="No predictions: this model runs eagerly"):
        view.chart("predictions")


def test_every_fit_shows_one_view_and_stays_what_it_is(loaded: Any, capsys: Any) -> None:
    noted: list[int] = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _logs: noted.append(epoch))
    for given in ([note], (note,), note, keras.callbacks.CallbackList([note], add_history=True)):
        noted.clear()
        kept = list(given) if isinstance(given, list | tuple) else getattr(given, "callbacks", [])[:]
        model = pair()
        if isinstance(given, keras.callbacks.CallbackList):
            given.set_model(model)
            given.set_params({"epochs": 2, "steps": 5, "verbose": 0})
        history = fit(model, X, callbacks=given)
        assert capsys.readouterr().out.count("LiveTraining(functional") == 1
        assert isinstance(history, keras.callbacks.History)
        assert noted == [0, 1]
        assert live_of().status == "finished"
        if not isinstance(given, keras.callbacks.Callback) or hasattr(given, "callbacks"):
            assert list(getattr(given, "callbacks", given)) == kept
        loaded.execution_count += 1


def test_callbacks_by_position(loaded: Any) -> None:
    noted: list[int] = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _logs: noted.append(epoch))
    pair().fit(X, RATINGS, 8, 2, 0, [note])
    assert (noted, live_of().status) == ([0, 1], "finished")
    assert loaded


def test_results_are_the_same_bit_for_bit(loaded: Any) -> None:
    def train() -> tuple[Any, Any]:
        keras.utils.set_random_seed(5)
        model = pair()
        return fit(model, X, validation_split=0.25).history, model.get_weights()

    (history, weights), _ = train(), run(loaded, "%recowidget off")
    expected_history, expected = train()
    assert history == expected_history
    for one, other in zip(weights, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_models_train_and_are_told_of_once(loaded: Any, capsys: Any) -> None:
    for _ in range(2):
        model = compiled(keras.Sequential([keras.Input((3,)), layers.Dense(1)]))
        assert len(fit(model, np.ones((40, 3))).epoch) == 2
        loaded.execution_count += 1
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert printed.startswith("recowidget: no live view of the model sequential")


def test_a_recommender_after_a_classifier_is_told_why(loaded: Any, capsys: Any) -> None:
    fit(compiled(keras.Sequential([keras.Input((3,)), layers.Dense(1)])), np.ones((40, 3)))
    for _ in range(2):
        fit(compiled(keras.Sequential([keras.Input((4,)), layers.Dense(1)])), np.ones((40, 4)))
        fit(pair(), X, np.ones((40, 1)) * np.nan)
        loaded.execution_count += 1
    printed = capsys.readouterr().out.splitlines()
    assert ["is an array of shape (40, 3)" in line for line in printed] == [True, False]
    assert "y holds values that are no numbers" in printed[1]


OWN_LOOP = """
import keras, numpy as np
class Looped(keras.Model):
    def __init__(self):
        super().__init__()
        self.users, self.items = keras.layers.Embedding(9, 2), keras.layers.Embedding(7, 2)
    def call(self, pair):
        return keras.ops.sum(self.users(pair[0]) * self.items(pair[1]), axis=1, keepdims=True)
    def fit(self, x, y):
        return [self.train_on_batch(x, y) for _ in range(3)]
looped = Looped()
looped.compile("sgd", "mse")
x, y = [np.arange(7), np.arange(7)], np.ones(7)
"""


def test_a_fit_that_never_calls_keras_is_told_of(shell: Any, capsys: Any) -> None:
    run(shell, OWN_LOOP)
    run(shell, "looped.fit(x, y)")
    run(shell, "%load_ext recowidget")
    run(shell, "1 + 1")
    assert "no live view" not in capsys.readouterr().out
    for _ in range(2):
        run(shell, "losses = looped.fit(x, y)")
    printed = capsys.readouterr().out
    assert printed.count("no live view of the model looped: its class Looped has a fit of its own") == 1
    run(shell, "%unload_ext recowidget")
    assert "post_run_cell" in shell.events.callbacks
    assert not [one for one in shell.events.callbacks["post_run_cell"] if "recowidget" in repr(one).lower()]


class Repeated(keras.Model):  # type: ignore[misc]
    """A fit of its own around Keras's."""

    def fit(self, *args: Any, **settings: Any) -> Any:
        return super().fit(*args, **settings)


def test_a_fit_around_fit_and_a_fit_inside_show_one_view(loaded: Any, capsys: Any) -> None:
    inputs = [keras.Input((1,), name="user"), keras.Input((1,), name="item")]
    both = [
        layers.Flatten()(layers.Embedding(rows, 2)(one)) for rows, one in zip((9, 7), inputs, strict=True)
    ]
    outer, inner = compiled(Repeated(inputs, layers.Dot(1)(both))), pair()
    fits = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: fit(inner, X))  # noqa: ARG005
    fit(outer, X, callbacks=[fits])
    assert capsys.readouterr().out.count("LiveTraining(") == 1
    assert live_of().status == "finished"
    assert loaded


def test_ones_own_live_training_is_the_only_one(loaded: Any, capsys: Any) -> None:
    live = LiveTraining()
    fit(pair(), X, callbacks=[live])
    assert capsys.readouterr().out.count("LiveTraining(") == 1
    assert (live.status, recowidgets_extension._loaded._of_cell) == ("finished", [])
    assert loaded


def test_fits_of_a_model_in_one_cell_are_one_curve(loaded: Any, capsys: Any) -> None:
    model = pair()
    for _ in range(3):
        fit(model, X, epochs=1)
    assert capsys.readouterr().out.count("LiveTraining(") == 1
    assert live_of().history["epoch"].iloc[-1] == 3
    loaded.execution_count += 1
    fit(model, X, epochs=1)
    assert capsys.readouterr().out.count("LiveTraining(") == 1
    assert live_of().history["epoch"].iloc[-1] == 1


@pytest.mark.parametrize(
    ("raised", "status"), [(KeyboardInterrupt(), "stopped"), (ZeroDivisionError("of mine"), "failed")]
)
def test_what_fit_raises_comes_through_and_is_shown(loaded: Any, raised: BaseException, status: str) -> None:
    def raise_it(epoch: int, logs: Any) -> None:  # noqa: ARG001
        raise raised

    with pytest.raises(type(raised)) as caught:
        fit(pair(), X, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=raise_it)])
    assert caught.value is raised
    assert live_of().status == status
    assert live_of().history["epoch"].iloc[-1] == 1
    assert loaded


def test_a_wrong_call_is_keras_own_error(loaded: Any) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'epoch'"):
        pair().fit(X, RATINGS, epoch=3)
    with pytest.raises(ValueError, match="Unrecognized data type"):
        pair().fit([[1, 2], [1, 2]], [1, 2])
    assert loaded


def test_names_of_frames_give_ids_and_titles(loaded: Any, capsys: Any) -> None:
    ids = FRAME.assign(user_id=FRAME.USER * 10 + 1, movie_id=100 - FRAME.ITEM)
    loaded.user_ns["interaction"] = ids
    loaded.user_ns["films"] = pd.DataFrame(
        {"movie_id": 100 - np.arange(N_ITEMS), "title": [f"Film {k}" for k in range(N_ITEMS)]}
    )
    run(loaded, "%recowidget")
    assert "nothing is known" in capsys.readouterr().out
    run(loaded, "%recowidget interaction films")
    assert "9 users (user_id, by its column of indices) and 7 items with titles" in capsys.readouterr().out
    fit(pair(), X)
    interactions = live_of()._fitting.split.interactions  # type: ignore[union-attr]
    # The ids of the items descend while their indices ascend.
    assert interactions.items.label_of([0, 6]) == ["Film 0", "Film 6"]
    assert interactions.items.id_of(ITEMS).tolist() == (100 - ITEMS).tolist()
    assert interactions.users.id_of(USERS).tolist() == (USERS * 10 + 1).tolist()
    run(loaded, "%recowidget")
    assert "every fit of a recommender is shown; known are 9 users" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nowhere films", "there is no variable nowhere"),
        ("number", "number must be a frame or Interactions, it is int"),
        ("ratings number", "number must be a frame, it is int"),
        ("unrated", "ratings has no user column"),
        ("ratings ratings ratings ratings", "takes ratings, items and users, not 4 variables"),
        ("crossed", '"USER" 0 stands for several of "user_id"'),
    ],
)
def test_names_that_are_wrong(loaded: Any, line: str, message: str, capsys: Any) -> None:
    loaded.user_ns |= {
        "films": pd.DataFrame({"movie_id": [1], "title": ["A"]}),
        "number": 3,
        "ratings": FRAME,
        "unrated": pd.DataFrame({"a": [1]}),
        "crossed": FRAME.assign(user_id=np.arange(len(FRAME)), movie_id=FRAME.ITEM, USER=0),
    }
    loaded.run_cell(f"%recowidget {line}")
    printed = capsys.readouterr()
    assert message in printed.err + printed.out
    assert "Traceback" not in printed.err + printed.out
    assert recowidgets_extension._loaded is not None
    assert recowidgets_extension._loaded._known is None


def test_off_and_on(loaded: Any, capsys: Any) -> None:
    run(loaded, "%recowidget off")
    fit(pair(), X)
    assert capsys.readouterr().out == ""
    run(loaded, "%recowidget on")
    fit(pair(), X)
    assert "LiveTraining(" in capsys.readouterr().out


def frames_threads() -> int:
    return sum(thread.name == "recowidget-frames" for thread in threading.enumerate())


@pytest.mark.parametrize("case", ["workshop", "pair", "subclassed"])
def test_a_fit_leaves_no_thread_and_its_view_keeps_no_model_alive(loaded: Any, case: str) -> None:
    loaded.user_ns |= {"build": CASES[case].build, "x": X, "y": RATINGS}
    run(loaded, "model = build(); history = model.fit(x, y, epochs=2, verbose=0)")
    model = weakref.ref(loaded.user_ns["model"])
    run(loaded, "del model, history")
    gc.collect()
    assert model() is None
    end = time.monotonic() + 20
    while frames_threads() and time.monotonic() < end:
        time.sleep(0.05)
    assert frames_threads() == 0


def test_unloading_lets_go_of_the_model_of_a_cell(loaded: Any) -> None:
    model = pair()
    fit(model, X)
    view = live_of().view
    assert view is not None
    scorer = view._watched.progress.scorer
    expected = model.predict(X, verbose=0)[:, 0]
    gone = weakref.ref(model)
    del model
    recowidgets_extension.unload_ipython_extension(loaded)
    gc.collect()
    assert gone() is None
    # What is drawn of it can be drawn on.
    np.testing.assert_allclose(scorer.predict(USERS, ITEMS), expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(rw.RecowidgetError, match="the model that was trained is gone"):
        view.chart("architecture")
    trained = weakref.ref(view._watched)
    view.close()
    del view, scorer
    gc.collect()
    assert trained() is None
