"""What axe-core finds in the widget: nothing, light and dark, wide and narrow, folded and open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_explorer import expect_epoch, open_notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.jupyter import Explorer, Notebook

__all__ = ["open_notebook"]

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
TRAINED = """
explorer = rw.MFExplorer(ratings, items=movies, epochs=2, n_factors=4)
explorer.fit()
display(explorer)
""".strip()
PINNED = """
explorer.change_settings(n_factors=3)
explorer.reset()
explorer.fit()
explorer.selection = {"user": 53, "item": 5}
explorer.edit(53, 5, 1.0)
""".strip()

# Two things of JupyterLab's page hide from axe what lies in a cell, and axe passes it by in silence: the body
# has no height and cuts off what overflows it, which is everything; and a notebook scrolls, so that colours
# are only measured where all of the widget lies within the window.
SHOW_ALL = "() => { document.body.style.minHeight = '100vh'; }"
VIEWPORT = {"width": 1320, "height": 5200}

# The size of targets, which axe leaves off, is in WCAG 2.2 at level AA. What moves while axe looks can't be
# measured.
AUDIT = """async (root) => {
    for (let before = ""; before !== (before = root.outerHTML); )
        await new Promise((done) => setTimeout(done, 200));
    const { violations, passes } = await axe.run(root, { rules: { "target-size": { enabled: true } } });
    return {
        found: violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`)),
        contrasts: passes.find(({ id }) => id === "color-contrast")?.nodes.length ?? 0,
    };
}"""


def choose_theme(page: Page, explorer: Explorer, theme: str) -> None:
    """By JupyterLab's own menu, so that its style sheets change as well."""
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-item", has_text="Theme").first.click()
    page.locator(".lm-Menu").get_by_text(f"JupyterLab {theme.capitalize()}", exact=True).click()
    expect(explorer.root).to_have_attribute("data-theme", theme)


def be_a_user(explorer: Explorer) -> None:
    explorer.button("Be a user").click()
    panel = explorer.panel("Be a user")
    box = panel.get_by_role("combobox", name="Find a title to rate")
    box.fill("toy story")
    expect(panel.get_by_role("option").first).to_contain_text("Toy Story")
    box.press("Enter")
    expect(panel.get_by_role("listitem")).to_have_count(1)


def test_axe_finds_nothing_in_light_and_dark(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(TRAINED, PINNED)
    page = notebook.page
    page.set_viewport_size(VIEWPORT)
    notebook.run(1)
    explorer = notebook.explorer(1)
    expect_epoch(explorer, 2)
    page.evaluate(SHOW_ALL)
    page.evaluate(AXE.read_text(encoding="utf-8"))

    def audit(state: str, *, popovers: bool = False) -> None:
        for theme in ("light", "dark"):
            choose_theme(page, explorer, theme)
            for width, opens, role in (
                ("480px", "Help on Factor map", "dialog"),
                ("", "Save Loss curves", "menu"),
            ):
                explorer.root.evaluate("(root, width) => { root.parentElement.style.width = width; }", width)
                expect(explorer.root.get_by_role("tablist")).to_have_count(1 if width else 0)
                if popovers:
                    explorer.button(opens).click()
                    expect(explorer.root.get_by_role(role)).to_be_visible()  # type: ignore[arg-type]
                result = explorer.root.evaluate(AUDIT)
                assert result["found"] == [], (state, theme, width)
                assert result["contrasts"] > 100, (state, theme, width)

    audit("at rest")

    notebook.run(2)
    expect(explorer.panel("User")).to_contain_text("NDCG")
    expect(explorer.panel("Runs").get_by_role("button", name="1 biased_mf, 4 factors")).to_be_visible()
    explorer.root.evaluate("(root) => { root.parentElement.style.width = '480px'; }")
    explorer.button("Settings").click()
    audit("a cell pinned, a run kept, settings open")

    be_a_user(explorer)
    explorer.button("Whole matrix").click()
    expect(explorer.panel("Ratings matrix")).to_contain_text("binned")
    audit("be a user, whole matrix, help and menu", popovers=True)
