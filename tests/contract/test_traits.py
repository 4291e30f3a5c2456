"""The contract of the two sides: Python's synced traits and messages are the ones js/types.js declares."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import recowidget as rw
from recowidget.architecture import Layer
from recowidget.widgets.live import ALL_PANELS, LiveView
from recowidget.widgets.wire import DTYPES, pack

TYPES = (Path(__file__).parents[2] / "js" / "types.js").read_text()
ANYWIDGETS_OWN = {"layout", "tabbable", "tooltip"}


def declared(typedef: str) -> set[str]:
    """Names of the properties of a JSDoc typedef."""
    block = next(
        b
        for b in re.findall(r"/\*\*(.*?)\*/", TYPES, re.DOTALL)
        if re.search(rf"@typedef.*\b{typedef}$", b, re.MULTILINE)
    )
    return set(re.findall(r"@property \{.*\} \[?(\w+)", block))


@pytest.fixture(scope="module")
def explorer() -> rw.MFExplorer:
    ratings = pd.DataFrame(
        {"user": [1, 1, 2, 2, 3], "item": ["a", "b", "a", "c", "c"], "rating": [1.0, 2, 3, 4, 5]}
    )
    return rw.MFExplorer(ratings)


def synced(explorer: LiveView) -> dict[str, Any]:
    state = explorer.get_state()
    return {
        name: value
        for name, value in state.items()
        if not name.startswith("_") and name not in ANYWIDGETS_OWN
    }


def test_synced_traits_are_the_declared_ones(explorer: rw.MFExplorer) -> None:
    assert set(synced(explorer)) == declared("Traits")


def test_views_of_their_own_have_the_same_traits(explorer: rw.MFExplorer) -> None:
    for view in (rw.PredictionMatrix(explorer), rw.LossCurves(explorer.history)):
        assert set(synced(view)) == declared("Traits")


def test_layers_have_the_declared_keys() -> None:
    assert {field.name for field in fields(Layer)} == declared("Layer")


def test_panels_are_the_declared_ones() -> None:
    (union,) = re.findall(r"@typedef \{([^}]*)\} PanelName", TYPES)
    assert tuple(re.findall(r'"(\w+)"', union)) == ALL_PANELS


@pytest.mark.parametrize(
    ("trait", "typedef"),
    [("settings", "Settings"), ("state", "State"), ("summary", "Summary"), ("selected", "Selected")],
)
def test_each_trait_has_the_declared_keys(explorer: rw.MFExplorer, trait: str, typedef: str) -> None:
    assert set(synced(explorer)[trait]) == declared(typedef)


def test_points_of_the_map_have_the_declared_keys(explorer: rw.MFExplorer) -> None:
    points = synced(explorer)["points"]
    arrays = {head["name"] for head in points["arrays"]}
    assert arrays | set(points) - {"arrays", "buffers"} == declared("Points")


def test_every_synced_trait_says_what_it_is() -> None:
    for name in declared("Traits"):
        assert rw.MFExplorer.class_traits()[name].help


def test_dtypes_of_the_wire_are_the_declared_ones() -> None:
    (union,) = re.findall(r"dtype: ([^,]*),", TYPES)
    assert set(re.findall(r'"(\w+)"', union)) == set(DTYPES)


def test_packed_arrays_have_their_bytes_in_order() -> None:
    arrays = {"a": np.arange(6, dtype=np.int32).reshape(2, 3), "b": np.array([1.5, np.nan], dtype=">f4")}
    content, buffers = pack(arrays, kind="frame", epoch=3)
    assert content == {
        "kind": "frame",
        "epoch": 3,
        "arrays": [
            {"name": "a", "dtype": "int32", "shape": [2, 3]},
            {"name": "b", "dtype": "float32", "shape": [2]},
        ],
    }
    assert np.frombuffer(buffers[0], "<i4").tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(np.frombuffer(buffers[1], "<f4"), [1.5, np.nan])


def test_a_dtype_that_the_browser_does_not_know_is_an_error() -> None:
    with pytest.raises(TypeError, match="a is float64"):
        pack({"a": np.zeros(3)})
