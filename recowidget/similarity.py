"""Which items, or which users, have factors alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.arguments import read_interactions
from recowidget.checks import check_choice, check_count
from recowidget.errors import RecowidgetError, shown
from recowidget.ranking import top_n
from recowidget.scoring import read_scorer

if TYPE_CHECKING:
    from recowidget.arguments import RatingsLike
    from recowidget.encoding import Indices, Vocabulary
    from recowidget.scoring import ScorerLike

BLOCK_ROWS: Final = 1 << 16
"""Rows compared at a time in double precision, so that memory stays bounded."""

Metric = Literal["cosine", "dot", "euclidean"]
Vectors = npt.NDArray[np.float64]


def similar_items(
    factors: ScorerLike,
    interactions: RatingsLike,
    item: Any,
    n: int = 10,
    metric: Metric = "cosine",
    *,
    min_ratings: int = 0,
) -> pd.DataFrame:
    """Find the items whose factors are most like an item's.

    Parameters
    ----------
    factors
        `Factors`, or whatever has such: of a network its embeddings are compared. Biases play no part. A
        Keras model is read as `recowidget.scorer_of` reads it.
    interactions
        The ratings, whose ids and titles are used; or a frame of them, without titles.
    item
        The id of an item.
    n
        How many, 1 or more; fewer where there are fewer. The item itself isn't among them.
    metric
        "cosine": the cosine of the angle between the factors, -1 to 1, 0 where either is all zeros. "dot":
        their dot product. "euclidean": 1 / (1 + their distance), above 0 to 1.
    min_ratings
        Leave out those with fewer ratings: of a few ratings factors learn little, and are like anything.

    Returns
    -------
    pandas.DataFrame
        The id under the user's own name for it, title, similarity and rank (1 the most similar). Equal
        similarities are ranked by index.

    Raises
    ------
    RecowidgetError
        Where the id is unknown (the message names it), n or the metric is none, or the scorer has no factors.
    """
    return _similar(factors, interactions, "item", item, n, metric, min_ratings)


def similar_users(
    factors: ScorerLike,
    interactions: RatingsLike,
    user: Any,
    n: int = 10,
    metric: Metric = "cosine",
    *,
    min_ratings: int = 0,
) -> pd.DataFrame:
    """Find the users whose factors are most like a user's.

    Parameters
    ----------
    factors, interactions, n, metric, min_ratings
        As in `similar_items`.
    user
        The id of a user.

    Returns
    -------
    pandas.DataFrame
        As of `similar_items`.

    Raises
    ------
    RecowidgetError
        As `similar_items`.
    """
    return _similar(factors, interactions, "user", user, n, metric, min_ratings)


def most_similar(
    table: npt.ArrayLike,
    index: int,
    n: int,
    excluded: npt.NDArray[np.bool_],
    metric: Metric = "cosine",
) -> tuple[Indices, npt.NDArray[np.float32]]:
    """Find the rows of a table of factors that are most like one of them.

    Parameters
    ----------
    table
        Shape (n_rows, n_factors).
    index
        The row that others are compared with.
    n
        How many.
    excluded
        Rows that aren't candidates, shape (n_rows,).
    metric
        As in `similar_items`.

    Returns
    -------
    indices, similarities
        Most similar first, equal ones by index; shape (n,), or less where there are fewer candidates.
    """
    vectors = np.asarray(table, np.float32)
    one = vectors[index].astype(np.float64)
    similarities = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        similarities[rows] = _SIMILARITIES[metric](vectors[rows].astype(np.float64), one)
    top = top_n(similarities[None, :], n, excluded[None, :])[0]
    top = top[top >= 0]
    return top, similarities[top]


def index_of_one(vocabulary: Vocabulary, one: Any) -> int:
    """Give the index of an id; RecowidgetError where it is unknown, or a collection of ids."""
    if pd.api.types.is_list_like(one):
        raise RecowidgetError(f"one {vocabulary.name} is needed, not {shown(one)}")
    return int(vocabulary.index_of(one))


def _similar(
    learned: ScorerLike,
    interactions: RatingsLike,
    side: Literal["user", "item"],
    one: Any,
    n: int,
    metric: Metric,
    min_ratings: int,
) -> pd.DataFrame:
    ratings = read_interactions(interactions)
    of_users = side == "user"
    vocabulary = ratings.users if of_users else ratings.items
    counts = ratings.user_counts if of_users else ratings.item_counts
    excluded = counts < check_count("min_ratings", min_ratings, least=0)
    count = min(check_count("n", n), max(len(vocabulary), 1))
    check_choice("metric", metric, list(_SIMILARITIES))
    index = index_of_one(vocabulary, one)
    table = getattr(read_scorer(learned, ratings), f"{side}_factors", None)
    if table is None:
        raise RecowidgetError(f"similarity needs {side} factors, and this model or baseline has none")
    excluded[index] = True
    top, similarities = most_similar(table[: len(vocabulary)], index, count, excluded, metric)
    return pd.DataFrame(
        {
            vocabulary.name: vocabulary.ids[top],
            "title": vocabulary.label_of(top),
            "similarity": similarities,
            "rank": np.arange(1, len(top) + 1),
        }
    )


def _cosine(vectors: Vectors, one: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(one)
    return np.asarray(vectors @ one / np.where(lengths > 0, lengths, 1))


def _dot(vectors: Vectors, one: Vectors) -> Vectors:
    return np.asarray(vectors @ one)


def _euclidean(vectors: Vectors, one: Vectors) -> Vectors:
    return np.asarray(1 / (1 + np.linalg.norm(vectors - one, axis=1)))


_SIMILARITIES: Final = {"cosine": _cosine, "dot": _dot, "euclidean": _euclidean}
