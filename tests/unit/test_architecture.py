"""What a model is made of, and how it is laid out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recowidget as rw
from recowidget.architecture import describe
from recowidget.backend import load_keras
from recowidget.charts import architecture_chart
from recowidget.charts.layering import apart, layered_layout


def total(model: Any) -> int:
    return sum(layer.n_parameters for layer in describe(model))


@pytest.mark.parametrize("name", ["explicit_mf", "biased_mf", "nonnegative_mf", "deep_mf", "neural_cf"])
def test_parameters_add_up_and_edges_go_forward(name: str) -> None:
    model = getattr(rw.models, name)(10, 6, n_factors=2)
    layers = describe(model)
    assert total(model) == model.count_params()
    names = [layer.name for layer in layers]
    assert names[:2] == ["user", "item"]
    assert len(set(names)) == len(names)
    for layer in layers:
        assert all(names.index(other) < names.index(layer.name) for other in layer.inputs)


def test_the_workshops_model_has_32_parameters() -> None:
    layers = {layer.name: layer for layer in describe(rw.models.explicit_mf(10, 6, n_factors=2))}
    assert sum(layer.n_parameters for layer in layers.values()) == 32
    users = layers["user_factors"]
    assert (users.kind, users.output_shape, users.n_parameters) == ("Embedding", (None, 1, 2), 20)
    assert users.inputs == ("user",)
    assert set(layers["dot"].inputs) == {"user_factors_flat", "item_factors_flat"}


def test_nested_and_shared_layers() -> None:
    keras = load_keras()
    tower = keras.Sequential([keras.layers.Embedding(10, 4), keras.layers.Flatten()], name="tower")
    one, other = keras.Input((1,), name="one"), keras.Input((1,), name="other")
    model = keras.Model([one, other], keras.layers.Dot(1, name="dot")([tower(one), tower(other)]))
    layers = {layer.name: layer for layer in describe(model)}
    assert set(layers) == {"one", "other", "tower", "dot"}
    assert (layers["tower"].inputs, layers["tower"].n_parameters) == (("one", "other"), 40)
    assert layers["dot"].inputs == ("tower",)


def test_a_sequential_model_is_a_chain() -> None:
    keras = load_keras()
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(3, name="a"), keras.layers.Dense(1, name="b")]
    )
    _, a, b = describe(model)
    assert (a.name, b.name, b.inputs, b.output_shape) == ("a", "b", ("a",), (None, 1))


def test_a_subclassed_model_is_a_list_of_layers_with_its_own_weights_last() -> None:
    keras = load_keras()

    class Mine(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="mine")
            self.users, self.items = (
                keras.layers.Embedding(10, 2, name="u"),
                keras.layers.Embedding(6, 2, name="i"),
            )
            self.items.trainable = False
            self.offset = self.add_weight(shape=(1,))

        def call(self, pairs: Any) -> Any:
            users, items = pairs
            return keras.ops.sum(self.users(users) * self.items(items), -1) + self.offset

    model = Mine()
    with pytest.raises(rw.RecowidgetError, match="not built yet"):
        describe(model)
    model([np.zeros((1, 1)), np.zeros((1, 1))])
    layers = describe(model)
    assert [(layer.name, layer.n_parameters, layer.inputs) for layer in layers] == [
        ("u", 20, ()),
        ("i", 12, ()),
        ("mine", 1, ()),
    ]
    assert [layer.trainable for layer in layers] == [True, False, True]
    assert architecture_chart(model).to_dict()["title"]["subtitle"] == ["33 parameters in 3 layers"]


def test_the_chart_has_a_box_a_layer_and_an_edge_an_input() -> None:
    model = rw.models.biased_mf(10, 6, n_factors=2)
    layers = describe(model)
    chart = architecture_chart(model)
    spec = chart.to_dict()
    names = {row["layer"] for rows in spec["datasets"].values() for row in rows if "layer" in row}
    edges = {row["edge"] for rows in spec["datasets"].values() for row in rows if "edge" in row}
    assert names == {layer.name for layer in layers}
    assert len(edges) == sum(len(layer.inputs) for layer in layers)
    assert "48 parameters" in spec["title"]["subtitle"][0]
    (chart | chart).to_dict()


def test_what_is_no_model_is_an_error() -> None:
    with pytest.raises(rw.RecowidgetError, match="Keras model, not int"):
        describe(3)  # type: ignore[arg-type]


@st.composite
def graphs(draw: st.DrawFn) -> list[list[int]]:
    size = draw(st.integers(1, 12))
    return [sorted(draw(st.sets(st.integers(0, k - 1), max_size=3))) if k else [] for k in range(size)]


@given(graphs())
def test_edges_go_forward_and_boxes_of_a_rank_stand_apart(feeding: list[list[int]]) -> None:
    layout = layered_layout(feeding)
    assert len(layout.edges) == sum(map(len, feeding))
    for edge in layout.edges:
        assert [rank for rank, _ in edge] == list(range(edge[0][0], edge[-1][0] + 1))
        assert len(edge) > 1
    by_rank: dict[int, list[float]] = {}
    for rank, place in layout.places:
        assert 0 <= rank < layout.n_ranks
        assert 0 <= place <= layout.breadth - 1 + 1e-9
        by_rank.setdefault(rank, []).append(place)
    for places in by_rank.values():
        assert all(b - a > 1 - 1e-5 for a, b in pairwise(sorted(places)))


def test_a_chain_is_straight_and_a_list_without_edges_is_a_row() -> None:
    assert layered_layout([[], [0], [1]]).places == [(0, 0), (1, 0), (2, 0)]
    assert layered_layout([[], [], []]).places == [(0, 0), (1, 0), (2, 0)]


def test_inputs_stand_right_before_what_they_feed() -> None:
    layout = layered_layout([[], [], [0], [2, 1]])
    assert [rank for rank, _ in layout.places] == [0, 1, 1, 2]


@given(st.lists(st.floats(-5, 5), max_size=8))
def test_places_are_apart_in_the_order_wanted(wanted: list[float]) -> None:
    placed = apart(wanted)
    ordered = sorted(range(len(wanted)), key=lambda k: (wanted[k], k))
    for one, other in pairwise(ordered):
        assert placed[other] - placed[one] > 1 - 1e-9
    assert sum(placed) == pytest.approx(sum(wanted), abs=1e-6)
