"""Losses read from any history: a run's frame, or what Keras keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from recowidget.charts.sides import safe_text
from recowidget.charts.style import PARTS
from recowidget.checks import check_numbers
from recowidget.errors import RecowidgetError, listed, named_type, shown
from recowidget.history import epochs_of, frame_of_history, is_own


class HasHistory(Protocol):
    """What has a history: a Keras `History`, or an explorer."""

    @property
    def history(self) -> pd.DataFrame | Mapping[str, Sequence[float]]:
        """The losses."""
        ...


History: TypeAlias = pd.DataFrame | Mapping[str, Sequence[float]] | HasHistory
Baselines: TypeAlias = pd.DataFrame | Mapping[str, float]

_ABBREVIATIONS: Final = {
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "mean_squared_error": "MSE",
    "root_mean_squared_error": "RMSE",
    "mean_absolute_error": "MAE",
    "ndcg": "NDCG",
}
_HIGHER_IS_BETTER: Final = frozenset({"ndcg", "precision", "recall", "map", "mrr", "hit_rate", "accuracy"})


@dataclass(frozen=True, eq=False)
class Curves:
    """One metric of all parts.

    Attributes
    ----------
    metric
        As the history calls it, without the part.
    epochs
        Ascending, shape (n_epochs,).
    parts
        The values by part, those there are in the order train, validation, test; shape (n_epochs,) each.
    """

    metric: str
    epochs: npt.NDArray[np.int64]
    parts: dict[str, npt.NDArray[np.float64]]

    @property
    def name(self) -> str:
        """What the metric is called on a chart."""
        return _ABBREVIATIONS.get(self.metric, safe_text(self.metric.replace("_", " ").capitalize()))

    @property
    def judge(self) -> str:
        """The part that the best epoch is chosen by; empty where there is but train."""
        return next((part for part in ("validation", "test") if part in self.parts), "")

    @property
    def best(self) -> int | None:
        """The position of the best epoch; None where there is nothing to choose by."""
        values = self.parts.get(self.judge)
        if values is None or not np.isfinite(values).any():
            return None
        sign = -1 if self.metric in _HIGHER_IS_BETTER else 1
        return int(np.argmin(np.where(np.isfinite(values), sign * values, np.inf)))


def read_curves(history: History, metrics: Sequence[str] | None) -> list[Curves]:
    """Read the curves of each metric; `recowidget.charts.history_chart` says of what.

    Raises
    ------
    RecowidgetError
        Where there is no epoch, no loss or not the metric asked for; as
        `recowidget.history.frame_of_history`.
    """
    kept = getattr(history, "history", None)
    if isinstance(kept, pd.DataFrame | Mapping):
        history = kept
    if not isinstance(history, pd.DataFrame | Mapping):
        raise RecowidgetError(
            "history must be a DataFrame such as MFExplorer.history, or what fit(...) of Keras returns, not "
            f"{named_type(history)}"
        )
    frame = frame_of_history(history)
    own = is_own(frame)
    if not len(frame):
        raise RecowidgetError("history has no epoch; train first")
    epochs = epochs_of(frame, is_own=own)
    found: dict[str, dict[str, npt.NDArray[np.float64]]] = {}
    for column in frame.columns.drop("epoch", errors="ignore"):
        part, metric = _part_and_metric(str(column), own=own)
        if metric:
            found.setdefault(metric, {})[part] = check_numbers(f"history's {column}", frame[column])
    chosen = _chosen(found, metrics)
    return [
        Curves(metric, epochs, {part: found[metric][part] for part in PARTS if part in found[metric]})
        for metric in chosen
    ]


def baselines_of(baselines: Baselines | None, metric: str) -> dict[str, float]:
    """Give the baselines of a metric on the test part, by name; none where they don't have it.

    Raises
    ------
    RecowidgetError
        Where a frame has no column `name`.
    """
    if baselines is None:
        return {}
    if not isinstance(baselines, pd.DataFrame | Mapping):
        raise RecowidgetError(
            "baselines must be a frame such as MFExplorer.baselines, or test RMSEs by name, not "
            f"{named_type(baselines)}"
        )
    if isinstance(baselines, pd.DataFrame):
        if "name" not in baselines.columns:
            raise RecowidgetError('baselines has no column "name"; give a frame such as MFExplorer.baselines')
        frame = baselines
    else:
        frame = pd.DataFrame({"name": list(baselines), "test_rmse": list(baselines.values())})
    values = next(
        (
            check_numbers("baselines", frame[name])
            for name in (f"test_{metric}", metric)
            if name in frame.columns
        ),
        None,
    )
    if values is None and metric == "mse" and "test_rmse" in frame.columns:
        values = check_numbers("baselines", frame["test_rmse"]) ** 2
    if values is None:
        return {}
    return {
        safe_text(str(name)): float(value)
        for name, value in zip(frame["name"], values, strict=True)
        if np.isfinite(value)
    }


def _part_and_metric(column: str, *, own: bool) -> tuple[str, str]:
    """Tell the part and the metric of a column; no metric where it is none."""
    if own:
        part, _, metric = column.partition("_")
        return (part, metric) if part in PARTS else ("", "")
    return ("validation", column.removeprefix("val_")) if column.startswith("val_") else ("train", column)


def _chosen(found: Mapping[str, Any], metrics: Sequence[str] | None) -> list[str]:
    names = listed([shown(name) for name in found]) if found else ""
    if not found:
        raise RecowidgetError(
            "history has no loss: a frame has columns such as epoch, train_rmse and test_rmse, "
            "a dictionary of Keras loss and val_loss"
        )
    if metrics is None:
        return [metric for metric in found if metric != "mse" or "rmse" not in found]
    wanted = [metrics] if isinstance(metrics, str) else metrics
    if not isinstance(wanted, list | tuple) or not all(isinstance(metric, str) for metric in wanted):
        raise RecowidgetError(f"metrics must be names, as {names}, not {shown(metrics)}")
    absent = [metric for metric in wanted if metric not in found]
    if absent or not wanted:
        raise RecowidgetError(f"history has no metric {shown(absent[0] if absent else '')}; it has {names}")
    return list(wanted)
