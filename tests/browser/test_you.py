"""Be a user: titles are found and rated on screen, and recommendations follow at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_explorer import expect_epoch, open_notebook, wait_until
from tests.browser.test_inspector import spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.jupyter import Notebook

__all__ = ["open_notebook"]

pytestmark = pytest.mark.browser


def test_titles_are_rated_and_the_list_follows_live_rewound_and_while_it_trains(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies, epochs=100_000)\nexplorer",
        "import json\n_ = explorer.fit(3)\nprint(json.dumps(explorer.recommend({1: 5})['title'].tolist()))",
        "print(json.dumps(sorted(explorer.you.items())))\nexplorer.you = {50: 1.0}",
        "explorer.change_settings(model='deep_mf', epochs=2)\nexplorer.reset()\n_ = explorer.fit(1)",
    )
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    panel = explorer.panel("Be a user")
    expect(panel).to_be_hidden()
    explorer.button("Be a user").click()
    notebook.run(2)
    expect_epoch(explorer, 3)
    box = panel.get_by_role("combobox", name="Find a title to rate")
    box.fill("toy story")
    expect(panel.get_by_role("option").first).to_contain_text("Toy Story")
    box.press("Enter")
    rate = panel.get_by_role("group", name="Rating of Toy Story", exact=True)
    # The row is there, and its first button has the focus: 1 to 5 by Tab.
    expect(rate.get_by_role("button", name="1", exact=True)).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rate.get_by_role("button", name="5", exact=True)).to_have_attribute("aria-pressed", "true")
    top = panel.get_by_role("listbox", name="Recommended to you")
    texts = top.locator(".rw-choice-text")
    expect(texts).to_have_text([spoken(title) for title in json.loads(notebook.output(2).strip())])
    expect(panel).to_contain_text("at epoch 3")

    line = explorer.root.get_by_role("slider", name="Epoch")
    line.focus()
    page.keyboard.press("Home")
    expect(panel).to_contain_text("at epoch 0")
    page.keyboard.press("End")
    expect(panel).to_contain_text("at epoch 3")

    before = top.inner_text()
    explorer.button("Play").click()
    wait_until(lambda: top.inner_text() != before, page)
    expect(panel).to_contain_text("now")
    explorer.button("Pause").click()
    expect(explorer.button("Play")).to_be_visible()

    notebook.run(3)
    assert json.loads(notebook.output(3).strip()) == [[1, 5.0]]
    row = panel.get_by_role("listitem")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Usual Suspects")
    panel.get_by_role("button", name="Remove The Usual Suspects").click()
    expect(row).to_have_count(0)
    expect(panel).to_contain_text("for the average user")

    notebook.run(4)
    expect(panel).to_contain_text("This model is no dot product")
