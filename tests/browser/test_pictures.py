"""The explorer looks as it did, in its main states, light and dark.

Where it is meant to look otherwise, `pytest tests/browser/test_pictures.py --keep-pictures` keeps what it
sees; look at the files before you commit them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_page
from tests.browser.pictures import LETTERLESS, Picture
from tests.browser.test_explorer import LOAD, expect_epoch, wait_until
from tests.browser.test_inspector import options
from tests.browser.test_rewind import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.jupyter import Explorer, Notebook, Server

pytestmark = pytest.mark.browser

KEPT: Final = Path(__file__).parent / "pictures"

MATRICES = ("Ratings matrix", "Predictions matrix", "Residuals matrix")
FACTORS = ("User factors", "Item factors")
FAR: Final = {
    **dict.fromkeys((*MATRICES, *FACTORS), 0.15),
    "Factor map": 0.35,
    "Loss curves": 0.5,
    "Inspector": 0.6,
    **dict.fromkeys(("User", "Item"), 0.25),
    "Runs": 0.35,
}
"""How far another font moves what is in a panel, and some more; what `BROKEN` does is further."""

BROKEN: Final = {
    "canvases are empty": ".recowidget canvas { visibility: hidden }",
    "plots are empty": ".recowidget section svg * { visibility: hidden }",
    "curves are gone": ".recowidget path.rw-line { visibility: hidden }",
    "rows are gone": ".recowidget section :is(li, [role=option], tr) { visibility: hidden }",
    "terms are gone": ".recowidget .rw-term { visibility: hidden }",
    "pictures moved": ".recowidget canvas { transform: translate(24px, 24px) }",
    "colours are others": ".recowidget canvas { filter: hue-rotate(120deg) }",
}
CAUGHT: Final = {
    "canvases are empty": {*MATRICES, *FACTORS, "Factor map"},
    "plots are empty": {"Loss curves", "Inspector"},
    "curves are gone": {"Loss curves"},
    "rows are gone": {"User", "Item", "Runs"},
    "terms are gone": {"Inspector"},
    "pictures moved": {*MATRICES, *FACTORS, "Factor map"},
    "colours are others": {*MATRICES, *FACTORS, "Factor map"},
}


@pytest.fixture(scope="module")
def explorer(browser: Browser, server: Server) -> Iterator[Explorer]:
    """Trained for eight epochs, with a cell selected, on a page without letters."""
    shown = (
        "explorer = rw.MFExplorer(ratings, items=movies, epochs=8)\n"
        "history = explorer.fit()\n"
        "explorer.selection = {'user': 414, 'item': 356}\n"
        "explorer"
    )
    with open_page(browser, server) as page:
        page.set_viewport_size({"width": 1800, "height": 1500})
        notebook: Notebook = server.notebook(page, LOAD.strip(), shown, name="pictures")
        notebook.run(0)
        notebook.run(1)
        explorer = notebook.explorer(1)
        expect_epoch(explorer, 8)
        expect(options(explorer, "User", "Rated highest")).to_have_count(200)
        expect(explorer.panel("Loss curves")).to_contain_text("NDCG@10", timeout=30_000)
        strip = explorer.panel("Loss curves").locator("path.rw-strip-line")
        wait_until(lambda: (strip.get_attribute("d") or "").count("L") == 8, page)
        page.evaluate(LETTERLESS)
        yield explorer


def put(explorer: Explorer, theme: str, width: int) -> None:
    """Give the explorer a width, and the window room for the whole of it."""
    page = explorer.page
    page.evaluate("(light) => { document.body.dataset.jpThemeLight = light; }", str(theme == "light").lower())
    explorer.root.evaluate("(root, width) => { root.parentElement.style.width = `${width}px`; }", width)
    page.mouse.move(0, 0)
    page.wait_for_timeout(200)
    height = explorer.root.evaluate("(root) => root.scrollHeight")
    page.set_viewport_size({"width": max(1100, width + 200), "height": height + 400})
    explorer.root.scroll_into_view_if_needed()
    page.wait_for_timeout(400)


def rewound(explorer: Explorer) -> None:
    line = line_of(explorer)
    line.focus()
    line.press("Home")
    expect(line).to_have_attribute("aria-valuetext", "epoch 0 of 8")


def live(explorer: Explorer) -> None:
    explorer.button("Live").click()
    expect(line_of(explorer)).to_have_attribute("aria-valuetext", "epoch 8, live")


def whole(explorer: Explorer) -> None:
    explorer.button("Whole matrix").click()


STATES: Final = {
    "trained": (1600, lambda _: None, lambda _: None),
    "rewound": (900, rewound, live),
    "whole": (1200, whole, whole),
    "narrow": (480, lambda _: None, lambda _: None),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_looks_as_it_did(explorer: Explorer, state: str, theme: str, request: pytest.FixtureRequest) -> None:
    width, enter, leave = STATES[state]
    enter(explorer)
    put(explorer, theme, width)
    seen = Picture.take(explorer)
    leave(explorer)
    path = KEPT / f"{state}-{theme}.png"
    if request.config.getoption("--keep-pictures"):
        seen.save(path)
    kept = Picture.load(path)
    assert set(seen.boxes) == set(kept.boxes)
    apart = {name: kept.apart(seen, name) for name in kept.boxes if name in FAR}
    assert {name: round(far, 3) for name, far in apart.items() if far > FAR[name]} == {}


def test_what_is_broken_would_be_seen_and_another_font_would_not(explorer: Explorer) -> None:
    put(explorer, "light", 1600)
    kept = Picture.take(explorer)

    def changed(css: str) -> set[str]:
        style = explorer.page.add_style_tag(content=css)
        explorer.page.wait_for_timeout(300)
        seen = Picture.take(explorer)
        style.evaluate("(style) => style.remove()")
        apart = {name: round(kept.apart(seen, name), 3) for name in FAR}
        return {name for name, far in FAR.items() if apart[name] > far}

    assert changed(".recowidget { --jp-ui-font-family: monospace; font-family: monospace }") == set()
    for what, css in BROKEN.items():
        assert changed(css) >= CAUGHT[what], what
