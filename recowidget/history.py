"""What a run remembers: the losses of every epoch, and what predicted at the end of as many as fit."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recowidget.errors import RecowidgetError, counted, shown
from recowidget.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from recowidget.scoring import LearnedScorer

DEFAULT_MAX_BYTES = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class Losses:
    """Mean squared errors of the weights at the end of an epoch.

    On the squared rating scale, without penalty terms, predictions not clipped. Of implicit feedback they are
    Brier scores, see `recowidget.evaluator.SplitEvaluator`.

    Attributes
    ----------
    train : float
    validation : float
        NaN where the split has no validation part.
    test : float
        NaN where the split has no test part.
    """

    train: float
    validation: float
    test: float


NOT_MEASURED = Losses(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What predicted at the end of one epoch (0: untrained)."""

    epoch: int
    scorer: LearnedScorer


class History:
    """Losses of all epochs and snapshots of some.

    Snapshots are bounded in bytes. When the bound is passed, those of every second kept epoch go, evenly
    over the run; the first, the best and the last always stay.

    Parameters
    ----------
    max_bytes : int
        Bound of all snapshots together. Three snapshots are kept even where they need more.
    """

    def __init__(self, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self._lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._losses: list[Losses] = []
            self._seconds: list[float] = []
            self._running_loss: list[float] = []
            self._snapshots = Snapshots()
            self._stride = 1
            self._best = 0

    def record(
        self,
        losses: Losses,
        *,
        seconds: float,
        running_loss: float = float("nan"),
        scorer: LearnedScorer | None = None,
        epoch: int | None = None,
    ) -> None:
        """Add the next epoch; the first one recorded is epoch 0.

        Parameters
        ----------
        losses : Losses
            Of the weights at the end of the epoch.
        seconds : float
            Wall clock spent in training since epoch 0, pauses left out.
        running_loss : float
            What Keras reports for the epoch: the mean over its batches, penalty terms included.
        scorer : Factors, SampledFactors or ModelScorer, optional
            What predicts then; kept as the epoch's snapshot.
        epoch : int, optional
            Its number, where epochs since the last one recorded were not measured: their losses are NaN.
        """
        with self._lock:
            for _ in range(len(self._losses), epoch or 0):
                self._losses.append(NOT_MEASURED)
                self._seconds.append(float("nan"))
                self._running_loss.append(float("nan"))
            epoch = len(self._losses)
            previous_best = self._best
            self._losses.append(losses)
            self._seconds.append(seconds)
            self._running_loss.append(running_loss)
            if _criterion(losses) < _criterion(self._losses[self._best]):
                self._best = epoch
            if scorer is not None:
                self._snapshots.add(epoch, scorer)
                for passed in {epoch - 1, previous_best}:
                    if not self._is_kept(passed):
                        self._snapshots.remove(passed)
                self._thin()

    def _is_kept(self, epoch: int) -> bool:
        return epoch % self._stride == 0 or epoch in {0, self._best, len(self._losses) - 1}

    def _thin(self) -> None:
        while self._snapshots.nbytes > self.max_bytes and len(self._snapshots) > len(
            {0, self._best, self.last_epoch}
        ):
            self._stride *= 2
            self._snapshots.keep(self._is_kept)

    def __len__(self) -> int:
        """Return the number of epochs recorded, the untrained one included."""
        return len(self._losses)

    @property
    def last_epoch(self) -> int:
        """The number of the last epoch recorded; -1 where there is none."""
        return len(self._losses) - 1

    @property
    def best_epoch(self) -> int:
        """The epoch of the lowest validation loss; of test, then train loss where there is no such part."""
        return self._best

    @property
    def kept_epochs(self) -> list[int]:
        """Epochs of which a snapshot is kept, ascending."""
        with self._lock:
            return self._snapshots.epochs

    @property
    def stride(self) -> int:
        """Every so many epochs one is kept, beside the first, the best and the last; 0 where none is."""
        with self._lock:
            return self._stride if len(self._snapshots) else 0

    def nearest_kept(self, epoch: int) -> int:
        """Return the kept epoch that is nearest, of two the earlier; -1 where none is kept."""
        return min(self.kept_epochs, key=lambda kept: abs(kept - epoch), default=-1)

    @property
    def snapshot_bytes(self) -> int:
        """Bytes held by all snapshots."""
        with self._lock:
            return self._snapshots.nbytes

    def snapshot(self, epoch: int) -> Snapshot:
        """Return the snapshot kept for `epoch`; KeyError where there is none."""
        with self._lock:
            return Snapshot(epoch, self._snapshots[epoch])

    @property
    def running_loss(self) -> NDArray[np.float64]:
        """Keras's own running loss of each epoch, shape (n_epochs + 1,); NaN for epoch 0."""
        with self._lock:
            return np.array(self._running_loss, dtype=np.float64)

    def mse(self, start: int = 0) -> NDArray[np.float64]:
        """Losses from epoch `start` on, shape (n, 3): train, validation, test."""
        with self._lock:
            rows = [(losses.train, losses.validation, losses.test) for losses in self._losses[start:]]
        return np.array(rows, dtype=np.float64).reshape(-1, 3)

    def row(self, epoch: int) -> dict[str, Any]:
        """Return one epoch as `frame` has it, by column."""
        with self._lock:
            losses, seconds = self._losses[epoch], self._seconds[epoch]
            has_validation = any(not np.isnan(one.validation) for one in (losses, self._losses[-1]))
        row: dict[str, Any] = {"epoch": epoch}
        for part in ("train", "validation", "test"):
            if part == "validation" and not has_validation:
                continue
            mse = getattr(losses, part)
            row |= {f"{part}_mse": mse, f"{part}_rmse": float(np.sqrt(mse))}
        return row | {"seconds": seconds}

    def frame(self) -> pd.DataFrame:
        """Return all epochs as a frame.

        Returns
        -------
        DataFrame
            Columns ``epoch`` (0 = untrained), ``train_mse``, ``train_rmse``, with three shares
            ``validation_mse``, ``validation_rmse``, then ``test_mse``, ``test_rmse`` and ``seconds``.
        """
        with self._lock:
            mse, seconds = self.mse(), list(self._seconds)
        frame = pd.DataFrame({"epoch": np.arange(len(mse))})
        for column, part in enumerate(("train", "validation", "test")):
            if part == "validation" and np.isnan(mse[:, column]).all():
                continue
            frame[f"{part}_mse"] = mse[:, column]
            frame[f"{part}_rmse"] = np.sqrt(mse[:, column])
        frame["seconds"] = seconds
        return frame


def _criterion(losses: Losses) -> float:
    for loss in (losses.validation, losses.test, losses.train):
        if not np.isnan(loss):
            return loss
    return float("inf")


def read_epoch(epoch: object, history: History) -> int:
    """Give an epoch of a history as a number.

    Raises
    ------
    RecowidgetError
        If it is no whole number, or there is no such epoch.
    """
    is_whole = isinstance(epoch, Integral) and not isinstance(epoch, bool)
    if not is_whole or not 0 <= int(epoch) <= history.last_epoch:  # type: ignore[call-overload]
        raise RecowidgetError(
            f"the epoch must be a whole number from 0 to {max(history.last_epoch, 0)}, not {shown(epoch)}"
        )
    return int(epoch)  # type: ignore[call-overload,no-any-return]


def frame_of_history(history: pd.DataFrame | Mapping[str, Any]) -> pd.DataFrame:
    """Give a history an epoch a row.

    Parameters
    ----------
    history
        A frame, given back as it is, or what Keras keeps: a list of values by name. With
        ``fit(..., validation_freq=v)`` some are shorter: they are of the epochs v, 2v and on, where v is the
        number of epochs over that of values, rounded down.

    Returns
    -------
    DataFrame
        NaN in epochs without a value.

    Raises
    ------
    RecowidgetError
        Where an entry is no list, or has a length that no such v explains.
    """
    if isinstance(history, pd.DataFrame):
        return history
    for name, values in history.items():
        if not pd.api.types.is_list_like(values) or not hasattr(values, "__len__"):
            raise RecowidgetError(
                f"history has {shown(values)} for {shown(name)}; it needs a list, a value for each epoch"
            )
    columns = {name: np.asarray(values) for name, values in history.items()}
    n_epochs = max(map(len, columns.values()), default=0)
    frame = pd.DataFrame(index=range(n_epochs))
    for name, values in columns.items():
        every = n_epochs // max(len(values), 1)
        if n_epochs // max(every, 1) != len(values):
            raise RecowidgetError(
                f"history has {counted(len(values), 'value')} of {shown(name)} and "
                f"{counted(n_epochs, 'epoch')}; give a value for each epoch, or for every second, third or "
                "so, as fit(..., validation_freq=2) of Keras does"
            )
        frame[name] = pd.Series(values, index=np.arange(1, len(values) + 1) * every - 1)
    return frame


def is_own(frame: pd.DataFrame) -> bool:
    """Whether a frame of losses has our names, ``train_rmse`` beside ``test_rmse``, and not Keras's."""
    return any(str(column).startswith(("train_", "test_", "validation_")) for column in frame.columns)


def epochs_of(frame: pd.DataFrame, *, is_own: bool) -> NDArray[np.int64]:
    """Number the rows of a frame of losses.

    Parameters
    ----------
    frame
        With a column ``epoch``, or a row an epoch.
    is_own
        As `is_own` says. Keras counts epochs from 0, and has the losses of their ends: epoch 0 is our 1.

    Returns
    -------
    ndarray of int64
        Shape (n_rows,).

    Raises
    ------
    RecowidgetError
        Where an epoch is no whole number of 0 or more.
    """
    if "epoch" not in frame.columns:
        return np.arange(1, len(frame) + 1)
    epochs = pd.to_numeric(frame["epoch"], errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(~((epochs >= 0) & (epochs == np.floor(epochs))))
    if len(wrong):
        value = frame["epoch"].iloc[wrong[0]]
        raise RecowidgetError(f"history has {shown(value)} as an epoch (row {wrong[0]}); give 0, 1, 2, ...")
    return epochs.astype(np.int64) + (0 if is_own else 1)
