"""Factors as heat maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import altair as alt
import numpy as np
import numpy.typing as npt

from recowidget.charts.cells import GAP_FROM, plain, seamless
from recowidget.charts.reading import read_learned, read_table, tables_in
from recowidget.charts.sides import Noun, Side, numbered_side, side_of, table
from recowidget.charts.style import (
    DIVERGING_STOPS,
    MAX_MARKS,
    band_axis,
    cell_step,
    color_legend,
    color_scale,
    layered,
    title_of,
)
from recowidget.checks import check_choice, check_count, check_number
from recowidget.encoding import Vocabulary
from recowidget.errors import RecowidgetError, counted
from recowidget.interactions import Interactions

if TYPE_CHECKING:
    from recowidget.arguments import RatingsLike
    from recowidget.scoring import ScorerLike

_MOST: Final = {"user": 48, "item": 72}
_MOST_FACTORS: Final = 64
_WITHIN: Final = 0.995


def factors_chart(
    factors: ScorerLike | npt.ArrayLike,
    interactions: RatingsLike | Vocabulary | None = None,
    *,
    side: Noun = "user",
    ids: Any = None,
    n: int | None = None,
    bound: float | None = None,
) -> alt.LayerChart:
    """Draw the factors of the users, a row each, or of the items, a column each.

    So the users' chart goes beside a matrix of the same users, and the items' above one of the same items.

    Parameters
    ----------
    factors
        `Factors`, or the array of one side, shape (n, n_factors); or a Keras model, beside its ratings.
    interactions
        Whose factors they are: interactions or a frame of ratings, which give the order by activity as well,
        or a vocabulary of this side. Indices where not given.
    side
        "user" or "item".
    ids
        Which to show, in this order; they need `interactions`.
    n
        How many to show at most; 48 users or 72 items where not given.
    bound
        The value at the ends of the colours, on both sides of 0. Where not given, what 995 of 1,000 values
        are within: with `Factors`, those of either side, whose charts so have the same colours.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    RecowidgetError
        Where the factors have another shape, or as many rows as there are not users or items; where `side`
        or `bound` is none.
    """
    check_choice("side", side, list(_MOST))
    if bound is not None:
        check_number("bound", bound, above=0)
    if n is not None:
        check_count("n", n)
    learned, known = read_learned(factors, interactions)
    matrix, reach = _read(learned, side)
    k = min(matrix.shape[1], _MOST_FACTORS)
    most = min(n or _MOST[side], MAX_MARKS // max(k, 1))
    who = named_side(known, side, len(matrix), most, ids)
    end = bound if bound is not None else reach
    return _draw(
        matrix[who.idx, :k], who, end, title_of(f"{side.title()} factors", _subtitle(who, matrix.shape[1]))
    )


def _draw(values: npt.NDArray[np.float64], who: Side, bound: float, title: alt.TitleParams) -> alt.LayerChart:
    n, k = values.shape
    position, factor = np.divmod(np.arange(n * k), max(k, 1))
    names = [str(number) for number in range(k)]
    data = table(
        {
            **who.columns(position),
            "factor": [names[number] for number in factor],
            "value": plain(values.ravel()),
        }
    )
    across = who.noun == "item"
    step = cell_step(k, n) if across else cell_step(n, k)
    gap = 1 / step if step >= GAP_FROM else 0
    spacing: dict[str, Any] = {"paddingInner": gap, "paddingOuter": gap / 2}
    own: dict[str, Any] = {
        "axis": band_axis(who.axis_title, who.labels, step, on_top=across),
        "scale": alt.Scale(domain=who.labels, **spacing),
    }
    other: dict[str, Any] = {
        "axis": band_axis("factor", names, step, on_top=not across),
        "scale": alt.Scale(domain=names, **spacing),
    }
    encoded = (
        {"x": alt.X("item:N", **own), "y": alt.Y("factor:N", **other)}
        if across
        else {"x": alt.X("factor:N", **other), "y": alt.Y("user:N", **own)}
    )
    marks = (
        alt.Chart(data)
        .mark_rect(**seamless(step))
        .encode(
            **encoded,
            color=alt.Color(
                "value:Q",
                scale=color_scale(-bound, bound, DIVERGING_STOPS),
                legend=color_legend("value", -bound, bound, middle=True),
            ),
            tooltip=[
                *who.tooltips(),
                alt.Tooltip("factor:N", title="factor"),
                alt.Tooltip("value:Q", title="value", format="+.3f"),
            ],
        )
    )
    width, height = (n, k) if across else (k, n)
    return layered([marks], width=step * width, height=step * height, title=title)


def named_side(
    interactions: Interactions | Vocabulary | None, noun: Noun, n_rows: int, most: int, ids: Any = None
) -> Side:
    """Choose whose rows of a table of factors to show, and name them.

    Raises
    ------
    RecowidgetError
        Where the table doesn't have a row for each, ids are unknown, or there is nothing that knows ids.
    """
    if interactions is None:
        if ids is not None:
            raise RecowidgetError("ids need the interactions, or the vocabulary, that they are of")
        return numbered_side(noun, n_rows, most)
    order = None
    if isinstance(interactions, Interactions):
        vocabulary = interactions.users if noun == "user" else interactions.items
        order = interactions.user_order if noun == "user" else interactions.item_order
    elif isinstance(interactions, Vocabulary):
        vocabulary = interactions
    else:
        raise RecowidgetError(
            f"interactions must be Interactions or a Vocabulary, not {type(interactions).__name__}"
        )
    if len(vocabulary) != n_rows:
        raise RecowidgetError(
            f"there are {counted(len(vocabulary), noun)} and {n_rows:,} rows of factors; each needs one"
        )
    return side_of(vocabulary, noun, most, ids=ids, order=order)


def _read(factors: Any, side: Noun) -> tuple[npt.NDArray[np.float64], float]:
    """Give a side's factors, and the greatest that is drawn in the same colours."""
    both = tables_in(factors)
    if both is None:
        matrix = read_table("factors", factors)
        return matrix, _reach(matrix)
    return both[side == "item"], max(_reach(one) for one in both)


def _reach(values: npt.NDArray[np.floating]) -> float:
    finite = np.abs(values[np.isfinite(values)])
    greatest = float(np.quantile(finite, _WITHIN, method="higher")) if finite.size else 0.0
    # Two digits, rounded up: what the legend names is then what the colours reach.
    if not greatest:
        return 1.0
    unit = 10.0 ** (np.floor(np.log10(greatest)) - 1)
    return float(np.round(np.ceil(np.round(greatest / unit, 6)) * unit, 12))


def _subtitle(who: Side, n_factors: int) -> str:
    shown_factors = (
        counted(n_factors, "factor")
        if n_factors <= _MOST_FACTORS
        else f"{_MOST_FACTORS} of {n_factors:,} factors"
    )
    return f"{who.count} · {shown_factors}"
