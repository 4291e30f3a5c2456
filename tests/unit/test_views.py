"""Views of their own from Python, with no browser and no kernel."""

from __future__ import annotations

import gc
import time
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import recowidget as rw
from recowidget.baselines import ItemMean
from recowidget.factors import Factors
from tests.unit.fitted_models import CASES, FRAME, RATINGS, fit, keras
from tests.unit.test_window import unpack
from tests.unit.threads import n_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recowidget.widgets.views import View


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    pairs = pd.DataFrame(
        {"user_id": rng.integers(0, 30, 600), "movie_id": rng.integers(0, 40, 600)}
    ).drop_duplicates()
    return pairs.assign(rating=rng.integers(1, 6, len(pairs)).astype(float))


def arrays_of(view: View, trait: str = "frame") -> dict[str, np.ndarray]:
    packed = dict(getattr(view, trait))
    return unpack(packed, packed["buffers"])


@pytest.fixture
def explorer() -> Iterator[rw.MFExplorer]:
    explorer = rw.MFExplorer(frame(), epochs=3, model="explicit_mf", n_factors=4)
    yield explorer
    explorer.close()


# ---- plain inputs


def test_ratings_as_they_are_have_no_parts() -> None:
    for given in (frame(), rw.Interactions.from_frame(frame())):
        view = rw.InteractionMatrix(given)
        assert (view.panels, view.has_controls, view.has_header, view.has_status) == (
            ["ratings"],
            False,
            False,
            False,
        )
        assert (view.summary["n_train"], view.summary["n_test"]) == (len(frame()), 0)
        assert repr(view) == f"InteractionMatrix(30 users, 40 items, {len(frame())} ratings)"


def test_columns_and_titles_of_a_frame() -> None:
    named = frame().rename(columns={"user_id": "who", "movie_id": "what"})
    items = pd.DataFrame({"what": range(40), "title": [f"Film {k}" for k in range(40)]})
    view = rw.InteractionMatrix(named, user="who", item="what", items=items)
    assert view.summary["columns"]["user"] == "who"
    assert set(view.window["item_titles"]) == set(items["title"])
    with pytest.raises(rw.RecowidgetError, match="user can't be given with Interactions"):
        rw.InteractionMatrix(rw.Interactions.from_frame(named, user="who", item="what"), user="who")
    with pytest.raises(rw.RecowidgetError, match="not list"):
        rw.InteractionMatrix([1, 2])  # type: ignore[arg-type]


def test_a_split_comes_as_one_or_as_frames() -> None:
    ratings = frame()
    split = rw.splits.random_split(rw.Interactions.from_frame(ratings), (0.6, 0.2, 0.2))
    train, validation, test = (ratings.iloc[getattr(split, part)] for part in split.PARTS)
    one = rw.SplitGrid(split)
    other = rw.SplitGrid(train, test, validation=validation)
    for view in (one, other):
        counts = [view.summary[f"n_{part}"] for part in split.PARTS]
        assert counts == [len(train), len(validation), len(test)]
        assert view.panels == ["split"]
    by_cell = [
        dict(zip(packed["cell"].tolist(), packed["part"].tolist(), strict=True))
        for packed in (arrays_of(view, "window") for view in (one, other))
    ]
    assert by_cell[0] == by_cell[1]
    with pytest.raises(rw.RecowidgetError, match="a Split, what trains, or two frames"):
        rw.SplitGrid(ratings)
    with pytest.raises(rw.RecowidgetError, match="train must be a DataFrame"):
        rw.SplitGrid(split, test)


@pytest.mark.parametrize(
    ("history", "name", "epochs", "roots"),
    [
        ({"loss": [4.0, 1.0], "val_loss": [9.0, 4.0]}, "loss", [1, 2], [4.0, 1.0]),
        ({"loss": [5.0, 2.0], "mse": [4.0, 1.0]}, "RMSE", [1, 2], [2.0, 1.0]),
        ({"loss": [5.0], "root_mean_squared_error": [3.0]}, "RMSE", [1], [3.0]),
        (
            pd.DataFrame({"epoch": [0, 1, 4], "train_rmse": [3.0, 2.0, 1.0], "test_rmse": [3.0, 2.5, 2]}),
            "RMSE",
            [0, 1, 4],
            [3.0, 2.0, 1.0],
        ),
    ],
)
def test_histories_of_all_kinds(history: Any, name: str, epochs: list[int], roots: list[float]) -> None:
    view = rw.LossCurves(history)
    sent = arrays_of(view)
    assert view.summary["loss_name"] == name
    assert sent["epoch_number"].tolist() == epochs
    np.testing.assert_allclose(np.sqrt(sent["train_mse"]), roots, rtol=1e-6)
    assert set(sent) == {"epoch_number", "train_mse", "validation_mse", "test_mse"}
    assert repr(view).startswith(f"LossCurves({name} of {len(epochs)} epoch")
    view.chart().to_dict()


def test_the_object_that_keras_returns_is_a_history() -> None:
    class KerasHistory:
        history = {"loss": [4.0, 1.0], "val_loss": [9.0, 4.0]}  # noqa: RUF012 (as Keras has it)

    sent = arrays_of(rw.LossCurves(KerasHistory()))  # type: ignore[arg-type]
    np.testing.assert_allclose(np.sqrt(sent["validation_mse"]), [9, 4])


def test_a_keras_history_with_its_epochs() -> None:
    """As the tutorials of Keras make it, and CSVLogger; Keras counts from 0."""
    frame = pd.DataFrame({"loss": [4.0, 3.0], "val_loss": [2.0, 1.5], "epoch": [0, 1]})
    sent = arrays_of(rw.LossCurves(frame))
    np.testing.assert_allclose(np.sqrt(sent["validation_mse"]), [2.0, 1.5])
    assert sent["epoch_number"].tolist() == [1, 2]
    chart = rw.charts.history_chart(frame).to_dict()
    assert "validation" in str(chart)


def test_a_keras_history_with_rare_validation() -> None:
    view = rw.LossCurves({"loss": [4.0, 3.0, 2.0, 1.0], "val_loss": [2.0, 1.5]})
    roots = np.sqrt(arrays_of(view)["validation_mse"])
    np.testing.assert_allclose(roots[-4:], [np.nan, 2, np.nan, 1.5])
    view.chart().to_dict()


@pytest.mark.parametrize(
    ("history", "match"),
    [
        (3, "not int"),
        ({"loss": [3, 2, 1], "val_loss": [2, 1]}, "2 values of"),
        ({}, "no epoch"),
        ({"loss": [-1.0, -2.0]}, 'history has -1 in "loss"; LossCurves draws errors'),
        (pd.DataFrame({"epoch": [0.5], "loss": [1.0]}), "history has 0.5 as an epoch"),
        ({"accuracy": [1.0]}, "no loss"),
        (pd.DataFrame({"epoch": [0]}), "no loss"),
    ],
)
def test_what_is_no_history_is_an_error(history: Any, match: str) -> None:
    with pytest.raises(rw.RecowidgetError, match=match):
        rw.LossCurves(history)


def test_factors_of_all_kinds() -> None:
    rng = np.random.default_rng(0)
    users, items = rng.normal(size=(30, 3)), rng.normal(size=(40, 5))
    view = rw.FactorsView((users, items))
    assert view.panels == ["user_factors", "item_factors"]
    sent = arrays_of(view)
    np.testing.assert_allclose(sent["user_factors"], users[sent["user_idx"]], rtol=1e-6)
    assert sent["item_factors"].shape == (40, 5)
    assert "predictions" not in sent
    assert repr(view) == "FactorsView(30 users, 40 items)"
    alone = rw.FactorsView(users, side="user")
    assert (alone.panels, repr(alone)) == (["user_factors"], "FactorsView(30 users)")
    zeros = np.zeros(30, np.float32), np.zeros(40, np.float32)
    factors = Factors(users.astype(np.float32), items[:, :3].astype(np.float32), *zeros, 0.0)
    named = rw.FactorsView(factors, interactions=frame())
    assert named.summary["n_ratings"] == len(frame())
    for shown in (view, alone, named):
        shown.chart().to_dict()


def test_factors_that_are_none_or_not_theirs() -> None:
    users = np.zeros((30, 3))
    with pytest.raises(rw.RecowidgetError, match='side="user" or side="item"'):
        rw.FactorsView(users)
    with pytest.raises(rw.RecowidgetError, match="shape"):
        rw.FactorsView((users, users[0]))
    with pytest.raises(rw.RecowidgetError, match="30 users and 30 items, the interactions of 30 and 40"):
        rw.FactorsView((users, users), interactions=frame())
    with pytest.raises(rw.RecowidgetError, match="side must be"):
        rw.FactorsView((users, users), side="users")  # type: ignore[arg-type]


def test_a_keras_model_shows_its_factors_and_predictions() -> None:
    model = rw.models.explicit_mf(30, 40, n_factors=4)
    interactions = rw.Interactions.from_frame(frame())
    table = model.get_layer("user_factors").get_weights()[0]
    factors = rw.FactorsView(model)
    np.testing.assert_allclose(arrays_of(factors)["user_factors"], table, rtol=1e-6)
    predictions = rw.PredictionMatrix(model, interactions)
    sent = arrays_of(predictions)
    user, item = sent["user_factors"], sent["item_factors"]
    expected = model.predict([np.full(40, 3), np.arange(40)], verbose=0)[:, 0]
    np.testing.assert_allclose(user[3] @ item.T, expected, rtol=1e-4, atol=1e-5)
    other = rw.models.neural_cf(30, 40, n_factors=4)
    block = arrays_of(rw.PredictionMatrix(other, interactions))["predictions"]
    expected = other.predict([np.full(40, 3), np.arange(40)], verbose=0)[:, 0]
    np.testing.assert_allclose(block[3], expected, rtol=1e-4)


def test_arrays_and_scorers_predict() -> None:
    interactions = rw.Interactions.from_frame(frame())
    values = np.arange(30 * 40, dtype=float).reshape(30, 40)
    sent = arrays_of(rw.PredictionMatrix(values, interactions))
    np.testing.assert_array_equal(sent["predictions"], values)
    baseline = ItemMean.fit(interactions)
    sent = arrays_of(rw.PredictionMatrix(baseline, frame()))
    np.testing.assert_allclose(sent["predictions"][0], baseline.predict_block([0], np.arange(40))[0])
    rw.PredictionMatrix(baseline, frame()).chart().to_dict()
    with pytest.raises(rw.RecowidgetError, match=r"array of shape \(30, 40\), not from float64 of shape"):
        rw.PredictionMatrix(values.T, interactions)
    with pytest.raises(rw.RecowidgetError, match="needs the ratings"):
        rw.PredictionMatrix(values)


def test_a_matrix_of_ratings_is_shown_as_it_is() -> None:
    ratings = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]])
    view = rw.InteractionMatrix(ratings)
    assert repr(view) == "InteractionMatrix(2 users, 3 items, 2 ratings)"
    assert view.summary["rating_scale"] == [1.0, 3.0]
    predicted = np.arange(6, dtype=float).reshape(2, 3)
    sent = arrays_of(rw.PredictionMatrix(predicted, ratings))
    assert sorted(sent["predictions"].ravel()) == list(range(6))
    for wrong, message in (
        (np.array([1.0, 2.0]), r"numbers of shape \(n_users, n_items\), not float64 of shape \(2,\)"),
        (np.full((2, 2), np.nan), "has no rating"),
    ):
        with pytest.raises(rw.RecowidgetError, match=message):
            rw.InteractionMatrix(wrong)
    with pytest.raises(rw.RecowidgetError, match=r"side must be .*two arrays go in one pair"):
        rw.FactorsView(np.ones((2, 2)), np.ones((3, 2)))  # type: ignore[arg-type]


# ---- a run


def test_views_of_a_run_follow_it_until_they_are_closed(explorer: rw.MFExplorer) -> None:
    before = n_threads()
    views: list[View] = [
        rw.InteractionMatrix(explorer),
        rw.SplitGrid(explorer),
        rw.LossCurves(explorer),
        rw.FactorsView(explorer),
        rw.PredictionMatrix(explorer),
    ]
    for view in views:
        assert (view.has_status, view.has_controls, view.has_header) == (True, False, False)
        view._repr_mimebundle_()
    explorer.fit(1)
    for view in views:
        view._repr_mimebundle_()
        assert view.frame["epoch"] == 1
        view.close()
    assert n_threads() <= before + 3  # the trainer's, and what it measures and shuffles on
    explorer.fit(1)
    assert views[0].frame["epoch"] == 1
    gone = weakref.ref(views.pop())
    del view
    views.clear()
    gc.collect()
    assert gone() is None


def test_a_view_in_a_box_is_started_by_its_own_word(explorer: rw.MFExplorer) -> None:
    before = n_threads()
    view = rw.LossCurves(explorer)
    assert n_threads() == before
    view._handle_custom_msg({"kind": "ready", "view": "a", "users": [0, 1], "items": [0, 1]}, [])
    assert n_threads() == before + 1
    view.close()
    assert n_threads() == before


def test_frames_carry_what_the_panels_show() -> None:
    explorer = rw.MFExplorer(frame(), epochs=1, model="neural_cf", n_factors=4)
    explorer.fit(1)
    carried = {
        view: set(arrays_of(view(explorer))) & {"predictions", "user_factors", "item_factors"}
        for view in (rw.LossCurves, rw.FactorsView, rw.PredictionMatrix)
    }
    assert carried == {
        rw.LossCurves: set(),
        rw.FactorsView: {"user_factors", "item_factors"},
        rw.PredictionMatrix: {"predictions"},
    }
    explorer.close()


def test_every_panel_has_a_static_twin_or_a_method_that_gives_what_it_shows(explorer: rw.MFExplorer) -> None:
    explorer.fit(1)
    asked = {
        "cell": r"explain\(",
        "user": r"recommend\(",
        "item": r"similar_items\(",
        "runs": "runs",
        "you": r"recommend\(",
    }
    for panel in explorer.panels:
        if panel in asked:
            with pytest.raises(rw.RecowidgetError, match=rf"{panel} has no chart; {asked[panel]}"):
                explorer.chart(panel)
        else:
            explorer.chart(panel).to_dict()
    explorer.chart().to_dict()
    for view in (rw.InteractionMatrix, rw.SplitGrid, rw.LossCurves, rw.FactorsView, rw.PredictionMatrix):
        view(explorer).chart().to_dict()
    with pytest.raises(rw.RecowidgetError, match='no panel "maps"; it has "ratings"'):
        explorer.chart("maps")


def test_a_view_has_no_settings_to_change(explorer: rw.MFExplorer) -> None:
    view = rw.PredictionMatrix(explorer)
    assert view.proposed is None
    assert view.run_table == []
    assert explorer.proposed["values"]["n_factors"] == explorer.settings["n_factors"]


def test_the_architecture_comes_with_the_model() -> None:
    explorer = rw.MFExplorer(
        rw.Interactions.from_frame(frame()).sample(10, 6), model="explicit_mf", n_factors=2
    )
    assert explorer.architecture == []
    explorer.model  # noqa: B018
    assert sum(layer["n_parameters"] for layer in explorer.architecture) == 32
    assert [layer["name"] for layer in explorer.architecture][:2] == ["user", "item"]
    explorer.close()


def test_the_ratings_of_a_training_go_with_what_else_predicts(explorer: rw.MFExplorer) -> None:
    zeros = np.zeros((30, 40))
    view = rw.PredictionMatrix(zeros, explorer)
    assert view.summary["n_train"] == len(explorer.split.train)
    assert rw.FactorsView((zeros, zeros.T), interactions=explorer).summary["n_ratings"] == len(frame())
    with pytest.raises(rw.RecowidgetError, match="no ratings before its first fit"):
        rw.PredictionMatrix(zeros, rw.LiveTraining())


REFUSED: dict[str, tuple[Any, str]] = {
    "columns": (lambda ex: rw.InteractionMatrix(ex, user="who"), "user can't be given.*; MFExplorer takes"),
    "ids": (lambda _: rw.SplitGrid(rw.LiveTraining(), items=frame()), "items can't be.*LiveTraining.*takes"),
    "ratings": (lambda ex: rw.PredictionMatrix(ex, frame()), "interactions can't be given with MFExplorer"),
    "scale": (lambda ex: rw.PredictionMatrix(ex, to_rating=abs), "to_rating can't be given with MFExplorer"),
    "sizes": (lambda ex: rw.FactorsView(ex, n_users=3), "n_users can't be given with MFExplorer"),
    "sizes of arrays": (lambda _: rw.FactorsView(np.eye(2), "user", n_items=3), "n_items can't be given"),
    "one size": (lambda _: rw.FactorsView(rw.models.explicit_mf(3, 2, n_factors=1), n_users=3), "or neither"),
    "validation": (lambda ex: rw.SplitGrid(ex.split, validation=frame()), "validation is given without test"),
    "both": (lambda ex: rw.SplitGrid(ex, frame()), "train must be a DataFrame, as the other parts"),
    "class": (lambda _: rw.InteractionMatrix(rw.LiveTraining), "not type"),
    "twice": (
        lambda _: rw.InteractionMatrix(pd.concat([frame(), frame()])),
        'Interactions.from_frame can keep the last of each with duplicates="last"',
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED)
def test_what_would_count_for_nothing_is_refused(explorer: rw.MFExplorer, call: Any, message: str) -> None:
    with pytest.raises(rw.RecowidgetError, match=message):
        call(explorer)


# ---- fits with LiveTraining


EVERY = (rw.InteractionMatrix, rw.SplitGrid, rw.LossCurves, rw.FactorsView, rw.PredictionMatrix)


def test_views_look_at_fits_before_during_and_after() -> None:
    live = rw.LiveTraining()
    before = [view(live) for view in EVERY]
    for view in before:
        assert (view.summary["n_ratings"], view.has_status, view.state["status"]) == (0, True, "idle")
        with pytest.raises(rw.RecowidgetError, match="nothing to draw yet; train first"):
            view.chart()
    during: list[View] = []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, _logs: during.extend(view(live) for view in EVERY if epoch == 0)
    )
    model = CASES["workshop"].build()
    fit(model, CASES["workshop"].x, callbacks=[live, look], validation_split=0.25)
    after = [view(live) for view in EVERY]
    for view in (*before, *during, *after):
        view._repr_mimebundle_()
        assert (view.summary["n_users"], view.summary["n_items"], view.summary["n_train"]) == (9, 7, 30)
        assert view.frame["epoch"] == 2
        view.chart().to_dict()
    for views in (before, during, after):
        sent = dict(zip(EVERY, map(arrays_of, views), strict=True))
        np.testing.assert_allclose(
            sent[rw.FactorsView]["user_factors"], model.get_layer("UserEmbedding").get_weights()[0]
        )
        assert sent[rw.LossCurves]["epoch_number"].tolist() == [0, 1, 2]
    before[0].selected = {"user": 3, "item": 2}
    for view in (*before, *during, *after):
        assert view.selected == pointed(3, 2)
    before.pop().close()
    fit(model, [FRAME.USER[:20], FRAME.ITEM[:20]], RATINGS[:20], callbacks=[live])
    assert {view.summary["n_ratings"] for view in (*before, *during, *after)} == {20}
    assert {view.summary["data"] for view in before} == {3}
    assert all(view.selection.empty for view in (*before, *during, *after))


def test_frames_of_a_new_training_are_of_its_data() -> None:
    live = rw.LiveTraining()
    view = rw.FactorsView(live)
    frames: list[dict[str, np.ndarray]] = []
    view.send = lambda content, buffers: frames.append(unpack(content, buffers))  # type: ignore[method-assign]
    view._stream._send = view.send
    view._handle_custom_msg({"kind": "ready", "view": "a", "users": [0, 1], "items": [0, 1]}, [])
    fit(CASES["workshop"].build(), CASES["workshop"].x, callbacks=[live])
    view._handle_custom_msg({"kind": "window", "view": "a", "users": [0, 9], "items": [0, 7]}, [])
    end = time.monotonic() + 20
    while time.monotonic() < end and not any(len(one.get("user_factors", ())) == 9 for one in frames):
        time.sleep(0.02)
        view._handle_custom_msg({"kind": "ready", "view": "a", "users": [0, 9], "items": [0, 7]}, [])
    assert frames[-1]["user_factors"].shape == (9, 2)
    view.close()


# ---- selection


def pointed(user: int | None, item: int | None) -> dict[str, Any]:
    many = {"users": [] if user is None else [user], "items": [] if item is None else [item]}
    return {"user": user, "item": item, **many}


def test_plain_views_of_the_same_interactions_are_linked() -> None:
    interactions = rw.Interactions.from_frame(frame())
    split = rw.splits.random_split(interactions)
    factors = np.zeros((30, 2)), np.zeros((40, 2))
    views: list[View] = [
        rw.InteractionMatrix(interactions),
        rw.SplitGrid(split),
        rw.FactorsView(factors, interactions=interactions),
        rw.PredictionMatrix(np.zeros((30, 40)), split),
    ]
    strangers = [
        rw.InteractionMatrix(frame()),
        rw.SplitGrid(rw.splits.random_split(interactions.take(range(9)))),
    ]
    views[1].selection = {"user": 3, "item": 7}
    assert [view.selected for view in views] == [pointed(3, 7)] * 4
    assert all(view.selection.empty for view in strangers)


def test_one_selection_for_all_views_of_a_run(explorer: rw.MFExplorer) -> None:
    other = rw.MFExplorer(frame())
    views = [rw.InteractionMatrix(explorer), rw.FactorsView(explorer)]
    stranger, still = rw.PredictionMatrix(other), rw.InteractionMatrix(frame())
    views[0].set_state({"selected": {"user": 3, "item": 7}})
    for one in (explorer, *views):
        assert one.selected == pointed(3, 7)
        assert one.selection.to_dict("list") == {
            "kind": ["user", "item"],
            "id": [3, 7],
            "title": ["3", "7"],
        }
    for one in (other, stranger, still):
        assert one.selected == pointed(None, None)
        assert one.selection.empty
    explorer.selection = {"user": 5}
    assert views[1].selected == pointed(5, None)
    late = rw.SplitGrid(explorer)
    assert late.selected == pointed(5, None)
    views[1].selection = None
    assert explorer.selection.empty
    views[1].close()
    explorer.selection = {"item": 2}
    assert views[1].selected == pointed(None, None)
    other.close()


def test_a_selection_is_set_as_it_is_read(explorer: rw.MFExplorer) -> None:
    explorer.selection = {"user": 4, "item": 9}
    frame_of = explorer.selection
    explorer.selection = None
    explorer.selection = frame_of
    pd.testing.assert_frame_equal(explorer.selection, frame_of)


@pytest.mark.parametrize(
    ("value", "match"),
    [
        ({"user": 999}, "unknown user_id: 999"),
        ({"film": 1}, 'selection has "film"'),
        (pd.DataFrame({"kind": ["user"]}), 'no column "id"'),
        ({"item": [1, 999]}, "unknown movie_id: 999"),
        ([1], "not list"),
    ],
)
def test_what_can_not_be_selected_is_an_error(explorer: rw.MFExplorer, value: Any, match: str) -> None:
    with pytest.raises(rw.RecowidgetError, match=match):
        explorer.selection = value


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"user": 30, "item": -1},
        {"user": "3", "item": 1.5},
        {"user": None, "users": "3", "items": [40, -1, "2", None]},
    ],
)
def test_what_a_browser_can_not_mean_selects_nothing(explorer: rw.MFExplorer, sent: Any) -> None:
    explorer.set_state({"selected": sent})
    assert explorer.selected == pointed(None, None)
