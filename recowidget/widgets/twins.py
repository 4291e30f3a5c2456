"""The static twin of each panel: an Altair chart of what the panel shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recowidget.errors import RecowidgetError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt


def twin(watched: Any, panels: Sequence[str]) -> alt.TopLevelMixin:
    """Draw panels of a run, or of something else that is watched, as one static chart.

    Parameters
    ----------
    watched : Watched
    panels : sequence of str
        One or more of `recowidget.widgets.live.ALL_PANELS`.

    Raises
    ------
    RecowidgetError
        If there is nothing to draw yet.
    """
    import altair as alt

    if getattr(watched, "is_awaited", False):
        raise RecowidgetError("there is nothing to draw yet; train first")
    if len(panels) == 1 and panels[0] in _ASKED:
        raise RecowidgetError(f"the panel {panels[0]} has no chart; {_ASKED[panels[0]]} has what it shows")
    panels = [panel for panel in panels if panel not in _ASKED]
    if len(panels) > 1:
        panels = [panel for panel in panels if panel not in _WITHOUT or not _WITHOUT[panel](watched)]
    # Predictions are drawn between ratings and residuals, so that these need no chart of their own.
    beside = {"ratings", "residuals"} if "predictions" in panels else set()
    charts = [
        _predictions(watched, residuals="residuals" in panels)
        if panel == "predictions"
        else _DRAW[panel](watched)
        for panel in panels
        if panel not in beside
    ]
    return charts[0] if len(charts) == 1 else alt.hconcat(*charts, spacing=32)


def _ratings(watched: Any) -> Any:
    from recowidget.charts import interactions_chart

    return interactions_chart(watched.split)


def _split(watched: Any) -> Any:
    from recowidget.charts import split_chart

    return split_chart(watched.split)


def _predictions(watched: Any, *, residuals: bool) -> Any:
    from recowidget.charts import comparison_chart

    return comparison_chart(watched.split, _scorer(watched), residuals=residuals)


def _loss(watched: Any) -> Any:
    from recowidget.charts import history_chart

    if not len(watched.history):
        raise RecowidgetError("there is no loss to draw yet; train first")
    frame = watched.history.frame().dropna(subset=["train_mse"])
    name = getattr(watched, "loss_name", "RMSE")
    if name != "RMSE":
        parts = {f"{part}_rmse": f"{part}_{name}" for part in ("train", "validation", "test")}
        frame = frame.drop(columns=[column for column in frame if column.endswith("_mse")]).rename(
            columns=parts
        )
        return history_chart(frame.drop(columns="seconds"))
    return history_chart(frame)


def _factors(watched: Any, side: Any) -> Any:
    from recowidget.charts import factors_chart
    from recowidget.factors import Factors

    scorer = _scorer(watched)
    interactions = watched.split.interactions
    if isinstance(scorer, Factors):
        return factors_chart(scorer, interactions, side=side)
    table = getattr(scorer, f"{side}_factors", None)
    if table is None:
        raise RecowidgetError(
            f"there are no {side} factors to draw: the model has no table of the {side}s' size"
        )
    return factors_chart(table, interactions, side=side)


def _map(watched: Any) -> Any:
    from recowidget.charts import factor_map
    from recowidget.factors import Factors

    scorer = _scorer(watched)
    if isinstance(scorer, Factors):
        return factor_map(scorer, watched.split.interactions)
    if _has_no_map(watched):
        raise RecowidgetError("there is no map to draw: the model has no factors of both users and items")
    return factor_map((scorer.user_factors, scorer.item_factors), watched.split.interactions)


def _architecture(watched: Any) -> Any:
    from recowidget.charts import architecture_chart

    return architecture_chart(watched.model)


def _scorer(watched: Any) -> Any:
    scorer = watched.progress.scorer
    if scorer is None:
        scorer = getattr(watched, "scorer", None)
    if scorer is None:
        raise RecowidgetError(getattr(watched, "no_predictions", "") or "there is no model to draw yet")
    return scorer


_ASKED = {
    "cell": "explain(user, item)",
    "user": "recommend(user)",
    "item": "similar_items(item)",
    "runs": "runs",
    "you": "recommend({item: rating})",
}
"""Panels of what is selected, and the method of an explorer that has the same as a frame."""


def _tables(watched: Any) -> list[Any]:
    return [getattr(watched.progress.scorer, f"{side}_factors", None) for side in ("user", "item")]


def _has_no_map(watched: Any) -> bool:
    users, items = _tables(watched)
    return users is None or items is None or users.shape[1] != items.shape[1]


_WITHOUT = {
    "user_factors": lambda watched: _tables(watched)[0] is None,
    "item_factors": lambda watched: _tables(watched)[1] is None,
    "map": _has_no_map,
}
"""Whether a model has nothing that a panel could show: beside others it is left out then."""

_DRAW = {
    "ratings": _ratings,
    "split": _split,
    "residuals": lambda watched: _predictions(watched, residuals=True),
    "user_factors": lambda watched: _factors(watched, "user"),
    "item_factors": lambda watched: _factors(watched, "item"),
    "map": _map,
    "loss": _loss,
    "architecture": _architecture,
}
