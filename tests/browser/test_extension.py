"""%load_ext recowidget in a real JupyterLab: the workshop's fit is live with that one line added."""

from __future__ import annotations

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
    page.get_by_role("button", name="Interrupt the kernel", exact=True).click()
    expect(live.status).to_contain_text("Stopped", timeout=20_000)
    expect(notebook.cell(2)).to_contain_text("KeyboardInterrupt")
    notebook.run(3)
    notebook.run(4)
    expect(notebook.cell(4).locator(".recowidget")).to_have_count(0)
