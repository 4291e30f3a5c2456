"""The settings of a run, checked as soon as they are given."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import partial
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from recowidget.checks import check_count, check_number
from recowidget.engines.choice import ENGINES, WITHOUT, Choice, choose
from recowidget.errors import RecowidgetError, listed, shown
from recowidget.models import MODELS
from recowidget.scoring import is_model
from recowidget.splits import SPLITS, Split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras

    from recowidget.models import ModelKind
    from recowidget.targets import Transform

DEFAULT_MODEL = "biased_mf"
DEFAULT_IMPLICIT_MODEL = "implicit_mf"
DEFAULT_EPOCHS = 30
"""Of a model of the user's own."""
BUILT_IN = ("n_factors", "learning_rate", "regularization")
"""Settings that a model is built with."""
EMBEDDINGS = ("user_embedding", "item_embedding")
"""Settings that say where a model keeps its factors."""
NUMBERS: dict[str, type[int | float]] = {
    "seed": int,
    "n_factors": int,
    "learning_rate": float,
    "regularization": float,
    "batch_size": int,
    "epochs": int,
    "early_stopping": int,
}


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """What a run is made of besides its ratings: ``MFExplorer(ratings, **settings)`` makes it again.

    `None` stands for the default: of the model "biased_mf", or "implicit_mf" where the feedback is implicit;
    of the others what trains the model well. See `resolved`.
    """

    model: str | Callable[..., keras.Model] | keras.Model | None = None
    split: str | Split | Callable[..., Split] = "random"
    shares: Sequence[float] = (0.8, 0.2)
    seed: int = 0
    n_factors: int | None = None
    learning_rate: float | None = None
    regularization: float | None = None
    batch_size: int | None = None
    epochs: int | None = None
    early_stopping: int | None = None
    engine: str = "auto"
    to_rating: Transform | None = None
    to_target: Transform | None = None
    user_embedding: str | None = None
    item_embedding: str | None = None
    callbacks: Sequence[keras.callbacks.Callback] = ()

    def __post_init__(self) -> None:
        if self.model is not None:
            _check_choice(
                "model", self.model, tuple(MODELS), "a function that builds a Keras model, or a compiled one"
            )
        _check_choice("split", self.split, SPLITS, "a Split, or a function that makes one")
        _check_shares(self.shares)
        if self.engine not in ENGINES:
            names = ", ".join(f'"{name}"' for name in ENGINES)
            raise RecowidgetError(f"engine must be one of {names}, not {self.engine!r}")
        self._check_numbers()
        for callback in self.callbacks:
            if not hasattr(callback, "on_epoch_end") or isinstance(callback, type):
                raise RecowidgetError(
                    f"callbacks must be objects of keras.callbacks.Callback, in a list; not {shown(callback)}"
                )
        for name in EMBEDDINGS:
            _check_layer_name(name, getattr(self, name))
        # Keras takes no NumPy scalars, and settings travel as JSON.
        for name, kind in NUMBERS.items():
            if getattr(self, name) is not None:
                object.__setattr__(self, name, kind(getattr(self, name)))
        self._check_taken()

    def _check_taken(self) -> None:
        untaken = untaken_by(self.model)
        given = [name for name in untaken if getattr(self, name) is not None]
        if given and is_model(self.model):
            raise RecowidgetError(
                f"{listed(given)} can't be set for a model that is built already; leave that out, build it "
                "so, or pass the function that builds it"
            )
        if given:
            why = " and ".join(untaken[name] for name in given)
            raise RecowidgetError(f"{why}; leave that out, or add it to the builder")

    def _check_numbers(self) -> None:
        check_count("seed", self.seed, least=0)
        for name in ("n_factors", "batch_size", "epochs", "early_stopping"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name))
        if self.learning_rate is not None:
            check_number("learning_rate", self.learning_rate, above=0)
        if self.regularization is not None:
            check_number("regularization", self.regularization, least=0)

    def resolved(
        self, n_train: int, *, is_implicit: bool = False, has_item_features: bool = False
    ) -> Settings:
        """Fill in the defaults, of the model and of the engine that trains it.

        Parameters
        ----------
        n_train : int
            The number of ratings to train on.
        is_implicit : bool
            Whether they are implicit feedback.
        has_item_features : bool
            Whether there are features of the items.

        Raises
        ------
        RecowidgetError
            If the model is for the other kind of feedback, or the engine for other models.
        """
        values = self.as_dict()
        if self.model is None:
            values["model"] = DEFAULT_IMPLICIT_MODEL if is_implicit else DEFAULT_MODEL
        choice = Settings(**values).choice(n_train, has_item_features=has_item_features)
        if self.batch_size is None and "batch_size" not in WITHOUT.get(choice.name, ()):
            values["batch_size"] = default_batch_size(n_train)
        if isinstance(values["model"], str):
            kind = _checked_kind(values["model"], is_implicit=is_implicit)
            recipe = kind.recipes.get(choice.name, kind)
            for name in (*BUILT_IN, "epochs"):
                if values[name] is None:
                    values[name] = getattr(recipe, name)
        if values["epochs"] is None:
            values["epochs"] = DEFAULT_EPOCHS
        return Settings(**values)

    def choice(self, n_train: int, *, has_item_features: bool) -> Choice:
        """Choose the engine; `model` must be given."""
        if self.model is None:
            raise AssertionError("settings without a model")
        return choose(
            self.engine,
            self.model,
            batch_size=self.batch_size or default_batch_size(n_train),
            given=[name for name in NUMBERS if getattr(self, name) is not None],
            has_item_features=has_item_features,
            has_callbacks=len(self.callbacks) > 0,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name, as given."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def as_json(self) -> dict[str, Any]:
        """Return the settings with names in place of objects."""
        values = self.as_dict()
        values["model"] = name_of(self.model)
        values["split"] = self.split.name if isinstance(self.split, Split) else name_of(self.split)
        for name in ("to_rating", "to_target", "callbacks", *EMBEDDINGS):
            del values[name]
        values["shares"] = [float(share) for share in self._shares_of_split()]
        return values

    def _shares_of_split(self) -> Sequence[float]:
        """Give the shares that the split was made by; none where it goes by something else."""
        if isinstance(self.split, Split):
            return self.split.shares or ()
        return self.shares if self.split in SPLITS and self.split != "leave_one_out" else ()


def untaken_by(model: object) -> dict[str, str]:
    """Give those of `BUILT_IN` that a model of the user's own doesn't take, and why."""
    if model is None or isinstance(model, str):
        return {}
    if is_model(model):
        return dict.fromkeys(BUILT_IN, "the model is built already")
    try:
        parameters = signature(model).parameters  # type: ignore[arg-type]
    except ValueError:  # What it takes is seen when it is called.
        return {}
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return {}
    return {
        name: f"the builder {name_of(model)} takes no {name}" for name in BUILT_IN if name not in parameters
    }


def name_of(choice: object) -> str:
    """Return the name a chosen model or split goes by."""
    if isinstance(choice, str):
        return choice
    if isinstance(choice, Split) or is_model(choice):
        return str(choice.name)  # type: ignore[attr-defined]
    if isinstance(choice, partial):
        return name_of(choice.func)
    return str(getattr(choice, "__name__", type(choice).__name__))


def _checked_kind(model: str, *, is_implicit: bool) -> ModelKind:
    kind = MODELS[model]
    if is_implicit and not kind.is_implicit:
        raise RecowidgetError(
            f'model="{model}" learns from ratings, and the interactions have no ratings: '
            f'use model="{DEFAULT_IMPLICIT_MODEL}", or name the column of ratings with rating="..."'
        )
    if kind.is_implicit and not is_implicit:
        raise RecowidgetError(
            f'model="{model}" learns from who took what, and the interactions have ratings; choose another '
            'model, or leave the ratings out with ratings.drop(columns=["rating"])'
        )
    return kind


def default_batch_size(n_train: int) -> int:
    """Some 250 to 500 steps an epoch, in powers of two up to 1,024: few ratings need small batches."""
    return int(2 ** min(max(math.floor(math.log2(max(n_train, 1) / 256)), 0), 10))


def _check_choice(name: str, value: object, names: tuple[str, ...], other: str) -> None:
    if isinstance(value, str):
        if value not in names:
            known = ", ".join(f'"{choice}"' for choice in names)
            raise RecowidgetError(f'{name}="{value}" is not known; choose one of {known}, or pass {other}')
    elif not callable(value) and not (name == "split" and isinstance(value, Split)):
        raise RecowidgetError(f"{name} must be a name or {other}, not {type(value).__name__}")


def _check_shares(shares: object) -> None:
    try:
        numeric = all(math.isfinite(share) for share in shares)  # type: ignore[attr-defined]
    except TypeError:
        numeric = False
    if not numeric:
        raise RecowidgetError(f"shares must be two or three numbers such as (0.8, 0.2), not {shares!r}")


def _check_layer_name(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise RecowidgetError(f"{name} must be the name of an Embedding layer, not {shown(value)}")
