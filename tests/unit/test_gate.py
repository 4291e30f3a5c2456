"""When frames may go: answered, paced by the clock, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recowidget.widgets.gate import (
    ACK_SECONDS,
    MIN_INTERVAL,
    PACED_BYTES_PER_SECOND,
    PACED_INTERVAL,
    SILENT_AFTER,
    SILENT_INTERVAL,
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


@pytest.mark.parametrize(("drawing", "expected"), [(0.005, 30), (0.05, 4), (0.2, 2)])
def test_frames_are_fewer_where_drawing_takes_long_and_training_needs_the_processor(
    bench: Bench, drawing: float, expected: int
) -> None:
    bench.gate.add_view("view")

    def frames_in_ten_seconds(*, is_sparing: bool) -> int:
        bench.gate.answer("view", bench.gate.frame)
        sent, drawn_at = 0, None
        for _ in range(10_000):
            bench.now += 0.001
            if drawn_at is not None and bench.now >= drawn_at:
                bench.gate.answer("view", bench.gate.frame)
                drawn_at = None
            if bench.gate.delay(is_sparing=is_sparing) == 0:
                bench.gate.sent(1000)
                drawn_at = bench.now + drawing
                sent += 1
        return sent

    free = frames_in_ten_seconds(is_sparing=False)
    assert free >= 0.8 * min(10 / MIN_INTERVAL, 10 / drawing)
    assert frames_in_ten_seconds(is_sparing=True) == pytest.approx(10 * expected, rel=0.15)


def test_who_asks_for_another_window_gets_a_frame_without_waiting(bench: Bench) -> None:
    bench.gate.add_view("view")
    frame = bench.gate.sent(1000)
    bench.now += 0.1
    bench.gate.answer("view", frame)
    assert bench.gate.delay(is_sparing=True) > 0.3
    bench.gate.hurry()
    assert bench.gate.delay(is_sparing=True) == 0
    frame = bench.gate.sent(1000)
    bench.now += 0.1
    bench.gate.answer("view", frame)
    assert bench.gate.delay(is_sparing=True) > 0.3


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


@given(st.lists(st.sampled_from(["tick", "send", "ack", "ready", "gone", "busy", "free"]), max_size=80))
def test_at_most_one_frame_is_unanswered_unless_a_cell_is_busy(events: list[str]) -> None:
    bench = Bench()
    unanswered = 0
    for event in events:
        match event:
            case "tick":
                bench.now += 0.2
            case "send" if bench.may_go():
                unanswered += 1
                bench.gate.sent(1000)
                assert bench.busy or unanswered == 1
            case "ack" if bench.gate.frame and bench.gate.has_views:
                bench.gate.answer("view", bench.gate.frame)
                unanswered = 0
            case "ready":
                bench.gate.add_view("view")
                unanswered = 0
            case "gone":
                bench.gate.remove_view("view")
                unanswered = 0
            case "busy" | "free":
                bench.busy = event == "busy"
