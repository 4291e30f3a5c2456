"""The line of epochs: what was learned is gone through again, by pointer, by keyboard and from Python."""

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


def line_of(explorer: Explorer) -> Locator:
    return explorer.root.get_by_role("slider", name="Epoch")


def expect_shown(explorer: Explorer, epoch: int) -> None:
    """On the line, over the predictions and in the loss curves."""
    expect(line_of(explorer)).to_have_attribute("aria-valuetext", f"epoch {epoch} of 25")
    expect_predictions(explorer, epoch)
    expect(explorer.panel("Loss curves")).to_contain_text(re.compile(rf"epoch {epoch}(?!\d)"))


def expect_predictions(explorer: Explorer, epoch: int) -> None:
    expect(explorer.panel("Predictions matrix")).to_contain_text(re.compile(rf"epoch {epoch}(?!\d)"))


def drag_to(line: Locator, share: float) -> None:
    box = line.bounding_box()
    assert box
    x = box["x"] + 10 + share * (box["width"] - 20)
    line.page.mouse.move(x, box["y"] + box["height"] / 2)


def wait_for_rest(explorer: Explorer) -> None:
    """Until the predictions have been the same for a second: what was asked for of a new window is there."""
    seen = ""
    while (now := explorer.pixels("Predictions matrix")) != seen:
        seen = now
        explorer.page.wait_for_timeout(1000)


def test_an_epoch_is_shown_again_by_keyboard_pointer_and_python(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        SHOWN,
        "_ = explorer.fit()",
        "explorer.cursor",
        "explorer.cursor = 7",
        "explorer.restore(3)\nexplorer.cursor = None",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    line, page = line_of(explorer), notebook.page
    untrained = explorer.pixels("Predictions matrix")
    notebook.run(2)
    expect_epoch(explorer, 25)
    expect(line).to_have_attribute("aria-valuetext", "epoch 25, live")
    trained = explorer.pixels("Predictions matrix")

    line.focus()
    page.keyboard.press("Home")
    expect_shown(explorer, 0)
    assert explorer.pixels("Predictions matrix") == untrained
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect_shown(explorer, 3)
    expect_epoch(explorer, 25)
    third = explorer.pixels("Predictions matrix")
    assert third not in {trained, untrained}
    explorer.button("Live").click()
    expect(line).to_have_attribute("aria-valuetext", "epoch 25, live")
    assert explorer.pixels("Predictions matrix") == trained

    drag_to(line, 0.9)
    page.mouse.down()
    drag_to(line, 3 / 25)
    expect_shown(explorer, 3)
    assert explorer.pixels("Predictions matrix") == third
    drag_to(line, 12 / 25)
    expect_shown(explorer, 12)
    page.mouse.up()
    notebook.run(3)
    assert notebook.output(3).strip().endswith("12")
    notebook.run(4)
    expect_shown(explorer, 7)
    notebook.run(5)
    expect(line).to_have_attribute("aria-valuetext", "epoch 3, put back")
    expect_predictions(explorer, 3)
    assert explorer.pixels("Predictions matrix") == third
    explorer.button("Reset").click()
    expect_epoch(explorer, 0)
    expect(line).to_have_attribute("aria-valuetext", "epoch 0, live")


def test_the_window_in_view_is_gone_through_without_the_kernel_and_another_is_fetched_once(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOWN, "_ = explorer.fit()")
    notebook.run(1)
    explorer = notebook.explorer(1)
    line, page = line_of(explorer), notebook.page
    notebook.run(2)
    expect_epoch(explorer, 25)
    line.focus()
    page.keyboard.press("Home")
    expect_shown(explorer, 0)
    first = explorer.pixels("Predictions matrix")
    canvas = explorer.panel("Predictions matrix").locator("canvas").first
    canvas.focus()
    for _ in range(3):
        page.keyboard.press("+")
    for _ in range(30):
        page.keyboard.press("Shift+ArrowRight")
    wait_until(lambda: explorer.pixels("Predictions matrix") != first, page)
    wait_for_rest(explorer)
    line.focus()
    fetched = []
    for epoch in range(1, 7):
        page.keyboard.press("ArrowRight")
        expect_shown(explorer, epoch)
        fetched.append(explorer.pixels("Predictions matrix"))
    assert len(set(fetched)) == 6
    notebook.restart_kernel()
    line.focus()
    for epoch in range(5, 0, -1):
        page.keyboard.press("ArrowLeft")
        expect_shown(explorer, epoch)
        assert explorer.pixels("Predictions matrix") == fetched[epoch - 1]


def test_one_looks_back_while_training_goes_on(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook("explorer = rw.MFExplorer(ratings, items=movies, epochs=10_000)\nexplorer")
    notebook.run(1)
    explorer = notebook.explorer(1)
    line, page = line_of(explorer), notebook.page
    explorer.button("Play").click()
    wait_until(lambda: explorer.epoch() >= 5, page, 60)
    line.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuetext", "epoch 2")
    expect_predictions(explorer, 2)
    shown, epoch = explorer.pixels("Predictions matrix"), explorer.epoch()
    wait_until(lambda: explorer.epoch() >= epoch + 3, page)
    assert explorer.pixels("Predictions matrix") == shown
    page.keyboard.press("End")
    expect(line).to_have_attribute("aria-valuetext", "live")
    wait_until(lambda: explorer.pixels("Predictions matrix") != shown, page)
    explorer.button("Pause").click()


@pytest.mark.parametrize("model", ["deep_mf", "bayesian_mf"])
def test_models_that_are_no_dot_product_are_rewound_as_well(
    open_notebook: Callable[..., Notebook], model: str
) -> None:
    notebook = open_notebook(
        f"explorer = rw.MFExplorer(ratings, items=movies, model={model!r}, epochs=3)\nexplorer",
        "_ = explorer.fit()",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    notebook.run(2)
    expect_epoch(explorer, 3)
    line_of(explorer).focus()
    seen = {explorer.pixels("Predictions matrix")}
    for epoch in (2, 1):
        notebook.page.keyboard.press("ArrowLeft")
        expect(line_of(explorer)).to_have_attribute("aria-valuetext", f"epoch {epoch} of 3")
        expect_predictions(explorer, epoch)
        seen.add(explorer.pixels("Predictions matrix"))
    assert len(seen) == 3
