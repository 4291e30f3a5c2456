"""The users and the items that all views of one run point at."""

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

    from recowidget.encoding import Vocabulary
    from recowidget.interactions import Interactions

KINDS = ("user", "item")


@dataclass(frozen=True, slots=True)
class Selected:
    """Indices of what is selected.

    Attributes
    ----------
    user, item : int or None
        The pair that is looked at closely; None where nothing is. The first of `users` and `items` where not
        given.
    users, items : tuple of int
        All that are selected, each once, `user` and `item` first among them.
    """

    user: int | None = None
    item: int | None = None
    users: tuple[int, ...] = ()
    items: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for kind in KINDS:
            pinned = getattr(self, kind)
            first = () if pinned is None else (pinned,)
            every = tuple(dict.fromkeys((*first, *getattr(self, f"{kind}s"))))
            object.__setattr__(self, f"{kind}s", every)
            object.__setattr__(self, kind, every[0] if every else None)

    def as_json(self) -> dict[str, int | list[int] | None]:
        """Give it as js/types.js declares `Selected`."""
        return {"user": self.user, "item": self.item, "users": list(self.users), "items": list(self.items)}

    def frame(self, interactions: Interactions) -> pd.DataFrame:
        """Return one row for each user and each item that is selected, users first.

        Returns
        -------
        DataFrame
            Columns ``kind`` ("user" or "item"), ``id`` and ``title`` (the id as text where there is none).
        """
        rows = [
            (kind, vocabulary.id_of(index), vocabulary.label_of(index))
            for kind, indices, vocabulary in (
                ("user", self.users, interactions.users),
                ("item", self.items, interactions.items),
            )
            for index in indices
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
        A frame with columns ``kind`` and ``id``, as `Selected.frame` gives it; a dictionary with the ids of
        a "user", of an "item" or of both, one or a list of them; None for nothing. The first of each kind is
        the one that is looked at closely.
    interactions : Interactions

    Raises
    ------
    RecowidgetError
        If it is none of these, or names an id that is unknown.
    """
    ids = _ids_of(value)
    unknown = [kind for kind in ids if kind not in KINDS]
    if unknown:
        raise RecowidgetError(f'selection has {shown(unknown[0])}; it may have "user" and "item"')

    def indices(kind: str, vocabulary: Vocabulary) -> tuple[int, ...]:
        return tuple(int(index) for index in vocabulary.index_of(ids.get(kind, [])))

    return Selected(users=indices("user", interactions.users), items=indices("item", interactions.items))


def _ids_of(value: Any) -> dict[Any, list[Any]]:
    if value is None:
        return {}
    if isinstance(value, pd.DataFrame):
        missing = [name for name in ("kind", "id") if name not in value.columns]
        if missing:
            raise RecowidgetError(f'selection has no column "{missing[0]}"; it needs "kind" and "id"')
        ids: dict[Any, list[Any]] = {}
        for kind, one in zip(value["kind"].tolist(), value["id"].tolist(), strict=True):
            ids.setdefault(kind, []).append(one)
        return ids
    if isinstance(value, Mapping):
        return {
            kind: list(some) if pd.api.types.is_list_like(some) else [some]
            for kind, some in value.items()
            if some is not None
        }
    raise RecowidgetError(
        'selection must be a frame with "kind" and "id", a dictionary such as {"user": 1, "item": [50, 260]} '
        f"or None, not {type(value).__name__}"
    )
