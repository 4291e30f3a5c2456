"""MFExplorer in a real JupyterLab, driven as a person drives it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.jupyter import Explorer, Notebook, Server

pytestmark = pytest.mark.browser

MATRICES = ("Ratings matrix", "Predictions matrix", "Residuals matrix")
LOAD = """
import recowidget as rw
ratings, movies = rw.datasets.load_movielens()
"""
LOADED_MS = 60_000
ENDLESS_ANIMATIONS = """(root) => root.getAnimations({ subtree: true })
    .filter((animation) => animation.effect.getTiming().iterations === Infinity).length"""


@pytest.fixture
def open_notebook(server: Server, page: Page, request: pytest.FixtureRequest) -> Callable[..., Notebook]:
    """Open a notebook whose first cell loads MovieLens, and run that cell."""

    def open_it(*cells: str, load: str = LOAD) -> Notebook:
        notebook = server.notebook(page, load.strip(), *cells, name=request.node.name.split("[")[0])
        notebook.run(0)
        return notebook

    return open_it


def wait_until(true: Callable[[], bool], page: Page, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        page.wait_for_timeout(20)


def settled(explorer: Explorer, panel: str = "Predictions matrix") -> str:
    """Wait for a picture that stays as it is for a while."""
    shown: list[str] = []

    def stays() -> bool:
        explorer.page.wait_for_timeout(100)
        shown.append(explorer.pixels(panel))
        return len(shown) >= 6 and len(set(shown[-6:])) == 1

    wait_until(stays, explorer.page)
    return shown[-1]


def expect_epoch(explorer: Explorer, epoch: int) -> None:
    # The counter, not "Paused in epoch 3": Playwright strips the text it is to find.
    expect(explorer.status).to_contain_text(f"epoch {epoch} /")


def play_pause_step_reset(explorer: Explorer, press: Callable[[str], None]) -> None:
    """The whole course of a training, with whatever presses the buttons."""
    page = explorer.page
    expect_epoch(explorer, 0)
    untrained = explorer.pixels("Predictions matrix")
    press("Play")
    expect(explorer.button("Pause")).to_be_visible()
    seen = {untrained}

    def moves() -> bool:
        seen.add(explorer.pixels("Predictions matrix"))
        return len(seen) >= 4

    wait_until(moves, page, LOADED_MS / 1000)
    wait_until(lambda: explorer.epoch() >= 2, page)

    press("Pause")
    expect(explorer.button("Play")).to_be_visible()
    expect(explorer.status).to_contain_text("Paused")
    # The last picture may follow what the status says.
    paused = settled(explorer)
    epoch = explorer.epoch()
    page.wait_for_timeout(600)
    assert explorer.epoch() == epoch
    assert explorer.pixels("Predictions matrix") == paused

    press("Step epoch")
    expect_epoch(explorer, epoch + 1)
    expect(explorer.status).to_contain_text("Paused")
    press("Step batch")
    expect(explorer.status).to_contain_text("batch 1 of")
    expect_epoch(explorer, epoch + 1)

    press("Reset")
    expect_epoch(explorer, 0)
    wait_until(lambda: explorer.pixels("Predictions matrix") == untrained, page)

    # Space plays and pauses, wherever in the widget the focus is.
    explorer.panel("Ratings matrix").get_by_role("application").press("Space")
    expect(explorer.button("Pause")).to_be_visible()
    wait_until(lambda: explorer.epoch() >= 1, page)
    page.keyboard.press("Space")
    expect(explorer.status).to_contain_text("Paused")
    explorer.button("Reset").click()
    expect_epoch(explorer, 0)


def test_the_picture_is_there_before_the_cell_ends_and_before_tensorflow(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "import sys, time\n"
        "explorer = rw.MFExplorer(ratings, items=movies)\n"
        "display(explorer)\n"
        "time.sleep(6)\n"
        "print('tensorflow' in sys.modules)"
    )
    notebook.start(1)
    explorer = notebook.explorer(1)
    for panel in MATRICES:
        expect(explorer.panel(panel)).to_be_visible()
    expect(explorer.panel("Loss curves")).to_contain_text("global mean")
    wait_until(lambda: explorer.colors("Ratings matrix") > 8, explorer.page, 5)
    rated = explorer.pixels("Ratings matrix")
    explorer.button("Train/test grid").click()
    wait_until(lambda: 3 <= explorer.colors("Train/test grid") <= 4, explorer.page, 5)
    explorer.button("Ratings matrix").click()
    wait_until(lambda: explorer.pixels("Ratings matrix") == rated, explorer.page, 5)
    wait_until(lambda: explorer.colors("Residuals matrix") > 8, explorer.page, 5)
    expect(explorer.panel("Residuals matrix")).to_contain_text("here: train")
    assert "*" in notebook.cell(1).locator(".jp-InputPrompt").inner_text()
    expect(notebook.cell(1)).to_contain_text("False", timeout=10_000)


def test_buttons(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies)\nexplorer", "explorer.status, explorer.epoch"
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    play_pause_step_reset(explorer, lambda name: explorer.button(name).click())
    notebook.run(2)
    assert "('idle', 0)" in notebook.output(2)


def test_slow_motion_shows_single_batches_and_another_speed_takes_over(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook("explorer = rw.MFExplorer(ratings, items=movies)\nexplorer")
    notebook.run(1)
    explorer = notebook.explorer(1)
    speed = explorer.root.get_by_role("combobox", name="Speed")
    expect(speed).to_have_value("10")
    speed.select_option("slow motion")
    explorer.button("Play").click()
    seen: list[str] = []

    explorer.page.emulate_media(reduced_motion="reduce")
    strengths: set[str] = set()

    def moves() -> bool:
        text = explorer.pixels("Predictions matrix")
        if text not in seen:
            seen.append(text)
        if explorer.root.locator("[data-mark=dot]").count():
            mark = explorer.root.locator(".rw-mark")
            strengths.add(mark.evaluate("(mark) => getComputedStyle(mark).fillOpacity"))
        return len(seen) >= 8

    wait_until(moves, explorer.page, LOADED_MS / 1000)
    assert explorer.epoch() == 0
    # Nothing moves then but what the training moves.
    assert strengths == {"1"}
    explorer.page.emulate_media(reduced_motion="no-preference")
    explorer.button("Pause").click()
    expect(explorer.status).to_contain_text("in epoch 1, batch")
    explorer.button("Play").click()
    speed.select_option("full speed")
    expect_epoch(explorer, 25)


def test_keyboard_alone(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook("explorer = rw.MFExplorer(ratings, items=movies)\nexplorer")
    notebook.run(1)
    explorer = notebook.explorer(1)
    keyboard = explorer.page.keyboard
    # Out of the editor and into the output below it, as JupyterLab has it: Escape, then Tab.
    keyboard.press("Escape")
    names = ["Play", "Pause", "Step batch", "Step epoch", "Reset"]

    def focused() -> str:
        name: str = explorer.page.evaluate(
            "() => document.activeElement?.ariaLabel || document.activeElement?.textContent || ''"
        )
        return name.strip()

    for _ in range(40):
        if focused() == "Play":
            break
        keyboard.press("Tab")
    assert focused() == "Play"

    def press(name: str) -> None:
        expect(explorer.button(name)).to_be_enabled()
        for _ in range(10):
            if focused() == name:
                break
            keyboard.press("Tab" if names.index(focused()) < names.index(name) else "Shift+Tab")
        assert focused() == name
        keyboard.press("Enter")

    play_pause_step_reset(explorer, press)


def test_the_workshops_own_model_on_ten_users_and_six_films(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "few = rw.Interactions.from_frame(ratings, items=movies).sample(10, 6)\n"
        "explorer = rw.MFExplorer(few, model='explicit_mf', n_factors=2, batch_size=1, epochs=100_000)\n"
        "explorer"
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    expect(explorer.root).to_contain_text("10 users")
    expect(explorer.root).to_contain_text("6 items")
    play_pause_step_reset(explorer, lambda name: explorer.button(name).click())


def test_the_picture_moves_while_a_cell_is_busy_in_fit(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies)\nexplorer.step('batch')\nexplorer",
        "history = explorer.fit(300)",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    prompt = notebook.cell(2).locator(".jp-InputPrompt")
    notebook.start(2)
    seen = set()
    while (
        "[2]" not in notebook.cell(1).locator(".jp-InputPrompt").inner_text()
        or "[3]" not in prompt.inner_text()
    ):
        seen.add(explorer.pixels("Predictions matrix"))
    assert len(seen) >= 10
    expect_epoch(explorer, 300)


def test_a_frame_builds_and_moves_only_what_changed(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies)\nexplorer.step('epoch')\nexplorer",
        "history = explorer.fit(400)",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    explorer.root.evaluate(
        """(root) => {
            window.counts = { drawn: 0, rebuilt: 0 };
            const count = (kind) => new MutationObserver(() => { window.counts[kind] += 1; });
            count("drawn").observe(root.querySelector("path.rw-test"), { attributeFilter: ["d"] });
            count("rebuilt").observe(root.querySelector(".rw-grid"), { childList: true });
        }"""
    )
    prompt = notebook.cell(2).locator(".jp-InputPrompt")
    notebook.start(2)
    seen, breaths = set(), set()
    # At first the scale moves often.
    wait_until(lambda: explorer.epoch() >= 170, notebook.page)
    begun = explorer.page.evaluate("() => ({ ...window.counts })")
    while "[3]" not in prompt.inner_text():
        seen.add(explorer.pixels("Predictions matrix"))
        if explorer.root.locator("[data-mark=dot]").count():
            assert explorer.root.evaluate(ENDLESS_ANIMATIONS) == 0
            mark = explorer.root.locator(".rw-mark")
            breaths.add(mark.evaluate("(mark) => getComputedStyle(mark).fillOpacity"))
    assert len(seen) >= 6
    assert len(breaths) >= 3
    ended = explorer.page.evaluate("() => window.counts")
    assert begun["rebuilt"] >= 1
    assert ended["rebuilt"] - begun["rebuilt"] <= (ended["drawn"] - begun["drawn"]) / 3


def test_the_picture_moves_where_the_explorer_is_displayed_and_fitted_in_one_cell(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies)\n"
        "explorer.model\n"
        "display(explorer)\n"
        "history = explorer.fit(300)\n"
        "print(len(history))"
    )
    notebook.start(1)
    explorer = notebook.explorer(1)
    explorer.root.wait_for()
    seen = set()
    while "*" in notebook.cell(1).locator(".jp-InputPrompt").inner_text():
        seen.add(explorer.pixels("Predictions matrix"))
    assert len(seen) >= 10
    expect_epoch(explorer, 300)
    # All epochs' losses are there, those of the frames before the view was ready as well.
    expect(explorer.status).to_contain_text("Finished")


def test_training_goes_on_while_other_cells_run(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies, epochs=100_000)\nexplorer.model\nexplorer",
        "explorer.train()\nbefore = explorer.epoch",
        "import time\nstart = explorer.epoch\ntime.sleep(6)\nprint('moved on by', explorer.epoch - start)",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    notebook.run(2)
    notebook.start(3)
    seen = set()
    while "moved on" not in notebook.output(3):
        seen.add(explorer.pixels("Predictions matrix"))
    assert len(seen) >= 10
    assert "moved on by 0" not in notebook.output(3)
    explorer.button("Pause").click()
    expect(explorer.status).to_contain_text("Paused")


def test_pause_is_heard_while_a_cell_waits_in_fit_and_others_are_queued(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies, epochs=100_000)\nexplorer.model\nexplorer",
        "import time\nhistory = explorer.fit()\ntime.sleep(3)",
        "explorer.status",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    notebook.start(2)
    wait_until(lambda: explorer.epoch() >= 1, explorer.page)
    notebook.start(3)
    explorer.button("Pause").click()
    # On screen at once, whatever the kernel is at.
    expect(explorer.status).to_contain_text(re.compile("Paus(ing|ed)"), timeout=500)
    expect(explorer.status).to_contain_text("Paused")
    # Heard while the cell held the kernel, which still sleeps.
    assert "*" in notebook.cell(2).locator(".jp-InputPrompt").inner_text()
    wait_until(lambda: "paused" in notebook.output(3), explorer.page)


def test_an_interrupt_pauses_a_blocking_fit_and_keeps_its_epochs(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies, epochs=100_000)\nexplorer.model\nexplorer",
        "explorer.fit()",
        "explorer.status, len(explorer.history) == explorer.epoch + 1",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    notebook.start(2)
    wait_until(lambda: explorer.epoch() >= 1, explorer.page)
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("i")
    notebook.page.keyboard.press("i")
    expect(notebook.cell(2)).to_contain_text("KeyboardInterrupt")
    expect(explorer.status).to_contain_text("Paused")
    notebook.run(3)
    assert "('paused', True)" in notebook.output(3)


def test_views_agree_and_explorers_are_independent(open_notebook: Callable[..., Notebook]) -> None:
    make = (
        "few = rw.Interactions.from_frame(ratings).sample(10, 6)\n"
        "one, two = rw.MFExplorer(few), rw.MFExplorer(few)\none"
    )
    notebook = open_notebook(make, "one", "two", "one.close()")
    for cell in (1, 2, 3):
        notebook.run(cell)
    first, second, other = (notebook.explorer(cell) for cell in (1, 2, 3))
    second.button("Step epoch").scroll_into_view_if_needed()
    second.button("Step epoch").click()
    expect_epoch(second, 1)
    expect_epoch(first, 1)
    expect_epoch(other, 0)
    notebook.run(4)
    expect(first.root).to_have_count(0)
    expect(other.root).to_have_count(1)


def test_a_failure_is_shown_in_full_as_text(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "def broken(n_users, n_items):\n"
        "    raise ValueError('<img src=x onerror=document.title=1> is no model')\n"
        "explorer = rw.MFExplorer(ratings, items=movies, model=broken)\n"
        "explorer",
        "explorer.wait()",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    expect(explorer.panel("Predictions matrix")).to_contain_text("Predictions come with the model")
    explorer.button("Play").click()
    expect(explorer.status).to_contain_text("Failed", timeout=LOADED_MS)
    expect(explorer.root).to_contain_text("ValueError: <img src=x onerror=document.title=1> is no model")
    assert explorer.root.locator("img").count() == 0
    notebook.run(2)
    assert "is no model" in notebook.output(2)


def test_titles_from_data_are_text_and_cells_tell_who_rated_what(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        "hostile = movies.assign(title='<img src=x onerror=document.title=1>' + movies['title'])\n"
        "explorer = rw.MFExplorer(ratings, items=hostile)\nexplorer"
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    canvas = explorer.panel("Ratings matrix").locator("canvas").first
    canvas.hover(position={"x": 10, "y": 10})
    tooltip = explorer.root.locator(".rw-tooltip")
    expect(tooltip).to_contain_text("<img src=x onerror=document.title=1>")
    expect(tooltip).to_contain_text("prediction")
    assert explorer.root.locator("img").count() == 0
    assert explorer.page.title() != "1"


def test_the_first_play_is_answered_with_what_goes_on(open_notebook: Callable[..., Notebook]) -> None:
    """TensorFlow is loaded ahead on the main thread, which can't answer then."""
    notebook = open_notebook("explorer = rw.MFExplorer(ratings, items=movies)\nexplorer")
    notebook.start(1)
    explorer = notebook.explorer(1)
    explorer.button("Play").click()
    told = set()

    def trains() -> bool:
        told.add(explorer.status.inner_text().replace("\n", " "))
        return explorer.epoch() >= 1

    wait_until(trains, explorer.page, LOADED_MS / 1000)
    assert not [text for text in told if "busy" in text]
    assert [text for text in told if "Loading TensorFlow" in text and "then training" in text]


def test_pause_while_tensorflow_loads_is_kept(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook("explorer = rw.MFExplorer(ratings, items=movies)\nexplorer")
    notebook.start(1)
    explorer = notebook.explorer(1)
    explorer.button("Play").click()
    explorer.button("Pause").click()
    expect(explorer.status).to_contain_text("Paused", timeout=LOADED_MS)
    expect(explorer.button("Play")).to_be_visible()
    assert explorer.epoch() == 0
    explorer.button("Step epoch").click()
    expect_epoch(explorer, 1)


def test_a_view_whose_kernel_was_restarted_says_so(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies, epochs=100_000)\nexplorer.train()\nexplorer"
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    wait_until(lambda: explorer.epoch() >= 1, explorer.page)
    notebook.restart_kernel()
    expect(explorer.status).to_contain_text("No kernel", timeout=LOADED_MS)
    expect(explorer.button("Step epoch")).to_be_disabled()
    canvas = explorer.panel("Ratings matrix").locator("canvas").first
    canvas.hover(position={"x": 10, "y": 10})
    expect(explorer.root.locator(".rw-tooltip")).to_contain_text("prediction")


def test_a_view_after_a_reload_of_the_page_goes_on(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, items=movies, epochs=100_000)\nexplorer.train()\nexplorer",
        "len(explorer._stream._received), len(explorer._stream._view_windows)",
    )
    notebook.run(1)
    wait_until(lambda: notebook.explorer(1).epoch() >= 1, notebook.page)
    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_timeout(500)
    notebook.page.reload()
    explorer = notebook.explorer(1)
    explorer.root.wait_for(timeout=LOADED_MS)
    epoch = explorer.epoch()
    wait_until(lambda: explorer.epoch() > epoch, explorer.page)
    explorer.button("Pause").click()
    expect(explorer.status).to_contain_text("Paused")
    notebook.run(2)
    assert "(1, 1)" in notebook.output(2)


def test_after_a_divergence_the_last_good_epoch_stays_in_view(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "explorer = rw.MFExplorer(ratings, learning_rate=1e30)\nexplorer.model\nexplorer"
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    expect_epoch(explorer, 0)
    untrained = explorer.pixels("Predictions matrix")
    explorer.button("Play").click()
    expect(explorer.status).to_contain_text("Failed", timeout=LOADED_MS)
    expect(explorer.root).to_contain_text("Epoch 0 is kept")
    expect_epoch(explorer, 0)
    wait_until(lambda: explorer.pixels("Predictions matrix") == untrained, explorer.page)


def test_a_bayesian_model_shows_how_sure_it_is(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        "ex = rw.MFExplorer(ratings, items=movies, model='bayesian_mf', epochs=25); ex", "ex.fit();"
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    notebook.run(2)
    expect_epoch(explorer, 25)
    panel = explorer.panel("Predictions matrix")
    predictions = explorer.pixels("Predictions matrix")
    button = explorer.button("How sure")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(panel).to_contain_text("± ")
    expect(panel).to_contain_text("unsure")
    assert explorer.pixels("Predictions matrix") != predictions
    panel.locator("canvas").first.hover(position={"x": 40, "y": 40})
    expect(explorer.root.locator(".rw-tooltip")).to_contain_text("±")
    button.press("Space")
    expect(panel).not_to_contain_text("unsure")
    wait_until(lambda: explorer.pixels("Predictions matrix") == predictions, explorer.page)
