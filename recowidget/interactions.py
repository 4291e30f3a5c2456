"""Who rated what how: the ratings of a user's frame, encoded once and frozen."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.blocks import densest_block
from recowidget.encoding import Indices, Vocabulary, frozen
from recowidget.errors import RecowidgetError, as_code, counted, first_few, shown
from recowidget.reading.columns import USUAL_NAMES, Role, check_frame, column_of, find_columns
from recowidget.reading.duplicates import Pairs, repeated_pairs
from recowidget.reading.features import read_features
from recowidget.reading.ids import encode
from recowidget.reading.matrices import read_matrix, read_side_ids
from recowidget.reading.titles import with_titles
from recowidget.reading.values import check_none_missing, read_ratings, read_timestamps, read_weights
from recowidget.rows import Rows, row_numbers

Duplicates = Literal["error", "last", "mean", "sum"]
Columns = Mapping[Role, Hashable | None]


@dataclass(frozen=True, eq=False, repr=False)
class Interactions:
    """Ratings of items by users, one row each, in the order of the user's frame.

    Made by `from_frame` or `from_matrix`. Its arrays are read-only. Without ratings they are implicit
    feedback, of which is only known who took what: see `is_implicit`.

    Attributes
    ----------
    user_idx, item_idx
        Indices of each row's user and item, int32, shape (n_ratings,).
    ratings
        float32, finite, shape (n_ratings,); all 1 where the feedback is implicit.
    timestamps
        int64, shape (n_ratings,): seconds since 1970 in UTC where the frame had datetimes, its own unit
        where it had numbers; None where it had no column of them.
    users, items
        The ids, and titles where known, that the indices stand for.
    columns
        The label of the frame's column that was taken as "user", "item", "rating" and "timestamp" (None
        where there was none), and "weight" where one was named.
    scale
        The rating scale of the ratings that these were taken from; None: that of these.
    weights
        Of implicit feedback: how much speaks for each row, as how often it happened; float32, above 0,
        shape (n_ratings,). None where all rows count the same.
    item_features
        What else is known of each item, float32, shape (n_items, n_features), zeros where nothing is; None
        where none were asked for.
    item_feature_names
        What the columns of `item_features` stand for.
    """

    user_idx: Indices
    item_idx: Indices
    ratings: npt.NDArray[np.float32]
    timestamps: npt.NDArray[np.int64] | None
    users: Vocabulary
    items: Vocabulary
    columns: Columns
    scale: tuple[float, float] | None = None
    weights: npt.NDArray[np.float32] | None = None
    item_features: npt.NDArray[np.float32] | None = None
    item_feature_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("user_idx", "item_idx", "ratings", "timestamps", "weights", "item_features"):
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
        weight: Hashable | None = None,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        item_features: Hashable | Sequence[Hashable] | None = None,
        duplicates: Duplicates = "error",
    ) -> Interactions:
        """Read the ratings out of a pandas frame.

        The frame is never changed, and may have any index: "row 17" is the row at position 17. A frame
        without a column of ratings is implicit feedback.

        Parameters
        ----------
        df
            One row for each rating, or for each click, purchase or the like.
        user, item, rating, timestamp
            The labels of its columns. Where one is not given, usual names are looked for (those of
            `recowidget.reading.columns.USUAL_NAMES`), exactly before in any case: `user_id` is taken
            before `USER`, and two of a kind, as `movie_id` and `book_id`, are an error that asks for a
            name. `.columns` and the repr say which was taken. Rating and timestamp may be absent.
        weight
            The label of a column of numbers above 0 that say how much speaks for each row: how often it
            happened, or how long it lasted. With it the feedback is implicit, and no rating is looked for.
        items
            A frame with titles of the items; its column of ids is called as in `df`, or has a usual name.
            An item without a title goes by its id.
        users
            The same for users; a column of names is optional. The other columns of both frames (age,
            occupation, genres) are kept as attributes, to label, colour and filter by.
        item_features
            A column of `items`, or several, that models are to see beside the ids. Text, cut at "|", and
            lists of text become a feature for each value; numbers become one, see
            `recowidget.reading.features.read_features`.
        duplicates
            What to do where a user has rated an item more than once: "error" raises, "last" keeps the last
            of the rows in the frame's order (sort by time first where that is not the order), "mean"
            averages the ratings (the weights), takes the latest timestamp, and puts them where the first
            row was. Of implicit feedback, where the same again is natural, "sum" does the same and adds up
            the weights, or counts the rows where there are none: the counts are then the weights.

        Returns
        -------
        Interactions

        Raises
        ------
        RecowidgetError
            Where `df` is no frame, has no rows, lacks a column or has it twice or ambiguously; where a
            value is missing, an id can't be sorted, a rating is no finite number; where a pair stands more
            than once; where features can't be read. The message says what, where and what to do.

        Warns
        -----
        UserWarning
            Where `items` or `users` has an id more than once: the first row wins.
        """
        if duplicates not in ("error", "last", "mean", "sum"):
            raise RecowidgetError(
                f'duplicates must be "error", "last", "mean" or "sum", not {shown(duplicates)}'
            )
        if weight is not None and rating is not None:
            raise RecowidgetError(
                "rating= and weight= are both given; a weight is of implicit feedback, which has no ratings"
            )
        if item_features is not None and items is None:
            raise RecowidgetError("item_features names columns of items; pass that frame with items=")
        frame = check_frame(df, "ratings")
        given: dict[Role, Hashable | None] = {
            "user": user,
            "item": item,
            "rating": rating,
            "timestamp": timestamp,
        }
        if weight is not None:
            del given["rating"]
            given["weight"] = weight
        columns = dict.fromkeys(USUAL_NAMES) | find_columns(frame, "ratings", given)
        taken = {label: column_of(frame, label) for label in columns.values() if label is not None}
        check_none_missing(taken, "ratings")
        user_idx, user_ids = encode(taken[columns["user"]], "ratings")
        item_idx, item_ids = encode(taken[columns["item"]], "ratings")
        read = cls(
            user_idx,
            item_idx,
            np.ones(len(frame), np.float32)
            if columns["rating"] is None
            else read_ratings(taken[columns["rating"]], "ratings"),
            None if columns["timestamp"] is None else read_timestamps(taken[columns["timestamp"]], "ratings"),
            Vocabulary(user_ids, None, str(columns["user"])),
            Vocabulary(item_ids, None, str(columns["item"])),
            columns,
            weights=None if weight is None else read_weights(taken[columns["weight"]], "ratings"),
        )
        pairs = repeated_pairs(user_idx, item_idx, len(item_ids))
        if duplicates == "sum" and not read.is_implicit:
            raise RecowidgetError(
                f'duplicates="sum" counts implicit feedback, and these have ratings in '
                f'{shown(columns["rating"])}; use duplicates="mean" or "last"'
            )
        if pairs is not None:
            read = read._without_repeats(pairs, duplicates)
        if users is not None:
            read = replace(read, users=with_titles(users, "users", "user", read.users, columns["user"]))
        if items is not None:
            read = replace(read, items=with_titles(items, "items", "item", read.items, columns["item"]))
        if item_features is not None:
            features, names = read_features(read.items, item_features)
            read = replace(read, item_features=features, item_feature_names=names)
        return read

    @classmethod
    def from_matrix(cls, matrix: Any, *, users: Any = None, items: Any = None) -> Interactions:
        """Read implicit feedback out of a sparse matrix: who took what, and how often.

        Parameters
        ----------
        matrix : scipy.sparse matrix or array
            Of any format, a row for each user and a column for each item. An entry above 0 is a row here,
            user by user, and its value the weight; where all values are 1 (or booleans) there are no
            weights. Zeros that are stored don't count.
        users, items : sequence of ids, optional
            The id of each row and of each column, each once; their numbers, 0 and on, where not given. A
            Series or an Index gives the name of its ids as well.

        Returns
        -------
        Interactions
            With all users and items, those without an entry included. As everywhere, an id's index is its
            rank: the rows of a matrix whose `users` don't ascend are not the indices.

        Raises
        ------
        RecowidgetError
            Where it is no sparse matrix, has no entry, or an entry is negative or no finite number; where
            the ids don't fit. Ratings in a matrix are for `from_frame`.
        """
        rows, entries, weights, (n_users, n_items) = read_matrix(matrix)
        user_rank, user_ids = read_side_ids(users, "users", n_users)
        item_rank, item_ids = read_side_ids(items, "items", n_items)
        columns: dict[Role, Hashable | None] = {
            "user": "user_id" if getattr(users, "name", None) is None else users.name,
            "item": "item_id" if getattr(items, "name", None) is None else items.name,
            "rating": None,
            "timestamp": None,
        }
        return cls(
            user_rank[rows],
            item_rank[entries],
            np.ones(len(rows), np.float32),
            None,
            Vocabulary(user_ids, None, str(columns["user"])),
            Vocabulary(item_ids, None, str(columns["item"])),
            columns,
            weights=None if bool(np.all(weights == 1)) else weights,
        )

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

    @property
    def is_implicit(self) -> bool:
        """Whether there are no ratings, only who took what: clicks, purchases, plays."""
        return self.columns["rating"] is None

    @property
    def noun(self) -> str:
        """What one row is called: a rating, or an interaction where the feedback is implicit."""
        return "interaction" if self.is_implicit else "rating"

    @cached_property
    def rating_scale(self) -> tuple[float, float]:
        """The lowest and the highest of the ratings, those left out by `take` and `sample` included.

        So a colour stands for the same rating in a sample as in all of them. Two NaN where there is none;
        0 and 1 where the feedback is implicit.
        """
        if self.is_implicit:
            return 0.0, 1.0
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
            rows. `from_frame` reads the same interactions from it, but for titles and features. Implicit
            feedback has no ratings in it; its weights, where it has some, are the column that they were
            read from, or else "weight", which ``from_frame(..., weight="weight")`` reads.
        """
        arrays: dict[Hashable | None, npt.NDArray[Any]] = {
            self.columns["user"]: self.users.ids[self.user_idx],
            self.columns["item"]: self.items.ids[self.item_idx],
        }
        if not self.is_implicit:
            arrays[self.columns["rating"]] = self.ratings
        if self.weights is not None:
            arrays[self.columns.get("weight", "weight")] = self.weights
        if self.timestamps is not None:
            arrays[self.columns["timestamp"]] = self.timestamps
        return pd.DataFrame(arrays)

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
        features = self.item_features
        return replace(
            kept,
            user_idx=(np.cumsum(users, dtype=np.int32) - 1)[kept.user_idx],
            item_idx=(np.cumsum(items, dtype=np.int32) - 1)[kept.item_idx],
            users=self.users.subset(np.flatnonzero(users)),
            items=self.items.subset(np.flatnonzero(items)),
            item_features=None if features is None else features[items],
        )

    def __repr__(self) -> str:
        sizes = {"user": self.n_users, "item": self.n_items, self.noun: self.n_ratings}
        counts = ", ".join(counted(size, noun) for noun, size in sizes.items())
        kind = ""
        if self.is_implicit:
            kind = " (implicit)" if self.weights is None else " (implicit, weighted)"
        taken = ", ".join(f"{role}={as_code(label)}" for role, label in self.columns.items())
        return f"Interactions({counts}{kind}; {taken})"

    def _rows(self, rows: Rows) -> Interactions:
        return replace(
            self,
            user_idx=self.user_idx[rows],
            item_idx=self.item_idx[rows],
            ratings=self.ratings[rows],
            timestamps=None if self.timestamps is None else self.timestamps[rows],
            weights=None if self.weights is None else self.weights[rows],
            scale=self.rating_scale,
        )

    def _without_repeats(self, pairs: Pairs, duplicates: Duplicates) -> Interactions:
        if duplicates == "last":
            return replace(self._rows(pairs.last_rows()), scale=None)
        if duplicates in ("mean", "sum"):
            weights = self.weights
            if duplicates == "sum":
                weights = pairs.sums(self.ratings if weights is None else weights)
            elif weights is not None:
                weights = pairs.mean(weights)
            return replace(
                self._rows(pairs.first_rows()),
                ratings=pairs.mean(self.ratings),
                weights=weights,
                timestamps=None if self.timestamps is None else pairs.latest(self.timestamps),
                scale=None,
            )
        way = 'average them with duplicates="mean"'
        if self.is_implicit:
            way = f'{"count" if self.weights is None else "add up"} them with duplicates="sum"'
        rows = pairs.first_repeated()
        user, item = self.users.id_of(self.user_idx[rows[0]]), self.items.id_of(self.item_idx[rows[0]])
        raise RecowidgetError(
            f"ratings has {counted(pairs.n_repeated, '(user, item) pair')} more than once (first: "
            f"{self.users.name} {shown(user)} and {self.items.name} {shown(item)} at rows "
            f"{first_few(rows, len(rows))}); Interactions.from_frame can keep the last of each with "
            f'duplicates="last", or {way}'
        )
