"""%load_ext recowidget in a real JupyterLab: the workshop's fit is live with that one line added."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.jupyter import Notebook, Server

pytestmark = pytest.mark.browser

DATA = """
import pandas as pd
from recowidget.workshop import ExplicitMF
rows = ["5535 4", "45", "444 2", " 553 3", " 5 5 5", "45 4 4", " 444", "354253", " 5   1", "5 5 5"]
frame = pd.DataFrame(
    [(user, item, float(rating), f"user {user}", f"Film <b>{item}</b>")
     for user, row in enumerate(rows) for item, rating in enumerate(row) if rating != " "],
    columns=["USER", "ITEM", "RATING", "user_id", "movie_id"])
test = frame[frame.index % 5 > 2]
train = frame.drop(test.index)
model = ExplicitMF(10, 6, 2)
"""
FIT = """
history = model.fit([train.USER, train.ITEM], train.RATING, batch_size=1, epochs=200, verbose=0,
                    validation_data=([test.USER, test.ITEM], test.RATING))
"""


def is_running(notebook: Notebook, number: int) -> bool:
    return "*" in notebook.cell(number).locator(".jp-InputPrompt").inner_text()


def test_the_workshops_fit_moves_while_its_cell_is_busy(server: Server, page: Page) -> None:
    notebook = server.notebook(
        page, "%load_ext recowidget", DATA.strip(), FIT.strip(), "len(history.epoch)", name="workshop"
    )
    notebook.run(0)
    notebook.run(1)
    notebook.start(2)
    live = notebook.explorer(2)
    expect(live.panel("Predictions matrix")).to_be_visible()
    frames: set[str] = set()
    epochs: list[int] = []
    while is_running(notebook, 2):
        frame, epoch = live.pixels("Predictions matrix"), live.epoch()
        if is_running(notebook, 2):
            frames.add(frame)
            epochs.append(epoch)
        page.wait_for_timeout(50)
    print(f"{len(frames)} frames and {len(set(epochs))} epochs seen before fit ended")
    assert len(frames) >= 10
    assert epochs == sorted(epochs)
    expect(live.status).to_contain_text("Finished")
    expect(live.status).to_contain_text("epoch 200 / 200")
    expect(live.root).to_contain_text("Live training")
    expect(live.button("Play")).to_have_count(0)
    notebook.run(3)
    assert "200" in notebook.output(3)


def test_ids_of_a_frame_an_interrupt_and_unloading(server: Server, page: Page) -> None:
    notebook = server.notebook(
        page,
        "%load_ext recowidget\n" + DATA.strip(),
        "%recowidget frame",
        FIT.strip().replace("epochs=200", "epochs=100000"),
        "%unload_ext recowidget",
        FIT.strip().replace("epochs=200", "epochs=1"),
        name="interrupted",
    )
    notebook.run(0)
    notebook.run(1)
    assert "10 users (user_id, by its column of indices)" in notebook.output(1)
    notebook.start(2)
    live = notebook.explorer(2)
    expect(live.status).to_contain_text("Running")
    # The user and the film with most ratings.
    live.panel("Ratings matrix").locator("canvas").first.hover(position={"x": 64, "y": 118})
    expect(live.root.locator(".rw-tooltip")).to_contain_text("user 7")
    expect(live.root.locator(".rw-tooltip")).to_contain_text("Film <b>1</b>")
    # A traceback out of the tracing of the first step takes IPython long.
    expect(live.status).to_contain_text(re.compile(r"epoch [1-9]"), timeout=30_000)
    page.get_by_role("button", name="Interrupt the kernel", exact=True).click()
    expect(live.status).to_contain_text("Stopped", timeout=20_000)
    expect(notebook.cell(2)).to_contain_text("KeyboardInterrupt", timeout=30_000)
    notebook.run(3)
    notebook.run(4)
    expect(notebook.cell(4).locator(".recowidget")).to_have_count(0)


VIEWS = """
import ipywidgets
import recowidget as rw
live = rw.LiveTraining()
top = ipywidgets.HBox([rw.InteractionMatrix(live), rw.PredictionMatrix(live), rw.LossCurves(live)])
ipywidgets.VBox([top, rw.FactorsView(live)])
"""


def test_views_of_ones_own_fill_as_fit_begins_and_are_linked(server: Server, page: Page) -> None:
    notebook = server.notebook(
        page,
        DATA.strip(),
        VIEWS.strip(),
        FIT.strip().replace("verbose=0", "verbose=0, callbacks=[live]"),
        name="own",
    )
    notebook.run(0)
    notebook.run(1)
    ratings, predictions, loss, factors = (notebook.explorer(1, nth) for nth in range(4))
    expect(ratings.root).to_contain_text("Ratings come with the training")
    expect(predictions.root).to_contain_text("Predictions come with the model")
    expect(factors.root).to_contain_text("Factors come with the model")
    notebook.start(2)
    own = notebook.explorer(2)
    expect(own.panel("Predictions matrix")).to_be_visible()
    # What is out of sight is not drawn.
    predictions.root.scroll_into_view_if_needed()
    frames: set[str] = set()
    while is_running(notebook, 2):
        frame = predictions.pixels("Predictions matrix")
        if is_running(notebook, 2):
            frames.add(frame)
        page.wait_for_timeout(50)
    print(f"{len(frames)} frames in a view of its own")
    assert len(frames) >= 10
    for view in (ratings, predictions, loss, factors, own):
        view.root.scroll_into_view_if_needed()
        expect(view.status).to_contain_text("epoch 200 / 200")
    expect(ratings.root).not_to_contain_text("come with")
    assert ratings.colors("Ratings matrix") > 3
    told = re.search(r"from (\S+) to (\S+)", predictions.root.inner_text())
    assert told
    # Of one cell alone they would be the same.
    assert told[1] != told[2]
    before = own.pixels("Ratings matrix", "canvas.rw-overlay")
    ratings.panel("Ratings matrix").locator("canvas.rw-cells").click(position={"x": 64, "y": 118})
    page.mouse.move(0, 0)
    expect(own.root.locator(".rw-tooltip")).to_be_hidden()
    own.panel("Ratings matrix").scroll_into_view_if_needed()
    end = time.monotonic() + 20
    while own.pixels("Ratings matrix", "canvas.rw-overlay") == before:
        assert time.monotonic() < end, "the selection did not come over"
        page.wait_for_timeout(50)
