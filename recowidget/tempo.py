"""How fast training goes, where people are to follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast training goes at most; with neither, as fast as it can.

    Attributes
    ----------
    epochs : float or None
        Epochs a second.
    batches : float or None
        Batches a second: each is a state of its own.
    """

    epochs: float | None = None
    batches: float | None = None

    @property
    def is_full(self) -> bool:
        """Whether training goes as fast as it can."""
        return self.epochs is None and self.batches is None

    def seconds_of_epoch(self, n_batches: int) -> float:
        """Seconds that an epoch takes at least."""
        if self.batches is not None:
            return n_batches / self.batches
        return 0.0 if self.epochs is None else 1 / self.epochs


FULL: Final = Tempo()
