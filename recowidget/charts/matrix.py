"""The ratings as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.charts.cells import Look, heat_map, rated_cells
from recowidget.charts.overview import overview_of
from recowidget.charts.reading import Ratings, read_ratings
from recowidget.charts.sides import Side, sides_of
from recowidget.charts.style import RATING_STOPS, title_of, wide_scale
from recowidget.checks import check_range
from recowidget.errors import counted

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from recowidget.interactions import Interactions
    from recowidget.split import Split


def interactions_chart(
    ratings: Ratings,
    *,
    users: Any = None,
    items: Any = None,
    n_users: int = 48,
    n_items: int = 72,
    rating_scale: tuple[float, float] | None = None,
    overview: bool = False,
) -> alt.LayerChart:
    """Draw the ratings: users down, items across, the rating as colour.

    Parameters
    ----------
    ratings
        Interactions; a Split, whose test cells are hollow and whose validation cells have a slit; or a frame
        with columns of usual names. `Interactions.from_frame` reads frames with other names, and titles.
    users, items
        Ids to show, in this order. Otherwise the most active users and the most rated items.
    n_users, n_items
        How many to show at most; the subtitle says so where there are more.
    rating_scale
        The ratings at the ends of the colours; the lowest and the highest of all ratings where not given.
    overview
        Show the whole matrix instead: neighbours in the order of activity share a cell, whose colour is the
        mean of their ratings.

    Returns
    -------
    altair.LayerChart
        Where a cell is 26 pixels or more its rating stands in it.

    Raises
    ------
    RecowidgetError
        Where the ratings can't be read, ids are unknown, or more cells are asked for than a chart holds.
    """
    interactions, split = read_ratings(ratings)
    domain = domain_of(interactions, rating_scale)
    if overview:
        return overview_of(interactions, domain)
    rows, columns = sides_of(interactions, users, items, n_users, n_items)
    cells = rated_cells(interactions, rows, columns, split)
    title = title_of("Ratings", *shown_of(rows, columns, len(cells), interactions.noun), held_out(split))
    return heat_map(
        cells, rows, columns, Look("rating", domain, RATING_STOPS, number_of(cells["rating"])), title
    )


def domain_of(interactions: Interactions, rating_scale: Any) -> tuple[float, float]:
    """Give the ratings at the ends of the colours: those asked for, or those there are."""
    if rating_scale is None:
        return wide_scale(*interactions.rating_scale)
    return check_range("rating_scale", rating_scale)


def number_of(values: pd.Series[float]) -> str:
    """Choose how values are written in cells: as they are or, where they have more, to one decimal."""
    tenths = values * 10
    return "~g" if np.allclose(tenths, np.round(tenths), atol=1e-3) else ".1f"


def held_out(split: Split | None) -> str:
    """Say how the cells that a split holds out are marked."""
    if split is None or not len(split.test):
        return ""
    return "test cells hollow" + (", validation cells with a slit" if len(split.validation) else "")


def shown_of(users: Side, items: Side, n_ratings: int, noun: str) -> list[str]:
    """Say how much of a matrix is shown, in the lines under a title."""
    whole = len(users) == users.total and len(items) == items.total
    ratings = f"{counted(n_ratings, noun)}{'' if whole else ' here'}"
    share = n_ratings / max(len(users) * len(items), 1)
    return [f"{users.count} × {items.count}", f"{ratings} · {share:.0%} filled"]
