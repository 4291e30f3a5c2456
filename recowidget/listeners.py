"""Functions of the user that are told of the epochs of a run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from recowidget.progress import Progress
    from recowidget.run import Run

logger = logging.getLogger(__name__)


class EpochListener:
    """Watches a run, and tells a function of each epoch once it is measured.

    Parameters
    ----------
    tell : callable
        Called with the epoch's row of `recowidget.MFExplorer.history` as a dictionary. What it raises is
        logged, and training goes on.
    """

    is_hungry = False

    def __init__(self, tell: Callable[[dict[str, Any]], object]) -> None:
        self.tell = tell
        self._run: Run | None = None
        self._told = 0

    def turn_to(self, run: Run) -> None:
        """Listen to another run from now on."""
        if self._run is not None:
            self._run.trainer.remove_watcher(self)
        self._run = run
        self._told = run.progress.epoch
        run.trainer.add_watcher(self)

    def leave(self) -> None:
        """Listen no more."""
        if self._run is not None:
            self._run.trainer.remove_watcher(self)
            self._run = None

    def offer(self, progress: Progress) -> None:
        """Tell of the epochs that have ended since."""
        run = self._run
        if run is None:
            return
        self._told = min(self._told, progress.epoch)
        while self._told < progress.epoch:
            self._told += 1
            try:
                self.tell(run.history.row(self._told))
            except Exception:
                logger.exception("a function given to on_epoch failed at epoch %d", self._told)
