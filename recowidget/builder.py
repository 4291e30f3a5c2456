"""The parts that our models are put together from: stock Keras layers, with the names that are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.backend import load_keras
from recowidget.checks import check_count, check_number, check_numbers
from recowidget.errors import RecowidgetError, shown
from recowidget.starts import STARTS, initial_factors
from recowidget.tables import GLOBAL_MEAN_LAYER, ITEM_FEATURES_LAYER, OF_FEATURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from numpy.typing import ArrayLike

    from recowidget.factors import Factors


class Builder:
    """One model in the making.

    Parameters
    ----------
    name : str
        Of the model.
    start : Factors
        What its tables start from.
    initial_stddev : float
        Of further factors.
    regularization : float
        Of every table, and of what features add to it.
    seed : int
        Of all that is drawn here.
    is_nonnegative : bool
        Whether factors stay 0 or above in training.
    item_features : array_like, shape (n_items, n_features), optional
        What else is known of the items.

    Raises
    ------
    RecowidgetError
        If the features don't fit the items.
    """

    def __init__(
        self,
        name: str,
        start: Factors,
        *,
        initial_stddev: float,
        regularization: float,
        seed: int,
        is_nonnegative: bool = False,
        item_features: ArrayLike | None = None,
    ) -> None:
        self._keras = load_keras()
        self.layers = self._keras.layers
        self._name = name
        self._start = start
        self._initial_stddev = initial_stddev
        self._regularization = regularization
        self._seed = seed
        self._is_nonnegative = is_nonnegative
        self._user = self._keras.Input((1,), dtype="int32", name="user")
        self._item = self._keras.Input((1,), dtype="int32", name="item")
        self._features = None if item_features is None else self._frozen(item_features)
        self.user_vector = self._vector(self._user, "user_factors", start.user_factors)
        self.item_vector = self._item_vector("item_factors", start.item_factors)

    def _frozen(self, item_features: ArrayLike) -> Any:
        features = check_numbers("item_features", item_features).astype(np.float32)
        n_items = len(self._start.item_factors)
        if features.shape[:1] != (n_items,) or features.ndim != 2:  # noqa: PLR2004
            raise RecowidgetError(
                f"item_features must have a row for each of the {n_items:,} items and a column for each "
                f"feature, not shape {features.shape}"
            )
        if not np.isfinite(features).all():
            raise RecowidgetError("item_features must be finite numbers; put 0 where nothing is known")
        if self._is_nonnegative and (features < 0).any():
            raise RecowidgetError(
                f"{self._name} takes no negative features, from which its factors would become negative"
            )
        table = self.layers.Embedding(*features.shape, trainable=False, name=ITEM_FEATURES_LAYER)
        vectors = self.layers.Flatten(name=f"{ITEM_FEATURES_LAYER}_flat")(table(self._item))
        table.set_weights([features])
        return vectors

    def _item_vector(self, name: str, weights: np.ndarray) -> Any:
        vectors = self._vector(self._item, name, weights)
        if self._features is None:
            return vectors
        # From zeros, so that the untrained model is what its tables say; penalised as they are.
        added = self.layers.Dense(
            weights.shape[1],
            use_bias=False,
            kernel_initializer="zeros",
            kernel_constraint=self._constraint(name),
            activity_regularizer=self._keras.regularizers.L2(self._regularization),
            name=name + OF_FEATURES,
        )(self._features)
        return self.layers.Add(name=f"{name}_with_features")([vectors, added])

    def _constraint(self, name: str) -> str | None:
        return "non_neg" if self._is_nonnegative and "factors" in name else None

    def _vector(self, index: Any, name: str, weights: np.ndarray) -> Any:
        # An activity regularizer penalises only the rows of the batch and is averaged over it: the
        # objective of the paper. A penalty on the whole table would depend on the size of the batch.
        embedding = self.layers.Embedding(
            *weights.shape,
            embeddings_initializer="zeros",
            embeddings_constraint=self._constraint(name),
            activity_regularizer=self._keras.regularizers.L2(self._regularization),
            name=name,
        )
        vectors = self.layers.Flatten(name=f"{name}_flat")(embedding(index))
        embedding.set_weights([weights])
        return vectors

    def more_vectors(self, suffix: str) -> tuple[Any, Any]:
        """Give a second pair of factor vectors, drawn like the first."""
        rng = np.random.default_rng([self._seed, 1])
        users, items = (
            (self._initial_stddev * rng.standard_normal(like.shape)).astype(np.float32)
            for like in (self._start.user_factors, self._start.item_factors)
        )
        user_vector = self._vector(self._user, f"user_factors_{suffix}", users)
        return user_vector, self._item_vector(f"item_factors_{suffix}", items)

    def dot(self) -> Any:
        """Give the dot product of the two factor vectors, shape (batch, 1)."""
        return self.layers.Dot(axes=1, name="dot")([self.user_vector, self.item_vector])

    def biased(self, score: Any, *, offset: float | None = None) -> Any:
        """Add the biases and a constant: the global mean, where no other is given."""
        user_bias = self._vector(self._user, "user_bias", self._start.user_bias[:, None])
        item_bias = self._item_vector("item_bias", self._start.item_bias[:, None])
        biased = self.layers.Add(name="biases")([score, user_bias, item_bias])
        constant = self._start.global_mean if offset is None else offset
        return self.layers.Rescaling(1.0, offset=constant, name=GLOBAL_MEAN_LAYER)(biased)

    def dense(self, vectors: Any, hidden: Sequence[int], dropout: float) -> Any:
        """Put dense layers on top."""
        if not isinstance(hidden, list | tuple):
            raise RecowidgetError(f"hidden must be a list of the units of each layer, not {shown(hidden)}")
        share = check_number("dropout", dropout, least=0)
        if share >= 1:
            raise RecowidgetError(f"dropout must be less than 1, not {share:g}")
        for k, units in enumerate(hidden):
            check_count("hidden", units)
            seed = self._seed * 100 + k
            vectors = self.layers.Dropout(dropout, seed=seed, name=f"dropout_{k + 1}")(vectors)
            vectors = self.layers.Dense(
                units, activation="relu", kernel_initializer=self._initializer(k), name=f"hidden_{k + 1}"
            )(vectors)
        return vectors

    def output(self, vectors: Any) -> Any:
        """Give one number for a vector, shape (batch, 1)."""
        return self.layers.Dense(1, use_bias=False, kernel_initializer=self._initializer(99), name="output")(
            vectors
        )

    def _initializer(self, number: int) -> Any:
        return self._keras.initializers.GlorotUniform(seed=self._seed * 100 + number)

    def compiled(
        self, output: Any, learning_rate: float, *, loss: str | keras.losses.Loss = "mean_squared_error"
    ) -> keras.Model:
        """Make the model and compile it."""
        rate = check_number("learning_rate", learning_rate, above=0)
        model = self._keras.Model([self._user, self._item], output, name=self._name)
        model.compile(optimizer=self._keras.optimizers.Adam(rate), loss=loss)
        # Otherwise a model saved before its first step would not load without a warning.
        model.optimizer.build(model.trainable_variables)
        return model


def begin(
    name: str,
    n_users: int,
    n_items: int,
    n_factors: int,
    regularization: float,
    seed: int,
    global_mean: float,
    item_features: ArrayLike | None,
) -> Builder:
    """Check the settings of a named model, and begin to build it from its initial factors."""
    kind = STARTS[name]
    number = check_count("seed", seed, least=0)
    start = initial_factors(
        name,
        check_count("n_users", n_users),
        check_count("n_items", n_items),
        n_factors=check_count("n_factors", n_factors),
        seed=number,
        global_mean=check_number("global_mean", global_mean),
    )
    return Builder(
        name,
        start,
        initial_stddev=kind.initial_stddev,
        regularization=check_number("regularization", regularization, least=0),
        seed=number,
        is_nonnegative=kind.is_nonnegative,
        item_features=item_features,
    )
