# ruff: noqa: N802, the workshop's own names
"""The workshop's charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from recowidget.charts import factor_map, factors_chart, history_chart, interactions_chart, split_chart
from recowidget.checks import check_choice, check_count, check_numbers
from recowidget.interactions import Interactions
from recowidget.split import Split
from recowidget.workshop.data import SCALE, columns_called

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import altair as alt
    import numpy.typing as npt

    from recowidget.reading.columns import Role

_COLUMNS: dict[Role, str] = {"user": "USER", "item": "ITEM", "rating": "RATING"}


def InteractionVis(df: pd.DataFrame) -> alt.LayerChart:
    """Draw ratings or predictions with columns USER, ITEM and RATING as a matrix.

    Predictions made by `GetPredictions` have the colours of the ratings that they were made for.
    """
    interactions = _interactions(df)
    return interactions_chart(
        interactions,
        users=interactions.users.ids,
        items=interactions.items.ids,
        rating_scale=df.attrs.get(SCALE),
    )


def TrainTestVis(train: pd.DataFrame, test: pd.DataFrame) -> alt.LayerChart:
    """Draw which ratings are in train and which in test."""
    for name, frame in (("train", train), ("test", test)):
        columns_called(frame, name, _COLUMNS)
    interactions = _interactions(pd.concat([train, test]))
    n_train, nothing = len(train), np.empty(0, np.intp)
    split = Split(interactions, np.arange(n_train), nothing, np.arange(n_train, interactions.n_ratings))
    return split_chart(split, users=interactions.users.ids, items=interactions.items.ids)


def MetricsVis(history: Mapping[str, Sequence[float]]) -> alt.LayerChart | alt.HConcatChart:
    """Draw the curves of `fit(...).history`, one plot a metric; see `recowidget.charts.history_chart`."""
    return history_chart(history)


def EmbeddingVis(embedding: npt.ArrayLike, n_factors: int, name: Literal["USER", "ITEM"]) -> alt.LayerChart:
    """Draw an embedding, shape (n, n_factors): users down or items across.

    Raises
    ------
    RecowidgetError
        Where `name` is neither "USER" nor "ITEM".
    """
    check_choice("name", name, ("USER", "ITEM"))
    factors = check_numbers("embedding", embedding, "(n, n_factors)", ndim=2)[
        :, : check_count("n_factors", n_factors)
    ]
    return factors_chart(factors, side="user" if name == "USER" else "item")


def SimilarityVis(item_embedding: npt.ArrayLike, user_embedding: npt.ArrayLike) -> alt.LayerChart:
    """Draw items and users in one plane; with more than two factors, their principal one."""
    return factor_map((user_embedding, item_embedding))


def _interactions(df: pd.DataFrame) -> Interactions:
    columns_called(df, "df", _COLUMNS)
    return Interactions.from_frame(df[["USER", "ITEM", "RATING"]], user="USER", item="ITEM", rating="RATING")
