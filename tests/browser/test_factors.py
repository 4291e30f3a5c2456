"""Factors and the factor map: live, gone through again, by keyboard, drawn around, dark and narrow."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_explorer import expect_epoch, open_notebook, wait_until
from tests.browser.test_rewind import SHOWN, line_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from tests.browser.jupyter import Explorer, Notebook

__all__ = ["open_notebook"]

pytestmark = pytest.mark.browser

PANELS = ("User factors", "Item factors", "Factor map")
OVER = "canvas.rw-overlay"
WITHOUT = """
def build(n_users, n_items, **_):
    import keras
    user, item = keras.Input((1,)), keras.Input((1,))
    model = keras.Model([user, item], keras.layers.Dense(1)(keras.layers.Concatenate()([user, item])))
    model.compile("adam", "mse")
    return model
explorer = rw.MFExplorer(ratings, items=movies, model=build)
explorer
""".strip()


def pictures(explorer: Explorer) -> dict[str, str]:
    return {panel: explorer.pixels(panel) for panel in PANELS}


def canvas_of(explorer: Explorer, panel: str) -> Locator:
    return explorer.panel(panel).locator("canvas.rw-cells")


def draw_around(canvas: Locator, share: float) -> None:
    """A round line about the middle of a map, of a share of its size."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    mouse = canvas.page.mouse
    for k in range(25):
        turn = 2 * math.pi * k / 24
        x = box["x"] + box["width"] / 2 * (1 + share * math.cos(turn))
        mouse.move(x, box["y"] + box["height"] / 2 * (1 + share * math.sin(turn)))
        if k == 0:
            mouse.down()
    mouse.up()


def test_factors_and_map_move_with_training_and_are_gone_through_again(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOWN, "explorer.selection = {'user': 414, 'item': 356}")
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    line, untrained = line_of(explorer), pictures(explorer)
    explorer.button("Play").click()
    seen = {panel: {untrained[panel]} for panel in PANELS}

    def all_move() -> bool:
        for panel, shown in pictures(explorer).items():
            seen[panel].add(shown)
        return all(len(shown) >= 4 for shown in seen.values())

    wait_until(all_move, page, 60)
    expect_epoch(explorer, 25)
    expect(explorer.panel("Factor map")).to_contain_text("400 most rated of 9,724 items")
    expect(explorer.panel("Factor map")).to_contain_text(
        re.compile(r"200 most active of 610 users; \d+ outside")
    )
    expect(line).to_have_attribute("aria-valuetext", "epoch 25, live")
    trained = pictures(explorer)

    line.focus()
    past = []
    for epoch in (0, 3):
        page.keyboard.press("Home")
        for _ in range(epoch):
            page.keyboard.press("ArrowRight")
        expect(line).to_have_attribute("aria-valuetext", f"epoch {epoch} of 25")
        past.append(pictures(explorer))
    for panel in PANELS:
        assert len({past[0][panel], past[1][panel], trained[panel]}) == 3
    explorer.button("Live").click()
    expect(line).to_have_attribute("aria-valuetext", "epoch 25, live")
    wait_until(lambda: pictures(explorer) == trained, page)

    # The way of what is selected, on demand, up to the epoch that is shown.
    notebook.run(2)
    path = explorer.button("Path")
    wait_until(lambda: explorer.pixels("Factor map") != trained["Factor map"], page)
    plain = explorer.pixels("Factor map", OVER)
    path.click()
    expect(path).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: explorer.pixels("Factor map", OVER) != plain, page)
    whole = explorer.pixels("Factor map", OVER)
    line.focus()
    page.keyboard.press("Home")
    wait_until(lambda: explorer.pixels("Factor map", OVER) not in {plain, whole}, page)


def test_the_map_by_keyboard(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(SHOWN, "_ = explorer.fit(3)", "explorer.selection.to_dict('list')")
    for cell in (1, 2):
        notebook.run(cell)
    explorer, page = notebook.explorer(1), notebook.page
    expect_epoch(explorer, 3)
    voice = explorer.root.locator(".rw-hidden[aria-live=polite]")
    canvas = canvas_of(explorer, "Factor map")
    canvas.focus()
    told = []
    # Away from where it began: Enter would take back what is selected there.
    for key in ("ArrowRight", "ArrowUp", "ArrowRight"):
        before = voice.inner_text()
        page.keyboard.press(key)
        wait_until(lambda before=before: voice.inner_text() not in {"", before}, page)  # type: ignore[misc]
        told.append(voice.inner_text())
    assert all("epoch 3; ratings" in text for text in told)
    expect(explorer.root.locator(".rw-tooltip")).to_contain_text("ratings")
    page.keyboard.press("Enter")
    expect(voice).to_contain_text("Selected: ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Enter")
    expect(voice).to_contain_text(re.compile(r"Selected: \d"))
    notebook.run(3)
    assert notebook.output(3).count("user'") + notebook.output(3).count("item'") == 3
    canvas.focus()
    page.keyboard.press("Escape")
    expect(voice).to_contain_text("Nothing is selected")
    # A strip of factors: along the users, and down the factors.
    strip = canvas_of(explorer, "User factors")
    strip.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(voice).to_contain_text("factor 2")
    expect(voice).to_contain_text("user 414")
    page.keyboard.press("ArrowRight")
    expect(voice).to_contain_text("user 599")


def test_a_line_drawn_around_points_selects_them_everywhere(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        SHOWN,
        "told = []\nexplorer.on_selection(told.append)\n_ = explorer.fit(5)",
        "print([len(one) for one in told], told[0]['kind'].value_counts().min())",
        "explorer.selection = {'item': [1, 2, 3]}",
    )
    for cell in (1, 2):
        notebook.run(cell)
    explorer, page = notebook.explorer(1), notebook.page
    expect_epoch(explorer, 5)
    page.evaluate("() => document.activeElement.blur()")
    places = ("Ratings matrix", "User factors", "Item factors", "Factor map")
    wait_until(lambda: explorer.colors("Factor map") > 8, page)
    plain = {place: explorer.pixels(place, OVER) for place in places}
    points = explorer.pixels("Factor map")
    draw_around(canvas_of(explorer, "Factor map"), 0.4)
    voice = explorer.root.locator(".rw-hidden[aria-live=polite]")
    expect(voice).to_contain_text(re.compile(r"Selected: \d+ users, \d+ movies"))
    page.mouse.move(0, 0)
    for place in places[:3]:
        wait_until(lambda place=place: explorer.pixels(place, OVER) != plain[place], page)  # type: ignore[misc]
    wait_until(lambda: explorer.pixels("Factor map") != points, page)
    number = sum(map(int, re.findall(r"\d+", voice.inner_text())))
    notebook.run(3)
    # Told once, of all of them, users and items.
    assert re.search(rf"\[{number}\] [1-9]", notebook.output(3)), notebook.output(3)
    canvas_of(explorer, "Factor map").focus()
    page.keyboard.press("Escape")
    page.evaluate("() => document.activeElement.blur()")
    wait_until(lambda: explorer.pixels("Factor map") == points, page)
    for place in places:
        wait_until(lambda place=place: explorer.pixels(place, OVER) == plain[place], page)  # type: ignore[misc]
    notebook.run(4)
    for place in ("Ratings matrix", "Item factors"):
        wait_until(lambda place=place: explorer.pixels(place, OVER) != plain[place], page)  # type: ignore[misc]
    assert explorer.pixels("User factors", OVER) == plain["User factors"]


def test_factors_and_map_in_the_dark_in_other_colours_and_narrow(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOWN, "_ = explorer.fit(2)")
    for cell in (1, 2):
        notebook.run(cell)
    explorer, page = notebook.explorer(1), notebook.page
    expect_epoch(explorer, 2)
    light = pictures(explorer)
    looks = {}
    for look in ("mean rating", "activity", "genre"):
        explorer.button(look).click()
        expect(explorer.button(look)).to_have_attribute("aria-pressed", "true")
        wait_until(lambda: explorer.pixels("Factor map") not in looks.values(), page)
        looks[look] = explorer.pixels("Factor map")
    expect(explorer.panel("Factor map")).to_contain_text("Comedy")
    explorer.button("mean rating").click()
    page.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
    wait_until(lambda: all(shown != light[panel] for panel, shown in pictures(explorer).items()), page)
    page.evaluate("() => { document.body.dataset.jpThemeLight = 'true'; }")
    wait_until(lambda: pictures(explorer) == light, page)
    explorer.root.evaluate("(root) => { root.parentElement.style.width = '480px'; }")
    wait_until(lambda: explorer.panel("Factor map").evaluate("(one) => one.clientWidth") < 480, page)
    lefts = set()
    for panel in ("Loss curves", *PANELS):
        box = explorer.panel(panel).bounding_box()
        assert box
        lefts.add(box["x"])
        assert box["width"] <= 480
        # No canvas is scaled.
        for canvas in explorer.panel(panel).locator("canvas").all():
            assert canvas.evaluate("(one) => one.width === Math.round(one.clientWidth * devicePixelRatio)")
    assert len(lefts) == 1
    wide, inner = explorer.root.evaluate("(root) => [root.scrollWidth, root.clientWidth]")
    assert wide <= inner


def test_a_model_without_factors_says_so(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(WITHOUT, "_ = explorer.fit(1)")
    notebook.run(1)
    explorer = notebook.explorer(1)
    expect(explorer.panel("Factor map")).to_contain_text("The map comes with the model")
    notebook.run(2)
    expect_epoch(explorer, 1)
    expect(explorer.panel("Factor map")).to_contain_text("no factors to draw a map of")
    expect(explorer.panel("User factors")).to_contain_text("This model has no factors")
    expect(explorer.panel("Item factors")).to_have_count(0)
    expect(explorer.button("genre")).to_have_count(0)
