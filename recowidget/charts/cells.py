"""One matrix of cells: users down, items across, a colour for each value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import altair as alt
import numpy as np

from recowidget.charts.sides import Side, table
from recowidget.charts.style import (
    DIVERGING_LIGHT_INK_FROM,
    INK,
    LIGHT_INK_FROM,
    MATRIX_GROUND,
    PARTS,
    TEXT,
    band_axis,
    cell_step,
    color_legend,
    color_scale,
    layered,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from recowidget.interactions import Interactions
    from recowidget.split import Split

VALUES_FROM: Final = 26
"""Pixels of a cell from which its value fits."""
GAP_FROM: Final = 8
"""Pixels of a cell from which a line of ground sets it off."""

# Paths in the square from -1 to 1 that stands for a mark's size.
SQUARE: Final = "M-1,-1H1V1H-1Z"
_SLIT: Final = "M-3,-1H3V1H-3Z"


@dataclass(frozen=True)
class Look:
    """How the values of a matrix are shown.

    Attributes
    ----------
    value
        The column of the values, which is also what the legend calls them.
    domain
        The values at the ends of the colours.
    stops
        The colours.
    number
        A d3 format of a value within its cell.
    diverging
        Whether the domain is of values to both sides of 0.
    """

    value: str
    domain: tuple[float, float]
    stops: Sequence[str]
    number: str
    diverging: bool = False

    def on_cell(self) -> Any:
        """Choose white or ink, whichever reads better on the colour of a value."""
        low, high = self.domain
        value = alt.datum[self.value]
        if self.diverging:
            light = alt.expr.abs(value) > DIVERGING_LIGHT_INK_FROM * high
        else:
            light = value > low + LIGHT_INK_FROM * (high - low)
        return alt.condition(light, alt.value("white"), alt.value(INK))


def rated_cells(interactions: Interactions, users: Side, items: Side, split: Split | None) -> pd.DataFrame:
    """Gather the ratings of a block as a chart's data.

    Returns
    -------
    pandas.DataFrame
        Columns `user`, `item`, with ids where these are titles, `rating`, and `part` with a split; row by
        row and column by column.
    """
    rows = users.positions(interactions.n_users)[interactions.user_idx]
    columns = items.positions(interactions.n_items)[interactions.item_idx]
    inside = np.flatnonzero((rows >= 0) & (columns >= 0))
    inside = inside[np.lexsort((columns[inside], rows[inside]))]
    cells: dict[str, Any] = {
        **users.columns(rows[inside]),
        **items.columns(columns[inside]),
        "rating": plain(interactions.ratings[inside]),
    }
    if split is not None:
        cells["part"] = [PARTS[part] for part in split.parts()[inside]]
    return table(cells)


def plain(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Round float32 to the digits that it has, for data that are written as text."""
    return np.asarray(values, np.float64).round(4)


def heat_map(
    cells: pd.DataFrame, users: Side, items: Side, look: Look, title: alt.TitleParams, *, legend: bool = True
) -> alt.LayerChart:
    """Draw a matrix.

    Parameters
    ----------
    cells
        As `rated_cells` gives them, with the column `look.value`. What is not in it stays ground.
    users, items
        The rows and the columns.
    look
        How values are shown.
    title
        Of the chart.
    legend
        Whether to explain the colours.
    """
    step = cell_step(len(users), len(items))
    place = place_of(users, items, step)
    color = alt.Color(
        f"{look.value}:Q",
        scale=color_scale(*look.domain, look.stops),
        legend=color_legend(look.value, *look.domain, middle=look.diverging) if legend else None,
    )
    base = alt.Chart(cells).encode(**place, tooltip=tooltips(cells, users, items))
    layers: list[alt.Chart] = [base.mark_rect(**seamless(step)).encode(color=color)]
    if "part" in cells:
        layers.append(_held_out(base, step, look))
    if step >= VALUES_FROM:
        values = base.mark_text(fontSize=TEXT).encode(
            text=alt.Text(f"{look.value}:Q", format=look.number), color=look.on_cell()
        )
        layers.append(values)
    return layered(layers, width=step * len(items), height=step * len(users), title=title)


def seamless(step: int) -> dict[str, Any]:
    """Let small cells reach over their edges a little: between pixels the ground would shine through."""
    if step >= GAP_FROM:
        return {}
    return {"width": alt.RelativeBandSize(band=1.05), "height": alt.RelativeBandSize(band=1.05)}


def frame(width: float) -> str:
    """Make the path of a frame as wide as that share of its size."""
    inner = round(1 - 2 * width, 3)
    return f"{SQUARE}M-{inner},-{inner}V{inner}H{inner}V-{inner}Z"


def bars(width: float) -> str:
    """Make the path of a bar above and one below, as wide as that share of the size."""
    inner = round(1 - 2 * width, 3)
    return f"M-1,-1H1V-{inner}H-1ZM-1,{inner}H1V1H-1Z"


def place_of(users: Side, items: Side, step: int) -> dict[str, Any]:
    """Give the encodings of a cell's column and row."""
    gap = 1 / step if step >= GAP_FROM else 0
    bands = {
        "x": (alt.X, items, True),
        "y": (alt.Y, users, False),
    }
    return {
        channel: kind(
            f"{side.noun}:N",
            axis=band_axis(side.axis_title, side.labels, step, on_top=on_top),
            scale=alt.Scale(type="band", domain=side.labels, paddingInner=gap, paddingOuter=gap / 2),
        )
        for channel, (kind, side, on_top) in bands.items()
    }


def tooltips(cells: pd.DataFrame, users: Side, items: Side) -> list[alt.Tooltip]:
    """Name the item, the user and all values of a cell."""
    values = [
        alt.Tooltip(f"{name}:Q", title=name, format=".4~g")
        for name in ("rating", "prediction", "residual")
        if name in cells
    ]
    part = [alt.Tooltip("part:N", title="part")] if "part" in cells else []
    return [*items.tooltips(), *users.tooltips(), *values, *part]


def _held_out(base: alt.Chart, step: int, look: Look) -> alt.Chart:
    """Mark cells of validation and test: a frame around the value, or a hole where there is none."""
    framed = step >= VALUES_FROM
    size = step - 4 if framed else max(step // 3, 2)
    shapes = [bars(1.5 / size), frame(1.5 / size)] if framed else [_SLIT, SQUARE]
    marks: alt.Chart = (
        base.transform_filter(alt.FieldOneOfPredicate(field="part", oneOf=PARTS[1:]))
        .mark_point(filled=True, opacity=1, size=size**2, strokeWidth=0)
        .encode(
            shape=alt.Shape("part:N", scale=alt.Scale(domain=PARTS[1:], range=shapes), legend=None),
            color=look.on_cell() if framed else alt.value(MATRIX_GROUND),
        )
    )
    return marks
