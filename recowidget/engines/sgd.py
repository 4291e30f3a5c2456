"""Matrix factorisation by stochastic gradient descent, fused: no layers, no optimizer, two tables."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.engines.blocks import Blocks, Dealt, Parts
from recowidget.engines.engine import Plain
from recowidget.engines.folding import Columns
from recowidget.factors import Factors, scale_of
from recowidget.xla_cache import call_compiled

if TYPE_CHECKING:
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from recowidget.engines.choice import Choice
    from recowidget.engines.engine import Side
    from recowidget.scoring import LearnedScorer

DECAY: Final = 0.85
"""By so much the learning rate falls each epoch."""

LOWEST_SHARE: Final = 0.05
"""Of the learning rate, below which it doesn't fall."""

MAX_STEP: Final = 0.5
"""Bound on learning rate times how often a row stands in a batch, above which gradients that are summed
overshoot."""

MAX_SHUFFLED: Final = 1 << 21
"""Above so many ratings, batches are shuffled and not ratings, after the first time."""

SPREAD_FROM: Final = 1 << 20
"""From so many ratings on, more threads than one train."""

MAX_THREADS: Final = 8


class SGDEngine(Plain):
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
        `recowidget.engines.folding.BIAS_REGULARIZATION` of it.
    has_biases : bool
    is_nonnegative : bool
        Whether factors below 0 are set to 0 after each step.
    choice : Choice
    rows : ndarray of int, shape (n_train,), optional
        Which of the ratings are trained on; all where not given. They are not copied.
    n_threads : int, optional
        That train at the same time; decided by the number of ratings and of processors where not given. With
        another number ratings are dealt otherwise: the same seed then gives another result.

    Notes
    -----
    A GPU adds the steps of a row that stands in a batch several times in no fixed order: there, the same seed
    gives the same result but for rounding.

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
        rows: NDArray[np.intp] | None = None,
        n_threads: int | None = None,
    ) -> None:
        import tensorflow as tf

        self.choice = choice
        self._learning_rate = learning_rate
        self._regularization = regularization
        self._seed = seed
        self._start = start
        self._given = user_idx, item_idx, ratings
        self._rows = slice(None) if rows is None else rows
        values = ratings[self._rows]
        n_ratings, self._scale = len(values), scale_of(values)
        mean_residual = (float(np.mean(values, dtype=np.float64)) - start.global_mean) / self._scale
        del values
        n_threads = _n_threads(n_ratings) if n_threads is None else n_threads
        if n_threads > 1:
            self.choice = replace(choice, reason=f"{choice.reason}; on {n_threads} threads")
        # Where there are no biases, it is the factors that reach the mean: gradients are as much larger.
        self._step = max(1.0, abs(mean_residual)) * min(batch_size, n_ratings) / n_ratings
        sides = [
            self._deal_rows(idx, len(table), n_threads)
            for idx, table in ((user_idx, start.user_factors), (item_idx, start.item_factors))
        ]
        (users, user_part, _), (items, item_part, _) = sides
        self._sides = users, items
        self._counts = tuple(counts for *_, counts in sides)
        self._blocks = Blocks(users, items, user_part, item_part, batch_size=min(batch_size, n_ratings))
        self.batch_size = self._blocks.batch_size * n_threads
        self.n_batches = self._blocks.n_batches * n_threads
        self._threads = ThreadPoolExecutor(n_threads, "recowidget-sgd")
        self._dealer = ThreadPoolExecutor(1, "recowidget-dealing")
        self._columns = Columns(start.n_factors, has_biases=has_biases)
        self._ones_and_zeros = tf.ones([self._columns.n]), tf.zeros([self._columns.n])
        self._is_nonnegative = is_nonnegative
        self._is_damped: bool | None = None
        self._slow_down()
        self._dealt: Dealt | None = None
        self._dealt_for = 0
        self._next: tuple[int, Future[Dealt]] | None = None
        self._prepared: tuple[NDArray[Any], ...] | None = None
        self._is_dealt_once = n_ratings > MAX_SHUFFLED
        if self._is_dealt_once:
            self._dealt = self._deal(0)
            self._blocks.clear()
        else:
            self._prepared = self._gather(np.arange(n_ratings))
        self._rounds = np.arange(n_threads)
        self._order: Any = None
        self._epoch = 1
        self._rates: tuple[Any, ...] = ()
        self._tables: list[list[Any]] = []
        self._factors: Factors | None = None
        self._squares: Any = 0.0
        self._n_seen = 0
        self._put(start)
        self._compile_now()

    def _slow_down(self) -> None:
        """See which rows stand in a batch too often for the learning rate."""
        self._is_slowed = True
        damping = [_damping(self._learning_rate * self._step * counts) for counts in self._counts]
        self._damping = [_tensors(parts.split(one)) for parts, one in zip(self._sides, damping, strict=True)]
        is_damped = any((one < 1).any() for one in damping)
        if is_damped != self._is_damped:
            self._is_damped = is_damped
            self._write()

    def _write(self) -> None:
        """Write what a round is; TensorFlow traces it, and XLA compiles it, when it is first called."""
        self._train = _compile(
            self._columns,
            self._blocks,
            is_damped=bool(self._is_damped),
            is_nonnegative=self._is_nonnegative,
        )

    def change(self, *, learning_rate: float | None, regularization: float | None) -> None:
        """Train with another learning rate, or regularization, from the next epoch on."""
        if regularization is not None:
            self._regularization = regularization
        if learning_rate is not None:
            self._learning_rate = learning_rate
            self._is_slowed = False

    def _compile_now(self) -> None:
        """Train on no batch: it is compiled, and the first epoch is like any other."""
        self.begin_epoch(1)

        def write_and_call() -> None:
            self._write()
            self._run_round(0, 0, 0)

        call_compiled(write_and_call)

    def _deal_rows(
        self, idx: NDArray[np.int32], n_rows: int, n_threads: int
    ) -> tuple[Parts, NDArray[np.uint8], NDArray[np.intp]]:
        """Deal one side's rows to threads; with the part of each rating, and the count of each row."""
        of_rating = idx[self._rows]
        counts = np.bincount(of_rating, minlength=n_rows)
        parts = Parts(counts, n_threads)
        return parts, parts.part[of_rating], counts

    def begin_epoch(self, epoch: int) -> None:
        """Draw the order of the ratings; the seed and the epoch decide it."""
        import tensorflow as tf

        order = np.arange(self._blocks.n_batches, dtype=np.int32)
        if self._is_dealt_once:
            rng = np.random.default_rng([self._seed, epoch])
            order = rng.permutation(order)
            self._rounds = rng.permutation(self._blocks.n_threads)
        else:
            self._deal_for(epoch)
        self._order = order, tf.constant(order)
        self._epoch = epoch
        if not self._is_slowed:
            self._slow_down()
        self._set_rates()
        self._squares = tf.constant(0.0)
        self._n_seen = 0

    def _set_rates(self) -> None:
        import tensorflow as tf

        columns = self._columns
        rate = self._learning_rate * max(DECAY ** (self._epoch - 1), LOWEST_SHARE)
        self._rates = (
            tf.constant(np.float32(rate * self.trains(0)) * columns.learned["user"]),
            tf.constant(np.float32(rate * self.trains(1)) * columns.learned["item"]),
            tf.constant(np.float32(self._regularization) * columns.regularized),
        )

    def train_only(self, side: Side | None) -> None:
        """Train one side's vectors alone, or both, from the next batch on."""
        super().train_only(side)
        self._set_rates()

    def _deal(self, epoch: int) -> Dealt:
        return self._blocks.deal(np.random.default_rng([self._seed, epoch]), self._gather)

    def _gather(self, numbers: NDArray[np.intp]) -> tuple[NDArray[Any], ...]:
        """Give places of users and of items, and residuals of some of the ratings."""
        if self._prepared is not None:
            return tuple(column.take(numbers) for column in self._prepared)
        rows = numbers if isinstance(self._rows, slice) else self._rows[numbers]
        user_idx, item_idx, ratings = self._given
        users, items = self._sides
        residuals = (ratings[rows] - np.float32(self._start.global_mean)) / np.float32(self._scale)
        return users.place[user_idx[rows]], items.place[item_idx[rows]], residuals

    def _deal_for(self, epoch: int) -> None:
        """Take what was dealt while the last epoch was trained, and have the next one's begun."""
        if epoch == self._dealt_for:
            return
        waiting, self._next = self._next, None
        in_time = waiting is not None and waiting[0] == epoch
        self._dealt = waiting[1].result() if waiting and in_time else self._deal(epoch)
        self._dealt_for = epoch
        self._deal_ahead(epoch + 1)

    def _deal_ahead(self, epoch: int) -> None:
        self._next = epoch, self._dealer.submit(self._deal, epoch)

    def run(self, start: int, count: int) -> None:
        """Train on some batches; all of a round are one call a thread."""
        self._factors = None
        stop = start + count
        while start < stop:
            number, first = divmod(start, self._blocks.n_batches)
            last = min(first + stop - start, self._blocks.n_batches)
            self._run_round(int(self._rounds[number]), first, last)
            start += last - first

    def _run_round(self, number: int, first: int, last: int) -> None:
        import tensorflow as tf

        if self._dealt is None:
            raise AssertionError("run before an epoch began")
        n_threads = self._blocks.n_threads
        batches, (order, order_tensor) = self._dealt.batches[number], self._order
        (users, items), (user_damping, item_damping) = self._tables, self._damping
        bounds = tf.constant(first), tf.constant(last)

        def train(thread: int) -> Any:
            part = (thread + number) % n_threads
            users[thread], items[part], squares = self._train(
                users[thread],
                items[part],
                *batches[thread],
                order_tensor,
                *bounds,
                *self._rates,
                *self._ones_and_zeros,
                user_damping[thread],
                item_damping[part],
            )
            return squares

        if n_threads == 1:
            self._squares += train(0)
        else:
            working = [self._threads.submit(train, thread) for thread in range(n_threads)]
            wait(working)  # For all, though one raised: none may go on in the tables.
            for one in working:
                self._squares += one.result()
        self._n_seen += int(self._dealt.counts[number][order[first:last]].sum())

    def running_loss(self) -> float:
        """Mean squared error over the epoch's batches so far, each measured before it was trained on."""
        return self._scale**2 * float(self._squares) / max(self._n_seen, 1)

    def scorer(self) -> Factors:
        """Copy the factors."""
        if self._factors is None:
            users, items = (
                parts.join([table.numpy() for table in tables])
                for parts, tables in zip(self._sides, self._tables, strict=True)
            )
            factors = self._columns.factors(users, items)
            self._factors = factors.along(self._scale, self._start.global_mean)
        return self._factors

    def reset(self) -> None:
        """Go back to what training started from."""
        self._put(self._start)
        if not self._is_dealt_once and self._dealt_for != 1:
            self._deal_ahead(1)

    def recover(self, scorer: LearnedScorer) -> None:
        """Go on from these factors."""
        if not isinstance(scorer, Factors):
            raise TypeError("SGDEngine can only go on from Factors")
        self._put(scorer)

    def _put(self, factors: Factors) -> None:
        residual = factors.along(1 / self._scale, -factors.global_mean / self._scale)
        self._tables = [
            _tensors(parts.split(table))
            for parts, table in zip(self._sides, self._columns.tables(residual), strict=True)
        ]
        self._factors = factors
        self._squares = 0.0
        self._n_seen = 0


def _n_threads(n_ratings: int) -> int:
    """Give how many threads are worth it: the processors, where there is no GPU that does it all."""
    import tensorflow as tf

    if n_ratings < SPREAD_FROM or tf.config.list_physical_devices("GPU"):
        return 1
    n_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(n_processors or 1, MAX_THREADS)


def _tensors(arrays: list[NDArray[np.float32]]) -> list[Any]:
    import tensorflow as tf

    return [tf.constant(array) for array in arrays]


def _damping(steps: NDArray[np.floating]) -> NDArray[np.float32]:
    """Give how much each row is slowed down, from its steps in a batch: 1 where it isn't."""
    return np.asarray(np.minimum(1.0, MAX_STEP / np.maximum(steps, 1e-9)), np.float32)


def _compile(columns: Columns, blocks: Blocks, *, is_damped: bool, is_nonnegative: bool) -> Any:
    import tensorflow as tf

    index = tf.TensorSpec([], tf.int32)
    row = tf.TensorSpec([columns.n])
    shape = [blocks.n_batches, blocks.batch_size]
    sizes = blocks.users.size + 1, blocks.items.size + 1
    lowest = tf.constant(np.where(columns.is_factor, np.float32(0.0), np.float32(-np.inf)))

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[
            *(tf.TensorSpec([size, columns.n]) for size in sizes),
            tf.TensorSpec(shape, tf.int32),
            tf.TensorSpec(shape, tf.int32),
            tf.TensorSpec(shape),
            tf.TensorSpec(shape[:1], tf.int32),
            index,
            index,
            *[row] * 5,
            *(tf.TensorSpec([size]) for size in sizes),
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
        ones: Any,
        zeros: Any,
        user_damping: Any,
        item_damping: Any,
    ) -> Any:
        def add(table: Any, idx: Any, steps: Any, damping: Any) -> Any:
            if is_damped:
                steps *= tf.gather(damping, idx)[:, None]
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
            # Nothing is multiplied or added here, but LLVM can't know. So the loop over columns is too long
            # for it to be unrolled into single numbers, and it becomes vector instructions.
            products = p * q * ones + zeros
            errors = (residuals - tf.reduce_sum(products, 1))[:, None]
            return (
                number + 1,
                add(users, user_idx, user_rates * (errors * q - regularization * p), user_damping),
                add(items, item_idx, item_rates * (errors * p - regularization * q), item_damping),
                squares + tf.square(errors[:, 0]),
            )

        *tables, squares = tf.while_loop(
            lambda number, *_: number < stop,
            train,
            (start, user_table, item_table, tf.zeros([blocks.batch_size])),
        )[1:]
        return *tables, tf.reduce_sum(squares)

    return run
