"""Ratings edited on screen while training goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_explorer import open_notebook, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.jupyter import Notebook

__all__ = ["open_notebook"]

pytestmark = pytest.mark.browser

SHOWN = "explorer = rw.MFExplorer(ratings, items=movies, epochs=100_000)\nexplorer"
TOLD = """
import json
edits = explorer.edits.to_dict("records")
print(json.dumps([explorer.interactions.n_ratings, len(explorer.split.test), edits]))
"""


def test_a_rating_is_set_moved_erased_and_undone_while_training_goes_on(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOWN, "explorer.selection = {'user': 414, 'item': 356}", TOLD)
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    inspector = explorer.panel("Inspector")
    expect(explorer.button("Undo")).to_be_hidden()
    explorer.button("Play").click()
    expect(explorer.button("Pause")).to_be_visible()
    notebook.run(2)
    box = inspector.get_by_role("textbox", name="Rating")
    expect(box).to_have_value("5")
    before = explorer.pixels("Ratings matrix")

    # Out of the scale it is refused where it was typed, and Escape takes it back.
    box.fill("7")
    box.press("Enter")
    expect(inspector).to_contain_text("A rating is a number from 0.5 to 5")
    box.press("Escape")
    expect(box).to_have_value("5")

    box.fill("0.5")
    box.press("Enter")
    expect(explorer.button("1 edit")).to_be_visible()
    expect(inspector.locator(".rw-waterfall")).to_contain_text("rated 0.5 (train)")
    expect(box).to_have_value("0.5")
    wait_until(lambda: explorer.pixels("Ratings matrix") != before, page)
    inspector.get_by_role("button", name="Test", exact=True).click()
    expect(inspector.locator(".rw-waterfall")).to_contain_text("rated 0.5 (test)")
    expect(explorer.button("2 edits")).to_be_visible()
    inspector.get_by_role("button", name="Erase", exact=True).click()
    expect(explorer.root).to_contain_text("100,835 ratings")
    expect(box).to_have_value("")
    expect(explorer.button("Pause")).to_be_visible()
    at = explorer.epoch()
    wait_until(lambda: explorer.epoch() > at, page)

    # By keyboard, undone to the last pixel.
    canvas = explorer.panel("Ratings matrix").locator("canvas").first
    canvas.focus()
    for _ in range(3):
        page.keyboard.press("Control+z")
    expect(explorer.button("0 edits")).to_be_visible()
    expect(explorer.root).to_contain_text("100,836 ratings")
    wait_until(lambda: explorer.pixels("Ratings matrix") == before, page)
    page.keyboard.press("Control+Shift+z")
    expect(box).to_have_value("0.5")
    explorer.button("Pause").click()
    expect(explorer.button("Play")).to_be_visible()

    notebook.run(3)
    n_ratings, n_test, (edit,) = json.loads(notebook.output(3))
    assert (n_ratings, edit["before"], edit["after"], edit["part"]) == (100_836, 5.0, 0.5, "train")
    assert edit["epoch"] > 0
    explorer.button("1 edit").click()
    (line,) = explorer.root.get_by_role("listbox", name="Edits").get_by_role("option").all()
    expect(line).to_contain_text("5 → 0.5")
    assert n_test == 20_167


def test_in_the_grid_of_the_parts_a_second_click_or_a_key_moves_a_rating(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOWN)
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    inspector = explorer.panel("Inspector")
    explorer.root.get_by_role("button", name="Train/test grid").click()
    grid = explorer.panel("Train/test grid").locator("canvas").first
    part = inspector.get_by_role("group", name="Part").locator("[aria-pressed=true]")
    parts = explorer.pixels("Train/test grid")
    grid.click(position={"x": 30, "y": 30})
    first = part.inner_text()
    assert explorer.pixels("Train/test grid") == parts
    grid.click(position={"x": 30, "y": 30})
    expect(part).not_to_have_text(first)
    wait_until(lambda: explorer.pixels("Train/test grid") != parts, page)
    page.keyboard.press("m")
    expect(part).to_have_text(first)
    wait_until(lambda: explorer.pixels("Train/test grid") == parts, page)
