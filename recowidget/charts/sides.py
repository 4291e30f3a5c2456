"""The users and the items that a chart shows, in its order, and what it calls them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.charts.style import MAX_MARKS
from recowidget.checks import check_count
from recowidget.errors import RecowidgetError, counted, shown

if TYPE_CHECKING:
    from recowidget.encoding import Vocabulary
    from recowidget.interactions import Interactions

Noun = Literal["user", "item"]
Positions = npt.NDArray[np.intp]

# Altair's notebook renderer and `to_html` write a chart's data into a <script>, where these end or bend it.
_MARKUP = re.compile(r"<(?=/?script|!--)", re.IGNORECASE)
_WORD_JOINER = "\u2060"


@dataclass(frozen=True, eq=False)
class Side:
    """Some of the users, or of the items, in the order that a chart has them.

    Attributes
    ----------
    noun
        "user" or "item".
    idx
        Indices, shape (n,).
    labels
        What each is called, distinct: the title where there is one, otherwise the id.
    ids
        Ids as text, where the labels are titles; None where the labels are the ids.
    total
        How many these were chosen from.
    order
        How they are ordered, for example "most active first"; empty where they come as given.
    """

    noun: Noun
    idx: Positions
    labels: list[str]
    ids: list[str] | None
    total: int
    order: str = ""

    def __len__(self) -> int:
        return len(self.idx)

    @property
    def axis_title(self) -> str:
        """What stands along the axis."""
        return f"{self.noun}s, {self.order}" if self.order else f"{self.noun}s"

    @property
    def count(self) -> str:
        """How many are shown, for a subtitle: `48 of 610 users`."""
        if len(self) == self.total:
            return counted(self.total, self.noun)
        return f"{len(self):,} of {counted(self.total, self.noun)}"

    def columns(self, positions: Positions) -> dict[str, list[str]]:
        """Give the columns of a chart's data that say who is at each of some positions."""
        named: dict[str, list[str]] = {self.noun: [self.labels[position] for position in positions]}
        if self.ids is not None:
            named[f"{self.noun}_id"] = [self.ids[position] for position in positions]
        return named

    def tooltips(self) -> list[alt.Tooltip]:
        """Name the user or item in a tooltip: an item's title as its heading, which "title" makes it."""
        if self.ids is None:
            return [alt.Tooltip(f"{self.noun}:N", title=self.noun)]
        heading = "title" if self.noun == "item" else "user"
        return [
            alt.Tooltip(f"{self.noun}:N", title=heading),
            alt.Tooltip(f"{self.noun}_id:N", title=f"{self.noun} id"),
        ]

    def positions(self, n: int) -> Positions:
        """Give the position of each index 0 to n-1, and -1 where it isn't shown."""
        positions = np.full(n, -1, np.intp)
        positions[self.idx] = np.arange(len(self.idx))
        return positions


def numbered_side(noun: Noun, n: int, most: int) -> Side:
    """Take the first of users or items that are known by their indices only."""
    idx = np.arange(min(n, most))
    return Side(noun, idx, [str(index) for index in idx], None, n)


def side_of(
    vocabulary: Vocabulary, noun: Noun, most: int, *, ids: Any = None, order: npt.ArrayLike | None = None
) -> Side:
    """Choose what to show of the users or items of a vocabulary.

    Parameters
    ----------
    vocabulary
        All of them.
    noun
        "user" or "item".
    most
        How many to show at most.
    ids
        Which, in this order. Otherwise all.
    order
        Indices by activity, to go by where no ids are given. Otherwise by index.

    Returns
    -------
    Side

    Raises
    ------
    RecowidgetError
        Where ids are unknown, or given more than once.
    """
    named = ""
    if ids is not None:
        chosen = np.atleast_1d(np.asarray(vocabulary.index_of(ids), np.intp))
        repeated = np.flatnonzero(np.bincount(chosen, minlength=1) > 1)
        if len(repeated):
            raise RecowidgetError(
                f"{noun}s has {shown(vocabulary.id_of(int(repeated[0])))} more than once; give each id once"
            )
    elif order is not None:
        chosen = np.asarray(order, np.intp)
        named = "most active first" if noun == "user" else "most rated first"
    else:
        chosen = np.arange(len(vocabulary))
    idx = chosen[:most]
    texts = [safe_text(str(value)) for value in vocabulary.ids[idx]]
    if vocabulary.titles is None:
        return Side(noun, idx, _distinct(texts, texts), None, len(chosen), named)
    titles = [safe_text(str(title)) for title in vocabulary.titles[idx]]
    return Side(noun, idx, _distinct(titles, texts), texts, len(chosen), named)


def sides_of(
    interactions: Interactions, users: Any, items: Any, n_users: int, n_items: int
) -> tuple[Side, Side]:
    """Choose the block of a matrix to show: the ids given, otherwise the most active and the most rated.

    Raises
    ------
    RecowidgetError
        Where ids are unknown or given twice, or the block may have more cells than a chart holds.
    """
    check_count("n_users", n_users)
    check_count("n_items", n_items)
    if n_users * n_items > MAX_MARKS:
        raise RecowidgetError(
            f"n_users={n_users} times n_items={n_items} is {n_users * n_items:,} cells, and a chart holds "
            f"{MAX_MARKS:,}; show fewer, or the whole matrix with interactions_chart(..., overview=True)"
        )
    return (
        side_of(interactions.users, "user", n_users, ids=users, order=interactions.user_order),
        side_of(interactions.items, "item", n_items, ids=items, order=interactions.item_order),
    )


def safe_text(text: str) -> str:
    """Keep a text from ending the script that a page holds a chart's data in; it reads as before."""
    return _MARKUP.sub("<" + _WORD_JOINER, text)


def table(columns: dict[str, Any]) -> pd.DataFrame:
    """Make a chart's data, with text columns as plain objects whatever the pandas."""
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype=object) if isinstance(values, list) else values
            for name, values in columns.items()
        }
    )


def _distinct(labels: list[str], ids: list[str]) -> list[str]:
    """Add the id to labels that stand more than once, and the position where even that isn't enough."""
    counts = Counter(labels)
    named = [
        label if counts[label] == 1 else f"{label} [{own}]" for label, own in zip(labels, ids, strict=True)
    ]
    counts = Counter(named)
    return [label if counts[label] == 1 else f"{label} #{k}" for k, label in enumerate(named)]
