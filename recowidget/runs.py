"""The runs of one explorer: what each was made of, and how well it did at its best epoch."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from recowidget.errors import RecowidgetError, counted, shown
from recowidget.measures import Measurer
from recowidget.settings import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recowidget.run import Run
    from recowidget.scoring import LearnedScorer
    from recowidget.settings import Settings
    from recowidget.split import Split

MAX_RANKED_PAIRS: Final = 200_000_000
"""Of users with test ratings and items: above, users are drawn, so that a ranking takes seconds at most."""


@dataclass(slots=True, eq=False)
class PastRun:
    """A run that has ended, or the one under way as it stands.

    Attributes
    ----------
    number : int
        1 for the first.
    settings : Settings
        All of them.
    given : Settings
        As they were given: what is None there follows the model.
    engine : str
    mse : ndarray, shape (n_epochs + 1, 3)
        Train, validation and test losses of each epoch.
    best_epoch : int
    seconds : float
        Spent in training.
    split : Split
    scorer : LearnedScorer or None
        What predicted at the best epoch.
    name : str
        Given by the user.
    is_shown : bool
        Whether its losses stand behind those of the run under way.
    """

    number: int
    settings: Settings
    given: Settings
    engine: str
    mse: NDArray[np.float64]
    best_epoch: int
    seconds: float
    split: Split
    scorer: LearnedScorer | None
    name: str = ""
    is_shown: bool = True
    _ndcg: float | None = field(default=None, repr=False)

    @property
    def test_rmse(self) -> float:
        """At the best epoch; NaN where nothing is held out."""
        return float(np.sqrt(self.mse[self.best_epoch, 2])) if len(self.mse) else float("nan")

    @property
    def is_ranked(self) -> bool:
        """Whether `ndcg` is known."""
        return self._ndcg is not None

    @property
    def ndcg(self) -> float:
        """NDCG@10 at the best epoch, measured once; NaN where nothing is held out."""
        if self._ndcg is None:
            measurer = Measurer(self.split, MAX_RANKED_PAIRS)
            self._ndcg = float("nan") if self.scorer is None else measurer.ndcg(self.scorer)
        return self._ndcg


class Runs:
    """All runs of an explorer, the one under way among them.

    Parameters
    ----------
    first : Run
        The one under way.
    """

    def __init__(self, first: Run) -> None:
        self._lock = threading.Lock()
        self._kept: list[PastRun] = []
        self._current = first
        self._number = 1
        self._pinned: PastRun | None = None
        self._ranked: tuple[tuple[int, int, int], float] | None = None

    @property
    def kept(self) -> list[PastRun]:
        """Those before the one under way, the first first."""
        with self._lock:
            return list(self._kept)

    @property
    def pinned(self) -> PastRun | None:
        """The kept run that predictions are compared with, where there is one."""
        return self._pinned

    def pin(self, number: int | None) -> None:
        """Compare predictions with those of a kept run; None: with none.

        Raises
        ------
        RecowidgetError
            If there is none of that number, or nothing is kept of what it learned.
        """
        run = None if number is None else self.find(number)
        if run is not None and run.scorer is None:
            raise RecowidgetError(f"run {number} can't be compared with: nothing is kept of what it learned")
        self._pinned = run

    def turn_to(self, run: Run) -> None:
        """Keep the run under way, where it was trained at all; `run` takes its place."""
        with self._lock:
            if self._current.history.last_epoch > 0:
                self._kept.append(_as_it_stands(self._current, self._number))
                self._number += 1
            self._current = run

    def add(self, run: Run) -> PastRun:
        """Keep a run that was trained beside the one under way."""
        with self._lock:
            kept = _as_it_stands(run, self._number)
            self._kept.append(kept)
            self._number += 1
            return kept

    def current(self) -> PastRun:
        """Return the run under way as it stands."""
        with self._lock:
            past = _as_it_stands(self._current, self._number)
            if self._ranked is not None and self._ranked[0] == self._key(past):
                past._ndcg = self._ranked[1]  # noqa: SLF001 (the same epoch of the same run)
            return past

    def rank_current(self) -> PastRun:
        """Return the run under way, its ranking measured and remembered."""
        key, past = self._key(self.current()), self.current()
        quality = past.ndcg
        with self._lock:
            if past.scorer is not None and key == self._key(past):
                self._ranked = key, quality
        return past

    def _key(self, past: PastRun) -> tuple[int, int, int]:
        return past.number, past.best_epoch, self._current.progress.run

    def rank_anew(self) -> None:
        """Forget how the run under way ranks: what it is measured by has changed."""
        with self._lock:
            self._ranked = None

    def find(self, number: object) -> PastRun:
        """Return a kept run by its number.

        Raises
        ------
        RecowidgetError
            If there is none.
        """
        for run in self.kept:
            if run.number == number:
                return run
        numbers = ", ".join(str(run.number) for run in self.kept) or "none"
        raise RecowidgetError(f"there is no kept run {shown(number)}; there are: {numbers}")

    def frame(self) -> pd.DataFrame:
        """Return all runs as a frame; see `recowidget.MFExplorer.runs`."""
        return frame_of([*self.kept, self.rank_current()])


def frame_of(runs: Sequence[PastRun]) -> pd.DataFrame:
    """Return runs as a frame, one a row."""
    rows = [
        {
            "run": run.number,
            "name": run.name or words(run.settings),
            "model": name_of(run.settings.model),
            "engine": run.engine,
            "n_factors": run.settings.n_factors,
            "learning_rate": run.settings.learning_rate,
            "regularization": run.settings.regularization,
            "batch_size": run.settings.batch_size,
            "seed": run.settings.seed,
            "split": name_of(run.settings.split),
            "test_share": float(len(run.split.test) / max(run.split.interactions.n_ratings, 1)),
            "epochs": max(len(run.mse) - 1, 0),
            "best_epoch": run.best_epoch,
            "test_rmse": run.test_rmse,
            "ndcg": run.ndcg,
            "seconds": run.seconds,
        }
        for run in runs
    ]
    return pd.DataFrame(rows)


def words(settings: Settings) -> str:
    """Name a run by its model and factors: `biased_mf, 12 factors`."""
    name = name_of(settings.model)
    return name if settings.n_factors is None else f"{name}, {counted(settings.n_factors, 'factor')}"


def _as_it_stands(run: Run, number: int) -> PastRun:
    history = run.history
    best = history.best_epoch
    try:
        scorer: LearnedScorer | None = history.snapshot(best).scorer
    except KeyError:
        scorer = run.progress.scorer
    seconds: Any = history.frame()["seconds"].max() if len(history) else 0.0
    return PastRun(
        number=number,
        settings=run.settings,
        given=run.given,
        engine=run.engine.name,
        mse=history.mse(),
        best_epoch=best,
        seconds=float(seconds),
        split=run.split,
        scorer=scorer,
    )
