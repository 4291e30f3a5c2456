"""Pictures of the explorer without its letters, and how far a panel is from what it was.

A panel is looked at as from afar: each square of it has one colour, the mean. Another font moves some of what
stands beside its letters by some pixels; a panel that is empty, in other colours or elsewhere is far off.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.browser.jupyter import Explorer

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""

SCALE: Final = 2
"""CSS pixels that are one in what is kept."""
SQUARE: Final = 6
"""Pixels of what is kept that are looked at as one."""
LETTERLESS = """() => {
    const style = document.createElement("style");
    style.textContent = `
        .recowidget * { color: transparent !important; caret-color: transparent !important; }
        .recowidget ::placeholder { color: transparent !important; }
        .recowidget svg text { fill: transparent !important; stroke: none !important; }`;
    document.head.append(style);
}"""
"""Takes the letters off the page, but for those on canvases."""
BOXES = """(root) => {
    const { left, top } = root.getBoundingClientRect();
    const sections = [...root.querySelectorAll("section[aria-label], [role=tabpanel][aria-label]")];
    const shown = sections.filter((section) => section.offsetWidth && section.offsetHeight);
    return Object.fromEntries(shown.map((section) => {
        const box = section.getBoundingClientRect();
        return [section.ariaLabel, [box.left - left, box.top - top, box.right - left, box.bottom - top]];
    }));
}"""
"""Where each panel lies in the explorer."""


@dataclass
class Picture:
    """A picture of the whole explorer, and where its panels lie in it."""

    image: Image.Image
    boxes: dict[str, Box]

    @classmethod
    def take(cls, explorer: Explorer) -> Picture:
        image = Image.open(io.BytesIO(explorer.root.screenshot(animations="disabled"))).convert("RGB")
        small = image.resize((image.width // SCALE, image.height // SCALE), Image.Resampling.BOX)
        found = explorer.root.evaluate(BOXES)
        return cls(small, {name: tuple(round(at / SCALE) for at in box) for name, box in found.items()})

    @classmethod
    def load(cls, path: Path) -> Picture:
        boxes = json.loads(path.with_suffix(".json").read_text())
        return cls(Image.open(path).convert("RGB"), {name: tuple(box) for name, box in boxes.items()})

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.image.save(path, optimize=True)
        path.with_suffix(".json").write_text(json.dumps(self.boxes, indent=1) + "\n")

    def apart(self, other: Picture, name: str) -> float:
        """Tell how far another picture of a panel is from this one, as a share of what is to be seen here.

        0: the same; 1: as far as an empty panel is.
        """
        here, there = self.image.crop(self.boxes[name]), other.image.crop(other.boxes[name])
        empty = Image.new("RGB", here.size, max(here.getcolors(here.width * here.height))[1])
        return _distance(here, there) / (_distance(here, empty) or 1)


def _distance(one: Image.Image, other: Image.Image) -> float:
    size = max(1, round(one.width / SQUARE)), max(1, round(one.height / SQUARE))
    first, second = _squares(one, size), _squares(other, size)
    return (_missed(first, second) + _missed(second, first)) / 2


def _squares(picture: Image.Image, size: tuple[int, int]) -> NDArray[np.float64]:
    """Shape (down, across, 3); colours from 0 to 1."""
    return np.asarray(picture.resize(size, Image.Resampling.BOX), np.float64) / 255


def _missed(seen: NDArray[np.float64], kept: NDArray[np.float64]) -> float:
    """Hold each square against the nearest in colour of those around it: it may have moved a little."""
    padded = np.pad(kept, ((1, 1), (1, 1), (0, 0)), mode="edge")
    down, across = seen.shape[:2]
    around = [padded[r : r + down, c : c + across] for r in range(3) for c in range(3)]
    nearest = np.min([np.abs(seen - one).max(axis=2) for one in around], axis=0)
    return float(np.sqrt(np.mean(np.square(nearest))))
