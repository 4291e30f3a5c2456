"""Splits of the ratings into parts to train on, to choose by and to test with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from recowidget.encoding import frozen
from recowidget.errors import RecowidgetError, counted, shown
from recowidget.rows import Rows, row_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recowidget.interactions import Interactions

_SUM_TOLERANCE = 1e-6
_PARTS_OF_SHARES = {2: (0, 2), 3: (0, 1, 2)}


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

    PARTS: ClassVar = ("train", "validation", "test")

    def __post_init__(self) -> None:
        n_ratings = self.interactions.n_ratings
        counts = np.zeros(n_ratings, np.uint8)
        for part in self.PARTS:
            rows = row_numbers(getattr(self, part), n_ratings, part)
            if bool(np.any(rows[1:] <= rows[:-1])):
                rows.sort()
                repeated = np.flatnonzero(rows[1:] == rows[:-1])
                if len(repeated):
                    raise RecowidgetError(f"{part} has row {rows[repeated[0]]} more than once")
            counts[rows] += 1
            object.__setattr__(self, part, frozen(rows))
        if not len(self.train):
            raise RecowidgetError("train has no row; a split needs one or more to train on")
        if not (counts == 1).all():
            row = int(np.argmax(counts != 1))
            raise RecowidgetError(
                f"row {row} is in {'no part' if counts[row] == 0 else 'several parts'} of the split; "
                f"each row of the ratings must be in train, validation or test"
            )

    @classmethod
    def from_parts(
        cls,
        interactions: Interactions,
        parts: npt.NDArray[np.integer],
        *,
        name: str = "custom",
        shares: tuple[float, ...] | None = None,
        seed: int | None = None,
    ) -> Split:
        """Make a split from the part of each row.

        Parameters
        ----------
        interactions
            The ratings.
        parts
            Shape (n_ratings,): 0 train, 1 validation, 2 test.
        name, shares, seed
            As the attributes.

        Returns
        -------
        Split
        """
        train, validation, test = (np.flatnonzero(parts == part) for part in range(3))
        return cls(interactions, train, validation, test, name, shares, seed)

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


def random_split(interactions: Interactions, shares: Sequence[float] = (0.8, 0.2), seed: int = 0) -> Split:
    """Split the rows at random.

    Parameters
    ----------
    interactions
        Two ratings or more.
    shares
        Positive, and 1 in all. Two: train and test. Three: train, validation and test.
    seed
        0 or more; the same seed splits the same number of rows alike.

    Returns
    -------
    Split
        Parts of the size of their shares to within one row, save that train and test get a row each
        however small their shares.

    Raises
    ------
    RecowidgetError
        Where the shares don't fit, the seed is no such integer, or there is one rating only.
    """
    checked = _check_shares(shares)
    number = _check_seed(seed)
    sizes = _part_sizes(checked, interactions.n_ratings)
    parts = np.repeat(np.array(_PARTS_OF_SHARES[len(checked)], np.uint8), sizes)
    np.random.default_rng(number).shuffle(parts)
    return Split.from_parts(interactions, parts, name="random", shares=checked, seed=number)


def _check_shares(shares: object) -> tuple[float, ...]:
    given = tuple(shares) if isinstance(shares, Iterable) else ()
    if len(given) not in _PARTS_OF_SHARES:
        raise RecowidgetError(
            f"shares must be two numbers (train, test) or three (train, validation, test), "
            f"not {shown(shares)}"
        )
    if not all(_is_real(share) and share > 0 for share in given):
        raise RecowidgetError(f"shares must be numbers above 0, not {shown(shares)}")
    if not math.isclose(math.fsum(given), 1, abs_tol=_SUM_TOLERANCE, rel_tol=0):
        terms = " + ".join(f"{float(share):g}" for share in given)
        raise RecowidgetError(f"shares must sum to 1, and {terms} is {math.fsum(given):.6g}")
    return tuple(float(share) for share in given)


def _is_real(share: object) -> bool:
    return not isinstance(share, bool) and isinstance(share, Real)


def _check_seed(seed: object) -> int:
    number = int(seed) if not isinstance(seed, bool) and isinstance(seed, Integral) else -1
    if number < 0:
        raise RecowidgetError(f"seed must be an integer of 0 or more, not {shown(seed)}")
    return number


def _part_sizes(shares: tuple[float, ...], n_rows: int) -> list[int]:
    """Round by largest remainder, after a row each for the first and the last part."""
    if n_rows <= 1:
        raise RecowidgetError(
            f"a split needs at least 2 ratings, one to train on and one to test with; "
            f"there {'is' if n_rows == 1 else 'are'} {counted(n_rows, 'rating')}"
        )
    exact = np.array(shares) / math.fsum(shares) * n_rows
    sizes = np.floor(exact).astype(int)
    sizes[[0, -1]] = np.maximum(sizes[[0, -1]], 1)
    while sizes.sum() < n_rows:
        sizes[np.argmax(exact - sizes)] += 1
    while sizes.sum() > n_rows:
        sizes[1] -= 1
    return [int(size) for size in sizes]


def _present(idx: npt.NDArray[np.int32], n: int) -> npt.NDArray[np.bool_]:
    present = np.zeros(n, np.bool_)
    present[idx] = True
    return present
