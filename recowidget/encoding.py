"""Ids and indices: the ids of the users or items as the user gave them, and their indices 0 to n-1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.errors import RecowidgetError, counted, first_few, first_line, listed, shown

Ids = npt.NDArray[Any]
Indices = npt.NDArray[np.int32]
Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """The users or the items of some interactions: an id as the user gave it for each index.

    Attributes
    ----------
    ids
        Ids, shape (n,), ascending and each once: an id's index is its rank. Integers keep the dtype of
        the user's column; all other ids are an object array.
    titles
        What to call each index, shape (n,), str objects, the id as text where no title is known; None
        where the user gave no titles.
    name
        The user's own name for the column of these ids, for example "movie_id".
    attributes
        What else is known of each index, n rows: the other columns of the frame that the titles came from,
        with values missing where it has no such id. None where there is nothing.
    """

    ids: Ids
    titles: npt.NDArray[np.object_] | None = None
    name: str = "id"
    attributes: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", frozen(self.ids))
        if self.titles is not None:
            object.__setattr__(self, "titles", frozen(self.titles))

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Vocabulary({counted(len(self), self.name)}{'' if self.titles is None else ', with titles'})"

    @overload
    def index_of(self, ids: str | int) -> int: ...
    @overload
    def index_of(self, ids: Any) -> Any: ...
    def index_of(self, ids: Any) -> Any:
        """Give the index of one id, or of each of many.

        Parameters
        ----------
        ids
            One id, or a list, array, Series or other collection of ids.

        Returns
        -------
        int or ndarray of int32
            An int for one id, an array of shape (n,) for many.

        Raises
        ------
        RecowidgetError
            Where ids are unknown; the message names them.
        """
        many = pd.api.types.is_list_like(ids)
        wanted = ids if many else [ids]
        if not hasattr(wanted, "__len__") or isinstance(wanted, set | frozenset | dict):
            wanted = list(wanted)
        indices = self.locate(wanted)
        unknown = np.flatnonzero(indices < 0)
        if len(unknown):
            values = _as_objects(wanted)
            distinct = list(dict.fromkeys(shown(values[position]) for position in unknown))
            known = f"{counted(len(self), 'id')}, from {shown(self.ids[0])} to {shown(self.ids[-1])}"
            named = first_few(distinct, len(distinct), quote=False)
            raise RecowidgetError(
                f"{counted(len(distinct), f'unknown {self.name}')}: {named}; there are {known}"
            )
        return indices if many else int(indices[0])

    @overload
    def id_of(self, index: int) -> Any: ...
    @overload
    def id_of(self, index: Any) -> Any: ...
    def id_of(self, index: Any) -> Any:
        """Give the id of one index, or of each of many.

        Parameters
        ----------
        index
            One index, 0 to n-1, or a collection of them.

        Returns
        -------
        int, str or other id; or ndarray
            A plain Python object for one index, an array of the dtype of `ids` for many.

        Raises
        ------
        RecowidgetError
            Where an index is no integer, negative, or n or more.
        """
        if pd.api.types.is_list_like(index):
            return self.ids[self._checked(index)]
        one = self.ids[self._checked([index])[0]]
        return one.item() if isinstance(one, np.generic) else one

    def label_of(self, index: Any) -> Any:
        """Give the title of one index, or of each of many; the id as text where there is no title.

        Parameters
        ----------
        index
            One index, 0 to n-1, or a collection of them.

        Returns
        -------
        str or list of str
            Text as the user gave it: not escaped for HTML.

        Raises
        ------
        RecowidgetError
            As `id_of`.
        """
        source = self.ids if self.titles is None else self.titles
        if pd.api.types.is_list_like(index):
            return [str(label) for label in source[self._checked(index)]]
        return str(source[self._checked([index])[0]])

    def locate(self, ids: Any) -> Indices:
        """Give the index of each id as `index_of` does, and -1 where it is unknown.

        Parameters
        ----------
        ids
            A list, array, Series or Index of ids.

        Returns
        -------
        ndarray of int32
            Shape (n,).
        """
        wanted = np.asarray(ids) if isinstance(ids, np.ndarray | pd.Series | pd.Index | range) else None
        if wanted is not None and wanted.dtype.kind == self.ids.dtype.kind == "i":
            ranks = np.minimum(np.searchsorted(self.ids, wanted), len(self) - 1)
            return np.where(self.ids[ranks] == wanted, ranks, -1).astype(np.int32)
        return np.fromiter((self._rank_of(value) for value in _as_objects(ids)), np.int32)

    def subset(self, indices: npt.NDArray[np.integer]) -> Vocabulary:
        """Keep some of the ids, with their titles.

        Parameters
        ----------
        indices
            Which, ascending; they become 0 to m-1.

        Returns
        -------
        Vocabulary
            Of length m.
        """
        titles = None if self.titles is None else self.titles[indices]
        attributes = None if self.attributes is None else self.attributes.iloc[indices].reset_index(drop=True)
        return Vocabulary(self.ids[indices], titles, self.name, attributes)

    def to_frame(self) -> pd.DataFrame:
        """Give what is known as a frame: the ids under the user's own name, titles, and attributes.

        Returns
        -------
        pandas.DataFrame
            A row for each index.
        """
        columns: dict[Any, Any] = {self.name: self.ids}
        if self.titles is not None:
            columns["title"] = self.titles
        known = pd.DataFrame(columns)
        return known if self.attributes is None else pd.concat([known, self.attributes], axis=1)

    def matching(self, query: str) -> Ids:
        """Find the ids that have what a query asks for.

        Parameters
        ----------
        query
            An expression on the columns of `to_frame`, as `pandas.DataFrame.query` takes it: for example
            ``"occupation == 'student' and age < 25"``.

        Returns
        -------
        ndarray
            Ids, ascending; they go wherever ids are taken, as in `recommend` and the charts.

        Raises
        ------
        RecowidgetError
            Where the query can't be read or names no column; the message lists the columns.
        """
        known = self.to_frame()
        try:
            found = known.query(query)
        except Exception as error:
            columns = listed([shown(column) for column in known.columns])
            raise RecowidgetError(
                f"{shown(query)} can't be asked of {columns}: {first_line(error)}"
            ) from error
        return np.asarray(found[self.name])

    @cached_property
    def _ranks(self) -> dict[Any, int]:
        return {value: rank for rank, value in enumerate(self.ids.tolist())}

    def _rank_of(self, value: object) -> int:
        if isinstance(value, bool | np.bool_):  # True equals 1, and is no id
            return -1
        try:
            return self._ranks.get(value, -1)
        except TypeError:
            return -1

    def _checked(self, index: Any) -> npt.NDArray[np.intp]:
        try:
            given = np.asarray(index if hasattr(index, "__len__") else list(index))
        except ValueError:  # lists of different lengths
            given = np.array([index], dtype=object)
        if given.size == 0:
            return np.empty(0, np.intp)
        if given.dtype.kind not in "iu":
            raise RecowidgetError(f"an index of {self.name} is an integer, not {shown(given.ravel()[0])}")
        outside = (given < 0) | (given >= len(self))
        if outside.any():
            raise RecowidgetError(
                f"no {self.name} has the index {shown(given[outside][0])}: "
                f"there are {len(self):,}, 0 to {len(self) - 1}"
            )
        return given.astype(np.intp)


def frozen(array: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    """Give a read-only view of an array."""
    view = array.view()
    view.setflags(write=False)
    return view


def _as_objects(ids: Any) -> list[Any]:
    if isinstance(ids, np.ndarray) and ids.dtype.kind in "mM":
        ids = pd.Index(ids)
    if isinstance(ids, pd.Series | pd.Index):
        return ids.astype(object).tolist()
    return ids.tolist() if isinstance(ids, np.ndarray) else list(ids)
