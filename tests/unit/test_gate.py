"""When frames may go: answered, paced by the clock, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recowidget.widgets.gate import (
    ACK_SECONDS,
    ANSWER_INTERVAL,
    MIN_INTERVAL,
    PACED_BYTES_PER_SECOND,
    PACED_INTERVAL,
    SILENT_AFTER,
    SILENT_INTERVAL,
    SPARING_AFTER,
    SPARING_INTERVAL,
    FrameGate,
)


class Bench:
    """A gate with a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0
        self.busy = False
        self.gate = FrameGate(lambda: self.busy, lambda: self.now)

    def may_go(self) -> bool:
        return self.gate.delay() == 0

    def sent_over(self, seconds: float, nbytes: int = 1000, *, acks: bool = False) -> int:
        """How many frames go in so many seconds, when there is always one to send."""
        sent = 0
        for _ in range(round(seconds * 1000)):
            self.now += 0.001
            if self.may_go():
                frame = self.gate.sent(nbytes)
                sent += 1
                if acks:
                    self.gate.answer("view", frame)
        return sent


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_nothing_goes_before_a_view_is_heard_of(bench: Bench) -> None:
    assert bench.gate.delay() is None
    assert bench.sent_over(10) == 0


def test_a_ready_view_gets_a_frame_at_once_and_no_second_before_its_answer(bench: Bench) -> None:
    bench.gate.add_view("view")
    assert bench.may_go()
    frame = bench.gate.sent(1000)
    assert bench.sent_over(60) == 0
    bench.gate.answer("view", frame)
    assert bench.may_go()


def test_answered_frames_go_at_most_thirty_times_a_second(bench: Bench) -> None:
    bench.gate.add_view("view")
    assert 25 <= bench.sent_over(1, acks=True) <= 1 / MIN_INTERVAL + 1


class Drawing:
    """A view that takes its time to draw, and answers the frames that are to be answered."""

    def __init__(self, bench: Bench, seconds: float) -> None:
        bench.gate.add_view("view")
        self._bench = bench
        self._seconds = seconds
        self._drawn_at: float | None = None
        self.answers = 0

    def frames(self, seconds: float, racing: float = 0.0) -> int:
        """How many go in so many seconds, of a training that has run as fast as it can for so many."""
        bench, sent = self._bench, 0
        for tick in range(round(seconds * 1000)):
            bench.now += 0.001
            at = racing and racing + tick / 1000
            if self._drawn_at is not None and bench.now >= self._drawn_at:
                bench.gate.answer("view", bench.gate._asked)
                self.answers += 1
                self._drawn_at = None
            if bench.gate.delay(racing=at) == 0:
                bench.gate.sent(1000, racing=at)
                sent += 1
                if bench.gate.wants_answer:
                    self._drawn_at = bench.now + self._seconds
        return sent


@pytest.mark.parametrize(("drawing", "expected"), [(0.001, 300), (0.01, 40), (0.05, 20), (0.2, 20)])
def test_frames_are_fewer_where_drawing_takes_long_and_training_needs_the_processor(
    bench: Bench, drawing: float, expected: int
) -> None:
    view = Drawing(bench, drawing)
    assert view.frames(10) >= 0.8 * min(10 / MIN_INTERVAL, 10 / drawing)
    assert view.frames(10, racing=SPARING_AFTER) == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize(("drawing", "expected"), [(0.005, 30), (0.0125, 20), (0.1, 10)])
def test_the_first_second_is_drawn_smoothly(bench: Bench, drawing: float, expected: int) -> None:
    view = Drawing(bench, drawing)
    view.frames(1)
    assert view.frames(0.99, racing=0.001) == pytest.approx(expected, abs=2)


def test_a_first_picture_that_took_long_does_not_slow_the_first_second(bench: Bench) -> None:
    view = Drawing(bench, 0.4)
    view.frames(1)
    assert view.frames(0.9, racing=0.001) >= 5


def test_few_frames_are_to_be_answered_while_training_runs_as_fast_as_it_can(bench: Bench) -> None:
    view = Drawing(bench, 0.01)
    view.frames(1, racing=0.001)
    assert view.answers == 1
    assert view.frames(9, racing=1.0) > 30
    assert view.answers == pytest.approx(10 / ANSWER_INTERVAL, abs=1)


def test_a_view_that_ceases_to_answer_gets_no_frame_soon_after_however_fast_training_runs(
    bench: Bench,
) -> None:
    bench.gate.add_view("view")
    for _ in range(10_000):
        bench.now += 0.001
        if bench.gate.delay(racing=10.0) == 0:
            bench.gate.sent(1000, racing=10.0)
    assert bench.gate.frame == 1
    bench.gate.answer("view", 1)
    before = bench.now
    while bench.now < before + 60:
        bench.now += 0.01
        if bench.gate.delay(racing=10.0) == 0:
            bench.gate.sent(1000, racing=10.0)
    assert bench.now - bench.gate._sent > 60 - 2 * ANSWER_INTERVAL


def test_a_view_that_answers_every_frame_it_is_asked_of_is_awaited(bench: Bench) -> None:
    view = Drawing(bench, 0.01)
    for _ in range(10):
        view.frames(1, racing=5.0)
        assert bench.gate.awaited() == ["view"]


def test_who_asks_for_another_window_gets_a_frame_without_waiting(bench: Bench) -> None:
    bench.gate.add_view("view")
    for _ in range(2):
        frame = bench.gate.sent(1000, racing=9.0)
        bench.now += 0.1
        bench.gate.answer("view", frame)
        assert bench.gate.delay(racing=9.0) > 0.3
        bench.gate.hurry()
        assert bench.gate.delay(racing=9.0) == 0


def test_an_old_answer_does_not_free_the_way(bench: Bench) -> None:
    bench.gate.add_view("view")
    first = bench.gate.sent(1000)
    bench.gate.answer("view", first)
    bench.now += 1
    bench.gate.sent(1000)
    bench.gate.answer("view", first)
    assert not bench.may_go()


def test_in_a_busy_cell_frames_are_paced_by_time_and_fewer_after_a_silence(bench: Bench) -> None:
    bench.gate.expect_view()
    bench.busy = True
    assert 40 <= bench.sent_over(SILENT_AFTER) <= SILENT_AFTER / PACED_INTERVAL + 1
    assert 9 <= bench.sent_over(10) <= 10 / SILENT_INTERVAL + 1


def test_paced_frames_stay_within_the_bytes_a_second(bench: Bench) -> None:
    bench.gate.expect_view()
    bench.busy = True
    nbytes = 400_000
    assert bench.sent_over(4, nbytes) * nbytes <= 4 * PACED_BYTES_PER_SECOND + nbytes


def test_a_displayed_widget_that_no_browser_answers_gets_nothing_while_the_kernel_is_free(
    bench: Bench,
) -> None:
    bench.gate.expect_view()
    assert bench.sent_over(60) == 0


def test_a_late_answer_of_a_free_kernel_stops_the_frames_until_it_comes(bench: Bench) -> None:
    bench.gate.add_view("view")
    frame = bench.gate.sent(1000)
    bench.now += 10 * ACK_SECONDS
    assert bench.sent_over(30) == 0
    bench.gate.answer("view", frame)
    assert bench.sent_over(1, acks=True) > 20


def test_a_view_that_stays_silent_is_not_waited_for_while_another_answers(bench: Bench) -> None:
    bench.gate.add_view("view")
    bench.gate.add_view("closed laptop")
    assert bench.sent_over(2, acks=True) > 40


def test_frames_stop_when_the_last_view_is_gone(bench: Bench) -> None:
    bench.gate.add_view("view")
    bench.sent_over(1, acks=True)
    bench.gate.remove_view("view")
    bench.now += 1
    assert bench.gate.delay() is None


EVENTS = ["tick", "send", "ack", "ready", "gone", "busy", "free", "race", "calm", "hurry"]


@given(st.lists(st.sampled_from(EVENTS), max_size=120))
def test_at_most_one_frame_that_is_to_be_answered_is_not_unless_a_cell_is_busy(events: list[str]) -> None:
    bench = Bench()
    unanswered, racing = 0, 0.0
    for event in events:
        match event:
            case "tick":
                bench.now += 0.2
            case "send" if bench.gate.delay(racing=racing) == 0:
                bench.gate.sent(1000, racing=racing)
                unanswered += bench.gate.wants_answer
                assert bench.busy or unanswered <= 1
                assert racing or bench.gate.wants_answer
            case "ack" if bench.gate.frame and bench.gate.has_views:
                bench.gate.answer("view", bench.gate._asked)
                unanswered = 0
            case "ready":
                bench.gate.add_view("view")
                unanswered = 0
            case "gone":
                bench.gate.remove_view("view")
                unanswered = 0
            case "busy" | "free":
                bench.busy = event == "busy"
            case "race" | "calm":
                racing = 5.0 if event == "race" else 0.0
            case "hurry":
                bench.gate.hurry()


@given(st.lists(st.sampled_from([0.001, 0.02, 0.2]), min_size=1, max_size=60))
def test_where_views_answer_a_racing_training_is_seen_at_least_twice_a_second(waits: list[float]) -> None:
    bench = Bench()
    bench.gate.add_view("view")
    for wait in waits:
        bench.now += SPARING_INTERVAL
        assert bench.gate.delay(racing=5.0) == 0
        frame = bench.gate.sent(1000, racing=5.0)
        bench.now += wait
        if bench.gate.wants_answer:
            bench.gate.answer("view", frame)
