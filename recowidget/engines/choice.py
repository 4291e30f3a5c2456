"""Which engine trains a model, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recowidget.errors import RecowidgetError
from recowidget.models import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

ENGINES: Final = ("auto", "keras", "fit", "sgd")
"""Names that `MFExplorer(engine=...)` knows."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine by name, and the reason for it.

    Attributes
    ----------
    name : str
        "keras": the model's own train step and optimizer, many batches a call. "fit": the same, each batch by
        Keras itself. "sgd": matrix factorisation by stochastic gradient descent, fused.
    reason : str
        Why it was taken, as the end of a sentence.
    """

    name: str
    reason: str

    def __str__(self) -> str:
        """Give the name and the reason."""
        return f"{self.name} ({self.reason})"


def choose(
    engine: str,
    model: str | Callable[..., keras.Model] | keras.Model,
    *,
    batch_size: int,
    has_item_features: bool = False,
) -> Choice:
    """Choose an engine.

    Parameters
    ----------
    engine : str
        One of `ENGINES`.
    model
        A name of `MODELS`, a builder or a model.
    batch_size : int
        Ratings in a batch. One alone is what stochastic gradient descent on whole batches is slow at.
    has_item_features : bool
        Whether features of the items go into the model.

    Raises
    ------
    RecowidgetError
        If the named engine can't train that model.
    """
    obstacle = _obstacle_to_sgd(model, has_item_features=has_item_features)
    if engine == "auto":
        if obstacle is not None:
            return Choice("keras", obstacle)
        if batch_size == 1:
            return Choice("keras", "the batch size is 1")
        return Choice("sgd", f"{model} is a dot product of factors")
    if engine == "sgd" and obstacle is not None:
        raise RecowidgetError(
            f'engine="sgd" can\'t train this model: {obstacle}; leave the engine out, or use "keras"'
        )
    return Choice(engine, "as asked")


def _obstacle_to_sgd(model: object, *, has_item_features: bool) -> str | None:
    if not isinstance(model, str):
        return "the model is not one of recowidget's by name"
    if MODELS[model].sgd is None:
        return f"{model} is more than a dot product of factors, or not trained on ratings"
    if has_item_features:
        return "features of the items go into the model"
    return None
