"""Build hook: bundles js/ into recowidget/static with esbuild, unless a current bundle is already there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = ("recowidget/static/explorer.js", "recowidget/static/explorer.css")
MINIMUM_NODE = 20
NODE_MISSING = f"""\
recowidget can't build its JavaScript: {{what}}.
A source tree needs Node {MINIMUM_NODE} or newer, with npm, on the PATH to make {" and ".join(BUNDLE)}.
Install Node from your system's packages and try again, or install a wheel or an sdist of recowidget:
both carry the built files and need no Node."""


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes the bundle before hatchling collects the files of a wheel, an editable install or an sdist."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Run esbuild through npm where the bundle is missing or older than its sources."""
        root = Path(self.root)
        if is_current(root):
            return
        if missing := missing_node():
            self.app.abort(NODE_MISSING.format(what=missing))
        npm = shutil.which("npm") or "npm"
        if not (root / "js/node_modules").is_dir():
            subprocess.run([npm, "ci"], cwd=root / "js", check=True)
        subprocess.run([npm, "run", "build"], cwd=root / "js", check=True)


def is_current(root: Path) -> bool:
    """Tell whether the bundle is there and no source is newer; an sdist's bundle is always current."""
    bundle = [root / name for name in BUNDLE]
    if not all(path.is_file() for path in bundle):
        return False
    if (root / "PKG-INFO").is_file():
        return True
    js = root / "js"
    sources = [*js.glob("*.js"), *js.glob("*.css"), js / "build.mjs", js / "package-lock.json"]
    return max(path.stat().st_mtime for path in sources) <= min(path.stat().st_mtime for path in bundle)


def missing_node() -> str | None:
    """Name what is missing of Node and npm, or return None."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            return f"{tool} is not on the PATH"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    if int(version.lstrip("v").split(".")[0]) < MINIMUM_NODE:
        return f"the node on the PATH is {version}"
    return None
