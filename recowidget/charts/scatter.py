"""Users and items in one plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.charts.groups import group_colors, group_of
from recowidget.charts.heat import named_side
from recowidget.charts.naming import GAP, shortened, sides_for_names
from recowidget.charts.pca import Plane, principal_plane
from recowidget.charts.reading import Table, read_learned, read_table, tables_in
from recowidget.charts.sides import Side, safe_text, table
from recowidget.charts.style import (
    INK_SECOND,
    INK_THIRD,
    ITEM,
    MAX_MARKS,
    RULE,
    TEXT,
    axis_text,
    color_legend,
    color_scale,
    layered,
    symbol_legend,
    title_of,
    wide_scale,
)
from recowidget.checks import check_count
from recowidget.encoding import Vocabulary
from recowidget.errors import RecowidgetError, named_type
from recowidget.interactions import Interactions

if TYPE_CHECKING:
    from recowidget.arguments import RatingsLike
    from recowidget.scoring import ScorerLike

BothFactors: TypeAlias = "ScorerLike | tuple[npt.ArrayLike, npt.ArrayLike]"
Known: TypeAlias = "RatingsLike | tuple[Vocabulary, Vocabulary] | None"

_WIDTH: Final = 440
_HEIGHT: Final = 320
_MARGIN: Final = 1.12
_WITHIN: Final = 0.985
_MANY: Final = 100
_CROSS: Final = (
    "M-0.7,-0.85L0,-0.15L0.7,-0.85L0.85,-0.7L0.15,0L0.85,0.7L0.7,0.85"
    "L0,0.15L-0.7,0.85L-0.85,0.7L-0.15,0L-0.85,-0.7Z"
)
"""A filled path: an open one has no colour in a legend of filled marks."""
_NAMED: Final = 12
_NAMED_ALL: Final = 24


def factor_map(
    factors: BothFactors,
    interactions: Known = None,
    *,
    reference: BothFactors | None = None,
    n_users: int = 60,
    n_items: int = 200,
    users: Any = None,
    items: Any = None,
    user_color: str | None = None,
) -> alt.LayerChart:
    """Draw users and items where their factors are, in the plane along which factors vary most.

    Parameters
    ----------
    factors
        `Factors`, or arrays of the users' and the items', shapes (n_users, n_factors) and
        (n_items, n_factors); or a Keras model, beside its ratings.
    interactions
        Whose they are: interactions or a frame of ratings, which also give the most active and most rated
        and the items' mean ratings as colours; or the vocabularies of users and items. Indices where not
        given.
    reference
        Factors whose axes and frame are taken, so that maps of several epochs can be compared: give those
        of the last epoch to each.
    n_users, n_items
        How many to draw at most; the subtitle says so where there are more.
    users, items
        Ids to draw, for example ``interactions.users.matching("age < 25")``; otherwise the most active and
        the most rated.
    user_color
        An attribute of the users to colour them by, as "occupation"; the items are grey then.

    Returns
    -------
    altair.LayerChart
        Distances are true in both directions: both axes have one scale.

    Raises
    ------
    RecowidgetError
        Where the factors have other shapes, or not a row for each user and item.

    Notes
    -----
    The axes are the first two principal axes of all users' and items' factors together, each pointing to
    where its greatest component is positive.
    """
    check_count("n_users", n_users)
    check_count("n_items", n_items)
    if max(n_users, n_items) > MAX_MARKS:
        raise RecowidgetError(f"n_users and n_items may be {MAX_MARKS:,} at most; a chart holds no more")
    _check_known(interactions)
    learned, of = read_learned(factors, interactions)
    both = _read(learned, "factors")
    fitted = both if reference is None else _read(read_learned(reference, of)[0], "reference")
    if fitted[0].shape[1] != both[0].shape[1]:
        raise RecowidgetError(
            f"reference has {fitted[0].shape[1]} factors where factors has {both[0].shape[1]}; "
            f"give factors of the same run"
        )
    plane = principal_plane(np.concatenate(fitted))
    known = [of[place] if isinstance(of, tuple) else of for place in (0, 1)]
    shown_users = named_side(known[0], "user", len(both[0]), n_users, users)
    shown_items = named_side(known[1], "item", len(both[1]), n_items, items)
    rated = of if isinstance(of, Interactions) else None
    shown = [plane.project(one[side.idx]) for one, side in zip(both, (shown_users, shown_items), strict=True)]
    framed = shown if reference is None else [plane.project(one) for one in fitted]
    reach = _reach(np.concatenate(framed))
    sides = shown_users, shown_items
    points = [_points(side, at, rated, reach) for side, at in zip(sides, shown, strict=True)]
    outside = sum(map(len, sides)) - sum(map(len, points))
    title = title_of(
        "Factor map",
        f"{shown_items.count} · {shown_users.count}",
        f"{outside:,} outside of the frame" if outside else "",
    )
    groups = None
    if user_color is not None:
        vocabulary = known[0].users if isinstance(known[0], Interactions) else known[0]
        points[0], groups = _grouped(points[0], vocabulary, user_color, shown_users)
    layers = [
        *_marks(sides, (points[0], points[1]), _scales(plane, reach), rated, groups),
        *_names(sides, (points[0], points[1]), reach),
    ]
    return layered(layers, width=_WIDTH, height=_HEIGHT, title=title, fill=None)


def _grouped(
    points: pd.DataFrame, vocabulary: Vocabulary | None, attribute: str, side: Side
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Add the users' groups to their points, and say how they are coloured."""
    if vocabulary is None:
        raise RecowidgetError(
            "user_color needs the interactions, with the frame of users they were read with"
        )
    groups, domain = group_of(vocabulary, attribute, side.idx)
    group = dict(zip(side.labels, groups, strict=True))
    grouped = points.assign(group=points["user"].map(group).astype(object))
    scale = alt.Scale(domain=domain, range=group_colors(domain))
    legend = symbol_legend(symbolType=_CROSS, symbolSize=60, columns=4)
    return grouped, {"color": alt.Color("group:N", scale=scale, legend=legend, title=safe_text(attribute))}


def _check_known(known: Known) -> None:
    if isinstance(known, Vocabulary) or (
        isinstance(known, tuple) and [type(one) for one in known] != [Vocabulary, Vocabulary]
    ):
        raise RecowidgetError(
            "a factor map takes Interactions, a DataFrame of ratings, or a tuple of two vocabularies, of the "
            f"users and of the items, not {named_type(known)}"
        )


def _read(factors: Any, name: str) -> tuple[Table, Table]:
    both = tables_in(factors)
    if both is None:
        if not isinstance(factors, tuple | list) or len(factors) != 2:  # noqa: PLR2004
            raise RecowidgetError(
                f"{name} must be Factors, a Keras model, or a tuple of the users' and the items' factors, "
                f"not {named_type(factors)}"
            )
        both = read_table(name, factors[0]), read_table(name, factors[1])
    users, items = both
    if users.shape[1] != items.shape[1]:
        raise RecowidgetError(
            f"{name} has {users.shape[1]} factors for the users and {items.shape[1]} for the items; "
            f"both need the same"
        )
    return users, items


def _reach(at: Table) -> tuple[float, float]:
    """Choose how far the frame goes from its middle, the same scale in both directions."""
    finite = np.abs(at[np.isfinite(at).all(axis=1)])
    within = _WITHIN if len(finite) > _MANY else 1.0
    far = np.quantile(finite, within, axis=0) if len(finite) else np.zeros(2)
    unit = max(far[0] / _WIDTH, far[1] / _HEIGHT, 1e-9) * _MARGIN
    return float(unit * _WIDTH), float(unit * _HEIGHT)


def _points(
    side: Side, at: Table, interactions: Interactions | None, reach: tuple[float, float]
) -> pd.DataFrame:
    """Make the data of one side's points, those within the frame."""
    inside = np.flatnonzero((np.abs(at) <= reach).all(axis=1))
    columns: dict[str, Any] = {
        "kind": [side.noun] * len(inside),
        **side.columns(inside),
        "axis_1": at[inside, 0].round(5),
        "axis_2": at[inside, 1].round(5),
    }
    if interactions is not None:
        of_users = side.noun == "user"
        rows = interactions.user_idx if of_users else interactions.item_idx
        counts = interactions.user_counts if of_users else interactions.item_counts
        sums = np.bincount(rows, interactions.ratings, minlength=len(counts))
        who = side.idx[inside]
        columns["ratings"] = counts[who]
        columns["mean rating"] = np.divide(
            sums[who], counts[who], out=np.full(len(who), np.nan), where=counts[who] > 0
        ).round(4)
    return table(columns)


def _scales(plane: Plane, reach: tuple[float, float]) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "labels": False,
        "ticks": False,
        "domain": False,
        "values": [0],
        "gridColor": RULE,
    }
    titles = [f"axis {k + 1} · {share:.0%} of the variance" for k, share in enumerate(plane.shares)]
    scales = [alt.Scale(domain=[-end, end], nice=False, zero=False) for end in reach]
    axes = [alt.Axis(title=title, titlePadding=6, **axis, **axis_text()) for title in titles]
    return {
        "x": alt.X("axis_1:Q", scale=scales[0], axis=axes[0]),
        "y": alt.Y("axis_2:Q", scale=scales[1], axis=axes[1]),
    }


def _marks(
    sides: tuple[Side, Side],
    points: tuple[pd.DataFrame, pd.DataFrame],
    scales: dict[str, Any],
    interactions: Interactions | None,
    groups: dict[str, Any] | None,
) -> list[alt.Chart]:
    """Draw users as crosses and items as dots; the users in the colours of their groups, or the items."""
    shapes = alt.Scale(domain=["item", "user"], range=["circle", _CROSS])
    legend = symbol_legend(symbolSize=40, symbolFillColor=INK_THIRD)
    color: dict[str, Any] = {}
    if interactions is not None and groups is None:
        domain = wide_scale(*interactions.rating_scale)
        legend_of_color = color_legend("mean rating", *domain)
        color["color"] = alt.Color("mean rating:Q", scale=color_scale(*domain), legend=legend_of_color)
    users, items = (
        alt.Chart(frame).encode(
            **scales,
            shape=alt.Shape("kind:N", scale=shapes, legend=explained),
            tooltip=[*_tooltips(side, frame), *(_group_tooltip(groups) if side.noun == "user" else [])],
        )
        for side, frame, explained in zip(sides, points, (None, legend), strict=True)
    )
    if groups is not None:
        return [
            items.mark_point(size=24, filled=True, color=INK_THIRD, strokeWidth=0, opacity=0.35),
            users.mark_point(size=48, filled=True, strokeWidth=0, opacity=1).encode(**groups),
        ]
    return [
        users.mark_point(size=36, filled=True, color=INK_THIRD, strokeWidth=0, opacity=0.8),
        items.mark_point(size=36, filled=True, color=ITEM, strokeWidth=0, opacity=1).encode(**color),
    ]


def _names(
    sides: tuple[Side, Side], points: tuple[pd.DataFrame, pd.DataFrame], reach: tuple[float, float]
) -> list[alt.Chart]:
    """Name the first items, and the users where they are few."""
    few = sum(map(len, points)) <= _NAMED_ALL
    named = [1, 0] if few else [1]
    both = pd.concat([points[k] for k in named], ignore_index=True)
    texts = [_name(sides[k], label) for k in named for label in points[k][sides[k].noun]]
    at = both[["axis_1", "axis_2"]].to_numpy(np.float64)
    pixels = np.column_stack(
        [_WIDTH / 2 * (1 + at[:, 0] / reach[0]), _HEIGHT / 2 * (1 - at[:, 1] / reach[1])]
    )
    where = sides_for_names(pixels, texts, (_WIDTH, _HEIGHT), _NAMED_ALL if few else _NAMED, covering=0)
    data = table({"axis_1": at[:, 0], "axis_2": at[:, 1], "name": texts})
    halo: dict[str, Any] = {"stroke": "white", "strokeWidth": 3, "strokeJoin": "round", "opacity": 0.85}
    sides_of_points: list[tuple[int, Literal["left", "right"]]] = [(1, "left"), (-1, "right")]
    return [
        alt.Chart(data[where == side])
        .mark_text(align=align, dx=side * GAP, fontSize=TEXT, color=INK_SECOND, **look)
        .encode(x="axis_1:Q", y="axis_2:Q", text="name:N")
        for side, align in sides_of_points
        for look in (halo, {})
        if (where == side).any()
    ]


def _name(side: Side, label: str) -> str:
    return shortened(label if side.ids is not None else f"{side.noun} {label}")


def _group_tooltip(groups: dict[str, Any] | None) -> list[alt.Tooltip]:
    return [] if groups is None else [alt.Tooltip("group:N", title=groups["color"].to_dict()["title"])]


def _tooltips(side: Side, frame: pd.DataFrame) -> list[alt.Tooltip]:
    rated = [
        alt.Tooltip("mean rating:Q", title="mean rating", format=".2f"),
        alt.Tooltip("ratings:Q", title="ratings", format=","),
    ]
    axes = [alt.Tooltip(f"axis_{k}:Q", title=f"axis {k}", format="+.3f") for k in (1, 2)]
    return [*side.tooltips(), *(rated if "ratings" in frame else []), *axes]
