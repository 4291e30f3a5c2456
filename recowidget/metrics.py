"""How good predictions and ranked lists are: the definitions.

Those of a ranked list are of one user; `recowidget.evaluation` averages them over the users that have
anything relevant. Relevance is binary.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recowidget.checks import check_count, check_numbers
from recowidget.errors import RecowidgetError, shown
from recowidget.hits import ranking_metric

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import numpy.typing as npt


def rmse(ratings: npt.ArrayLike, predictions: npt.ArrayLike) -> float:
    """Root of the mean squared error.

    Parameters
    ----------
    ratings, predictions
        On the rating scale, of one shape.

    Returns
    -------
    float
        sqrt(mean((ratings - predictions)²)), computed in 64 bits; NaN where there is no rating.

    Raises
    ------
    RecowidgetError
        Where the shapes differ.

    Notes
    -----
    Herlocker, Konstan, Terveen and Riedl, "Evaluating collaborative filtering recommender systems", ACM
    TOIS 22(1), 2004, section 4.1.
    """
    residuals = _residuals(ratings, predictions)
    return float(np.sqrt(np.mean(np.square(residuals)))) if residuals.size else float("nan")


def mae(ratings: npt.ArrayLike, predictions: npt.ArrayLike) -> float:
    """Mean absolute error.

    Parameters
    ----------
    ratings, predictions
        On the rating scale, of one shape.

    Returns
    -------
    float
        mean(abs(ratings - predictions)), computed in 64 bits; NaN where there is no rating.

    Raises
    ------
    RecowidgetError
        Where the shapes differ.

    Notes
    -----
    As `rmse`.
    """
    residuals = _residuals(ratings, predictions)
    return float(np.mean(np.abs(residuals))) if residuals.size else float("nan")


def precision_at_k(recommended: Sequence[Any], relevant: Collection[Any], k: int) -> float:
    """Share of the first k recommendations that are relevant.

    Parameters
    ----------
    recommended
        Items, best first, each once; those past the first k don't count.
    relevant
        The items that are relevant to the user.
    k
        1 or more.

    Returns
    -------
    float
        Hits / k, also where fewer than k are recommended; NaN where nothing is relevant.

    Raises
    ------
    RecowidgetError
        Where k is none, or an item is recommended twice.

    Notes
    -----
    Manning, Raghavan and Schütze, "Introduction to information retrieval", 2008, section 8.4; `P_k` of
    trec_eval.
    """
    return _of_one("precision", recommended, relevant, k)


def recall_at_k(recommended: Sequence[Any], relevant: Collection[Any], k: int) -> float:
    """Share of the relevant items that are among the first k recommendations.

    Parameters
    ----------
    recommended, relevant, k
        As in `precision_at_k`.

    Returns
    -------
    float
        Hits / number of relevant items; NaN where nothing is relevant.

    Raises
    ------
    RecowidgetError
        As `precision_at_k`.

    Notes
    -----
    Manning, Raghavan and Schütze (2008), section 8.3; `recall_k` of trec_eval.
    """
    return _of_one("recall", recommended, relevant, k)


def ndcg_at_k(recommended: Sequence[Any], relevant: Collection[Any], k: int) -> float:
    """Normalized discounted cumulative gain of the first k recommendations.

    Parameters
    ----------
    recommended, relevant, k
        As in `precision_at_k`.

    Returns
    -------
    float
        The sum of 1 / log2(rank + 1) over the hits, divided by that of the best possible list, which has
        min(number of relevant items, k) hits on top. NaN where nothing is relevant.

    Raises
    ------
    RecowidgetError
        As `precision_at_k`.

    Notes
    -----
    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002, with
    a gain of 1 and the discount that is usual today; `ndcg_cut_k` of trec_eval, `ndcg_score` of
    scikit-learn.
    """
    return _of_one("ndcg", recommended, relevant, k)


def map_at_k(recommended: Sequence[Any], relevant: Collection[Any], k: int) -> float:
    """Average precision of the first k recommendations, whose mean over users is MAP.

    Parameters
    ----------
    recommended, relevant, k
        As in `precision_at_k`.

    Returns
    -------
    float
        The sum over the hits of the precision at their rank, divided by the number of relevant items,
        also where that is more than k. NaN where nothing is relevant.

    Raises
    ------
    RecowidgetError
        As `precision_at_k`.

    Notes
    -----
    Manning, Raghavan and Schütze (2008), section 8.4; `map_cut_k` of trec_eval. Others divide by
    min(number of relevant items, k), which gives as much or more.
    """
    return _of_one("map", recommended, relevant, k)


def mrr_at_k(recommended: Sequence[Any], relevant: Collection[Any], k: int) -> float:
    """Reciprocal rank of the first hit, whose mean over users is MRR.

    Parameters
    ----------
    recommended, relevant, k
        As in `precision_at_k`.

    Returns
    -------
    float
        1 / rank of the first hit, 0 where the first k have none; NaN where nothing is relevant.

    Raises
    ------
    RecowidgetError
        As `precision_at_k`.

    Notes
    -----
    Voorhees, "The TREC-8 question answering track report", 1999; `recip_rank` of trec_eval on a list of k.
    """
    return _of_one("mrr", recommended, relevant, k)


def hit_rate_at_k(recommended: Sequence[Any], relevant: Collection[Any], k: int) -> float:
    """Whether any of the first k recommendations is relevant.

    Parameters
    ----------
    recommended, relevant, k
        As in `precision_at_k`.

    Returns
    -------
    float
        1 or 0; NaN where nothing is relevant.

    Raises
    ------
    RecowidgetError
        As `precision_at_k`.

    Notes
    -----
    Deshpande and Karypis, "Item-based top-N recommendation algorithms", ACM TOIS 22(1), 2004; `success_k`
    of trec_eval.
    """
    return _of_one("hit_rate", recommended, relevant, k)


def catalogue_coverage(recommended: Iterable[Iterable[Any]], n_items: int) -> float:
    """Share of the catalogue that is recommended to anyone.

    Parameters
    ----------
    recommended
        The items recommended to each user.
    n_items
        Size of the catalogue.

    Returns
    -------
    float
        Distinct items recommended / `n_items`.

    Raises
    ------
    RecowidgetError
        Where `n_items` is no integer of 1 or more, or more items than that are recommended.

    Notes
    -----
    Ge, Delgado-Battenfeld and Jannach, "Beyond accuracy: evaluating recommender systems by coverage and
    serendipity", RecSys 2010, section 3.1.
    """
    size = check_count("n_items", n_items)
    distinct = {
        item for items in _listed("recommended", recommended) for item in _items("recommended", items)
    }
    if len(distinct) > size:
        raise RecowidgetError(f"{len(distinct):,} items are recommended, and n_items is {size:,}")
    return len(distinct) / size


def _of_one(name: str, recommended: Sequence[Any], relevant: Collection[Any], k: int) -> float:
    size = check_count("k", k)
    first, known = _items("recommended", recommended)[:size], set(_items("relevant", relevant))
    repeated = [item for rank, item in enumerate(first) if item in first[:rank]]
    if repeated:
        raise RecowidgetError(f"recommended has {shown(repeated[0])} more than once among its first {size}")
    hits = np.zeros((1, max(len(first), 1)), np.bool_)
    hits[0, : len(first)] = [item in known for item in first]
    return float(ranking_metric(name, hits, np.array([len(known)]), size)[0])


def _listed(name: str, values: Any) -> list[Any]:
    if not pd.api.types.is_list_like(values) or isinstance(values, Mapping | pd.DataFrame):
        raise RecowidgetError(f"{name} must be a list of items, not {shown(values)}")
    return list(values)


def _items(name: str, items: Any) -> list[Any]:
    """List items, each an id; RecowidgetError where they are none."""
    listed = _listed(name, items)
    for item in listed:
        if not isinstance(item, Hashable):
            raise RecowidgetError(f"{name} must be a list of items, one id each, and has {shown(item)}")
    return listed


def _residuals(ratings: npt.ArrayLike, predictions: npt.ArrayLike) -> npt.NDArray[np.float64]:
    truth, predicted = check_numbers("ratings", ratings), check_numbers("predictions", predictions)
    if truth.shape != predicted.shape:
        raise RecowidgetError(
            f"ratings and predictions must have one shape, not {truth.shape} and {predicted.shape}"
        )
    return truth - predicted
