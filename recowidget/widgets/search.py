"""Users and items found by what their ids and titles begin with, or have in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from recowidget.widgets.texts import folded, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from recowidget.encoding import Vocabulary
    from recowidget.interactions import Interactions
    from recowidget.widgets.orders import Axis

_ID: Final = re.compile(r"[_ ]?(id|ID|Id)$")

MOST: Final = 8
"""Matches that are told."""
MOST_LOOKED_AT: Final = 5000
"""Lines that have one of several words, and are looked at for the others."""


class Catalogue:
    """The ids and titles of one side as one text, a line each, the most active first.

    A search is a few passes over that text, each of which ends with as many matches as are told: under a
    millisecond for 10,000 titles, some tens for a million.
    """

    def __init__(self, vocabulary: Vocabulary, active: NDArray[Any]) -> None:
        names = [vocabulary.ids] if vocabulary.titles is None else [vocabulary.titles, vocabulary.ids]
        columns = [folded(name[active]) for name in names]
        self._active = active
        self._n_columns = len(columns)
        lines = [line for row in zip(*columns, strict=True) for line in row]
        # Each word has a space before it, so that " word" is found where a word begins.
        self._text = "".join(f"\n {line}" for line in lines) + "\n"
        self._starts = [0, *accumulate(len(line) + 2 for line in lines)]

    def find(self, query: str, n: int = MOST) -> list[tuple[int, int]]:
        """Find what matches a query.

        Parameters
        ----------
        query : str
            Case and accents don't count, nor what stands between words.
        n : int

        Returns
        -------
        list of tuple of int
            Rank of the match and index, the best first: 0 where all of an id or title is the query, 1 where
            one begins with it, 2 where a word does, 3 where words begin with each of the query's, and 4 where
            it is anywhere. Of one rank the most active first.
        """
        wanted = folded([query])[0]
        if not wanted:
            return []
        passes = [
            self._lines(f"\n {wanted}\n"),
            self._lines(f"\n {wanted}"),
            self._lines(f" {wanted}"),
            self._lines_with_all(wanted.split()),
            self._lines(wanted),
        ]
        found: dict[int, int] = {}
        for rank, lines in enumerate(passes):
            for line in lines:
                if len(found) == n:
                    break
                found.setdefault(int(self._active[line // self._n_columns]), rank)
        return [(rank, index) for index, rank in found.items()]

    def _lines(self, part: str) -> Iterator[int]:
        """Give the numbers of the lines that have `part`, ascending."""
        at = self._text.find(part)
        while at >= 0:
            line = bisect_right(self._starts, at) - 1
            yield line
            at = self._text.find(part, self._starts[line + 1])

    def _lines_with_all(self, words: list[str]) -> Iterator[int]:
        if len(words) == 1:
            return
        longest = max(words, key=len)
        for number, line in enumerate(self._lines(f" {longest}")):
            if number == MOST_LOOKED_AT:
                return
            text = self._text[self._starts[line] : self._starts[line + 1]]
            if all(f" {word}" in text for word in words):
                yield line


class Search:
    """Both sides of some interactions, read when they are first searched."""

    def __init__(self, interactions: Interactions) -> None:
        self._interactions = interactions

    def turn_to(self, interactions: Interactions) -> None:
        """Tell the numbers of other ratings of the same users and items; who comes first stays."""
        self._interactions = interactions

    @cached_property
    def _catalogues(self) -> dict[str, Catalogue]:
        interactions = self._interactions
        return {
            "item": Catalogue(interactions.items, interactions.item_order),
            "user": Catalogue(interactions.users, interactions.user_order),
        }

    def find(self, query: str, axes: Mapping[str, Axis], only: str | None = None) -> list[dict[str, Any]]:
        """Find users and items, and where they stand; of `user 50` and `movie 50` one side alone.

        Parameters
        ----------
        query : str
        axes : dict of "user" and "item" to Axis
        only : str, optional
            The side that is searched.

        Returns
        -------
        list of dict
            As js/types.js declares `Match`, `MOST` at most.
        """
        found = [
            (rank, place, side, index)
            for side, catalogue in self._catalogues.items()
            if only in (None, side)
            for place, (rank, index) in enumerate(catalogue.find(self._of_side(query, side)))
        ]
        return [
            self._match(side, index, int(axes[side].positions[index]))
            for _rank, _place, side, index in sorted(found)[:MOST]
        ]

    def _of_side(self, query: str, side: str) -> str:
        """Give what a query asks of a side: the rest where its first word names it, nothing of the other.

        Where all of it is found somewhere, as the film Movie 43, its first word is like any.
        """
        first, _, rest = folded([query])[0].partition(" ")
        named = [one for one, names in self._names.items() if rest and first in names]
        if not named or any(catalogue.find(query, 1) for catalogue in self._catalogues.values()):
            return query
        return rest if side == named[0] else ""

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        """What sides are called: `user`, and `reader` where the column is reader_id."""
        sides = {"user": self._interactions.users, "item": self._interactions.items}
        return {side: {side, *folded([_ID.sub("", vocabulary.name)])} for side, vocabulary in sides.items()}

    def _match(self, side: str, index: int, position: int) -> dict[str, Any]:
        interactions = self._interactions
        vocabulary = interactions.users if side == "user" else interactions.items
        counts = interactions.user_counts if side == "user" else interactions.item_counts
        return {
            "side": side,
            "index": index,
            "position": position,
            "id": text_of(vocabulary.id_of(index)),
            "title": None if vocabulary.titles is None else text_of(vocabulary.label_of(index)),
            "n_ratings": int(counts[index]),
        }
