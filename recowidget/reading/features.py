"""Features of items out of columns of their frame, as numbers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.errors import RecowidgetError, first_few, shown
from recowidget.reading.columns import check_single, column_of, labels_of
from recowidget.reading.values import plain_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recowidget.encoding import Vocabulary

SEPARATOR: Final = "|"
NO_VALUE: Final = ("", "(no genres listed)")
"""Text that says that there is nothing; the second is MovieLens's."""
MOST_VALUES: Final = 1_000
"""A column of text with more different values says who an item is, and not of which kind."""

_COLUMNS_NAMED = 20


def read_features(
    vocabulary: Vocabulary, labels: Hashable | Sequence[Hashable]
) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
    """Read attributes of the items as features.

    Text is cut at "|", and lists of text are taken as they are: each value, in their order, is a feature,
    1 where the item has it. Booleans and columns of only 0 and 1 stay as they are; other numbers are
    brought to mean 0 and standard deviation 1 over the items that have one. A missing value is 0, and so
    are all features of an item that the frame of items doesn't have.

    Parameters
    ----------
    vocabulary
        The items, with attributes.
    labels
        A column of theirs, or a list of columns.

    Returns
    -------
    features : ndarray of float32
        Shape (n_items, n_features).
    names : tuple of str
        Shape (n_features,): the value, and after several columns ``column: value``; of numbers the column.

    Raises
    ------
    RecowidgetError
        Where there is no such column, or it can't be read as features.
    """
    wanted = list(labels) if isinstance(labels, list) else [labels]
    if not wanted:
        raise RecowidgetError("item_features is empty; name a column of items, or leave it out")
    blocks, names = [], []
    for label in wanted:
        column = _column(vocabulary, label)
        numbers = _numbers(column)
        if numbers is None:
            block, values = _indicators(column)
            names += [value if len(wanted) == 1 else f"{label}: {value}" for value in values]
        else:
            block = _standardized(numbers)[:, None]
            names.append(str(label))
        blocks.append(block)
    return np.concatenate(blocks, axis=1), tuple(names)


def _column(vocabulary: Vocabulary, label: Hashable) -> pd.Series[Any]:
    attributes = pd.DataFrame() if vocabulary.attributes is None else vocabulary.attributes
    there = labels_of(attributes)
    if not isinstance(label, Hashable) or label not in there:
        columns = f"has {first_few(there, len(there), _COLUMNS_NAMED)}" if there else "has no other"
        raise RecowidgetError(
            f"items has no column {shown(label)} beside ids and titles (asked for with item_features=); "
            f"it {columns}"
        )
    check_single(attributes, "items", label)
    return column_of(attributes, label)


def _numbers(column: pd.Series[Any]) -> npt.NDArray[np.float64] | None:
    missing = column.isna()
    # A column of flags or integers is one of objects where some are missing.
    plain = plain_numbers(column[~missing].infer_objects())
    if plain is None or plain.dtype.kind == "c":
        return None
    numbers = np.full(len(column), np.nan)
    numbers[~missing.to_numpy(np.bool_)] = plain
    if not len(plain):
        raise RecowidgetError(f"items has no value in {shown(column.name)} for any item of the ratings")
    if np.isinf(numbers).any():
        raise RecowidgetError(
            f"items has an infinite number in {shown(column.name)}, which can't be a feature; replace it"
        )
    return numbers


def _standardized(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    known = ~np.isnan(numbers)
    scaled = np.where(known, numbers, 0)
    if not np.isin(scaled, (0, 1)).all():
        spread = float(scaled[known].std()) or 1.0
        scaled = np.where(known, (scaled - scaled[known].mean()) / spread, 0)
    return scaled.astype(np.float32)


def _indicators(column: pd.Series[Any]) -> tuple[npt.NDArray[np.float32], list[str]]:
    rows: list[int] = []
    values: list[str] = []
    missing = column.isna().to_numpy()
    for row, value in enumerate(column):
        for part in [] if missing[row] else _parts(value, column.name):
            rows.append(row)
            values.append(part)
    distinct = sorted(set(values))
    if not distinct:
        raise RecowidgetError(f"items has no value in {shown(column.name)} for any item of the ratings")
    if len(distinct) > MOST_VALUES:
        raise RecowidgetError(
            f"items has {len(distinct):,} different values in {shown(column.name)}, and features are of at "
            f"most {MOST_VALUES:,}; name a column that many items share values of, such as genres"
        )
    places = {value: place for place, value in enumerate(distinct)}
    block = np.zeros((len(column), len(distinct)), np.float32)
    block[rows, [places[value] for value in values]] = 1
    return block, distinct


def _parts(value: object, label: object) -> list[str]:
    if isinstance(value, str):
        parts = value.split(SEPARATOR)
    elif isinstance(value, list | tuple | set | frozenset | np.ndarray):
        parts = [str(part) for part in value]
    else:
        raise RecowidgetError(
            f"items has {shown(value)} in {shown(label)}; a feature is text, a list of text or a number"
        )
    stripped = [part.strip() for part in parts]
    return [part for part in stripped if part not in NO_VALUE]
