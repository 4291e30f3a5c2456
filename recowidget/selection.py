"""The user and the item that all views of one run point at."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from recowidget.errors import RecowidgetError, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from recowidget.interactions import Interactions

KINDS = ("user", "item")


@dataclass(frozen=True, slots=True)
class Selected:
    """Indices of what is selected; None where nothing is.

    Attributes
    ----------
    user, item : int or None
    """

    user: int | None = None
    item: int | None = None

    def frame(self, interactions: Interactions) -> pd.DataFrame:
        """Return one row for each of user and item that is selected.

        Returns
        -------
        DataFrame
            Columns ``kind`` ("user" or "item"), ``id`` and ``title`` (the id as text where there is none).
        """
        rows = [
            (kind, vocabulary.id_of(index), vocabulary.label_of(index))
            for kind, index, vocabulary in (
                ("user", self.user, interactions.users),
                ("item", self.item, interactions.items),
            )
            if index is not None
        ]
        return pd.DataFrame(rows, columns=["kind", "id", "title"])


class Selection:
    """What is selected, for all that look at one run; who has joined is told of every change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._selected = Selected()
        self._views: tuple[Callable[[Selected], None], ...] = ()

    @property
    def selected(self) -> Selected:
        """What is selected now."""
        return self._selected

    def join(self, view: Callable[[Selected], None]) -> None:
        """Tell `view` of every change from now on."""
        with self._lock:
            self._views = (*self._views, view)

    def leave(self, view: Callable[[Selected], None]) -> None:
        """Tell `view` nothing more."""
        with self._lock:
            self._views = tuple(other for other in self._views if other != view)

    def select(self, selected: Selected) -> None:
        """Select, and tell all views where that is a change."""
        with self._lock:
            if selected == self._selected:
                return
            self._selected = selected
            views = self._views
        for view in views:
            view(selected)


_OF_DATA: weakref.WeakKeyDictionary[Interactions, Selection] = weakref.WeakKeyDictionary()


def selection_of(interactions: Interactions) -> Selection:
    """Give the one selection of all views that are of this very object, or of splits of it."""
    return _OF_DATA.setdefault(interactions, Selection())


def read_selection(value: Any, interactions: Interactions) -> Selected:
    """Read what a user's code selects.

    Parameters
    ----------
    value : DataFrame, dict or None
        A frame with columns ``kind`` and ``id``, as `Selected.frame` gives it; a dictionary with the id of
        a "user", of an "item" or of both; None for nothing.
    interactions : Interactions

    Raises
    ------
    RecowidgetError
        If it is none of these, names a kind twice or an id that is unknown.
    """
    if value is None:
        return Selected()
    if isinstance(value, pd.DataFrame):
        missing = [name for name in ("kind", "id") if name not in value.columns]
        if missing:
            raise RecowidgetError(f'selection has no column "{missing[0]}"; it needs "kind" and "id"')
        if value["kind"].duplicated().any():
            repeated = shown(value["kind"][value["kind"].duplicated()].iloc[0])
            raise RecowidgetError(f"selection has {repeated} more than once; one user and one item at most")
        ids = dict(zip(value["kind"].tolist(), value["id"].tolist(), strict=True))
    elif isinstance(value, Mapping):
        ids = {kind: one for kind, one in value.items() if one is not None}
    else:
        raise RecowidgetError(
            'selection must be a frame with "kind" and "id", a dictionary such as {"user": 1, "item": 50}, '
            f"or None, not {type(value).__name__}"
        )
    unknown = [kind for kind in ids if kind not in KINDS]
    if unknown:
        raise RecowidgetError(f'selection has {shown(unknown[0])}; it may have "user" and "item"')
    return Selected(
        **{
            kind: (interactions.users if kind == "user" else interactions.items).index_of(one)
            for kind, one in ids.items()
        }
    )
