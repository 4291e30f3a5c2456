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


def ranking_metric(name: str, hits: Hits, n_relevant: Counts) -> Values:
    """Compute one metric for each user.

    Parameters
    ----------
    name
        One of `METRICS`.
    hits
        Shape (n_users, k): whether the recommendation at each rank is relevant.
    n_relevant
        Shape (n_users,).

    Returns
    -------
    ndarray of float64
        Shape (n_users,), NaN for users to whom nothing is relevant.
    """
    values = METRICS[name](hits, np.maximum(n_relevant, 1))
    return np.where(n_relevant > 0, values, np.nan)


def _precision(hits: Hits, _: Counts) -> Values:
    return np.asarray(hits.mean(axis=1))


def _recall(hits: Hits, n_relevant: Counts) -> Values:
    return np.asarray(hits.sum(axis=1) / n_relevant)


def _ndcg(hits: Hits, n_relevant: Counts) -> Values:
    discounts = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    best = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(n_relevant, hits.shape[1])]
    return np.asarray(hits @ discounts / best)


def _average_precision(hits: Hits, n_relevant: Counts) -> Values:
    precisions = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return np.asarray((precisions * hits).sum(axis=1) / n_relevant)


def _reciprocal_rank(hits: Hits, _: Counts) -> Values:
    return np.asarray(hits.any(axis=1) / (hits.argmax(axis=1) + 1))


def _hit_rate(hits: Hits, _: Counts) -> Values:
    return np.asarray(hits.any(axis=1), np.float64)


METRICS: Final[dict[str, Callable[[Hits, Counts], Values]]] = {
    "precision": _precision,
    "recall": _recall,
    "ndcg": _ndcg,
    "map": _average_precision,
    "mrr": _reciprocal_rank,
    "hit_rate": _hit_rate,
}
