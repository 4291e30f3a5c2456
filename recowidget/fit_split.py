"""What a call of ``fit`` trains on, as ratings and their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recowidget.encoding import Vocabulary
from recowidget.errors import counted
from recowidget.interactions import Interactions
from recowidget.split import Split
from recowidget.targets import Targets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.fit_data import FitData
    from recowidget.known import Known
    from recowidget.lookups import Lookups
    from recowidget.targets import Transform


def split_of(
    data: FitData, lookups: Lookups, known: Known | None = None, to_rating: Transform | None = None
) -> tuple[Split, str]:
    """Make a split of what ``fit`` was given: the train rows, then the test rows.

    A user may have rated an item more than once. There are as many users and items as the tables have rows.

    Returns
    -------
    Split
    str
        What of `known` does not fit; empty where it does.
    """
    parts = [data.train] if data.test is None else [data.train, data.test]
    firsts = np.concatenate([part.first for part in parts])
    seconds = np.concatenate([part.second for part in parts])
    user_idx, item_idx = (firsts, seconds) if lookups.user_first else (seconds, firsts)
    users, items, remark = _vocabularies(lookups, known, user_idx, item_idx)
    n_train, n_ratings = len(data.train.targets), len(user_idx)
    interactions = Interactions(
        user_idx,
        item_idx,
        Targets(to_rating).ratings_of(np.concatenate([part.targets for part in parts])),
        None,
        users,
        items,
        {"user": users.name, "item": items.name, "rating": "rating", "timestamp": None},
    )
    test = np.arange(n_train, n_ratings)
    none = np.empty(0, np.intp)
    return Split(interactions, np.arange(n_train), none, test, name="validation data"), remark


def _vocabularies(
    lookups: Lookups, known: Known | None, user_idx: NDArray[np.int32], item_idx: NDArray[np.int32]
) -> tuple[Vocabulary, Vocabulary, str]:
    n_users, n_items = lookups.n_users, lookups.n_items
    users = items = None
    remark = ""
    if known is not None:
        users = known.user_vocabulary(n_users, user_idx)
        items = known.item_vocabulary(n_items, item_idx)
        if users is None or items is None:
            remark = (
                f"the view shows indices where ids don't fit: the model has {counted(n_users, 'user')} and "
                f"{counted(n_items, 'item')}, known are {known}"
            )
    return (
        Vocabulary(np.arange(n_users), None, "user") if users is None else users,
        Vocabulary(np.arange(n_items), None, "item") if items is None else items,
        remark,
    )
