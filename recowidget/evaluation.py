"""How well a scorer predicts and ranks what a split holds out.

Every item of the catalogue is a candidate for every user (none are sampled), but for those that the user
rated in a part of the split before the one that is evaluated. The definitions of the metrics are in
`recowidget.metrics`, whose functions can be had from here as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.arguments import read_interactions, read_split
from recowidget.checks import check_choice, check_count, check_number
from recowidget.hits import METRICS, ranking_metric
from recowidget.metrics import (
    catalogue_coverage,
    hit_rate_at_k,
    mae,
    map_at_k,
    mrr_at_k,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    rmse,
)
from recowidget.ranking import ItemsByUser, blocks_of_users, top_n
from recowidget.scoring import Predictor, read_scorer

if TYPE_CHECKING:
    from recowidget.arguments import RatingsLike
    from recowidget.interactions import Interactions
    from recowidget.rows import Rows
    from recowidget.scoring import Scorer, ScorerLike
    from recowidget.split import Split

__all__ = [
    "catalogue_coverage",
    "evaluate",
    "evaluate_errors",
    "evaluate_users",
    "hit_rate_at_k",
    "mae",
    "map_at_k",
    "mrr_at_k",
    "ndcg_at_k",
    "precision_at_k",
    "recall_at_k",
    "relevance_threshold",
    "rmse",
]

Part = Literal["validation", "test"]

_RELEVANT_FROM = 0.75


def evaluate(
    scorer: ScorerLike,
    split: Split,
    k: int = 10,
    relevant: float | None = None,
    part: Part = "test",
) -> pd.Series[float]:
    """Evaluate a scorer on what a split holds out.

    Parameters
    ----------
    scorer
        Factors, a baseline, or any other `recowidget.scoring.Scorer`; or a Keras model, which is read as
        `recowidget.scorer_of` reads it: its indices are those of ``split.interactions``.
    split
        Whose part is predicted and ranked.
    k
        Length of the ranked lists, 1 or more.
    relevant
        The lowest rating that makes an item of the part relevant; `relevance_threshold` where not given. Of
        implicit feedback every item of the part is relevant.
    part
        "test", where items of train and validation are no candidates; or "validation", where those of
        train aren't.

    Returns
    -------
    pandas.Series
        rmse and mae over the ratings of the part, unclipped (NaN where the scorer isn't on the rating
        scale, or the feedback is implicit and has no ratings); precision, recall, ndcg, map, mrr and
        hit_rate at k, means over the users with a relevant item in the part; coverage, the share of the
        catalogue that is recommended to any user with a rating in the part. NaN where there is nothing to
        average.

    Raises
    ------
    RecowidgetError
        Where k, `relevant` or `part` is none, or the scorer or the split is no such thing.

    Notes
    -----
    Equal scores are ranked by item index. Scores of all items are computed for a block of users at a time.
    """
    scorer = _scorer_for(scorer, split)
    evaluation = _Evaluation.of(scorer, split, k, relevant, part)
    ranks = evaluation.n_relevant > 0
    means = {
        name: float(values[ranks].mean()) if ranks.any() else float("nan")
        for name, values in evaluation.metrics.items()
    }
    means["coverage"] = evaluation.coverage
    return pd.concat([evaluate_errors(scorer, split, part), pd.Series(means, dtype=np.float64)])


def evaluate_errors(scorer: ScorerLike, split: Split, part: Part = "test") -> pd.Series[float]:
    """Evaluate a scorer's predictions only, which takes no ranking.

    Parameters
    ----------
    scorer, split, part
        As in `evaluate`.

    Returns
    -------
    pandas.Series
        rmse and mae, as in `evaluate`.

    Raises
    ------
    RecowidgetError
        As `evaluate`.
    """
    scorer = _scorer_for(scorer, split)
    residuals = _residuals(scorer, split.interactions, _rows_of(split, part))
    truth = np.zeros_like(residuals)
    return pd.Series({"rmse": rmse(truth, residuals), "mae": mae(truth, residuals)}, dtype=np.float64)


def evaluate_users(
    scorer: ScorerLike,
    split: Split,
    k: int = 10,
    relevant: float | None = None,
    part: Part = "test",
) -> pd.DataFrame:
    """Evaluate a scorer user by user.

    Parameters
    ----------
    scorer, split, k, relevant, part
        As in `evaluate`.

    Returns
    -------
    pandas.DataFrame
        A row for each user with a rating in the part, by index: the id under the user's own name for it,
        n_ratings and n_relevant in the part, rmse, mae, precision, recall, ndcg, map (the user's average
        precision), mrr (the reciprocal rank) and hit_rate; NaN where nothing is relevant.

    Raises
    ------
    RecowidgetError
        As `evaluate`.
    """
    scorer = _scorer_for(scorer, split)
    evaluation = _Evaluation.of(scorer, split, k, relevant, part)
    users, n_ratings = evaluation.users, evaluation.n_ratings
    held_out = _rows_of(split, part)
    rows = np.searchsorted(users, split.interactions.user_idx[held_out])
    residuals = _residuals(scorer, split.interactions, held_out)
    squares, sizes = (
        np.bincount(rows, weights, len(users)) / n_ratings for weights in (residuals**2, np.abs(residuals))
    )
    vocabulary = split.interactions.users
    return pd.DataFrame(
        {
            vocabulary.name: vocabulary.ids[users],
            "n_ratings": n_ratings,
            "n_relevant": evaluation.n_relevant,
            "rmse": np.sqrt(squares),
            "mae": sizes,
            **evaluation.metrics,
        }
    )


def relevance_threshold(interactions: RatingsLike) -> float:
    """Give the rating from which on an item counts as relevant where nothing else is said.

    Parameters
    ----------
    interactions
        The ratings.

    Returns
    -------
    float
        Three quarters of the way up from the lowest to the highest rating: 4 on a scale of 1 to 5, which is
        the usual choice, and 3.875 on one of 0.5 to 5. Where all ratings are equal, all are relevant, and so
        they are of implicit feedback.
    """
    low, high = read_interactions(interactions).rating_scale
    return low + _RELEVANT_FROM * (high - low)


@dataclass(frozen=True, eq=False)
class _Evaluation:
    users: npt.NDArray[np.intp]
    n_ratings: npt.NDArray[np.intp]
    n_relevant: npt.NDArray[np.intp]
    metrics: dict[str, npt.NDArray[np.float64]]
    coverage: float

    @classmethod
    def of(cls, scorer: Scorer, split: Split, k: int, relevant: float | None, part: Part) -> _Evaluation:
        size = check_count("k", k)
        interactions, rows = split.interactions, _rows_of(split, part)
        threshold = _checked_threshold(relevant, interactions)
        rated = np.bincount(interactions.user_idx[rows], minlength=interactions.n_users)
        wanted = rows[interactions.ratings[rows] >= threshold]
        n_relevant = np.bincount(interactions.user_idx[wanted], minlength=interactions.n_users)
        users = np.flatnonzero(rated)
        seen = split.train if part == "validation" else np.concatenate([split.train, split.validation])
        hits, coverage = _rank(
            scorer,
            users,
            min(size, max(interactions.n_items, 1)),
            interactions.n_items,
            ItemsByUser.of_rows(interactions, seen),
            ItemsByUser.of_rows(interactions, wanted),
        )
        return cls(
            users,
            rated[users],
            n_relevant[users],
            {name: ranking_metric(name, hits, n_relevant[users], size) for name in METRICS},
            coverage,
        )


def _rank(
    scorer: Scorer,
    users: npt.NDArray[np.intp],
    k: int,
    n_items: int,
    seen: ItemsByUser,
    wanted: ItemsByUser,
) -> tuple[npt.NDArray[np.bool_], float]:
    """Rank all items for each user: which of the first k are wanted, and how many items are ever named."""
    hits = np.zeros((len(users), k), np.bool_)
    named = np.zeros(n_items, np.bool_)
    items = np.arange(n_items)
    done = 0
    for block in blocks_of_users(users, n_items):
        top = top_n(scorer.predict_block(block, items), k, seen.mask(block, n_items))
        there = top >= 0
        named[top[there]] = True
        wanted_here = np.take_along_axis(wanted.mask(block, n_items), np.maximum(top, 0), axis=1)
        hits[done : done + len(block)] = wanted_here & there
        done += len(block)
    return hits, float(named.mean()) if len(users) else float("nan")


def _scorer_for(scorer: object, split: object) -> Scorer:
    return read_scorer(scorer, read_split(split).interactions)


def _rows_of(split: Split, part: object) -> Rows:
    return (
        split.validation if check_choice("part", part, ("validation", "test")) == "validation" else split.test
    )


def _residuals(scorer: Scorer, interactions: Interactions, rows: Rows) -> npt.NDArray[np.float64]:
    if interactions.is_implicit or not isinstance(scorer, Predictor):
        return np.full(len(rows), np.nan)
    predictions = scorer.predict(interactions.user_idx[rows], interactions.item_idx[rows])
    return interactions.ratings[rows].astype(np.float64) - predictions


def _checked_threshold(relevant: object, interactions: Interactions) -> float:
    if relevant is None:
        return relevance_threshold(interactions)
    return check_number("relevant", relevant)
