# ruff: noqa: N802, the workshop's own names
"""The workshop's sample and its encoded frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from recowidget.encoding import Vocabulary
from recowidget.errors import RecowidgetError, shown
from recowidget.reading.columns import Role, check_frame, column_of, find_column
from recowidget.reading.ids import encode
from recowidget.reading.values import check_none_missing

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy.typing as npt

SCALE: Final = "rating_scale"
"""Where a frame remembers the ends of its ratings' scale, so that charts of predictions have its colours."""

_SAMPLE_USERS: Final = (1, 2, 6, 7, 8, 10, 12, 13, 14, 16)
_SAMPLE_MOVIES: Final = (1, 50, 71, 82, 95, 176)


@dataclass(frozen=True, eq=False)
class Encoder:
    """Ids to indices and back, with the names that scikit-learn's LabelEncoder has for them.

    Attributes
    ----------
    vocabulary
        The ids, ascending.
    """

    vocabulary: Vocabulary

    @property
    def classes_(self) -> npt.NDArray[Any]:
        """The ids, shape (n,): an id's index is its rank."""
        return self.vocabulary.ids

    def transform(self, ids: Any) -> npt.NDArray[np.int64]:
        """Give the index of each id; RecowidgetError where one is unknown."""
        return np.asarray(self.vocabulary.index_of(ids), np.int64)

    def inverse_transform(self, indices: npt.ArrayLike) -> npt.NDArray[Any]:
        """Give the id of each index; RecowidgetError where there is none."""
        return np.asarray(self.vocabulary.id_of(indices))


def SampleData(
    users: pd.DataFrame, items: pd.DataFrame, ratings: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Keep the workshop's ten users and six movies of MovieLens 100K.

    Parameters
    ----------
    users, items, ratings
        With columns user_id and movie_id.

    Returns
    -------
    tuple of pandas.DataFrame
        users, items, ratings: rows in their order, with their index. 37 ratings of MovieLens 100K.
    """
    needed: list[tuple[str, pd.DataFrame, dict[Role, str]]] = [
        ("users", users, {"user": "user_id"}),
        ("items", items, {"item": "movie_id"}),
        ("ratings", ratings, {"user": "user_id", "item": "movie_id"}),
    ]
    for name, frame, labels in needed:
        columns_called(frame, name, labels)
    of_users, of_movies = ratings["user_id"].isin(_SAMPLE_USERS), ratings["movie_id"].isin(_SAMPLE_MOVIES)
    return (
        users[users["user_id"].isin(_SAMPLE_USERS)].copy(),
        items[items["movie_id"].isin(_SAMPLE_MOVIES)].copy(),
        ratings[of_users & of_movies].copy(),
    )


def EncodeUserItem(
    df: pd.DataFrame, user_col: str, item_col: str, rating_col: str, time_col: str
) -> tuple[pd.DataFrame, int, int, Encoder, Encoder]:
    """Add the indices USER and ITEM, call ratings RATING and times TIMESTAMP, and print how many there are.

    Parameters
    ----------
    df
        Ratings, one a row. It is not changed.
    user_col, item_col, rating_col, time_col
        Its columns.

    Returns
    -------
    tuple
        The frame, the number of users, the number of items, and the `Encoder` of each. An index is the rank
        of the id among the sorted ids.

    Raises
    ------
    RecowidgetError
        Where a column is not there, or an id is missing.
    """
    given: dict[Role, str] = {"user": user_col, "item": item_col, "rating": rating_col, "timestamp": time_col}
    frame = check_frame(df, "df")
    columns = columns_called(frame, "df", given)
    ids: dict[Hashable, pd.Series[Any]] = {label: columns[label] for label in (user_col, item_col)}
    check_none_missing(ids, "df")
    (user_idx, user_ids), (item_idx, item_ids) = (encode(column, "df") for column in ids.values())
    interaction = frame.copy()
    interaction["USER"] = user_idx.astype(np.int64)
    interaction["ITEM"] = item_idx.astype(np.int64)
    interaction = interaction.rename(columns={rating_col: "RATING", time_col: "TIMESTAMP"})
    interaction.attrs[SCALE] = scale_of(interaction)
    print("Number of users: ", len(user_ids))  # noqa: T201
    print("Number of items: ", len(item_ids))  # noqa: T201
    encoders = Encoder(Vocabulary(user_ids, None, user_col)), Encoder(Vocabulary(item_ids, None, item_col))
    return interaction, len(user_ids), len(item_ids), *encoders


def columns_called(df: object, name: str, labels: dict[Role, str]) -> dict[str, pd.Series[Any]]:
    """Give the columns that a frame must have, by label.

    Raises
    ------
    RecowidgetError
        Where it is no frame with rows, or hasn't one of them; the message calls the frame by `name`.
    """
    frame = check_frame(df, name)
    columns = {}
    for role, label in labels.items():
        if not isinstance(label, str):
            raise RecowidgetError(f"the {role} column of {name} must be named by text, not {shown(label)}")
        find_column(frame, name, role, label)
        columns[label] = column_of(frame, label)
    return columns


def indices(df: object, name: str, label: str) -> npt.NDArray[np.int64]:
    """Read a column of indices, USER or ITEM, as `EncodeUserItem` adds it.

    Raises
    ------
    RecowidgetError
        Where a value is missing, or no whole number of 0 or more.
    """
    role: Role = "user" if label == "USER" else "item"
    column = columns_called(df, name, {role: label})[label]
    check_none_missing({label: column}, name)
    numbers = pd.to_numeric(column, errors="coerce") if column.dtype.kind != "b" else column * np.nan
    outside = np.flatnonzero(~((numbers >= 0) & (numbers == np.floor(numbers))).to_numpy(np.bool_))
    if len(outside):
        raise RecowidgetError(
            f"{label} of {name} has {shown(column.iloc[outside[0]])} (first at row {outside[0]}), and must "
            "hold indices, 0, 1, 2 and on; EncodeUserItem gives them"
        )
    return numbers.to_numpy(np.int64)


def scale_of(df: pd.DataFrame) -> tuple[float, float]:
    """Give the lowest and the highest RATING of a frame."""
    return float(df["RATING"].min()), float(df["RATING"].max())
