"""The thread that talks to the browser: what a frame carries, and to whom."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from recowidget.factors import Factors
from recowidget.history import History, Losses
from recowidget.interactions import Interactions
from recowidget.progress import Progress
from recowidget.splits import random_split
from recowidget.widgets.stream import REST_SECONDS, FrameStream
from recowidget.widgets.window import Window, WindowSource
from tests.unit.test_window import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAN = float("nan")
N_USERS, N_ITEMS, K = 200, 300, 3


def draw(seed: int = 0) -> Factors:
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    return Factors(normal(N_USERS, K), normal(N_ITEMS, K), normal(N_USERS), normal(N_ITEMS), 3.5)


class Bench:
    """A stream whose browser is a list."""

    def __init__(self) -> None:
        users = np.arange(N_ITEMS * 2) % N_USERS
        items = np.arange(N_ITEMS * 2) // 2
        interactions = Interactions.from_frame(
            pd.DataFrame({"user": users, "item": items, "rating": 1.0 + users % 5})
        )
        self.windows = WindowSource(random_split(interactions))
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        self.published: list[Progress] = []
        self.busy = False
        self.history = History()
        self.history.record(Losses(4.0, NAN, 4.0), seconds=0.0)
        self.progress = Progress(scorer=draw(), epochs=9)
        self.stream = FrameStream(
            send=lambda content, buffers: self.messages.append((content, buffers)),
            publish=self.published.append,
            on_ready=lambda: None,
            windows=self.windows,
            history=self.history,
            is_busy=lambda: self.busy,
        )

    def of_kind(self, kind: str) -> list[tuple[dict[str, Any], dict[str, np.ndarray]]]:
        return [
            (content, unpack(content, buffers))
            for content, buffers in self.messages
            if content["kind"] == kind
        ]

    def frame(self, number: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        wait_until(lambda: len(self.of_kind("frame")) >= number)
        return self.of_kind("frame")[number - 1]

    def say(self, kind: str, view: str = "a", **content: Any) -> None:
        self.stream.receive({"kind": kind, "view": view, **content})

    def epoch(self, *, status: str = "running") -> None:
        """One more epoch is done."""
        self.history.record(Losses(2.0, NAN, 3.0), seconds=1.0)
        self.progress = replace(self.progress, epoch=self.progress.epoch + 1, status=status)
        self.stream.offer(self.progress)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    bench.stream.start(bench.progress)
    yield bench
    bench.stream.close()


def wait_until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.002)


def test_nothing_is_sent_while_no_browser_is_there(bench: Bench) -> None:
    for _ in range(20):
        bench.epoch()
        time.sleep(0.01)
    assert bench.messages == []
    assert not bench.stream.is_hungry


def test_a_ready_view_gets_all_losses_and_the_factors_of_the_first_window(bench: Bench) -> None:
    bench.epoch()
    bench.say("ready")
    content, arrays = bench.frame(1)
    assert (content["frame"], content["epoch"], content["epochs"], content["n_factors"]) == (1, 1, 9, K)
    assert arrays["epoch_number"].tolist() == [0, 1]
    assert arrays["test_mse"].tolist() == [4.0, 3.0]
    assert np.isnan(arrays["validation_mse"]).all()
    assert arrays["user_factors"].shape == (96, K)
    assert arrays["item_factors"].shape == (160, K)
    factors = bench.progress.scorer
    assert factors is not None
    np.testing.assert_array_equal(arrays["user_factors"], factors.user_factors[arrays["user_idx"]])
    np.testing.assert_array_equal(arrays["item_bias"], factors.item_bias[arrays["item_idx"]])


def test_the_latest_state_wins_and_no_loss_is_lost(bench: Bench) -> None:
    bench.say("ready")
    bench.frame(1)
    for _ in range(5):
        bench.epoch()
    time.sleep(0.1)
    assert len(bench.of_kind("frame")) == 1
    bench.say("ack", frame=1)
    content, arrays = bench.frame(2)
    assert content["epoch"] == 5
    assert arrays["epoch_number"].tolist() == [1, 2, 3, 4, 5]


def test_a_frame_says_whether_it_is_to_be_answered(bench: Bench) -> None:
    bench.say("ready")
    assert bench.frame(1)[0]["wants_answer"]
    bench.epoch()
    bench.say("ack", frame=1)
    bench.epoch()
    assert not bench.frame(2)[0]["wants_answer"]
    bench.epoch(status="finished")
    assert bench.frame(3)[0]["wants_answer"]


def test_losses_that_were_not_acknowledged_come_again(bench: Bench) -> None:
    bench.say("ready")
    bench.frame(1)
    bench.busy = True
    bench.epoch()
    assert bench.frame(2)[1]["epoch_number"].tolist() == [0, 1]
    bench.epoch()
    assert bench.frame(3)[1]["epoch_number"].tolist() == [0, 1, 2]


def test_a_window_is_answered_with_its_ratings_and_a_frame_of_its_factors(bench: Bench) -> None:
    bench.say("ready")
    bench.frame(1)
    bench.say("ack", frame=1)
    bench.say("window", users=[100, 150], items=[200, 210])
    _, arrays = bench.frame(2)
    window = bench.of_kind("window")[0]
    assert (window[0]["view"], window[0]["users"], window[0]["items"]) == ("a", [100, 150], [200, 210])
    assert sorted(window[1]["user_idx"]) == arrays["user_idx"].tolist()
    assert sorted(window[1]["item_idx"]) == arrays["item_idx"].tolist()


def test_frames_carry_the_union_of_all_windows_until_a_view_is_gone(bench: Bench) -> None:
    for view, users in (("a", [0, 10]), ("b", [5, 20])):
        bench.say("ready", view)
        bench.say("window", view, users=users, items=[0, 5])
    wait_until(lambda: len(bench.of_kind("window")) == 2)
    time.sleep(0.1)
    number = len(bench.of_kind("frame"))
    for view in "ab":
        bench.say("ack", view, frame=number)
    bench.epoch()
    assert len(bench.frame(number + 1)[1]["user_idx"]) == 20
    bench.say("gone", "b")
    bench.say("ack", frame=number + 1)
    bench.epoch()
    assert len(bench.frame(number + 2)[1]["user_idx"]) == 10


def test_size_of_a_frame_does_not_grow_with_epochs_that_were_received(bench: Bench) -> None:
    bench.say("ready")
    sizes = []
    for number in range(1, 6):
        bench.frame(number)
        sizes.append(sum(map(len, bench.messages[-1][1])))
        bench.epoch()
        bench.say("ack", frame=number)
    assert max(sizes[1:]) <= min(sizes[1:]) + 2 * 16


def test_two_views_that_answer_make_no_frame_larger(bench: Bench) -> None:
    for view in "ab":
        bench.say("ready", view)
    time.sleep(0.1)
    number = len(bench.of_kind("frame"))
    for _ in range(6):
        for view in "ab":
            bench.say("ack", view, frame=number)
        bench.epoch()
        number += 1
        _, arrays = bench.frame(number)
    assert arrays["epoch_number"].tolist() == [6]


def test_a_view_that_went_without_a_word_makes_no_frame_larger_and_is_forgotten(bench: Bench) -> None:
    bench.say("ready", "reloaded")
    bench.say("window", "reloaded", users=[100, 150], items=[200, 210])
    wait_until(lambda: bool(bench.of_kind("window")))
    bench.say("ready", "b")
    bench.say("window", "b", users=[0, 5], items=[0, 5])
    wait_until(lambda: len(bench.of_kind("window")) == 2)
    answered = 0
    while len(bench.of_kind("frame")) < 320:
        number = len(bench.of_kind("frame"))
        if number > answered:
            answered = number
            bench.say("ack", "b", frame=number)
            bench.epoch()
        bench.stream._gate._sent = 0  # (no need to wait a thirtieth of a second for each)
        bench.stream.receive({"kind": "none"})
        time.sleep(0.0005)
    content, arrays = bench.of_kind("frame")[-1]
    assert len(arrays["epoch_number"]) <= 2
    assert len(arrays["user_idx"]) == 5
    bench.say("ack", "reloaded", frame=content["frame"], users=[100, 150], items=[200, 210])
    bench.say("ack", "b", frame=content["frame"])
    bench.epoch()
    wait_until(lambda: len(bench.of_kind("frame")[-1][1]["user_idx"]) == 55)


def test_no_status_older_than_the_picture_before_it_is_published(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short step is over when the frame goes that its beginning asked for."""
    order: list[tuple[str, str]] = []
    send_frame = bench.stream._send_frame

    def send(progress: Progress) -> None:
        order.append(("frame", progress.status))
        send_frame(progress)

    latest = bench.stream._send_latest

    def overtaken() -> Progress:
        if bench.progress.status == "running":
            bench.epoch(status="paused")
        return latest()

    monkeypatch.setattr(bench.stream, "_send_frame", send)
    monkeypatch.setattr(bench.stream, "_send_latest", overtaken)
    monkeypatch.setattr(bench.stream, "_publish", lambda progress: order.append(("status", progress.status)))
    bench.say("ready")
    bench.frame(1)
    bench.say("ack", frame=1)
    bench.epoch(status="running")
    wait_until(lambda: ("status", "paused") in order)
    assert ("status", "running") not in order[order.index(("frame", "paused")) :]


def test_a_change_of_status_is_published_once(bench: Bench) -> None:
    bench.epoch()
    bench.epoch()
    wait_until(lambda: [p.status for p in bench.published][-1:] == ["running"])
    bench.epoch(status="finished")
    wait_until(lambda: [p.status for p in bench.published][-2:] == ["running", "finished"])


def test_a_reset_sends_the_losses_from_the_start_under_a_new_run(bench: Bench) -> None:
    bench.epoch()
    bench.say("ready")
    bench.frame(1)
    bench.say("ack", frame=1)
    bench.history.clear()
    bench.history.record(Losses(4.0, NAN, 4.0), seconds=0.0)
    bench.stream.offer(replace(bench.progress, run=1, epoch=0, status="idle"))
    content, arrays = bench.frame(2)
    assert (content["run"], arrays["epoch_number"].tolist()) == (1, [0])


@pytest.mark.parametrize(
    "message",
    [{"kind": "window", "view": "a"}, {"kind": "window", "view": "a", "users": "no", "items": [0, 1]}, {}],
)
def test_a_message_that_cannot_be_read_does_not_end_the_stream(
    bench: Bench, message: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    bench.stream.receive(message)
    bench.say("ready")
    assert bench.frame(1)[0]["frame"] == 1
    assert ("could not talk" in caplog.text) == ("kind" in message)


def test_close_ends_the_thread(bench: Bench) -> None:
    bench.stream.close()
    bench.say("ready")
    time.sleep(0.05)
    assert bench.messages == []


def threads() -> int:
    return sum(thread.name == "recowidget-frames" for thread in threading.enumerate())


def test_the_thread_rests_once_training_has_ended_and_comes_back_on_demand(bench: Bench) -> None:
    bench.say("ready")
    bench.frame(1)
    bench.epoch(status="finished")
    wait_until(lambda: threads() == 0)
    assert bench.published[-1].status == "finished"
    bench.say("window", users=[0, 4], items=[0, 5])
    wait_until(lambda: len(bench.of_kind("window")) == 1)
    wait_until(lambda: threads() == 0)
    bench.epoch()
    wait_until(lambda: bench.published[-1].status == "running")
    time.sleep(1.2 * REST_SECONDS)
    assert threads() == 1


def test_past_epochs_come_one_after_another_for_the_window_of_the_view_that_asked(bench: Bench) -> None:
    scorers = [draw(seed) for seed in range(3)]
    bench.history.clear()
    for scorer in scorers:
        bench.history.record(Losses(2.0, NAN, 3.0), seconds=1.0, scorer=scorer)
    bench.say("ready", users=[0, 2], items=[0, 3])
    bench.say("ready", view="b", users=[0, 200], items=[0, 300])
    bench.say("past", epochs=[1, 7, 0], serial=5)
    wait_until(lambda: len(bench.of_kind("past")) == 2)
    users = bench.windows.union([bench.windows.clip(Window((0, 2), (0, 3)))])[0]
    for (content, arrays), epoch in zip(bench.of_kind("past"), (1, 0), strict=True):
        assert (content["epoch"], content["view"], content["serial"]) == (epoch, "a", 5)
        assert arrays["user_idx"].tolist() == users.tolist()
        np.testing.assert_array_equal(arrays["user_factors"], scorers[epoch].user_factors[users])
        assert content["global_mean"] == 3.5
    assert bench.frame(1)[0]["stride"] == 1
    time.sleep(0.1)
    assert len(bench.of_kind("past")) == 2, "epoch 7 is not kept"


def test_a_view_that_is_gone_gets_no_past_and_new_data_has_none() -> None:
    bench = Bench()
    for epoch in range(3):
        bench.history.record(Losses(2.0, NAN, 3.0), seconds=1.0, scorer=draw(epoch))
    # The thread is not there yet: all of it is read at once.
    for view, parting in (("a", "gone"), ("b", None)):
        bench.say("ready", view=view)
        bench.say("past", view=view, epochs=[1, 2, 3], serial=1)
        if parting:
            bench.say(parting, view=view)
    bench.stream.turn_to(bench.windows, History())
    bench.stream.start(bench.progress)
    bench.stream.offer(bench.progress)
    bench.frame(1)
    bench.say("past", view="b", epochs=[], serial=2)
    wait_until(lambda: not bench.stream._asked)
    assert bench.of_kind("past") == []
    bench.stream.close()


@pytest.mark.parametrize(("seconds_left", "most"), [(80.0, 0.22), (0.8, 0.6)])
def test_within_a_long_epoch_frames_are_closer_together(
    bench: Bench, seconds_left: float, most: float
) -> None:
    bench.busy = True  # No answers, which would tell that drawing takes no time.
    bench.say("ready")
    sent: dict[int, float] = {}
    start = time.monotonic()
    while (now := time.monotonic() - start) < 3.5:
        batch = int(1000 * now)
        bench.progress = replace(
            bench.progress,
            status="running",
            epoch=1,
            batch=batch,
            n_batches=10_000,
            seconds_left=seconds_left,
        )
        bench.stream.offer(bench.progress)
        for content, _ in bench.of_kind("frame")[len(sent) :]:
            sent[content["frame"]] = now
        time.sleep(0.01)
    times = np.array([at for at in sent.values() if at > 1.1])
    assert most - 0.12 < np.median(np.diff(times)) < most


def test_another_order_sends_every_view_what_stands_at_its_start(bench: Bench) -> None:
    bench.say("ready", users=[0, 96], items=[0, 160])
    bench.say("window", "b", users=[20, 50], items=[100, 140])
    bench.say("order", side="item", by="predictions", of=7, epoch=None, users=[0, 96], items=[0, 160])
    wait_until(lambda: len(bench.of_kind("window")) == 3)
    windows = {content["view"]: (content, arrays) for content, arrays in bench.of_kind("window")[1:]}
    factors = bench.progress.scorer
    assert factors is not None
    best = np.argsort(-factors.predict_block([7], np.arange(N_ITEMS))[0])
    for view, n_users, n_items in (("a", [0, 96], 160), ("b", [20, 50], 40)):
        content, arrays = windows[view]
        assert (content["users"], content["items"]) == (n_users, [0, n_items])
        np.testing.assert_array_equal(arrays["item_idx"], best[:n_items])
        assert content["order"]["item"]["name"] == "7"
        assert content["order"]["user"] == {
            "serial": 0,
            "by": "activity",
            "of": None,
            "name": None,
            "epoch": None,
        }
    # What the frames carry is what is looked at now.
    wanted = sorted(best[:160].tolist())

    def is_carried() -> bool:
        frames = bench.of_kind("frame")
        if not frames:
            return False
        content, arrays = frames[-1]
        bench.say("ack", frame=content["frame"])
        return arrays["item_idx"].tolist() == wanted

    wait_until(is_carried)


def test_a_view_that_comes_later_is_told_of_the_order(bench: Bench) -> None:
    bench.say("order", side="user", by="id", users=[0, 96], items=[0, 160])
    wait_until(lambda: len(bench.of_kind("window")) == 1)
    bench.say("ready", "b", users=[0, 96], items=[0, 160])
    wait_until(lambda: len(bench.of_kind("window")) == 2)
    content, arrays = bench.of_kind("window")[1]
    assert (content["view"], content["order"]["user"]["by"]) == ("b", "id")
    assert arrays["user_idx"].tolist() == list(range(96))


def test_the_whole_matrix_comes_once_and_what_predicts_it_with_every_frame(bench: Bench) -> None:
    bench.say("ready")
    assert "overviews" in bench.frame(1)[0]
    bench.say("overview", rows=20, columns=30)
    bench.say("ack", frame=1)
    content, arrays = bench.frame(2)
    whole, counts = bench.of_kind("overview")[0]
    assert (whole["view"], whole["rows"], whole["columns"]) == ("a", 20, 30)
    assert counts["count"].sum() == N_ITEMS * 2
    assert content["overviews"][0]["order"] == whole["order"] == {"user": 0, "item": 0}
    assert arrays["overview_0_user_factors"].shape == (20, K)
    bench.say("past", serial=5, epochs=[0])
    bench.say("order", side="user", by="mean rating", users=[0, 96], items=[0, 160])
    wait_until(lambda: len(bench.of_kind("overview")) == 2)
    assert bench.of_kind("overview")[1][0]["order"] == {"user": 1, "item": 0}
    bench.say("overview", rows=0, columns=0)
    bench.say("ack", frame=2)
    bench.epoch()
    wait_until(lambda: bench.of_kind("frame")[-1][0]["overviews"] == [])


def test_what_a_pinned_run_predicts_is_sent_once_a_window_and_no_more_once_it_is_let_go(
    bench: Bench,
) -> None:
    other = draw(7)
    bench.say("ready")
    bench.frame(1)
    bench.say("ack", frame=1)
    bench.stream.pin((4, other))
    wait_until(lambda: len(bench.of_kind("pinned")) == 1)
    content, arrays = bench.of_kind("pinned")[0]
    assert (content["run"], content["n_factors"]) == (4, K)
    np.testing.assert_array_equal(arrays["user_factors"], other.user_factors[arrays["user_idx"]])
    for number in (2, 3):
        bench.epoch()
        bench.frame(number)
        bench.say("ack", frame=number)
    assert len(bench.of_kind("pinned")) == 1
    bench.say("window", users=[50, 80], items=[10, 30])
    wait_until(lambda: len(bench.of_kind("pinned")) == 2)
    # Who comes later has it as well.
    bench.say("ready", view="b")
    wait_until(lambda: len(bench.of_kind("pinned")) == 3)
    bench.stream.pin(None)
    wait_until(lambda: bench.of_kind("pinned")[-1][0]["run"] is None)
