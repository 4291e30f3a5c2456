"""What a chart of ratings may be given."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.arguments import read_interactions
from recowidget.checks import check_numbers
from recowidget.encoding import Vocabulary
from recowidget.errors import RecowidgetError
from recowidget.interactions import Interactions
from recowidget.scoring import is_model, read_scorer
from recowidget.split import Split

Table: TypeAlias = npt.NDArray[np.float64]
Ratings: TypeAlias = Interactions | Split | pd.DataFrame

_PREDICTION = "prediction"


def read_ratings(ratings: Ratings) -> tuple[Interactions, Split | None]:
    """Read the interactions, and the split where there is one, out of what a chart is given.

    Parameters
    ----------
    ratings
        Interactions; a split of some; a sparse matrix; or a frame whose columns have usual names (those of
        `Interactions.from_frame`), the ratings' being "prediction" in a frame of predictions.

    Raises
    ------
    RecowidgetError
        Where it is none of them, or `Interactions.from_frame` can't read the frame.
    """
    if isinstance(ratings, Split):
        return ratings.interactions, ratings
    if isinstance(ratings, pd.DataFrame) and _PREDICTION in ratings.columns:
        return Interactions.from_frame(ratings, rating=_PREDICTION), None
    return read_interactions(ratings), None


def read_learned(learned: Any, interactions: Any) -> tuple[Any, Any]:
    """Read factors out of a Keras model, and ratings out of a frame; anything else comes back as it is.

    Parameters
    ----------
    learned
        A Keras model, or what a chart of factors takes otherwise.
    interactions
        Whose factors they are, if that is known.

    Raises
    ------
    RecowidgetError
        Where a model comes without its ratings, by whose numbers of users and items its factors are found.
    """
    if interactions is not None and not isinstance(interactions, Vocabulary | tuple):
        interactions = read_interactions(interactions)
    if is_model(learned):
        if not isinstance(interactions, Interactions):
            raise RecowidgetError(
                f"the factors of the Keras model {learned.name} are found by the numbers of users and items; "
                "give the ratings that it was trained on as well"
            )
        learned = read_scorer(learned, interactions)
    return learned, interactions


def tables_in(learned: Any) -> tuple[Table, Table] | None:
    """Give the factors of users and of items in `Factors` or the like; None where it is no such thing.

    Raises
    ------
    RecowidgetError
        Where a side has none.
    """
    if not hasattr(learned, "user_factors") or not hasattr(learned, "item_factors"):
        return None
    both = learned.user_factors, learned.item_factors
    if any(table is None for table in both):
        raise RecowidgetError("the model has no factors of both users and items; give an array of one side")
    return read_table("user_factors", both[0]), read_table("item_factors", both[1])


def read_table(name: str, values: Any, shape: str = "(n, n_factors)") -> Table:
    """Read numbers in rows and columns; RecowidgetError where they are none."""
    return check_numbers(name, values, shape, ndim=2)
