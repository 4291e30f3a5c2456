"""What the browser is told of settings that are asked for, and of the runs."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from recowidget.course import Course
    from recowidget.runs import PastRun, Runs

MOST_POINTS: Final = 200
"""Epochs of a kept run whose losses are sent: more than a curve shows."""


def proposed_as_json(course: Course) -> dict[str, Any]:
    """Give what is asked for, as js/types.js declares `Proposed`."""
    proposal = course.proposal
    return {
        "values": proposal.wanted,
        "refused": {name: asdict(refusal) for name, refusal in proposal.refused.items()},
        "disabled": proposal.disabled(),
        "choices": proposal.choices(),
        "now": list(course.changeable),
    }


def table_as_json(runs: Runs) -> list[dict[str, Any]]:
    """Give the kept runs and the one under way, as js/types.js declares `RunRow`."""
    pinned = runs.pinned
    kept = [_row(run, is_pinned=run is pinned) for run in runs.kept]
    return [*kept, _row(runs.current(), is_live=True)]


def _row(run: PastRun, *, is_live: bool = False, is_pinned: bool = False) -> dict[str, Any]:
    shown = np.unique(np.linspace(0, max(len(run.mse) - 1, 0), MOST_POINTS).astype(int))
    curve = [] if is_live or not len(run.mse) else [(int(k), _number(run.mse[k, 2])) for k in shown]
    return {
        "run": run.number,
        "name": run.name,
        "settings": run.settings.as_json(),
        "engine": run.engine,
        "best_epoch": run.best_epoch,
        "test_rmse": _number(run.test_rmse),
        "ndcg": _number(run.ndcg) if run.is_ranked else None,
        "seconds": run.seconds,
        "is_live": is_live,
        "is_shown": run.is_shown,
        "is_pinned": is_pinned,
        "curve": curve,
    }


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
