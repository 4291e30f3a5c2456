"""What there is to tell of one user, of one item and of both, at one epoch and over all of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from recowidget.evaluation import relevance_threshold
from recowidget.hits import ranking_metric
from recowidget.ranking import top_n
from recowidget.scoring import Predictor
from recowidget.similarity import most_similar

if TYPE_CHECKING:
    from collections.abc import Callable

    from recowidget.encoding import Indices
    from recowidget.history import History
    from recowidget.scoring import LearnedScorer
    from recowidget.split import Split

Side = Literal["user", "item"]
Values = npt.NDArray[np.float32]

MAX_POINTS: Final = 256
"""Epochs of one line at most: more than it has pixels to tell apart."""
MAX_BARS: Final = 20
"""Of a histogram that has a bar for each rating that can be given."""
BARS: Final = 10
"""Of a histogram where so many ratings can be given that they are put together."""
EXAMINED: Final = 100_000
"""Ratings from which is read which can be given."""


@dataclass(frozen=True, eq=False)
class RatedBy:
    """The ratings that one user gave, or that one item got.

    Attributes
    ----------
    side
        Of whom or what these are.
    index
        The user's or the item's.
    other_idx
        The items of a user or the users of an item, shape (n,): the highest rating first, of equal ones the
        item that has more ratings, or the user who gave more; then by index.
    ratings
        Shape (n,).
    parts
        Shape (n,): 0 train, 1 validation, 2 test.
    """

    side: Side
    index: int
    other_idx: Indices
    ratings: Values
    parts: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, split: Split, parts: npt.NDArray[np.uint8], side: Side, index: int) -> RatedBy:
        """Look up the ratings of a user or an item in a split whose `parts` are given by row."""
        interactions = split.interactions
        own, other, counts = interactions.user_idx, interactions.item_idx, interactions.item_counts
        if side == "item":
            own, other, counts = other, own, interactions.user_counts
        rows = np.flatnonzero(own == index)
        rows = rows[np.lexsort((other[rows], -counts[other[rows]], -interactions.ratings[rows]))]
        return cls(side, index, other[rows], interactions.ratings[rows], parts[rows])

    def __len__(self) -> int:
        return len(self.ratings)

    @property
    def mean(self) -> float | None:
        """Of the ratings; None where there is none."""
        return float(self.ratings.mean(dtype=np.float64)) if len(self) else None

    def rating_of(self, other: int) -> tuple[float, int] | None:
        """Give rating and part of one item or user; None where there is no rating."""
        found = np.flatnonzero(self.other_idx == other)
        return (float(self.ratings[found[0]]), int(self.parts[found[0]])) if len(found) else None


@dataclass(frozen=True, eq=False)
class Bars:
    """The bars of histograms of ratings.

    Attributes
    ----------
    centers
        Ratings in the middle of each bar, shape (n_bars,), ascending; none where there are no ratings.
    """

    centers: Values

    @classmethod
    def of(cls, split: Split) -> Bars:
        """A bar for each rating that can be given, or `BARS` over the rating scale where those are many."""
        interactions = split.interactions
        low, high = interactions.rating_scale
        if interactions.is_implicit or not np.isfinite([low, high]).all():
            return cls(np.empty(0, np.float32))
        given = np.unique(interactions.ratings[:: max(1, interactions.n_ratings // EXAMINED)])
        steps = np.diff(given.astype(np.float64))
        step = float(steps.min()) if len(steps) else 1.0
        n_bars = round((high - low) / step) + 1
        even = np.allclose((given - low) / step, np.round((given - low) / step), atol=1e-3)
        if n_bars <= MAX_BARS and even:
            return cls((low + step * np.arange(n_bars)).astype(np.float32))
        width = (high - low) / BARS
        return cls((low + width * (np.arange(BARS) + 0.5)).astype(np.float32))

    def count(self, ratings: Values) -> npt.NDArray[np.int32]:
        """Count the ratings nearest to each centre, shape (n_bars,)."""
        if not len(self.centers):
            return np.empty(0, np.int32)
        between = (self.centers[1:] + self.centers[:-1]) / 2
        bars = np.searchsorted(between, ratings, side="right")
        return np.bincount(bars, minlength=len(self.centers)).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The best items for one user, and how many of them are relevant in the part that is held out.

    Attributes
    ----------
    item_idx
        Best first, shape (n,); without what the user rated in a part before the one that is held out.
    scores
        Shape (n,).
    ratings
        Those held out, shape (n,); NaN where there is none.
    hits
        Whether the rating held out makes the item relevant, shape (n,).
    precision, ndcg
        Of a list as long as was asked for, as in `recowidget.evaluation`; NaN where nothing is relevant.
    """

    item_idx: Indices
    scores: Values
    ratings: Values
    hits: npt.NDArray[np.bool_]
    precision: float
    ndcg: float


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What is held out of one user's ratings, to rank by: the test part, or where there is none validation.

    Attributes
    ----------
    rated
        All ratings of the user.
    n_items
        In the catalogue.
    threshold
        The lowest rating that makes an item relevant.
    part
        2 test, 1 validation.
    """

    rated: RatedBy
    n_items: int
    threshold: float
    part: int

    @classmethod
    def of(cls, split: Split, rated: RatedBy) -> HeldOut:
        """Tell what is held out in a split."""
        interactions = split.interactions
        return cls(rated, interactions.n_items, relevance_threshold(interactions), held_out_part(split))

    @property
    def item_idx(self) -> Indices:
        """Items that are held out."""
        return np.asarray(self.rated.other_idx[self.rated.parts == self.part], np.int32)

    @property
    def ratings(self) -> Values:
        """Their ratings."""
        return np.asarray(self.rated.ratings[self.rated.parts == self.part], np.float32)

    @cached_property
    def n_relevant(self) -> int:
        """How many of them are relevant."""
        return int((self.ratings >= self.threshold).sum())

    @cached_property
    def _seen(self) -> npt.NDArray[np.bool_]:
        seen = np.zeros((1, self.n_items), np.bool_)
        seen[0, self.rated.other_idx[self.rated.parts < self.part]] = True
        return seen

    @cached_property
    def _rating_of(self) -> dict[int, np.float32]:
        return dict(zip(self.item_idx.tolist(), self.ratings, strict=True))

    def rank(self, scorer: Any, n: int) -> Ranking:
        """Rank all items that were not seen, and keep the n best."""
        scores = scorer.predict_block(np.array([self.rated.index]), np.arange(self.n_items))
        best = top_n(scores, n, self._seen)[0]
        best = best[best >= 0]
        ratings = np.array([self._rating_of.get(item, np.nan) for item in best.tolist()], np.float32)
        hits = ratings >= self.threshold
        precision, ndcg = (
            float(ranking_metric(name, hits[None, :], np.array([self.n_relevant]), n)[0])
            for name in ("precision", "ndcg")
        )
        return Ranking(best, np.asarray(scores[0, best], np.float32), ratings, hits, precision, ndcg)

    def measure(self, scorer: Any, n: int, *, on_scale: bool) -> tuple[float, float, float]:
        """Give precision and NDCG at n, and the RMSE of what is held out.

        Parameters
        ----------
        scorer : LearnedScorer
        n : int
        on_scale : bool
            Whether predictions are on the scale of the ratings; else the RMSE is NaN.
        """
        precision = ndcg = float("nan")
        if self.n_relevant:
            ranking = self.rank(scorer, n)
            precision, ndcg = ranking.precision, ranking.ndcg
        if not on_scale or not len(self.ratings) or not isinstance(scorer, Predictor):
            return precision, ndcg, float("nan")
        users = np.full(len(self.ratings), self.rated.index)
        residuals = self.ratings.astype(np.float64) - scorer.predict(users, self.item_idx)
        return precision, ndcg, float(np.sqrt(np.mean(np.square(residuals))))


def held_out_part(split: Split) -> int:
    """Give the part that ranking is measured on: 2 test, or where there is none 1 validation."""
    return 1 if len(split.validation) and not len(split.test) else 2


def similar_items(scorer: Any, item: int, n: int, n_items: int) -> tuple[Indices, Values]:
    """Find the items whose factors have the largest cosine with an item's.

    Returns
    -------
    item_idx, similarities
        Most similar first; none where the scorer has no factors of items.
    """
    table = getattr(scorer, "item_factors", None)
    if table is None:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    excluded = np.zeros(n_items, np.bool_)
    excluded[item] = True
    return most_similar(table[:n_items], item, n, excluded)


class Course:
    """Numbers computed from what predicted at the end of the epochs of a run, each once.

    Parameters
    ----------
    compute
        Gives the numbers of one epoch.
    width
        How many.
    """

    def __init__(self, compute: Callable[[LearnedScorer], tuple[float, ...]], width: int) -> None:
        self._compute = compute
        self._width = width
        self._known: dict[int, tuple[float, ...]] = {}

    def advance(self, history: History, seconds: float) -> bool:
        """Compute epochs that are still missing, one or more, until the time is up.

        Returns
        -------
        bool
            Whether none is missing now.
        """
        end = time.monotonic() + seconds
        kept = set(history.kept_epochs)
        wanted = spread_epochs(sorted(kept | self._known.keys()), {0, history.best_epoch, history.last_epoch})
        self._known = {epoch: self._known[epoch] for epoch in wanted if epoch in self._known}
        missing = [epoch for epoch in coarse_to_fine(wanted) if epoch not in self._known]
        for done, epoch in enumerate(missing, start=1):
            try:
                scorer = history.snapshot(epoch).scorer
            except KeyError:  # It was thinned out meanwhile.
                continue
            self._known[epoch] = self._compute(scorer)
            if time.monotonic() >= end:
                return done == len(missing)
        return True

    @property
    def epochs(self) -> npt.NDArray[np.int32]:
        """Epochs that are known, ascending, shape (n,)."""
        return np.array(sorted(self._known), np.int32)

    @property
    def numbers(self) -> Values:
        """What was computed of them, shape (n, width)."""
        rows = [self._known[epoch] for epoch in sorted(self._known)]
        with np.errstate(over="ignore"):  # of a diverged model
            return np.array(rows, np.float32).reshape(-1, self._width)


def spread_epochs(epochs: list[int], always: set[int], most: int = MAX_POINTS) -> list[int]:
    """Choose epochs evenly: those that a power of two divides, the least of which at most `most` are left.

    Parameters
    ----------
    epochs
        Ascending.
    always
        Chosen in any case, where they are among them.
    most
        So many, beside those.
    """
    stride = 1
    while epochs and epochs[-1] // stride >= most:
        stride *= 2
    return [epoch for epoch in epochs if epoch % stride == 0 or epoch in always]


def coarse_to_fine(epochs: list[int]) -> list[int]:
    """Order epochs so that the first few are spread over all: the last, the first, then halves and so on."""
    order = dict.fromkeys(epochs[-1:])
    step = 1 << max(len(epochs) - 1, 0).bit_length()
    while step >= 1:
        order |= dict.fromkeys(epochs[::step])
        step //= 2
    return list(order)
