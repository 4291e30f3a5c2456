"""Ratings dealt into blocks that threads can train on at the same time without sharing a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Gather = Callable[[NDArray[np.intp]], tuple[NDArray[Any], ...]]

GATHERED: Final = 1 << 18
"""Ratings gathered at a time: it bounds the memory beside the batches."""


class Parts:
    """The rows of one side, dealt into as many parts as there are threads, of about as many ratings each.

    Parameters
    ----------
    counts : ndarray of int, shape (n_rows,)
        Ratings of each row.
    n_parts : int

    Attributes
    ----------
    part : ndarray of uint8, shape (n_rows,)
    place : ndarray of int32, shape (n_rows,)
        Where each row is: in which part, and where in it.
    size : int
        Places in a part. Each part's table has one more, of nobody.
    """

    def __init__(self, counts: NDArray[np.int64], n_parts: int) -> None:
        n_rows = len(counts)
        self.n_parts = n_parts
        self.size = -(-n_rows // n_parts)
        self.part = np.zeros(n_rows, np.uint8)
        self.place = np.arange(n_rows, dtype=np.int32)
        if n_parts > 1:
            by_count = np.argsort(-counts, kind="stable")
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
    users, items : Parts
    user_part, item_part : ndarray of uint8, shape (n,)
        Of each rating.
    batch_size : int
        Ratings trained on at a time by all threads together.

    Attributes
    ----------
    users, items : Parts
    n_threads : int
        Also the number of rounds.
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
        users: Parts,
        items: Parts,
        user_part: NDArray[np.uint8],
        item_part: NDArray[np.uint8],
        *,
        batch_size: int,
    ) -> None:
        self.users, self.items = users, items
        self.n_threads = n_threads = users.n_parts
        self.batch_size = -(-batch_size // n_threads)

        def rows_of(number: int, thread: int) -> NDArray[np.int32]:
            is_there = (user_part == thread) & (item_part == (thread + number) % n_threads)
            return np.flatnonzero(is_there).astype(np.int32)

        self._rows = [[rows_of(number, thread) for thread in range(n_threads)] for number in range(n_threads)]
        longest = max(len(rows) for round_ in self._rows for rows in round_)
        self.n_batches = -(-longest // self.batch_size)

    def deal(self, rng: np.random.Generator, gather: Gather) -> Dealt:
        """Shuffle each block and lay it out in batches; the last is filled up with nobody's ratings.

        Parameters
        ----------
        rng : numpy.random.Generator
        gather : callable
            Gives places of users, of items, and residuals of some ratings by number.
        """
        batches, counts = [], []
        for rows_by_thread in self._rows:
            # NumPy shuffles 64-bit numbers twice as fast as 32-bit ones, and the same way.
            shuffled = [rows[rng.permutation(len(rows))] for rows in rows_by_thread]
            batches.append([self._laid_out(rows, gather) for rows in shuffled])
            firsts = np.arange(self.n_batches) * self.batch_size
            counts.append(
                sum(
                    (np.clip(len(rows) - firsts, 0, self.batch_size) for rows in shuffled),
                    np.zeros(self.n_batches, np.int64),
                )
            )
        return Dealt(batches, counts)

    def _laid_out(self, numbers: NDArray[np.int32], gather: Gather) -> tuple[Any, Any, Any]:
        import tensorflow as tf

        size = self.n_batches * self.batch_size
        columns = (
            np.full(size, self.users.size, np.int32),
            np.full(size, self.items.size, np.int32),
            np.zeros(size, np.float32),
        )
        for start in range(0, len(numbers), GATHERED):
            stop = min(start + GATHERED, len(numbers))
            some = numbers[start:stop].astype(np.intp)
            for column, values in zip(columns, gather(some), strict=True):
                column[start:stop] = values
        shape = self.n_batches, self.batch_size
        # A constant alone would keep the array beside its copy.
        users, items, residuals = (tf.identity(column.reshape(shape)) for column in columns)
        return users, items, residuals

    def clear(self) -> None:
        """Forget which ratings are in which block: they have been dealt for good."""
        self._rows = []
