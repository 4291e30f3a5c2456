"""MFExplorer from Python, with no browser and no kernel."""

from __future__ import annotations

import asyncio
import gc
import json
import time
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from traitlets import TraitError

import recowidget as rw
from recowidget.widgets.explorer import SPEEDS
from recowidget.widgets.mainloop import MainLoop
from tests.unit.threads import n_threads


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    pairs = pd.DataFrame(
        {"user_id": rng.integers(0, 30, 600), "movie_id": rng.integers(0, 40, 600)}
    ).drop_duplicates()
    return pairs.assign(rating=rng.integers(1, 6, len(pairs)).astype(float))


@pytest.fixture
def explorer() -> Any:
    explorer = rw.MFExplorer(frame(), epochs=3)
    yield explorer
    explorer.close()


def test_methods_and_properties_of_a_run(explorer: rw.MFExplorer) -> None:
    assert (explorer.status, explorer.epoch) == ("idle", 0)
    explorer.train()
    explorer.wait(60)
    assert (explorer.status, explorer.epoch) == ("finished", 3)
    assert explorer.fit(2)["epoch"].tolist() == [0, 1, 2, 3, 4, 5]
    explorer.step("batch")
    explorer.step()
    assert (explorer.status, explorer.epoch) == ("paused", 6)
    explorer.stop()
    assert explorer.status == "stopped"
    explorer.reset()
    assert (explorer.status, explorer.epoch, len(explorer.history)) == ("idle", 0, 1)
    explorer.resume()
    explorer.pause()
    assert explorer.status in {"paused", "finished"}
    n_users, n_items, k = (
        explorer.interactions.n_users,
        explorer.interactions.n_items,
        explorer.settings["n_factors"],
    )
    assert explorer.user_factors.shape == (n_users, k)
    assert explorer.item_factors.shape == (n_items, k)
    assert (explorer.user_bias.shape, explorer.item_bias.shape) == ((n_users,), (n_items,))
    train = explorer.interactions.ratings[explorer.split.train]
    assert explorer.global_mean == pytest.approx(train.mean())
    assert explorer.model.name == "biased_mf"
    assert len(explorer.predictions()) == n_users * n_items


def test_settings_make_the_same_explorer_again(explorer: rw.MFExplorer) -> None:
    again = rw.MFExplorer(frame(), **explorer.settings)
    assert again.settings == explorer.settings
    np.testing.assert_array_equal(again.fit(1)["test_mse"], explorer.fit(1)["test_mse"])
    again.close()


def test_traits_are_json_and_read_only(explorer: rw.MFExplorer) -> None:
    state = explorer.get_state(["settings", "state", "summary"])
    assert json.loads(json.dumps(state, allow_nan=False)) == state
    with pytest.raises(Exception, match="read-only"):
        explorer.settings = {}


def test_settings_with_objects_travel_as_their_names() -> None:
    def my_model(n_users: int, n_items: int) -> Any:
        return rw.models.explicit_mf(n_users, n_items)

    explorer = rw.MFExplorer(frame(), model=my_model, split=rw.splits.random_split)
    sent = explorer.get_state(["settings"])["settings"]
    assert (sent["model"], sent["split"]) == ("my_model", "random_split")
    assert explorer.settings["model"] is my_model
    explorer.close()


def test_summary_counts_the_parts_and_gives_the_baseline(explorer: rw.MFExplorer) -> None:
    summary, split, data = explorer.summary, explorer.split, explorer.interactions
    assert summary["n_train"] + summary["n_test"] == summary["n_ratings"] == data.n_ratings
    assert summary["rating_scale"] == [1.0, 5.0]
    assert summary["columns"] == {
        "user": "user_id",
        "item": "movie_id",
        "rating": "rating",
        "timestamp": None,
    }
    mean = data.ratings[split.train].mean()
    expected = np.sqrt(np.mean((data.ratings[split.test] - mean) ** 2))
    shown = {one["name"]: one for one in summary["baselines"]}
    assert shown["global mean"]["test_rmse"] == pytest.approx(expected, rel=1e-5)
    assert list(shown) == ["global mean", "item mean", "user + item bias"]
    table = explorer.baselines.set_index("name")
    for name, one in shown.items():
        assert (one["test_rmse"], one["test_mae"]) == tuple(table.loc[name, ["test_rmse", "test_mae"]])


def test_it_recommends_what_it_predicts_highest_of_what_it_did_not_train_on(
    explorer: rw.MFExplorer,
) -> None:
    explorer.fit()
    data = explorer.interactions
    best = explorer.recommend(3, n=5)
    assert best.columns.tolist() == ["user_id", "movie_id", "title", "score", "rank"]
    trained = data.take(explorer.split.train).to_frame().query("user_id == 3")["movie_id"]
    every = explorer.predictions(3)
    candidates = every[~every["movie_id"].isin(trained)]
    expected = candidates.sort_values("prediction", ascending=False)["movie_id"].head(5)
    assert best["movie_id"].tolist() == expected.tolist()
    assert best["score"].tolist() == pytest.approx(explorer.predict(3, best["movie_id"]))
    assert len(explorer.recommend([3, 4], n=2)) == 4
    assert len(explorer.recommend(3, n=100, exclude_seen=False)) == data.n_items
    new = explorer.recommend({0: 5.0, 1: 1.0}, n=3)
    assert not set(new["movie_id"]) & {0, 1}
    with pytest.raises(rw.RecowidgetError, match="unknown user_id: 99"):
        explorer.recommend(99)


def test_it_explains_compares_and_evaluates(explorer: rw.MFExplorer) -> None:
    explorer.fit()
    assert explorer.explain(3, 7)["product"].sum() == pytest.approx(
        float(explorer.predict(3, 7)[0]), rel=1e-4
    )
    assert explorer.similar_items(7, n=3)["rank"].tolist() == [1, 2, 3]
    assert 7 not in explorer.similar_users(7, metric="euclidean")["user_id"].tolist()
    measured = explorer.evaluate(k=5, relevant=4)
    assert measured["rmse"] == pytest.approx(explorer.history["test_rmse"].iloc[-1], rel=1e-5)
    assert measured.index.tolist() == [
        *("rmse", "mae", "precision", "recall", "ndcg", "map", "mrr", "hit_rate", "coverage")
    ]
    assert explorer.baselines.columns.tolist() == ["name", "test_rmse", "test_mae", "ndcg"]


@pytest.mark.parametrize("split", ["random", "stratified", "chronological", "leave_one_out"])
def test_a_split_by_name(split: str) -> None:
    ratings = frame().assign(timestamp=np.arange(len(frame())))
    explorer = rw.MFExplorer(ratings, split=split, shares=(0.6, 0.2, 0.2), seed=4)
    assert explorer.split.name == split
    assert len(explorer.split.validation) > 0 or split == "leave_one_out"
    again = rw.MFExplorer(ratings, **explorer.settings)
    np.testing.assert_array_equal(again.split.test, explorer.split.test)
    sent = explorer.get_state(["settings"])["settings"]
    assert sent["shares"] == ([] if split == "leave_one_out" else [0.6, 0.2, 0.2])
    explorer.close()
    again.close()


def test_repr_and_text_stay_the_same_while_training_goes_on(explorer: rw.MFExplorer) -> None:
    text = repr(explorer)
    assert (
        text == "MFExplorer(biased_mf: 30 users, 40 items, " + f"{explorer.interactions.n_ratings} ratings)"
    )
    before = explorer._repr_mimebundle_()
    explorer.fit(1)
    assert repr(explorer) == text
    assert explorer._repr_mimebundle_() == before
    assert before[0]["text/plain"] == text


def test_the_text_of_implicit_feedback_counts_interactions() -> None:
    clicks = frame()[["user_id", "movie_id"]]
    explorer = rw.MFExplorer(clicks)
    assert repr(explorer).endswith(f", {len(clicks)} interactions)")
    explorer.close()


def test_an_unknown_keyword_is_an_error() -> None:
    with pytest.raises(TypeError, match="n_factor"):
        rw.MFExplorer(frame(), n_factor=3)  # type: ignore[call-arg]


def test_columns_may_be_named_and_interactions_take_none() -> None:
    named = frame().rename(columns={"user_id": "who", "movie_id": "what", "rating": "stars"})
    explorer = rw.MFExplorer(named, user="who", item="what")
    assert list(explorer.predictions(users=[3]).columns) == ["who", "what", "prediction"]
    with pytest.raises(rw.RecowidgetError, match="user can't be given with Interactions"):
        rw.MFExplorer(explorer.interactions, user="who")
    with pytest.raises(
        rw.RecowidgetError, match=r"^items can't be given with a matrix.*from_matrix\(matrix, u"
    ):
        rw.MFExplorer(csr_array(np.eye(3)), items=named)  # type: ignore[arg-type]
    explorer.close()


def test_titles_travel_as_text() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    items = pd.DataFrame({"movie_id": range(40), "title": [hostile] * 40})
    explorer = rw.MFExplorer(frame(), items=items)
    assert set(explorer.window["item_titles"]) == {hostile}
    explorer.close()


def test_cursor_is_an_epoch_that_is_kept_until_a_reset(explorer: rw.MFExplorer) -> None:
    assert explorer.cursor is None
    explorer.fit()
    explorer.cursor = 2
    assert explorer.cursor == 2
    before = explorer.predict([0], [0])
    explorer.fit(1)
    assert explorer.cursor == 2
    assert explorer.predict([0], [0]) != before, "what is shown is not what predicts"
    for wrong in (5, -1, 1.5, "best", True):
        with pytest.raises(rw.RecowidgetError, match="cursor: the epoch must be a whole number from 0 to 4"):
            explorer.cursor = wrong
    explorer._run.history._stride = 3
    explorer._run.history._snapshots.keep(lambda epoch: epoch in {0, 3, 4})
    explorer.cursor = np.int64(2)
    assert explorer.cursor == 3
    explorer.restore(3)
    assert (explorer.cursor, explorer.epoch) == (3, 4)
    explorer.reset()
    assert explorer.cursor is None
    # As a browser says it that has not heard of the reset.
    with pytest.raises(TraitError):
        explorer.set_state({"cursor": 12})
    assert explorer.cursor is None
    with pytest.raises(rw.RecowidgetError, match="cursor is that of an explorer"):
        rw.PredictionMatrix(explorer).cursor = 0


def order(explorer: rw.MFExplorer, command: str, **content: Any) -> None:
    """Press a button, and wait until that was carried out."""
    explorer._command(command, content)
    carried_out(explorer)


def carried_out(explorer: rw.MFExplorer) -> None:
    """Wait for the thread that carries out what buttons ask for."""
    explorer._orders.submit(lambda: None).result(10)


def test_the_speed_is_that_of_play_and_python_trains_as_fast_as_it_can(explorer: rw.MFExplorer) -> None:
    assert explorer.state["speed"] == "10"
    order(explorer, "speed", speed="slow")
    order(explorer, "speed", speed="as you like")
    assert explorer.state["speed"] == "slow"
    explorer._run.build()
    order(explorer, "play")
    explorer._run.trainer.set_tempo(SPEEDS["slow"]).wait(5)
    assert explorer._run.progress.is_paced
    order(explorer, "speed", speed="full")
    explorer.wait(60)
    assert (explorer.epoch, explorer._run.progress.is_paced) == (3, False)
    explorer.train(10_000)
    order(explorer, "speed", speed="1")
    explorer._run.trainer.pause().wait(5)
    assert not explorer._run.progress.is_paced, "what Python trains goes on as fast as it can"


def test_close_ends_all_threads_and_frees_the_explorer() -> None:
    before = n_threads()
    explorer = rw.MFExplorer(frame(), epochs=100_000)
    explorer._repr_mimebundle_()
    explorer.train()
    assert n_threads() == before + 2
    explorer.close()
    assert n_threads() == before
    with pytest.raises(rw.RecowidgetError, match="closed"):
        explorer.train()
    explorer.close()
    gone = weakref.ref(explorer)
    del explorer
    gc.collect()
    assert gone() is None


def test_two_explorers_are_independent() -> None:
    one, two = (rw.MFExplorer(frame(), epochs=3, seed=seed) for seed in (0, 1))
    one.train()
    two.train()
    one.wait(60)
    two.wait(60)
    assert not np.array_equal(one.history["test_mse"], two.history["test_mse"])
    one.reset()
    assert (one.epoch, two.epoch) == (0, 3)
    one.close()
    assert two.fit(1)["epoch"].iloc[-1] == 4
    two.close()


@pytest.mark.parametrize(
    ("message", "epoch"),
    [
        ({"kind": "command", "command": "step", "unit": "epoch"}, 1),
        ({"kind": "command", "command": "step", "unit": "batch"}, 0),
        ({"kind": "command", "command": "play"}, 3),
    ],
)
def test_buttons_drive_the_same_trainer(explorer: rw.MFExplorer, message: dict[str, Any], epoch: int) -> None:
    explorer._handle_custom_msg(message, [])
    carried_out(explorer)
    explorer.model  # noqa: B018 (no loop here that would build it)
    explorer.wait(60)
    assert explorer.epoch == epoch
    explorer._handle_custom_msg({"kind": "command", "command": "reset"}, [])
    carried_out(explorer)
    explorer.step("batch")
    assert explorer.epoch == 0


def test_main_loop_is_none_in_a_script_and_never_busy() -> None:
    loop = MainLoop()
    assert not loop.post(lambda: None)
    assert not loop.is_busy()
    assert not loop.is_busy()


def test_main_loop_is_attached_where_a_loop_runs_and_busy_while_it_is_held() -> None:
    loop = MainLoop()

    async def hold() -> list[bool]:
        loop.attach()
        seen = [loop.is_busy()]
        time.sleep(0.15)  # noqa: ASYNC251 (a cell that holds the loop)
        seen.append(loop.is_busy())
        await asyncio.sleep(0.01)
        seen.append(loop.is_busy())
        return seen

    assert asyncio.run(hold()) == [False, True, False]
    assert not loop.post(lambda: None)
