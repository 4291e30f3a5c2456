"""Settings as controls, and the runs that follow from changing them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_explorer import expect_epoch, open_notebook, settled, wait_until

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


def test_predictions_are_compared_with_those_of_a_run_before(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies, epochs=6)\nexplorer",
        "_ = explorer.fit()\nexplorer.change_settings(n_factors=2)\nexplorer.reset()",
        "explorer.pin(None)",
        "explorer.pin(1)",
    )
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    notebook.run(2)
    residuals, runs = explorer.panel("Residuals matrix"), explorer.panel("Runs")
    expect(residuals).to_contain_text("rating − prediction")
    errors = explorer.pixels("Residuals matrix")

    # By keyboard: the run, and what is done with it.
    runs.get_by_role("button", name="1 biased_mf, 30 factors").focus()
    page.keyboard.press("Enter")
    compare = runs.get_by_role("button", name="Compare with it")
    compare.focus()
    page.keyboard.press("Enter")
    against = explorer.button("Against run 1")
    expect(against).to_have_attribute("aria-pressed", "true")
    expect(residuals).to_contain_text("prediction − that of run 1")
    expect(residuals).to_contain_text(re.compile(r"from −\d\.\d\d to \+\d\.\d\d"))
    wait_until(lambda: explorer.pixels("Residuals matrix") != errors, page)
    expect(explorer.panel("Loss curves").locator(".rw-ghosts path.rw-pinned")).to_have_count(1)
    expect(runs.get_by_role("row").nth(1)).to_contain_text("compared with")

    # Live, and rewound.
    seen = {explorer.pixels("Residuals matrix")}
    explorer.button("Play").click()

    def moves() -> bool:
        seen.add(explorer.pixels("Residuals matrix"))
        return len(seen) >= 3

    wait_until(moves, page)
    expect_epoch(explorer, 6)
    trained = settled(explorer, "Residuals matrix")
    slider = explorer.root.get_by_role("slider", name="Epoch")
    slider.press("Home")
    wait_until(lambda: explorer.pixels("Residuals matrix") != trained, page)
    slider.press("End")
    wait_until(lambda: explorer.pixels("Residuals matrix") == trained, page)

    # A window that was not there yet is compared as well, and a cell tells of both.
    canvas = residuals.locator("canvas").first
    canvas.press("PageDown")
    wait_until(lambda: explorer.pixels("Residuals matrix") != trained, page)
    canvas.hover(position={"x": 12, "y": 12})
    expect(explorer.root.locator(".rw-tooltip")).to_contain_text(re.compile(r"run 1\s*\d\.\d\d"))

    against.click()
    expect(residuals).to_contain_text("rating − prediction")
    notebook.run(3)
    expect(against).to_be_hidden()
    notebook.run(4)
    expect(against).to_have_attribute("aria-pressed", "true")
    runs.get_by_role("button", name="Compare no more").click()
    expect(against).to_be_hidden()


def test_early_stopping_says_on_which_part_it_was_chosen(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, n_factors=40, regularization=.005, epochs=60)\n"
        "explorer.model\nexplorer",
        "judged = rw.MFExplorer(ratings, n_factors=40, regularization=.005, epochs=60, early_stopping=2,\n"
        "                       shares=(.7, .15, .15))\n_ = judged.fit()\njudged",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    if explorer.button("Settings").is_visible():
        explorer.button("Settings").click()
    expect(control(explorer, "Early stopping")).to_have_value("")
    enter(explorer, "Early stopping", "2")
    expect_note(explorer, "Early stopping", "^by the test part: optimistic$")
    explorer.root.get_by_role("combobox", name="Speed").select_option("full speed")
    explorer.button("Play").click()
    expect(explorer.status).to_contain_text(
        "none better on the test part, which is optimistic", timeout=60_000
    )
    assert explorer.epoch() < 60
    notebook.run(2)
    judged = notebook.explorer(2)
    judged.root.scroll_into_view_if_needed()
    expect(judged.status).to_contain_text("none better on the validation part")
    expect(judged.status).not_to_contain_text("optimistic")
    expect(judged.panel("Loss curves")).to_contain_text("chosen on the validation part")


def test_one_side_alone_is_trained_and_where_that_cannot_be_it_is_said_why(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies)\nexplorer.model\nexplorer",
        "other = rw.MFExplorer(ratings, model='deep_mf')\nother",
    )
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    update = explorer.root.get_by_role("combobox", name="Update")
    for choice, moving, still in [
        ("users only", "User factors", "Item factors"),
        ("items only", "Item factors", "User factors"),
    ]:
        update.select_option(choice)
        explorer.panel("User factors").scroll_into_view_if_needed()
        before = {name: settled(explorer, name) for name in (moving, still)}
        epoch = explorer.epoch()
        explorer.button("Step epoch").click()
        expect_epoch(explorer, epoch + 1)
        wait_until(lambda name=moving, before=before: explorer.pixels(name) != before[name], page)
        assert settled(explorer, still) == before[still]
    notebook.run(2)
    other = notebook.explorer(2)
    other.root.scroll_into_view_if_needed()
    update = other.root.get_by_role("combobox", name="Update")
    expect(update).to_be_disabled()
    expect(update).to_have_accessible_description(re.compile("trains all weights together"))
    expect(other.root).to_contain_text("engine keras trains all weights together")
