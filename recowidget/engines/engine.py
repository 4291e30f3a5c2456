"""What the Trainer asks of whatever trains a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from recowidget.engines.choice import Choice
    from recowidget.history import Losses
    from recowidget.scoring import LearnedScorer


Side = Literal["user", "item"]


class Engine(Protocol):
    """One epoch is `n_batches` batches; the trainer asks for as many at a time as it likes."""

    n_batches: int
    batch_size: int

    @property
    def choice(self) -> Choice:
        """What it is, and why it was taken."""

    @property
    def has_callbacks(self) -> bool:
        """Whether the next epoch waits for `end_epoch`."""

    def change(self, *, learning_rate: float | None, regularization: float | None) -> None:
        """Train with another of `recowidget.engines.choice.CHANGEABLE` from the next epoch on."""

    def train_only(self, side: Side | None) -> None:
        """Leave the other side's vectors as they are from now on; None: train both."""

    def begin_epoch(self, epoch: int) -> None:
        """Draw the order of the ratings for the epoch that leads to `epoch` (1, 2, ...)."""

    def ready(self, count: int) -> int:
        """Give how many of the next `count` batches can be trained now, without waiting for what compiles."""

    def run(self, start: int, count: int) -> None:
        """Train on batches `start` to ``start + count - 1`` of the epoch."""

    def end_epoch(self, epoch: int, losses: Losses) -> bool:
        """Tell callbacks of the epoch that led to `epoch`; give whether they want training to end."""

    def end_training(self) -> None:
        """Tell callbacks that training has ended; it may begin again."""

    def running_loss(self) -> float:
        """Mean loss over the epoch's batches so far, each measured before it was trained on."""

    def scorer(self) -> LearnedScorer:
        """Copy what predicts now: the factors of a dot product, the weights of any other model."""

    def reset(self) -> None:
        """Bring back the weights and the optimizer's state of the beginning."""

    def recover(self, scorer: LearnedScorer) -> None:
        """Go on from what predicted then, with an optimizer that has seen nothing."""


class Plain:
    """What engines have in common that wait for nothing and know no callbacks."""

    has_callbacks = False
    only: Side | None = None

    def change(self, *, learning_rate: float | None, regularization: float | None) -> None:
        """Take nothing."""

    def train_only(self, side: Side | None) -> None:
        """Leave the other side's vectors as they are; each engine looks at `only`."""
        self.only = side

    def trains(self, number: int) -> bool:
        """Whether the users (0), or the items (1), are trained."""
        return self.only is None or self.only == ("user", "item")[number]

    def ready(self, count: int) -> int:
        """Give all."""
        return count

    def end_epoch(self, epoch: int, losses: Losses) -> bool:  # noqa: ARG002
        """Give that training goes on."""
        return False

    def end_training(self) -> None:
        """Do nothing."""
