"""Ratings that are set, erased or moved, and taken back again; and training that goes on with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recowidget as rw
from recowidget.edits import Edits, plan
from recowidget.evaluator import SplitEvaluator
from recowidget.splits import chronological_split, leave_one_out, random_split

if TYPE_CHECKING:
    from recowidget.split import Split


def ratings(n: int = 400, *, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"reader": rng.integers(0, 20, n), "book": rng.integers(0, 30, n)}).drop_duplicates()
    frame["reader"] = frame["reader"].map("r{:02}".format)
    frame["rating"] = rng.integers(1, 6, len(frame)).astype(float)
    return frame.assign(timestamp=rng.permutation(len(frame)) + 100)


def split_of(shares: tuple[float, ...] = (0.8, 0.2), **columns: Any) -> Split:
    frame = ratings()
    if columns.pop("is_implicit", False):
        frame = frame.drop(columns="rating")
    return random_split(rw.Interactions.from_frame(frame, user="reader", item="book", **columns), shares)


def described(split: Split) -> tuple[Any, ...]:
    """All that there is to see of a split."""
    interactions = split.interactions
    counts = [
        interactions.n_users,
        interactions.n_items,
        *interactions.user_counts,
        *interactions.item_counts,
    ]
    parts = [rows.tolist() for rows in (split.train, split.validation, split.test, *split.validation_parts)]
    cold = [*split.cold_users, *split.cold_items, *split.users_without_test]
    frame = interactions.to_frame()
    return frame.to_dict("list"), list(frame.dtypes), counts, parts, cold, interactions.rating_scale


def check(split: Split, of: Split) -> None:
    """What holds of every edited split."""
    interactions = split.interactions
    assert interactions.users is of.interactions.users
    assert interactions.items is of.interactions.items
    assert interactions.rating_scale == of.interactions.rating_scale
    rows = np.sort(np.concatenate([split.train, split.validation, split.test]))
    assert rows.tolist() == list(range(interactions.n_ratings))
    assert len(split.train)
    pairs = interactions.user_idx.astype(int) * interactions.n_items + interactions.item_idx
    assert len(np.unique(pairs)) == len(pairs)
    assert not any(array.flags.writeable for array in (interactions.ratings, split.train, split.test))


def apply(split: Split, *edits: tuple[Any, ...]) -> Split:
    for user, item, rating, part in edits:
        edit = plan(split, user, item, rating=rating, part=part)
        split = split if edit is None else edit.applied(split)
    return split


def rating_of(split: Split, user: str, item: int) -> tuple[float, str] | None:
    interactions = split.interactions
    at = interactions.users.index_of(user), interactions.items.index_of(item)
    rows = np.flatnonzero((interactions.user_idx == at[0]) & (interactions.item_idx == at[1]))
    return (float(interactions.ratings[rows[0]]), str(split.labels()[rows[0]])) if len(rows) else None


def pair_in(split: Split, part: str, n: int = 0) -> tuple[str, int]:
    interactions, row = split.interactions, getattr(split, part)[n]
    return (
        interactions.users.id_of(int(interactions.user_idx[row])),
        interactions.items.id_of(int(interactions.item_idx[row])),
    )


def pair_without(split: Split) -> tuple[str, int]:
    interactions = split.interactions
    seen = np.zeros((interactions.n_users, interactions.n_items), bool)
    seen[interactions.user_idx, interactions.item_idx] = True
    user, item = np.argwhere(~seen)[0]
    return interactions.users.id_of(int(user)), interactions.items.id_of(int(item))


# ---- the data ---------------------------------------------------------------------------------------


def test_a_rating_is_set_where_it_was_and_nothing_else_moves() -> None:
    split = split_of()
    user, item = pair_in(split, "test", 3)
    edited = apply(split, (user, item, 1.5, None))
    row = split.test[3]
    changed = np.flatnonzero(edited.interactions.ratings != split.interactions.ratings)
    assert changed.tolist() == [row]
    assert rating_of(edited, user, item) == (1.5, "test")
    assert edited.interactions.user_idx is split.interactions.user_idx or np.shares_memory(
        edited.interactions.user_idx, split.interactions.user_idx
    )
    assert edited.test.tolist() == split.test.tolist()


def test_a_rating_is_moved_added_and_erased() -> None:
    split = split_of()
    user, item = pair_in(split, "train", 5)
    before = rating_of(split, user, item)
    assert before is not None
    moved = apply(split, (user, item, "same", "test"))
    assert rating_of(moved, user, item) == (before[0], "test")
    assert (len(moved.train), len(moved.test)) == (len(split.train) - 1, len(split.test) + 1)
    assert rating_of(apply(moved, (user, item, None, None)), user, item) is None
    other = pair_without(split)
    added = apply(split, (*other, 4, None))
    assert rating_of(added, *other) == (4.0, "train")
    assert rating_of(apply(split, (*other, 4, "test")), *other) == (4.0, "test")
    assert added.interactions.timestamps is not None
    assert added.interactions.timestamps[-1] == split.interactions.timestamps.max()  # type: ignore[union-attr]


def test_what_is_so_already_is_no_edit() -> None:
    split = split_of()
    user, item = pair_in(split, "train")
    rating = rating_of(split, user, item)
    assert rating is not None
    assert plan(split, user, item, rating=rating[0]) is None
    assert plan(split, user, item, part="train") is None


@pytest.mark.parametrize(
    ("where", "rating", "part", "message"),
    [
        (("r99", 1), 3, None, "r99"),
        (("r01", 999), 3, None, "999"),
        ("train", 5.5, None, "rating must be from 1 to 5"),
        ("train", 0, None, "rating must be from 1 to 5"),
        ("train", float("nan"), None, "a finite number"),
        ("train", "4", None, "a finite number"),
        ("train", True, None, "a finite number"),
        ("train", 4, "tests", 'part must be "train"'),
        ("train", None, "test", "leave part out"),
        (None, None, None, "have no rating to erase"),
        (None, "same", "test", "have no rating to move"),
    ],
)
def test_what_can_not_be_edited_is_refused(where: Any, rating: Any, part: Any, message: str) -> None:
    split = split_of()
    pair = (
        pair_without(split) if where is None else where if isinstance(where, tuple) else pair_in(split, where)
    )
    with pytest.raises(rw.RecowidgetError, match=message):
        plan(split, *pair, rating=rating, part=part)


def test_one_rating_to_train_on_stays() -> None:
    split = split_of()
    for n in range(len(split.train) - 1):
        split = apply(split, (*pair_in(split, "train"), "same" if n % 2 else None, "test" if n % 2 else None))
    for rating, part in ((None, None), ("same", "test")):
        with pytest.raises(rw.RecowidgetError, match="only rating to train on"):
            plan(split, *pair_in(split, "train"), rating=rating, part=part)  # type: ignore[arg-type]
    assert plan(split, *pair_in(split, "train"), rating=1.5) is not None


def test_implicit_feedback_is_taken_or_not() -> None:
    split = split_of(is_implicit=True)
    other = pair_without(split)
    with pytest.raises(rw.RecowidgetError, match="rating must be 1, for taken"):
        plan(split, *other, rating=0.5)
    edited = apply(split, (*other, 1, None))
    check(edited, split)
    assert edited.interactions.is_implicit
    assert rating_of(edited, *other) == (1.0, "train")


def test_weights_go_with_their_rows() -> None:
    frame = ratings().drop(columns="rating")
    frame["n"] = np.arange(len(frame)) + 2
    split = random_split(rw.Interactions.from_frame(frame, user="reader", item="book", weight="n"))
    edited = apply(split, (*pair_in(split, "train"), None, None), (*pair_without(split), 1, None))
    merged = edited.interactions.to_frame().merge(frame, on=["reader", "book"], how="left")
    assert (merged["n_x"] == merged["n_y"].fillna(1)).all()


MADE = {
    "random": random_split,
    "three": lambda interactions: random_split(interactions, (0.6, 0.2, 0.2)),
    "four": lambda interactions: random_split(interactions, (0.4, 0.2, 0.2, 0.2)),
    "leave_one_out": leave_one_out,
    "chronological": chronological_split,
}

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["set", "erase", "train", "test", "validation", "undo", "redo"]),
        st.integers(0, 19),
        st.integers(0, 29),
        st.sampled_from([1, 1.5, 3, 5]),
    ),
    max_size=25,
)


@pytest.mark.parametrize("made", MADE)
@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_any_edits_keep_the_invariants_and_undoing_all_gives_back_what_was(
    made: str, steps: list[tuple[str, int, int, float]]
) -> None:
    interactions = rw.Interactions.from_frame(ratings(), user="reader", item="book")
    first = split = MADE[made](interactions)
    before = described(first)
    edits = Edits()
    seen = [described(first)]
    for what, user, item, rating in steps:
        pair = interactions.users.id_of(user % interactions.n_users), interactions.items.id_of(item)
        try:
            if what == "undo":
                split = edits.undo().inverse.applied(split)
                seen.pop()
                assert described(split) == seen[-1]
                continue
            if what == "redo":
                split = edits.redo(7).applied(split)
                seen.append(described(split))
                continue
            change: dict[str, Any] = {"set": {"rating": rating}, "erase": {"rating": None}}.get(
                what, {"part": what}
            )
            edit = plan(split, *pair, **change)
        except rw.RecowidgetError:
            continue
        if edit is None:
            continue
        split = edit.applied(split)
        edits.add(edit)
        seen.append(described(split))
        check(split, first)
    frame = edits.frame(split.interactions)
    assert list(frame.columns) == ["reader", "book", "before", "after", "part", "epoch"]
    assert len(frame) == len(edits.done)
    if len(frame):
        last = frame.iloc[-1]
        found = rating_of(split, last["reader"], last["book"])
        assert found == (None if np.isnan(last["after"]) else (last["after"], last["part"]))
    while edits.done:
        split = edits.undo().inverse.applied(split)
    assert described(split) == before == described(first)
    assert len(edits.frame(split.interactions)) == 0


def test_an_edit_after_an_undo_forgets_what_was_undone() -> None:
    split, edits = split_of(), Edits()
    for rating in (2, 3):
        edit = plan(split, *pair_without(split), rating=rating)
        assert edit is not None
        split = edit.applied(split)
        edits.add(edit)
    split = edits.undo().inverse.applied(split)
    edit = plan(split, *pair_in(split, "train"), rating=None)
    assert edit is not None
    edits.add(edit)
    with pytest.raises(rw.RecowidgetError, match="no edit to redo"):
        edits.redo(0)


# ---- training ---------------------------------------------------------------------------------------


def compiled(n_users: int, n_items: int) -> Any:
    import keras

    user, item = keras.Input((1,), name="user"), keras.Input((1,), name="item")
    user_factors = keras.layers.Flatten()(keras.layers.Embedding(n_users, 4)(user))
    item_factors = keras.layers.Flatten()(keras.layers.Embedding(n_items, 4)(item))
    output = keras.layers.Dense(1)(keras.layers.Concatenate()([user_factors, item_factors]))
    model = keras.Model([user, item], output)
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


MODELS = {
    "sgd": {"model": "biased_mf"},
    "als": {"model": "biased_mf", "engine": "als"},
    "gibbs": {"model": "bayesian_mf"},
    "keras": {"model": compiled},
    "nonnegative": {"model": "nonnegative_mf"},
}


@pytest.mark.parametrize("name", MODELS)
def test_training_goes_on_from_what_was_learned_and_is_measured_on_the_changed_parts(name: str) -> None:
    frame = ratings()
    given = rw.Interactions.from_frame(frame, user="reader", item="book")
    explorer = rw.MFExplorer(given, batch_size=None, **MODELS[name])  # type: ignore[arg-type]
    try:
        explorer.fit(3)
        history, split = explorer.history, explorer.split
        learned = explorer.predictions()["prediction"].to_numpy()
        for n in range(4):
            explorer.edit(*pair_in(split, "train", n), part="test")
        explorer.edit(*pair_in(split, "train", 9), rating=None)
        explorer.edit(*pair_without(split), rating=5)
        np.testing.assert_array_equal(explorer.predictions()["prediction"], learned)
        explorer.fit(2)
        pd.testing.assert_frame_equal(explorer.history[:4], history)
        fresh = SplitEvaluator(explorer.split, seed=0).losses(explorer._run.scorer)
        last = explorer.history.iloc[-1]
        assert [last["train_mse"], last["test_mse"]] == pytest.approx([fresh.train, fresh.test], abs=1e-9)
        old = SplitEvaluator(split, seed=0).losses(explorer._run.scorer)
        assert fresh.test != pytest.approx(old.test, rel=1e-6)
        # Not from the start: that would be as far off as the first epoch was.
        assert explorer.history["train_mse"].iloc[4] < history["train_mse"].iloc[1] + 0.1
        pd.testing.assert_frame_equal(frame, ratings())
        assert given.n_ratings == len(frame)
        assert explorer.interactions is not given
    finally:
        explorer.close()


def test_a_keras_model_keeps_weights_and_optimizer_state_through_an_edit() -> None:
    explorer = rw.MFExplorer(ratings(), user="reader", item="book", model=compiled, seed=1)
    try:
        explorer.fit(1)
        explorer.step("batch")
        model = explorer.model
        before = [variable.numpy() for variable in (*model.variables, *model.optimizer.variables)]
        explorer.edit(*pair_in(explorer.split, "train"), rating=None)
        variables = [*explorer.model.variables, *model.optimizer.variables]
        for one, other in zip(before, variables, strict=True):
            np.testing.assert_array_equal(one, other.numpy())
        steps = int(model.optimizer.iterations.numpy())
        explorer.step("batch")
        assert explorer.model is model
        assert int(model.optimizer.iterations.numpy()) == steps + 1
        assert explorer._run.progress.batch == 2
    finally:
        explorer.close()


def test_training_under_way_goes_on_running() -> None:
    explorer = rw.MFExplorer(ratings(), user="reader", item="book", epochs=100_000)
    try:
        explorer.train()
        epoch = 0
        for n in range(3):
            wait_for(lambda at=epoch: explorer.epoch > at)  # type: ignore[misc]
            explorer.edit(*pair_in(explorer.split, "train", n), rating=1.5)
            assert explorer.status == "running"
            epoch = explorer.epoch
        wait_for(lambda: explorer.epoch > epoch)
        explorer.pause()
        assert explorer.edits["after"].tolist() == [1.5] * 3
        assert explorer.edits["epoch"].is_monotonic_increasing
    finally:
        explorer.close()


def test_a_reset_trains_from_the_start_on_the_edited_data_as_if_it_had_come_so() -> None:
    explorer = rw.MFExplorer(ratings(), user="reader", item="book", seed=3)
    try:
        explorer.fit(2)
        explorer.edit(*pair_in(explorer.split, "train"), part="test")
        explorer.edit(*pair_in(explorer.split, "train"), rating=1)
        explorer.fit(1)
        explorer.reset()
        assert explorer.epoch == 0
        assert len(explorer.edits) == 2
        losses = explorer.fit(2)["test_mse"].tolist()
        assert len(explorer.runs) == 2
        given = {**explorer.settings, "split": explorer.split}
        other = rw.MFExplorer(explorer.interactions, **given)
        assert other.fit(2)["test_mse"].tolist() == losses
        other.close()
        explorer.undo()
        explorer.undo()
        original = rw.MFExplorer(ratings(), user="reader", item="book", seed=3)
        assert described(explorer.split) == described(original.split)
        original.close()
    finally:
        explorer.close()


def test_another_split_is_of_the_edited_ratings_and_edits_can_still_be_undone() -> None:
    explorer = rw.MFExplorer(ratings(), user="reader", item="book")
    try:
        pair = pair_in(explorer.split, "train")
        before = explorer.interactions.to_frame()
        explorer.edit(*pair, rating=None)
        explorer.change_settings(seed=5, split="chronological")
        explorer.reset()
        assert explorer.interactions.n_ratings == len(before) - 1
        assert explorer.split.name == "chronological"
        explorer.undo()
        pd.testing.assert_frame_equal(explorer.interactions.to_frame(), before)
        check(explorer.split, explorer.split)
    finally:
        explorer.close()


def test_edits_before_there_is_a_model_count() -> None:
    explorer = rw.MFExplorer(ratings(), user="reader", item="book")
    try:
        explorer.edit(*pair_in(explorer.split, "train"), part="test")
        explorer.fit(1)
        fresh = SplitEvaluator(explorer.split, seed=0).losses(explorer._run.scorer)
        assert explorer.history["test_mse"].iloc[-1] == pytest.approx(fresh.test, abs=1e-12)
    finally:
        explorer.close()


def test_callbacks_hear_of_each_epoch_once() -> None:
    import keras

    begun: list[int] = []
    callback = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _logs: begun.append(epoch))
    explorer = rw.MFExplorer(ratings(), user="reader", item="book", callbacks=[callback], batch_size=32)
    try:
        explorer.step("batch")
        explorer.edit(*pair_in(explorer.split, "train"), rating=None)
        explorer.step("epoch")
        explorer.step("epoch")
        assert begun == [0, 1]
    finally:
        explorer.close()


def test_baselines_and_rankings_are_of_the_edited_parts() -> None:
    explorer = rw.MFExplorer(ratings(), user="reader", item="book")
    try:
        explorer.fit(1)
        before, ranked = explorer.baselines, explorer.runs
        for n in range(20):
            explorer.edit(*pair_in(explorer.split, "train", n), part="test")
        assert not explorer.baselines.equals(before)
        assert explorer.runs["ndcg"].tolist() != ranked["ndcg"].tolist()
    finally:
        explorer.close()


def wait_for(true: Any, seconds: float = 20.0) -> None:
    import time

    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.002)
