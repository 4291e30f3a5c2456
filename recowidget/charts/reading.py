"""What a chart of ratings may be given."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd

from recowidget.errors import RecowidgetError
from recowidget.interactions import Interactions
from recowidget.split import Split

Ratings: TypeAlias = Interactions | Split | pd.DataFrame

_PREDICTION = "prediction"


def read_ratings(ratings: Ratings) -> tuple[Interactions, Split | None]:
    """Read the interactions, and the split where there is one, out of what a chart is given.

    Parameters
    ----------
    ratings
        Interactions; a split of some; or a frame whose columns have usual names (those of
        `Interactions.from_frame`), the ratings' being "prediction" in a frame of predictions.

    Raises
    ------
    RecowidgetError
        Where it is none of them, or `Interactions.from_frame` can't read the frame.
    """
    if isinstance(ratings, Split):
        return ratings.interactions, ratings
    if isinstance(ratings, Interactions):
        return ratings, None
    if isinstance(ratings, pd.DataFrame):
        rating = _PREDICTION if _PREDICTION in ratings.columns else None
        return Interactions.from_frame(ratings, rating=rating), None
    raise RecowidgetError(
        f"a chart takes Interactions, a Split or a DataFrame of ratings, not {type(ratings).__name__}"
    )
