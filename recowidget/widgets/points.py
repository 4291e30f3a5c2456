"""What is told of the points of the factor map: who they are, how much they were rated, and how."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.widgets.window import texts_of, titles_of
from recowidget.widgets.wire import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from recowidget.encoding import Vocabulary
    from recowidget.interactions import Interactions

    Indices = NDArray[np.int32]

MOST_USERS: Final = 200
MOST_ITEMS: Final = 400
MOST_SELECTED: Final = 200
"""Of each kind, beside the most active and the most rated."""
MOST_GENRES: Final = 7
GENRES: Final = "genres"


def usual_points(interactions: Interactions) -> tuple[Indices, Indices]:
    """Give the indices of the most active users and of the most rated items, in that order."""
    return interactions.user_order[:MOST_USERS], interactions.item_order[:MOST_ITEMS]


def pack_points(interactions: Interactions, users: Indices, items: Indices) -> dict[str, Any]:
    """Pack who and what the points are.

    Returns
    -------
    dict
        As js/types.js declares `Points`, once js/wire.js has decoded it.
    """
    means = _means(interactions)
    usual_users, usual_items = usual_points(interactions)
    names, genre = genres_of(interactions.items, items)
    content, buffers = pack(
        {
            "user_idx": users,
            "item_idx": items,
            "user_count": interactions.user_counts[users].astype(np.int32),
            "item_count": interactions.item_counts[items].astype(np.int32),
            "user_mean": means[0][users],
            "item_mean": means[1][items],
            "item_genre": genre,
        },
        user_ids=texts_of(interactions.users.ids[users]),
        item_ids=texts_of(interactions.items.ids[items]),
        user_titles=titles_of(interactions.users, users),
        item_titles=titles_of(interactions.items, items),
        usual_users=len(usual_users),
        usual_items=len(usual_items),
        genres=names,
    )
    return {**content, "buffers": buffers}


def genres_of(vocabulary: Vocabulary, idx: Indices) -> tuple[list[str], Indices]:
    """Give each item one of the genres that are most common among them.

    Parameters
    ----------
    vocabulary
        With a column "genres" among its attributes: text joined by "|", or lists. Without it there are none.
    idx
        Of the items, shape (n,).

    Returns
    -------
    names : list of str
        `MOST_GENRES` at most, the most common first.
    genre : ndarray of int32, shape (n,)
        A number in `names`: of the first of the item's genres that is among them. -1 where none is.
    """
    attributes = vocabulary.attributes
    if attributes is None or GENRES not in attributes.columns:
        return [], np.full(len(idx), -1, np.int32)
    named = [_split(value) for value in attributes[GENRES].iloc[idx]]
    counts = Counter(name for names in named for name in dict.fromkeys(names))
    most = [name for name, _ in counts.most_common(MOST_GENRES)]
    number = {name: k for k, name in enumerate(most)}
    first = [next((number[name] for name in names if name in number), -1) for names in named]
    return texts_of(np.array(most, dtype=object)), np.array(first, np.int32).reshape(len(idx))


def _split(value: object) -> Sequence[str]:
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [str(one) for one in value]
    if not isinstance(value, str) or value == "(no genres listed)":
        return []
    return [name.strip() for name in value.split("|") if name.strip()]


def _means(interactions: Interactions) -> list[NDArray[np.float32]]:
    """Give the mean rating of each user and of each item, NaN where there is none."""
    means = []
    for idx, counts in (
        (interactions.user_idx, interactions.user_counts),
        (interactions.item_idx, interactions.item_counts),
    ):
        sums = np.bincount(idx, interactions.ratings, minlength=len(counts))
        mean = np.full(len(counts), np.nan, np.float32)
        np.divide(sums, counts, out=mean, where=counts > 0, casting="unsafe")
        means.append(mean)
    return means
