"""Who rated what how: the ratings of a user's frame, encoded once and frozen."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.blocks import densest_block
from recowidget.encoding import Indices, Vocabulary, frozen
from recowidget.errors import RecowidgetError, as_code, counted, first_few, shown
from recowidget.reading.columns import Role, check_frame, column_of, find_columns
from recowidget.reading.duplicates import Pairs, repeated_pairs
from recowidget.reading.ids import encode
from recowidget.reading.titles import with_titles
from recowidget.reading.values import check_none_missing, read_ratings, read_timestamps
from recowidget.rows import Rows, row_numbers

Duplicates = Literal["error", "last", "mean"]
Columns = Mapping[Role, Hashable | None]


@dataclass(frozen=True, eq=False, repr=False)
class Interactions:
    """Ratings of items by users, one row each, in the order of the user's frame.

    Made by `from_frame`. Its arrays are read-only.

    Attributes
    ----------
    user_idx, item_idx
        Indices of each row's user and item, int32, shape (n_ratings,).
    ratings
        float32, finite, shape (n_ratings,).
    timestamps
        int64, shape (n_ratings,): seconds since 1970 in UTC where the frame had datetimes, its own unit
        where it had numbers; None where it had no column of them.
    users, items
        The ids, and titles where known, that the indices stand for.
    columns
        The label of the frame's column that was taken as "user", "item", "rating" and "timestamp" (None
        where there was none).
    scale
        The rating scale of the ratings that these were taken from; None: that of these.
    """

    user_idx: Indices
    item_idx: Indices
    ratings: npt.NDArray[np.float32]
    timestamps: npt.NDArray[np.int64] | None
    users: Vocabulary
    items: Vocabulary
    columns: Columns
    scale: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for name in ("user_idx", "item_idx", "ratings", "timestamps"):
            array = getattr(self, name)
            if array is not None:
                object.__setattr__(self, name, frozen(array))

    @classmethod
    def from_frame(
        cls,
        df: pd.DataFrame,
        *,
        user: Hashable | None = None,
        item: Hashable | None = None,
        rating: Hashable | None = None,
        timestamp: Hashable | None = None,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        duplicates: Duplicates = "error",
    ) -> Interactions:
        """Read the ratings out of a pandas frame.

        The frame is never changed, and may have any index: "row 17" is the row at position 17.

        Parameters
        ----------
        df
            One row for each rating.
        user, item, rating, timestamp
            The labels of its columns. Where one is not given, usual names are looked for (those of
            `recowidget.reading.columns.USUAL_NAMES`), exactly before in any case: `user_id` is taken
            before `USER`, and two of a kind, as `movie_id` and `book_id`, are an error that asks for a
            name. `.columns` and the repr say which was taken. The timestamp may be absent.
        items
            A frame with titles of the items; its column of ids is called as in `df`, or has a usual name.
            An item without a title goes by its id.
        users
            The same for users; a column of names is optional. The other columns of both frames (age,
            occupation, genres) are kept as attributes, to label, colour and filter by.
        duplicates
            What to do where a user has rated an item more than once: "error" raises, "last" keeps the last
            of the rows in the frame's order (sort by time first where that is not the order), "mean"
            averages the ratings, takes the latest timestamp, and puts them where the first row was.

        Returns
        -------
        Interactions

        Raises
        ------
        RecowidgetError
            Where `df` is no frame, has no rows, lacks a column or has it twice or ambiguously; where a
            value is missing, an id can't be sorted, a rating is no finite number; where a pair stands more
            than once. The message says what, where and what to do.

        Warns
        -----
        UserWarning
            Where `items` or `users` has an id more than once: the first row wins.
        """
        if duplicates not in ("error", "last", "mean"):
            raise RecowidgetError(f'duplicates must be "error", "last" or "mean", not {shown(duplicates)}')
        frame = check_frame(df, "ratings")
        columns = find_columns(
            frame, "ratings", {"user": user, "item": item, "rating": rating, "timestamp": timestamp}
        )
        taken = {label: column_of(frame, label) for label in columns.values() if label is not None}
        check_none_missing(taken, "ratings")
        user_idx, user_ids = encode(taken[columns["user"]], "ratings")
        item_idx, item_ids = encode(taken[columns["item"]], "ratings")
        read = cls(
            user_idx,
            item_idx,
            read_ratings(taken[columns["rating"]], "ratings"),
            None if columns["timestamp"] is None else read_timestamps(taken[columns["timestamp"]], "ratings"),
            Vocabulary(user_ids, None, str(columns["user"])),
            Vocabulary(item_ids, None, str(columns["item"])),
            columns,
        )
        pairs = repeated_pairs(user_idx, item_idx, len(item_ids))
        if pairs is not None:
            read = read._without_repeats(pairs, duplicates)
        if users is not None:
            read = replace(read, users=with_titles(users, "users", "user", read.users, columns["user"]))
        if items is not None:
            read = replace(read, items=with_titles(items, "items", "item", read.items, columns["item"]))
        return read

    @property
    def n_users(self) -> int:
        """How many users there are: those of `users`, with a rating here or not."""
        return len(self.users)

    @property
    def n_items(self) -> int:
        """How many items there are: those of `items`, with a rating here or not."""
        return len(self.items)

    @property
    def n_ratings(self) -> int:
        """How many ratings there are."""
        return len(self.ratings)

    @cached_property
    def rating_scale(self) -> tuple[float, float]:
        """The lowest and the highest of the ratings, those left out by `take` and `sample` included.

        So a colour stands for the same rating in a sample as in all of them. Two NaN where there is none.
        """
        if self.scale is not None:
            return self.scale
        if not self.n_ratings:
            return float("nan"), float("nan")
        return float(self.ratings.min()), float(self.ratings.max())

    @cached_property
    def user_counts(self) -> npt.NDArray[np.int64]:
        """How many ratings each user gave, shape (n_users,)."""
        return frozen(np.bincount(self.user_idx, minlength=self.n_users).astype(np.int64))

    @cached_property
    def item_counts(self) -> npt.NDArray[np.int64]:
        """How many ratings each item got, shape (n_items,)."""
        return frozen(np.bincount(self.item_idx, minlength=self.n_items).astype(np.int64))

    @cached_property
    def user_order(self) -> Indices:
        """Indices of the users, most ratings first, ties by index, shape (n_users,)."""
        return frozen(np.argsort(-self.user_counts, kind="stable").astype(np.int32))

    @cached_property
    def item_order(self) -> Indices:
        """Indices of the items, most ratings first, ties by index, shape (n_items,)."""
        return frozen(np.argsort(-self.item_counts, kind="stable").astype(np.int32))

    def take(self, rows: npt.ArrayLike) -> Interactions:
        """Keep some rows, with all users and items: indices stay what they are.

        Parameters
        ----------
        rows
            Row numbers, 0 to n_ratings-1, in the order wanted; or a boolean for each row.

        Returns
        -------
        Interactions

        Raises
        ------
        RecowidgetError
            Where `rows` is neither, or a row number is negative or too large.
        """
        return self._rows(row_numbers(rows, self.n_ratings, "rows"))

    def to_frame(self) -> pd.DataFrame:
        """Give the ratings as a frame with the user's own column names and ids.

        Returns
        -------
        pandas.DataFrame
            User, item, rating (float32) and, where there is one, timestamp (int64), in the order of the
            rows. `from_frame` reads the same interactions from it, but for the titles.
        """
        arrays: dict[Role, npt.NDArray[Any]] = {
            "user": self.users.ids[self.user_idx],
            "item": self.items.ids[self.item_idx],
            "rating": self.ratings,
        }
        if self.timestamps is not None:
            arrays["timestamp"] = self.timestamps
        return pd.DataFrame({self.columns[role]: array for role, array in arrays.items()})

    def sample(self, n_users: int, n_items: int) -> Interactions:
        """Keep the densest block of some users and items that a greedy search finds.

        From the items with most ratings it goes to the users with most ratings of them, on to the items
        with most ratings by those, and so on as long as the block gains ratings; users and items without a
        rating in the block are replaced. Ties go to the smaller index, so that the sample of the same
        ratings is always the same. `recowidget.blocks.densest_block` says it in full.

        Parameters
        ----------
        n_users, n_items
            How many of each, 1 or more.

        Returns
        -------
        Interactions
            The ratings of the block, in the order of their rows, with no other user and item: exactly
            `n_users` and `n_items`, each with a rating, indexed anew by the rank of their ids.

        Raises
        ------
        RecowidgetError
            Where there are fewer users or items with ratings, or the search finds no block in which each
            has one.
        """
        users, items = densest_block(
            self.user_idx, self.item_idx, (self.n_users, self.n_items), (n_users, n_items)
        )
        kept = self._rows(np.flatnonzero(users[self.user_idx] & items[self.item_idx]))
        return replace(
            kept,
            user_idx=(np.cumsum(users, dtype=np.int32) - 1)[kept.user_idx],
            item_idx=(np.cumsum(items, dtype=np.int32) - 1)[kept.item_idx],
            users=self.users.subset(np.flatnonzero(users)),
            items=self.items.subset(np.flatnonzero(items)),
        )

    def __repr__(self) -> str:
        counts = ", ".join(
            (counted(self.n_users, "user"), counted(self.n_items, "item"), counted(self.n_ratings, "rating"))
        )
        taken = ", ".join(f"{role}={as_code(label)}" for role, label in self.columns.items())
        return f"Interactions({counts}; {taken})"

    def _rows(self, rows: Rows) -> Interactions:
        return replace(
            self,
            user_idx=self.user_idx[rows],
            item_idx=self.item_idx[rows],
            ratings=self.ratings[rows],
            timestamps=None if self.timestamps is None else self.timestamps[rows],
            scale=self.rating_scale,
        )

    def _without_repeats(self, pairs: Pairs, duplicates: Duplicates) -> Interactions:
        if duplicates == "last":
            return replace(self._rows(pairs.last_rows()), scale=None)
        if duplicates == "mean":
            return replace(
                self._rows(pairs.first_rows()),
                ratings=pairs.mean(self.ratings),
                timestamps=None if self.timestamps is None else pairs.latest(self.timestamps),
                scale=None,
            )
        rows = pairs.first_repeated()
        user, item = self.users.id_of(self.user_idx[rows[0]]), self.items.id_of(self.item_idx[rows[0]])
        raise RecowidgetError(
            f"ratings has {counted(pairs.n_repeated, '(user, item) pair')} more than once (first: "
            f"{self.users.name} {shown(user)} and {self.items.name} {shown(item)} at rows "
            f'{first_few(rows, len(rows))}); keep the last of each with duplicates="last", or average them '
            f'with duplicates="mean"'
        )
