"""From ratings to what a model is trained on, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recowidget.errors import RecowidgetError

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    Transform = Callable[[NDArray[np.float32]], NDArray[np.float32]]


_FAR_AND_NEAR = (-100, -10, -1, 0, 0.5, 1, 10, 100)
"""Outputs that tell a straight line from one that is clipped."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The scale a model is trained on.

    Attributes
    ----------
    to_rating : callable or None
        Turns the model's output into ratings; None: it predicts ratings.
    to_target : callable or None
        The inverse.
    is_log_odds : bool
        Whether the model gives the log-odds of what it is trained on, as with a cross-entropy from logits.
    """

    to_rating: Transform | None = None
    to_target: Transform | None = None
    is_log_odds: bool = False

    @property
    def rating_range(self) -> tuple[float, float] | None:
        """The ratings that log-odds range between; None where the output is no such."""
        if not self.is_log_odds:
            return None
        low, high = self._from_target(np.array([0, 1], dtype=np.float32))
        return float(low), float(high)

    @property
    def line(self) -> tuple[float, float] | None:
        """Slope and intercept that turn the model's output into ratings; None where it takes more."""
        if self.is_log_odds:
            return None
        return (1.0, 0.0) if self.to_rating is None else _line_through(self.to_rating, _FAR_AND_NEAR)

    def of_ratings(self, ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the targets that stand for ratings, shape (n,)."""
        return ratings if self.to_target is None else _applied("to_target", self.to_target, ratings)

    def ratings_of(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the ratings that a model's output stands for, shape (n,)."""
        return self._from_target(0.5 + 0.5 * np.tanh(0.5 * output) if self.is_log_odds else output)

    def _from_target(self, target: NDArray[np.float32]) -> NDArray[np.float32]:
        return target if self.to_rating is None else _applied("to_rating", self.to_rating, target)


def targets_of(model: keras.Model, targets: Targets) -> Targets:
    """Complete targets with what a model's loss says of its output."""
    loss = model.loss
    if isinstance(loss, dict):
        loss = list(loss.values())
    if isinstance(loss, list | tuple) and len(loss) == 1:
        loss = loss[0]
    return replace(targets, is_log_odds=bool(getattr(loss, "from_logits", False)))


def make_targets(
    to_rating: Transform | None, to_target: Transform | None, scale: tuple[float, float]
) -> Targets:
    """Check a transform and complete it.

    Parameters
    ----------
    to_rating, to_target : callable or None
        On arrays. `to_target` may be left out where `to_rating` is a straight line.
    scale : tuple of float
        Lowest and highest rating.

    Raises
    ------
    RecowidgetError
        If `to_target` is missing and can't be found, or is not the inverse of `to_rating`.
    """
    if to_rating is None:
        if to_target is not None:
            raise RecowidgetError("to_target is given without to_rating; give the way back as well")
        return Targets()
    targets = Targets(to_rating, to_target or _inverse_line(to_rating))
    ratings = np.linspace(*scale, 5, dtype=np.float32)
    back = targets.ratings_of(targets.of_ratings(ratings))
    if not np.allclose(back, ratings, atol=1e-3 * max(1.0, float(np.abs(ratings).max()))):
        worst = int(np.argmax(np.abs(back - ratings)))
        raise RecowidgetError(
            f"to_rating(to_target(r)) gives {back[worst]:g} for the rating {ratings[worst]:g}; "
            "the two must be inverse. Where the loss itself squashes the model's output by a sigmoid, let "
            "the loss have from_logits = True, as BinaryCrossentropy(from_logits=True) has and any function "
            "may be given: to_rating then gets what comes after the sigmoid"
        )
    return targets


def _inverse_line(to_rating: Transform) -> Transform:
    line = _line_through(to_rating, (0, 0.5, 1))
    if line is None:
        raise RecowidgetError(
            "to_rating is no straight line, so what to train on can't be worked out from it; "
            "give its inverse as to_target"
        )
    slope, intercept = line
    return lambda ratings: ((ratings - intercept) / slope).astype(np.float32)


def _line_through(to_rating: Transform, at: tuple[float, ...]) -> tuple[float, float] | None:
    """Give slope and intercept of the line that a transform follows at some points, 0 and 1 among them."""
    points = np.array(at, dtype=np.float32)
    with np.errstate(all="ignore"):
        values = _applied("to_rating", to_rating, points).astype(np.float64)
    intercept, one = (float(values[at.index(end)]) for end in (0, 1))
    slope = one - intercept
    tolerance = 1e-4 * abs(slope) * np.maximum(np.abs(points), 1)
    is_line = slope != 0 and bool((np.abs(slope * points + intercept - values) <= tolerance).all())
    return (slope, intercept) if is_line else None


def _applied(name: str, transform: Transform, values: NDArray[np.float32]) -> NDArray[np.float32]:
    result = np.asarray(transform(values), dtype=np.float32)
    if result.shape != values.shape:
        raise RecowidgetError(
            f"{name} gave shape {result.shape} for an array of shape {values.shape}; it must work on arrays"
        )
    return result
