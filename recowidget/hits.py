"""Metrics of ranked lists, for many users at once, from which recommendations hit.

`recowidget.metrics` defines them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Hits = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.integer]
Values = npt.NDArray[np.float64]


def ranking_metric(name: str, hits: Hits, n_relevant: Counts, k: int) -> Values:
    """Compute one metric for each user.

    Parameters
    ----------
    name
        One of `METRICS`.
    hits
        Shape (n_users, n): whether the recommendation at each rank is relevant. Of the ranks from n to k
        none is.
    n_relevant
        Shape (n_users,).
    k
        Length of the lists that the metric is of, n or more.

    Returns
    -------
    ndarray of float64
        Shape (n_users,), NaN for users to whom nothing is relevant.
    """
    values = METRICS[name](hits, np.maximum(n_relevant, 1), k)
    return np.where(n_relevant > 0, values, np.nan)


def _precision(hits: Hits, _: Counts, k: int) -> Values:
    return np.asarray(hits.sum(axis=1) / k)


def _recall(hits: Hits, n_relevant: Counts, _: int) -> Values:
    return np.asarray(hits.sum(axis=1) / n_relevant)


def _ndcg(hits: Hits, n_relevant: Counts, k: int) -> Values:
    most = np.minimum(n_relevant, k)
    discounts = 1 / np.log2(np.arange(2, max(hits.shape[1], int(most.max(initial=0))) + 2))
    best = np.concatenate([[0.0], np.cumsum(discounts)])[most]
    return np.asarray(hits @ discounts[: hits.shape[1]] / best)


def _average_precision(hits: Hits, n_relevant: Counts, _: int) -> Values:
    precisions = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return np.asarray((precisions * hits).sum(axis=1) / n_relevant)


def _reciprocal_rank(hits: Hits, _: Counts, __: int) -> Values:
    return np.asarray(hits.any(axis=1) / (hits.argmax(axis=1) + 1))


def _hit_rate(hits: Hits, _: Counts, __: int) -> Values:
    return np.asarray(hits.any(axis=1), np.float64)


METRICS: Final[dict[str, Callable[[Hits, Counts, int], Values]]] = {
    "precision": _precision,
    "recall": _recall,
    "ndcg": _ndcg,
    "map": _average_precision,
    "mrr": _reciprocal_rank,
    "hit_rate": _hit_rate,
}
