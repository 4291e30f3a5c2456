"""The look that all charts share: colours, scales, axes and titles.

Nothing here is set by `configure_*`, which would keep a chart from standing beside another.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import altair as alt
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_MARKS: Final = 5_000
"""Rows of data that a chart holds at most: what Altair takes by default, and a notebook can bear."""

INK: Final = "#15171c"
INK_SECOND: Final = "#474c55"
INK_THIRD: Final = "#666b74"
RULE: Final = "#dcdfe3"
PANEL_LINE: Final = "#a9aeb6"
MATRIX_GROUND: Final = "#f0f1f3"
TRAIN: Final = "#666b74"
VALIDATION: Final = "#8f5f00"
TEST: Final = "#c2255c"
ITEM: Final = "#2073b2"

PARTS: Final = ["train", "validation", "test"]
PART_COLORS: Final = [TRAIN, VALIDATION, TEST]

RATING_STOPS: Final = [
    "#eff9bd",
    "#d5eeb3",
    "#a9ddb7",
    "#73c9bd",
    "#45b4c2",
    "#2897bf",
    "#2073b2",
    "#234ea0",
    "#1c3185",
]
"""Low to high: evenly falling lightness, so that they can be told apart without seeing their hue."""
DIVERGING_STOPS: Final = [
    "#7f3803",
    "#b45f10",
    "#d98f3a",
    "#ecc48d",
    "#e4e4e6",
    "#c9bbdd",
    "#a084c6",
    "#7d4fb0",
    "#5a2890",
]
"""Below to above zero."""
LIGHT_INK_FROM: Final = 0.7
"""The share of the way up the rating scale from where white reads better than ink."""
DIVERGING_LIGHT_INK_FROM: Final = 0.62
"""The same on the way from 0 to either end of the diverging scale."""

TEXT: Final = 11
"""Pixels; nothing is smaller."""
LABELLED_STEP: Final = 12
"""Pixels of a row from which its label fits."""
LONGEST_LABEL: Final = 104
_SHORT_LABEL = 3
_LONGEST_BAR = 160


def color_scale(low: float, high: float, stops: Sequence[str] = RATING_STOPS) -> alt.Scale:
    """Spread colours evenly over a domain; values beyond it take the colour of its end."""
    domain = np.linspace(low, high, len(stops)).round(6).tolist()
    return alt.Scale(domain=domain, range=list(stops), clamp=True, interpolate="rgb")


def color_legend(title: str, low: float, high: float, *, middle: bool = False) -> alt.Legend:
    """Make the legend of a colour scale: a bar under the chart, with its ends named."""
    values = [low, (low + high) / 2, high] if middle else [low, high]
    return alt.Legend(
        title=title,
        orient="bottom",
        direction="horizontal",
        values=values,
        format="~g",
        gradientLength=_LONGEST_BAR / 2,
        gradientThickness=8,
        titleOrient="left",
        labelOverlap=False,
        **_text(),
    )


def symbol_legend(**symbols: Any) -> alt.Legend:
    """Make a legend of symbols: a row under the chart."""
    return alt.Legend(title=None, orient="bottom", direction="horizontal", **symbols, **_text())


def axis_text() -> dict[str, Any]:
    """Give the settings of an axis's text and lines."""
    return {**_text(), "tickColor": PANEL_LINE, "domainColor": PANEL_LINE}


def _text() -> dict[str, Any]:
    return {
        "labelFontSize": TEXT,
        "labelColor": INK_THIRD,
        "titleFontSize": TEXT,
        "titleFontWeight": "normal",
        "titleColor": INK_THIRD,
    }


def band_axis(title: str, labels: Sequence[str], step: int, *, on_top: bool) -> alt.Axis:
    """Make the axis of a matrix's rows or columns, with labels where they fit.

    Parameters
    ----------
    title
        What stands along it.
    labels
        The labels of its bands.
    step
        Pixels of a band.
    on_top
        Whether it is the one of the columns.
    """
    if on_top:
        upright = max(map(len, labels), default=0) <= _SHORT_LABEL
        place: dict[str, Any] = {"orient": "top", "labelAngle": 0 if upright else -90}
    else:
        place = {"orient": "left"}
    return alt.Axis(
        title=title,
        labels=step >= LABELLED_STEP,
        labelLimit=LONGEST_LABEL,
        labelOverlap=False,
        ticks=False,
        domain=False,
        grid=False,
        titlePadding=6,
        **place,
        **axis_text(),
    )


def title_of(text: str, *lines: str) -> alt.TitleParams:
    """Make a chart's title, with lines under it."""
    return alt.TitleParams(
        text,
        subtitle=[line for line in lines if line] or alt.Undefined,
        anchor="start",
        frame="bounds",
        fontSize=13,
        fontWeight=600,
        color=INK,
        subtitleFontSize=TEXT,
        subtitleColor=INK_THIRD,
        subtitlePadding=4,
        offset=10,
    )


def layered(
    layers: Sequence[alt.Chart],
    *,
    width: int,
    height: int,
    title: alt.TitleParams,
    fill: str | None = MATRIX_GROUND,
) -> alt.LayerChart:
    """Lay charts over each other on a ground without a frame.

    Side by side, charts share the scales of colours and shapes unless these belong to single layers, as
    they do here: so each chart keeps its own, whatever it stands beside.
    """
    chart = alt.LayerChart(layer=list(layers)).resolve_scale(
        color="independent", shape="independent", strokeWidth="independent"
    )
    view = alt.ViewBackground(fill=fill, stroke=None) if fill else alt.ViewBackground(stroke=None)
    placed: alt.LayerChart = chart.properties(width=width, height=height, view=view, title=title)
    return placed


def cell_step(n_rows: int, n_columns: int, *, most: int = 32) -> int:
    """Choose the pixels of a square cell so that a matrix is no larger than some 430 x 430."""
    return max(4, min(most, 432 // max(n_columns, 1), 432 // max(n_rows, 1)))


def wide_scale(low: float, high: float) -> tuple[float, float]:
    """Widen a rating scale of a single value downwards: what is there counts as high."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    return (low, high) if low < high else (low - 1, high)
