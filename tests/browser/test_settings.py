"""Settings as controls, and the runs that follow from changing them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_explorer import expect_epoch, open_notebook, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from tests.browser.jupyter import Explorer, Notebook

__all__ = ["open_notebook"]

pytestmark = pytest.mark.browser


def control(explorer: Explorer, name: str) -> Locator:
    return explorer.root.get_by_label(name, exact=True)


def enter(explorer: Explorer, name: str, value: str) -> None:
    control(explorer, name).fill(value)
    control(explorer, name).press("Enter")


def expect_note(explorer: Explorer, name: str, note: str) -> None:
    """What stands under a control, as a screen reader reads it with the control."""
    expect(control(explorer, name)).to_have_accessible_description(re.compile(note))


def test_settings_apply_now_or_with_a_reset_that_keeps_the_run_before(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies, epochs=8)\nexplorer",
        "_ = explorer.fit()",
        "explorer.settings['n_factors'], explorer.settings['split'], len(explorer.runs)",
    )
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    button = explorer.button("Settings")
    if button.is_visible():
        button.click()
    names = ("Model", "Factors", "Batch size", "Seed", "Split", "Test share", "Learning rate")
    for name in (*names, "Regularization", "Epochs"):
        expect(control(explorer, name)).to_be_enabled()
    notebook.run(2)
    expect_epoch(explorer, 8)

    enter(explorer, "Factors", "0")
    expect_note(explorer, "Factors", "^Must be an integer of 1 or more$")
    expect(control(explorer, "Factors")).to_have_attribute("aria-invalid", "true")
    enter(explorer, "Factors", "3")
    expect_note(explorer, "Factors", "^30 until the next reset$")
    enter(explorer, "Learning rate", "0.01")
    expect_note(explorer, "Learning rate", "^from epoch 9 on$")
    control(explorer, "Split").select_option("stratified")
    expect_note(explorer, "Split", "^random until the next reset$")
    # Space types in a box, and doesn't play.
    control(explorer, "Seed").press("Space")
    page.keyboard.press("Escape")
    expect(control(explorer, "Seed")).to_have_value("0")
    expect_epoch(explorer, 8)

    grid = explorer.pixels("Ratings matrix")
    explorer.button("Reset").click()
    expect_epoch(explorer, 0)
    expect_note(explorer, "Factors", "^$")
    wait_until(lambda: explorer.pixels("Ratings matrix") != grid, page)
    runs = explorer.panel("Runs")
    kept = runs.get_by_role("button", name="1 biased_mf, 30 factors")
    expect(kept).to_be_visible()
    # Measured in the kernel, after it was kept.
    expect(runs.get_by_role("row").nth(1)).to_contain_text(re.compile(r"80\.\d{3}0\.\d{3}"))
    expect(explorer.panel("Loss curves").locator(".rw-ghosts path")).to_have_count(1)
    explorer.button("Play").click()
    expect(explorer.status).to_contain_text("Finished", timeout=30_000)
    notebook.run(3)
    assert notebook.output(3).strip().endswith("(3, 'stratified', 2)")

    runs.get_by_role("button", name="Show run 1").click()
    expect(explorer.panel("Loss curves").locator(".rw-ghosts path")).to_have_count(0)
    kept.click()
    explorer.button("Rename").click()
    expect(control(explorer, "Name of run 1")).to_be_focused()
    page.keyboard.type("wide")
    page.keyboard.press("Enter")
    expect(runs.get_by_role("button", name="1 wide")).to_be_visible()
    explorer.button("Take settings back").click()
    expect(control(explorer, "Factors")).to_have_value("30")
    expect_note(explorer, "Factors", "^3 until the next reset$")
