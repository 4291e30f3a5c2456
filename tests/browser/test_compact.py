"""The small explorer, and the one without some panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_explorer import expect_epoch, open_notebook, wait_until
from tests.browser.test_rewind import line_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.jupyter import Notebook

__all__ = ["open_notebook"]

pytestmark = pytest.mark.browser

SHOWN = (
    "Ratings matrix",
    "Predictions matrix",
    "Residuals matrix",
    "Loss curves",
    "User factors",
    "Factor map",
)
GONE = ("Inspector", "User", "Item", "Runs", "Architecture")


def test_the_compact_explorer_is_small_and_can_be_trained_and_rewound(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook("explorer = rw.MFExplorer(ratings, compact=True, epochs=4)\nexplorer")
    notebook.run(1)
    explorer = notebook.explorer(1)
    for name in SHOWN:
        expect(explorer.panel(name)).to_be_visible()
    for name in GONE:
        expect(explorer.panel(name)).to_have_count(0)
    explorer.button("Play").click()
    expect_epoch(explorer, 4)
    expect(explorer.panel("Loss curves")).to_contain_text("test")
    expect(explorer.panel("Loss curves")).not_to_contain_text("NDCG@10")
    # What a teacher would say, in a word, and why for the asking.
    expect(explorer.panel("Loss curves")).not_to_contain_text("Their factors are as they began")
    explorer.button("Why?").click()
    expect(explorer.panel("Loss curves")).to_contain_text("Their factors are as they began")
    explorer.button("less").click()
    live = explorer.pixels("Predictions matrix")
    line = line_of(explorer)
    line.focus()
    line.press("Home")
    wait_until(lambda: explorer.pixels("Predictions matrix") != live, explorer.page)
    # In a row of three, whatever room there is.
    boxes = [explorer.panel(name).bounding_box() for name in SHOWN]
    tops = {round(box["y"]) for box in boxes if box}
    assert len(tops) == 2
    whole = explorer.root.bounding_box()
    assert whole
    assert whole["width"] <= 1000
    assert whole["height"] < 760


def test_hidden_panels_leave_no_hole(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, hide=('residuals', 'loss', 'factors', 'cell'))\nexplorer",
        "rw.MFExplorer(ratings, hide=explorer.panels)",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    expect(explorer.panel("Factor map")).to_be_visible()
    for name in ("Residuals matrix", "Loss curves", "User factors", "Item factors", "Inspector"):
        expect(explorer.panel(name)).to_have_count(0)
    explorer.button("Step epoch").click()
    expect_epoch(explorer, 1)
    notebook.run(2)
    expect(notebook.explorer(2).button("Play")).to_be_visible()
    expect(notebook.explorer(2).root.get_by_role("region")).to_have_count(5)
