"""The runs of an explorer one after another: settings are changed, and a reset begins the next run."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from recowidget import sweep
from recowidget.edits import Edits, plan
from recowidget.engines.choice import CHANGEABLE
from recowidget.errors import RecowidgetError
from recowidget.listeners import EpochListener
from recowidget.proposal import Proposal, control_values
from recowidget.run import Run
from recowidget.runs import Runs
from recowidget.scoring import is_model
from recowidget.training import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from recowidget.edits import Edit, Part
    from recowidget.interactions import Interactions
    from recowidget.runs import PastRun
    from recowidget.settings import Settings


PLANS: Final = ("epochs", "early_stopping")
"""When training is to end: whatever trains can take another."""


WORKER_PATIENCE: Final = 1.0
"""Seconds that a listener waits for the course: who has it may wait for the thread the listener is on."""


class Course:
    """A run, what is asked for of the next, and those before.

    Parameters
    ----------
    interactions : Interactions
    settings : Settings
        Of the first run, as they are given.
    on_run : callable
        Called with each run that takes the place of another.
    on_change : callable
        Called when what is asked for, or the list of runs, has changed.
    """

    def __init__(
        self,
        interactions: Interactions,
        settings: Settings,
        *,
        on_run: Callable[[Run], None] = lambda _run: None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_run = on_run
        self._on_change = on_change
        self._turning = threading.RLock()
        self._listeners: list[EpochListener] = []
        self.run = Run(interactions, settings)
        self.runs = Runs(self.run)
        self.edits = Edits()
        self.proposal = self._proposal_of(self.run)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other thread change the course meanwhile.

        Raises
        ------
        RecowidgetError
            On the thread that trains, where another one waits for it with the course in hand.
        """
        patience = WORKER_PATIENCE if self.run.trainer.is_worker else -1
        if not self._turning.acquire(timeout=patience):
            raise RecowidgetError("the run is being changed by someone else; nothing was done")
        try:
            yield
        finally:
            self._turning.release()

    @staticmethod
    def _proposal_of(run: Run) -> Proposal:
        return Proposal(run.interactions, run.given, len(run.split.train))

    # ---- settings -----------------------------------------------------------------------------------

    @property
    def changeable(self) -> tuple[str, ...]:
        """Settings that the run under way takes; the others wait for a reset."""
        if is_model(self.run.settings.model):
            return PLANS
        return (*CHANGEABLE[self.run.engine.name], *PLANS)

    def change(self, **values: Any) -> None:
        """Ask for other settings, all or none; those that are `changeable` apply at once.

        Raises
        ------
        RecowidgetError
            If one can't be had.
        """
        with self._alone():
            self.proposal.ask_all(values)
            self._apply(values)
        self._on_change()

    def change_text(self, name: str, text: str) -> None:
        """Ask for a setting as it was typed; why it can't be had stands in ``proposal.refused``."""
        with self._alone():
            before = self.proposal.given
            self.proposal.ask_text(name, text)
            if self.proposal.given is not before and name != "test_share":
                self._apply({name: getattr(self.proposal.given, name)})
        self._on_change()

    def _apply(self, values: dict[str, Any]) -> None:
        run = self.run
        now = {name: value for name, value in values.items() if name in self.changeable}
        if not now:
            return
        given = replace(run.given, **now)
        settings = run.resolve(given)
        changes = {name: getattr(settings, name) for name in now}
        if "early_stopping" in changes:
            changes["early_stopping"] = changes["early_stopping"] or 0
        run.change(given, Changes(**changes))

    @property
    def is_asked_for(self) -> bool:
        """Whether the next reset begins another run."""
        before, given = self.run.given, self.proposal.given
        # What is no name may go by the same one: a function that was written anew.
        is_other = any(
            not isinstance(one := getattr(given, name), str) and one is not getattr(before, name)
            for name in ("model", "split")
        )
        return self.run.is_changed or is_other or self.proposal.wanted != control_values(self.run.settings)

    # ---- the data -----------------------------------------------------------------------------------

    def edit(self, user: Any, item: Any, rating: Any, part: Part | None) -> None:
        """Set, erase or move a rating; see `recowidget.MFExplorer.edit`."""
        with self._alone():
            run = self.run
            edit = plan(run.split, user, item, rating=rating, part=part, epoch=run.progress.epoch)
            if edit is None:
                return
            self._make(edit)
            self.edits.add(edit)
        self._on_change()

    def undo(self) -> None:
        """Take the last edit back.

        Raises
        ------
        RecowidgetError
            If there is none.
        """
        with self._alone():
            self._make(self.edits.undo().inverse)
        self._on_change()

    def redo(self) -> None:
        """Make the edit again that was taken back last.

        Raises
        ------
        RecowidgetError
            If there is none.
        """
        with self._alone():
            self._make(self.edits.redo(self.run.progress.epoch))
        self._on_change()

    def _make(self, edit: Edit) -> None:
        self.run.turn_to(edit.applied(self.run.split), (edit.user, edit.item))
        self.runs.rank_anew()

    # ---- runs ---------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Go back to the untrained model; with other settings that is another run, and this one is kept.

        Raises
        ------
        RecowidgetError
            If the run can't be made; then this one stays.
        """
        with self._alone():
            if not self.is_asked_for:
                self.run.trainer.reset().wait()
                return
            try:
                run = Run(self.run.interactions, self.proposal.given, after=self.run)
            except RecowidgetError as error:
                self.proposal.refuse(self._suspect(), error)
                self._on_change()
                raise
            self._turn_to(run)
        self._on_change()

    def _suspect(self) -> str:
        """Give the setting that a run most likely can't be made with."""
        before = control_values(self.run.settings)
        changed = [name for name, value in self.proposal.wanted.items() if value != before[name]]
        suspects = [name for name in ("split", "test_share", "seed") if name in changed]
        return (*suspects, *changed, "model")[0]

    def _turn_to(self, run: Run) -> None:
        before = self.run
        before.trainer.pause().wait()
        self.runs.turn_to(run)
        if is_model(before.settings.model):
            # It is trained in place, and begins anew as well.
            before.trainer.reset().wait()
        for listener in self._listeners:
            listener.turn_to(run)
        self.run = run
        self.proposal = self._proposal_of(run)
        self._on_run(run)
        before.trainer.close()

    def take_back(self, number: int) -> None:
        """Ask for the settings of a kept run."""
        with self._alone():
            self.proposal = Proposal(
                self.run.interactions, self.runs.find(number).given, len(self.run.split.train)
            )
        self._on_change()

    def name(self, number: int, name: str) -> None:
        """Give a kept run a name; an empty one takes it back."""
        self.runs.find(number).name = name.strip()
        self._on_change()

    def show(self, number: int, *, is_shown: bool) -> None:
        """Show a kept run's losses behind those of the run under way, or hide them."""
        self.runs.find(number).is_shown = is_shown
        self._on_change()

    def pin(self, number: int | None) -> None:
        """Compare predictions with those of a kept run; see `recowidget.MFExplorer.pin`."""
        self.runs.pin(number)
        self._on_change()

    def sweep(self, grid: dict[str, Any], seeds: int | Sequence[int]) -> pd.DataFrame:
        """Train every combination as a run of its own; see `recowidget.MFExplorer.sweep`."""

        def keep(run: Run) -> PastRun:
            past = self.runs.add(run)
            self._on_change()
            return past

        return sweep.spread(sweep.train_all(self.run, sweep.plan(self.run, grid, seeds), keep))

    # ---- who listens --------------------------------------------------------------------------------

    def on_epoch(self, tell: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
        """Tell a function of each epoch; see `recowidget.MFExplorer.on_epoch`."""
        if not callable(tell):
            raise RecowidgetError(f"on_epoch takes a function of one epoch, not {type(tell).__name__}")
        listener = EpochListener(tell)
        with self._alone():
            self._listeners.append(listener)
            listener.turn_to(self.run)

        def leave() -> None:
            with self._alone():
                if listener in self._listeners:
                    self._listeners.remove(listener)
                    listener.leave()

        return leave

    def close(self) -> None:
        """End the run under way, and its thread."""
        self.run.trainer.close()
