"""The inspector: why a cell is predicted so, what its user is recommended, what is like its item."""

from __future__ import annotations

import json
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

TOLD = """
import json
def told(user, item):
    seen = explorer.split.train
    top = explorer.recommend(user)["title"].tolist()
    like = explorer.similar_items(item)["title"].tolist()
    one = rw.evaluation.evaluate_users(explorer._run.scorer, explorer.split).set_index("user_id").loc[user]
    print(json.dumps([explorer.explain(user, item).attrs["prediction"], top, like, one["ndcg"]]))
"""
OUTSIDE = """(root) => ["Inspector", "User", "Item"].flatMap((name) => {
    const section = root.querySelector(`section[aria-label="${name}"]`);
    const { left, right } = section.getBoundingClientRect();
    return [...section.querySelectorAll("*")].filter((element) => {
        const box = element.getBoundingClientRect();
        const isCut = element.closest(".rw-choice-name, .rw-note, .rw-title");
        return !isCut && box.width && (box.left < left - 6 || box.right > right + 6);
    }).map((element) => `${name}: ${element.tagName} ${element.getAttribute("class")}`);
})"""
"""What is drawn outside its panel."""


def names(box: Locator) -> list[str]:
    return box.locator(".rw-choice-text").all_inner_texts()


def terms(inspector: Locator) -> str:
    """The prediction and its terms; axes may have grown meanwhile."""
    return "\n".join(inspector.locator(".rw-title, .rw-term").all_text_contents())


def options(explorer: Explorer, panel: str, name: str) -> Locator:
    return explorer.panel(panel).get_by_role("listbox", name=name).get_by_role("option")


def spoken(title: str) -> str:
    """A title as it stands in lists: without its year, with its article first."""
    name = re.sub(r"\s+\(\d{4}\)\s*$", "", title).strip()
    return re.sub(r"^(.*), (The|An?)$", r"\2 \1", name)


def expect_told(explorer: Explorer, output: str) -> None:
    """The panels say what Python says."""
    prediction, top, like, ndcg = json.loads(output.strip())
    expect(explorer.panel("Inspector")).to_contain_text(f"Why {prediction:.2f}?")
    expect(explorer.panel("User")).to_contain_text(f"NDCG {ndcg:.2f}")
    for panel, name, titles in (("User", "Recommended", top), ("Item", "Similar items", like)):
        rows = options(explorer, panel, name).locator(".rw-choice-text")
        expect(rows).to_have_text([spoken(title) for title in titles])


def test_a_pair_out_of_view_is_told_of_live_rewound_and_once_the_kernel_is_gone(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(
        SHOWN,
        f"{TOLD}\n_ = explorer.fit()",
        # Far outside of the window: a user with few ratings, and an item with one.
        "explorer.selection = {'user': 53, 'item': 193609}",
        "told(53, 193609)",
        "explorer.restore(2); told(53, 193609)",
    )
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    inspector, user = explorer.panel("Inspector"), explorer.panel("User")
    expect(inspector).to_contain_text("Click a cell to see why it is predicted so")
    notebook.run(2)
    expect_epoch(explorer, 25)
    notebook.run(3)
    notebook.run(4)
    expect_told(explorer, notebook.output(4))
    expect(user).to_contain_text("20 ratings")
    expect(user).to_contain_text("at epoch 25")
    live = terms(inspector)

    line = explorer.root.get_by_role("slider", name="Epoch")
    line.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(user).to_contain_text(re.compile(r"at epoch 2(?!\d)"))
    second = terms(inspector)
    assert second != live
    listed = names(user)
    notebook.restart_kernel()
    expect(user).to_contain_text("at epoch 2, the last known")
    line.focus()
    page.keyboard.press("End")
    wait_until(lambda: terms(inspector) == live, page)
    assert names(user) == listed
    page.keyboard.press("Home")
    expect(explorer.panel("Predictions matrix")).to_contain_text(re.compile(r"epoch 0(?!\d)"))
    wait_until(lambda: terms(inspector) not in {live, second}, page)


def test_lists_are_gone_through_by_keyboard_and_lead_on(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(
        SHOWN,
        f"{TOLD}\n_ = explorer.fit(3)",
        "told(*explorer.selection['id'])",
        "explorer.restore(1)",
        "told(*explorer.selection['id'])",
    )
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    notebook.run(2)
    explorer.panel("Ratings matrix").locator("canvas").first.click(position={"x": 30, "y": 30})
    top = options(explorer, "User", "Recommended")
    expect(top).to_have_count(10)
    explorer.panel("User").get_by_role("combobox", name="Top N").select_option("5")
    expect(top).to_have_count(5)
    expect(explorer.panel("User")).to_contain_text(re.compile(r"P@5|nothing to hit"))
    explorer.panel("User").get_by_role("combobox", name="Top N").select_option("10")
    expect(top).to_have_count(10)
    top.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(top.nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(top.nth(2)).to_have_attribute("aria-selected", "true")
    expect(top.nth(2)).to_be_focused()
    name = names(explorer.panel("User"))[2]
    expect(explorer.panel("Item")).to_contain_text(name)
    expect(explorer.panel("Inspector")).to_contain_text(f"× {name}")
    for key in ("d", "d", "a"):
        page.keyboard.press(key)
    expect(notebook.page.locator(".jp-Notebook .jp-Cell")).to_have_count(6)
    notebook.run(3)
    expect_told(explorer, notebook.output(3))
    notebook.run(4)
    notebook.run(5)
    expect_told(explorer, notebook.output(5))

    similar = options(explorer, "Item", "Similar items").first
    name = similar.locator(".rw-choice-text").inner_text()
    similar.click()
    expect(explorer.panel("Inspector")).to_contain_text(f"× {name}")
    rater = options(explorer, "Item", "Rated by").first
    name = rater.locator(".rw-choice-text").inner_text()
    rater.click()
    expect(explorer.panel("Inspector")).to_contain_text(f"{name} ×")


def test_nothing_jumps_while_training_runs_and_the_lists_keep_up(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook("explorer = rw.MFExplorer(ratings, items=movies, epochs=10_000)\nexplorer")
    notebook.run(1)
    explorer, page = notebook.explorer(1), notebook.page
    explorer.panel("Ratings matrix").locator("canvas").first.click(position={"x": 30, "y": 30})
    panels = [explorer.panel(name) for name in ("Inspector", "User", "Item")]
    expect(explorer.panel("User")).to_contain_text("P@10")
    explorer.button("Play").click()
    wait_until(lambda: explorer.epoch() >= 2, page, 60)
    expect(explorer.panel("User")).to_contain_text("now")
    # The whole as well: the curves have something said of them meanwhile.
    sizes, seen = set(), set()

    def moves() -> bool:
        sizes.add(tuple(part.evaluate("(part) => part.offsetHeight") for part in (*panels, explorer.root)))
        seen.add("\n".join(names(explorer.panel("User"))[:10]))
        return len(seen) >= 5

    wait_until(moves, page)
    assert len(sizes) == 1
    explorer.button("Pause").click()
    expect(explorer.panel("User")).to_contain_text(re.compile(r"at epoch \d"))
    epoch = explorer.epoch()
    expect(explorer.panel("User")).to_contain_text(re.compile(rf"at epoch {epoch}(?!\d)"))
    explorer.button("Reset").click()
    expect(explorer.panel("User")).to_contain_text(re.compile(r"at epoch 0(?!\d)"))
    expect(explorer.panel("Inspector")).to_contain_text("Why")


def test_it_stays_within_its_panels_at_any_width_in_the_dark(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOWN, "explorer.selection = {'user': 480, 'item': 1221}")
    notebook.page.set_viewport_size({"width": 1800, "height": 1400})
    notebook.run(1)
    explorer = notebook.explorer(1)
    notebook.run(2)
    notebook.page.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
    for width in (1600, 900, 480):
        explorer.root.evaluate("(root, width) => { root.parentElement.style.width = `${width}px`; }", width)
        expect(options(explorer, "User", "Rated highest")).to_have_count(200)
        notebook.page.wait_for_timeout(300)
        assert explorer.root.evaluate(OUTSIDE) == []
        assert explorer.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
        heights = options(explorer, "User", "Rated highest").evaluate_all(
            "(rows) => rows.map((row) => row.offsetHeight)"
        )
        assert set(heights) == {20}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ("rw.MFExplorer(ratings, model='bayesian_mf', epochs=2)", "no factor has a share"),
        ("rw.MFExplorer(ratings, model='deep_mf', epochs=2)", "no dot product"),
        (
            "rw.MFExplorer(ratings[['user_id', 'movie_id']], model='implicit_mf', engine='fit', epochs=1)",
            "log-odds",
        ),
    ],
    ids=["bayesian_mf", "deep_mf", "implicit_mf"],
)
def test_other_models_say_why_as_far_as_they_can(
    open_notebook: Callable[..., Notebook], make: str, words: str
) -> None:
    notebook = open_notebook(
        f"explorer = {make}\nexplorer",
        "explorer.selection = {'user': 53, 'item': 193609}",
        "_ = explorer.fit()",
    )
    notebook.run(1)
    explorer = notebook.explorer(1)
    notebook.run(2)
    notebook.run(3)
    expect(explorer.panel("Inspector")).to_contain_text(words, timeout=60_000)
    expect(explorer.panel("Inspector")).to_contain_text("Why")
    # There are no titles: ids take their place.
    expect(options(explorer, "User", "Recommended").first).to_contain_text("movie")
    expect(options(explorer, "Item", "Similar items")).to_have_count(10)
