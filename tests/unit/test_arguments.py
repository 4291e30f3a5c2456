"""Plain frames and Keras models, given where the functions work on interactions and scorers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from recowidget import (
    Interactions,
    RecowidgetError,
    baselines,
    charts,
    evaluation,
    scorer_of,
    splits,
    workshop,
)
from recowidget.factors import Factors
from recowidget.fold_in import fold_in
from recowidget.models import biased_mf, deep_mf
from recowidget.recommend import explain, recommend, similar_items, similar_users

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

N_USERS, N_ITEMS = 6, 8


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    pairs = np.argwhere(rng.random((N_USERS, N_ITEMS)) < 0.8)
    frame = pd.DataFrame({"user_id": pairs[:, 0] * 10, "movie_id": pairs[:, 1] + 100})
    frame["rating"] = rng.integers(1, 6, len(frame)).astype(float)
    frame["timestamp"] = rng.integers(0, 50, len(frame))
    return frame.sample(frac=1, random_state=1)  # an index that is not the position


@pytest.fixture(scope="module")
def interactions(frame: pd.DataFrame) -> Interactions:
    return Interactions.from_frame(frame)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    model = biased_mf(N_USERS, N_ITEMS, n_factors=2, global_mean=3.0)
    rng = np.random.default_rng(2)
    model.set_weights([rng.standard_normal(weights.shape) for weights in model.get_weights()])
    return model


SPLITS: dict[str, Callable[[Any], splits.Split]] = {
    "random": splits.random_split,
    "stratified": splits.stratified_split,
    "chronological": splits.chronological_split,
    "leave_one_out": splits.leave_one_out,
    "k_fold": lambda ratings: splits.k_fold(ratings)[0],
    "predefined": lambda ratings: splits.predefined_split(ratings, [3, 5]),
    "by_name": lambda ratings: splits.split_by_name(ratings, "random"),
}


@pytest.mark.parametrize("way", SPLITS)
def test_a_frame_is_split_by_positions(way: str, frame: pd.DataFrame, interactions: Interactions) -> None:
    split = SPLITS[way](frame)
    expected = SPLITS[way](interactions)
    assert np.array_equal(split.train, expected.train)
    assert np.array_equal(split.test, expected.test)
    test = split.interactions.take(split.test).to_frame()
    assert test["user_id"].tolist() == frame["user_id"].iloc[split.test].tolist()
    assert test["movie_id"].tolist() == frame["movie_id"].iloc[split.test].tolist()


def test_a_sparse_matrix_is_implicit_feedback() -> None:
    split = splits.random_split(csr_matrix(np.ones((3, 4))))
    assert split.interactions.is_implicit
    assert len(split.train) + len(split.test) == 12


def test_a_keras_model_is_evaluated_as_what_it_predicts(
    model: keras.Model, frame: pd.DataFrame, interactions: Interactions
) -> None:
    split = splits.random_split(frame)
    factors = scorer_of(model, interactions)
    pd.testing.assert_series_equal(evaluation.evaluate(model, split), evaluation.evaluate(factors, split))
    pd.testing.assert_series_equal(
        evaluation.evaluate_errors(model, split), evaluation.evaluate_errors(factors, split)
    )
    pd.testing.assert_frame_equal(
        evaluation.evaluate_users(model, split), evaluation.evaluate_users(factors, split)
    )


QUESTIONS: dict[str, Callable[[Any, Any], pd.DataFrame]] = {
    "recommend": lambda scorer, ratings: recommend(scorer, ratings, 20),
    "new user": lambda scorer, ratings: recommend(scorer, ratings, {101: 5.0}),
    "explain": lambda scorer, ratings: explain(scorer, ratings, 20, 103),
    "items": lambda scorer, ratings: similar_items(scorer, ratings, 101),
    "users": lambda scorer, ratings: similar_users(scorer, ratings, 10),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_keras_model_and_a_frame_answer_questions(
    question: str, model: keras.Model, frame: pd.DataFrame, interactions: Interactions
) -> None:
    ask = QUESTIONS[question]
    pd.testing.assert_frame_equal(ask(model, frame), ask(scorer_of(model, interactions), interactions))


def test_baselines_are_fitted_to_a_frame(frame: pd.DataFrame) -> None:
    assert baselines.GlobalMean.fit(frame).mean == pytest.approx(frame["rating"].mean())
    counts = frame["movie_id"].value_counts().sort_index()
    assert baselines.Popularity.fit(frame).counts.tolist() == counts.tolist()


def test_charts_take_a_frame_and_a_keras_model(model: keras.Model, frame: pd.DataFrame) -> None:
    factors = scorer_of(model, Interactions.from_frame(frame))
    drawn = {
        "comparison": lambda one: charts.comparison_chart(frame, one),
        "items": lambda one: charts.factors_chart(one, frame, side="item"),
        "map": lambda one: charts.factor_map(one, frame),
    }
    for draw in drawn.values():
        assert draw(model).to_dict() == draw(factors).to_dict()


def test_a_network_has_factors_to_draw_and_none_to_explain_by(frame: pd.DataFrame) -> None:
    network = deep_mf(N_USERS, N_ITEMS, n_factors=2, hidden=(4,))
    assert charts.factors_chart(network, frame).to_dict()["height"] > 0
    with pytest.raises(
        RecowidgetError, match=r"^an explanation needs user and item factors, and ModelScorer"
    ):
        explain(network, frame, 20, 103)


def test_the_history_that_fit_returns_is_drawn(model: keras.Model, interactions: Interactions) -> None:
    inputs = [interactions.user_idx, interactions.item_idx]
    history = model.fit(inputs, interactions.ratings, epochs=2, verbose=0)
    assert charts.history_chart(history).to_dict() == charts.history_chart(history.history).to_dict()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda _m, _r: splits.random_split([1, 2]), r"not list; Interactions\.from_frame\(df\)"),
        (lambda _m, _r: splits.random_split(None), "not None"),
        (lambda _m, r: splits.random_split(r[["rating"]]), "has no user column"),
        (lambda _m, r: splits.k_fold(splits.random_split(r)), r"not Split; pass split\.interactions"),
        (evaluation.evaluate, r"^a Split is needed, not pandas\.DataFrame"),
        (lambda _m, r: baselines.table(r), "^a Split is needed"),
        (lambda _m, _r: baselines.ItemMean.fit([1]), "not list"),
        (lambda _m, r: baselines.ItemMean.fit(r, [1.5]), "rows must be row numbers"),
        (lambda _m, r: recommend(None, r, 20), r"^what scores must be a Keras model.*not None"),
        (lambda _m, r: recommend(baselines.Popularity, r, 20), "not the class Popularity"),
        (lambda m, _r: recommend(m, [1], 20), "not list"),
        (lambda m, r: recommend(m, r[r["user_id"] > 10], 20), "made for other users: the ratings have 4"),
        (lambda _m, r: recommend(baselines.ItemMean.fit(r[r["movie_id"] > 103]), r, 20), "is of 4 items"),
        (lambda m, _r: fold_in(m, np.array([0]), np.array([3.0])), r"scorer_of\(model, interactions\)"),
        (lambda m, _r: charts.factor_map(m), "give the ratings that it was trained on"),
        (lambda m, _r: charts.factors_chart(m), "give the ratings that it was trained on"),
        (lambda _m, _r: charts.factors_chart([[1.0], [2.0, 3.0]]), "must be numbers of shape"),
        (lambda _m, _r: charts.factor_map((1, 2)), "must be numbers of shape"),
        (lambda m, _r: charts.factor_map(m, (1, 2)), "a tuple of two vocabularies"),
        (lambda _m, r: charts.comparison_chart(r, "b"), "must be numbers of shape"),
        (lambda _m, r: charts.comparison_chart(r, None), "not None"),
    ],
)
def test_what_is_something_else_is_named(
    call: Callable[[Any, Any], Any], message: str, model: keras.Model, frame: pd.DataFrame
) -> None:
    with pytest.raises(RecowidgetError, match=message):
        call(model, frame)


def test_factors_of_fewer_users_are_refused(interactions: Interactions) -> None:
    tables = np.ones((2, 2), np.float32), np.ones((N_ITEMS, 2), np.float32)
    factors = Factors(*tables, np.zeros(2, np.float32), np.zeros(N_ITEMS, np.float32), 0.0)
    with pytest.raises(RecowidgetError, match="is of 2 users, the ratings of 6"):
        recommend(factors, interactions, 20)


# ---- odd values, wherever one is given ------------------------------------------------------------------

ODD: dict[str, Any] = {
    "None": None,
    "negative": -1,
    "nan": float("nan"),
    "text": "x",
    "list": [1, "a"],
    "ragged": [[1], [2, 3]],
    "array": np.ones((2, 2)),
    "series": pd.Series(["a", None]),
    "no rows": pd.DataFrame(),
    "dict": {"a": 1},
    "class": Factors,
    "object": object(),
}


def encoded() -> pd.DataFrame:
    pairs = np.argwhere(np.ones((4, 3)))
    frame = pd.DataFrame({"USER": pairs[:, 0], "ITEM": pairs[:, 1], "RATING": 1.0 + pairs.sum(axis=1)})
    return frame.assign(TIMESTAMP=np.arange(len(frame)), user_id=pairs[:, 0], movie_id=pairs[:, 1])


def calls() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Give each function with arguments that do, those of which the values can be odd."""
    table, ratings = np.ones((4, 2)), encoded()
    read = Interactions.from_frame(ratings)
    split = splits.random_split(read)
    factors = Factors(
        np.ones((4, 2), "f"), np.ones((3, 2), "f"), np.zeros(4, "f"), np.zeros(3, "f"), global_mean=3.0
    )
    ranked = {"recommended": [1, 2], "relevant": [1], "k": 2}
    sizes = {"n_users": 4, "n_items": 3, "n_factors": 2}
    built = {**sizes, "learning_rate": 0.1, "regularization": 0.1, "seed": 0}
    block = {"users": None, "items": None, "n_users": 2, "n_items": 2}
    return {
        "random_split": (splits.random_split, {"interactions": read, "shares": (0.5, 0.5), "seed": 0}),
        "stratified_split": (splits.stratified_split, {"interactions": read, "by": "user"}),
        "chronological_split": (splits.chronological_split, {"interactions": read, "by": "global"}),
        "leave_one_out": (splits.leave_one_out, {"interactions": read, "which": "last", "seed": 0}),
        "k_fold": (splits.k_fold, {"interactions": read, "k": 2, "seed": 0}),
        "predefined_split": (splits.predefined_split, {"interactions": read, "test": [1], "fold": 0}),
        "evaluate": (
            evaluation.evaluate,
            {"scorer": factors, "split": split, "k": 2, "relevant": 3, "part": "test"},
        ),
        "rmse": (evaluation.rmse, {"ratings": [1.0], "predictions": [2.0]}),
        "ndcg_at_k": (evaluation.ndcg_at_k, ranked),
        "coverage": (evaluation.catalogue_coverage, {"recommended": [[1]], "n_items": 2}),
        "baseline": (baselines.DampedBias.fit, {"interactions": read, "rows": None, "damping": 1.0}),
        "recommend": (recommend, {"scorer": factors, "interactions": read, "user": 1, "n": 2, "seen": None}),
        "new user": (recommend, {"scorer": factors, "interactions": read, "user": {1: 3.0}}),
        "similar_items": (similar_items, {"factors": factors, "interactions": read, "item": 1, "n": 1}),
        "metric": (similar_users, {"factors": factors, "interactions": read, "user": 1, "metric": "dot"}),
        "explain": (explain, {"factors": factors, "interactions": read, "user": 1, "item": 1}),
        "fold_in": (fold_in, {"factors": factors, "item_idx": [1], "ratings": [3.0], "regularization": 1.0}),
        "interactions_chart": (charts.interactions_chart, {"ratings": read, **block, "rating_scale": None}),
        "split_chart": (charts.split_chart, {"split": split, **block}),
        "history_chart": (
            charts.history_chart,
            {"history": {"loss": [2.0, 1.0]}, "baselines": None, "metrics": None},
        ),
        "factors_chart": (
            charts.factors_chart,
            {"factors": table, "interactions": None, "side": "user", "n": 2, "bound": 1.0},
        ),
        "factor_map": (charts.factor_map, {"factors": factors, "interactions": read, "reference": None}),
        "comparison_chart": (charts.comparison_chart, {"ratings": read, "predictions": factors}),
        "architecture_chart": (charts.architecture_chart, {"model": workshop.ExplicitMF(**sizes)}),
        "SampleData": (workshop.SampleData, dict.fromkeys(("users", "items", "ratings"), ratings)),
        "EncodeUserItem": (
            workshop.EncodeUserItem,
            {
                "df": ratings[["user_id", "movie_id", "RATING", "TIMESTAMP"]],
                "user_col": "user_id",
                "item_col": "movie_id",
                "rating_col": "RATING",
                "time_col": "TIMESTAMP",
            },
        ),
        "RandomSplit": (workshop.RandomSplit, {"df": ratings, "ratios": [0.5, 0.5], "seed": 0}),
        "StratifiedSplit": (workshop.StratifiedSplit, {"df": ratings, "ratios": [0.5, 0.5], "by": "USER"}),
        "ChronoSplit": (workshop.ChronoSplit, {"df": ratings, "ratios": [0.5, 0.5], "by": "ITEM"}),
        "InteractionVis": (workshop.InteractionVis, {"df": ratings}),
        "TrainTestVis": (workshop.TrainTestVis, {"train": ratings[:6], "test": ratings[6:]}),
        "MetricsVis": (workshop.MetricsVis, {"history": {"loss": [2.0, 1.0]}}),
        "EmbeddingVis": (workshop.EmbeddingVis, {"embedding": table, "n_factors": 2, "name": "USER"}),
        "SimilarityVis": (workshop.SimilarityVis, {"item_embedding": table, "user_embedding": table}),
        "ExplicitMF": (workshop.ExplicitMF, sizes),
        "UserEmbedding": (
            workshop.UserEmbedding,
            {"model": workshop.ExplicitMF(**sizes), "name": "UserEmbedding"},
        ),
        "GetRankingTopK": (
            workshop.GetRankingTopK,
            {"model": workshop.ExplicitMF(**sizes), "data": ratings, "train": ratings[:3], "k": 1},
        ),
        "GetSimilar": (workshop.GetSimilar, {"embedding": table, "k": 1, "metric": "dot"}),
        "biased_mf": (biased_mf, {**built, "global_mean": 3.0, "rating_range": None, "item_features": None}),
        "deep_mf": (deep_mf, {**built, "hidden": (4,), "dropout": 0.1}),
    }


CALLS = calls()


@pytest.mark.parametrize("name", CALLS)
def test_an_odd_argument_is_taken_or_refused_by_an_error_of_ours(name: str) -> None:
    call, arguments = CALLS[name]
    call(**arguments)
    refused = 0
    for argument in arguments:
        for odd in ODD.values():
            try:
                call(**{**arguments, argument: odd})
            except RecowidgetError:
                refused += 1
    assert refused >= len(ODD) / 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", "b"], r'^USER of df has "a" \(first at row 0\), and must hold indices'),
        ([0.0, 1.5], r"^USER of df has 1\.5 \(first at row 1\)"),
        ([0, -1], r"^USER of df has -1"),
        ([0.0, np.nan], "no USER"),
    ],
)
def test_the_workshop_splits_by_indices_only(values: list[Any], message: str) -> None:
    frame = pd.DataFrame({"USER": values, "ITEM": [0, 1]})
    with pytest.raises(RecowidgetError, match=message):
        workshop.StratifiedSplit(frame, [0.5, 0.5])
    whole = pd.DataFrame({"USER": [5.0, 5.0], "ITEM": [0, 1]})
    train, test = workshop.StratifiedSplit(whole, [0.5, 0.5])
    assert (len(train), len(test)) == (1, 1)
