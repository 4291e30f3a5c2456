"""The wheel and the sdist, built as for a release and installed where there is no Node."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

REPOSITORY = Path(__file__).parents[2]
BUNDLE = ("recowidget/static/explorer.js", "recowidget/static/explorer.css")
XML_NAMESPACES = {
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1999/xlink",
}

SHOW_EXPLORER = """
import recowidget as rw
ratings, movies = rw.datasets.load_movielens()
rw.MFExplorer(ratings, items=movies)
"""

RUN_NOTEBOOK = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(sys.argv[1])])
NotebookClient(notebook, timeout=300, kernel_name="python3", store_widget_state=True).execute()
nbformat.write(notebook, "out.ipynb")
"""


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )


def succeed(*command: str | Path, cwd: Path, **env: str) -> None:
    process = run(*command, cwd=cwd, **env)
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.fixture(scope="module")
def no_node(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a PATH on which nothing is found."""
    path = str(tmp_path_factory.mktemp("empty-path"))
    assert shutil.which("node", path=path) is None
    return path


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the sdist, and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("dist")
    succeed(sys.executable, "-m", "build", "--outdir", out, REPOSITORY, cwd=out)
    (sdist,) = out.glob("*.tar.gz")
    (wheel,) = out.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def sdist(distributions: tuple[Path, Path]) -> Path:
    return distributions[0]


@pytest.fixture(scope="module")
def wheel(distributions: tuple[Path, Path]) -> Path:
    return distributions[1]


def new_environment(folder: Path) -> Path:
    """Make a virtual environment and return its Python."""
    succeed(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def package_files() -> set[str]:
    files = (path for path in (REPOSITORY / "recowidget").rglob("*") if path.is_file())
    return {path.relative_to(REPOSITORY).as_posix() for path in files if path.parent.name != "__pycache__"}


def read_bundle(wheel: Path) -> tuple[str, ...]:
    """Return the JavaScript and the style sheet that a wheel carries."""
    with zipfile.ZipFile(wheel) as archive:
        return tuple(archive.read(name).decode() for name in BUNDLE)


def test_both_carry_the_whole_package(sdist: Path, wheel: Path) -> None:
    expected = package_files()
    assert {*BUNDLE, "recowidget/py.typed"} <= expected
    assert any(re.match("recowidget/data/(.*/)?README", name) for name in expected)
    with zipfile.ZipFile(wheel) as archive:
        assert expected <= set(archive.namelist())
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
        assert expected <= names
        assert not any("node_modules" in name for name in names)


def test_the_bundle_is_small_and_loads_nothing_from_elsewhere(wheel: Path) -> None:
    js, css = read_bundle(wheel)
    assert len(gzip.compress(js.encode())) < 150_000
    assert set(re.findall(r"https?://[^\s\"'`<>)]+", js + css)) <= XML_NAMESPACES
    assert not re.search(r"""\b(import|from)\s*\(?\s*["'`](\w+:)?//""", js)
    assert not re.search(r"@import|url\(\s*[\"']?(?!data:)", css)


def test_an_installed_wheel_shows_the_explorer(wheel: Path, tmp_path: Path, no_node: str) -> None:
    python = new_environment(tmp_path / "env")
    succeed(python, "-m", "pip", "install", wheel, "ipykernel!=7.0.0", "nbclient", cwd=tmp_path, PATH=no_node)
    folder = tmp_path / "empty"
    folder.mkdir()
    succeed(python, "-c", RUN_NOTEBOOK, SHOW_EXPLORER, cwd=folder, PATH=no_node)

    notebook = json.loads((folder / "out.ipynb").read_text())
    (output,) = [out for out in notebook["cells"][0]["outputs"] if out["output_type"] == "execute_result"]
    view = output["data"]["application/vnd.jupyter.widget-view+json"]
    widgets = notebook["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    state = widgets[view["model_id"]]["state"]
    assert all(read_bundle(wheel))
    assert (state["_esm"], state["_css"]) == read_bundle(wheel)


def test_an_sdist_installs_with_the_bundle_it_carries(
    sdist: Path, wheel: Path, tmp_path: Path, no_node: str
) -> None:
    python = new_environment(tmp_path / "env")
    succeed(python, "-m", "pip", "install", "--no-deps", sdist, cwd=tmp_path, PATH=no_node)
    (installed,) = (tmp_path / "env").rglob("site-packages/recowidget")
    assert tuple((installed.parent / name).read_text() for name in BUNDLE) == read_bundle(wheel)


def test_a_source_tree_without_bundle_or_node_says_what_is_missing(
    sdist: Path, tmp_path: Path, no_node: str
) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    shutil.rmtree(tree / "recowidget/static")
    (tree / "PKG-INFO").unlink()
    process = run(sys.executable, "-m", "pip", "install", "--no-deps", ".", cwd=tree, PATH=no_node)
    message = process.stdout + process.stderr
    assert process.returncode != 0
    assert "node is not on the PATH" in message
    assert "Node 20 or newer" in message
    assert "install a wheel" in message
