"""What an explorer at rest shows and does, on one page for all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_page
from tests.browser.test_explorer import LOAD, MATRICES, expect_epoch, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.jupyter import Notebook, Server

pytestmark = pytest.mark.browser

OUTSIDE = """(root) => [...root.querySelectorAll(".rw-panel-head > *")].filter((part) => {
    const right = part.closest("section").getBoundingClientRect().right;
    return part.offsetWidth && part.getBoundingClientRect().right > right + 1;
}).map((part) => `${part.closest("section").ariaLabel}: ${part.textContent}`)"""
"""What of a panel's heading is drawn over the next panel."""


@pytest.fixture(scope="module")
def notebook(browser: Browser, server: Server) -> Iterator[Notebook]:
    """Its second cell shows an explorer, untrained."""
    shown = "explorer = rw.MFExplorer(ratings, items=movies)\nexplorer"
    with open_page(browser, server) as page:
        notebook = server.notebook(page, LOAD.strip(), shown, name="at_rest")
        notebook.run(0)
        notebook.run(1)
        expect_epoch(notebook.explorer(1), 0)
        yield notebook


def test_arrow_keys_read_out_the_cell(notebook: Notebook) -> None:
    explorer = notebook.explorer(1)
    explorer.panel("Ratings matrix").get_by_role("application").focus()
    spoken = explorer.root.locator(".rw-hidden[aria-live=polite]")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        before = spoken.inner_text()
        notebook.page.keyboard.press(key)
        wait_until(lambda before=before: spoken.inner_text() not in {"", before}, notebook.page)
    expect(spoken).to_contain_text("user 599")
    expect(spoken).to_contain_text("prediction")


def test_keys_in_the_widget_are_no_shortcuts_of_jupyterlab(notebook: Notebook) -> None:
    explorer = notebook.explorer(1)
    cells = notebook.page.locator(".jp-Notebook .jp-Cell")
    for focusable in (
        explorer.panel("Ratings matrix").get_by_role("application"),
        explorer.button("Step epoch"),
        explorer.button("Zoom in"),
    ):
        focusable.focus()
        for key in ("a", "b", "d", "d", "x", "m"):
            notebook.page.keyboard.press(key)
        expect(cells).to_have_count(2)
    expect(explorer.root).to_be_visible()


def test_dark_theme_of_the_host_is_followed_live(notebook: Notebook) -> None:
    explorer = notebook.explorer(1)
    expect_epoch(explorer, 0)
    light = {panel: explorer.pixels(panel) for panel in MATRICES}
    ink = explorer.root.evaluate("(root) => getComputedStyle(root).color")
    explorer.page.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
    wait_until(lambda: all(explorer.pixels(panel) != light[panel] for panel in MATRICES), explorer.page)
    assert explorer.root.evaluate("(root) => getComputedStyle(root).color") != ink
    explorer.page.evaluate("() => { document.body.dataset.jpThemeLight = 'true'; }")
    wait_until(lambda: all(explorer.pixels(panel) == light[panel] for panel in MATRICES), explorer.page)


@pytest.mark.parametrize("width", [480, 640, 900, 1600])
def test_nothing_overflows_at_any_width(notebook: Notebook, width: int) -> None:
    explorer = notebook.explorer(1)
    expect_epoch(explorer, 0)
    explorer.root.evaluate("(root, width) => { root.parentElement.style.width = `${width}px`; }", width)
    explorer.page.wait_for_timeout(300)
    wide, inner = explorer.root.evaluate("(root) => [root.scrollWidth, root.clientWidth]")
    assert wide <= inner
    assert explorer.root.evaluate(OUTSIDE) == []
    if width < 640:
        for name in MATRICES:
            explorer.root.get_by_role("tab", name=name, exact=True).click()
            expect(explorer.panel(name)).to_be_visible()
    else:
        for name in (*MATRICES, "Loss curves"):
            expect(explorer.panel(name)).to_be_visible()
        boxes = [explorer.panel(name).bounding_box() or {} for name in (*MATRICES, "Loss curves")]
        # The three in one row and of one size, in the order they are looked at; then the plots.
        assert len({box["y"] for box in boxes[:3]}) == 1
        assert max(box["width"] for box in boxes[:3]) - min(box["width"] for box in boxes[:3]) < 1
        lefts = [box["x"] for box in boxes[:3]]
        assert lefts == sorted(set(lefts))
        assert boxes[3]["y"] >= boxes[0]["y"] + boxes[0]["height"]
    explorer.root.evaluate("(root) => { root.parentElement.style.width = ''; }")


def test_zoom_and_pan_by_keyboard_fetch_what_is_not_there(notebook: Notebook) -> None:
    explorer = notebook.explorer(1)
    expect_epoch(explorer, 0)
    canvas = explorer.panel("Ratings matrix").locator("[tabindex='0']").first
    canvas.focus()
    before = {panel: explorer.pixels(panel) for panel in MATRICES}
    for _ in range(12):
        explorer.page.keyboard.press("PageDown")
    wait_until(lambda: all(explorer.pixels(panel) != before[panel] for panel in MATRICES), explorer.page)
    # Far beyond the first window there are ratings to be seen once the kernel has answered.
    wait_until(lambda: explorer.colors("Ratings matrix") > 4, explorer.page)
    explorer.button("Zoom in").click()
    for _ in range(9):
        if explorer.button("Zoom in").is_enabled():
            explorer.button("Zoom in").click()
    expect(explorer.button("Zoom in")).to_be_disabled()
