"""Which ratings are to train on, to choose by and to test with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from recowidget.encoding import frozen
from recowidget.errors import RecowidgetError, shown
from recowidget.rows import Rows, row_numbers

if TYPE_CHECKING:
    from recowidget.interactions import Interactions


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Which rows of some interactions are for training, for validation and for testing.

    Each row is in exactly one part, and one row or more are for training.

    Attributes
    ----------
    interactions
        The ratings; a split holds row numbers into them, never copies.
    train, validation, test
        Row numbers, intp, ascending; validation and test may be empty.
    name
        How the split was made, for example "random".
    shares
        The shares that were asked for, if any.
    seed
        The seed it was drawn with, if any.
    validation_parts
        Row numbers of each share between the first and the last: none with two shares, `(validation,)`
        with three, more with more. Together they are `validation`.

    Raises
    ------
    RecowidgetError
        Where a row is in no part, or in several; where no row is for training.
    """

    interactions: Interactions
    train: Rows
    validation: Rows
    test: Rows
    name: str = "custom"
    shares: tuple[float, ...] | None = None
    seed: int | None = None
    validation_parts: tuple[Rows, ...] = ()

    PARTS: ClassVar = ("train", "validation", "test")

    def __post_init__(self) -> None:
        n_ratings = self.interactions.n_ratings
        counts = np.zeros(n_ratings, np.uint8)
        for part in self.PARTS:
            rows = _ascending(getattr(self, part), n_ratings, part)
            counts[rows] += 1
            object.__setattr__(self, part, rows)
        if not len(self.train):
            raise RecowidgetError("train has no row; a split needs one or more to train on")
        if not (counts == 1).all():
            row = int(np.argmax(counts != 1))
            raise RecowidgetError(
                f"row {row} is in {'no part' if counts[row] == 0 else 'several parts'} of the split; "
                f"each row of the ratings must be in train, validation or test"
            )
        object.__setattr__(self, "validation_parts", self._checked_validation_parts())

    def _checked_validation_parts(self) -> tuple[Rows, ...]:
        if not self.validation_parts:
            return (self.validation,) if len(self.validation) else ()
        n_ratings = self.interactions.n_ratings
        parts = tuple(_ascending(rows, n_ratings, "validation_parts") for rows in self.validation_parts)
        if not np.array_equal(np.sort(np.concatenate(parts)), self.validation):
            raise RecowidgetError("validation_parts must be the rows of validation, each in one part")
        return parts

    @classmethod
    def from_shares(
        cls,
        interactions: Interactions,
        numbers: npt.NDArray[np.integer],
        shares: tuple[float, ...],
        *,
        name: str = "custom",
        seed: int | None = None,
    ) -> Split:
        """Make a split from the share that each row belongs to.

        Parameters
        ----------
        interactions
            The ratings.
        numbers
            Shape (n_ratings,), 0 to n_shares-1: the first share is to train on, the last to test with,
            each between them a validation part.
        shares
            Two or more.
        name, seed
            As the attributes.

        Returns
        -------
        Split
        """
        last = len(shares) - 1
        between = tuple(np.flatnonzero(numbers == number) for number in range(1, last))
        validation = np.flatnonzero((numbers > 0) & (numbers < last)) if between else np.empty(0, np.intp)
        train, test = np.flatnonzero(numbers == 0), np.flatnonzero(numbers == last)
        return cls(interactions, train, validation, test, name, shares, seed, between)

    def parts(self) -> npt.NDArray[np.uint8]:
        """Give the part of each row, shape (n_ratings,): 0 train, 1 validation, 2 test."""
        parts = np.zeros(self.interactions.n_ratings, np.uint8)
        parts[self.validation] = 1
        parts[self.test] = 2
        return parts

    def labels(self) -> npt.NDArray[np.object_]:
        """Give the part of each row by name, shape (n_ratings,): "train", "validation" or "test"."""
        return np.array(self.PARTS, dtype=object)[self.parts()]

    @cached_property
    def cold_users(self) -> npt.NDArray[Any]:
        """Ids of users with ratings to validate or test with and none to train on, ascending."""
        interactions = self.interactions
        return interactions.users.ids[self._cold(interactions.user_idx, interactions.n_users)]

    @cached_property
    def cold_items(self) -> npt.NDArray[Any]:
        """Ids of items with ratings to validate or test with and none to train on, ascending."""
        interactions = self.interactions
        return interactions.items.ids[self._cold(interactions.item_idx, interactions.n_items)]

    @cached_property
    def users_without_test(self) -> npt.NDArray[Any]:
        """Ids of users with ratings, none of which is to test with, ascending."""
        interactions = self.interactions
        tested = _present(interactions.user_idx[self.test], interactions.n_users)
        return interactions.users.ids[(interactions.user_counts > 0) & ~tested]

    def _cold(self, idx: npt.NDArray[np.int32], n: int) -> npt.NDArray[np.bool_]:
        held_out = _present(idx[self.validation], n) | _present(idx[self.test], n)
        return held_out & ~_present(idx[self.train], n)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(getattr(self, part)):,} {part}" for part in self.PARTS)
        return f"Split({shown(self.name)}: {sizes})"


def _ascending(rows: npt.ArrayLike, n_ratings: int, part: str) -> Rows:
    numbers = row_numbers(rows, n_ratings, part)
    if bool(np.any(numbers[1:] <= numbers[:-1])):
        numbers.sort()
        repeated = np.flatnonzero(numbers[1:] == numbers[:-1])
        if len(repeated):
            raise RecowidgetError(f"{part} has row {numbers[repeated[0]]} more than once")
    return frozen(numbers)


def _present(idx: npt.NDArray[np.int32], n: int) -> npt.NDArray[np.bool_]:
    present = np.zeros(n, np.bool_)
    present[idx] = True
    return present
