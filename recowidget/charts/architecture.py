"""A model as boxes, without Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import altair as alt
import pandas as pd

from recowidget.architecture import Layer, describe
from recowidget.charts.layering import Layout, layered_layout
from recowidget.charts.sides import safe_text
from recowidget.charts.style import (
    INK,
    INK_THIRD,
    MATRIX_GROUND,
    PANEL_LINE,
    TEXT,
    layered,
    title_of,
)
from recowidget.errors import counted

if TYPE_CHECKING:
    import keras

_BOX: Final = (128, 56)
_GAP: Final = (28, 12)
_LINE: Final = 15
_LONGEST: Final = 18


def architecture_chart(model: keras.Model) -> alt.LayerChart:
    """Draw what a model is made of: its layers, their shapes and parameters, and what feeds what.

    Parameters
    ----------
    model
        A Keras model, built. A model within it is one box; a subclassed model's layers stand in the order it
        holds them, with no edges.

    Returns
    -------
    altair.LayerChart
        Boxes with weights are filled. The batch is left out of shapes.

    Raises
    ------
    RecowidgetError
        Where it is no Keras model, or is not built yet.
    """
    layers = describe(model)
    number = {layer.name: k for k, layer in enumerate(layers)}
    layout = layered_layout([[number[name] for name in layer.inputs if name in number] for layer in layers])
    width = layout.n_ranks * (_BOX[0] + _GAP[0]) - _GAP[0]
    height = round(layout.breadth * (_BOX[1] + _GAP[1]) - _GAP[1])
    x: dict[str, Any] = {"scale": alt.Scale(domain=[0, width], nice=False, zero=False), "axis": None}
    y: dict[str, Any] = {"scale": alt.Scale(domain=[height, 0], nice=False, zero=False), "axis": None}
    boxes = _boxes(layers, layout)
    base = alt.Chart(boxes)
    tooltip = [
        alt.Tooltip("layer:N", title="title"),
        alt.Tooltip("kind:N", title="kind"),
        alt.Tooltip("shape:N", title="output shape"),
        alt.Tooltip("parameters:Q", title="parameters", format=","),
        alt.Tooltip("trainable:N", title="trainable"),
    ]
    rectangles = base.mark_rect(stroke=PANEL_LINE, strokeWidth=1).encode(
        x=alt.X("left:Q", **x),
        x2="right:Q",
        y=alt.Y("top:Q", **y),
        y2="bottom:Q",
        fill=alt.condition("datum.parameters > 0", alt.value(MATRIX_GROUND), alt.value("#fff")),
        tooltip=tooltip,
    )
    texts = [
        base.mark_text(
            fontSize=TEXT + bold, fontWeight=600 if bold else 400, color=INK if bold else INK_THIRD
        ).encode(x=alt.X("middle:Q", **x), y=alt.Y(f"line_{k}:Q", **y), text=f"{column}:N", tooltip=tooltip)
        for k, (column, bold) in enumerate((("name", 1), ("what", 0), ("count", 0)))
    ]
    edges = (
        alt.Chart(_edges(layout))
        .mark_line(color=PANEL_LINE, strokeWidth=1, interpolate="monotone", tooltip=None)
        .encode(x=alt.X("x:Q", **x), y=alt.Y("y:Q", **y), detail="edge:N", order="step:Q")
    )
    total = sum(layer.n_parameters for layer in layers)
    title = title_of(
        f"Architecture of {safe_text(str(model.name))}",
        f"{counted(total, 'parameter')} in {counted(len(layers), 'layer')}",
    )
    return layered([edges, rectangles, *texts], width=width, height=height, title=title, fill=None)


def shape_text(layer: Layer) -> str:
    """Write a layer's output shape without the batch; empty where it isn't known."""
    if layer.output_shape is None:
        return ""
    return " × ".join("any" if length is None else str(length) for length in layer.output_shape[1:]) or "1"


def _boxes(layers: list[Layer], layout: Layout) -> pd.DataFrame:
    rows = []
    for layer, (rank, place) in zip(layers, layout.places, strict=True):
        left = rank * (_BOX[0] + _GAP[0])
        top = place * (_BOX[1] + _GAP[1])
        middle = top + _BOX[1] / 2
        lines = 3 if layer.n_parameters else 2
        half = (lines * _LINE + 10) / 2
        first = middle - (lines - 1) * _LINE / 2
        shape = shape_text(layer)
        count = counted(layer.n_parameters, "parameter" if layer.trainable else "fixed parameter")
        rows.append(
            {
                "left": left,
                "right": left + _BOX[0],
                "top": middle - half,
                "bottom": middle + half,
                "middle": left + _BOX[0] / 2,
                **{f"line_{k}": first + k * _LINE for k in range(3)},
                "layer": safe_text(layer.name),
                "name": safe_text(_fitting(layer.name)),
                "kind": safe_text(layer.kind),
                "what": safe_text(_fitting(f"{layer.kind} {shape}")),
                "shape": shape or "not known",
                "count": count if layer.n_parameters else "",
                "parameters": layer.n_parameters,
                "trainable": "yes" if layer.trainable else "no",
            }
        )
    return pd.DataFrame(rows)


def _fitting(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def _edges(layout: Layout) -> pd.DataFrame:
    """Lines from box to box, level where they leave one, pass a rank and arrive."""
    rows = []
    for number, edge in enumerate(layout.edges):
        points: list[tuple[float, float]] = []
        for rank, place in edge:
            left = rank * (_BOX[0] + _GAP[0])
            y = place * (_BOX[1] + _GAP[1]) + _BOX[1] / 2
            points += [(left, y), (left + _BOX[0], y)]
        rows += [{"edge": number, "step": step, "x": x, "y": y} for step, (x, y) in enumerate(points[1:-1])]
    return pd.DataFrame(rows, columns=["edge", "step", "x", "y"])
