"""Views of their own in a real JupyterLab: alone, live, linked and side by side."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.jupyter import Explorer, Server

pytestmark = pytest.mark.browser

LOAD = """
import time
import numpy as np
import ipywidgets
import recowidget as rw
ratings, movies = rw.datasets.load_movielens()
normal = np.random.default_rng(0).normal
few = rw.Interactions.from_frame(ratings, items=movies).sample(10, 6)
"""
STATIC = (
    "rw.InteractionMatrix(ratings, items=movies)",
    "rw.SplitGrid(ratings.iloc[20_000:], ratings.iloc[:20_000])",
    "rw.LossCurves({'loss': [4.0, 2.0, 1.5], 'val_loss': [4.0, 2.5, 2.25]})",
    "rw.FactorsView((normal(size=(10, 3)), normal(size=(6, 3))), interactions=few)",
    "rw.PredictionMatrix(rw.baselines.ItemMean.fit(few), few)",
)
EXPLORER = "ex = rw.MFExplorer(few, model='explicit_mf', n_factors=2, batch_size=1, epochs=100_000)\nex"
VIEWS = """
other = rw.MFExplorer(few, model='explicit_mf', n_factors=2)
side_by_side = ipywidgets.HBox([rw.InteractionMatrix(ex), rw.PredictionMatrix(ex)])
ipywidgets.VBox([side_by_side, rw.FactorsView(ex), rw.PredictionMatrix(other)])
""".strip()
TRAIN = 60_000


def wait_until(true: Callable[[], bool], page: Page, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        page.wait_for_timeout(20)


def over(explorer: Explorer, panel: str) -> str:
    """What lies over a panel's cells: names, crosshair and the ring of the selection."""
    # What is out of sight is not drawn.
    explorer.panel(panel).scroll_into_view_if_needed()
    return explorer.pixels(panel, "canvas.rw-overlay")


def click_cell(explorer: Explorer, panel: str, x: int, y: int) -> None:
    """Click a cell, and take the pointer away, so that what stays is the selection's."""
    explorer.panel(panel).locator("canvas.rw-cells").click(position={"x": x, "y": y})
    leave(explorer.page)


def leave(page: Page) -> None:
    page.mouse.move(0, 0)
    page.evaluate("() => document.activeElement.blur()")


def test_each_view_alone_on_plain_inputs(server: Server, page: Page) -> None:
    notebook = server.notebook(page, LOAD.strip(), *STATIC, name="views-alone")
    notebook.run(0)
    panels = (
        ["Ratings matrix"],
        ["Train/test grid"],
        ["Loss curves"],
        ["User factors", "Item factors"],
        ["Predictions matrix"],
    )
    for number, names in enumerate(panels, start=1):
        notebook.run(number)
        view = notebook.explorer(number)
        for name in names:
            expect(view.panel(name)).to_be_visible()
            if name != "Loss curves":
                wait_until(lambda view=view, name=name: view.colors(name) >= 3, page, 10)  # type: ignore[misc]
        assert view.root.get_by_role("region").count() == len(names)
        # Nothing trains here: neither buttons nor a status nor the facts of the data.
        expect(view.status).to_have_count(0)
        expect(view.button("Play")).to_have_count(0)
        expect(view.root.locator(".rw-header")).to_have_count(0)
    loss = notebook.explorer(3).panel("Loss curves")
    expect(loss).to_contain_text("train 1.500")
    expect(loss).to_contain_text("validation 2.250")
    expect(loss).to_contain_text("as reported")
    factors = notebook.explorer(4)
    users = factors.panel("User factors").locator("canvas.rw-cells")
    # By key: the cell in the corner, then its neighbour; a screen reader hears the same.
    users.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    tooltip = factors.root.locator(".rw-tooltip")
    expect(tooltip).to_be_visible()
    expect(tooltip).to_contain_text("factor 2")
    expect(factors.root.locator("[aria-live]")).to_contain_text("factor 2")


def test_views_show_in_a_cell_that_runs_on(server: Server, page: Page) -> None:
    notebook = server.notebook(
        page,
        LOAD.strip(),
        "display(rw.PredictionMatrix(np.arange(60.0).reshape(10, 6) / 12, few), "
        "rw.LossCurves({'loss': [4.0, 2.0]}))\ntime.sleep(8)",
        "ex = rw.MFExplorer(few, model='explicit_mf', n_factors=2, batch_size=1, epochs=100_000)\n"
        "display(ipywidgets.HBox([rw.PredictionMatrix(ex), rw.LossCurves(ex)]))\n"
        "ex.train()\ntime.sleep(8)\nex.pause()",
        name="views-busy",
    )
    notebook.run(0)
    notebook.start(1)
    matrix, loss = notebook.explorer(1), notebook.explorer(1, nth=1)
    wait_until(lambda: matrix.colors("Predictions matrix") > 8, page, 6)
    expect(loss.panel("Loss curves")).to_contain_text("train 2.000", timeout=6000)
    assert "*" in notebook.cell(1).locator(".jp-InputPrompt").inner_text()

    # A live one as well, and in a box, of which the kernel hears nothing until the cell ends.
    notebook.start(2)
    live = notebook.explorer(2)
    pictures: set[str] = set()

    def moves() -> bool:
        pictures.add(live.pixels("Predictions matrix"))
        return len(pictures) >= 4

    expect(live.panel("Predictions matrix")).to_be_visible(timeout=TRAIN)
    wait_until(moves, page)
    assert "*" in notebook.cell(2).locator(".jp-InputPrompt").inner_text()


def test_views_of_a_run_are_live_and_stand_side_by_side(server: Server, page: Page) -> None:
    notebook = server.notebook(page, LOAD.strip(), EXPLORER, VIEWS, name="views-live")
    for number in (0, 1, 2):
        notebook.run(number)
    explorer = notebook.explorer(1)
    ratings, predictions, factors, stranger = (notebook.explorer(2, nth) for nth in range(4))

    boxes = [view.root.bounding_box() for view in (ratings, predictions)]
    assert boxes[0]
    assert boxes[1]
    assert abs(boxes[0]["y"] - boxes[1]["y"]) < 2
    assert abs(boxes[0]["width"] - boxes[1]["width"]) < 2
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1

    architecture = explorer.panel("Architecture")
    expect(architecture).to_contain_text("32 parameters", timeout=TRAIN)
    show = architecture.get_by_role("button", name="Show layers")
    show.click()
    expect(architecture.get_by_text("user_factors", exact=True)).to_be_visible()
    expect(architecture.get_by_text("Embedding 1 × 2").first).to_be_visible()
    expect(architecture.get_by_text("20 parameters", exact=True)).to_be_visible()
    architecture.get_by_role("button", name="Hide layers").click()

    explorer.button("Play").click()
    for view, panel in (
        (predictions, "Predictions matrix"),
        (factors, "User factors"),
        (factors, "Item factors"),
    ):
        view.panel(panel).scroll_into_view_if_needed()
        pictures: set[str] = set()

        def moves(view: Explorer = view, panel: str = panel, pictures: set[str] = pictures) -> bool:
            pictures.add(view.pixels(panel))
            return len(pictures) >= 5

        wait_until(moves, page, TRAIN / 1000)
    explorer.button("Pause").click()
    expect(explorer.status).to_contain_text("Paused")
    epoch = explorer.epoch()
    predictions.root.scroll_into_view_if_needed()
    expect(predictions.status).to_contain_text("Paused")
    assert predictions.epoch() == epoch
    stranger.root.scroll_into_view_if_needed()
    expect(stranger.status).to_contain_text("Idle")


def test_views_of_a_run_have_one_selection(server: Server, page: Page) -> None:
    notebook = server.notebook(
        page,
        LOAD.strip(),
        EXPLORER,
        VIEWS,
        "print(ex.selection.to_dict('list'), len(other.selection))",
        "ex.selection = {'user': int(few.users.ids[few.user_order[3]])}",
        name="views-linked",
    )
    for number in (0, 1, 2):
        notebook.run(number)
    explorer = notebook.explorer(1)
    ratings, predictions, factors, stranger = (notebook.explorer(2, nth) for nth in range(4))
    expect(explorer.panel("Architecture")).to_contain_text("32 parameters", timeout=TRAIN)
    leave(page)
    places = [
        (explorer, "Ratings matrix"),
        (explorer, "Predictions matrix"),
        (ratings, "Ratings matrix"),
        (predictions, "Predictions matrix"),
        (factors, "User factors"),
        (factors, "Item factors"),
    ]
    strange = stranger, "Predictions matrix"
    for place in (*places, strange):
        place[0].panel(place[1]).scroll_into_view_if_needed()
        page.wait_for_timeout(100)
    plain = [over(*place) for place in places]
    alone = over(*strange)

    # A cell that is clicked in one is ringed in all views of the run, and in no other.
    click_cell(predictions, "Predictions matrix", 60, 160)
    for place, was in zip(places, plain, strict=True):
        wait_until(lambda place=place, was=was: over(*place) != was, page)  # type: ignore[misc]
    assert over(*strange) == alone
    notebook.run(3)
    assert "'kind': ['user', 'item']" in notebook.output(3)
    assert notebook.output(3).strip().endswith(" 0")

    # Clicked again it is not.
    click_cell(predictions, "Predictions matrix", 60, 160)
    for place, was in zip(places, plain, strict=True):
        wait_until(lambda place=place, was=was: over(*place) == was, page)  # type: ignore[misc]

    # Enter on a cell selects, Escape takes it back.
    ratings.panel("Ratings matrix").locator("canvas.rw-cells").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(ratings.root.locator(".rw-hidden[aria-live]")).to_contain_text("Selected: user")
    wait_until(lambda: over(*places[4]) != plain[4], page)
    page.keyboard.press("Escape")
    leave(page)
    for place, was in zip(places[2:], plain[2:], strict=True):
        wait_until(lambda place=place, was=was: over(*place) == was, page)  # type: ignore[misc]

    # From Python.
    notebook.run(4)
    wait_until(lambda: over(*places[4]) != plain[4], page)
    assert over(*places[5]) == plain[5]
