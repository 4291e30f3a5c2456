"""A run: ratings, a split, a model, its trainer and history, with the settings that make it again."""

from __future__ import annotations

import inspect
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from recowidget import splits
from recowidget.architecture import Layer, describe
from recowidget.backend import load_keras
from recowidget.checks import check_count
from recowidget.confidence import confidences
from recowidget.engines.als import CONFIDENCE, ALSEngine
from recowidget.engines.choice import HALVES, OWN
from recowidget.engines.gibbs import GibbsEngine
from recowidget.engines.keras_engine import KerasEngine
from recowidget.engines.sgd import SGDEngine
from recowidget.errors import RecowidgetError, first_line, listed, shown
from recowidget.evaluator import SplitEvaluator
from recowidget.factors import Factors
from recowidget.history import History, read_epoch
from recowidget.models import MODELS, initial_factors
from recowidget.negatives import N_NEGATIVES, NegativeSampler
from recowidget.reader import CHECKED, ModelReader, find_ordered_feed
from recowidget.samples import SampledFactors, n_samples_in_memory
from recowidget.scoring import is_model
from recowidget.selection import Selection
from recowidget.settings import BUILT_IN, EMBEDDINGS, Settings, name_of
from recowidget.splits import Split
from recowidget.tables import OWN_TABLES, find_tables, in_words, table_sizes, write_factors
from recowidget.targets import make_targets, targets_of
from recowidget.training import LISTEN, Trainer

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from recowidget.engines.choice import Choice
    from recowidget.engines.engine import Engine, Side
    from recowidget.interactions import Interactions
    from recowidget.progress import Progress
    from recowidget.scoring import LearnedScorer
    from recowidget.targets import Targets
    from recowidget.training import Changes, StepUnit


SIDES = ("user", "item")


class Run:
    """One model in training on one split of some ratings.

    Usable in a plain script; `MFExplorer` shows one.

    Implicit feedback is trained on as 1, beside items that the user did not take in the train part as 0: all
    of them by the engine "als", and by Keras `recowidget.negatives.N_NEGATIVES` for each row, drawn anew each
    epoch. Weights say how much a row counts (`recowidget.confidence.confidences`). For the losses see
    `recowidget.evaluator.SplitEvaluator`.

    Parameters
    ----------
    interactions : Interactions
        With `item_features`, these go to the model's builder.
    settings : Settings
        `None` values are filled with the model's defaults.
    after : Run, optional
        The run of the same ratings that this one takes the place of: its selection is kept, and its split
        where the settings make the same.

    Raises
    ------
    RecowidgetError
        If a setting, the split or the model does not fit the ratings.
    """

    def __init__(self, interactions: Interactions, settings: Settings, after: Run | None = None) -> None:
        self.interactions = interactions
        self.given = settings
        self.split: Split = (
            after.split
            if after is not None and _split_settings(after.given) == _split_settings(settings)
            else _make_split(interactions, settings)
        )
        self.settings = self.resolve(settings)
        self._choice = self.settings.choice(
            len(self.split.train), has_item_features=interactions.item_features is not None
        )
        self.targets = make_targets(settings.to_rating, settings.to_target, interactions.rating_scale)
        self.is_changed = False  # Whether settings, or the data, were changed since it began.
        self.edited: tuple[tuple[int, int], ...] = ()
        """User and item, by index, of each rating that was changed since it began, the first first."""
        self.history = History()
        self.selection: Selection = Selection() if after is None else after.selection
        self._on_built: list[Callable[[list[Layer]], None]] = []
        self.train_mean = _train_mean(self.split)
        self._model: keras.Model | None = None
        self._written: LearnedScorer | None = None
        self._building = threading.Lock()
        self.post_to_main: Callable[[Callable[[], None]], bool] = lambda _work: False
        self.trainer = Trainer(
            history=self.history,
            evaluator=SplitEvaluator(self.split, seed=self.settings.seed),
            epochs=int(self.settings.epochs or 1),
            request_engine=self.build_when_free,
            initial=self._initial_scorer(),
            run=0 if after is None else after.progress.run + 1,
            early_stopping=self.settings.early_stopping,
        )

    # ---- training -----------------------------------------------------------------------------------

    def train(self, epochs: int | None = None) -> None:
        """Begin to train, and return at once (the first time after TensorFlow's import)."""
        more = None if epochs is None else check_count("epochs", epochs)
        self._command(lambda: self.trainer.start(more))

    def resume(self) -> None:
        """Go on to the planned epochs, and return at once."""
        self._command(self.trainer.resume)

    def step(self, unit: StepUnit = "epoch", only: Side | None = None) -> None:
        """Train one batch or epoch, of one side alone where that is asked for; return when it is done."""
        if unit not in {"batch", "epoch"}:
            raise RecowidgetError(f'unit must be "batch" or "epoch", not {unit!r}')
        if only is None:
            self._command(lambda: self.trainer.step(unit))
            self.wait()
            return
        if only not in SIDES:
            raise RecowidgetError(f'only must be "user", "item" or None, not {shown(only)}')
        if not self.has_halves:
            raise RecowidgetError(
                f"one side alone can't be trained: the engine {self.engine.name} trains all weights "
                f"together; engines that can: {listed(HALVES)}"
            )
        self.trainer.train_only(only)
        try:
            self.step(unit)
        finally:
            self.trainer.train_only(None).wait()

    @property
    def has_halves(self) -> bool:
        """Whether the users' vectors can be trained without the items', and the other way round."""
        return self.engine.name in HALVES

    def resolve(self, given: Settings) -> Settings:
        """Fill in the defaults for the ratings of this run."""
        return given.resolved(
            len(self.split.train),
            is_implicit=self.interactions.is_implicit,
            has_item_features=self.interactions.item_features is not None,
        )

    def change(self, given: Settings, changes: Changes) -> None:
        """Train on with settings that training under way can take.

        Parameters
        ----------
        given : Settings
            With these.
        changes : Changes
        """
        self.given = given
        self.settings = self.resolve(given)
        self.is_changed |= changes.learning_rate is not None or changes.regularization is not None
        self.trainer.change(changes).wait()

    def turn_to(self, split: Split, pair: tuple[int, int]) -> None:
        """Train on with a changed copy of the ratings and the split.

        Losses so far stay in the history; those that follow are of the changed parts. Training under way
        goes on from what was learned; the constant of the model stays what it was. What trains is made anew
        where training goes on, once however much was changed meanwhile: some tenths of a second, and some
        seconds for 25 million ratings, in which training waits.

        Parameters
        ----------
        split : Split
            Of the same users and items.
        pair : tuple of int
            The user and item, by index, whose rating is another.
        """
        with self._building:
            self.split, self.interactions = split, split.interactions
            self.is_changed = True
            self.edited = (*self.edited, pair)
            turn = self._turn_engine if self.is_built else None
        taken = self.trainer.turn_to(SplitEvaluator(split, seed=self.settings.seed), turn)
        taken.wait()

    def _turn_engine(self, before: Engine) -> Engine:
        """Have the data of now trained on, from what `before` has learned."""
        if isinstance(before, KerasEngine):
            self._feed_engine(before)
            return before
        engine = self._make_own_engine()
        engine.recover(before.scorer())
        return engine

    def restore(self, epoch: int) -> None:
        """Put what predicted at the end of a kept epoch back into the model; see `Trainer.restore`.

        Raises
        ------
        RecowidgetError
            If the epoch is not kept; the message names the nearest that is.
        """
        number = read_epoch(epoch, self.history)
        try:
            snapshot = self.history.snapshot(number)
        except KeyError:
            nearest = self.history.nearest_kept(number)
            raise RecowidgetError(
                f"epoch {number} is not kept; the nearest that is kept is {nearest}"
            ) from None
        self.build()
        self._command(lambda: self.trainer.restore(snapshot))
        self.wait()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until training is not under way; see `Trainer.wait`. An interrupt pauses it."""
        self._interruptible(lambda: self.trainer.wait(timeout))

    def _command(self, submit: Callable[[], threading.Event]) -> None:
        def submit_and_build() -> None:
            taken = submit()
            self.build()
            while not taken.wait(LISTEN):
                pass

        self._interruptible(submit_and_build)

    def _interruptible(self, work: Callable[[], None]) -> None:
        try:
            work()
        except KeyboardInterrupt:
            self.trainer.pause().wait()
            raise

    # ---- the model ----------------------------------------------------------------------------------

    @property
    def model(self) -> keras.Model:
        """The Keras model, with what was learned so far in it; built now if it is not yet there."""
        self.build()
        with self._building:
            if self._model is None:
                self._model = self._make_model()
            self._write_model(self._model)
        return self._model

    def _write_model(self, model: keras.Model) -> None:
        """Put into the model what an engine of our own learned; Keras trains it in place.

        The engine itself is not asked: it belongs to the worker.
        """
        if self._choice.name not in OWN or (scorer := self.scorer) is self._written:
            return
        factors = scorer.joined(self._n_samples) if isinstance(scorer, SampledFactors) else scorer
        if isinstance(factors, Factors):
            write_factors(model, OWN_TABLES[self._has_biases], factors)
        self._written = scorer

    @property
    def engine(self) -> Choice:
        """What trains the model, and why; as planned, until training finds that it can't."""
        return self._choice if self.trainer.engine is None else self.trainer.engine.choice

    @property
    def is_built(self) -> bool:
        """Whether the model is there."""
        return self.trainer.engine is not None

    def build(self) -> None:
        """Build the model on the calling thread, which should be the main one, and hand it to the trainer."""
        with self._building:
            if self.is_built:
                return
            try:
                engine = self._make_own_engine() if self._choice.name in OWN else self._make_keras_engine()
                self.trainer.provide(engine).wait()
            except BaseException as error:
                self.trainer.refuse(error).wait()
                raise
        self._tell_architecture()

    def when_built(self, tell: Callable[[list[Layer]], None]) -> None:
        """Have `tell` called with the model's layers, once, as soon as there is a model."""
        self._on_built.append(tell)
        if self.is_built:
            self._tell_architecture()

    def _tell_architecture(self) -> None:
        waiting, self._on_built = self._on_built, []
        if waiting:
            layers = describe(self.model)
            for tell in waiting:
                tell(layers)

    def build_when_free(self, then: Callable[[], None] = lambda: None) -> None:
        """Have the main thread build the model once no cell holds it; what goes wrong shows in the trainer.

        In a plain script, where nothing runs between calls, training builds the model itself.

        Parameters
        ----------
        then : callable
            Called when that is done, or can't be.
        """

        def build() -> None:
            with suppress(BaseException):
                if not self.trainer.is_closed:
                    self.build()
            then()

        if self.is_built or not self.post_to_main(build):
            then()

    def _initial_scorer(self) -> Factors | SampledFactors | None:
        model = self.settings.model
        if not (isinstance(model, str) and MODELS[model].is_dot_product):
            return None
        factors = self._initial_factors()
        if not MODELS[model].is_sampled:
            return factors
        return SampledFactors((factors,), float(np.std(self.interactions.ratings[self.split.train])))

    def _initial_factors(self) -> Factors:
        return initial_factors(
            str(self.settings.model),
            self.interactions.n_users,
            self.interactions.n_items,
            n_factors=int(self.settings.n_factors or 1),
            seed=self.settings.seed,
            global_mean=self.train_mean,
            is_logistic=self._is_logistic,
        )

    def _make_model(self) -> keras.Model:
        load_keras()
        chosen = self.settings.model
        if is_model(chosen):
            return chosen
        if chosen is None:
            raise AssertionError("settings that were not resolved")
        build = MODELS[chosen].build if isinstance(chosen, str) else chosen
        keywords = _accepted_keywords(build, self._build_keywords(), named=isinstance(chosen, str))
        try:
            model = build(self.interactions.n_users, self.interactions.n_items, **keywords)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise  # From within the builder: it has its own story to tell.
            raise RecowidgetError(
                f"{name_of(chosen)} can't be called as a builder, with the numbers of users and items: "
                f"{first_line(error)}"
            ) from error
        if not is_model(model):
            raise RecowidgetError(
                f"{name_of(chosen)} returned {type(model).__name__}; "
                "a builder must return a compiled keras.Model"
            )
        return model

    @property
    def _is_logistic(self) -> bool:
        """Whether implicit feedback is trained on as log-odds."""
        return not self.interactions.is_implicit or self._choice.name != "als"

    def _build_keywords(self) -> dict[str, Any]:
        settings = self.settings
        given: dict[str, Any] = {name: getattr(settings, name) for name in BUILT_IN}
        given["item_features"] = self.interactions.item_features
        if not self._is_logistic:
            given["is_logistic"] = False
        if self._choice.name == "gibbs":
            given["n_samples"] = self._n_samples
        if self._choice.name in OWN:
            # The model's own optimizer keeps its own: it is another one.
            del given["learning_rate"]
        return {name: value for name, value in given.items() if value is not None} | {
            "seed": settings.seed,
            "global_mean": self.train_mean,
        }

    def _make_keras_engine(self) -> KerasEngine:
        model = self._model = self._make_model()
        if not getattr(model, "compiled", False):
            raise RecowidgetError(
                f"the model {model.name} is not compiled; call model.compile(optimizer=..., loss=...) first"
            )
        interactions, rows = self.interactions, self.split.train
        pairs = interactions.user_idx[rows[:CHECKED]], interactions.item_idx[rows[:CHECKED]]
        named = {name: getattr(self.settings, name) for name in EMBEDDINGS}
        tables = find_tables(model, interactions.n_users, interactions.n_items, **named)
        feed = find_ordered_feed(model, tables)
        targets = targets_of(model, self.targets)
        reader = ModelReader(model, feed, targets, interactions.n_users, interactions.n_items, pairs, tables)
        user_idx, item_idx, values, keywords = self._examples(targets)
        return KerasEngine(
            model,
            feed,
            reader,
            user_idx,
            item_idx,
            values,
            batch_size=int(self.settings.batch_size or 1),
            seed=self.settings.seed,
            choice=self._choice,
            callbacks=self.settings.callbacks,
            negative_target=float(targets.of_ratings(np.zeros(1, np.float32))[0])
            if interactions.is_implicit
            else 0.0,
            **keywords,
        )

    def _examples(self, targets: Targets) -> tuple[Any, ...]:
        """Give what a Keras model is trained on."""
        interactions, rows = self.interactions, self.split.train
        user_idx, item_idx = interactions.user_idx[rows], interactions.item_idx[rows]
        keywords: dict[str, Any] = {}
        if interactions.weights is not None:
            keywords["weights"] = confidences(interactions.weights[rows])
        if interactions.is_implicit:
            keywords["negatives"] = NegativeSampler(
                user_idx, item_idx, interactions.n_users, interactions.n_items
            )
        return user_idx, item_idx, targets.of_ratings(interactions.ratings[rows]), keywords

    def _feed_engine(self, engine: KerasEngine) -> None:
        user_idx, item_idx, values, keywords = self._examples(targets_of(engine.model, self.targets))
        engine.take(user_idx, item_idx, values, **keywords)

    def _make_own_engine(self) -> Engine:
        load_keras()
        settings, rows, data = self.settings, self.split.train, self.interactions
        start = self._initial_factors()
        regularization = float(settings.regularization or 0.0)
        if self._choice.name == "sgd":
            return SGDEngine(
                start,
                data.user_idx,
                data.item_idx,
                data.ratings,
                rows=rows,
                batch_size=int(settings.batch_size or 1),
                seed=settings.seed,
                learning_rate=float(settings.learning_rate or 0.0),
                regularization=regularization,
                has_biases=self._has_biases,
                is_nonnegative=MODELS[str(settings.model)].start.is_nonnegative,
                choice=self._choice,
            )
        examples = data.user_idx[rows], data.item_idx[rows], data.ratings[rows]
        if self._choice.name == "als":
            return ALSEngine(
                start,
                *examples,
                regularization=regularization,
                has_biases=self._has_biases,
                choice=self._choice,
                confidences=self._extra_confidences() if data.is_implicit else None,
            )
        return GibbsEngine(
            start, *examples, n_samples=self._n_samples, seed=settings.seed, choice=self._choice
        )

    @property
    def _n_samples(self) -> int:
        """How many samples of a Bayesian model are kept at most."""
        data, n_factors = self.interactions, int(self.settings.n_factors or 1)
        return n_samples_in_memory(data.n_users + data.n_items, n_factors)

    @property
    def _has_biases(self) -> bool:
        """Whether a model of ours has biases: ALS fits implicit feedback without."""
        return MODELS[str(self.settings.model)].start.has_biases and self._is_logistic

    def _extra_confidences(self) -> NDArray[np.float32]:
        """Give by how much more each pair of the train part counts than one that was not taken."""
        weights = self.interactions.weights
        if weights is None:
            return np.full(len(self.split.train), CONFIDENCE, np.float32)
        return np.float32(CONFIDENCE) * confidences(weights[self.split.train])

    # ---- what it predicts ---------------------------------------------------------------------------

    @property
    def progress(self) -> Progress:
        """The latest state of training."""
        return self.trainer.progress

    @property
    def scorer(self) -> LearnedScorer:
        """What predicts now: of a dot product the factors of the last epoch, or of where training halted."""
        scorer = self.trainer.progress.scorer
        if scorer is None:
            self.build()
            scorer = self.trainer.progress.scorer
        if scorer is None:
            raise AssertionError("a built model that predicts nothing")
        return scorer

    @property
    def factors(self) -> Factors:
        """The latest factors; of a Bayesian model those of all samples side by side.

        Raises
        ------
        RecowidgetError
            If the model is no dot product of factors.
        """
        scorer = self.scorer
        if isinstance(scorer, Factors):
            return scorer
        if isinstance(scorer, SampledFactors):
            return scorer.joined()
        raise RecowidgetError(
            f"the model {self.model.name} is no dot product of user and item factors plus biases; "
            "predict and predictions work with any model"
        )

    def embedding(self, side: Literal["user", "item"]) -> NDArray[np.float32]:
        """The factors of a side, whatever the model makes of them.

        Raises
        ------
        RecowidgetError
            If it has none.
        """
        is_user = side == "user"
        n = self.interactions.n_users if is_user else self.interactions.n_items
        factors = self.scorer.user_factors if is_user else self.scorer.item_factors
        if factors is None:
            raise RecowidgetError(
                f"the model {self.model.name} has no Embedding layer of {n:,} rows for the {side}s' factors "
                f"(its Embedding layers: {in_words(table_sizes(self.model))}); where one holds them, name it "
                f"as {side}_embedding"
            )
        return factors[:n]

    def predict(self, users: Any, items: Any) -> NDArray[np.float32]:
        """Predict one rating for each pair of ids; a single id goes with all of the other side."""
        user_idx = np.atleast_1d(self.interactions.users.index_of(users))
        item_idx = np.atleast_1d(self.interactions.items.index_of(items))
        if len(user_idx) != len(item_idx) and 1 not in {len(user_idx), len(item_idx)}:
            raise RecowidgetError(
                f"users and items must be of one length, not {len(user_idx)} and {len(item_idx)}; "
                "predictions(users, items) gives every pair"
            )
        return self.scorer.predict(*np.broadcast_arrays(user_idx, item_idx))

    def predictions(self, users: Any = None, items: Any = None) -> pd.DataFrame:
        """Predict every pair of the given ids (None: all) as a frame in the user's own column names.

        A model that knows how sure it is adds a column ``deviation``, the standard deviation of the rating.
        """
        both = self.interactions.users, self.interactions.items
        user_idx, item_idx = (
            np.arange(len(vocabulary)) if ids is None else np.atleast_1d(vocabulary.index_of(ids))
            for vocabulary, ids in zip(both, (users, items), strict=True)
        )
        columns = {
            both[0].name: np.repeat(both[0].ids[user_idx], len(item_idx)),
            both[1].name: np.tile(both[1].ids[item_idx], len(user_idx)),
        }
        scorer = self.scorer
        if isinstance(scorer, SampledFactors):
            prediction, deviation = scorer.blocks(user_idx, item_idx)
            columns |= {"prediction": prediction.ravel(), "deviation": deviation.ravel()}
        else:
            columns["prediction"] = scorer.predict_block(user_idx, item_idx).ravel()
        return pd.DataFrame(columns)


def _train_mean(split: Split) -> float:
    """Average what is trained on: of implicit feedback it is the share of positives."""
    if split.interactions.is_implicit:
        return 1 / (1 + N_NEGATIVES)
    return float(np.mean(split.interactions.ratings[split.train], dtype=np.float64))


def _make_split(interactions: Interactions, settings: Settings) -> Split:
    chosen = settings.split
    if isinstance(chosen, Split):
        split = chosen
    elif callable(chosen):
        split = chosen(interactions)
        if not isinstance(split, Split):
            raise RecowidgetError(
                f"split={name_of(chosen)} returned {type(split).__name__}; it must return a Split"
            )
    else:
        split = splits.split_by_name(interactions, chosen, settings.shares, settings.seed)
    if split.interactions is interactions:
        return split
    if split.interactions.n_ratings != interactions.n_ratings:
        raise RecowidgetError(
            f"the split is of {split.interactions.n_ratings:,} ratings, not of these "
            f"{interactions.n_ratings:,}; split the interactions that you pass"
        )
    return replace(split, interactions=interactions)


def _split_settings(settings: Settings) -> tuple[Any, ...]:
    if isinstance(settings.split, Split):
        return (settings.split,)
    return settings.split, tuple(settings.shares), settings.seed


def _accepted_keywords(build: Any, keywords: dict[str, Any], *, named: bool) -> dict[str, Any]:
    try:
        parameters = inspect.signature(build).parameters
    except ValueError as error:
        raise RecowidgetError(
            "model must be a name, a function that builds a Keras model or a compiled one, "
            f"not {name_of(build)}"
        ) from error
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return keywords
    if "item_features" in keywords and "item_features" not in parameters and not named:
        raise RecowidgetError(
            f"the builder {name_of(build)} takes no item_features; leave it out, or add it to the builder"
        )
    return {name: value for name, value in keywords.items() if name in parameters}
