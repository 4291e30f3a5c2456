"""What all widgets of recowidget share: the bundle."""

from __future__ import annotations

from pathlib import Path

from recowidget.errors import RecowidgetError

STATIC = Path(__file__).parent.parent / "static"


def read_bundle(name: str) -> str:
    """Read a file of the built bundle.

    As text: anywidget never frees a widget whose ``_esm`` is a path.
    """
    try:
        return (STATIC / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RecowidgetError(
            f"recowidget/static/{name} is missing: this is a source tree whose front end was not built; "
            "with Node 20 or newer run `pip install -e .` (or `npm ci && npm run build` in js/)"
        ) from error
