# ruff: noqa: N802, the workshop's own names
"""The workshop's predictions, rankings and similar items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from recowidget.checks import check_choice, check_count, check_numbers
from recowidget.errors import RecowidgetError, first_line, named_type
from recowidget.ranking import top_n
from recowidget.workshop.data import SCALE, columns_called, indices, scale_of

if TYPE_CHECKING:
    import keras
    import numpy.typing as npt

_BATCH_SIZE: Final = 1 << 16


def GetPredictions(model: keras.Model, data: pd.DataFrame) -> pd.DataFrame:
    """Predict every user of a frame with every item of it.

    Parameters
    ----------
    model
        Called as ``[user, item]``.
    data
        Ratings, with columns USER, ITEM and RATING.

    Returns
    -------
    pandas.DataFrame
        USER, ITEM and RATING (float32, the prediction), by user and then by item.
    """
    if not callable(getattr(model, "predict", None)) or isinstance(model, type):
        raise RecowidgetError(f"model must be a Keras model, not {named_type(model)}")
    users, items = _users_and_items(data)
    pairs = {"USER": np.repeat(users, len(items)), "ITEM": np.tile(items, len(users))}
    columns = [column[:, None] for column in pairs.values()]
    try:
        predicted = model.predict(columns, batch_size=_BATCH_SIZE, verbose=0)
    except Exception as error:
        raise RecowidgetError(
            f"the model can't predict for USER up to {users[-1]} and ITEM up to {items[-1]}, "
            f"given as [user, item]: {first_line(error)}"
        ) from error
    frame = pd.DataFrame({**pairs, "RATING": np.ravel(np.asarray(predicted))})
    frame.attrs[SCALE] = data.attrs.get(SCALE, scale_of(data))
    return frame


def GetRankingTopK(model: keras.Model, data: pd.DataFrame, train: pd.DataFrame, k: int = 5) -> pd.DataFrame:
    """Rank the items that each user has not in train, by prediction.

    Parameters
    ----------
    model
        Called as ``[user, item]``.
    data
        All ratings, with columns USER, ITEM and RATING.
    train
        Those that count as seen.
    k
        How many items a user, fewer where there are fewer.

    Returns
    -------
    pandas.DataFrame
        USER, ITEM, RATING (the prediction) and rank (1 the best), by user and rank; equal predictions by
        item.

    Raises
    ------
    RecowidgetError
        Where k is no integer of 1 or more.
    """
    predictions = GetPredictions(model, data)
    users, items = _users_and_items(data)
    user_idx, item_idx = (indices(train, "train", label) for label in ("USER", "ITEM"))
    scores = predictions["RATING"].to_numpy().reshape(len(users), len(items))
    known = np.isin(user_idx, users) & np.isin(item_idx, items)
    seen = np.zeros(scores.shape, np.bool_)
    seen[np.searchsorted(users, user_idx[known]), np.searchsorted(items, item_idx[known])] = True
    top = top_n(scores, min(check_count("k", k), max(len(items), 1)), seen)
    row, rank = np.nonzero(top >= 0)
    ranked = predictions.iloc[row * len(items) + top[row, rank]].reset_index(drop=True)
    return ranked.assign(rank=rank + 1)


def _users_and_items(data: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    columns_called(data, "data", {"rating": "RATING"})
    return np.unique(indices(data, "data", "USER")), np.unique(indices(data, "data", "ITEM"))


def GetSimilar(
    embedding: npt.ArrayLike, k: int = 5, metric: Literal["cosine", "dot", "euclidean"] = "cosine"
) -> npt.NDArray[np.int64]:
    """Find the items, or users, whose embedding is most like that of each.

    Parameters
    ----------
    embedding
        Shape (n, n_factors).
    k
        How many beside itself; fewer where there are fewer.
    metric
        "cosine", "dot" or "euclidean".

    Returns
    -------
    ndarray of int64
        Shape (n, k + 1): indices, itself first, then the most similar; equal ones by index.

    Raises
    ------
    RecowidgetError
        Where k or the metric is none.
    """
    check_choice("metric", metric, ("cosine", "dot", "euclidean"))
    vectors = check_numbers("embedding", embedding, "(n, n_factors)", ndim=2)
    n = len(vectors)
    if not n:
        raise RecowidgetError("embedding has no rows; give one or more")
    products = vectors @ vectors.T
    squares = np.diag(products)
    if metric == "cosine":
        lengths = np.sqrt(np.where(squares > 0, squares, 1))
        likeness = products / np.multiply.outer(lengths, lengths)
    elif metric == "dot":
        likeness = products
    else:
        likeness = 2 * products - np.add.outer(squares, squares)
    others = top_n(likeness, min(check_count("k", k), n - 1), np.eye(n, dtype=np.bool_))
    return np.column_stack([np.arange(n), others])
