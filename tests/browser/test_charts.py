"""Static charts in JupyterLab, with no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.jupyter import Server

pytestmark = pytest.mark.browser

CHARTS = """
import recowidget as rw
from recowidget import charts

ratings, movies = rw.datasets.load_movielens()
known = rw.Interactions.from_frame(ratings, items=movies).sample(10, 6)
split = rw.splits.random_split(known, (0.5, 0.5))
charts.interactions_chart(known) | charts.split_chart(split)
"""


def test_charts_are_drawn_side_by_side_with_titles_in_tooltips(server: Server, page: Page) -> None:
    notebook = server.notebook(page, CHARTS.strip(), name="charts")
    notebook.run(0)
    output = notebook.cell(0).locator(".jp-OutputArea")
    drawing = output.locator(".vega-embed canvas, .vega-embed svg").first
    drawing.wait_for(timeout=20_000)
    box = drawing.bounding_box()
    assert box is not None
    assert box["width"] > 450
    tooltip = page.locator("#vg-tooltip-element")
    for step in range(4, 60):
        page.mouse.move(box["x"] + 130 + 3 * step, box["y"] + 160 + 2 * step)
        if tooltip.is_visible():
            break
    assert "(19" in tooltip.inner_text()
