"""What the browser is told of the data once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recowidget.baselines import DampedBias, GlobalMean, ItemMean
from recowidget.errors import RecowidgetError
from recowidget.evaluation import evaluate_errors

if TYPE_CHECKING:
    from recowidget.splits import Split


def summarize(watched: Any, *, data: int = 0, edits: int = 0, with_baselines: bool = True) -> dict[str, Any]:
    """Count the ratings and their parts, and measure the baselines.

    Parameters
    ----------
    watched : Watched
        It may have a ``loss_name``: what the root of a history's losses is called, where they are no mean
        squares of ratings; ``no_predictions``: why there are none; and ``is_awaited``: whether its ratings
        only stand in for others.
    data : int
        Grows with every other data that a widget shows.
    edits : int
        Grows with every change of that data.
    with_baselines : bool
        Whether there is a panel that shows them.

    Returns
    -------
    dict
        As js/types.js declares `Summary`.
    """
    split: Split = watched.split
    loss_name = getattr(watched, "loss_name", "RMSE")
    is_awaited = getattr(watched, "is_awaited", False)
    interactions = split.interactions
    return {
        "n_users": interactions.n_users,
        "n_items": interactions.n_items,
        "n_ratings": 0 if is_awaited else interactions.n_ratings,
        "rating_scale": list(interactions.rating_scale),
        "n_train": len(split.train),
        "n_validation": len(split.validation),
        "n_test": len(split.test),
        "n_cold_users": len(split.cold_users),
        "n_cold_items": len(split.cold_items),
        "n_users_without_test": len(split.users_without_test),
        "baselines": _baselines(split) if with_baselines and loss_name == "RMSE" else [],
        "loss_name": loss_name,
        "no_predictions": getattr(watched, "no_predictions", ""),
        "columns": {
            role: None if label is None else str(label) for role, label in interactions.columns.items()
        },
        "run": watched.progress.run,
        "data": data,
        "edits": edits,
    }


def error_text(error: BaseException | None) -> str:
    """Say what training raised; nothing where it raised nothing."""
    if error is None:
        return ""
    return str(error) if isinstance(error, RecowidgetError) else f"{type(error).__name__}: {error}"


def _baselines(split: Split) -> list[dict[str, Any]]:
    """Measure the simple baselines, the simplest first; none where there are no ratings."""
    if not len(split.test) or split.interactions.is_implicit:
        return []
    fitted = [kind.fit(split.interactions, split.train) for kind in (GlobalMean, ItemMean, DampedBias)]
    errors = [evaluate_errors(one, split) for one in fitted]
    return [
        {"name": one.name, "test_rmse": error["rmse"], "test_mae": error["mae"]}
        for one, error in zip(fitted, errors, strict=True)
    ]
