"""Runs over all combinations of some settings, and how far they spread over seeds."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recowidget.checks import check_count
from recowidget.errors import RecowidgetError, shown
from recowidget.proposal import CONTROLS, Proposal
from recowidget.run import Run
from recowidget.runs import frame_of
from recowidget.scoring import is_model
from recowidget.training import DivergedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from recowidget.runs import PastRun
    from recowidget.settings import Settings


def plan(
    run: Run, grid: Mapping[str, Any], seeds: int | Sequence[int]
) -> list[tuple[dict[str, Any], Settings]]:
    """Check every combination before the first is trained.

    Parameters
    ----------
    run : Run
        Whose ratings and other settings they have.
    grid : mapping
        Values, or one value, by the name of a setting.
    seeds : int or sequence of int
        How many, 0 first; or which.

    Returns
    -------
    list of (dict, Settings)
        Each combination without its seed, and all settings; the seeds of a combination follow each other.

    Raises
    ------
    RecowidgetError
        If a setting is unknown or a value can't be had, or if the model is built already.
    """
    if is_model(run.settings.model):
        raise RecowidgetError(
            "a model that is built already can't be made anew for each combination; pass the function that "
            "builds it as model"
        )
    unknown = [name for name in grid if name not in CONTROLS or name == "seed"]
    if unknown:
        known = ", ".join(name for name in CONTROLS if name != "seed")
        raise RecowidgetError(f"{shown(unknown[0])} can't be swept over; these can: {known}; and seeds=...")
    is_count = isinstance(seeds, Integral) or not hasattr(seeds, "__iter__")
    numbers = range(check_count("seeds", seeds)) if is_count else list(seeds)  # type: ignore[arg-type]
    values = [
        list(one) if hasattr(one, "__iter__") and not isinstance(one, str) else [one] for one in grid.values()
    ]
    empty = [name for name, some in zip((*grid, "seeds"), (*values, numbers), strict=True) if not len(some)]
    if empty:
        raise RecowidgetError(f"{empty[0]} has no values to sweep over; give one or more")
    planned = []
    for chosen in product(*values):
        combination = dict(zip(grid, chosen, strict=True))
        for seed in numbers:
            proposal = Proposal(run.interactions, run.given, len(run.split.train))
            proposal.ask_all({**combination, "seed": seed})
            planned.append((combination, proposal.given))
    return planned


def train_all(
    run: Run,
    planned: Iterable[tuple[dict[str, Any], Settings]],
    keep: Callable[[Run], PastRun],
) -> list[tuple[dict[str, Any], PastRun]]:
    """Train each to its planned epochs, one after the other; an interrupt ends with those that are done."""
    done = []
    last = run
    for combination, given in planned:
        one = Run(run.interactions, given, after=last)
        try:
            one.train()
            # What diverged is kept up to its last good epoch: that it did is what one sweeps for.
            with suppress(DivergedError):
                one.wait()
            done.append((combination, keep(one)))
        finally:
            one.trainer.close()
        last = one
    return done


def spread(done: Sequence[tuple[dict[str, Any], PastRun]]) -> pd.DataFrame:
    """Average over the seeds of each combination.

    Returns
    -------
    DataFrame
        The settings of the combination, ``seeds``: their number, ``test_rmse`` and ``ndcg``: means of those
        at the best epochs, ``test_rmse_std`` and ``ndcg_std``: their standard deviations (NaN of one seed),
        and ``seconds``, the mean.
    """
    frame = frame_of([run for _, run in done])
    combinations = pd.DataFrame([combination for combination, _ in done])
    # All seeds of a combination have the very same one.
    numbers, _ = pd.factorize(np.array([id(combination) for combination, _ in done]))
    grouped = frame.groupby(numbers, sort=False)
    means = grouped[["test_rmse", "ndcg", "seconds"]].mean()
    deviations = grouped[["test_rmse", "ndcg"]].std()
    first = combinations.groupby(numbers, sort=False).first()
    return first.assign(
        seeds=grouped.size(),
        test_rmse=means["test_rmse"],
        test_rmse_std=deviations["test_rmse"],
        ndcg=means["ndcg"],
        ndcg_std=deviations["ndcg"],
        seconds=means["seconds"],
    ).reset_index(drop=True)
