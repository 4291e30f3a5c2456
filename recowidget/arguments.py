"""What the functions take for ratings and for a split, so that a plain frame will do."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd

from recowidget.errors import RecowidgetError, named_type
from recowidget.interactions import Interactions
from recowidget.split import Split

RatingsLike: TypeAlias = Interactions | pd.DataFrame
"""Ratings, or a frame that `Interactions.from_frame` reads by the usual names of its columns."""


def read_interactions(given: object) -> Interactions:
    """Return interactions as they are, and read a frame or a sparse matrix of implicit feedback.

    A frame's rows keep their order, so that row numbers are positions in the frame. Where it has columns of
    other names, titles or repeated pairs, only the user can say what they are.

    Raises
    ------
    RecowidgetError
        Where it is none of these; as `Interactions.from_frame` and `Interactions.from_matrix`.
    """
    if isinstance(given, Interactions):
        return given
    if isinstance(given, pd.DataFrame):
        return Interactions.from_frame(given)
    if hasattr(given, "tocoo"):
        return Interactions.from_matrix(given)
    way = "Interactions.from_frame(df) reads a frame with columns of users, items and ratings"
    if isinstance(given, Split):
        way = "pass split.interactions"
    raise RecowidgetError(f"the ratings must be Interactions or a DataFrame, not {named_type(given)}; {way}")


def read_split(given: object) -> Split:
    """Return a split as it is.

    Raises
    ------
    RecowidgetError
        Where it is none.
    """
    if isinstance(given, Split):
        return given
    raise RecowidgetError(
        f"a Split is needed, not {named_type(given)}; recowidget.splits makes them, as "
        "random_split(ratings), and predefined_split(ratings, test) of frames that are split already"
    )
