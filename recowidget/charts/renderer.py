"""Altair charts in a notebook without a network."""

from __future__ import annotations

import sys
from typing import Any, Final

import altair as alt

NAME: Final = "recowidget"

_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
_LIGHT: Final = {"embedOptions": {"theme": "light"}}
"""No theme of Vega's goes by this name: none is applied."""
_MIME_TYPE: Final = "application/vnd.vegalite.v5+json"


def render(spec: dict[str, Any], **_metadata: Any) -> dict[str, Any]:
    """Give a chart to the notebook's own Vega-Lite.

    JupyterLab, Jupyter Notebook and VS Code draw Vega-Lite 5, where Altair 6 writes the type of version 6,
    which they don't know. The charts here need nothing of version 6. They are drawn dark on white: where the
    notebook is dark, its own theme for Vega would put them on a dark ground.

    Returns
    -------
    dict
        The chart, and a text for where nothing draws it.
    """
    return {
        _MIME_TYPE: {"background": "white", "padding": 12, **spec, "$schema": _SCHEMA, "usermeta": _LIGHT},
        "text/plain": "<Altair chart: drawn by a notebook that knows Vega-Lite>",
    }


def enable_offline() -> None:
    """Draw charts so, unless the user has chosen a renderer, or is where notebooks have no Vega-Lite.

    Altair's own default loads Vega from a CDN. Google Colab has a network and no Vega-Lite of its own.
    """
    alt.renderers.register(NAME, render)
    if alt.renderers.active == "default" and "google.colab" not in sys.modules:
        alt.renderers.enable(NAME)
