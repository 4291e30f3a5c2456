"""Settings asked for one at a time: some apply to the run under way, the others with the next reset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from recowidget.engines.choice import WITHOUT
from recowidget.errors import RecowidgetError, shown
from recowidget.models import MODELS
from recowidget.settings import NUMBERS, Settings, name_of, untaken_by
from recowidget.shares import check_shares
from recowidget.splits import SPLITS, split_by_name

if TYPE_CHECKING:
    from recowidget.interactions import Interactions

CONTROLS: Final = (
    "model",
    "n_factors",
    "batch_size",
    "seed",
    "split",
    "test_share",
    "learning_rate",
    "regularization",
    "epochs",
    "early_stopping",
)
"""What can be asked for; all are settings but `test_share`, the last of the shares."""

NEEDS_TIMESTAMPS: Final = ("chronological", "leave_one_out")
WITHOUT_SHARES: Final = ("leave_one_out",)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was asked for and can't be had.

    Attributes
    ----------
    value : str
        As it was given.
    reason : str
    """

    value: str
    reason: str


class Proposal:
    """The settings that the next reset takes, and why some that were asked for can't be had.

    Parameters
    ----------
    interactions : Interactions
    given : Settings
        Of the run, as they were given: what is None there follows the model that is asked for.
    n_train : int
        Ratings in the train part now.
    """

    def __init__(self, interactions: Interactions, given: Settings, n_train: int) -> None:
        self._interactions = interactions
        self._n_train = n_train
        self.given = given
        self.resolved = self._resolve(given)
        self.refused: dict[str, Refusal] = {}

    def ask(self, name: str, value: Any) -> None:
        """Ask for a setting; None stands for the default.

        Raises
        ------
        RecowidgetError
            If it can't be had; what was asked for before stays.
        """
        self.ask_all({name: value})

    def ask_all(self, values: dict[str, Any]) -> None:
        """Ask for several settings at once, all or none; see `ask`."""
        given = self.given
        for name, value in values.items():
            self._check_askable(name)
            given = self._with(given, name, value)
        self.resolved = self._resolve(given)
        self.given = given
        for name in values:
            self.refused.pop(name, None)

    def ask_text(self, name: str, text: str) -> None:
        """Ask for a setting as it was typed; why it can't be had stands in `refused`."""
        if name not in CONTROLS:
            return
        try:
            self.ask(name, _read(name, text.strip()))
        except RecowidgetError as error:
            self.refused[name] = Refusal(text, str(error))

    def refuse(self, name: str, error: RecowidgetError) -> None:
        """Take note that a setting turned out not to be possible."""
        self.refused[name] = Refusal(_shown_value(self.wanted[name]), str(error))

    @property
    def wanted(self) -> dict[str, Any]:
        """What each of `CONTROLS` would be after a reset; None where there is no such thing."""
        return control_values(self.resolved)

    def disabled(self) -> dict[str, str]:
        """Which of `CONTROLS` can't be changed, and why."""
        settings = self.given
        reasons = untaken_by(settings.model)
        engine = self.resolved.choice(self._n_train, has_item_features=self._has_item_features).name
        is_sampled = isinstance(self.resolved.model, str) and MODELS[self.resolved.model].is_sampled
        if is_sampled or settings.engine != "auto":
            without = set(WITHOUT.get(engine, ())) & set(CONTROLS)
            reasons |= dict.fromkeys(without, f"the engine {engine} has none")
        if not isinstance(settings.split, str):
            reasons["test_share"] = "the split is one of your own"
        elif settings.split in WITHOUT_SHARES:
            reasons["test_share"] = "one rating of each user is left out"
        return reasons

    def choices(self) -> dict[str, list[str]]:
        """Give the names there are to choose from, the one that was given first where it is no name."""
        implicit = self._interactions.is_implicit
        models = [name for name, kind in MODELS.items() if kind.is_implicit == implicit]
        splits = list(SPLITS)
        if self._interactions.timestamps is None:
            splits = [name for name in splits if name not in NEEDS_TIMESTAMPS]
        return {"model": _with_own(self.given.model, models), "split": _with_own(self.given.split, splits)}

    # ---- how it is read -----------------------------------------------------------------------------

    @property
    def _has_item_features(self) -> bool:
        return self._interactions.item_features is not None

    def _resolve(self, given: Settings) -> Settings:
        return given.resolved(
            self._n_train,
            is_implicit=self._interactions.is_implicit,
            has_item_features=self._has_item_features,
        )

    def _check_askable(self, name: str) -> None:
        if name not in CONTROLS:
            known = ", ".join(CONTROLS)
            raise RecowidgetError(f"{shown(name)} is no setting that can be changed; these can: {known}")
        reason = self.disabled().get(name)
        if reason:
            raise RecowidgetError(f"{name} can't be changed: {reason}")

    def _with(self, given: Settings, name: str, value: Any) -> Settings:
        if name == "test_share":
            return replace(given, shares=_shares_with_test(given.shares, value))
        if name == "seed" and value is None:
            value = 0
        # The name of what was given as an object stands for it.
        if name in {"model", "split"} and value == name_of(getattr(given, name)):
            value = getattr(given, name)
        changed = replace(given, **{name: value})
        if name == "split" and value in NEEDS_TIMESTAMPS and self._interactions.timestamps is None:
            split_by_name(self._interactions, value)  # Says why not, at once.
        return changed


def control_values(settings: Settings) -> dict[str, Any]:
    """Give what each of `CONTROLS` is in resolved settings."""
    values = settings.as_json()
    shares = values["shares"]
    return {name: values[name] for name in CONTROLS if name != "test_share"} | {
        "test_share": shares[-1] if shares else None
    }


def _shares_with_test(shares: Any, test: Any) -> tuple[float, ...]:
    """Change the share of the test part; the train part makes up for it."""
    if test is None:
        test = 0.2
    *_, before = shares
    held = tuple(shares)[1:-1]
    numeric = isinstance(test, (int, float)) and not isinstance(test, bool)
    most = 1 - sum(held)
    if not numeric or not 0 < test < most:
        raise RecowidgetError(
            f"test_share must be a number above 0 and below {most:g}, not {shown(test)}; "
            f"it is still {before:g}"
        )
    return check_shares((round(most - test, 12), *held, float(test)))


def _read(name: str, text: str) -> Any:
    """Read what was typed as a number, where it is one; an empty text is the default."""
    if name in {"model", "split"}:
        return text
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return text
    is_whole = NUMBERS.get(name) is int and number.is_integer()
    return int(number) if is_whole else number


def _with_own(given: object, names: list[str]) -> list[str]:
    return names if given is None or isinstance(given, str) else [name_of(given), *names]


def _shown_value(value: object) -> str:
    return "" if value is None else str(value)
