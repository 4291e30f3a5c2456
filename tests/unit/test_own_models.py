"""Keras models of the user's own: whatever their inputs, their loss and the scale of their targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import recowidget as rw
from recowidget.backend import load_keras
from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.feeding import find_feed
from recowidget.interactions import Interactions
from recowidget.models import biased_mf
from recowidget.run import Run
from recowidget.scoring import ModelScorer
from recowidget.settings import Settings
from recowidget.targets import make_targets

if TYPE_CHECKING:
    from collections.abc import Callable

N_USERS, N_ITEMS = 20, 30
keras = load_keras()
layers = keras.layers


@pytest.fixture(scope="module")
def interactions() -> Interactions:
    rng = np.random.default_rng(0)
    pairs = pd.DataFrame({"user": rng.integers(0, N_USERS, 500), "item": rng.integers(0, N_ITEMS, 500)})
    pairs = pd.concat([pairs, pd.DataFrame({"user": np.arange(30) % N_USERS, "item": np.arange(30)})])
    pairs = pairs.drop_duplicates()
    pairs["rating"] = 1.0 + (pairs["user"] + pairs["item"]) % 5
    return Interactions.from_frame(pairs)


def compiled(model: keras.Model, loss: Any = "mse") -> keras.Model:
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    return model


def on_top(user: Any, item: Any) -> Any:
    """More than a dot product."""
    both = layers.Concatenate()(
        [
            layers.Flatten()(layers.Embedding(N_USERS, 4, name="u")(user)),
            layers.Flatten()(layers.Embedding(N_ITEMS, 4, name="i")(item)),
        ]
    )
    return layers.Dense(1)(layers.Dropout(0.1)(layers.Dense(8, activation="relu")(both)))


def pair(first: str, second: str, *, swapped: bool = False, shape: tuple[int, ...] = (1,)) -> keras.Model:
    inputs = [keras.Input(shape, name=first), keras.Input(shape, name=second)]
    user, item = inputs[::-1] if swapped else inputs
    if not shape:
        user, item = (layers.Reshape([1])(one) for one in (user, item))
    return compiled(keras.Model(inputs, on_top(user, item)))


def dictionary() -> keras.Model:
    inputs = {"film": keras.Input((1,), name="film"), "viewer": keras.Input((1,), name="viewer")}
    return compiled(keras.Model(inputs, on_top(inputs["viewer"], inputs["film"])))


def columns() -> keras.Model:
    both = keras.Input((2,), dtype="int32")
    return compiled(keras.Model(both, on_top(both[:, :1], both[:, 1:])))


def sequential() -> keras.Model:
    return compiled(
        keras.Sequential(
            [keras.Input((2,)), layers.Rescaling(1 / 30), layers.Dense(8, "relu"), layers.Dense(1)]
        )
    )


class Subclassed(keras.Model):
    def __init__(self, take: Callable[[Any], tuple[Any, Any]], n_dimensions: int = 2) -> None:
        super().__init__()
        self.take = take
        self.n_dimensions = n_dimensions
        self.users, self.items = layers.Embedding(N_USERS, 4), layers.Embedding(N_ITEMS, 4)
        self.top = layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        if isinstance(inputs, list) and len(inputs[0].shape) != self.n_dimensions:
            raise ValueError("another shape is wanted")
        user, item = self.take(inputs)
        return self.top(layers.concatenate([self.users(user)[:, 0], self.items(item)[:, 0]]))


def dot_of(user: Any, item: Any) -> Any:
    user_vector, item_vector = (
        layers.Flatten()(layers.Embedding(n, 4, name=name)(index))
        for n, name, index in ((N_USERS, "users", user), (N_ITEMS, "items", item))
    )
    return layers.Dot(1)([user_vector, item_vector]), layers.Concatenate()([user_vector, item_vector])


def on_dot(finish: Callable[[Any, Any, Any, Any], Any]) -> keras.Model:
    user, item = keras.Input((1,), name="user"), keras.Input((1,), name="item")
    dot, both = dot_of(user, item)
    return compiled(keras.Model([user, item], finish(dot, both, user, item)))


def zero_headed() -> keras.Model:
    return on_dot(
        lambda dot, both, _user, _item: layers.Add()(
            [dot, layers.Dense(1, kernel_initializer="zeros")(layers.Dense(8, "relu")(both))]
        )
    )


def normalised() -> keras.Model:
    return on_dot(lambda dot, _both, _user, _item: layers.BatchNormalization()(dot))


def two_biases() -> keras.Model:
    def bias(item: Any) -> Any:
        return layers.Flatten()(layers.Embedding(N_ITEMS, 1, embeddings_initializer="zeros")(item))

    return on_dot(lambda dot, _both, _user, item: layers.Add()([dot, bias(item), bias(item)]))


class WithConstant(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.users, self.items = layers.Embedding(N_USERS, 4), layers.Embedding(N_ITEMS, 4)
        self.constant = self.add_weight(shape=(), initializer="zeros", name="constant")

    def call(self, inputs: Any) -> Any:
        user, item = inputs
        product = self.users(user)[:, 0] * self.items(item)[:, 0]
        return keras.ops.sum(product, axis=-1, keepdims=True) + self.constant


class Keyed(Subclassed):
    """With keys of its own, which only a call tells."""

    def __init__(self) -> None:
        super().__init__(lambda x: (x["reader"], x["book"]))


def fitted_by_keys() -> keras.Model:
    model = compiled(Keyed())
    model({"reader": np.zeros((1, 1), np.int32), "book": np.zeros((1, 1), np.int32)})
    return model


def cast_columns(x: Any) -> tuple[Any, Any]:
    x = keras.ops.cast(x, "int32")
    return x[:, 0, None], x[:, 1, None]


MODELS: dict[str, tuple[Callable[[], keras.Model], str, bool]] = {
    "two inputs": (lambda: pair("user", "item"), "pair", True),
    "two inputs, item first by name": (lambda: pair("movie_id", "user_id", swapped=True), "pair", False),
    "two inputs without telling names": (lambda: pair("a", "b"), "pair", True),
    "two scalar inputs": (lambda: pair("user", "item", shape=()), "pair", True),
    "a dict": (dictionary, "dict", True),
    "two columns": (columns, "columns", True),
    "sequential": (sequential, "columns", True),
    "subclassed, a pair": (lambda: compiled(Subclassed(lambda x: (x[0], x[1]))), "pair", True),
    "subclassed, columns": (lambda: compiled(Subclassed(lambda x: (x[:, :1], x[:, 1:]))), "columns", True),
    "subclassed, columns that it casts": (lambda: compiled(Subclassed(cast_columns)), "columns", True),
    "subclassed, a dict of ids": (
        lambda: compiled(Subclassed(lambda x: (x["user_id"], x["movie_id"]))),
        "dict",
        True,
    ),
    "subclassed, a dict of its own keys": (fitted_by_keys, "dict", True),
    "subclassed, two vectors": (
        lambda: compiled(Subclassed(lambda x: (x[0][:, None], x[1][:, None]), n_dimensions=1)),
        "pair",
        True,
    ),
    "a dot product and what begins as zeros": (zero_headed, "pair", True),
    "a dot product and a constant that is learned": (lambda: compiled(WithConstant()), "pair", True),
    "a dot product, normalised": (normalised, "pair", True),
    "a dot product and two biases of a side": (two_biases, "pair", True),
    "subclassed, a dict": (lambda: compiled(Subclassed(lambda x: (x["user"], x["item"]))), "dict", True),
}


@pytest.fixture(params=MODELS)
def case(request: pytest.FixtureRequest) -> tuple[keras.Model, str, bool]:
    build, form, user_first = MODELS[request.param]
    return build(), form, user_first


def test_the_form_of_the_inputs_is_found(case: tuple[keras.Model, str, bool]) -> None:
    model, form, user_first = case
    feed = find_feed(model)
    assert (feed.form, feed.user_first) == (form, user_first)


def test_it_trains_and_predicts_what_keras_predicts(
    case: tuple[keras.Model, str, bool], interactions: Interactions
) -> None:
    model, _, _ = case
    run = Run(interactions, Settings(model=model, batch_size=16, epochs=4))
    run.train()
    run.wait(60)
    history = run.history.frame()
    assert history["train_mse"].iloc[-1] < history["train_mse"].iloc[0]
    users, items = interactions.user_idx[:20, None], interactions.item_idx[:20, None]
    expected = np.asarray(model(find_feed(model).inputs(users, items), training=False)).reshape(-1, 1)
    ids = interactions.users.ids[users[:, 0]], interactions.items.ids[items[:, 0]]
    np.testing.assert_allclose(run.predict(*ids), expected[:, 0], atol=1e-5)
    assert len(run.predictions()) == interactions.n_users * interactions.n_items
    before = history["test_mse"].tolist()
    run.trainer.reset().wait(10)
    assert run.history.frame()["test_mse"].tolist() == before[:1]
    run.trainer.close()


def test_embeddings_are_found_where_there_are_some(interactions: Interactions) -> None:
    run = Run(interactions, Settings(model=pair("user", "item")))
    run.build()
    assert isinstance(run.scorer, ModelScorer)
    assert run.embedding("user").shape == (N_USERS, 4)
    assert run.embedding("item").shape == (N_ITEMS, 4)
    with pytest.raises(RecowidgetError, match="is no dot product"):
        _ = run.factors
    without = Run(interactions, Settings(model=sequential()))
    without.build()
    with pytest.raises(RecowidgetError, match="has no Embedding layer of 20 rows for the users' factors"):
        without.embedding("user")


def test_of_several_embeddings_one_is_named(interactions: Interactions) -> None:
    """Two towers a side, as neural matrix factorisation has them."""
    user, item = keras.Input((1,), name="user"), keras.Input((1,), name="item")
    vectors = [
        layers.Flatten()(layers.Embedding(rows, k, name=f"{kind}_{side}")(index))
        for kind, k in (("mf", 3), ("mlp", 5))
        for side, rows, index in (("user", N_USERS, user), ("item", N_ITEMS, item))
    ]
    both = layers.Concatenate()([layers.Multiply()(vectors[:2]), *vectors[2:]])
    model = compiled(keras.Model([user, item], layers.Dense(1)(both)))
    with pytest.raises(RecowidgetError, match='name the right one, as user_embedding="mf_user"'):
        Run(interactions, Settings(model=model)).build()
    run = Run(interactions, Settings(model=model, user_embedding="mlp_user", item_embedding="mf_item"))
    run.build()
    assert run.embedding("user").shape == (N_USERS, 5)
    assert run.embedding("item").shape == (N_ITEMS, 3)
    with pytest.raises(RecowidgetError, match="user_embedding must be the name of an Embedding layer, not 3"):
        Settings(model=model, user_embedding=3)


def test_a_model_trained_elsewhere_is_evaluated_and_asked(interactions: Interactions) -> None:
    model = pair("user", "item")
    inputs = [interactions.user_idx, interactions.item_idx]
    model.fit(inputs, interactions.ratings, epochs=3, verbose=0)
    scorer = rw.scorer_of(model, interactions)
    expected = model.predict(inputs, verbose=0)[:, 0]
    np.testing.assert_allclose(scorer.predict(*inputs), expected, atol=1e-5)
    split = rw.splits.random_split(interactions)
    assert 0 <= rw.evaluation.evaluate(scorer, split, k=3)["ndcg"] <= 1
    assert len(rw.recommend.recommend(scorer, interactions, [0, 1], n=3)) == 6
    assert len(rw.recommend.similar_items(scorer, interactions, 3, n=4)) == 4
    shifted = rw.scorer_of(model, interactions, to_rating=lambda output: output + 1)
    np.testing.assert_allclose(shifted.predict(*inputs), expected + 1, atol=1e-5)


def test_a_model_of_a_loss_and_scale_of_its_own(interactions: Interactions) -> None:
    """Ratings 1 to 5 as probabilities, with cross-entropy."""
    user, item = keras.Input((1,), name="user"), keras.Input((1,), name="item")
    model = compiled(
        keras.Model([user, item], layers.Activation("sigmoid")(on_top(user, item))), "binary_crossentropy"
    )
    run = Run(
        interactions, Settings(model=model, batch_size=16, epochs=10, to_rating=lambda share: 1 + 4 * share)
    )
    run.train()
    run.wait(60)
    predictions = run.predictions()["prediction"]
    assert 1 <= predictions.min() < predictions.max() <= 5
    history = run.history.frame()
    assert history["train_rmse"].iloc[-1] < history["train_rmse"].iloc[0] < 3


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            lambda: compiled(keras.Model(*(2 * [keras.Input((3,), name="x")]))),
            "has 1 inputs .* must take a user",
        ),
        (lambda: compiled(Subclassed(lambda x: (x["no"], x))), "could be called neither with .user, item."),
        (
            lambda: compiled(keras.Sequential([keras.Input((2,)), layers.Dense(3)])),
            "gives 771 numbers for 257 .* one prediction a pair",
        ),
    ],
)
def test_a_model_that_takes_or_gives_something_else_says_so(
    interactions: Interactions, model: Callable[[], keras.Model], message: str
) -> None:
    with pytest.raises(RecowidgetError, match=message):
        Run(interactions, Settings(model=model())).build()


@pytest.mark.parametrize(("slope", "intercept"), [(4.5, 0.5), (-2.0, 6.0)])
def test_a_dot_product_on_another_scale_stays_one(
    interactions: Interactions, slope: float, intercept: float
) -> None:
    model = compiled(biased_mf(N_USERS, N_ITEMS, n_factors=3, global_mean=0.4))
    rng = np.random.default_rng(1)
    model.set_weights([rng.standard_normal(one.shape) for one in model.get_weights()])

    def to_rating(output: Any) -> Any:
        return slope * output + intercept

    factors = rw.scorer_of(model, interactions, to_rating=to_rating)
    assert isinstance(factors, Factors)
    inputs = [interactions.user_idx, interactions.item_idx]
    expected = to_rating(model.predict(inputs, verbose=0)[:, 0])
    np.testing.assert_allclose(factors.predict(*inputs), expected, rtol=1e-4, atol=1e-4)
    terms = rw.recommend.explain(factors, interactions, 1, 2)
    assert terms["product"].sum() == pytest.approx(float(factors.predict(1, 2)[0]), abs=1e-4)
    assert len(rw.recommend.recommend(factors, interactions, {3: 5.0}, n=2)) == 2

    run = Run(interactions, Settings(model=model, batch_size=32, epochs=1, to_rating=to_rating))
    run.build()
    weights = [one.copy() for one in model.get_weights()]
    reader = run.trainer.engine._reader
    kept = reader.read()
    model.set_weights([one + 1 for one in weights])
    reader.write(kept)
    for one, other in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_clipped_line_is_no_dot_product(interactions: Interactions) -> None:
    model = compiled(biased_mf(N_USERS, N_ITEMS, n_factors=3))
    clipped = rw.scorer_of(model, interactions, to_rating=lambda output: np.clip(5 * output, 0, 5))
    assert isinstance(clipped, ModelScorer)


def test_a_loss_of_the_users_own_may_say_that_it_takes_log_odds(interactions: Interactions) -> None:
    def loss(truth: Any, log_odds: Any) -> Any:
        return keras.ops.binary_crossentropy(truth, log_odds, from_logits=True)

    loss.from_logits = True  # type: ignore[attr-defined]
    model = compiled(biased_mf(N_USERS, N_ITEMS, n_factors=3), loss)
    run = Run(interactions, Settings(model=model, epochs=3, to_rating=lambda share: 1 + 4 * share))
    run.train()
    run.wait(60)
    assert isinstance(run.scorer, Factors)
    assert run.scorer.rating_range == (1, 5)
    predictions = run.predictions()["prediction"]
    assert 1 <= predictions.min() < predictions.max() <= 5


class ItemFirst(keras.Model):
    """Says in the names of its tables alone that the item comes first."""

    def __init__(self, n_users: int, n_items: int, take: Callable[[Any], tuple[Any, Any]]) -> None:
        super().__init__()
        self.take = take
        self.users = layers.Embedding(n_users, 3, name="user_table")
        self.items = layers.Embedding(n_items, 3, name="item_table")
        self.top = layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        item, user = self.take(inputs)
        vectors = [layers.Flatten()(self.items(item)), layers.Flatten()(self.users(user))]
        return self.top(layers.concatenate(vectors))


def unnamed_item_first(n_users: int, n_items: int) -> keras.Model:
    item, user = keras.Input((1,), name="a"), keras.Input((1,), name="b")
    user_vector, item_vector = (
        layers.Flatten()(layers.Embedding(n, 3, name=f"{side}_table")(index))
        for n, side, index in ((n_users, "user", user), (n_items, "item", item))
    )
    return keras.Model([item, user], layers.Dot(1)([user_vector, item_vector]))


@pytest.mark.parametrize("n_items", [9, 12])
@pytest.mark.parametrize(
    "build",
    [
        lambda n_users, n_items: ItemFirst(n_users, n_items, tuple),
        lambda n_users, n_items: ItemFirst(n_users, n_items, lambda both: (both[:, 0], both[:, 1])),
        unnamed_item_first,
    ],
    ids=["pair", "columns", "functional"],
)
def test_a_model_that_takes_the_item_first_is_told_by_its_tables(
    build: Callable[[int, int], keras.Model], n_items: int
) -> None:
    pairs = np.argwhere(np.ones((9, n_items)))
    frame = pd.DataFrame({"user": pairs[:, 0], "item": pairs[:, 1], "rating": pairs.sum(axis=1) % 5})
    model = compiled(build(9, n_items))
    scorer = rw.scorer_of(model, Interactions.from_frame(frame))
    user, item = (layer for layer in map(model.get_layer, ("user_table", "item_table")))
    vectors = [item(pairs[:, 1]).numpy(), user(pairs[:, 0]).numpy()]
    if isinstance(model, ItemFirst):
        expected = model.top(np.concatenate(vectors, axis=1)).numpy()[:, 0]
    else:
        expected = (vectors[0] * vectors[1]).sum(axis=1)
    np.testing.assert_allclose(scorer.predict(pairs[:, 0], pairs[:, 1]), expected, atol=1e-5)


def test_targets_of_a_straight_line_are_worked_out() -> None:
    targets = make_targets(lambda y: 0.5 + 4.5 * y, None, (0.5, 5.0))
    ratings = np.array([0.5, 2.75, 5.0], dtype=np.float32)
    np.testing.assert_allclose(targets.of_ratings(ratings), [0, 0.5, 1], atol=1e-6)
    np.testing.assert_allclose(
        targets.ratings_of(np.array([0, 0.5, 1], dtype=np.float32)), ratings, atol=1e-6
    )


@pytest.mark.parametrize(
    ("to_rating", "to_target", "message"),
    [
        (np.exp, None, "to_rating is no straight line"),
        (None, np.log, "to_target is given without to_rating"),
        (np.exp, np.log1p, "the two must be inverse"),
        (lambda y: y[:1], lambda r: r, "must work on arrays"),
    ],
)
def test_transforms_that_do_not_fit_are_errors(to_rating: Any, to_target: Any, message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        make_targets(to_rating, to_target, (1.0, 5.0))
