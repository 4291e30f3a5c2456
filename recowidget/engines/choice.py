"""Which engine trains a model, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from recowidget.errors import RecowidgetError
from recowidget.models import MODELS
from recowidget.scoring import is_model

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import keras

ENGINES: Final = ("auto", "keras", "fit", "sgd", "als", "gibbs")
"""Names that `MFExplorer(engine=...)` knows."""

OWN: Final = ("sgd", "als", "gibbs")
"""Those that train a dot product without Keras."""

WITHOUT: Final = {
    "sgd": ("callbacks",),
    "als": ("learning_rate", "batch_size", "callbacks"),
    "gibbs": ("learning_rate", "regularization", "batch_size", "callbacks"),
}
"""Settings that an engine has not."""

CHANGEABLE: Final = {
    "sgd": ("learning_rate", "regularization"),
    "als": ("regularization",),
    "gibbs": (),
    "keras": ("learning_rate",),
    "fit": ("learning_rate",),
}
"""Settings that an engine takes while it trains; others take a reset."""

HALVES: Final = ("sgd", "als", "gibbs")
"""Engines that can train one side alone, the users' vectors or the items'."""

REMEDIES: Final = {
    "als": "raise the regularization and reset",
    "gibbs": "take fewer factors (n_factors) and reset",
}
LOWER_RATE: Final = "lower the learning_rate and reset"
COMPILE_ANEW: Final = "compile the model anew with an optimizer of a lower learning rate"


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine by name, and the reason for it.

    Attributes
    ----------
    name : str
        "keras": the model's own train step and optimizer, many batches a call. "fit": the same, each batch by
        Keras itself. "sgd": matrix factorisation by stochastic gradient descent, fused. "als": by alternating
        least squares. "gibbs": Bayesian, by Gibbs sampling.
    reason : str
        Why it was taken, as the end of a sentence.
    remedy : str
        What to do where training diverged.
    """

    name: str
    reason: str
    remedy: str = LOWER_RATE

    def __str__(self) -> str:
        """Give the name and the reason."""
        return f"{self.name} ({self.reason})"


def choose(
    engine: str,
    model: str | Callable[..., keras.Model] | keras.Model,
    *,
    batch_size: int,
    given: Collection[str] = (),
    has_item_features: bool = False,
    has_callbacks: bool = False,
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
    given : collection of str
        Settings that the user gave: "auto" takes no engine that has no such setting.
    has_item_features : bool
        Whether features of the items go into the model.
    has_callbacks : bool
        Whether there are callbacks of Keras, which no engine of our own knows.

    Raises
    ------
    RecowidgetError
        If the engine can't train that model, or has no such setting.
    """
    if has_callbacks:
        given = [*given, "callbacks"]
    choice = _chosen(engine, model, batch_size, given, has_item_features=has_item_features)
    remedy = COMPILE_ANEW if is_model(model) else REMEDIES.get(choice.name, LOWER_RATE)
    return replace(choice, remedy=remedy)


def _chosen(
    engine: str, model: object, batch_size: int, given: Collection[str], *, has_item_features: bool
) -> Choice:
    own = _engines_of(model, has_item_features=has_item_features)
    is_sampled = isinstance(model, str) and MODELS[model].is_sampled
    if engine == "auto":
        if isinstance(own, str):
            return Choice("keras", own)
        if batch_size == 1 and own[0] == "sgd":
            return Choice("keras", "the batch size is 1")
        unused = _unused(own[0], given)
        if unused and not is_sampled:
            return Choice("keras", f"{own[0]} has no {unused}")
        _check_unused(own[0], unused)
        return Choice(own[0], f"{model} is {'sampled' if is_sampled else 'a dot product of factors'}")
    if engine not in own and (engine in OWN or is_sampled):
        instead = f'use "{own[0]}"' if is_sampled else 'leave the engine out, or use "keras"'
        why = own if isinstance(own, str) else f"its engines are {', '.join(own)}"
        raise RecowidgetError(f'engine="{engine}" can\'t train this model: {why}; {instead}')
    _check_unused(engine, _unused(engine, given))
    return Choice(engine, "as asked")


def _unused(engine: str, given: Collection[str]) -> str:
    return " and no ".join(name for name in WITHOUT.get(engine, ()) if name in given)


def _check_unused(engine: str, unused: str) -> None:
    if unused:
        raise RecowidgetError(f'engine="{engine}" has no {unused}; leave that out')


def _engines_of(model: object, *, has_item_features: bool) -> list[str] | str:
    """Give the engines of our own that can train a model, the best first, or why there is none."""
    if not isinstance(model, str):
        return "the model is not one of recowidget's by name"
    recipes = MODELS[model].recipes
    if not recipes:
        return f"{model} is more than a dot product of factors, or not trained on ratings"
    if has_item_features and not MODELS[model].is_sampled:
        return "features of the items go into the model"
    return list(recipes)
