# ruff: noqa: N802, the workshop's own names
"""The workshop's splits, which go by the order of the rows: the first are to train on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from recowidget.checks import check_choice
from recowidget.reading.columns import check_frame
from recowidget.reading.values import check_none_missing, read_timestamps
from recowidget.shares import check_seed, check_shares, file_order_numbers
from recowidget.sorting import stable_order
from recowidget.workshop.data import columns_called, indices

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from recowidget.rows import Rows


def RandomSplit(
    df: pd.DataFrame,
    ratios: Sequence[float],
    shuffle: bool = False,  # noqa: FBT001, FBT002
    seed: int = 0,
) -> list[pd.DataFrame]:
    """Cut a frame at the sums of the ratios: in the order of its rows, unless it is shuffled before.

    `recowidget.splits.random_split` is the split at random.

    Parameters
    ----------
    df
        One rating a row.
    ratios
        Two or more, 1 in all.
    shuffle
        Whether to shuffle before.
    seed
        Of the shuffling.

    Returns
    -------
    list of pandas.DataFrame
        One a ratio, with the column split_index.

    Raises
    ------
    RecowidgetError
        Where the ratios don't fit.
    """
    n_rows = len(check_frame(df, "df"))
    rows = np.random.default_rng(check_seed(seed)).permutation(n_rows) if shuffle else np.arange(n_rows)
    return _cut(df, ratios, rows, np.zeros(n_rows, np.int64))


def StratifiedSplit(
    df: pd.DataFrame, ratios: Sequence[float], by: Literal["USER", "ITEM"] = "USER"
) -> list[pd.DataFrame]:
    """Cut each user's rows, or each item's, in the order of the rows.

    `recowidget.splits.stratified_split` is the one at random.

    Parameters
    ----------
    df
        With columns USER and ITEM.
    ratios
        Two or more, 1 in all.
    by
        "USER" or "ITEM".

    Returns
    -------
    list of pandas.DataFrame
        One a ratio, by user (item), with the column split_index.

    Raises
    ------
    RecowidgetError
        Where the ratios don't fit, `by` is none of the two, or USER or ITEM holds no indices.
    """
    groups = _groups(df, by)
    return _cut(df, ratios, stable_order(groups), groups)


def ChronoSplit(
    df: pd.DataFrame, ratios: Sequence[float], by: Literal["USER", "ITEM"] = "USER"
) -> list[pd.DataFrame]:
    """Cut each user's rows, or each item's, in the order of TIMESTAMP; of one time, in that of the rows.

    Parameters
    ----------
    df
        With columns USER, ITEM and TIMESTAMP.
    ratios, by
        As in `StratifiedSplit`.

    Returns
    -------
    list of pandas.DataFrame
        As of `StratifiedSplit`.

    Raises
    ------
    RecowidgetError
        As `StratifiedSplit`, and where a time is missing or none.
    """
    groups = _groups(df, by)
    times = columns_called(df, "df", {"timestamp": "TIMESTAMP"})["TIMESTAMP"]
    check_none_missing({"TIMESTAMP": times}, "df")
    order = stable_order(read_timestamps(times, "df"))
    return _cut(df, ratios, stable_order(groups, order), groups)


def _cut(
    df: pd.DataFrame, ratios: Sequence[float], rows: Rows, groups: npt.NDArray[np.int64]
) -> list[pd.DataFrame]:
    """Cut rows that are sorted by group at the sums of the ratios, group by group."""
    shares = check_shares(ratios)
    numbers = file_order_numbers(groups[rows], shares)
    return [df.iloc[rows[numbers == share]].assign(split_index=share) for share in range(len(shares))]


def _groups(df: pd.DataFrame, by: str) -> npt.NDArray[np.int64]:
    groups = indices(df, "df", check_choice("by", by, ("USER", "ITEM")))
    # Ranks of the indices, which may be large where a frame has ids in their place.
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)
