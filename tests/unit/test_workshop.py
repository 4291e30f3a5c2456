"""The workshop's names: its notebook on its own data, and what its package got wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from recowidget.errors import RecowidgetError
from recowidget.workshop import (
    ChronoSplit,
    EmbeddingVis,
    EncodeUserItem,
    ExplicitMF,
    GetPredictions,
    GetRankingTopK,
    GetSimilar,
    InteractionVis,
    ItemEmbedding,
    MetricsVis,
    RandomSplit,
    SampleData,
    SimilarityVis,
    StratifiedSplit,
    TrainTestVis,
    UserEmbedding,
    _GetEmbedding,
)

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("user_id", "movie_id", "rating", "unix_timestamp")

RATINGS = """
5 5 3 5 4 5
4 5 . . . .
4 4 4 . 2 .
. 5 5 3 . 3
. 5 . 5 . 5
4 5 . 4 . 4
. 4 4 4 . .
3 5 4 2 5 3
. 5 . . . 1
5 . 5 . 5 .
"""
PARTS = """
T x T T x T
x T . . . .
x T x . T .
. x x T . T
. T . x . T
T x . x . T
. x T T . .
T x T T T x
. x . . . T
T . x . T .
"""


def grid(picture: str) -> dict[tuple[int, int], str]:
    rows = [line.split() for line in picture.split("\n") if line]
    return {(u, i): cell for u, row in enumerate(rows) for i, cell in enumerate(row) if cell != "."}


@pytest.fixture(scope="module")
def frames(shared_data: Path) -> dict[str, pd.DataFrame]:
    folder = shared_data / "workshop"
    return {name: pd.read_csv(folder / f"{name}.csv") for name in ("users", "items", "ratings")}


@pytest.fixture(scope="module")
def sample(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return SampleData(frames["users"], frames["items"], frames["ratings"])[2]


@pytest.fixture(scope="module")
def interaction(sample: pd.DataFrame) -> pd.DataFrame:
    return EncodeUserItem(sample, *COLUMNS)[0]


class Scores:
    """A model that gives item i the score `table[u, i]`."""

    def __init__(self, table: np.ndarray) -> None:
        self.table = table

    def predict(self, inputs: Any, **_: Any) -> np.ndarray:
        users, items = (np.asarray(column).ravel() for column in inputs)
        return self.table[users, items][:, None]


def small_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"USER": [0, 0, 0, 1, 1, 2], "ITEM": [0, 1, 2, 0, 3, 3], "RATING": [5, 4, 1, 2, 3, 5], "TIMESTAMP": 7}
    )


def test_the_sample_keeps_rows_in_order_with_their_index(frames: dict[str, pd.DataFrame]) -> None:
    users, items, ratings = SampleData(frames["users"], frames["items"], frames["ratings"])
    assert (len(users), len(items), len(ratings)) == (10, 6, 37)
    assert ratings.index.is_monotonic_increasing
    pd.testing.assert_frame_equal(ratings, frames["ratings"].loc[ratings.index])
    assert set(ratings["user_id"]) == {1, 2, 6, 7, 8, 10, 12, 13, 14, 16}
    assert set(ratings["movie_id"]) == {1, 50, 71, 82, 95, 176}


def test_encoding_prints_and_adds_ranks(sample: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    before = sample.copy()
    interaction, n_users, n_items, user_encoder, item_encoder = EncodeUserItem(sample, *COLUMNS)
    assert capsys.readouterr().out == "Number of users:  10\nNumber of items:  6\n"
    assert (n_users, n_items) == (10, 6)
    assert list(interaction) == ["user_id", "movie_id", "RATING", "TIMESTAMP", "USER", "ITEM"]
    assert list(item_encoder.classes_) == [1, 50, 71, 82, 95, 176]
    np.testing.assert_array_equal(user_encoder.transform(interaction["user_id"]), interaction["USER"])
    np.testing.assert_array_equal(
        item_encoder.inverse_transform(interaction["ITEM"]), interaction["movie_id"]
    )
    cells = {(row.USER, row.ITEM): str(row.RATING) for row in interaction.itertuples()}
    assert cells == grid(RATINGS)
    pd.testing.assert_frame_equal(sample, before)


def test_the_stratified_split_is_the_workshops(interaction: pd.DataFrame) -> None:
    train, test = StratifiedSplit(interaction, [0.6, 0.4])
    assert (len(train), len(test)) == (22, 15)
    marks = dict.fromkeys(zip(train["USER"], train["ITEM"], strict=True), "T")
    marks |= dict.fromkeys(zip(test["USER"], test["ITEM"], strict=True), "x")
    assert marks == grid(PARTS)
    assert train["split_index"].eq(0).all()
    assert test["split_index"].eq(1).all()
    assert sorted([*train.index, *test.index]) == sorted(interaction.index)


def test_the_notebook_runs_from_top_to_bottom(interaction: pd.DataFrame) -> None:
    train, test = StratifiedSplit(interaction, [0.6, 0.4])
    model = ExplicitMF(10, 6, 2)
    assert model.name == "ExplicitMF"
    assert model.count_params() == 32
    assert {"Item", "User", "FlattenItemE", "FlattenUserE", "DotProduct"} <= {
        layer.name for layer in model.layers
    }
    output = model.fit(
        [train.USER, train.ITEM],
        train.RATING,
        batch_size=1,
        epochs=2,
        verbose=0,
        validation_data=([test.USER, test.ITEM], test.RATING),
    )
    users, items = UserEmbedding(model, "UserEmbedding"), ItemEmbedding(model, "ItemEmbedding")
    assert users.shape == (10, 2)
    assert items.shape == (6, 2)
    np.testing.assert_array_equal(_GetEmbedding(model, "UserEmbedding"), users)
    predictions = GetPredictions(model, interaction)
    assert len(predictions) == 60
    assert list(predictions) == ["USER", "ITEM", "RATING"]
    np.testing.assert_allclose(predictions["RATING"], (users @ items.T).ravel(), atol=1e-5)
    ranking = GetRankingTopK(model, interaction, train, k=3)
    assert ranking.groupby("USER").size().max() == 3
    for chart in (
        InteractionVis(interaction),
        TrainTestVis(train, test),
        MetricsVis(output.history),
        EmbeddingVis(users, 2, "USER") | EmbeddingVis(items, 2, "ITEM"),
        SimilarityVis(items, users),
        InteractionVis(interaction) | InteractionVis(predictions),
    ):
        chart.to_dict()


def color_domain(chart: Any) -> list[float]:
    domain: list[float] = chart.to_dict()["layer"][0]["encoding"]["color"]["scale"]["domain"]
    return [domain[0], domain[-1]]


def test_predictions_are_drawn_on_the_scale_of_the_ratings(interaction: pd.DataFrame) -> None:
    table = np.arange(60, dtype=np.float32).reshape(10, 6)
    predictions = GetPredictions(Scores(table), interaction)
    train, _ = StratifiedSplit(interaction, [0.6, 0.4])
    assert color_domain(InteractionVis(interaction)) == [1, 5]
    assert color_domain(InteractionVis(predictions)) == [1, 5]
    assert color_domain(InteractionVis(train[train["RATING"] > 3])) == [1, 5]


def test_the_matrix_is_in_the_order_of_the_indices(interaction: pd.DataFrame) -> None:
    encoding = InteractionVis(interaction).to_dict()["layer"][0]["encoding"]
    assert encoding["y"]["scale"]["domain"] == [str(index) for index in range(10)]
    assert encoding["x"]["scale"]["domain"] == [str(index) for index in range(6)]
    assert encoding["x"]["axis"]["orient"] == "top"


def test_random_split_cuts_in_file_order_and_shuffles_by_seed() -> None:
    frame = pd.DataFrame({"RATING": range(10)}, index=range(100, 110))
    train, validation, test = RandomSplit(frame, [0.7, 0.2, 0.1])
    assert [list(part.index) for part in (train, validation, test)] == [
        list(range(100, 107)),
        [107, 108],
        [109],
    ]
    assert [set(part["split_index"]) for part in (train, validation, test)] == [{0}, {1}, {2}]
    assert "split_index" not in frame
    shuffled = [RandomSplit(frame, [0.5, 0.5], shuffle=True, seed=seed)[0] for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(shuffled[0], shuffled[1])
    assert list(shuffled[0].index) != list(shuffled[2].index)


def test_chronological_split_sorts_stably_within_users() -> None:
    frame = pd.DataFrame(
        {
            "USER": [1, 0, 1, 0, 1, 0, 1, 0],
            "ITEM": range(8),
            "RATING": 3,
            "TIMESTAMP": [5, 9, 5, 1, 5, 1, 1, 1],
        }
    )
    train, test = ChronoSplit(frame, [0.5, 0.5])
    assert list(train["ITEM"]) == [3, 5, 6, 0]
    assert list(test["ITEM"]) == [7, 1, 2, 4]
    by_item, _ = ChronoSplit(frame.assign(ITEM=frame["USER"], USER=range(8)), [0.5, 0.5], by="ITEM")
    assert list(by_item["USER"]) == [3, 5, 6, 0]


def test_ranking_takes_k_unseen_items_ties_by_item() -> None:
    data = small_frame()
    table = np.array([[1, 2, 3, 3], [1, 1, 1, 9], [4, 4, 4, 4]], np.float32)
    ranking = GetRankingTopK(Scores(table), data, data[data["ITEM"] == 3], k=2)
    assert ranking.to_dict("list") == {
        "USER": [0, 0, 1, 1, 2, 2],
        "ITEM": [2, 3, 0, 1, 0, 1],
        "RATING": [3, 3, 1, 1, 4, 4],
        "rank": [1, 2, 1, 2, 1, 2],
    }
    everything = GetRankingTopK(Scores(table), data, data, k=9)
    assert everything.groupby("USER").size().to_dict() == {0: 1, 1: 2, 2: 3}


def test_similar_follows_the_metric_and_starts_with_itself() -> None:
    vectors = np.array([[1.0, 0.0], [10.0, 1.0], [0.9, 0.6], [0.0, 3.0]])
    assert GetSimilar(vectors, 1, "cosine")[0].tolist() == [0, 1]
    assert GetSimilar(vectors, 1, "euclidean")[0].tolist() == [0, 2]
    assert GetSimilar(vectors, 2, "dot")[3].tolist() == [3, 1, 2]
    assert GetSimilar(vectors, 9).shape == (4, 4)
    assert GetSimilar(np.zeros((3, 2)), 2).tolist() == [[0, 1, 2], [1, 0, 2], [2, 0, 1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: EncodeUserItem(small_frame(), "user", "ITEM", "RATING", "TIMESTAMP"), "user"),
        (lambda: StratifiedSplit(small_frame(), [0.6, 0.4], by="USERS"), '"USER" or "ITEM"'),  # type: ignore[arg-type]
        (lambda: RandomSplit(small_frame(), [0.6, 0.6]), "sum to 1"),
        (lambda: GetSimilar(np.eye(3), 1, "jaccard"), "metric"),  # type: ignore[arg-type]
        (lambda: EmbeddingVis(np.eye(3), 2, "user"), '"USER" or "ITEM"'),  # type: ignore[arg-type]
        (lambda: InteractionVis(small_frame().drop(columns="RATING")), "RATING"),
        (lambda: UserEmbedding(ExplicitMF(3, 2, 2), "User"), "UserEmbedding"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        call()
