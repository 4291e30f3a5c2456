"""One JupyterLab and one browser for all browser tests."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import VIEWPORT, chromium
from tests.browser.jupyter import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Request


# TensorFlow may be loading, which holds the kernel for seconds, and longer where the machine is slow.
expect.set_options(timeout=20_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--keep-pictures", action="store_true", help="keep the pictures that tests see as those they should"
    )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("jupyter"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with open_page(browser, server) as page:
        yield page


@contextmanager
def open_page(browser: Browser, server: Server, **options: Any) -> Iterator[Page]:
    """Give a fresh page, and leave no kernel after it; a request to any host but this machine is an error.

    Options are those of Playwright's ``new_context``.
    """
    context = browser.new_context(viewport=VIEWPORT, **options)
    page = context.new_page()
    page.set_default_timeout(20_000)
    foreign: list[str] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).hostname not in {"127.0.0.1", None}:
            foreign.append(request.url)

    page.on("request", note)
    yield page
    context.close()
    server.end_kernels()
    assert not foreign, f"requests to other hosts: {foreign}"
