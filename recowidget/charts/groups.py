"""Colours for what is known of the users: few kinds, each with a colour of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from recowidget.charts.sides import safe_text
from recowidget.errors import RecowidgetError, listed, shown

if TYPE_CHECKING:
    from recowidget.charts.sides import Positions
    from recowidget.encoding import Vocabulary

GROUP_COLORS: Final = [
    "#2073b2",
    "#c2255c",
    "#b45f10",
    "#2f7d4f",
    "#7d4fb0",
    "#8a7a00",
    "#1b8f9e",
]
"""Told apart with any colour vision, by hue and lightness."""
OTHER_COLOR: Final = "#8b9099"
OTHER: Final = "other"
UNKNOWN: Final = "unknown"
_RANGES: Final = 5


def group_of(vocabulary: Vocabulary, attribute: str, idx: Positions) -> tuple[list[str], list[str]]:
    """Put some users into groups by an attribute.

    Numbers of many values are cut into ranges of about equally many users; of more kinds than there are
    colours the rarest go together as "other".

    Parameters
    ----------
    vocabulary
        Whose attributes they are.
    attribute
        The name of a column.
    idx
        Which users, indices, shape (n,).

    Returns
    -------
    groups, domain
        The group of each, shape (n,), and all groups in their order.

    Raises
    ------
    RecowidgetError
        Where there is no such attribute.
    """
    known = vocabulary.attributes
    if known is None or attribute not in known:
        there = "nothing else is known" if known is None else f"known is {listed([shown(c) for c in known])}"
        raise RecowidgetError(f"nothing of each {vocabulary.name} is called {shown(attribute)}; {there}")
    values = known[attribute].iloc[idx].reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(values.dtype) and values.nunique() > len(GROUP_COLORS):
        values = _ranges(values)
    ordered = isinstance(values.dtype, pd.CategoricalDtype)
    names = values.astype(object).where(values.notna(), UNKNOWN).map(lambda value: safe_text(str(value)))
    counts = names[~names.isin([OTHER, UNKNOWN])].value_counts()
    common = counts.index[: len(GROUP_COLORS)]
    kinds = map(str, values.cat.categories) if ordered else sorted(common)
    domain = [kind for kind in kinds if kind in common]
    names = names.where(names.isin([*domain, UNKNOWN]), OTHER)
    return names.tolist(), domain + [name for name in (OTHER, UNKNOWN) if (names == name).any()]


def group_colors(domain: list[str]) -> list[str]:
    """Give each group its colour."""
    named = [name for name in domain if name not in (OTHER, UNKNOWN)]
    return [*GROUP_COLORS[: len(named)], *[OTHER_COLOR] * (len(domain) - len(named))]


def _ranges(values: pd.Series) -> pd.Series:
    digits = 0 if pd.api.types.is_integer_dtype(values.dtype) else 3
    cut = pd.qcut(values, _RANGES, precision=digits, duplicates="drop")
    first, *others = cut.cat.categories
    names = [f"up to {first.right:g}", *(f"{one.left:g} to {one.right:g}" for one in others)]
    return cut.cat.rename_categories(names)
