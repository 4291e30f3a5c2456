"""The models as Keras models: one contract for all."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recowidget.backend import load_keras
from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.feeding import find_feed
from recowidget.models import MODELS, initial_factors
from recowidget.reader import ModelReader
from recowidget.tables import Tables, find_tables, read_factors
from recowidget.targets import Targets, targets_of

if TYPE_CHECKING:
    from pathlib import Path

N_USERS, N_ITEMS = 7, 11
keras = load_keras()


WITH_FEATURES = sorted(
    name for name, kind in MODELS.items() if "item_features" in inspect.signature(kind.build).parameters
)


@pytest.fixture(params=sorted(MODELS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def every_pair() -> tuple[np.ndarray, np.ndarray]:
    users, items = np.divmod(np.arange(N_USERS * N_ITEMS, dtype=np.int32), N_ITEMS)
    return users, items


def build(name: str, **settings: Any) -> keras.Model:
    return MODELS[name].build(N_USERS, N_ITEMS, n_factors=3, global_mean=3.5, **settings)


def targets_for(name: str) -> np.ndarray:
    """What a model may be trained on, for every pair."""
    users, items = every_pair()
    return (users * items) % 2.0 if MODELS[name].is_implicit else 1.0 + (users * items) % 5


def predicted_by(model: keras.Model) -> np.ndarray:
    """What the model's output stands for, for every pair: of log-odds probabilities."""
    output = model.predict(list(every_pair()), verbose=0)[:, 0]
    return np.asarray(1 / (1 + np.exp(-output)) if getattr(model.loss, "from_logits", False) else output)


def reader_of(model: keras.Model, targets: Targets | None = None) -> ModelReader:
    known = targets_of(model, targets or Targets())
    return ModelReader(model, find_feed(model), known, N_USERS, N_ITEMS, every_pair())


def scramble(model: keras.Model) -> None:
    """Give the model weights that all count."""
    rng = np.random.default_rng(0)
    model.set_weights([rng.standard_normal(weights.shape) for weights in model.get_weights()])


def test_predicts_its_factors_and_biases_if_that_is_what_it_is(name: str) -> None:
    model = build(name)
    scramble(model)
    users, items = every_pair()
    assert model.predict([users, items], verbose=0).shape == (len(users), 1)
    scorer = reader_of(model).read()
    np.testing.assert_allclose(scorer.predict(users, items), predicted_by(model), rtol=1e-5, atol=1e-5)
    assert isinstance(scorer, Factors) == MODELS[name].is_dot_product


def test_what_was_read_stays_and_can_be_put_back(name: str) -> None:
    model = build(name, learning_rate=0.1)
    users, items = every_pair()
    reader = reader_of(model)
    before = reader.read()
    predicted = before.predict(users, items)
    model.fit([users, items], targets_for(name), epochs=3, verbose=0)
    after = reader.read().predict(users, items)
    assert np.abs(after - predicted).max() > 0.1
    np.testing.assert_array_equal(before.predict(users, items), predicted)
    reader.write(before)
    np.testing.assert_allclose(predicted_by(model), predicted, atol=1e-5)


def test_nonnegative_factors_stay_so_in_training() -> None:
    model = build("nonnegative_mf", learning_rate=0.1)
    users, items = every_pair()
    model.fit([users, items], 1.0 + (users * items) % 5, epochs=20, batch_size=8, verbose=0)
    factors = read_factors(model, find_tables(model, N_USERS, N_ITEMS))
    assert factors is not None
    assert min(factors.user_factors.min(), factors.item_factors.min()) == 0
    assert min(factors.user_bias.min(), factors.item_bias.min()) < 0


def test_biased_mf_can_be_squashed_into_the_rating_range() -> None:
    model = MODELS["biased_mf"].build(N_USERS, N_ITEMS, n_factors=3, global_mean=3.5, rating_range=(0.5, 5.0))
    users, items = every_pair()
    assert np.abs(model.predict([users, items], verbose=0) - 3.5).max() < 0.1
    scramble(model)
    predicted = model.predict([users, items], verbose=0)
    assert 0.5 <= predicted.min() < 1.5
    assert 4 < predicted.max() <= 5.0
    factors = reader_of(model).read()
    assert isinstance(factors, Factors)
    assert factors.rating_range == (0.5, 5.0)
    np.testing.assert_allclose(factors.predict(users, items), predicted[:, 0], atol=1e-5)


def test_squashed_it_trains_as_it_is_called() -> None:
    users, items = every_pair()
    model = MODELS["biased_mf"].build(N_USERS, N_ITEMS, rating_range=(1, 5), learning_rate=0.05)
    history = model.fit([users, items], 1.0 + (users * items) % 5, epochs=30, batch_size=8, verbose=0)
    assert history.history["loss"][-1] < 0.8 * history.history["loss"][0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"rating_range": (5, 1)},
            r"rating_range must be the lowest and the highest rating, .* not \(5, 1\)",
        ),
        ({"rating_range": (3, 3)}, "rating_range must be"),
        ({"rating_range": 3}, "rating_range must be"),
        ({"rating_range": (1, 5), "global_mean": 0.5}, "global_mean is 0.5, outside of rating_range, 1 to 5"),
    ],
)
def test_a_range_that_is_none_is_an_error(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        MODELS["biased_mf"].build(N_USERS, N_ITEMS, **settings)


def test_logits_are_read_as_what_they_stand_for() -> None:
    model = seeds_model(N_USERS, N_ITEMS, 2)
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), optimizer="adam")
    scramble(model)
    users, items = every_pair()
    factors = reader_of(model).read()
    assert isinstance(factors, Factors)
    assert factors.rating_range == (0, 1)
    model.compile(loss=[keras.losses.BinaryCrossentropy(from_logits=True)], optimizer="adam")
    assert reader_of(model).read().rating_range == (0, 1)
    log_odds = model.predict([users, items], verbose=0)[:, 0]
    np.testing.assert_allclose(factors.predict(users, items), 1 / (1 + np.exp(-log_odds)), atol=1e-5)
    stars = reader_of(model, Targets(lambda share: 1 + 4 * share, lambda rating: (rating - 1) / 4)).read()
    np.testing.assert_allclose(stars.predict(users, items), 1 + 4 * factors.predict(users, items), atol=1e-5)


def test_starts_from_the_factors_drawn_without_tensorflow(name: str) -> None:
    start = initial_factors(name, N_USERS, N_ITEMS, n_factors=3, seed=5, global_mean=3.5)
    model = build(name, seed=5)
    built = read_factors(model, find_tables(model, N_USERS, N_ITEMS))
    assert built is not None
    for field in ("user_factors", "item_factors", "user_bias", "item_bias", "global_mean"):
        drawn = getattr(start, field)
        # A model with room for more has zeros there.
        there = tuple(slice(0, n) for n in np.shape(drawn))
        np.testing.assert_array_equal(np.asarray(getattr(built, field))[there], drawn)
        assert np.sum(np.abs(getattr(built, field))) == pytest.approx(np.sum(np.abs(drawn)))


@pytest.mark.parametrize(
    ("name", "mean"),
    [
        (name, mean)
        for name, kind in sorted(MODELS.items())
        for mean in ((0.2, 0.7) if kind.is_implicit else (3.5, 0.0, -5.0))
    ],
)
def test_untrained_it_predicts_the_global_mean_but_for_noise(name: str, mean: float) -> None:
    start = initial_factors(name, 500, 500, n_factors=8, seed=0, global_mean=mean)
    predictions = start.predict_block(np.arange(500), np.arange(500))
    assert abs(predictions.mean() - mean) < 0.05
    assert predictions.std() < 0.5


def test_seed_decides_the_start(name: str) -> None:
    draws = [
        initial_factors(name, N_USERS, N_ITEMS, n_factors=3, seed=seed).user_factors for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_is_compiled_and_fit_lowers_its_loss(name: str) -> None:
    model = build(name, learning_rate=0.01)
    users, items = every_pair()
    history = model.fit([users, items], targets_for(name), epochs=20, batch_size=8, verbose=0)
    assert history.history["loss"][-1] < 0.8 * history.history["loss"][0]


def test_regularization_penalises_the_rows_of_the_batch_whatever_its_size(name: str) -> None:
    model = build(name, regularization=0.5)
    tables = [layer for layer in model.layers if isinstance(layer, keras.layers.Embedding)]
    users, items = every_pair()
    squares = sum(
        (table.get_weights()[0][users if table.input_dim == N_USERS else items] ** 2).sum(1)
        for table in tables
    )
    # A loss that is 0 where predictions are right, which cross-entropy isn't.
    model.compile(loss="mean_squared_error", optimizer="adam")
    for rows in (slice(0, 5), slice(0, 60)):
        targets = model.predict([users[rows], items[rows]], verbose=0)
        loss = model.evaluate([users[rows], items[rows]], targets, batch_size=1000, verbose=0)
        assert loss == pytest.approx(0.5 * squares[rows].mean(), rel=1e-4)


def test_a_saved_model_loads_with_keras_alone(name: str, tmp_path: Path) -> None:
    model = build(name)
    model.save(tmp_path / "model.keras")
    users, items = every_pair()
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(
        loaded.predict([users, items], verbose=0), model.predict([users, items], verbose=0), atol=1e-6
    )


@pytest.mark.parametrize(
    ("name", "features"),
    [("implicit_mf", np.eye(N_ITEMS, 3)), ("nonnegative_mf", None)],
    ids=["loss and features", "constraint"],
)
def test_a_saved_model_loads_where_recowidget_is_not(
    name: str, features: np.ndarray | None, tmp_path: Path
) -> None:
    model = build(name, item_features=features)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "expected.npy", model.predict(list(every_pair()), verbose=0))
    script = f"""
import sys
sys.modules["recowidget"] = None
import keras, numpy as np
model = keras.saving.load_model("model.keras", safe_mode=True)
users, items = np.divmod(np.arange({N_USERS * N_ITEMS}), {N_ITEMS})
np.testing.assert_allclose(model.predict([users, items], verbose=0), np.load("expected.npy"), atol=1e-6)
model.fit([users, items], np.zeros(len(users)), verbose=0)
"""
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, timeout=120)


def test_its_summary_names_its_tables(name: str) -> None:
    lines: list[str] = []
    model = build(name, **({"item_features": np.eye(N_ITEMS, 3)} if name in WITH_FEATURES else {}))
    model.summary(print_fn=lines.append)
    text = "\n".join(lines)
    assert all(table in text for table in ("user_factors", "item_factors"))
    assert ("item_features" in text) == (name in WITH_FEATURES)
    assert f"Non-trainable params: {N_ITEMS * 3 if name in WITH_FEATURES else 0} " in text


def test_keras_plots_it(name: str, tmp_path: Path) -> None:
    if shutil.which("dot") is None:
        pytest.skip("needs Graphviz, which `make test` installs")
    keras.utils.plot_model(build(name), tmp_path / "model.png", show_shapes=True)
    assert (tmp_path / "model.png").read_bytes().startswith(b"\x89PNG")


# ---- features of items ----------------------------------------------------------------------------------

FEATURES = (np.arange(N_ITEMS * 2).reshape(N_ITEMS, 2) % 3 == 0).astype(np.float32)


def with_features(name: str, **settings: Any) -> keras.Model:
    return build(name, item_features=FEATURES, **settings)


@pytest.mark.parametrize("name", WITH_FEATURES)
def test_untrained_features_add_nothing(name: str) -> None:
    np.testing.assert_array_equal(predicted_by(with_features(name)), predicted_by(build(name)))


@pytest.mark.parametrize("name", WITH_FEATURES)
def test_factors_are_those_that_the_model_multiplies(name: str) -> None:
    model = with_features(name, learning_rate=0.05)
    model.fit(list(every_pair()), targets_for(name), epochs=5, verbose=0)
    kernel = model.get_layer("item_factors_of_features").get_weights()[0]
    assert np.abs(kernel).max() > 0.01
    np.testing.assert_array_equal(model.get_layer("item_features").get_weights()[0], FEATURES)
    scorer = reader_of(model).read()
    assert isinstance(scorer, Factors) == MODELS[name].is_dot_product
    np.testing.assert_allclose(scorer.predict(*every_pair()), predicted_by(model), atol=1e-5)
    own = model.get_layer("item_factors").get_weights()[0]
    np.testing.assert_allclose(scorer.item_factors, own + FEATURES @ kernel, atol=1e-6)


@pytest.mark.parametrize("name", WITH_FEATURES)
def test_factors_can_be_put_back_beside_features(name: str) -> None:
    model = with_features(name, learning_rate=0.05)
    pairs, reader = list(every_pair()), reader_of(model)
    model.fit(pairs, targets_for(name), epochs=3, verbose=0)
    before, predicted = reader.read(), predicted_by(model)
    model.fit(pairs, targets_for(name), epochs=3, verbose=0)
    assert np.abs(predicted_by(model) - predicted).max() > 0.01
    reader.write(before)
    np.testing.assert_allclose(predicted_by(model), predicted, atol=1e-5)


def test_nonnegative_factors_stay_so_beside_features() -> None:
    model = with_features("nonnegative_mf", learning_rate=0.1)
    model.fit(list(every_pair()), targets_for("nonnegative_mf"), epochs=10, batch_size=8, verbose=0)
    factors = reader_of(model).read()
    assert factors.item_factors is not None
    assert factors.item_factors.min() >= 0


@pytest.mark.parametrize(
    ("name", "features", "message"),
    [
        ("biased_mf", FEATURES[1:], r"a row for each of the 11 items .* not shape \(10, 2\)"),
        ("biased_mf", FEATURES[:, 0], r"not shape \(11,\)"),
        ("biased_mf", FEATURES * np.nan, "item_features must be finite numbers"),
        ("nonnegative_mf", -FEATURES, "nonnegative_mf takes no negative features"),
    ],
)
def test_features_that_do_not_fit(name: str, features: np.ndarray, message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        build(name, item_features=features)


def test_the_seeds_model_has_32_parameters() -> None:
    assert MODELS["explicit_mf"].build(10, 6, n_factors=2).count_params() == 32


def seeds_model(n_users: int, n_items: int, n_factors: int, *, activation: str | None = None) -> keras.Model:
    """The workshop's own ExplicitMF, as somebody would write it."""
    item, user = keras.Input([1], name="Item"), keras.Input([1], name="User")
    item_vector = keras.layers.Flatten()(
        keras.layers.Embedding(n_items, n_factors, name="ItemEmbedding")(item)
    )
    user_vector = keras.layers.Flatten()(
        keras.layers.Embedding(n_users, n_factors, name="UserEmbedding")(user)
    )
    rating = keras.layers.Dot(axes=1)([item_vector, user_vector])
    if activation:
        rating = keras.layers.Activation(activation)(rating)
    model = keras.Model([user, item], rating, name="ExplicitMF")
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def test_tables_of_another_model_are_found_by_size() -> None:
    tables = find_tables(seeds_model(N_USERS, N_ITEMS, 2), N_USERS, N_ITEMS)
    assert (tables.user_factors, tables.item_factors) == ("UserEmbedding", "ItemEmbedding")
    assert (tables.user_bias, tables.item_bias) == (None, None)


def test_an_embedding_called_as_our_features_is_a_table_where_it_is_trained() -> None:
    model = keras.Sequential([keras.Input([2]), keras.layers.Embedding(N_ITEMS, 2, name="item_features")])
    assert find_tables(model, N_USERS, N_ITEMS).item_factors == "item_features"
    model.get_layer("item_features").trainable = False
    assert find_tables(model, N_USERS, N_ITEMS).item_factors is None


def test_a_telling_name_decides_where_sizes_do_not() -> None:
    tables = find_tables(seeds_model(8, 8, 2), 8, 8)
    assert (tables.user_factors, tables.item_factors) == ("UserEmbedding", "ItemEmbedding")


def test_tables_that_cannot_be_told_apart_are_asked_for_by_name() -> None:
    model = keras.Sequential(
        [keras.Input([2]), keras.layers.Embedding(8, 2, name="a"), keras.layers.Embedding(8, 2, name="b")]
    )
    with pytest.raises(
        RecowidgetError,
        match=r'2 Embedding layers of 8 rows .* a 8 x 2, b 8 x 2\); name .* as user_embedding="a"$',
    ):
        find_tables(model, 8, 8)
    named = find_tables(model, 8, 8, user_embedding="b", item_embedding="a")
    assert (named.user_factors, named.item_factors) == ("b", "a")
    with pytest.raises(RecowidgetError, match=r'has no Embedding layer "c", which user_embedding names'):
        find_tables(model, 8, 8, user_embedding="c", item_embedding="a")
    with pytest.raises(
        RecowidgetError, match=r'"a", which item_embedding names, has 8 rows, and there are 9'
    ):
        find_tables(model, 8, 9, user_embedding="b", item_embedding="a")
    with pytest.raises(RecowidgetError, match='both name "a"'):
        find_tables(model, 8, 8, user_embedding="a", item_embedding="a")
    assert find_tables(model, 8, 8, user_embedding="a").item_factors == "b"


def test_a_model_without_tables_has_none() -> None:
    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])
    tables = find_tables(model, N_USERS, N_ITEMS)
    assert tables == Tables()
    assert read_factors(model, tables) is None
