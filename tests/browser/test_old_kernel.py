"""Under ipykernel 6 no click arrives while a cell runs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import open_page
from tests.browser.jupyter import Server
from tests.browser.test_explorer import LOAD, expect_epoch, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture
def old_server(tmp_path: Path) -> Iterator[Server]:
    """One whose kernels find an ipykernel 6 before the installed one."""
    folder = tmp_path / "ipykernel"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--target", str(folder), "ipykernel<7"),
        ],
        check=True,
    )
    server = Server(tmp_path, environment={"PYTHONPATH": str(folder)})
    server.start()
    yield server
    server.stop()


def test_the_chip_says_that_an_interrupt_pauses_and_it_does(browser: Browser, old_server: Server) -> None:
    shown = "explorer = rw.MFExplorer(ratings, items=movies, epochs=100_000)\nexplorer.model\nexplorer"
    told = "import ipykernel\nprint(ipykernel.__version__, explorer.status)"
    with open_page(browser, old_server) as page:
        notebook = old_server.notebook(page, LOAD.strip(), shown, "explorer.fit()", told, name="old")
        notebook.run(0)
        notebook.run(1)
        explorer = notebook.explorer(1)
        expect_epoch(explorer, 0)
        notebook.start(2)
        wait_until(lambda: explorer.epoch() >= 2, page)
        explorer.button("Pause").click()
        expect(explorer.status).to_contain_text("interrupting the kernel (■) pauses at once")
        before = explorer.epoch()
        wait_until(lambda: explorer.epoch() > before, page)

        page.get_by_role("button", name="Interrupt the kernel", exact=True).click()
        expect(notebook.cell(2)).to_contain_text("KeyboardInterrupt")
        expect(explorer.status).to_contain_text("Paused")
        expect(explorer.status).not_to_contain_text("interrupt")
        notebook.run(3)
        assert notebook.output(3).strip().endswith("paused")
        assert notebook.output(3).strip().startswith("6.")
