"""Answers what a model recommends to who sits before it, and rates a few items there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.errors import RecowidgetError
from recowidget.recommend import best_of_new_user
from recowidget.widgets.window import texts_of, titles_of
from recowidget.widgets.wire import pack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.interactions import Interactions
    from recowidget.scoring import LearnedScorer

MAX_N: Final = 100
"""Length of the list at most."""
NO_NEW_USERS: Final = (
    "This model is no dot product of user and item factors, so it knows only the users that it was trained "
    "on: nobody can be folded in. With another one, such as biased_mf, there are recommendations here."
)


@dataclass(frozen=True, slots=True)
class NewUser:
    """What a view wants to know of who sits before it.

    Attributes
    ----------
    ratings : dict of int to float or None
        By the items' indices; None where an item is yet to be rated.
    n : int
        Length of the list.
    epoch : int or None
        The epoch that is shown; None: what there is now.
    serial : int
        Comes with the answer.
    """

    ratings: dict[int, float | None]
    n: int
    epoch: int | None
    serial: int

    @classmethod
    def read(cls, content: dict[str, Any], interactions: Interactions) -> NewUser:
        """Read a message; items of other data count for nothing."""
        epoch = content.get("epoch")
        return cls(
            read_ratings(content.get("ratings"), interactions),
            min(max(int(content.get("n", 10)), 1), MAX_N),
            None if epoch is None else int(epoch),
            int(content.get("serial", 0)),
        )

    def answer(
        self, scorer: LearnedScorer | None, interactions: Interactions, *, run: int, epoch: int
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Fold the ratings in, and tell what is recommended, or why nothing can be.

        Returns
        -------
        content : dict
            As js/you.js decodes it.
        buffers : list of bytes
        """
        idx = np.fromiter(self.ratings, np.int32, len(self.ratings))
        arrays: dict[str, NDArray[Any]] = {"rated_idx": idx}
        content: dict[str, Any] = {"rated": _named(interactions, idx), "top": None, "reason": ""}
        if scorer is not None:
            rated = np.array([self.ratings[int(item)] is not None for item in idx], bool)
            values = np.array([value for value in self.ratings.values() if value is not None], np.float64)
            try:
                user, top, scores = best_of_new_user(scorer, interactions, idx[rated], values, self.n)
            except RecowidgetError:
                content["reason"] = NO_NEW_USERS
            else:
                content["top"] = _named(interactions, top)
                arrays |= {
                    "top_idx": top,
                    "top_scores": scores,
                    "top_counts": interactions.item_counts[top].astype(np.int32),
                    "rated_predictions": user.predict_block(np.zeros(1, np.intp), idx)[0],
                }
        return pack(arrays, kind="you", serial=self.serial, run=run, epoch=epoch, **content)


def read_ratings(value: Any, interactions: Interactions) -> dict[int, float | None]:
    """Read pairs of an item's index and a rating or None, as they travel; others are left out."""
    low, high = interactions.rating_scale
    ratings: dict[int, float | None] = {}
    for pair in value or ():
        item, rating = pair
        if not (isinstance(item, int) and 0 <= item < interactions.n_items):
            continue
        is_rated = isinstance(rating, int | float) and math.isfinite(rating) and low <= rating <= high
        ratings[item] = float(rating) if is_rated else None
    return ratings


def _named(interactions: Interactions, index: NDArray[np.int32]) -> dict[str, list[str] | None]:
    items = interactions.items
    return {"ids": texts_of(items.ids[index]), "titles": titles_of(items, index)}
