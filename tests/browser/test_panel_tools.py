"""Help on each panel, and each panel kept as a picture or a table."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_explorer import expect_epoch, open_notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.jupyter import Explorer, Notebook

__all__ = ["open_notebook"]

pytestmark = pytest.mark.browser

CODE = """
explorer = rw.MFExplorer(ratings, items=movies, epochs=2, n_factors=4)
explorer.fit()
explorer.selection = {"user": 480, "item": 1}
explorer.you = {1: 5.0, 260: 4.0}
display(explorer)
""".strip()
TABLES = {
    "Ratings matrix": "user_id,movie_id,title,rating,part,prediction,residual",
    "Loss curves": "epoch,train_mse",
    "User factors": "side,id,title,factor_1,factor_2,factor_3,factor_4",
    "Factor map": "side,id,title,x,y",
    "Inspector": "epoch,prediction,rating",
    "User": "rank,movie_id,title,score",
    "Item": "rank,movie_id,title,similarity",
    "Runs": "run,name,model",
    "Architecture": "layer,kind",
    "Be a user": "list,rank,movie_id,title,your_rating,prediction",
}


def kept(explorer: Explorer, panel: str, kind: str) -> bytes:
    explorer.button(f"Save {panel}").click()
    with explorer.page.expect_download() as download:
        explorer.root.get_by_role("menuitem", name=kind, exact=True).click()
    assert re.fullmatch(rf"[a-z-]+-epoch-\d+\.{kind.lower()}", download.value.suggested_filename)
    return Path(download.value.path()).read_bytes()


def test_each_panel_explains_itself_and_can_be_kept(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(CODE, "explorer.cursor = 0", "explorer.predictions([480], [1])")
    notebook.run(1)
    explorer = notebook.explorer(1)
    expect_epoch(explorer, 2)
    expect(explorer.panel("User")).to_contain_text("NDCG")
    explorer.button("Be a user").click()
    expect(explorer.panel("Be a user").get_by_role("option")).to_have_count(10)
    for panel, columns in TABLES.items():
        text = kept(explorer, panel, "CSV").decode("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert ",".join(rows[0]).startswith(columns)
        assert len(rows) > 1, panel
        assert {len(row) for row in rows} == {len(rows[0])}
        picture = kept(explorer, panel, "PNG")
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(picture) > 2000, panel

    # Of the epoch that is shown.
    live = kept(explorer, "Predictions matrix", "CSV")
    notebook.run(2)
    expect(explorer.panel("Predictions matrix")).to_contain_text("epoch 0")
    assert kept(explorer, "Predictions matrix", "CSV") != live

    # Of the whole matrix its bins.
    explorer.button("Whole matrix").click()
    expect(explorer.panel("Predictions matrix")).to_contain_text("binned")
    bins = kept(explorer, "Predictions matrix", "CSV").decode("utf-8").splitlines()
    assert bins[0].startswith("first_user,last_user,first_item,last_item,ratings")
    assert len(bins) > 1000
    explorer.button("Whole matrix").click()

    # By keyboard, and the focus comes back.
    for panel in ("Ratings matrix", *TABLES):
        button = explorer.button(f"Help on {panel}")
        button.focus()
        button.press("Enter")
        popover = explorer.root.get_by_role("dialog", name=f"Help on {panel}")
        expect(popover).to_be_focused()
        expect(popover.locator("p")).to_have_count(3)
        explorer.page.keyboard.press("Escape")
        expect(popover).to_have_count(0)
        expect(button).to_be_focused()
    save = explorer.button("Save Loss curves")
    save.press("Enter")
    expect(explorer.root.get_by_role("menuitem", name="PNG")).to_be_focused()
    explorer.page.keyboard.press("ArrowDown")
    expect(explorer.root.get_by_role("menuitem", name="CSV")).to_be_focused()
    # Whatever else takes the focus closes it.
    explorer.button("Help on Factor map").focus()
    expect(explorer.root.get_by_role("menu")).to_have_count(0)

    # Narrow, nothing of a heading lies outside of it.
    explorer.root.evaluate("(root) => { root.style.width = '480px'; }")
    explorer.page.wait_for_timeout(300)
    outside = explorer.root.evaluate(
        """(root) => [...root.querySelectorAll(".rw-panel-tools")].filter((tools) => {
            const box = tools.getBoundingClientRect();
            return box.width && (box.right > root.getBoundingClientRect().right - 11 || box.width < 40);
        }).length"""
    )
    assert outside == 0
    expect(explorer.button("Save Loss curves")).to_be_visible()
