"""What to recommend to whom, what is like what, and why: ids in, ids and titles out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recowidget.arguments import read_interactions
from recowidget.checks import check_count
from recowidget.errors import RecowidgetError, shown
from recowidget.fold_in import IMPLICIT_REGULARIZATION, REGULARIZATION, fold_in, read_new_user
from recowidget.ranking import ItemsByUser, blocks_of_users, factors_of, top_n
from recowidget.rows import row_numbers
from recowidget.scoring import read_scorer
from recowidget.similarity import index_of_one, similar_items, similar_users

if TYPE_CHECKING:
    import numpy.typing as npt

    from recowidget.arguments import RatingsLike
    from recowidget.encoding import Ids, Indices
    from recowidget.factors import Factors
    from recowidget.interactions import Interactions
    from recowidget.ranking import AnyIndices, Scores
    from recowidget.rows import Rows
    from recowidget.scoring import Scorer, ScorerLike

__all__ = ["explain", "recommend", "similar_items", "similar_users"]


def recommend(
    scorer: ScorerLike,
    interactions: RatingsLike,
    user: Any = None,
    n: int = 10,
    *,
    exclude_seen: bool = True,
    seen: npt.ArrayLike | None = None,
    regularization: float | None = None,
) -> pd.DataFrame:
    """Recommend the items with the highest scores.

    Parameters
    ----------
    scorer
        Factors, a baseline, or any other `recowidget.scoring.Scorer`; or a Keras model, which is read as
        `recowidget.scorer_of` reads it.
    interactions
        The ratings, whose ids and titles are used; or a frame of them, without titles.
    user
        The id of a user; several ids; None for all users; or a new user's ratings, a mapping from item id
        to rating (of implicit feedback 1), which needs `Factors`: the user is folded in, see
        `recowidget.fold_in.fold_in`. A Series is a column of ids where it has the name of the users' column,
        or the index 0, 1, 2 and on; it is a new user's ratings where its index has the name of the items'
        column, as ``frame.set_index("movie_id")["rating"]``; any other is an error.
    n
        How many items for each user, 1 or more; fewer where there are fewer.
    exclude_seen
        Whether to leave out what the user has rated.
    seen
        Row numbers (or a boolean for each row) of the ratings that count as seen; all where not given. With
        `split.train` what is held out may be recommended.
    regularization
        Of the folding in; what is best for ratings or for implicit feedback where not given.

    Returns
    -------
    pandas.DataFrame
        The user's and the item's id under the user's own names for them, title, score and rank (1 the
        best), user by user in the order given. Equal scores are ranked by item index. A new user's id is
        None.

    Raises
    ------
    RecowidgetError
        Where an id is unknown (the message names it), n is none, a new user can't be folded in, or the
        scorer or the ratings are no such thing.
    """
    interactions = read_interactions(interactions)
    scorer = read_scorer(scorer, interactions)
    count = min(check_count("n", n), max(interactions.n_items, 1))
    if isinstance(user, pd.Series):
        user = _read_series(user, interactions)
    if isinstance(user, Mapping):
        item_idx, ratings = read_new_user(interactions, user)
        _, top, scores = best_of_new_user(
            scorer,
            interactions,
            item_idx,
            ratings,
            count,
            exclude_seen=exclude_seen,
            regularization=regularization,
        )
        return _recommendations(interactions, np.array([None], dtype=object), scores[None], top[None])
    users, rows = interactions.users, _seen_rows(interactions, seen if exclude_seen else [])
    if user is None:
        user_idx = np.arange(len(users))
    else:
        user_idx = np.atleast_1d(np.asarray(users.index_of(user), np.intp))
        rows = rows[np.isin(interactions.user_idx[rows], user_idx)]
    known = ItemsByUser.of_rows(interactions, rows)
    best = _best(scorer, user_idx, count, known, interactions.n_items)
    return _recommendations(interactions, users.ids[user_idx], *best)


def best_of_new_user(
    scorer: Scorer,
    interactions: Interactions,
    item_idx: Indices,
    ratings: npt.NDArray[np.floating],
    n: int,
    *,
    exclude_seen: bool = True,
    regularization: float | None = None,
) -> tuple[Factors, Indices, Scores]:
    """Fold a new user in, and find the items with the highest scores.

    Parameters
    ----------
    scorer, interactions, n, exclude_seen, regularization
        As of `recommend`.
    item_idx, ratings
        What the user rated, shape (m,).

    Returns
    -------
    user : Factors
        With the new user as the only one.
    best : ndarray of int32
        Item indices, the best first; n at most.
    scores : ndarray of float32

    Raises
    ------
    RecowidgetError
        Where a new user can't be folded in.
    """
    if regularization is None:
        regularization = IMPLICIT_REGULARIZATION if interactions.is_implicit else REGULARIZATION
    user = fold_in(factors_of(scorer, "a new user"), item_idx, ratings, regularization)
    known = ItemsByUser(item_idx, np.array([0, len(item_idx) * bool(exclude_seen)]))
    scores, best = _best(
        user, np.zeros(1, np.intp), min(n, interactions.n_items), known, interactions.n_items
    )
    there = best[0] >= 0
    return user, best[0][there], scores[0][there]


def explain(factors: ScorerLike, interactions: RatingsLike, user: Any, item: Any) -> pd.DataFrame:
    """Take a prediction apart.

    Parameters
    ----------
    factors
        Of a trained model; or a Keras model that is a dot product with biases.
    interactions
        The ratings, whose ids are used; or a frame of them.
    user, item
        An id each.

    Returns
    -------
    pandas.DataFrame
        A row for each term: global_mean, user_bias, item_bias, and factor 0 and on. user_value and
        item_value are what the term has of the user and of the item, NaN where it has nothing; product is
        what the term adds: the products sum to the prediction. Where the factors have a `rating_range`, as
        those of implicit feedback do, they sum to its log-odds in that range, and ``factors.squash`` of the
        sum is the prediction. ``frame.attrs["prediction"]`` has it in any case.

    Raises
    ------
    RecowidgetError
        Where an id is unknown (the message names it), or the scorer has no factors.
    """
    interactions = read_interactions(interactions)
    checked = factors_of(read_scorer(factors, interactions), "an explanation")
    user_idx, item_idx = index_of_one(interactions.users, user), index_of_one(interactions.items, item)
    user_factors, item_factors = (
        table[idx].astype(np.float64)
        for table, idx in ((checked.user_factors, user_idx), (checked.item_factors, item_idx))
    )
    user_bias, item_bias = float(checked.user_bias[user_idx]), float(checked.item_bias[item_idx])
    nothing = float("nan")
    terms = pd.DataFrame(
        {
            "term": [
                "global_mean",
                "user_bias",
                "item_bias",
                *(f"factor {factor}" for factor in range(checked.n_factors)),
            ],
            "user_value": [nothing, user_bias, nothing, *user_factors],
            "item_value": [nothing, nothing, item_bias, *item_factors],
            "product": [checked.global_mean, user_bias, item_bias, *(user_factors * item_factors)],
        }
    )
    terms.attrs["prediction"] = float(checked.predict(user_idx, item_idx)[0])
    return terms


def _best(
    scorer: Scorer, user_idx: AnyIndices, n: int, known: ItemsByUser, n_items: int
) -> tuple[Scores, Indices]:
    """Find the n best items of each user and their scores, shape (len(user_idx), n)."""
    best_scores, best = np.zeros((len(user_idx), n), np.float32), np.full((len(user_idx), n), -1, np.int32)
    done = 0
    for users in blocks_of_users(user_idx, n_items):
        scores = scorer.predict_block(users, np.arange(n_items))
        top = top_n(scores, n, known.mask(users, n_items))
        best[done : done + len(users)] = top
        best_scores[done : done + len(users)] = np.take_along_axis(scores, np.maximum(top, 0), axis=1)
        done += len(users)
    return best_scores, best


def _read_series(user: pd.Series[Any], interactions: Interactions) -> Any:
    """Tell ids of users from a new user's ratings, which pandas keeps alike."""
    users, items = interactions.users.name, interactions.items.name
    is_default = isinstance(user.index, pd.RangeIndex) and (user.index.start, user.index.step) == (0, 1)
    if user.name == users or (is_default and user.index.name != items):
        return user
    if user.index.name != items:
        raise RecowidgetError(
            f"a Series may hold ids of users or a new user's ratings: pass user.to_list() for ids, or "
            f"user.to_dict() for ratings by {items}"
        )
    if not user.index.is_unique:
        repeated = user.index[user.index.duplicated()][0]
        raise RecowidgetError(f"user has {items} {shown(repeated)} more than once; give each rating once")
    return user.to_dict()


def _recommendations(interactions: Interactions, ids: Ids, scores: Scores, top: Indices) -> pd.DataFrame:
    there = top >= 0
    users, ranks = np.nonzero(there)
    item_idx, items = top[there], interactions.items
    return pd.DataFrame(
        {
            interactions.users.name: ids[users],
            items.name: items.ids[item_idx],
            "title": items.label_of(item_idx),
            "score": scores[there],
            "rank": ranks + 1,
        }
    )


def _seen_rows(interactions: Interactions, seen: npt.ArrayLike | None) -> Rows:
    if seen is None:
        return np.arange(interactions.n_ratings)
    return row_numbers(seen, interactions.n_ratings, "seen")
