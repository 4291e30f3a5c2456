"""A real JupyterLab, and a notebook in it that a test can drive as a person would."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import nbformat
import psutil

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

START_SECONDS = 60
CELL_MS = 60_000


@dataclass
class Server:
    """A JupyterLab server with settings of its own, so that the person's don't count."""

    folder: Path
    theme: str = "JupyterLab Light"
    environment: dict[str, str] = field(default_factory=dict)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    url: str = ""

    def start(self) -> None:
        root, home = self.folder / "root", self.folder / "home"
        root.mkdir(parents=True)
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "lab"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
            **self.environment,
        }
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={root}"),
        ]
        self._log = (self.folder / "server.log").open("w")
        self._process = subprocess.Popen(command, env=environment, stdout=self._log, stderr=subprocess.STDOUT)
        self._wait()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()

    def notebook(self, page: Page, *cells: str, name: str) -> Notebook:
        """Write a notebook of code cells, and open it in a JupyterLab with the settings it had at first."""
        self._settings()
        content = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(content, self.folder / "root" / f"{name}.ipynb")
        return Notebook(page, f"{self.url}/lab/tree/{name}.ipynb?reset&token={self.token}")

    def end_kernels(self) -> None:
        """A kernel that still trains would slow the next test; to be asked to end, it must first be free."""
        for process in psutil.Process(self._process.pid).children():
            process.kill()
        for kernel in json.loads(self._ask("GET", "/api/kernels")):
            self._ask("DELETE", f"/api/kernels/{kernel['id']}")

    def _ask(self, method: str, path: str) -> str:
        request = urllib.request.Request(  # noqa: S310
            self.url + path, method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            text: str = answer.read().decode()
        return text

    def _settings(self) -> None:
        folder = self.folder / "home" / "lab"
        for plugin, settings in {
            "notification": {"fetchNews": "false", "checkForUpdates": False},
            "themes": {"theme": self.theme},
        }.items():
            file = folder / "@jupyterlab" / "apputils-extension" / f"{plugin}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings))

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self._ask("GET", "/api")
            except (urllib.error.URLError, OSError) as error:
                if self._process.poll() is not None or time.monotonic() > end:
                    log = (self.folder / "server.log").read_text()
                    raise RuntimeError(f"JupyterLab did not start: {error}\n{log}") from error
                time.sleep(0.2)
            else:
                return


class Notebook:
    """An open notebook, with what the tests do in it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=CELL_MS)
        # Without the file browser the notebook has the width of the window.
        page.keyboard.press("Control+b")
        # A cell that is run before the kernel is there asks for one in a dialog.
        page.get_by_text("| Idle").wait_for(timeout=CELL_MS)

    def restart_kernel(self) -> None:
        """Restart the kernel with the toolbar's button, and say yes."""
        self.page.get_by_role("button", name="Restart the kernel", exact=True).click()
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.wait_for_timeout(2000)
        self.page.get_by_text("| Idle").wait_for(timeout=CELL_MS)

    def cell(self, number: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def start(self, number: int) -> None:
        """Run a cell, and don't wait for its end."""
        self.cell(number).locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Control+Enter")

    def run(self, number: int) -> None:
        """Run a cell to its end."""
        prompt = self.cell(number).locator(".jp-InputPrompt")
        before = prompt.inner_text()
        self.start(number)
        end = time.monotonic() + CELL_MS / 1000
        while (now := prompt.inner_text()) == before or "*" in now or now.strip() == "[ ]:":
            if time.monotonic() > end:
                raise TimeoutError(f"cell {number} did not end: {now!r}; it printed {self.output(number)!r}")
            self.page.wait_for_timeout(50)

    def output(self, number: int) -> str:
        """The text a cell printed."""
        return self.cell(number).locator(".jp-OutputArea").inner_text()

    def explorer(self, number: int = 0, nth: int = 0) -> Explorer:
        """The explorer shown under a cell."""
        return Explorer(self.cell(number).locator(".recowidget").nth(nth))


class Explorer:
    """One view of an MFExplorer, by the names that a screen reader tells."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def panel(self, name: str) -> Locator:
        """A section of the page; where it is narrow, the panel of a tab."""
        section = self.root.get_by_role("region", name=name, exact=True)
        return section.or_(self.root.get_by_role("tabpanel", name=name, exact=True))

    @property
    def status(self) -> Locator:
        return self.root.get_by_role("status")

    def epoch(self) -> int:
        """The epoch that the status tells."""
        return int(
            self.status.inner_text().replace("\n", " ").split("epoch", 1)[1].split()[0].replace(",", "")
        )

    def pixels(self, panel: str, canvas: str = "canvas") -> str:
        """A digest of what a panel's canvas shows; the first that a selector finds."""
        digest: str = (
            self.panel(panel)
            .locator(canvas)
            .first.evaluate(
                """async (canvas) => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
                return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
            }"""
            )
        )
        return digest

    def colors(self, panel: str) -> int:
        """How many different colours a panel's canvas shows."""
        count: int = (
            self.panel(panel)
            .locator("canvas")
            .first.evaluate(
                """(canvas) => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                return new Set(new Uint32Array(data.buffer)).size;
            }"""
            )
        )
        return count


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
