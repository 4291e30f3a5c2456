"""What one does with the matrices: sort them, find in them, hide parts, and see them whole."""

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

SHOWN = "explorer = rw.MFExplorer(ratings, items=movies)\nexplorer"
FIT = "_ = explorer.fit(3)"


def select(explorer: Explorer, name: str) -> Locator:
    return explorer.root.get_by_role("combobox", name=name, exact=True)


def first_cell(explorer: Explorer) -> str:
    """What is read out of the cell in the corner."""
    canvas = explorer.panel("Predictions matrix").locator("canvas").first
    canvas.focus()
    for key in ("Control+End", "Control+Home"):
        explorer.page.keyboard.press(key)
        explorer.page.wait_for_timeout(250)
    return explorer.root.locator(".rw-hidden[aria-live]").inner_text()


def test_users_and_items_are_sorted_and_stay_so_while_training(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        SHOWN,
        FIT,
        "print(f'{explorer.predictions(users=414).prediction.max():.2f}')",
        "_ = explorer.fit(2)",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    by_activity = explorer.pixels("Ratings matrix")
    notebook.run(2)
    expect_epoch(explorer, 3)
    select(explorer, "Items by").select_option("title")
    wait_until(lambda: "00 Schneider" in first_cell(explorer), explorer.page)
    # The most active user, by keyboard; then what is predicted for that one.
    explorer.page.keyboard.press("Enter")
    explorer.page.keyboard.press("Enter")
    explorer.page.keyboard.press("Enter")
    items = select(explorer, "Items by")
    items.select_option("predictions of user 414")
    notebook.run(3)
    best = f"prediction {notebook.output(3).strip()}"
    wait_until(lambda: best in first_cell(explorer), explorer.page)
    select(explorer, "Users by").select_option("similarity")
    again = explorer.root.get_by_role("button", name="Sort users again")
    expect(again).to_have_text("epoch 3")
    wait_until(lambda: explorer.pixels("Ratings matrix") != by_activity, explorer.page)
    sorted_at_3 = explorer.pixels("Ratings matrix")
    notebook.run(4)
    expect_epoch(explorer, 5)
    assert explorer.pixels("Ratings matrix") == sorted_at_3
    again.click()
    expect(again).to_have_text("epoch 5")
    items.select_option("activity")
    select(explorer, "Users by").select_option("activity")
    expect(again).to_be_hidden()
    explorer.page.keyboard.press("Escape")
    wait_until(lambda: "Forrest Gump" in first_cell(explorer), explorer.page)
    notebook.restart_kernel()
    expect(select(explorer, "Items by")).to_be_disabled()


def test_a_title_and_a_user_are_found_by_keyboard_and_gone_to(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(SHOWN, "explorer.selection")
    notebook.run(1)
    explorer = notebook.explorer(1)
    page = explorer.page
    box = select(explorer, "Find a user or title")
    box.focus()
    page.keyboard.type("AMELIE pou")
    listbox = explorer.root.get_by_role("listbox", name="Users and titles found")
    expect(listbox.get_by_role("option")).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Control+a")
    page.keyboard.type("a fistful")
    expect(listbox.get_by_role("option").nth(1)).to_contain_text("Dollars")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    active = box.get_attribute("aria-activedescendant")
    assert active
    expect(explorer.root.locator(f"[id='{active}']")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(listbox).to_be_hidden()
    page.keyboard.press("Control+a")
    page.keyboard.type("nothing of the kind")
    expect(explorer.root).to_contain_text("No user or movie matches")
    page.keyboard.press("Control+a")
    page.keyboard.type("user 53")
    listbox.get_by_role("option", name="user 53").first.click()
    notebook.run(2)
    assert "53" in notebook.output(2)
    assert "Amélie" in notebook.output(2)
    # The matrix went there, and has it in view.
    canvas = explorer.panel("Ratings matrix").locator("canvas").first
    expect(canvas).to_have_attribute("aria-label", re.compile("users (?!1 to)"))


def test_parts_are_hidden_in_the_pictures_and_not_in_the_counts(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOWN)
    notebook.run(1)
    explorer = notebook.explorer(1)
    panels = ("Ratings matrix", "Predictions matrix", "Residuals matrix")
    wait_until(lambda: explorer.colors("Residuals matrix") > 8, explorer.page)
    before = {panel: explorer.pixels(panel) for panel in panels}
    texts = explorer.panel("Residuals matrix").inner_text()
    group = explorer.root.get_by_role("group", name="Cells shown")
    for name in ("train", "test"):
        group.get_by_role("button", name=name).focus()
        explorer.page.keyboard.press("Space")
        expect(group.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "false")
    wait_until(lambda: explorer.colors("Ratings matrix") <= 2, explorer.page)
    assert explorer.colors("Residuals matrix") <= 2
    assert explorer.colors("Predictions matrix") > 8
    assert explorer.panel("Residuals matrix").inner_text() == texts
    group.get_by_role("button", name="unseen").click()
    wait_until(lambda: explorer.colors("Predictions matrix") <= 2, explorer.page)
    for name in ("train", "test", "unseen"):
        group.get_by_role("button", name=name).click()
    wait_until(lambda: {panel: explorer.pixels(panel) for panel in panels} == before, explorer.page)


def binned_in(explorer: Explorer) -> int:
    """How many panels say that they are binned."""
    return len(re.findall(r"binned: \d+–\d+ users × \d+–\d+ items a cell", explorer.root.inner_text()))


def test_the_whole_matrix_is_shown_binned_live_rewound_and_left_by_a_click(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOWN, FIT, "_ = explorer.fit(1)")
    notebook.run(1)
    explorer = notebook.explorer(1)
    page = explorer.page
    whole = explorer.button("Whole matrix")
    whole.click()
    wait_until(lambda: binned_in(explorer) == 3, page)
    untrained = explorer.pixels("Predictions matrix")
    notebook.run(2)
    expect_epoch(explorer, 3)
    wait_until(lambda: explorer.pixels("Predictions matrix") != untrained, page)
    third = {panel: explorer.pixels(panel) for panel in ("Predictions matrix", "Residuals matrix")}
    notebook.run(3)
    expect_epoch(explorer, 4)
    wait_until(lambda: all(explorer.pixels(panel) != third[panel] for panel in third), page)
    # An epoch of the past is binned as it was.
    explorer.root.get_by_role("slider", name="Epoch").focus()
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: {panel: explorer.pixels(panel) for panel in third} == third, page)
    explorer.button("Live").click()

    by_activity = explorer.pixels("Ratings matrix")
    select(explorer, "Items by").select_option("title")
    wait_until(lambda: explorer.pixels("Ratings matrix") != by_activity, page)
    canvas = explorer.panel("Ratings matrix").locator("canvas").first
    voice = explorer.root.locator(".rw-hidden[aria-live]")
    canvas.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+Home")
    expect(voice).to_contain_text(re.compile(r"users 1–\d,"))
    page.keyboard.press("PageDown")
    page.keyboard.press("Enter")
    expect(voice).to_contain_text("Single cells: users")
    expect(whole).to_have_attribute("aria-pressed", "false")
    expect(canvas).to_have_attribute("aria-label", re.compile(r"users \d+ to 610, items 1 to"))
    assert binned_in(explorer) == 0
    expect(explorer.root.locator(".rw-where")).to_contain_text("–610")


def test_a_model_that_is_no_dot_product_is_predicted_in_some_cells_of_each_bin(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies, model='deep_mf')\nexplorer",
        "_ = explorer.fit(1)",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    notebook.run(2)
    expect_epoch(explorer, 1)
    explorer.button("Whole matrix").click()
    expect(explorer.panel("Predictions matrix")).to_contain_text("of them predicted")
    expect(explorer.panel("Residuals matrix")).to_contain_text("of 20,000 ratings")
    wait_until(lambda: explorer.colors("Predictions matrix") > 8, explorer.page)
    assert explorer.colors("Residuals matrix") > 8
