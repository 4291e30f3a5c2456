"""History: what is kept of a run, and within which bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.history import History, Losses, frame_of_history
from recowidget.samples import SampledFactors

NAN = float("nan")


def factors(value: float = 0.0) -> Factors:
    full = np.full((10, 4), value, dtype=np.float32)
    return Factors(full, full, full[:, 0], full[:, 0], value)


BYTES = factors().nbytes


def record(history: History, test_losses: list[float]) -> None:
    for epoch, test in enumerate(test_losses):
        history.record(Losses(1.0, NAN, test), seconds=float(epoch), scorer=factors(epoch))


@given(
    losses=st.lists(st.floats(0.1, 10), min_size=1, max_size=200),
    room=st.integers(min_value=1, max_value=12),
)
def test_snapshots_stay_within_their_bound_and_keep_first_best_and_last(
    losses: list[float], room: int
) -> None:
    history = History(max_bytes=room * BYTES)
    record(history, losses)
    kept = history.kept_epochs
    assert len(kept) <= max(room, 3)
    assert {0, int(np.argmin(losses)), len(losses) - 1} <= set(kept)
    assert history.best_epoch == int(np.argmin(losses))
    assert len(history) == len(history.frame()) == len(losses)
    for epoch in kept:
        assert history.snapshot(epoch).scorer.global_mean == epoch


def test_thinning_is_even() -> None:
    history = History(max_bytes=20 * BYTES)
    record(history, [10 - 0.01 * epoch for epoch in range(161)])
    kept = np.array(history.kept_epochs)
    assert len(kept) >= 10
    assert len(set(np.diff(kept))) == 1


def test_an_epoch_that_was_thinned_away_is_a_key_error() -> None:
    history = History(max_bytes=3 * BYTES)
    record(history, [3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    assert 1 not in history.kept_epochs
    with pytest.raises(KeyError):
        history.snapshot(1)


def test_samples_that_epochs_share_count_once_and_go_with_the_last_that_has_them() -> None:
    samples = [factors(value) for value in range(12)]
    history = History(max_bytes=6 * BYTES)
    for epoch in range(10):
        scorer = SampledFactors(tuple(samples[max(epoch - 2, 0) : epoch + 1]), noise=1.0)
        history.record(Losses(1.0, NAN, 10.0 - epoch), seconds=0.0, scorer=scorer)
        if epoch == 4:
            assert history.kept_epochs == [0, 1, 2, 3, 4]
            assert history.snapshot_bytes == 5 * BYTES
    scorers = [history.snapshot(epoch).scorer for epoch in history.kept_epochs]
    held = {id(sample) for scorer in scorers for sample in scorer.samples}
    assert history.snapshot_bytes == len(held) * BYTES <= 6 * BYTES
    history.clear()
    assert history.snapshot_bytes == 0


def test_the_stride_tells_which_epochs_are_kept() -> None:
    history = History(max_bytes=5 * BYTES)
    assert (history.stride, history.nearest_kept(3)) == (0, -1)
    record(history, [5.0, 4.0, 3.0, 1.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    by_stride = {epoch for epoch in range(10) if epoch % history.stride == 0} | {0, 3, 9}
    assert history.stride > 1
    assert set(history.kept_epochs) == by_stride
    assert [history.nearest_kept(epoch) for epoch in (0, 3, 100)] == [0, 3, 9]


def test_frame_has_the_columns_of_two_shares() -> None:
    history = History()
    record(history, [4.0, 1.0])
    frame = history.frame()
    assert list(frame.columns) == ["epoch", "train_mse", "train_rmse", "test_mse", "test_rmse", "seconds"]
    assert frame["epoch"].tolist() == [0, 1]
    assert frame["test_rmse"].tolist() == [2.0, 1.0]


def test_frame_has_a_validation_loss_with_three_shares_and_the_best_epoch_goes_by_it() -> None:
    history = History()
    for validation, test in [(4.0, 4.0), (1.0, 3.0), (2.0, 1.0)]:
        history.record(Losses(1.0, validation, test), seconds=0.0)
    assert history.frame()["validation_rmse"].tolist() == pytest.approx([2.0, 1.0, 2**0.5])
    assert history.best_epoch == 1


def test_keras_running_loss_is_kept_apart() -> None:
    history = History()
    history.record(Losses(4.0, NAN, 4.0), seconds=0.0)
    history.record(Losses(1.0, NAN, 1.0), seconds=1.0, running_loss=2.5)
    assert history.running_loss[1] == 2.5
    assert np.isnan(history.running_loss[0])
    assert "running_loss" not in history.frame()


def test_clear_forgets_everything() -> None:
    history = History(max_bytes=3 * BYTES)
    record(history, [1.0] * 10)
    history.clear()
    assert len(history) == 0
    assert history.kept_epochs == []
    assert history.snapshot_bytes == 0
    record(history, [2.0, 1.0])
    assert history.kept_epochs == [0, 1]


@given(st.integers(1, 40), st.integers(1, 40))
def test_rare_validation_is_of_every_so_many_epochs(n_epochs: int, every: int) -> None:
    losses = np.arange(1.0, n_epochs + 1)
    validated = losses[every - 1 :: every]
    if not len(validated):
        return
    frame = frame_of_history({"loss": losses.tolist(), "val_loss": validated.tolist()})
    assert frame["loss"].tolist() == losses.tolist()
    assert frame["val_loss"].dropna().tolist() == validated.tolist()
    if n_epochs % every == 0:  # otherwise a wider spacing may explain as many values
        assert frame["val_loss"].dropna().equals(frame["loss"][every - 1 :: every].rename("val_loss"))


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ({"loss": [3, 2, 1], "val_loss": [2, 1]}, '^history has 2 values of "val_loss" and 3 epochs; give'),
        ({"loss": [3, 2], "val_loss": []}, "^history has 0 values of"),
        ({"loss": 3.0}, '^history has 3.0 for "loss"; it needs a list'),
    ],
)
def test_lengths_that_no_frequency_explains(history: dict[str, object], message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        frame_of_history(history)
