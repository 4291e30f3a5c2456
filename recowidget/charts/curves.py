"""Losses over the epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import altair as alt
import numpy as np
import pandas as pd

from recowidget.charts.losses import Baselines, Curves, History, baselines_of, read_curves
from recowidget.charts.naming import CHARACTER, spread
from recowidget.charts.sides import table
from recowidget.charts.style import (
    INK_THIRD,
    MAX_MARKS,
    PANEL_LINE,
    PART_COLORS,
    PARTS,
    RULE,
    TEXT,
    axis_text,
    layered,
    title_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

_WIDTH: Final = 340
_HEIGHT: Final = 220
_LINE: Final = 14
_WIDTHS: Final = [1.5, 1.75, 2.25]
_NEAR: Final = 1.35
_HALF: Final = 0.5


def history_chart(
    history: History, *, baselines: Baselines | None = None, metrics: Sequence[str] | None = None
) -> alt.LayerChart | alt.HConcatChart:
    """Draw the losses of the parts over the epochs, one plot a metric.

    Parameters
    ----------
    history
        A frame as `MFExplorer.history`, with columns `epoch` (0 is the untrained model) and `train_rmse`,
        `validation_rmse`, `test_rmse` and the like; or what Keras's `fit` returns, or its dictionary
        `history`, whose first epoch is 1.
    baselines
        What to compare with: a frame as `MFExplorer.baselines`, with `name` and `test_rmse` and the like; or
        test RMSEs by name. Drawn where the metric is the same.
    metrics
        Which to draw, for example ["rmse", "mse"]. All where not given, but of MSE and RMSE only the RMSE.

    Returns
    -------
    altair.LayerChart or altair.HConcatChart
        A ring marks the epoch of the best validation value, or test value where there is no validation part.

    Raises
    ------
    RecowidgetError
        Where there is no epoch, no loss or not the metric asked for.

    Notes
    -----
    Where a run starts far above all that follows and has come near the baselines, the frame is of what
    happens there.
    """
    curves = read_curves(history, metrics)
    charts = [_plot(one, baselines_of(baselines, one.metric)) for one in curves]
    return charts[0] if len(charts) == 1 else alt.hconcat(*charts, spacing=32)


def _plot(curves: Curves, baselines: dict[str, float]) -> alt.LayerChart:
    low, high = _frame(curves, list(baselines.values()))
    last = int(curves.epochs[-1])
    x = alt.X(
        "epoch:Q",
        title="epoch",
        scale=alt.Scale(domain=[int(curves.epochs[0]), max(last, int(curves.epochs[0]) + 1)], nice=False),
        axis=alt.Axis(format=",d", tickMinStep=1, tickCount=6, grid=False, labelFlush=False, **axis_text()),
    )
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(gridColor=RULE, tickCount=5, domain=False, ticks=False, labelPadding=6, **axis_text()),
    )
    kept = _thinned(curves)
    layers = [
        *([_rules(baselines, y)] if baselines else []),
        _lines(curves, kept, x, y),
        *_best(curves, x, y, low, high),
        _ends(curves, baselines, y, (low, high)),
        _hover(curves, kept, x),
    ]
    note = "" if len(kept) == len(curves.epochs) else f"{len(kept):,} of {len(curves.epochs):,} epochs drawn"
    title = title_of(f"{curves.name} by epoch", note)
    return layered(layers, width=_WIDTH, height=_HEIGHT, title=title, fill=None)


def _frame(curves: Curves, baselines: list[float]) -> tuple[float, float]:
    """Choose the ends of the y axis."""
    stacked = np.stack(list(curves.parts.values()))
    finite = stacked[np.isfinite(stacked)]
    if baselines:
        limit = _NEAR * max(baselines)
        ends = stacked[:, -1]
        if (ends[np.isfinite(ends)] <= limit).all():
            finite = finite[finite <= limit]
    shown = np.concatenate([finite, baselines])
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 1.0)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 0.1
    return max(low - margin, 0.0) if low >= 0 else low - margin, high + margin


def _thinned(curves: Curves) -> npt.NDArray[np.intp]:
    """Choose the epochs to draw: evenly, with the first, the best and the last."""
    n = len(curves.epochs)
    most = MAX_MARKS // len(curves.parts) - 1
    if n <= most:
        return np.arange(n)
    return np.union1d(
        np.linspace(0, n - 1, most).astype(np.intp), [] if curves.best is None else [curves.best]
    )


def _rules(baselines: dict[str, float], y: alt.Y) -> alt.Chart:
    data = table({"baseline": list(baselines), "value": np.array(list(baselines.values()), np.float64)})
    rules: alt.Chart = (
        alt.Chart(data)
        .mark_rule(strokeDash=[2, 3], stroke=INK_THIRD)
        .encode(
            y=y,
            tooltip=[
                alt.Tooltip("baseline:N", title="baseline"),
                alt.Tooltip("value:Q", title="test", format=".4f"),
            ],
        )
    )
    return rules


def _lines(curves: Curves, kept: npt.NDArray[np.intp], x: alt.X, y: alt.Y) -> alt.Chart:
    long = pd.concat(
        [
            table({"epoch": curves.epochs[kept], "part": [part] * len(kept), "value": values[kept]})
            for part, values in curves.parts.items()
        ],
        ignore_index=True,
    )
    lines: alt.Chart = (
        alt.Chart(long[np.isfinite(long["value"])])
        .mark_line(clip=True, interpolate="linear")
        .encode(
            x=x,
            y=y,
            color=_part_color(),
            strokeWidth=alt.StrokeWidth("part:N", scale=alt.Scale(domain=PARTS, range=_WIDTHS), legend=None),
            tooltip=[
                alt.Tooltip("part:N", title="part"),
                alt.Tooltip("epoch:Q", title="epoch"),
                alt.Tooltip("value:Q", title=curves.name, format=".4f"),
            ],
        )
    )
    return lines


def _best(curves: Curves, x: alt.X, y: alt.Y, low: float, high: float) -> list[alt.Chart]:
    """Ring the best epoch, and say which it is."""
    if curves.best is None or len(curves.epochs) == 1:
        return []
    part, epoch = curves.judge, int(curves.epochs[curves.best])
    value = float(curves.parts[part][curves.best])
    if not low <= value <= high:
        return []
    color = PART_COLORS[PARTS.index(part)]
    label = f"best {epoch}: {value:.3f}"
    data = table({"epoch": [epoch], "value": [value], "label": [label], "low": [low]})
    late = (epoch - curves.epochs[0]) > _HALF * (curves.epochs[-1] - curves.epochs[0])
    height = _free_height(curves, epoch, CHARACTER * len(label) * (-1 if late else 1), low, high)
    tooltip = [
        alt.Tooltip("epoch:Q", title=f"best {part} epoch"),
        alt.Tooltip("value:Q", title=curves.name, format=".4f"),
    ]
    base = alt.Chart(data).encode(x=x, tooltip=tooltip)
    ring = base.mark_point(
        filled=False, stroke=color, strokeWidth=1.5, size=60, fill="white", opacity=1
    ).encode(y=y)
    if epoch == curves.epochs[-1]:
        return [ring]
    return [
        base.mark_rule(strokeDash=[2, 3], stroke=color).encode(y=y, y2="low:Q"),
        ring,
        base.mark_text(
            align="right" if late else "left", dx=-5 if late else 5, fontSize=TEXT, color=INK_THIRD
        ).encode(y=alt.value(height), text="label:N"),
    ]


def _free_height(curves: Curves, epoch: int, reach: float, low: float, high: float) -> int:
    """Find where beside the best epoch's rule a label is furthest from all curves, in pixels from above."""
    first, last = int(curves.epochs[0]), int(curves.epochs[-1])
    pixels = (curves.epochs - first) / (last - first) * _WIDTH
    start = (epoch - first) / (last - first) * _WIDTH
    beside = (pixels >= min(start, start + reach) - 1) & (pixels <= max(start, start + reach) + 1)
    drawn = np.concatenate([values[beside] for values in curves.parts.values()])
    heights = _HEIGHT * (high - drawn[np.isfinite(drawn)]) / (high - low)
    below = int(_HEIGHT * (high - curves.parts[curves.judge][curves.best]) / (high - low))
    places = np.array([_HEIGHT - 10, *range(below + _LINE, _HEIGHT - 10, _LINE)])
    room = np.abs(places[:, None] - heights[None, :]).min(axis=1, initial=_LINE)
    return int(places[np.argmax(room)])


def _ends(curves: Curves, baselines: dict[str, float], y: alt.Y, domain: tuple[float, float]) -> alt.Chart:
    """Write names and last values at the right, kept apart."""
    ends = {part: float(values[-1]) for part, values in curves.parts.items() if np.isfinite(values[-1])}
    names = [*ends, *baselines]
    values = np.array([*ends.values(), *baselines.values()], np.float64)
    low, high = domain
    wanted = _HEIGHT * (high - np.clip(values, low, high)) / (high - low)
    placed = spread(wanted, _LINE, 0, _HEIGHT)
    data = table(
        {
            "part": names,
            "label": [f"{name} {value:.3f}" for name, value in zip(names, values, strict=True)],
            "value": high - placed / _HEIGHT * (high - low),
        }
    )
    color: Any = alt.Color(
        "part:N",
        scale=alt.Scale(domain=PARTS, range=PART_COLORS),
        legend=None,
    )
    written: alt.Chart = (
        alt.Chart(data)
        .mark_text(align="left", fontSize=TEXT)
        .encode(
            x=alt.value(_WIDTH + 8),
            y=y,
            text="label:N",
            color=alt.condition(
                alt.FieldOneOfPredicate(field="part", oneOf=PARTS), color, alt.value(INK_THIRD)
            ),
        )
    )
    return written


def _hover(curves: Curves, kept: npt.NDArray[np.intp], x: alt.X) -> alt.Chart:
    """Lay a strip over each epoch whose tooltip has the values of all parts."""
    data = table({"epoch": curves.epochs[kept], **{part: v[kept] for part, v in curves.parts.items()}})
    strips: alt.Chart = (
        alt.Chart(data)
        .mark_rule(opacity=0, strokeWidth=max(_WIDTH / max(len(kept), 1), 1), stroke=PANEL_LINE)
        .encode(
            x=x,
            tooltip=[
                alt.Tooltip("epoch:Q", title="epoch"),
                *(
                    alt.Tooltip(f"{part}:Q", title=f"{part} {curves.name}", format=".4f")
                    for part in curves.parts
                ),
            ],
        )
    )
    return strips


def _part_color() -> alt.Color:
    return alt.Color("part:N", scale=alt.Scale(domain=PARTS, range=PART_COLORS), legend=None)
