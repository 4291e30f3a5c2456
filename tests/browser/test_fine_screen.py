"""On a screen of more pixels canvases have as many. Of its own: its pages end all kernels after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_page
from tests.browser.test_at_rest import IS_SHARP
from tests.browser.test_explorer import LOAD, MATRICES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.jupyter import Server

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("ratio", [1.5, 2])
def test_canvases_are_sharp_on_a_finer_screen(browser: Browser, server: Server, ratio: float) -> None:
    with open_page(browser, server, device_scale_factor=ratio) as page:
        shown = "explorer = rw.MFExplorer(ratings, items=movies)\nexplorer"
        notebook = server.notebook(page, LOAD.strip(), shown, name=f"fine-{ratio:g}")
        notebook.run(0)
        notebook.run(1)
        explorer = notebook.explorer(1)
        for panel in (*MATRICES, "User factors", "Item factors", "Factor map"):
            canvas = explorer.panel(panel).locator("canvas").first
            expect(canvas).to_be_visible()
            assert canvas.evaluate(IS_SHARP), panel
            assert explorer.colors(panel) > 3, panel
