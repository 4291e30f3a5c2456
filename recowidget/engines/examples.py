"""What batches are made of: ratings, and negatives beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.negatives import NegativeSampler


class Examples(Protocol):
    """The train part as TensorFlow's arrays."""

    def draw(self, rng: np.random.Generator) -> None:
        """Draw what an epoch has of its own."""

    def gather(self, rows: Any) -> tuple[Any, Any, Any, Any]:
        """Gather users, items, targets and weights (or None) of some rows, a column each."""
        ...


class Ratings:
    """The train part as it is.

    Parameters
    ----------
    user_idx, item_idx, targets, weights
        Shape (n,); weights None where all count the same.
    """

    def __init__(
        self,
        user_idx: NDArray[np.int32],
        item_idx: NDArray[np.int32],
        targets: NDArray[np.float32],
        weights: NDArray[np.float32] | None,
    ) -> None:
        import tensorflow as tf

        # Columns, as fit makes of one-dimensional arrays.
        self._columns = [tf.constant(array[:, None]) for array in (user_idx, item_idx, targets)]
        self.weights = None if weights is None else tf.constant(weights[:, None])

    def draw(self, rng: np.random.Generator) -> None:
        """Draw what an epoch has of its own."""

    def gather(self, rows: Any) -> tuple[Any, Any, Any, Any]:
        """Gather users, items, targets and weights (or None) of some rows, a column each."""
        import tensorflow as tf

        users, items, targets = (tf.gather(column, rows) for column in self._columns)
        return users, items, targets, None if self.weights is None else tf.gather(self.weights, rows)


class WithNegatives:
    """The train part, and for each of its rows items that the user didn't take.

    Parameters
    ----------
    positives
        The train part.
    user_idx
        Its users, shape (n,).
    sampler
        Whose draws they are, drawn anew each epoch. A user who has all items gets none.
    n_negatives
        How many for each row. Their weight is 1.
    target
        What they are trained on.
    """

    def __init__(
        self,
        positives: Examples,
        user_idx: NDArray[np.int32],
        sampler: NegativeSampler,
        n_negatives: int,
        target: float,
    ) -> None:
        import tensorflow as tf

        self._positives = positives
        self._user_idx = user_idx
        self._sampler = sampler
        self._n = n_negatives
        self._target = np.float32(target)
        self._has_full_users = bool((sampler.n_left[user_idx] == 0).any())
        self._drawn = tf.Variable(
            tf.zeros((len(user_idx), n_negatives), tf.int32), trainable=False, name="negatives"
        )

    def draw(self, rng: np.random.Generator) -> None:
        """Draw the negatives of an epoch."""
        self._drawn.assign(self._sampler.draw(self._user_idx, self._n, rng))

    def gather(self, rows: Any) -> tuple[Any, Any, Any, Any]:
        """Gather some rows, then their negatives."""
        import tensorflow as tf

        users, items, targets, weights = self._positives.gather(rows)
        drawn = tf.reshape(tf.gather(self._drawn, rows), [-1, 1])
        theirs = tf.repeat(users, self._n, axis=0)
        if self._has_full_users:
            there = drawn[:, 0] >= 0
            drawn, theirs = tf.boolean_mask(drawn, there), tf.boolean_mask(theirs, there)
        users, items = tf.concat([users, theirs], 0), tf.concat([items, drawn], 0)
        targets = tf.concat([targets, tf.fill(tf.shape(drawn), self._target)], 0)
        if weights is not None:
            weights = tf.concat([weights, tf.ones(tf.shape(drawn), tf.float32)], 0)
        return users, items, targets, weights
