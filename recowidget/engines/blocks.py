"""Ratings dealt into blocks that threads can train on at the same time without sharing a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Parts:
    """The rows of one side, dealt into as many parts as there are threads, of about as many ratings each.

    Parameters
    ----------
    idx : ndarray of int32, shape (n,)
        The row of each rating.
    n_rows, n_parts : int

    Attributes
    ----------
    part, place : ndarray of int32, shape (n_rows,)
        Where each row is: in which part, and where in it.
    size : int
        Places in a part. Each part's table has one more, of nobody.
    """

    def __init__(self, idx: NDArray[np.int32], n_rows: int, n_parts: int) -> None:
        self.n_parts = n_parts
        self.size = -(-n_rows // n_parts)
        self.part = np.zeros(n_rows, np.int32)
        self.place = np.arange(n_rows, dtype=np.int32)
        if n_parts > 1:
            by_count = np.argsort(-np.bincount(idx, minlength=n_rows), kind="stable")
            self.part[by_count] = np.arange(n_rows) % n_parts
            self.place[by_count] = np.arange(n_rows) // n_parts

    def split(self, table: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Give each part's rows of a table, and zeros for nobody."""
        tables = np.zeros((self.n_parts, self.size + 1, *table.shape[1:]), np.float32)
        tables[self.part, self.place] = table
        return list(tables)

    def join(self, tables: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Put the parts together again."""
        if self.n_parts == 1:
            return tables[0][:-1]
        return np.concatenate(tables).take(self.part * np.int64(self.size + 1) + self.place, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Dealt:
    """Ratings in batches, by round and thread.

    Attributes
    ----------
    batches : list of list of tuple
        Places of users and of items, and residuals, as tensors of shape (n_batches, batch_size).
    counts : list of ndarray of int, shape (n_batches,)
        By round, how many ratings a batch has, all threads together.
    """

    batches: list[list[tuple[Any, Any, Any]]]
    counts: list[NDArray[np.int64]]


class Blocks:
    """Which ratings a thread trains on in a round: those of its users with a part of the items, each in turn.

    Parameters
    ----------
    user_idx, item_idx : ndarray of int32, shape (n,)
    n_users, n_items : int
    n_threads : int
        Also the number of rounds.
    batch_size : int
        Ratings trained on at a time by all threads together.

    Attributes
    ----------
    users, items : Parts
    n_batches : int
        Of one round.
    batch_size : int
        Of one thread.

    Notes
    -----
    Gemulla, Nijkamp, Haas and Sismanis, "Large-scale matrix factorization with distributed stochastic
    gradient descent", KDD 2011.
    """

    def __init__(
        self,
        user_idx: NDArray[np.int32],
        item_idx: NDArray[np.int32],
        n_users: int,
        n_items: int,
        *,
        n_threads: int,
        batch_size: int,
    ) -> None:
        self.n_threads = n_threads
        self.users = Parts(user_idx, n_users, n_threads)
        self.items = Parts(item_idx, n_items, n_threads)
        self.batch_size = -(-batch_size // n_threads)
        self._rows: list[list[NDArray[np.int32]]] = [[np.arange(len(user_idx), dtype=np.int32)]]
        if n_threads > 1:
            of_user, of_item = self.users.part[user_idx], self.items.part[item_idx]
            self._rows = [
                [
                    np.flatnonzero((of_user == thread) & (of_item == (thread + number) % n_threads)).astype(
                        np.int32
                    )
                    for thread in range(n_threads)
                ]
                for number in range(n_threads)
            ]
        longest = max(len(rows) for round_ in self._rows for rows in round_)
        self.n_batches = -(-longest // self.batch_size)

    def deal(
        self,
        rng: np.random.Generator,
        user_places: NDArray[np.int32],
        item_places: NDArray[np.int32],
        residuals: NDArray[np.float32],
    ) -> Dealt:
        """Shuffle each block and lay it out in batches; the last is filled up with nobody's ratings."""
        batches, counts = [], []
        for rows_by_thread in self._rows:
            shuffled = [rng.permutation(rows) for rows in rows_by_thread]
            batches.append(
                [
                    (
                        self._laid_out(user_places[rows], self.users.size),
                        self._laid_out(item_places[rows], self.items.size),
                        self._laid_out(residuals[rows], 0.0),
                    )
                    for rows in shuffled
                ]
            )
            firsts = np.arange(self.n_batches) * self.batch_size
            counts.append(
                sum(
                    (np.clip(len(rows) - firsts, 0, self.batch_size) for rows in shuffled),
                    np.zeros(self.n_batches, np.int64),
                )
            )
        return Dealt(batches, counts)

    def _laid_out(self, values: NDArray[Any], nobody: float) -> Any:
        import tensorflow as tf

        laid_out = np.full(self.n_batches * self.batch_size, nobody, values.dtype)
        laid_out[: len(values)] = values
        return tf.constant(laid_out.reshape(self.n_batches, self.batch_size))
