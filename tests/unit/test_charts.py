"""Static charts: what they show, of how much, in which colours, and that they stand beside each other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recowidget import charts
from recowidget.baselines import GlobalMean
from recowidget.charts.groups import group_of
from recowidget.charts.naming import sides_for_names, spread
from recowidget.charts.pca import principal_plane
from recowidget.charts.renderer import enable_offline
from recowidget.charts.style import DIVERGING_STOPS, MAX_MARKS, RATING_STOPS
from recowidget.encoding import Vocabulary
from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.interactions import Interactions
from recowidget.splits import random_split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recowidget.split import Split

COLORS_JS = Path(__file__).parents[2] / "js" / "colors.js"
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "datum.rating'];alert(1);//",
    '"+alert(1)+"',
    "[Same](title)",
    "[Same](title)",
    "{{7*7}}",
]


def frame(n_users: int = 6, n_items: int = 8, seed: int = 0, filled: float = 0.6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((n_users, n_items)) < filled)
    ratings = rng.integers(1, 6, len(users)).astype(float)
    return pd.DataFrame({"user_id": users + 10, "movie_id": items + 100, "rating": ratings})


def interactions(titles: list[str] | None = None, **shape: Any) -> Interactions:
    ratings = frame(**shape)
    if titles is None:
        return Interactions.from_frame(ratings)
    ids = np.unique(ratings["movie_id"])[: len(titles)]
    return Interactions.from_frame(
        ratings, items=pd.DataFrame({"movie_id": ids, "title": titles[: len(ids)]})
    )


def factors_of(known: Interactions, n_factors: int = 3, seed: int = 0) -> Factors:
    rng = np.random.default_rng(seed)
    return Factors(
        rng.standard_normal((known.n_users, n_factors)).astype(np.float32),
        rng.standard_normal((known.n_items, n_factors)).astype(np.float32),
        rng.standard_normal(known.n_users).astype(np.float32),
        rng.standard_normal(known.n_items).astype(np.float32),
        3.0,
    )


def history(epochs: int = 5) -> pd.DataFrame:
    epoch = np.arange(epochs + 1)
    columns = {"epoch": epoch}
    for part, floor in (("train", 0.5), ("validation", 0.8), ("test", 0.9)):
        rmse = floor + 1 / (1 + epoch) + (0 if part == "train" else 0.04 * epoch)
        columns |= {f"{part}_mse": rmse**2, f"{part}_rmse": rmse}
    return pd.DataFrame({**columns, "seconds": epoch / 10})


def units(spec: dict[str, Any], data: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Give all single views of a chart's specification, each with its data."""
    data = spec.get("data", data)
    if "mark" in spec:
        yield {**spec, "data": data}
    for part in [*spec.get("layer", []), *spec.get("hconcat", []), *spec.get("vconcat", [])]:
        yield from units(part, data)


def rows_of(chart: Any, mark: str, number: int = 0) -> pd.DataFrame:
    """Give the data of the view with that mark."""
    spec = chart.to_dict()
    views = [view for view in units(spec) if view["mark"]["type"] == mark]
    return pd.DataFrame(spec["datasets"][views[number]["data"]["name"]])


def subtitle(chart: Any) -> str:
    return " / ".join(chart.to_dict()["title"].get("subtitle", []))


def encoding_of(chart: Any, mark: str) -> dict[str, Any]:
    found: dict[str, Any] = next(view for view in units(chart.to_dict()) if view["mark"]["type"] == mark)[
        "encoding"
    ]
    return found


def every_chart(known: Interactions, split: Split) -> dict[str, Any]:
    factors = factors_of(known)
    return {
        "interactions": charts.interactions_chart(split),
        "overview": charts.interactions_chart(known, overview=True),
        "split": charts.split_chart(split),
        "history": charts.history_chart(history(), baselines={"global mean": 1.0}),
        "metrics": charts.history_chart(history(), metrics=["mse", "rmse"]),
        "users": charts.factors_chart(factors, known),
        "items": charts.factors_chart(factors, known, side="item"),
        "map": charts.factor_map(factors, known),
        "comparison": charts.comparison_chart(split, factors, residuals=True),
    }


@pytest.fixture(scope="module")
def all_charts() -> dict[str, Any]:
    known = interactions(HOSTILE)
    return every_chart(known, random_split(known, (0.6, 0.2, 0.2)))


def test_charts_stand_beside_and_above_each_other(all_charts: dict[str, Any]) -> None:
    ordered = list(all_charts.values())
    beside = ordered[0]
    for chart in ordered[1:]:
        beside = beside | chart
    spec = (beside & ordered[0]).to_dict()
    assert "config" in spec  # Altair's own default, at the top alone
    assert not any("config" in part for part in [*spec["vconcat"], *spec["vconcat"][0]["hconcat"]])


def test_no_chart_shares_its_colours_with_what_it_stands_beside(all_charts: dict[str, Any]) -> None:
    def layered(spec: Any) -> Iterator[dict[str, Any]]:
        if "layer" in spec:
            yield spec
        for part in spec.get("hconcat", []):
            yield from layered(part)

    for chart in all_charts.values():
        found = list(layered(chart.to_dict()))
        assert found
        for spec in found:
            assert spec["resolve"]["scale"] == {
                "color": "independent",
                "shape": "independent",
                "strokeWidth": "independent",
            }


def test_charts_ask_no_file_and_no_host(all_charts: dict[str, Any]) -> None:
    for chart in all_charts.values():
        spec = chart.to_dict()
        del spec["$schema"]
        assert '"url"' not in json.dumps(spec)
        assert all(rows for rows in spec["datasets"].values())


def test_all_marks_with_data_have_tooltips(all_charts: dict[str, Any]) -> None:
    for chart in all_charts.values():
        views = [view for view in units(chart.to_dict()) if view["mark"]["type"] != "text"]
        assert views
        assert all(view["encoding"]["tooltip"] for view in views)


def test_tooltips_head_cells_with_the_title() -> None:
    known = interactions([f"Film {k}" for k in range(8)])
    for chart in (
        charts.interactions_chart(known),
        charts.split_chart(random_split(known)),
        charts.factors_chart(factors_of(known), known, side="item"),
        charts.comparison_chart(known, factors_of(known)),
    ):
        mark = "point" if encoding_mark(chart) == "point" else "rect"
        first = encoding_of(chart, mark)["tooltip"][0]
        assert (first["field"], first["title"]) == ("item", "title")
        assert set(rows_of(chart, mark)["item"]) <= {f"Film {k}" for k in range(8)}


def encoding_mark(chart: Any) -> str:
    return str(next(units(chart.to_dict()))["mark"]["type"])


def test_hostile_titles_are_data_and_nothing_else(all_charts: dict[str, Any]) -> None:
    for name, chart in all_charts.items():
        page = chart.to_html()
        assert len(re.findall("</script", page, re.IGNORECASE)) == len(
            re.findall("<script", page, re.IGNORECASE)
        ), name
        assert "</script><script>alert" not in page
        assert "<!--" not in page
        spec = chart.to_dict()
        del spec["datasets"]
        for expression in re.findall(r'"(?:expr|test|calculate|filter|signal)": ("[^"]*")', json.dumps(spec)):
            assert "alert" not in expression


def test_equal_titles_are_told_apart_by_id() -> None:
    known = interactions(["Same", "Same", "Other"], n_items=3)
    domain = encoding_of(charts.interactions_chart(known), "rect")["x"]["scale"]["domain"]
    assert sorted(domain) == ["Other", "Same [100]", "Same [101]"]


# ---- ratings


def test_the_matrix_has_each_rating_most_active_first() -> None:
    ratings = frame()
    known = Interactions.from_frame(ratings)
    chart = charts.interactions_chart(ratings)
    cells = rows_of(chart, "rect")
    expected = {(str(r.user_id), str(r.movie_id)): r.rating for r in ratings.itertuples()}
    assert dict(zip(zip(cells["user"], cells["item"], strict=True), cells["rating"], strict=True)) == expected
    encoding = encoding_of(chart, "rect")
    assert encoding["y"]["scale"]["domain"] == [str(known.users.id_of(int(u))) for u in known.user_order]
    assert encoding["x"]["scale"]["domain"] == [str(known.items.id_of(int(i))) for i in known.item_order]
    assert encoding["y"]["axis"]["title"] == "users, most active first"
    assert subtitle(chart).startswith("6 users × 8 items")


def test_given_ids_are_shown_in_their_order() -> None:
    chart = charts.interactions_chart(frame(), users=[12, 10], items=[103, 100, 101])
    encoding = encoding_of(chart, "rect")
    assert encoding["y"]["scale"]["domain"] == ["12", "10"]
    assert encoding["x"]["scale"]["domain"] == ["103", "100", "101"]
    assert encoding["x"]["axis"]["title"] == "items"


@pytest.mark.parametrize("overview", [True, False])
def test_large_matrices_are_cut_or_binned_and_say_so(overview: bool) -> None:  # noqa: FBT001
    known = interactions(n_users=300, n_items=500, filled=0.3)
    assert known.n_ratings > 40_000
    chart = charts.interactions_chart(known, overview=overview)
    with alt.data_transformers.enable("default", max_rows=5_000):
        spec = chart.to_dict()
    assert all(len(rows) <= MAX_MARKS for rows in spec["datasets"].values())
    if overview:
        assert "a cell is the mean of 5 or 6 users × 6 or 7 items" in subtitle(chart)
        bins = rows_of(chart, "rect")
        assert bins["ratings"].sum() == known.n_ratings
        total = (bins["ratings"] * bins["mean rating"]).sum()
        assert total == pytest.approx(known.ratings.sum(), rel=1e-4)
        assert bins["users"].iloc[0] == "1 to 6"
    else:
        assert subtitle(chart).startswith("48 of 300 users × 72 of 500 items")


def test_overview_names_every_rank_once() -> None:
    known = interactions(n_users=130, n_items=9, filled=0.9)
    spans = rows_of(charts.interactions_chart(known, overview=True), "rect")["users"].unique()
    ranks = [range(int(first), int(last) + 1) for first, last in (span.split(" to ") for span in spans)]
    assert [rank for span in ranks for rank in span] == list(range(1, 131))


def test_colours_are_those_of_the_live_view_and_span_the_rating_scale() -> None:
    light = re.search(r"light: \[(.*?)\]", COLORS_JS.read_text(encoding="utf-8"))
    assert light is not None
    assert re.findall(r"#\w{6}", light[1]) == RATING_STOPS
    scale = encoding_of(charts.interactions_chart(frame()), "rect")["color"]["scale"]
    assert scale["range"] == RATING_STOPS
    assert (scale["domain"][0], scale["domain"][-1], scale["clamp"]) == (1, 5, True)
    assert scale["interpolate"] == "rgb"


def test_colours_can_be_told_apart_by_lightness_alone() -> None:
    def lightness(color: str) -> float:
        channels = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(116 * (linear @ [0.2126, 0.7152, 0.0722]) ** (1 / 3) - 16)

    ratings = np.diff([lightness(color) for color in RATING_STOPS])
    assert (ratings < -4).all()
    diverging = np.diff([lightness(color) for color in DIVERGING_STOPS])
    assert (diverging[:4] > 4).all()
    assert (diverging[4:] < -4).all()


def test_ratings_of_one_value_count_as_high() -> None:
    known = Interactions.from_frame(frame().assign(rating=1.0))
    assert encoding_of(charts.interactions_chart(known), "rect")["color"]["scale"]["domain"][::8] == [0, 1]


def test_held_out_cells_are_marked_by_shape() -> None:
    split = random_split(interactions(), (0.6, 0.2, 0.2))
    chart = charts.interactions_chart(split)
    marked = next(view for view in units(chart.to_dict()) if view["mark"]["type"] == "point")
    assert marked["transform"] == [{"filter": {"field": "part", "oneOf": ["validation", "test"]}}]
    assert len(set(marked["encoding"]["shape"]["scale"]["range"])) == 2
    assert "test cells hollow, validation cells with a slit" in subtitle(chart)
    assert rows_of(chart, "rect")["part"].value_counts()["test"] == len(split.test)


def test_the_split_grid_has_each_row_in_its_part() -> None:
    split = random_split(interactions(), (0.6, 0.2, 0.2))
    chart = charts.split_chart(split)
    cells = rows_of(chart, "point")
    known = split.interactions
    expected = {
        (str(known.users.id_of(int(u))), str(known.items.id_of(int(i)))): part
        for u, i, part in zip(known.user_idx, known.item_idx, split.labels(), strict=True)
    }
    assert dict(zip(zip(cells["user"], cells["item"], strict=True), cells["part"], strict=True)) == expected
    shape = encoding_of(chart, "point")["shape"]
    assert shape["scale"]["domain"] == ["train", "validation", "test"]
    assert len(set(shape["scale"]["range"])) == 3
    assert (
        "validation"
        not in encoding_of(charts.split_chart(random_split(known)), "point")["shape"]["scale"]["domain"]
    )


# ---- comparison


def test_ratings_and_predictions_share_one_domain() -> None:
    known = interactions()
    factors = factors_of(known)
    chart = charts.comparison_chart(known, factors)
    domains = [
        view["encoding"]["color"]["scale"]["domain"] for view in units(chart.to_dict()) if is_rect(view)
    ]
    assert domains[0] == domains[1]
    assert domains[0][::8] == [1, 5]
    predicted = rows_of(chart, "rect", 1)
    assert len(predicted) == known.n_users * known.n_items
    for row in predicted.sample(20, random_state=0).itertuples():
        user, item = known.users.index_of(int(row.user)), known.items.index_of(int(row.item))
        assert row.prediction == pytest.approx(factors.predict(user, item)[0], abs=1e-4)
    block = factors.predict_block(np.arange(known.n_users), np.arange(known.n_items))
    assert f"to {block.max():.2f}, beyond the scale" in json.dumps(chart.to_dict(), ensure_ascii=False)


def is_rect(view: dict[str, Any]) -> bool:
    return bool(view["mark"]["type"] == "rect")


def test_predictions_may_be_a_scorer_a_frame_or_an_array() -> None:
    known = interactions()
    factors = factors_of(known)
    every = np.arange(known.n_users), np.arange(known.n_items)
    block = factors.predict_block(*every)
    pairs = pd.DataFrame(
        {
            "user_id": np.repeat(known.users.ids, known.n_items),
            "movie_id": np.tile(known.items.ids, known.n_users),
            "prediction": block.ravel(),
        }
    )
    specs = [charts.comparison_chart(known, given).to_dict() for given in (factors, block, pairs[::-1])]
    assert specs[0] == specs[1] == specs[2]
    charts.comparison_chart(known, GlobalMean.fit(known)).to_dict()
    charts.interactions_chart(pairs).to_dict()


def test_residuals_are_rating_minus_prediction_around_zero() -> None:
    known = interactions()
    chart = charts.comparison_chart(known, factors_of(known), residuals=True)
    cells = rows_of(chart, "rect", 2)
    np.testing.assert_allclose(cells["residual"], cells["rating"] - cells["prediction"], atol=2e-4)
    last = [view for view in units(chart.to_dict()) if is_rect(view)][2]["encoding"]["color"]["scale"]
    assert last["domain"][0] == -last["domain"][-1]
    assert last["domain"][4] == 0
    assert last["range"] == DIVERGING_STOPS


# ---- losses


def test_curves_are_labelled_by_epoch_and_end_with_their_values() -> None:
    chart = charts.history_chart(history(), baselines={"global mean": 1.25})
    encoding = encoding_of(chart, "line")
    assert encoding["x"]["title"] == "epoch"
    lines = rows_of(chart, "line")
    assert set(lines["part"]) == {"train", "validation", "test"}
    assert lines[lines["part"] == "test"]["value"].tolist() == pytest.approx(history()["test_rmse"])
    labels = rows_of(chart, "text", 1)["label"].tolist()
    assert labels == ["train 0.667", "validation 1.167", "test 1.267", "global mean 1.250"]
    assert rows_of(chart, "text", 0)["label"].tolist() == ["best 4: 1.160"]
    assert rows_of(chart, "rule", 0)["value"].tolist() == [1.25]


def test_only_the_rmse_is_drawn_unless_more_is_asked_for() -> None:
    assert charts.history_chart(history()).to_dict()["title"]["text"] == "RMSE by epoch"
    both = charts.history_chart(history(), metrics=["mse", "rmse"], baselines={"mean": 2.0}).to_dict()
    assert [part["title"]["text"] for part in both["hconcat"]] == ["MSE by epoch", "RMSE by epoch"]


def test_baselines_of_a_frame_go_to_the_metric_that_they_have() -> None:
    baselines = pd.DataFrame({"name": ["mean", "popular"], "test_rmse": [1.5, np.nan], "ndcg": [0.1, 0.2]})
    squared = charts.history_chart(history(), metrics=["mse"], baselines=baselines)
    assert rows_of(squared, "rule", 0).to_dict("records") == [{"baseline": "mean", "value": 2.25}]


def test_keras_history_starts_at_epoch_1_and_has_a_plot_a_metric() -> None:
    kept = {"loss": [3.0, 2.0], "val_loss": [3.5, 2.5], "mae": [1.5, 1.0], "val_mae": [1.6, 1.2]}
    chart = charts.history_chart(kept)
    assert [part["title"]["text"] for part in chart.to_dict()["hconcat"]] == ["Loss by epoch", "MAE by epoch"]
    lines = rows_of(chart, "line")
    assert sorted(set(lines["epoch"])) == [1, 2]
    assert set(lines["part"]) == {"train", "validation"}


def test_a_keras_history_with_rare_validation() -> None:
    chart = charts.history_chart({"loss": [4.0, 3.0, 2.0, 1.0], "val_loss": [2.0, 1.5]})
    lines = rows_of(chart, "line")
    assert lines[lines["part"] == "train"]["epoch"].tolist() == [1, 2, 3, 4]
    assert lines[lines["part"] == "validation"]["epoch"].tolist() == [2, 4]


def test_long_histories_are_thinned_with_first_best_and_last_kept() -> None:
    n = 20_000
    rmse = 1 + np.abs(np.arange(n) - 7_777) / n
    chart = charts.history_chart(pd.DataFrame({"epoch": range(n), "train_rmse": rmse, "test_rmse": rmse}))
    assert all(len(rows) <= MAX_MARKS for rows in chart.to_dict()["datasets"].values())
    assert {0, 7_777, n - 1} <= set(rows_of(chart, "line")["epoch"])
    assert "of 20,000 epochs drawn" in subtitle(chart)


def test_losses_that_are_no_number_leave_a_gap() -> None:
    broken = history()
    broken.loc[3:, "test_rmse"] = [np.inf, np.nan, np.nan]
    chart = charts.history_chart(broken)
    lines = rows_of(chart, "line")
    assert lines[lines["part"] == "test"]["epoch"].tolist() == [0, 1, 2]
    charts.history_chart(broken.assign(train_rmse=np.nan, validation_rmse=np.nan, test_rmse=np.nan)).to_dict()
    charts.history_chart(history().head(1)).to_dict()


# ---- factors


def test_factors_are_drawn_around_zero_in_the_order_of_activity() -> None:
    known = interactions()
    factors = factors_of(known)
    users, items = charts.factors_chart(factors, known), charts.factors_chart(factors, known, side="item")
    scales = [encoding_of(chart, "rect")["color"]["scale"] for chart in (users, items)]
    assert scales[0] == scales[1]
    assert scales[0]["domain"][0] == -scales[0]["domain"][-1]
    assert scales[0]["domain"][4] == 0
    encoding = encoding_of(users, "rect")
    assert encoding["y"]["scale"]["domain"] == [str(known.users.id_of(int(u))) for u in known.user_order]
    assert encoding["x"]["scale"]["domain"] == ["0", "1", "2"]
    assert encoding_of(items, "rect")["x"]["field"] == "item"
    cells = rows_of(users, "rect")
    for row in cells.itertuples():
        value = factors.user_factors[known.users.index_of(int(row.user)), int(row.factor)]
        assert row.value == pytest.approx(value, abs=1e-4)


def test_factors_may_be_an_array_with_or_without_a_vocabulary() -> None:
    known = interactions(["A", "B"], n_items=2)
    table = np.array([[1.0, -2.0], [0.5, 0.0]])
    chart = charts.factors_chart(table, known.items, side="item", ids=[101, 100], bound=2)
    assert encoding_of(chart, "rect")["x"]["scale"]["domain"] == ["B", "A"]
    assert rows_of(chart, "rect")["value"].tolist() == [0.5, 0, 1, -2]
    plain = charts.factors_chart(table)
    assert encoding_of(plain, "rect")["y"]["scale"]["domain"] == ["0", "1"]
    charts.factors_chart(np.full((3, 2), np.nan)).to_dict()


def test_large_tables_of_factors_are_cut_and_say_so() -> None:
    chart = charts.factors_chart(np.ones((5_000, 300)), side="item")
    assert len(rows_of(chart, "rect")) <= MAX_MARKS
    assert subtitle(chart) == "72 of 5,000 items · 64 of 300 factors"


def test_the_map_has_one_scale_in_both_directions() -> None:
    known = interactions([f"Film {k}" for k in range(8)])
    factors = factors_of(known)
    chart = charts.factor_map(factors, known)
    spec = chart.to_dict()
    encoding = next(units(spec))["encoding"]
    ends = [encoding[channel]["scale"]["domain"][1] for channel in ("x", "y")]
    assert ends[0] / spec["width"] == pytest.approx(ends[1] / spec["height"])
    points = pd.concat([rows_of(chart, "point", 0), rows_of(chart, "point", 1)])
    assert points["kind"].value_counts().to_dict() == {"item": known.n_items, "user": known.n_users}
    titled = points[points["item"].notna()].set_index("item")
    at = titled[["axis_1", "axis_2"]].to_numpy()
    plane = principal_plane(np.concatenate([factors.user_factors, factors.item_factors]))
    index = [known.items.index_of(int(identity)) for identity in titled["item_id"]]
    np.testing.assert_allclose(at, plane.project(factors.item_factors[index]), atol=1e-4)


def test_maps_of_one_reference_have_its_axes_and_frame() -> None:
    known = interactions()
    last = factors_of(known)
    early = Factors(last.user_factors / 10, last.item_factors / 10, last.user_bias, last.item_bias, 3.0)
    maps = [charts.factor_map(one, known, reference=last) for one in (early, last)]
    scales = [encoding_of(chart, "point")["x"]["scale"]["domain"] for chart in maps]
    assert scales[0] == scales[1]
    plane = principal_plane(np.concatenate([last.user_factors, last.item_factors]))
    shown = rows_of(maps[0], "point", 1).set_index("item")
    for item in range(known.n_items):
        expected = plane.project(early.item_factors[[item]])[0]
        row = shown.loc[str(known.items.id_of(item))]
        assert [row["axis_1"], row["axis_2"]] == pytest.approx(expected, abs=1e-4)


def test_the_map_of_arrays_needs_nothing_else_and_large_ones_say_what_they_show() -> None:
    rng = np.random.default_rng(0)
    small = charts.factor_map((rng.standard_normal((3, 2)), rng.standard_normal((2, 2))))
    assert {"item 0", "user 0"} <= set(names_on(small))
    large = charts.factor_map((rng.standard_cauchy((900, 8)), rng.standard_normal((9_000, 8))))
    assert subtitle(large).startswith("200 of 9,000 items · 60 of 900 users / ")
    assert subtitle(large).endswith("outside of the frame")
    charts.factor_map((np.zeros((3, 1)), np.zeros((2, 1)))).to_dict()


def names_on(chart: Any) -> list[str]:
    n_layers = sum(view["mark"]["type"] == "text" for view in units(chart.to_dict()))
    return [name for k in range(n_layers) for name in rows_of(chart, "text", k)["name"]]


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_principal_axes_are_orthonormal_ordered_and_keep_their_signs(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((30, k)) * np.arange(k, 0, -1) + 5
    plane = principal_plane(points)
    n_axes = min(2, k)
    np.testing.assert_allclose((plane.axes @ plane.axes.T)[:n_axes, :n_axes], np.eye(n_axes), atol=1e-9)
    assert plane.shares[0] >= plane.shares[1] >= 0
    for axis in plane.axes[:n_axes]:
        assert axis[np.argmax(np.abs(axis))] > 0
    again = principal_plane(points[rng.permutation(30)])
    np.testing.assert_allclose(again.axes, plane.axes, atol=1e-6)
    np.testing.assert_allclose(
        plane.project(points).var(axis=0).sum() / points.var(axis=0).sum(), plane.shares.sum()
    )
    nudged = principal_plane(points + 1e-9 * rng.standard_normal(points.shape))
    np.testing.assert_allclose(nudged.project(points), plane.project(points), atol=1e-4)


# ---- names


@given(st.lists(st.floats(0, 200), min_size=1, max_size=12))
def test_spread_keeps_order_and_distance(wanted: list[float]) -> None:
    placed = spread(wanted, 14, 0, 220)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) >= 14 - 1e-9).all()
    assert placed.min() >= 0
    apart = np.diff(np.sort(wanted))
    if (apart >= 14).all() and max(wanted) <= 220:
        np.testing.assert_allclose(placed, wanted)


@given(st.integers(0, 1_000), st.integers(1, 60))
def test_names_on_a_map_never_overlap_nor_leave_it(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, [440, 320], (n, 2))
    names = ["x" * int(length) for length in rng.integers(1, 27, n)]
    chosen = sides_for_names(at, names, (440, 320), 12, covering=1)
    assert np.count_nonzero(chosen) <= 12
    boxes = []
    for (x, y), name, side in zip(at, names, chosen, strict=True):
        if side:
            left = x + 6 if side > 0 else x - 6 - 6.2 * len(name)
            boxes.append((left, y - 7, left + 6.2 * len(name), y + 7))
    for k, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0
        assert top >= 0
        assert right <= 440
        assert bottom <= 320
        for other in boxes[:k]:
            assert left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom


# ---- errors


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: charts.interactions_chart([1]), "must be Interactions or a DataFrame, not list"),  # type: ignore[arg-type]
        (lambda: charts.interactions_chart(frame(), users=[99]), "unknown user_id: 99"),
        (lambda: charts.interactions_chart(frame(), users=[10, 10]), "10 more than once"),
        (lambda: charts.interactions_chart(frame(), n_users=100, n_items=100), "10,000 cells"),
        (lambda: charts.interactions_chart(frame(), n_users=0), "n_users"),
        (lambda: charts.split_chart(frame()), "a Split is needed, not pandas.DataFrame"),  # type: ignore[arg-type]
        (lambda: charts.comparison_chart(frame(), np.zeros((2, 2))), r"shape \(6, 8\)"),
        (lambda: charts.comparison_chart(frame(), frame()), "no column 'prediction'"),
        (
            lambda: charts.comparison_chart(frame(), frame().assign(prediction=1.0)),
            "none for .* of the cells shown",
        ),
        (lambda: charts.history_chart(history().head(0)), "no epoch"),
        (lambda: charts.history_chart(pd.DataFrame({"epoch": [1]})), "no loss"),
        (lambda: charts.history_chart(history(), metrics=["mae"]), 'no metric "mae"'),
        (lambda: charts.history_chart({"loss": [3, 2, 1], "val_loss": [2, 1]}), "2 values of"),
        (lambda: charts.history_chart([1.0]), "not list"),  # type: ignore[arg-type]
        (lambda: charts.factors_chart(np.ones(3)), "shape"),
        (lambda: charts.factors_chart(np.ones((3, 2)), interactions()), "3 rows of factors"),
        (lambda: charts.factors_chart(np.ones((3, 2)), ids=[1]), "ids need"),
        (lambda: charts.factors_chart(np.ones((3, 2)), side="both"), '"user" or "item"'),  # type: ignore[arg-type]
        (lambda: charts.factor_map(np.ones((3, 2))), "tuple"),  # type: ignore[arg-type]
        (lambda: charts.factor_map((np.ones((3, 2)), np.ones((3, 3)))), "2 factors for the users and 3"),
    ],
)
def test_errors_say_what_is_wrong(call: Callable[[], object], message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        call()


def people() -> Interactions:
    users = pd.DataFrame(
        {
            "user_id": np.arange(10, 16),
            "age": [20, 30, 40, 50, 60, 71],
            "job": ["clerk", "clerk", "other", None, "nurse", "</script>"],
        }
    )
    return Interactions.from_frame(frame(), users=users)


def test_a_map_is_coloured_and_filtered_by_what_is_known_of_the_users() -> None:
    known = people()
    factors = factors_of(known)
    chart = charts.factor_map(factors, known, user_color="job", users=known.users.matching("age > 25"))
    users = pd.concat([rows_of(chart, "point", number) for number in (0, 1)]).dropna(subset=["group"])
    assert "5 users" in subtitle(chart)
    groups = dict(zip(users["user"], users["group"], strict=True))
    assert groups == {"11": "clerk", "12": "other", "13": "unknown", "14": "nurse", "15": "<\u2060/script>"}
    domain = encoding_of(chart.layer[1], "point")["color"]["scale"]["domain"]
    assert domain == ["<\u2060/script>", "clerk", "nurse", "other", "unknown"]
    with pytest.raises(RecowidgetError, match=r'called "wage"; known is "age" and "job"$'):
        charts.factor_map(factors, known, user_color="wage")
    with pytest.raises(RecowidgetError, match="user_color needs the interactions"):
        charts.factor_map(factors, user_color="job")


def test_many_kinds_and_numbers_go_together() -> None:
    ids = np.arange(400)
    attributes = pd.DataFrame({"kind": [f"k{k % (k % 20 + 1)}" for k in ids], "size": ids})
    known = Vocabulary(ids, None, "user", attributes)
    groups, domain = group_of(known, "kind", ids)
    assert (len(domain), domain[-1], set(groups)) == (8, "other", set(domain))
    groups, domain = group_of(known, "size", ids)
    assert domain == ["up to 80", "80 to 160", "160 to 239", "239 to 319", "319 to 399"]
    assert pd.Series(groups).value_counts().between(78, 82).all()


def test_a_notebook_draws_by_itself_unless_a_renderer_was_chosen() -> None:
    chart = charts.interactions_chart(interactions())
    with alt.renderers.enable("default"):
        enable_offline()
        assert alt.renderers.active == "recowidget"
        bundle = chart._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.vegalite.v5+json", "text/plain"}
    spec = bundle["application/vnd.vegalite.v5+json"]
    assert spec["$schema"].endswith("/v5.json")
    assert spec["background"] == "white"
    assert "text/html" not in bundle
    with alt.renderers.enable("json"):
        enable_offline()
        assert alt.renderers.active == "json"
