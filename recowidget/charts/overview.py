"""The whole ratings matrix, however large: neighbours share a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import altair as alt
import numpy as np

from recowidget.charts.cells import seamless
from recowidget.charts.sides import table
from recowidget.charts.style import axis_text, color_legend, color_scale, layered, title_of
from recowidget.errors import counted

if TYPE_CHECKING:
    from recowidget.encoding import Indices
    from recowidget.interactions import Interactions

_MOST: Final = 56, 72
_STEP: Final = 6


def overview_of(interactions: Interactions, domain: tuple[float, float]) -> alt.LayerChart:
    """Draw all ratings, binned in the order of activity; the colour is the mean rating of a bin.

    Parameters
    ----------
    interactions
        The ratings.
    domain
        The ratings at the ends of the colours.
    """
    totals = interactions.n_users, interactions.n_items
    n_rows, n_columns = (min(total, most) for total, most in zip(totals, _MOST, strict=True))
    cell = _bins(interactions.user_order, n_rows)[interactions.user_idx] * n_columns
    cell += _bins(interactions.item_order, n_columns)[interactions.item_idx]
    counts = np.bincount(cell, minlength=n_rows * n_columns)
    sums = np.bincount(cell, interactions.ratings, minlength=n_rows * n_columns)
    filled = np.flatnonzero(counts)
    rows, columns = np.divmod(filled, n_columns)
    bins = table(
        {
            "row": rows,
            "column": columns,
            "users": [_span(totals[0], n_rows, int(row)) for row in rows],
            "items": [_span(totals[1], n_columns, int(column)) for column in columns],
            "mean rating": (sums[filled] / counts[filled]).round(4),
            "ratings": counts[filled],
        }
    )
    both = f"{counted(totals[0], 'user')} × {counted(totals[1], 'item')}"
    title = title_of(
        "Ratings",
        f"{both} · {counted(interactions.n_ratings, 'rating')}",
        f"a cell is the mean of {_size(totals[0], n_rows, 'user')} × {_size(totals[1], n_columns, 'item')}",
    )
    marks = (
        alt.Chart(bins)
        .mark_rect(**seamless(_STEP))
        .encode(
            x=alt.X(
                "column:O",
                axis=_axis("items, most rated first", on_top=True),
                scale=alt.Scale(domain=list(range(n_columns))),
            ),
            y=alt.Y(
                "row:O",
                axis=_axis("users, most active first", on_top=False),
                scale=alt.Scale(domain=list(range(n_rows))),
            ),
            color=alt.Color(
                "mean rating:Q", scale=color_scale(*domain), legend=color_legend("mean rating", *domain)
            ),
            tooltip=[
                alt.Tooltip("users:N", title="users by activity"),
                alt.Tooltip("items:N", title="items by ratings"),
                alt.Tooltip("ratings:Q", title="ratings", format=","),
                alt.Tooltip("mean rating:Q", title="mean rating", format=".2f"),
            ],
        )
    )
    return layered([marks], width=_STEP * n_columns, height=_STEP * n_rows, title=title)


def _bins(order: Indices, n_bins: int) -> Indices:
    """Give the bin of each index: those that follow each other in the order share one."""
    bins = np.empty(len(order), np.int32)
    bins[order] = np.arange(len(order), dtype=np.int64) * n_bins // max(len(order), 1)
    return bins


def _span(total: int, n_bins: int, number: int) -> str:
    """Name the ranks in a bin, from 1: `14 to 26`."""
    first, past = -(-number * total // n_bins), -(-(number + 1) * total // n_bins)
    return f"{first + 1:,}" if past - first == 1 else f"{first + 1:,} to {past:,}"


def _size(total: int, n_bins: int, noun: str) -> str:
    least, most = total // n_bins, -(-total // n_bins)
    return counted(most, noun) if least == most else f"{least:,} or {most:,} {noun}s"


def _axis(title: str, *, on_top: bool) -> alt.Axis:
    return alt.Axis(
        title=title,
        orient="top" if on_top else "left",
        labels=False,
        ticks=False,
        domain=False,
        grid=False,
        titlePadding=6,
        **axis_text(),
    )
