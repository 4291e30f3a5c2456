"""What an explorer at rest shows and does, on one page for all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import VIEWPORT
from tests.browser.conftest import open_page
from tests.browser.test_explorer import LOAD, MATRICES, expect_epoch, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.jupyter import Explorer, Notebook, Server

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


IS_SHARP = """(canvas) => {
    const across = canvas.getBoundingClientRect().width * devicePixelRatio;
    return Math.abs(across - canvas.width) <= 1;
}"""


def hover_and_measure(explorer: Explorer, x: float, y: float) -> tuple[str, float, float]:
    """Point at a place of the ratings matrix; what the tooltip tells, and how far from there it stands."""
    box = explorer.panel("Ratings matrix").locator("canvas").first.bounding_box()
    assert box
    explorer.page.mouse.move(box["x"] + x, box["y"] + y)
    tooltip = explorer.root.locator(".rw-tooltip")
    expect(tooltip).to_be_visible()
    at = tooltip.bounding_box()
    assert at
    explorer.page.wait_for_timeout(100)
    return tooltip.inner_text(), at["x"] - box["x"] - x, at["y"] - box["y"] - y


@pytest.mark.parametrize(("width", "is_light"), [(720, True), (900, False), (1600, True)])
def test_before_a_projector_all_is_larger_as_sharp_and_under_the_pointer(
    notebook: Notebook, width: int, *, is_light: bool
) -> None:
    explorer, page = notebook.explorer(1), notebook.page
    page.set_viewport_size({"width": max(width + 300, 1280), "height": 1000})
    page.evaluate("(light) => { document.body.dataset.jpThemeLight = light; }", str(is_light).lower())
    explorer.root.evaluate("(root, width) => { root.parentElement.style.width = `${width}px`; }", width)
    title = explorer.status.locator(".rw-word")
    small = title.bounding_box()
    button = explorer.button("Projector")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(300)
    tab = explorer.root.get_by_role("tab", name="Ratings matrix", exact=True)
    if tab.count():
        tab.click()
    large = title.bounding_box()
    assert small
    assert large
    assert large["height"] == pytest.approx(1.5 * small["height"], abs=1)
    wide, inner = explorer.root.evaluate("(root) => [root.scrollWidth, root.clientWidth]")
    assert wide <= inner
    assert explorer.root.evaluate(OUTSIDE) == []
    assert explorer.panel("Ratings matrix").locator("canvas").first.evaluate(IS_SHARP)
    explorer.root.scroll_into_view_if_needed()
    told, right, below = hover_and_measure(explorer, 100, 60)
    assert "prediction" in told
    assert 0 < right < 80
    assert 0 < below < 80
    page.mouse.move(0, 0)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    again = title.bounding_box()
    assert again
    assert again["height"] == small["height"]
    explorer.root.evaluate("(root) => { root.parentElement.style.width = ''; }")
    page.evaluate("() => { document.body.dataset.jpThemeLight = 'true'; }")
    page.set_viewport_size(VIEWPORT)


def test_canvases_are_drawn_again_after_scrolling_away(notebook: Notebook) -> None:
    explorer, page = notebook.explorer(1), notebook.page
    page.wait_for_timeout(200)
    drawn = {panel: explorer.pixels(panel) for panel in MATRICES}
    explorer.root.evaluate("(root) => { root.parentElement.style.marginTop = '9000px'; }")
    page.wait_for_timeout(200)
    # As a browser may do with what is out of sight.
    explorer.root.evaluate(
        "(root) => { for (const canvas of root.querySelectorAll('canvas')) canvas.width = canvas.width; }"
    )
    assert all(explorer.pixels(panel) != drawn[panel] for panel in MATRICES)
    explorer.root.evaluate("(root) => { root.parentElement.style.marginTop = ''; }")
    wait_until(lambda: all(explorer.pixels(panel) == drawn[panel] for panel in MATRICES), page)


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
    for _ in range(13):
        # Forced: the last click may be on its way to disable it.
        explorer.button("Zoom in").click(force=True)
    expect(explorer.button("Zoom in")).to_be_disabled()
