"""What predicted at the end of some epochs, and the memory that it takes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from recowidget.samples import SampledFactors

if TYPE_CHECKING:
    from collections.abc import Callable

    from recowidget.factors import Factors
    from recowidget.scoring import LearnedScorer, ModelScorer


class Snapshots:
    """Scorers by epoch. Samples that several of them share count once."""

    def __init__(self) -> None:
        self._scorers: dict[int, LearnedScorer] = {}
        self._holders: Counter[int] = Counter()
        self.nbytes = 0

    def __len__(self) -> int:
        """Return the number of epochs."""
        return len(self._scorers)

    def __getitem__(self, epoch: int) -> LearnedScorer:
        """Return what predicted then; KeyError where that is not kept."""
        return self._scorers[epoch]

    @property
    def epochs(self) -> list[int]:
        """Which epochs, ascending."""
        return sorted(self._scorers)

    def add(self, epoch: int, scorer: LearnedScorer) -> None:
        """Keep what predicts at the end of an epoch."""
        self.remove(epoch)
        self._scorers[epoch] = scorer
        for part in _parts(scorer):
            self._holders[id(part)] += 1
            if self._holders[id(part)] == 1:
                self.nbytes += part.nbytes

    def remove(self, epoch: int) -> None:
        """Forget an epoch, where it is kept."""
        scorer = self._scorers.pop(epoch, None)
        for part in [] if scorer is None else _parts(scorer):
            self._holders[id(part)] -= 1
            if self._holders[id(part)] == 0:
                del self._holders[id(part)]
                self.nbytes -= part.nbytes

    def keep(self, is_kept: Callable[[int], bool]) -> None:
        """Forget all epochs but some."""
        for epoch in self.epochs:
            if not is_kept(epoch):
                self.remove(epoch)


def _parts(scorer: LearnedScorer) -> tuple[Factors | ModelScorer, ...]:
    return scorer.samples if isinstance(scorer, SampledFactors) else (scorer,)
