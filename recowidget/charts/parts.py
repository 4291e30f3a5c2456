"""Which ratings are to train on, to choose by and to test with, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import altair as alt

from recowidget.arguments import read_split
from recowidget.charts.cells import GAP_FROM, SQUARE, bars, frame, place_of, rated_cells, tooltips
from recowidget.charts.matrix import shown_of
from recowidget.charts.sides import sides_of
from recowidget.charts.style import PART_COLORS, PARTS, cell_step, layered, symbol_legend, title_of
from recowidget.errors import listed

if TYPE_CHECKING:
    from recowidget.split import Split

_STROKE: Final = 2.25
_WIDEST: Final = 0.2


def split_chart(
    split: Split, *, users: Any = None, items: Any = None, n_users: int = 48, n_items: int = 72
) -> alt.LayerChart:
    """Draw which rating is in which part: train filled, validation with a slit, test hollow.

    Parameters
    ----------
    split
        Of some interactions.
    users, items
        Ids to show, in this order. Otherwise the most active users and the most rated items.
    n_users, n_items
        How many to show at most; the subtitle says so where there are more.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    RecowidgetError
        Where `split` is none, ids are unknown, or more cells are asked for than a chart holds.
    """
    read_split(split)
    rows, columns = sides_of(split.interactions, users, items, n_users, n_items)
    cells = rated_cells(split.interactions, rows, columns, split)
    step = cell_step(len(rows), len(columns))
    there = [k for k, part in enumerate(PARTS) if len(getattr(split, part))]
    domain = [PARTS[k] for k in there]
    size = step - 2 if step >= GAP_FROM else step - 1
    width = min(_STROKE / size, _WIDEST)
    shapes = [SQUARE, bars(max(width, 0.32)), frame(width)]
    marks = (
        alt.Chart(cells)
        .mark_point(filled=True, opacity=1, strokeWidth=0, size=size**2)
        .encode(
            **place_of(rows, columns, step),
            shape=alt.Shape(
                "part:N",
                scale=alt.Scale(domain=domain, range=[shapes[k] for k in there]),
                legend=symbol_legend(symbolSize=100),
            ),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=domain, range=[PART_COLORS[k] for k in there]),
                legend=symbol_legend(symbolSize=100),
            ),
            tooltip=tooltips(cells, rows, columns),
        )
    )
    sizes = ", ".join(f"{len(getattr(split, part)):,} {part}" for part in domain)
    title = title_of(
        listed(domain).capitalize(),
        *shown_of(rows, columns, len(cells), split.interactions.noun),
        f"in all {sizes}",
    )
    return layered([marks], width=step * len(columns), height=step * len(rows), title=title)
