"""Ratings beside what is predicted for them, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.charts.cells import Look, heat_map, plain, rated_cells
from recowidget.charts.matrix import domain_of, held_out, number_of, shown_of
from recowidget.charts.reading import Ratings, read_ratings, read_table
from recowidget.charts.sides import Side, sides_of, table
from recowidget.charts.style import DIVERGING_STOPS, RATING_STOPS, title_of
from recowidget.errors import RecowidgetError
from recowidget.scoring import ScorerLike, read_scorer

if TYPE_CHECKING:
    from recowidget.interactions import Interactions

Predictions: TypeAlias = ScorerLike | pd.DataFrame | npt.ArrayLike


def comparison_chart(
    ratings: Ratings,
    predictions: Predictions,
    *,
    users: Any = None,
    items: Any = None,
    n_users: int = 48,
    n_items: int = 72,
    rating_scale: tuple[float, float] | None = None,
    residuals: bool = False,
) -> alt.HConcatChart:
    """Draw the ratings beside the predictions, both in the colours of the rating scale.

    Parameters
    ----------
    ratings, users, items, n_users, n_items, rating_scale
        As in `interactions_chart`.
    predictions
        A Keras model; `Factors`, a baseline or any other scorer with `predict_block(user_idx, item_idx)`; a
        frame of predictions, with the ids in columns named as in the ratings and a column "prediction"; or
        an array of shape (n_users, n_items) of all predictions, by index.
    residuals
        Whether a third matrix shows rating - prediction, in diverging colours around 0.

    Returns
    -------
    altair.HConcatChart
        A prediction beyond the rating scale has the colour of its end; the subtitle gives the range.

    Raises
    ------
    RecowidgetError
        As `interactions_chart`; where the predictions are none of these or lack one of a cell that is shown.
    """
    interactions, split = read_ratings(ratings)
    rows, columns = sides_of(interactions, users, items, n_users, n_items)
    domain = domain_of(interactions, rating_scale)
    block = _block(predictions, interactions, rows, columns)
    rated = rated_cells(interactions, rows, columns, split)
    row_of, column_of = (
        {label: position for position, label in enumerate(side.labels)} for side in (rows, columns)
    )
    places = [row_of[label] for label in rated["user"]], [column_of[label] for label in rated["item"]]
    rated["prediction"] = plain(block[places])
    rated["residual"] = (rated["rating"] - rated["prediction"]).round(4)
    everywhere = np.divmod(np.arange(block.size), max(len(columns), 1))
    known = np.full(block.shape, np.nan)
    known[places] = rated["rating"]
    predicted = table(
        {
            **rows.columns(everywhere[0]),
            **columns.columns(everywhere[1]),
            "prediction": plain(block.ravel()),
            "rating": known.ravel(),
        }
    )
    marked = held_out(split)
    # Titles of charts side by side stand at one height where they have as many lines.
    below = [" "] if marked else []
    charts = [
        heat_map(
            rated,
            rows,
            columns,
            Look("rating", domain, RATING_STOPS, number_of(rated["rating"])),
            title_of("Ratings", *shown_of(rows, columns, len(rated), interactions.noun), marked),
        ),
        heat_map(
            predicted,
            rows,
            columns,
            Look("prediction", domain, RATING_STOPS, ".1f"),
            title_of("Predictions", "in the colours of the ratings", _range(block, domain), *below),
        ),
    ]
    if residuals:
        charts.append(_residuals(rated, rows, columns, below))
    return alt.hconcat(*charts, spacing=32)


def _residuals(rated: pd.DataFrame, rows: Side, columns: Side, below: list[str]) -> alt.LayerChart:
    finite = rated["residual"][np.isfinite(rated["residual"])]
    bound = max(float(np.ceil(2 * finite.abs().quantile(0.98)) / 2), 0.5) if len(finite) else 0.5
    rmse = float(np.sqrt(np.mean(np.square(finite)))) if len(finite) else float("nan")
    return heat_map(
        rated,
        rows,
        columns,
        Look("residual", (-bound, bound), DIVERGING_STOPS, "+.1f", diverging=True),
        title_of("Residuals", "rating − prediction: orange is too high", f"RMSE here {rmse:.3f}", *below),
    )


def _block(
    predictions: Predictions, interactions: Interactions, rows: Side, columns: Side
) -> npt.NDArray[np.float64]:
    """Predict all cells of a block, shape (n_rows, n_columns)."""
    if isinstance(predictions, pd.DataFrame):
        return _block_of_frame(predictions, interactions, rows, columns)
    if isinstance(predictions, np.ndarray | Sequence):
        shape = interactions.n_users, interactions.n_items
        values = read_table("predictions", predictions, str(shape))
        if values.shape != shape:
            raise RecowidgetError(f"predictions must be of shape {shape}, not {values.shape}")
        return values[np.ix_(rows.idx, columns.idx)]
    scorer = read_scorer(predictions, interactions)
    return np.asarray(scorer.predict_block(rows.idx, columns.idx), np.float64)


def _block_of_frame(
    frame: pd.DataFrame, interactions: Interactions, rows: Side, columns: Side
) -> npt.NDArray[np.float64]:
    names = interactions.users.name, interactions.items.name, "prediction"
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise RecowidgetError(
            f"predictions has no column {missing[0]!r}; it needs {names[0]!r}, {names[1]!r} and {names[2]!r}"
        )
    row = rows.positions(interactions.n_users + 1)[interactions.users.locate(frame[names[0]])]
    column = columns.positions(interactions.n_items + 1)[interactions.items.locate(frame[names[1]])]
    inside = (row >= 0) & (column >= 0)
    block = np.full((len(rows), len(columns)), np.nan)
    block[row[inside], column[inside]] = frame["prediction"].to_numpy(np.float64)[inside]
    absent = np.argwhere(np.isnan(block))
    if len(absent):
        user, item = absent[0]
        raise RecowidgetError(
            f"predictions has none for {len(absent):,} of the cells shown (first: {names[0]} "
            f"{interactions.users.id_of(int(rows.idx[user]))} and {names[1]} "
            f"{interactions.items.id_of(int(columns.idx[item]))}); give all, or the users= and items= to show"
        )
    return block


def _range(block: npt.NDArray[np.float64], domain: tuple[float, float]) -> str:
    finite = block[np.isfinite(block)]
    if not finite.size:
        return "none is a number"
    low, high = finite.min(), finite.max()
    text = f"from {low:.2f} to {high:.2f}".replace("-", "−")
    return f"{text}, beyond the scale" if low < domain[0] or high > domain[1] else text
