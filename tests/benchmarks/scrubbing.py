"""How smoothly the epochs pass while the line of epochs is drawn along: pictures a second, in Chromium."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.live import lab
from tests.benchmarks.tables import print_table, spread, verdict

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.jupyter import Explorer, Server

RUNS = 5
EPOCHS = 200
SECONDS = 3.0
"""Of one way along the whole line."""
CODE = (
    "import recowidget as rw\nratings, movies = rw.datasets.load_movielens()",
    f"ex = rw.MFExplorer(ratings, items=movies, epochs={EPOCHS})\n_ = ex.fit()\nex",
    f"ex.change_settings(epochs={5 * EPOCHS})",
)
DRAG = """([root, seconds, part]) => new Promise((done) => {
    const line = root.querySelector("[role=slider]");
    const canvas = root.querySelector("[data-panel=predictions] canvas");
    const { left, width, top, height } = line.getBoundingClientRect();
    const at = (share) => ({ clientX: left + share * part * width, clientY: top + height / 2,
        pointerId: 1, button: 0, buttons: 1, bubbles: true, isPrimary: true });
    let shown = line.getAttribute("aria-valuenow");
    let pictures = 0;
    let longest = 0;
    line.setPointerCapture = () => {};
    line.dispatchEvent(new PointerEvent("pointerdown", at(1)));
    const began = performance.now();
    let last = began;
    const step = (now) => {
        const value = line.getAttribute("aria-valuenow");
        if (value !== shown) {
            pictures += 1;
            longest = Math.max(longest, now - last);
            last = now;
            shown = value;
        }
        const share = (now - began) / (1000 * seconds);
        if (share < 1) {
            line.dispatchEvent(new PointerEvent("pointermove", at(1 - share)));
            requestAnimationFrame(step);
            return;
        }
        line.dispatchEvent(new PointerEvent("pointerup", at(0)));
        done([pictures / ((now - began) / 1000), longest]);
    };
    requestAnimationFrame(step);
})"""


def drag(explorer: Explorer, page: Page, part: float = 1.0) -> tuple[float, float]:
    """Draw along a part of the line; pictures a second, and the longest time without one in milliseconds."""
    explorer.root.get_by_role("slider", name="Epoch").scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    rate, longest = page.evaluate(DRAG, [explorer.root.element_handle(), SECONDS, part])
    explorer.button("Live").click()
    return float(rate), float(longest)


def measure(server: Server, page: Page) -> list[list[str]]:
    """Two lines of the table: at rest, and while training goes on."""
    notebook = server.notebook(page, *CODE, name="scrubbing")
    notebook.run(0)
    notebook.run(1)
    explorer = notebook.explorer(1)
    drag(explorer, page)  # So that what is in view has been fetched.
    rows = []
    for what, part in (("at rest", 1.0), ("while it trains, 10 epochs a second", 0.2)):
        if part < 1:
            notebook.run(2)
            explorer.button("Play").click()
        found = [drag(explorer, page, part) for _ in range(RUNS)]
        rates, longest = ([one[k] for one in found] for k in (0, 1))
        rows.append(
            [what, spread(rates, 0), spread(longest, 0), "at least 30", verdict(is_met=median(rates) >= 30)]
        )
    server.end_kernels()
    return rows


def main() -> None:
    """Print the table."""
    with lab() as (server, page):
        rows = measure(server, page)
    print_table(
        f"Epochs shown a second while the line of {EPOCHS} epochs is drawn along in {SECONDS:g} s, MovieLens "
        f"latest-small, all panels, {RUNS} times each",
        ("the training", "pictures a second", "longest time without one, ms", "bar", ""),
        rows,
    )


if __name__ == "__main__":
    main()
