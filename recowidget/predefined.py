"""The rows to test with, in any of the ways that a user has them."""

from __future__ import annotations

import warnings
from itertools import islice
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recowidget.errors import RecowidgetError, as_code, counted, shown
from recowidget.reading.columns import check_frame, column_of, find_column, labels_of
from recowidget.rows import Rows, row_numbers

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Literal

    import numpy.typing as npt

    from recowidget.interactions import Interactions


def held_out_rows(interactions: Interactions, test: Any, fold: int) -> Rows:
    """Find the rows to test with; `recowidget.splits.predefined_split` says how they may be given.

    Returns
    -------
    ndarray of intp
        Row numbers, each once; at least one.

    Raises
    ------
    RecowidgetError
        Where `test` is none of the ways, or names no row.
    """
    if isinstance(test, str | bytes):
        raise RecowidgetError(
            f"the interactions hold no column {shown(test)}: "
            f"pass the column itself, test=ratings[{shown(test)}]"
        )
    if isinstance(test, pd.DataFrame):
        rows = _rows_of_pairs(interactions, test)
    elif callable(getattr(test, "split", None)):
        rows = _rows_of_splitter(interactions, test, fold)
    else:
        rows = row_numbers(_plain(test), interactions.n_ratings, "test")
    if not len(rows):
        raise RecowidgetError("test has no row; give one or more to test with")
    if len(np.unique(rows)) < len(rows):
        hint = (
            "; a mask must be of booleans: test.astype(bool)" if len(rows) == interactions.n_ratings else ""
        )
        raise RecowidgetError(f"test has a row number more than once{hint}")
    return rows


def _plain(test: Any) -> npt.ArrayLike:
    """Turn a nullable boolean column into an array of booleans."""
    column = test if isinstance(test, pd.Series) else None
    if column is None or not pd.api.types.is_bool_dtype(column.dtype):
        plain: npt.ArrayLike = test
        return plain
    missing = column.isna()
    if missing.any():
        raise RecowidgetError(
            f"test has {counted(int(missing.sum()), 'missing value')} "
            f"(first at row {int(np.argmax(missing))}); fill them with test.fillna(False)"
        )
    return column.to_numpy(dtype=np.bool_)


def _rows_of_pairs(interactions: Interactions, test: pd.DataFrame) -> Rows:
    frame = check_frame(test, "test")
    user_idx = interactions.users.locate(_ids(frame, interactions, "user"))
    item_idx = interactions.items.locate(_ids(frame, interactions, "item"))
    wanted = user_idx.astype(np.int64) * interactions.n_items + item_idx
    wanted[(user_idx < 0) | (item_idx < 0)] = -1
    pairs = interactions.user_idx.astype(np.int64) * interactions.n_items + interactions.item_idx
    rows = np.flatnonzero(np.isin(pairs, wanted))
    absent = np.flatnonzero(~np.isin(wanted, pairs[rows]))
    if len(absent):
        raise RecowidgetError(
            f"test has {counted(len(absent), 'row')} whose user and item are not together in the ratings "
            f"(first at row {absent[0]}); the ratings must hold all rows, those to test with as well: "
            f"pd.concat([train, test])"
        )
    return rows


def _ids(frame: pd.DataFrame, interactions: Interactions, role: Literal["user", "item"]) -> pd.Series[Any]:
    """Give the ids of a frame: by the ratings' own name for them, otherwise by a usual one."""
    own: Hashable | None = interactions.columns[role]
    label = find_column(frame, "test", role, own if own in labels_of(frame) else None)
    column = column_of(frame, label)
    missing = column.isna()
    if missing.any():
        raise RecowidgetError(
            f"test has {counted(int(missing.sum()), 'row')} with no {as_code(label)} "
            f"(first at row {int(np.argmax(missing))})"
        )
    return column


def _rows_of_splitter(interactions: Interactions, splitter: Any, fold: object) -> Rows:
    number = int(fold) if not isinstance(fold, bool) and isinstance(fold, Integral) else -1
    if number < 0:
        raise RecowidgetError(f"fold must be an integer of 0 or more, not {shown(fold)}")
    n_ratings = interactions.n_ratings
    name = type(splitter).__name__
    values = np.unique(interactions.ratings, return_inverse=True)[1].reshape(-1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
        folds = splitter.split(np.zeros((n_ratings, 1)), values, interactions.user_idx)
        chosen = next(islice(folds, number, None), None)
    if chosen is None:
        raise RecowidgetError(f"{name} has no fold {number}; its folds are counted from 0")
    train, test = (row_numbers(rows, n_ratings, part) for rows, part in zip(chosen, _SIDES, strict=True))
    left_out = n_ratings - len(np.union1d(train, test))
    if left_out:
        raise RecowidgetError(
            f"{name} leaves {counted(left_out, 'row')} in neither part, and each row of the ratings must be "
            f"in one; split interactions.take(rows) of the rows in use"
        )
    return test


_SIDES = ("train of the splitter", "test of the splitter")
