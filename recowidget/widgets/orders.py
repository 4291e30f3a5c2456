"""In which order the users and the items of a matrix stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from recowidget.errors import RecowidgetError, shown
from recowidget.seriation import seriate
from recowidget.widgets.texts import folded, text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.encoding import Vocabulary
    from recowidget.interactions import Interactions

    Order = NDArray[np.int32]
    Side = Literal["user", "item"]

ACTIVITY: Final = "activity"


@dataclass(frozen=True, slots=True)
class Sorting:
    """By what the users or the items are sorted.

    Attributes
    ----------
    by : str
        "activity" (most ratings first), "mean rating" and "predictions" (highest first), "id", "title", or
        "similarity" of the factors.
    of : int, optional
        Index of the user whose predictions the items are sorted by, or of the item for users.
    epoch : int, optional
        Of the factors or predictions.
    """

    by: str = ACTIVITY
    of: int | None = None
    epoch: int | None = None


@dataclass(frozen=True, eq=False)
class Axis:
    """The users or the items in an order.

    Attributes
    ----------
    order : ndarray of int32
        Indices by position.
    sorting : Sorting
    serial : int
        Grows with each order of this side.
    """

    order: Order
    sorting: Sorting = Sorting()
    serial: int = 0

    @cached_property
    def positions(self) -> Order:
        """Positions by index."""
        positions = np.empty(len(self.order), dtype=np.int32)
        positions[self.order] = np.arange(len(self.order), dtype=np.int32)
        return positions

    def turned(self, order: Order, sorting: Sorting) -> Axis:
        """Give the same side in another order."""
        return replace(self, order=order, sorting=sorting, serial=self.serial + 1)

    def told(self, others: Vocabulary) -> dict[str, Any]:
        """Say by what it is sorted; `others` is the vocabulary of the other side."""
        of = self.sorting.of
        return {
            "serial": self.serial,
            "by": self.sorting.by,
            "of": of,
            "name": None if of is None else text_of(others.label_of(of)),
            "epoch": self.sorting.epoch,
        }


def sort(interactions: Interactions, side: Side, sorting: Sorting, scorer: Any) -> Order:
    """Put the users or the items in an order.

    Parameters
    ----------
    interactions : Interactions
    side : str
    sorting : Sorting
    scorer
        What predicts at `sorting.epoch`; None where nothing does.

    Returns
    -------
    ndarray of int32
        Indices; ties go by activity, then by index.

    Raises
    ------
    RecowidgetError
        If there is no such order, or what it needs is not there.
    """
    vocabulary = interactions.users if side == "user" else interactions.items
    active = interactions.user_order if side == "user" else interactions.item_order
    match sorting.by:
        case "activity":
            return active
        case "mean rating":
            return _descending(_means(interactions, side), active)
        case "id":
            return _ascending(_id_ranks(vocabulary), active)
        case "title":
            return _ascending(_title_ranks(vocabulary), active)
        case "similarity":
            return active[seriate(np.asarray(_factors(scorer, side))[active])]
        case "predictions":
            return _descending(_predictions(scorer, side, sorting.of, len(vocabulary)), active)
    raise RecowidgetError(f"a matrix can't be sorted by {shown(sorting.by)}")


def _ascending(keys: NDArray[Any], active: Order) -> Order:
    return active[np.argsort(keys[active], kind="stable")]


def _descending(keys: NDArray[np.floating], active: Order) -> Order:
    """Sort the highest first, NaN last."""
    return _ascending(-keys, active)


def _means(interactions: Interactions, side: Side) -> NDArray[np.float64]:
    """Give mean ratings; NaN where there is no rating."""
    index = interactions.user_idx if side == "user" else interactions.item_idx
    counts = interactions.user_counts if side == "user" else interactions.item_counts
    sums = np.bincount(index, interactions.ratings, minlength=len(counts))
    means = np.full(len(counts), np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def _id_ranks(vocabulary: Vocabulary) -> NDArray[Any]:
    """Give keys by id. An index is the rank of its id; digits that are text go by the number they spell."""
    ids = vocabulary.ids
    if ids.dtype.kind == "O" and all(isinstance(one, str) and one.isdecimal() for one in ids):
        return pd.factorize(np.array([int(one) for one in ids], dtype=object), sort=True)[0]
    return np.arange(len(ids))


def _title_ranks(vocabulary: Vocabulary) -> NDArray[Any]:
    if vocabulary.titles is None:
        raise RecowidgetError("there are no titles to sort by")
    return pd.factorize(np.array(folded(vocabulary.titles), dtype=object), sort=True)[0]


def _factors(scorer: Any, side: Side) -> Any:
    factors = getattr(scorer, f"{side}_factors", None)
    if factors is None:
        raise RecowidgetError(f"there are no {side} factors to be similar by")
    return factors


def _predictions(scorer: Any, side: Side, of: int | None, n: int) -> NDArray[np.float32]:
    if scorer is None or of is None:
        raise RecowidgetError("there are no predictions to sort by")
    everyone, one = np.arange(n, dtype=np.int32), np.array([of], dtype=np.int32)
    users, items = (everyone, one) if side == "user" else (one, everyone)
    return np.asarray(scorer.predict_block(users, items), np.float32).reshape(n)
