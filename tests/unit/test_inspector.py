"""Questions about what is selected: what the kernel answers, and that frames carry it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recowidget.history import Losses
from recowidget.recommend import recommend
from recowidget.widgets import inspector
from recowidget.widgets.inspector import Inspector, Question
from tests.unit.test_stream import NAN, Bench, draw, wait_until
from tests.unit.test_window import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

FAR = 199, 299
"""A user and an item outside of the first window."""


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    bench.history.clear()
    for epoch in range(4):
        bench.history.record(Losses(2.0, NAN, 3.0), seconds=1.0, scorer=draw(epoch))
    bench.stream.start(bench.progress)
    bench.say("ready", users=[0, 8], items=[0, 9])
    bench.frame(1)
    bench.say("ack", frame=1)
    yield bench
    bench.stream.close()


def ask(bench: Bench, serial: int = 1, view: str = "a", **more: Any) -> dict[str, Any]:
    question = {"user": None, "item": None, "n": 5, "epoch": None, "lists": [], "serial": serial, **more}
    bench.say("inspect", view, **question)
    return question


def answers(bench: Bench, n: int = 1) -> list[tuple[dict[str, Any], dict[str, np.ndarray]]]:
    wait_until(lambda: len(bench.of_kind("inspection")) >= n)
    return bench.of_kind("inspection")


def windowed(bench: Bench, axis: int) -> set[int]:
    window = bench.stream._view_windows["a"]
    return set((bench.windows.user_idx, bench.windows.item_idx)[axis](window).tolist())


def test_frames_and_past_epochs_carry_what_is_selected_wherever_it_stands(bench: Bench) -> None:
    user = next(one for one in FAR if one < 200 and one not in windowed(bench, 0))
    item = next(one for one in range(299, 0, -1) if one not in windowed(bench, 1))
    ask(bench, user=user, item=item)
    content, arrays = bench.frame(2)
    assert (content["epoch"], len(arrays["user_idx"]), len(arrays["item_idx"])) == (0, 9, 10)
    row, column = arrays["user_idx"].tolist().index(user), arrays["item_idx"].tolist().index(item)
    factors = bench.progress.scorer
    assert factors is not None
    np.testing.assert_array_equal(arrays["user_factors"][row], factors.user_factors[user])
    np.testing.assert_array_equal(arrays["item_factors"][column], factors.item_factors[item])
    bench.say("past", epochs=[2], serial=3)
    wait_until(lambda: bool(bench.of_kind("past")))
    past = bench.of_kind("past")[0][1]
    assert user in past["user_idx"]
    assert item in past["item_idx"]
    bench.say("ack", frame=2)
    ask(bench, serial=2, user=None, item=None)
    assert user not in bench.frame(3)[1]["user_idx"]


@pytest.mark.parametrize("epoch", [None, 2, 99])
def test_the_answer_is_of_the_epoch_that_is_shown(bench: Bench, epoch: int | None) -> None:
    ask(bench, user=7, item=3, epoch=epoch, lists=["user", "item"])
    content, arrays = answers(bench)[0]
    scorer = bench.progress.scorer if epoch is None else draw(min(epoch, 3))
    split = bench.windows.split
    data = split.interactions
    assert scorer is not None
    assert (content["view"], content["serial"]) == ("a", 1)
    assert content["epoch"] == (0 if epoch is None else min(epoch, 3))
    expected = recommend(scorer, data, data.users.id_of(7), 5, seen=split.train)
    assert data.items.ids[arrays["top_idx"]].tolist() == expected[data.items.name].tolist()
    assert content["user"]["top"]["ids"] == [str(one) for one in expected[data.items.name]]
    assert content["user"]["top"]["titles"] is None
    assert len(arrays["user_rated_idx"]) == content["user"]["n_ratings"] == data.user_counts[7]
    assert arrays["user_bars"].sum() == data.user_counts[7]
    assert len(arrays["similar_idx"]) == 5
    assert arrays["pair_epochs"].tolist() == [0, 1, 2, 3]
    pairs = [float(draw(one).predict([7], [3])[0]) for one in range(4)]
    np.testing.assert_allclose(arrays["pair_predictions"], pairs)
    assert content["is_complete"]


def test_ratings_travel_only_where_they_are_asked_for_and_no_more_than_are_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspector, "MAX_LISTED", 2)
    ask(bench, user=7, item=3, lists=["user"])
    content, arrays = answers(bench)[0]
    assert len(arrays["user_rated_idx"]) == len(content["user"]["rated"]["ids"]) == 2
    assert content["user"]["n_ratings"] > 2
    assert content["item"]["rated"] is None
    assert not [name for name in arrays if name.startswith("item_")]


def test_the_pair_is_told_of_where_it_is_rated(bench: Bench) -> None:
    data = bench.windows.split.interactions
    user, item = int(data.user_idx[0]), int(data.item_idx[0])
    other = next(one for one in range(300) if one not in data.item_idx[data.user_idx == user])
    ask(bench, 1, user=user, item=item)
    answers(bench, 1)
    ask(bench, 2, user=user, item=other)
    first, second = (content for content, _ in answers(bench, 2))
    part = int(bench.windows.parts[0])
    assert first["pair"] == {"rating": float(data.ratings[0]), "part": part}
    assert second["pair"] is None


def test_before_there_is_a_model_ratings_are_told_and_nothing_is_recommended(bench: Bench) -> None:
    from recowidget.history import History
    from recowidget.progress import Progress

    asked = Question.read({"user": 7, "item": 3, "lists": ["user"]}, bench.windows)
    content, buffers = Inspector(bench.windows, History()).answer(asked, Progress())
    arrays = unpack(content, buffers)
    assert (content["user"]["top"], content["item"]["similar"]) == (None, None)
    assert len(arrays["user_rated_idx"])
    assert not len(arrays["pair_epochs"])
    assert content["is_complete"]


def test_what_is_selected_in_other_data_counts_for_nothing(bench: Bench) -> None:
    asked = Question.read({"user": 200, "item": -1, "n": 10**9}, bench.windows)
    assert (asked.user, asked.item, asked.n) == (None, None, inspector.MAX_N)
    ask(bench, user=200, item=None)
    content, arrays = answers(bench)[0]
    assert (content["user"], content["item"], content["pair"], arrays) == (None, None, None, {})


def test_of_each_view_only_the_latest_question_is_answered_and_frames_go_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, begun = threading.Event(), threading.Event()
    answer = Inspector.answer

    def slow(self: Inspector, question: Question, progress: Any) -> Any:
        begun.set()
        assert free.wait(5)
        return answer(self, question, progress)

    monkeypatch.setattr(Inspector, "answer", slow)
    bench.say("ready", "b", users=[0, 8], items=[0, 9])
    ask(bench, 1, user=1)
    assert begun.wait(5)
    for serial in (2, 3, 4):
        ask(bench, serial, user=serial)
    ask(bench, 9, view="b", user=5)
    sent = len(bench.of_kind("frame"))
    for _ in range(3):
        bench.epoch()
        number = len(bench.of_kind("frame"))
        for view in "ab":
            bench.say("ack", view, frame=number)
        wait_until(lambda number=number: len(bench.of_kind("frame")) > number)
    assert len(bench.of_kind("frame")) >= sent + 3
    assert bench.of_kind("inspection") == []
    free.set()
    told = [(content["view"], content["serial"]) for content, _ in answers(bench, 3)]
    time.sleep(0.05)
    assert sorted(told) == [("a", 1), ("a", 4), ("b", 9)]
    assert len(bench.of_kind("inspection")) == 3


def test_a_question_that_fails_does_not_end_the_answers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Inspector, "answer", lambda *_: 1 / 0)
        ask(bench, 1, user=1)
        wait_until(lambda: "could not tell" in caplog.text)
    ask(bench, 2, user=1)
    assert answers(bench)[0][0]["serial"] == 2


def test_an_answer_about_other_data_is_not_sent(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    free, begun = threading.Event(), threading.Event()
    answer = Inspector.answer

    def slow(self: Inspector, question: Question, progress: Any) -> Any:
        begun.set()
        assert free.wait(5)
        return answer(self, question, progress)

    monkeypatch.setattr(Inspector, "answer", slow)
    ask(bench, 1, user=1)
    assert begun.wait(5)
    other = Bench()
    bench.stream.turn_to(other.windows, other.history)
    bench.stream.offer(other.progress)
    wait_until(lambda: bench.stream._windows is other.windows)
    free.set()
    ask(bench, 2, user=1)
    assert [content["serial"] for content, _ in answers(bench)] == [2]


def test_close_waits_for_the_worker(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()
    answer = Inspector.answer

    def slow(self: Inspector, question: Question, progress: Any) -> Any:
        begun.set()
        time.sleep(0.2)
        ended.set()
        return answer(self, question, progress)

    monkeypatch.setattr(Inspector, "answer", slow)
    ask(bench, 1, user=1)
    assert begun.wait(5)
    bench.stream.close()
    assert ended.is_set()
    assert "recowidget-inspector" not in [thread.name for thread in threading.enumerate()]


def test_a_long_course_is_complete_after_some_answers(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspector, "COURSE_SECONDS", 0.0)
    sizes, told = [], False
    while not told:
        ask(bench, len(sizes) + 1, user=7, item=3)
        content, arrays = answers(bench, len(sizes) + 1)[-1]
        sizes.append(len(arrays["pair_epochs"]))
        told = content["is_complete"]
    assert sizes == [1, 2, 3, 4]
