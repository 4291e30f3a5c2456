"""The state of a training run at one moment, as its watchers see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from recowidget.scoring import LearnedScorer

Status = Literal["idle", "loading", "running", "paused", "stopped", "finished", "failed"]


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """The state of a training run at one moment.

    Attributes
    ----------
    status : str
    epoch : int
        Epochs completed.
    batch, n_batches : int
        Batches done of the epoch under way, and in an epoch (0 before the model is built).
    epochs : int
        The planned last epoch.
    rate : float or None
        Ratings trained on a second.
    seconds_left : float or None
        Until the planned last epoch, at that rate.
    running_mse : float or None
        Train loss within the epoch under way, estimated on a sample of the train part.
    scorer : Factors or ModelScorer or None
        What predicts: the factors, where the model is a dot product of them, otherwise its weights. None
        before a user's own model is built.
    restored : int or None
        The epoch that `scorer` is of, where that is not the last: weights were put back, and training has not
        gone on.
    error : BaseException or None
        What training raised, where `status` is "failed".
    is_paced : bool
        Whether training goes no faster than people can follow.
    run : int
        Grows with every reset.
    reason : str
        Why training finished before the planned epochs: "early stopping", "callback", or empty.
    """

    status: Status = "idle"
    epoch: int = 0
    batch: int = 0
    n_batches: int = 0
    epochs: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    running_mse: float | None = None
    scorer: LearnedScorer | None = None
    restored: int | None = None
    error: BaseException | None = None
    is_paced: bool = False
    run: int = 0
    reason: str = ""

    @property
    def epoch_seconds(self) -> float:
        """Seconds that an epoch takes at that rate; 0 where that is not known."""
        epochs_left = self.epochs - self.epoch - self.batch / max(self.n_batches, 1)
        return self.seconds_left / epochs_left if self.seconds_left and epochs_left > 0 else 0.0

    @property
    def is_active(self) -> bool:
        """Whether training is under way or about to be."""
        return self.status in {"loading", "running"}


class Pace:
    """Ratings a second, over the last second or so."""

    HALF_LIFE_SECONDS = 0.5

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget what was before a pause."""
        self._ratings = 0.0
        self._seconds = 0.0

    def add(self, ratings: int, seconds: float) -> None:
        """Take note of ratings trained on; what is older counts for less."""
        fade = 0.5 ** (seconds / self.HALF_LIFE_SECONDS)
        self._ratings = self._ratings * fade + ratings
        self._seconds = self._seconds * fade + seconds

    @property
    def rate(self) -> float | None:
        """Ratings a second; None before there are any."""
        return self._ratings / self._seconds if self._seconds > 0 else None
