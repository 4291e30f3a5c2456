"""Titles of items, or names of users, out of a frame of their own."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from recowidget.errors import RecowidgetError, as_code, counted, listed, shown
from recowidget.reading.columns import (
    USUAL_NAMES,
    Groups,
    check_frame,
    check_single,
    column_of,
    labels_of,
    usual_column,
)
from recowidget.reading.ids import encode
from recowidget.reading.values import check_none_missing

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pandas as pd

    from recowidget.encoding import Ids, Vocabulary

Titled = Literal["user", "item"]

USUAL_TITLES: Final[dict[Titled, Groups]] = {
    "user": (
        ("name", "user_name", "username", "userName", "full_name", "fullName"),
        ("first_name", "firstName"),
        ("title", "label"),
    ),
    "item": (
        ("title",),
        ("movie_title", "item_title", "book_title", "product_title", "movieTitle", "itemTitle"),
        ("name",),
        ("movie_name", "item_name", "book_name", "product_name", "movieName", "itemName"),
        ("label",),
    ),
}


def with_titles(
    frame: object, frame_name: str, role: Titled, vocabulary: Vocabulary, label: Hashable
) -> Vocabulary:
    """Find a title, and what else is known, for each id of a vocabulary.

    The frame's id column is the one called as in the ratings, or else by one of the usual names; its
    title column is found by the usual names. Ids that the ratings don't have are passed over. Where an id
    stands twice its first row wins, and one warning says so.

    Parameters
    ----------
    frame
        What the user gave.
    frame_name
        What messages call it.
    role
        Whose titles they are.
    vocabulary
        The ids to find titles for.
    label
        The ratings' column of these ids.

    Returns
    -------
    Vocabulary
        The same with titles, str: the title, or the id as text where there is none; none at all where a
        frame of users has no column of names. Its attributes are the frame's other columns.

    Raises
    ------
    RecowidgetError
        Where it is no frame, has no rows, no column of ids or (for items) of titles, lacks an id in some
        rows, or shares no id with the ratings.

    Warns
    -----
    UserWarning
        Where ids stand in it more than once.
    """
    table = check_frame(frame, frame_name)
    id_label = _id_column(table, frame_name, role, label)
    ids = column_of(table, id_label)
    check_none_missing({id_label: ids}, frame_name)
    indices, distinct = encode(ids, frame_name)
    positions = vocabulary.locate(distinct)
    known = positions >= 0
    if not known.any():
        raise RecowidgetError(_foreign(frame_name, id_label, distinct, vocabulary))
    first_rows = np.full(len(distinct), len(table))
    np.minimum.at(first_rows, indices, np.arange(len(table)))
    _warn_of_repeats(indices, distinct, first_rows, frame_name, id_label)
    title_label = _title_column(table, frame_name, role, id_label)
    rows = np.full(len(vocabulary), -1)
    rows[positions[known]] = first_rows[known]
    titles = None if title_label is None else _titles(vocabulary, column_of(table, title_label), rows)
    others = [column for column in labels_of(table) if column not in (id_label, title_label)]
    attributes = table[others].reset_index(drop=True).reindex(rows).reset_index(drop=True)
    return replace(vocabulary, titles=titles, attributes=attributes if others else None)


def _titles(
    vocabulary: Vocabulary, column: pd.Series[Any], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.object_]:
    titles = np.array([str(value) for value in vocabulary.ids], dtype=object)
    positions = np.flatnonzero(rows >= 0)
    found = column.iloc[rows[positions]]
    for position, title, missing in zip(positions, found, found.isna(), strict=True):
        if not missing:
            titles[position] = str(title)
    return titles


def _id_column(table: pd.DataFrame, frame_name: str, role: Titled, label: Hashable) -> Hashable:
    same = [column for column in labels_of(table) if column == label]
    alike = usual_column(labels_of(table), ((label,),)) if isinstance(label, str) else []
    matches = same[:1] or alike or usual_column(labels_of(table), USUAL_NAMES[role])
    if len(matches) > 1:
        raise RecowidgetError(
            f"{frame_name} has {len(matches)} columns that may hold the {role}s' ids: "
            f"{listed([shown(match) for match in matches])}; rename the right one with "
            f"{frame_name}.rename(columns={{{as_code(matches[0])}: {as_code(label)}}})"
        )
    if not matches:
        if label in table.index.names:
            raise RecowidgetError(
                f"{shown(label)} is in the index of {frame_name}; pass {frame_name}.reset_index()"
            )
        raise RecowidgetError(
            f"{frame_name} has no column {shown(label)}, as ratings has, nor one of another usual name; "
            f"rename the right one with {frame_name}.rename(columns={{...: {as_code(label)}}})"
        )
    check_single(table, frame_name, matches[0])
    return matches[0]


def _title_column(table: pd.DataFrame, frame_name: str, role: Titled, id_label: Hashable) -> Hashable | None:
    others = [column for column in labels_of(table) if column != id_label]
    matches = usual_column(others, USUAL_TITLES[role])
    if not matches and role == "user":
        return None
    wanted = USUAL_TITLES[role][0][0]
    if len(matches) != 1:
        looked_for = ", ".join(usual for group in USUAL_TITLES[role] for usual in group)
        what = (
            f"{len(matches)} columns that may hold the {role}s' titles: "
            f"{listed([shown(match) for match in matches])}"
            if matches
            else f"no column of titles: looked for {looked_for}, in upper or lower case"
        )
        source = as_code(matches[0]) if matches else "..."
        raise RecowidgetError(
            f"{frame_name} has {what}; rename the right one with "
            f'{frame_name}.rename(columns={{{source}: "{wanted}"}})'
        )
    check_single(table, frame_name, matches[0])
    return matches[0]


def _warn_of_repeats(
    indices: npt.NDArray[np.int32],
    distinct: npt.NDArray[np.generic],
    first_rows: npt.NDArray[np.intp],
    frame_name: str,
    id_label: Hashable,
) -> None:
    repeated = np.flatnonzero(np.bincount(indices) > 1)
    if not len(repeated):
        return
    index = repeated[np.argmin(first_rows[repeated])]
    rows = np.flatnonzero(indices == index)
    warnings.warn(
        f"{frame_name} has {counted(len(repeated), 'id')} more than once (first: {id_label} "
        f"{shown(distinct[index])} at rows {rows[0]} and {rows[1]}); the first row of each is taken, "
        f"as by {frame_name}.drop_duplicates(subset=[{as_code(id_label)}])",
        UserWarning,
        stacklevel=4,
    )


def _foreign(frame_name: str, id_label: Hashable, ids: Ids, vocabulary: Vocabulary) -> str:
    place = f"{frame_name}[{as_code(id_label)}]"
    if _kind_of(ids) == _kind_of(vocabulary.ids):
        way = f"leave {frame_name}= out, or pass a frame with the ids of the ratings"
    elif vocabulary.ids.dtype.kind in "iu":
        way = f"convert them with {place} = {place}.astype(int)"
    else:
        ratings = f'ratings["{vocabulary.name}"]'
        way = f"make both text with {place} = {place}.astype(str) and {ratings} = {ratings}.astype(str)"
    return (
        f"{frame_name} has none of the ratings' ids in {shown(id_label)} "
        f"(there {shown(ids[0])}, in the ratings {shown(vocabulary.ids[0])}); {way}"
    )


def _kind_of(ids: Ids) -> type:
    return int if ids.dtype.kind in "iu" else type(ids[0])
