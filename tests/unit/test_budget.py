from __future__ import annotations

import pytest

from recowidget.budget import LOOKS_SHARE, SHARE, Budget

START, LOOK = 0.2, 0.01


class Clock:
    """Goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def look_for(seconds: float, budget: Budget, clock: Clock) -> int:
    """Go on in steps of a millisecond, looking whenever that is allowed."""
    looks, end = 0, clock.now + seconds
    while clock.now < end:
        clock.now += 0.001
        if budget.allows("look"):
            with budget.spending("look"):
                clock.now += LOOK
            looks += 1
    return looks


@pytest.mark.parametrize("seconds", [1.0, 5.0, 60.0, 300.0])
def test_looks_pay_the_start_back_and_never_cease(seconds: float) -> None:
    clock = Clock()
    budget = Budget(clock)
    budget.charge(START)
    spent = LOOK * look_for(seconds, budget, clock)
    # The first look is as long as is seen only then.
    assert spent <= max(LOOKS_SHARE * seconds, SHARE * seconds - START) + LOOK
    assert spent >= LOOKS_SHARE * seconds - LOOK


def test_a_long_kind_of_look_does_not_hold_a_short_one_up() -> None:
    clock = Clock()
    budget = Budget(clock)
    clock.now += 1.0
    for look, seconds in (("measure", 0.02), ("look", 0.001)):
        with budget.spending(look):
            clock.now += seconds
    assert budget.allows("look")
    assert not budget.allows("measure")


def test_a_part_of_the_budget_is_less() -> None:
    clock = Clock()
    budget = Budget(clock)
    clock.now += 1.0
    with budget.spending("look"):
        clock.now += 0.01
    assert budget.allows("look")
    assert not budget.allows("look", 0.5)
