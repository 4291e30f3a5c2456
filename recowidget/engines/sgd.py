"""Matrix factorisation by stochastic gradient descent, fused: no layers, no optimizer, two tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.factors import Factors, scale_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.engines.choice import Choice
    from recowidget.scoring import LearnedScorer

DECAY: Final = 0.93
"""By so much the learning rate falls each epoch."""

LOWEST_SHARE: Final = 0.05
"""Of the learning rate, below which it doesn't fall."""

BIAS_REGULARIZATION: Final = 0.5
"""Of the regularization of factors."""

MAX_STEP: Final = 0.5
"""Bound on learning rate times how often a row stands in a batch, above which gradients that are summed
overshoot."""

MAX_SHUFFLED: Final = 1 << 21
"""Above so many ratings, batches are shuffled and not ratings, after the first time."""

WIDTH: Final = 16
"""Columns of the tables are padded to a multiple of this: so wide are the registers."""


class SGDEngine:
    """Trains matrix factorisation by plain stochastic gradient descent on sparse rows.

    Biases are folded into the tables, as two more columns of each: the users' bias beside a 1 of the items,
    and the other way round. So a step is one gather and one scatter a side. Gradients of a batch are summed:
    it takes the steps of its ratings at once. A row that stands in a batch very often is slowed down. Ratings
    are brought to a range of four first, that of one to five stars, which the learning rate is for.

    Parameters
    ----------
    start : Factors
        What training starts from.
    user_idx, item_idx : ndarray of int32, shape (n,)
    ratings : ndarray of float32, shape (n,)
    batch_size : int
    seed : int
        With the number of the epoch it decides the order.
    learning_rate : float
        In the first epoch; it falls to `DECAY` of itself an epoch, to no less than `LOWEST_SHARE` of it.
    regularization : float
        Weight of the squared norms of the factor vectors of a rating beside its squared error; of biases
        `BIAS_REGULARIZATION` of it.
    has_biases : bool
    is_nonnegative : bool
        Whether factors below 0 are set to 0 after each step.
    choice : Choice

    Notes
    -----
    Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems", IEEE Computer 42(8),
    2009: the gradient steps after equation 5, with batches.
    """

    def __init__(
        self,
        start: Factors,
        user_idx: NDArray[np.int32],
        item_idx: NDArray[np.int32],
        ratings: NDArray[np.float32],
        *,
        batch_size: int,
        seed: int,
        learning_rate: float,
        regularization: float,
        choice: Choice,
        has_biases: bool = True,
        is_nonnegative: bool = False,
    ) -> None:
        self.choice = choice
        self.batch_size = min(batch_size, len(ratings))
        self.n_batches = -(-len(ratings) // self.batch_size)
        self.learning_rate = learning_rate
        self.regularization = regularization
        self._seed = seed
        self._start = start
        self._scale = scale_of(ratings)
        residuals = (ratings - np.float32(start.global_mean)) / np.float32(self._scale)
        self._examples = user_idx, item_idx, residuals
        self._columns = _Columns(start.n_factors, has_biases=has_biases)
        damping = [
            _damping(idx, len(table), self.batch_size, learning_rate)
            for idx, table in ((user_idx, start.user_factors), (item_idx, start.item_factors))
        ]
        is_damped = any((one < 1).any() for one in damping)
        self._run = _compile(
            self._columns,
            self.n_batches,
            self.batch_size,
            sizes=(len(damping[0]), len(damping[1])),
            damping=damping if is_damped else None,
            is_nonnegative=is_nonnegative,
        )
        self._batches: tuple[Any, ...] = ()
        self._order: Any = None
        self._rate = learning_rate
        self._squares: Any = None
        self._users: Any = None
        self._items: Any = None
        self._factors: Factors | None = None
        self._put(start)

    def begin_epoch(self, epoch: int) -> None:
        """Draw the order of the ratings; the seed and the epoch decide it."""
        import tensorflow as tf

        n = len(self._examples[0])
        rng = np.random.default_rng([self._seed, epoch])
        order = np.arange(self.n_batches, dtype=np.int32)
        if n <= MAX_SHUFFLED:
            self._deal(rng.permutation(n))
        else:
            if not self._batches:
                self._deal(np.random.default_rng([self._seed, 0]).permutation(n))
            order = rng.permutation(order)
        self._order = tf.constant(order)
        self._rate = self.learning_rate * max(DECAY ** (epoch - 1), LOWEST_SHARE)
        self._squares = tf.constant(0.0)
        self._n_seen = 0

    def _deal(self, order: NDArray[np.intp]) -> None:
        """Lay the ratings out in batches; the last is filled up with a user and an item that are nobody's."""
        import tensorflow as tf

        n_padding = self.n_batches * self.batch_size - len(order)
        padding = len(self._start.user_factors), len(self._start.item_factors), 0.0
        self._batches = tuple(
            tf.constant(
                np.concatenate([array[order], np.full(n_padding, nobody, array.dtype)]).reshape(
                    self.n_batches, self.batch_size
                )
            )
            for array, nobody in zip(self._examples, padding, strict=True)
        )

    def run(self, start: int, count: int) -> None:
        """Train on some batches in one call."""
        import tensorflow as tf

        columns = self._columns
        self._users, self._items, squares = self._run(
            self._users,
            self._items,
            *self._batches,
            self._order,
            tf.constant(start),
            tf.constant(start + count),
            tf.constant(self._rate * columns.learned["user"]),
            tf.constant(self._rate * columns.learned["item"]),
            tf.constant(np.float32(self.regularization) * columns.regularized),
        )
        self._squares += squares
        stop = min((start + count) * self.batch_size, len(self._examples[0]))
        self._n_seen += stop - start * self.batch_size
        self._factors = None

    def running_loss(self) -> float:
        """Mean squared error over the epoch's batches so far, each measured before it was trained on."""
        return self._scale**2 * float(self._squares) / max(self._n_seen, 1)

    def scorer(self) -> Factors:
        """Copy the factors."""
        if self._factors is None:
            factors = self._columns.factors(self._users.numpy(), self._items.numpy())
            self._factors = factors.along(self._scale, self._start.global_mean)
        return self._factors

    def reset(self) -> None:
        """Go back to what training started from."""
        self._put(self._start)

    def recover(self, scorer: LearnedScorer) -> None:
        """Go on from these factors."""
        if not isinstance(scorer, Factors):
            raise TypeError("SGDEngine can only go on from Factors")
        self._put(scorer)

    def _put(self, factors: Factors) -> None:
        import tensorflow as tf

        residual = factors.along(1 / self._scale, -factors.global_mean / self._scale)
        self._users, self._items = map(tf.constant, self._columns.tables(residual))
        self._factors = factors
        self._squares = tf.constant(0.0)
        self._n_seen = 0


class _Columns:
    """How factors and biases lie in the two tables."""

    def __init__(self, n_factors: int, *, has_biases: bool) -> None:
        self.n_factors = n_factors
        self.n = -(-(n_factors + 2) // WIDTH) * WIDTH
        factors = np.arange(self.n) < n_factors
        biases = {"user": np.arange(self.n) == n_factors, "item": np.arange(self.n) == n_factors + 1}
        self._bias = {"user": n_factors, "item": n_factors + 1}
        self.learned = {
            side: np.asarray(factors | (biases[side] & has_biases), np.float32) for side in biases
        }
        self.is_factor = factors
        self.regularized = np.where(factors, np.float32(1.0), np.float32(BIAS_REGULARIZATION))

    def tables(self, factors: Factors) -> list[NDArray[np.float32]]:
        """Give both tables, each with a row more for nobody."""
        tables = []
        for side, values, bias, other in (
            ("user", factors.user_factors, factors.user_bias, "item"),
            ("item", factors.item_factors, factors.item_bias, "user"),
        ):
            table = np.zeros((len(values) + 1, self.n), np.float32)
            table[:-1, : self.n_factors] = values
            table[:-1, self._bias[side]] = bias
            table[:-1, self._bias[other]] = 1.0
            tables.append(table)
        return tables

    def factors(self, users: NDArray[np.float32], items: NDArray[np.float32]) -> Factors:
        """Read what the tables say of residuals."""
        return Factors(
            user_factors=users[:-1, : self.n_factors].copy(),
            item_factors=items[:-1, : self.n_factors].copy(),
            user_bias=users[:-1, self._bias["user"]].copy(),
            item_bias=items[:-1, self._bias["item"]].copy(),
            global_mean=0.0,
        )


def _damping(
    idx: NDArray[np.int32], n_rows: int, batch_size: int, learning_rate: float
) -> NDArray[np.float32]:
    """Give how much each row is slowed down, shape (n_rows + 1,): 1 where it isn't."""
    counts = np.bincount(idx, minlength=n_rows + 1) * (batch_size / len(idx))
    return np.asarray(np.minimum(1.0, MAX_STEP / np.maximum(learning_rate * counts, 1e-9)), np.float32)


def _compile(
    columns: _Columns,
    n_batches: int,
    batch_size: int,
    *,
    sizes: tuple[int, int],
    damping: list[NDArray[np.float32]] | None,
    is_nonnegative: bool,
) -> Any:
    import tensorflow as tf

    index = tf.TensorSpec([], tf.int32)
    row = tf.TensorSpec([columns.n])
    indices = tf.TensorSpec([n_batches, batch_size], tf.int32)
    lowest = tf.constant(np.where(columns.is_factor, np.float32(0.0), np.float32(-np.inf)))

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[
            *(tf.TensorSpec([rows, columns.n]) for rows in sizes),
            indices,
            indices,
            tf.TensorSpec([n_batches, batch_size]),
            tf.TensorSpec([n_batches], tf.int32),
            index,
            index,
            row,
            row,
            row,
        ],
        jit_compile=True,
        autograph=False,
    )
    def run(
        user_table: Any,
        item_table: Any,
        user_batches: Any,
        item_batches: Any,
        residual_batches: Any,
        order: Any,
        start: Any,
        stop: Any,
        user_rates: Any,
        item_rates: Any,
        regularization: Any,
    ) -> Any:
        def add(table: Any, idx: Any, steps: Any, side: int) -> Any:
            if damping is not None:
                steps *= tf.gather(tf.constant(damping[side]), idx)[:, None]
            table = tf.tensor_scatter_nd_add(table, idx[:, None], steps)
            if is_nonnegative:
                floor = tf.broadcast_to(lowest, tf.shape(steps))
                table = tf.tensor_scatter_nd_max(table, idx[:, None], floor)
            return table

        def train(number: Any, users: Any, items: Any, squares: Any) -> Any:
            batch = tf.gather(order, number)
            user_idx, item_idx, residuals = (
                tf.gather(batches, batch) for batches in (user_batches, item_batches, residual_batches)
            )
            p, q = tf.gather(users, user_idx), tf.gather(items, item_idx)
            errors = (residuals - tf.reduce_sum(p * q, 1))[:, None]
            return (
                number + 1,
                add(users, user_idx, user_rates * (errors * q - regularization * p), 0),
                add(items, item_idx, item_rates * (errors * p - regularization * q), 1),
                squares + tf.reduce_sum(tf.square(errors)),
            )

        return tf.while_loop(
            lambda number, *_: number < stop, train, (start, user_table, item_table, tf.constant(0.0))
        )[1:]

    return run
