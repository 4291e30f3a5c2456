"""A frame: one moment of a training run, packed for the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.factors import Factors
from recowidget.samples import SampledFactors
from recowidget.widgets.wire import pack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recowidget.history import History, Snapshot
    from recowidget.progress import Progress
    from recowidget.projection import FactorPlane
    from recowidget.scoring import LearnedScorer

    Indices = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Carries:
    """What frames have beside the losses: what no panel shows is neither computed nor sent.

    Attributes
    ----------
    predictions : bool
    factors : bool
    plane : FactorPlane, optional
        Where users and items are on the map of factors, where there is one.
    told : frozenset of str
        What answers about the selection are for: "cell", "user" and "item".
    """

    predictions: bool = True
    factors: bool = True
    plane: FactorPlane | None = None
    told: frozenset[str] = frozenset({"cell", "user", "item"})


ALL: Final = Carries()
PREDICTIONS: Final = Carries(factors=False)


def pack_frame(
    progress: Progress, history: History, first: int, looked_at: tuple[Indices, Indices], carries: Carries
) -> tuple[dict[str, Any], list[bytes], int]:
    """Pack where training stands.

    Parameters
    ----------
    progress : Progress
    history : History
    first : int
        The first epoch whose losses are sent.
    looked_at : tuple of ndarray of int32
        Indices of the users and of the items whose predictions and factors are sent.
    carries : Carries

    Returns
    -------
    content : dict
        As js/wire.js decodes it.
    buffers : list of bytes
    last : int
        The last epoch whose loss is sent.
    """
    mse = history.mse(first)
    measured = np.flatnonzero(~np.isnan(mse[:, 0]))
    with np.errstate(over="ignore"):  # of a diverged model
        losses = mse[measured].astype(np.float32)
    content, buffers = pack(
        {
            "epoch_number": (first + measured).astype(np.int32),
            "train_mse": losses[:, 0],
            "validation_mse": losses[:, 1],
            "test_mse": losses[:, 2],
            **_arrays(progress.scorer, looked_at, carries),
            **_places(progress.scorer, carries, progress.run),
        },
        kind="frame",
        frame=0,
        wants_answer=False,
        run=progress.run,
        epoch=progress.epoch,
        batch=progress.batch,
        n_batches=progress.n_batches,
        epochs=progress.epochs,
        rate=progress.rate,
        seconds_left=progress.seconds_left,
        running_mse=progress.running_mse,
        restored=progress.restored,
        stride=history.stride,
        map_version=carries.plane.version if carries.plane else 0,
        **_scalars(progress.scorer),
    )
    return content, buffers, first + len(mse) - 1


def pack_past(
    snapshot: Snapshot, looked_at: tuple[Indices, Indices], carries: Carries
) -> tuple[dict[str, Any], list[bytes]]:
    """Pack what predicted at the end of a past epoch, as `pack_frame` does what predicts now."""
    return pack(
        {**_arrays(snapshot.scorer, looked_at, carries), **_places(snapshot.scorer, carries)},
        kind="past",
        epoch=snapshot.epoch,
        **_scalars(snapshot.scorer),
    )


def pack_pinned(
    run: int, scorer: LearnedScorer, looked_at: tuple[Indices, Indices]
) -> tuple[dict[str, Any], list[bytes]]:
    """Pack what a run predicts that predictions are compared with."""
    return pack(_arrays(scorer, looked_at, PREDICTIONS), kind="pinned", run=run, **_scalars(scorer))


def _places(scorer: Any, carries: Carries, run: int | None = None) -> dict[str, NDArray[Any]]:
    return {} if carries.plane is None or scorer is None else carries.plane.place(scorer, run)


def _scalars(scorer: LearnedScorer | None) -> dict[str, Any]:
    if not isinstance(scorer, Factors):
        return {"global_mean": 0.0, "n_factors": 0, "rating_range": None}
    return {
        "global_mean": scorer.global_mean,
        "n_factors": scorer.n_factors,
        "rating_range": scorer.rating_range,
    }


def _arrays(scorer: Any, looked_at: tuple[Indices, Indices], carries: Carries) -> dict[str, NDArray[Any]]:
    """Give what predicts the cells that are looked at: factors and biases, or the predictions themselves."""
    if scorer is None or not (carries.predictions or carries.factors):
        return {}
    users, items = looked_at
    arrays: dict[str, NDArray[Any]] = {"user_idx": users, "item_idx": items}
    if isinstance(scorer, Factors):
        return arrays | {
            "user_factors": scorer.user_factors[users],
            "item_factors": scorer.item_factors[items],
            "user_bias": scorer.user_bias[users],
            "item_bias": scorer.item_bias[items],
        }
    if carries.predictions and isinstance(scorer, SampledFactors):
        arrays["predictions"], arrays["deviations"] = scorer.blocks(users, items)
    elif carries.predictions:
        arrays["predictions"] = np.asarray(scorer.predict_block(users, items), np.float32)
    if carries.factors:
        for name, rows in (("user_factors", users), ("item_factors", items)):
            table = getattr(scorer, name, None)
            if table is not None:
                arrays[name] = np.asarray(table[rows], np.float32)
    return arrays
