"""Which column of the user's frame holds the users, the items, the ratings and the timestamps."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from os import PathLike
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from recowidget.errors import RecowidgetError, as_code, counted, first_few, listed, named_type, shown

Role = Literal["user", "item", "rating", "timestamp", "weight"]
Groups = tuple[tuple[str, ...], ...]

# One group holds names that say the same kind of thing: two of them in one frame are a question for the
# user, whereas a name of an earlier group simply wins. Hence `user_id` before `USER` (a frame that was
# encoded already keeps both), and no guess between `movie_id` and `book_id`.
USUAL_NAMES: Final[dict[Role, Groups]] = {
    "user": (("user_id", "userId"), ("user",), ("uid",), ("USER",)),
    "item": (("item_id", "movie_id", "movieId", "book_id", "product_id"), ("item",), ("iid",), ("ITEM",)),
    "rating": (("rating",), ("score", "stars"), ("RATING",)),
    "timestamp": (("timestamp",), ("unix_timestamp",), ("time",), ("TIMESTAMP",)),
}

OPTIONAL: Final[tuple[Role, ...]] = ("rating", "timestamp")
"""What ratings may do without; without ratings they are implicit feedback."""

_COLUMNS_NAMED = 20


def check_frame(frame: object, name: str) -> pd.DataFrame:
    """Return the frame if it is a pandas frame with rows.

    Parameters
    ----------
    frame
        What the user gave.
    name
        What messages call it, for example "ratings".

    Returns
    -------
    pandas.DataFrame
        The same object.

    Raises
    ------
    RecowidgetError
        Where it is no pandas frame, or has no rows.
    """
    if not isinstance(frame, pd.DataFrame):
        way = "a frame"
        if hasattr(frame, "to_pandas"):
            way = f"{name}.to_pandas()"
        elif isinstance(frame, str | PathLike):
            way = f"pd.read_csv({name})"
        elif isinstance(frame, Mapping | Sequence | np.ndarray):
            way = f"pd.DataFrame({name})"
        raise RecowidgetError(f"{name} must be a pandas DataFrame, not {named_type(frame)}; pass {way}")
    if len(frame) == 0:
        raise RecowidgetError(f"{name} has no rows; pass a frame with at least one")
    return frame


def find_column(
    frame: pd.DataFrame,
    name: str,
    role: Role,
    given: Hashable | None = None,
    *,
    taken: Sequence[Hashable] = (),
    optional: Sequence[Role] = ("timestamp",),
) -> Hashable | None:
    """Find the column of a ratings frame that plays a role.

    A given label is taken as it is. Otherwise the usual names are looked for, first exactly, then in any
    case. `USUAL_NAMES` lists them in groups: a name of an earlier group wins; two names of the same group
    are ambiguous.

    Parameters
    ----------
    frame
        The user's frame.
    name
        What messages call it.
    role
        What the column is for.
    given
        The label that the user gave, if any.
    taken
        Labels that play other roles by the user's word: they are not looked at.
    optional
        Roles that no column has to play.

    Returns
    -------
    Hashable or None
        The column's label; None where there is none and the role is optional.

    Raises
    ------
    RecowidgetError
        Where there is no such column, more than one, or one label stands over several columns.
    """
    if given is not None:
        label = _given_column(frame, name, role, given)
    else:
        free = [label for label in labels_of(frame) if label not in taken]
        matches = usual_column(free, USUAL_NAMES[role])
        if len(matches) > 1:
            raise RecowidgetError(
                f"{name} has {len(matches)} columns that may be the {role}: "
                f"{listed([shown(match) for match in matches])}; "
                f"say which with {role}={as_code(matches[0])}"
            )
        if not matches and role in optional and not (role == "rating" and _is_in_index(frame, role)):
            return None
        if not matches:
            looked_for = ", ".join(usual for group in USUAL_NAMES[role] for usual in group)
            raise RecowidgetError(
                f"{name} has no {role} column: looked for {looked_for}, in upper or lower case, among "
                f"{_columns_of(frame)}; {_way_out(frame, name, role)}"
            )
        label = matches[0]
    check_single(frame, name, label)
    return label


def find_columns(
    frame: pd.DataFrame, name: str, given: Mapping[Role, Hashable | None]
) -> dict[Role, Hashable | None]:
    """Find the columns of several roles, each its own, as `find_column` does.

    Parameters
    ----------
    frame
        The user's frame.
    name
        What messages call it.
    given
        The labels that the user gave, None where a column is to be found.

    Returns
    -------
    dict
        The label for each role of `given`; None for one of `OPTIONAL` that isn't there.

    Raises
    ------
    RecowidgetError
        As `find_column`, and where one column is named for two roles.
    """
    roles: dict[Hashable, Role] = {}
    for role, label in given.items():
        if not isinstance(label, Hashable):
            raise RecowidgetError(f"{role}= takes the name of one column, not {shown(label)}")
        other = roles.setdefault(label, role)
        if label is not None and other != role:
            raise RecowidgetError(
                f"{other}= and {role}= both name the column {shown(label)}; name one of each"
            )
    taken = [label for label in roles if label is not None]
    return {
        role: find_column(frame, name, role, label, taken=taken, optional=OPTIONAL)
        for role, label in given.items()
    }


def usual_column(labels: Sequence[Hashable], groups: Groups) -> list[Hashable]:
    """Find the labels of the first group that has any, exact matches before matches in any case.

    Parameters
    ----------
    labels
        Column labels; those that are no text are passed over.
    groups
        Usual names, the best group first.

    Returns
    -------
    list of Hashable
        No label where nothing matches, several where the question is open.
    """
    names = list(dict.fromkeys(label for label in labels if isinstance(label, str)))
    for group in groups:
        exact = [name for name in names if name in group]
        if exact:
            return list(exact)
    for group in groups:
        folded = {usual.casefold() for usual in group}
        alike = [name for name in names if name.casefold() in folded]
        if alike:
            return list(alike)
    return []


def check_single(frame: pd.DataFrame, name: str, label: Hashable) -> None:
    """Raise where a label that is needed stands over more than one column."""
    count = labels_of(frame).count(label)
    if count > 1:
        raise RecowidgetError(
            f"{name} has {count} columns called {shown(label)}; keep the first of each with "
            f"{name}.loc[:, ~{name}.columns.duplicated()]"
        )


def labels_of(frame: pd.DataFrame) -> list[Hashable]:
    """Give the labels of a frame's columns."""
    return list(frame.columns)


def column_of(frame: pd.DataFrame, label: Hashable) -> pd.Series[Any]:
    """Give the column under a label, whatever kind of index the frame's columns have."""
    position = labels_of(frame).index(label)
    return frame.iloc[:, position]


def _given_column(frame: pd.DataFrame, name: str, role: Role, given: Hashable) -> Hashable:
    labels = labels_of(frame)
    if given not in labels:
        if given in frame.index.names:
            raise RecowidgetError(f"{shown(given)} is in the index of {name}; pass {name}.reset_index()")
        raise RecowidgetError(
            f"{name} has no column {shown(given)} (asked for with {role}=); it has {_columns_of(frame)}"
        )
    return labels[labels.index(given)]


def _columns_of(frame: pd.DataFrame) -> str:
    count = frame.shape[1]
    if not count:
        return "no columns"
    return f"the {counted(count, 'column')} {first_few(frame.columns, count, _COLUMNS_NAMED)}"


def _way_out(frame: pd.DataFrame, name: str, role: Role) -> str:
    if isinstance(frame.columns, pd.MultiIndex):
        return f"its columns are a MultiIndex: flatten it with {name}.droplevel(0, axis=1)"
    if _is_in_index(frame, role):
        return f"it is in the index: pass {name}.reset_index()"
    return f'say which it is with {role}="..."'


def _is_in_index(frame: pd.DataFrame, role: Role) -> bool:
    usual = {folded.casefold() for group in USUAL_NAMES[role] for folded in group}
    return any(isinstance(level, str) and level.casefold() in usual for level in frame.index.names)
