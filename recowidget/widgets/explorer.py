"""MFExplorer: a matrix factorisation in training, to be watched and driven."""

from __future__ import annotations

import contextvars
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Literal

from recowidget import baselines
from recowidget.course import Course
from recowidget.errors import RecowidgetError, counted
from recowidget.evaluation import evaluate
from recowidget.fold_in import read_new_user
from recowidget.interactions import Interactions
from recowidget.recommend import explain, recommend, similar_items, similar_users
from recowidget.settings import Settings
from recowidget.tempo import FULL, Tempo
from recowidget.widgets.course import proposed_as_json, table_as_json
from recowidget.widgets.edits import edits_as_json, ordered_edit
from recowidget.widgets.hiding import panels_but
from recowidget.widgets.live import LiveView
from recowidget.widgets.you import read_ratings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import keras
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from recowidget.edits import Part
    from recowidget.engines.choice import Choice
    from recowidget.engines.engine import Side
    from recowidget.interactions import Duplicates
    from recowidget.progress import Progress
    from recowidget.run import Run
    from recowidget.runs import PastRun
    from recowidget.similarity import Metric
    from recowidget.splits import Split
    from recowidget.targets import Transform
    from recowidget.training import StepUnit

logger = logging.getLogger(__name__)

SPEEDS: Final = {
    "full": FULL,
    "10": Tempo(epochs=10),
    "1": Tempo(epochs=1),
    "slow": Tempo(batches=5),
}
"""Of Play, by their names in the browser; from Python training goes as fast as it can."""

UPDATES: Final[dict[str, Side | None]] = {"both": None, "users": "user", "items": "item"}
"""What is trained, by its names in the browser."""
EDITS: Final = ("edit", "undo", "redo")
"""Commands of the browser that change the ratings."""

FROM_FRAME = (
    "items",
    "users",
    "user",
    "item",
    "rating",
    "timestamp",
    "weight",
    "item_features",
    "duplicates",
)


class MFExplorer(LiveView):
    """A recommender by matrix factorisation, shown while it learns.

    Displayed, it shows the ratings, which of them are for training and which for the test, what the model
    predicts now, and how its losses fall. Buttons and methods drive the same training and may be mixed.

    Parameters
    ----------
    ratings : DataFrame, Interactions or scipy.sparse matrix
        One row a rating; of a matrix see `Interactions.from_matrix`.
    items, users : DataFrame, optional
        Titles of the items and names of the users, by id.
    user, item, rating, timestamp, weight : str, optional
        Columns of `ratings`, where they don't go by the usual names; see `Interactions.from_frame`.
    item_features : str or list of str, optional
        Columns of `items` that the model is to see beside the ids, such as "genres"; see
        `Interactions.from_frame`.
    duplicates : str, optional
        What to do where a user has rated an item, or clicked on it, more than once: "last", "mean" or, of
        implicit feedback, "sum"; None: it is an error. See `Interactions.from_frame`.
    model : str, callable or keras.Model
        A name of `recowidget.models.MODELS`; a builder ``f(n_users, n_items, **settings)``; or a compiled
        model, which is trained in place. None: "biased_mf", or "implicit_mf" where `ratings` has no column
        of ratings and is implicit feedback.
    split : str, Split or callable
        "random", "stratified" or "chronological" (each user's ratings), "leave_one_out" (each user's last); a
        split of these ratings; or a function that makes one of an Interactions. See `recowidget.splits`.
    shares : sequence of float
        Of the train and test part, or of train, validation and test.
    seed : int
        Of the split, the initial factors and the order of the ratings in each epoch.
    n_factors, learning_rate, regularization, batch_size, epochs
        Settings of the model and its training; None for the model's default.
    early_stopping : int, optional
        Finish after so many epochs without a better one: by the loss of the validation part, where there are
        three shares; else by that of the test part, which then says more good of the best epoch than is true
        of other ratings. None: train on, and see what comes of it.
    engine : str
        What carries out the training: "sgd", stochastic gradient descent on the tables of a named model that
        is a dot product; "als", alternating least squares of the same, and of implicit feedback; "gibbs", the
        sampler of "bayesian_mf"; "keras", the model's own train step and optimizer, many batches a call;
        "fit", the same a batch a time. "auto" takes one of the first three where it can train the model and
        has the settings that are given, but "keras" for batches of one. Defaults are those of the engine.
    to_rating, to_target : callable, optional
        For a model that is trained on another scale: `to_rating` turns its output into ratings, `to_target`
        ratings into what it is trained on. `to_target` may be left out where `to_rating` is a straight line.
    user_embedding, item_embedding : str, optional
        Names of the Embedding layers that hold the factors of a model of your own, where its layers' sizes
        and names don't tell.
    callbacks : sequence of keras.callbacks.Callback
        Told of the begin and end of epochs and of training, on its thread; not of batches. They may change
        the learning rate or end the training. As ``val_loss`` they get the mean squared error of the
        validation part, where there are three shares. With them the model is trained by its own train step.
    hide : str or sequence of str
        Panels that are not shown: "ratings", "split", "predictions", "residuals", "user_factors" and
        "item_factors" (both: "factors"), "map", "loss", "cell", "user" and "item" (all three: "inspector"),
        "runs", "architecture". What only they show is neither computed nor sent to the browser.
    compact : bool
        Whether to show less, and smaller: the matrices in cells of two pixels, loss, factors, map and the
        line of epochs; no inspector, no ranking over the epochs, no runs, no architecture.

    Attributes
    ----------
    state : dict
        ``status`` as in the property, ``message``: the error's text where training failed, and ``run``,
        ``epoch``, ``batch`` and planned ``epochs`` when the status changed; ``is_building`` while
        TensorFlow is loaded and the model built ahead; ``is_waited_for`` while a cell waits for the
        training, which an interrupt of the kernel then pauses; ``engine``: its name and the reason for it,
        where there is one; ``speed`` of Play. Read-only.
    summary : dict
        Counts of the ratings and their parts, and the baselines. Read-only.
    window : dict
        The first block of the matrix that is shown. Read-only.

    Raises
    ------
    RecowidgetError
        If the ratings or a setting can't be used; the message says what, where and what to do.
    """

    _speed = "10"

    _updates = "both"

    _refused: dict[str, Any] | None = None
    """What was last asked for and could not be edited, and why."""

    _told_pinned: PastRun | None = None

    _baselines: tuple[Split, pd.DataFrame] | None = None

    _is_played = False  # Whether the training under way is Play's: its speed can be chosen.

    def __init__(
        self,
        ratings: pd.DataFrame | Interactions,
        *,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        user: str | None = None,
        item: str | None = None,
        rating: str | None = None,
        timestamp: str | None = None,
        weight: str | None = None,
        item_features: str | Sequence[str] | None = None,
        duplicates: Duplicates | None = None,
        model: str | Callable[..., keras.Model] | keras.Model | None = None,
        split: str | Split | Callable[..., Split] = "random",
        shares: Sequence[float] = (0.8, 0.2),
        seed: int = 0,
        n_factors: int | None = None,
        learning_rate: float | None = None,
        regularization: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        early_stopping: int | None = None,
        engine: str = "auto",
        to_rating: Transform | None = None,
        to_target: Transform | None = None,
        user_embedding: str | None = None,
        item_embedding: str | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        hide: str | Iterable[str] = (),
        compact: bool = False,
    ) -> None:
        panels = panels_but(hide, compact=compact)
        settings = Settings(
            model=model,
            split=split,
            shares=shares,
            seed=seed,
            n_factors=n_factors,
            learning_rate=learning_rate,
            regularization=regularization,
            batch_size=batch_size,
            epochs=epochs,
            early_stopping=early_stopping,
            engine=engine,
            to_rating=to_rating,
            to_target=to_target,
            user_embedding=user_embedding,
            item_embedding=item_embedding,
            callbacks=callbacks,
        )
        columns = {
            "items": items,
            "users": users,
            "user": user,
            "item": item,
            "rating": rating,
            "timestamp": timestamp,
            "weight": weight,
            "item_features": item_features,
            "duplicates": duplicates,
        }
        self._course = Course(
            _interactions(ratings, columns), settings, on_run=self._take_run, on_change=self._tell_course
        )
        self._orders = ThreadPoolExecutor(1, "recowidget-orders")
        self._ranking = ThreadPoolExecutor(1, "recowidget-ranking")
        super().__init__(
            self._run,
            self._run.settings.as_dict(),
            panels=panels,
            has_controls=True,
            is_compact=compact,
        )
        self._watch(self._run)
        self._tell_course()

    @property
    def _run(self) -> Run:
        return self._course.run

    def _watch(self, run: Run) -> None:
        self._watched_run = run
        run.post_to_main = self._main_loop.post_heavy
        run.trainer.add_watcher(self)
        if "architecture" in self.panels:
            run.when_built(self.show_architecture)

    def _take_run(self, run: Run) -> None:
        """Show another run from now on."""
        self._watched_run.trainer.remove_watcher(self)
        self.set_trait("architecture", [])
        self._updates = "both"
        self.look_at(run, run.settings.as_dict())
        self._watch(run)
        if self._stream.is_started:
            self._view_is_there()

    # ---- training -----------------------------------------------------------------------------------

    def train(self, epochs: int | None = None) -> None:
        """Begin to train, and return at once.

        Parameters
        ----------
        epochs : int, optional
            So many more. None: up to ``settings["epochs"]`` and, once there, as many again.
        """
        self._is_played = False
        self._run.train(epochs)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until training is not under way: finished, paused or stopped.

        An interrupt of the kernel pauses training; everything so far is kept.

        Parameters
        ----------
        timeout : float, optional
            Seconds.

        Raises
        ------
        TimeoutError
            If training is still under way after `timeout`.
        BaseException
            What training raised.
        """
        if threading.current_thread() is not threading.main_thread():
            self._run.wait(timeout)
            return
        self._set_state(is_waited_for=True)
        try:
            self._run.wait(timeout)
        finally:
            self._set_state(is_waited_for=False)

    def fit(self, epochs: int | None = None) -> pd.DataFrame:
        """Train and wait; returns `history`. See `train` and `wait`."""
        self.train(epochs)
        self.wait()
        return self.history

    def pause(self) -> None:
        """Halt training between two batches; `resume` goes on from there."""
        self._run.trainer.pause().wait()

    def resume(self) -> None:
        """Go on to the planned number of epochs."""
        self._is_played = False
        self._run.resume()

    def step(self, unit: StepUnit = "epoch", only: Side | None = None) -> None:
        """Train one "batch", or one "epoch" (the rest of it, where one is under way), and pause.

        Parameters
        ----------
        unit : str
        only : str, optional
            "user" or "item": train only these vectors, and leave the others as they are, so that one sees the
            two sides take turns. Not with engines of Keras.

        Raises
        ------
        RecowidgetError
            If the engine trains all weights together.
        """
        self._run.step(unit, only)

    def stop(self) -> None:
        """End the run where it is. `train` goes on from there."""
        self._run.trainer.stop().wait()

    def reset(self) -> None:
        """Go back to the untrained model; the same training gives the same losses again.

        Where settings were changed (see `change_settings`), that is another run, and this one stays in
        `runs`.

        Raises
        ------
        RecowidgetError
            If there can be no run with these settings; then this one stays as it is.
        """
        self._course.reset()

    def change_settings(self, **settings: Any) -> None:
        """Change settings by name, all or none.

        The planned ``epochs`` and ``early_stopping`` apply at once, and so do ``learning_rate`` and
        ``regularization`` where the engine can take them while it trains: from the next epoch on. The others
        wait for `reset`.

        Parameters
        ----------
        **settings
            ``model``, ``split``, ``seed``, ``n_factors``, ``learning_rate``, ``regularization``,
            ``batch_size``, ``epochs`` and ``early_stopping`` as for `MFExplorer`, None for the default; and
            ``test_share``, the last of the shares.

        Raises
        ------
        RecowidgetError
            If one of them can't be had; then nothing is changed.
        """
        self._course.change(**settings)

    def edit(
        self,
        user: Any,
        item: Any,
        rating: float | Literal["same"] | None = "same",
        part: Part | None = None,
    ) -> None:
        """Set, erase or move a rating, while training goes on.

        Training under way goes on from what was learned, with the changed data from the next batches on; at
        rest it does so once it goes on. Losses so far stay in `history`, those that follow are of the changed
        parts. `reset` begins another run, from the start, on the changed data. What was passed to the
        explorer stays as it is: `interactions` and `split` are changed copies, of the same users and items
        and on the same rating scale.

        Of 100,000 ratings an edit takes some milliseconds, and before the next batch some tenths of a second;
        of 25 million a second or two, and then some seconds.

        Parameters
        ----------
        user, item : id
        rating : float or None
            None erases it; not given, it stays as it is. Of implicit feedback 1 stands for what was taken.
        part : str, optional
            "train", "validation" or "test", where it is to be. Not given, it stays where it is, and a new
            rating is to train on.

        Raises
        ------
        RecowidgetError
            If an id is unknown, a rating is not on the rating scale, there is nothing to erase or to move, or
            nothing to train on would be left.
        """
        self._course.edit(user, item, rating, part)

    def undo(self) -> None:
        """Take the last edit back.

        Raises
        ------
        RecowidgetError
            If there is none.
        """
        self._course.undo()

    def redo(self) -> None:
        """Make the edit again that was taken back last; once another is made, it can't be.

        Raises
        ------
        RecowidgetError
            If there is none.
        """
        self._course.redo()

    def sweep(self, *, seeds: int | Sequence[int] = 1, **settings: Any) -> pd.DataFrame:
        """Train every combination of some settings, each as a run of its own, and wait for all.

        What is shown stays; each run joins `runs`, and its losses stand behind those of the run under way.
        An interrupt ends the sweep; the runs that are done are kept.

        Parameters
        ----------
        seeds : int or sequence of int
            How many, from 0 on, or which: each is another split, other factors to begin with and another
            order.
        **settings
            By the names of `change_settings`, a list of values or one value, as in
            ``sweep(n_factors=[2, 8, 32], seeds=3)``.

        Returns
        -------
        DataFrame
            One row a combination: its settings, ``seeds``, their number, ``test_rmse`` and ``ndcg`` (at 10),
            means of those at the best epochs, ``test_rmse_std`` and ``ndcg_std``, their standard deviations
            over the seeds, and ``seconds``, the mean.

        Raises
        ------
        RecowidgetError
            Before anything is trained, if one of the combinations can't be had.
        """
        return self._course.sweep(settings, seeds)

    def pin(self, run: int | None) -> None:
        """Compare predictions with those of a kept run, on screen cell by cell.

        The panel of the residuals then shows how far predictions are from those of that run at its best
        epoch, and has a switch between the two; its losses stand out among those of the runs before.

        Parameters
        ----------
        run : int or None
            Its number in `runs`; None: compare with none.

        Raises
        ------
        RecowidgetError
            If there is no such run, or it is the one under way.
        """
        self._course.pin(run)

    def on_epoch(self, tell: Callable[[dict[str, Any]], object]) -> Callable[[], None]:
        """Have a function called after each epoch, as a logger of experiments is.

        Parameters
        ----------
        tell : callable
            Called with the epoch's row of `history` as a dictionary, on the thread that trains, which waits
            for it. What it raises is logged, and training goes on.

        Returns
        -------
        callable
            Takes it back.
        """
        return self._course.on_epoch(tell)

    def restore(self, epoch: int) -> None:
        """Put the weights of a kept epoch back into the model, to predict with them and to train on.

        Training under way is paused. The history stays, and the count of epochs goes on from the last. An
        optimizer of Keras begins anew.

        Parameters
        ----------
        epoch : int
            One of those kept, as ``history``'s best epoch always is. `cursor` only shows one.

        Raises
        ------
        RecowidgetError
            If it is not kept; the message names the nearest that is.
        """
        self._run.restore(epoch)

    def close(self) -> None:
        """End training and its thread, and remove all views."""
        if not self._is_closed:
            self._orders.shutdown()
            self._course.close()
            self._ranking.shutdown(cancel_futures=True)
        super().close()

    # ---- what there is to read ----------------------------------------------------------------------

    @property
    def status(self) -> str:
        """One of "idle", "loading", "running", "paused", "stopped", "finished", "failed"."""
        return self._run.progress.status

    @property
    def engine(self) -> Choice:
        """What trains the model, `name`, and why, `reason`."""
        return self._run.engine

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self._run.progress.epoch

    @property
    def history(self) -> pd.DataFrame:
        """Losses of all epochs, epoch 0 (untrained) first; see `recowidget.history.History.frame`.

        Of more than five million ratings in the train part, its losses are those of five million, drawn once.
        """
        return self._run.history.frame()

    @property
    def runs(self) -> pd.DataFrame:
        """All runs, the one under way last.

        A run begins with a reset after settings were changed; see also `sweep`. Columns ``run``, its number,
        ``name``, ``model``, ``engine``, the settings ``n_factors``, ``learning_rate``, ``regularization``,
        ``batch_size``, ``seed``, ``split`` and ``test_share``, ``epochs`` so far, ``best_epoch``, and of that
        ``test_rmse`` and ``ndcg`` (at 10; of users that are drawn where users times items are more than 200
        million), and ``seconds`` of training.
        """
        return self._course.runs.frame()

    @property
    def edits(self) -> pd.DataFrame:
        """What was changed with `edit` or on screen, the first first; what was taken back is not in it.

        Columns: the ids, under the names that the interactions have for them; ``before`` and ``after``, the
        ratings, NaN where there was or is none; ``part``, where the rating is, or was when it was erased; and
        ``epoch``, at which the edit was made.
        """
        return self._course.edits.frame(self.interactions)

    @property
    def interactions(self) -> Interactions:
        """The ratings, with the `edits` made."""
        return self._run.interactions

    @property
    def split(self) -> Split:
        """Which ratings are for training, and which for the test."""
        return self._run.split

    @property
    def model(self) -> keras.Model:
        """The Keras model in training. While training runs, it changes."""
        return self._run.model

    @property
    def user_factors(self) -> NDArray[np.float32]:
        """Shape (n_users, n_factors), in the order of ``interactions.users.ids``."""
        return self._run.embedding("user")

    @property
    def item_factors(self) -> NDArray[np.float32]:
        """Shape (n_items, n_factors), in the order of ``interactions.items.ids``."""
        return self._run.embedding("item")

    @property
    def user_bias(self) -> NDArray[np.float32]:
        """Shape (n_users,); zeros for a model without biases."""
        return self._run.factors.user_bias

    @property
    def item_bias(self) -> NDArray[np.float32]:
        """Shape (n_items,); zeros for a model without biases."""
        return self._run.factors.item_bias

    @property
    def global_mean(self) -> float:
        """The constant of the model; 0 for a model without one.

        On the rating scale, but of implicit feedback, and of models that squash their sum into the rating
        range, it is log-odds, as the biases are: see `recowidget.recommend.explain`.
        """
        return self._run.factors.global_mean

    def predict(self, users: Any, items: Any) -> NDArray[np.float32]:
        """Predict one rating for each pair of ids.

        Parameters
        ----------
        users, items : id or sequence of ids
            Of one length; a single id goes with all of the other side.

        Returns
        -------
        ndarray of float32, shape (n,)
            On the rating scale, not clipped to it.

        Raises
        ------
        RecowidgetError
            If an id is unknown; the message names it.
        """
        return self._run.predict(users, items)

    def predictions(self, users: Any = None, items: Any = None) -> pd.DataFrame:
        """Predict every pair of the given ids.

        Parameters
        ----------
        users, items : id or sequence of ids, optional
            None: all.

        Returns
        -------
        DataFrame
            The user's own id columns, and ``prediction``; n_users x n_items rows.
        """
        return self._run.predictions(users, items)

    # ---- what it recommends, how well, and why ------------------------------------------------------

    def recommend(self, user: Any = None, n: int = 10, *, exclude_seen: bool = True) -> pd.DataFrame:
        """Recommend the items with the highest predictions.

        Parameters
        ----------
        user
            The id of a user; several ids; None for all users; or a new user's ratings, a mapping from item
            id to rating: they are folded in, without training.
        n
            How many items for each user.
        exclude_seen
            Whether to leave out what the user's train part has; what is held out may be recommended.

        Returns
        -------
        DataFrame
            The user's and the item's id under the user's own names for them, title, score and rank.

        Raises
        ------
        RecowidgetError
            If an id is unknown, the message names it; or if a new user can't be folded in, as the model is
            no dot product.
        """
        return recommend(
            self._run.scorer, self.interactions, user, n, exclude_seen=exclude_seen, seen=self.split.train
        )

    @property
    def you(self) -> dict[Any, float]:
        """What was rated under "Be a user", a rating by item id; 1 of implicit feedback.

        May be set; the panel then shows what follows from it. `recommend(explorer.you)` is its list, and goes
        with ratings of your own all the same.

        Raises
        ------
        RecowidgetError
            On setting, if an item is unknown, or a rating is not on the rating scale.
        """
        items = self.interactions.items
        rated = read_ratings(self.your_ratings, self.interactions)
        return {items.id_of(index): rating for index, rating in rated.items() if rating is not None}

    @you.setter
    def you(self, ratings: Mapping[Any, float]) -> None:
        item_idx, values = read_new_user(self.interactions, ratings)
        low, high = self.interactions.rating_scale
        outside = (values < low) | (values > high)
        if outside.any():
            raise RecowidgetError(
                f"a rating is from {low:g} to {high:g}, as all ratings, not {values[outside][0]:g}"
            )
        self.your_ratings = [list(pair) for pair in zip(item_idx.tolist(), values.tolist(), strict=True)]

    def similar_items(
        self, item: Any, n: int = 10, metric: Metric = "cosine", *, min_ratings: int = 0
    ) -> pd.DataFrame:
        """Find the items whose factors are most like an item's; see `recowidget.recommend.similar_items`."""
        return similar_items(self._run.scorer, self.interactions, item, n, metric, min_ratings=min_ratings)

    def similar_users(
        self, user: Any, n: int = 10, metric: Metric = "cosine", *, min_ratings: int = 0
    ) -> pd.DataFrame:
        """Find the users whose factors are most like a user's; see `recowidget.recommend.similar_users`."""
        return similar_users(self._run.scorer, self.interactions, user, n, metric, min_ratings=min_ratings)

    def explain(self, user: Any, item: Any) -> pd.DataFrame:
        """Take a prediction apart into its terms; see `recowidget.recommend.explain`."""
        return explain(self._run.factors, self.interactions, user, item)

    def evaluate(self, k: int = 10, relevant: float | None = None) -> pd.Series[float]:
        """Measure the model on the test part: errors, and rankings of the full catalogue.

        Parameters
        ----------
        k
            Length of the ranked lists.
        relevant
            The lowest rating that counts as relevant; None: three quarters of the way up the rating scale.

        Returns
        -------
        Series
            rmse, mae, precision, recall, ndcg, map, mrr, hit_rate and coverage; see
            `recowidget.evaluation.evaluate`.
        """
        return evaluate(self._run.scorer, self.split, k, relevant)

    @property
    def baselines(self) -> pd.DataFrame:
        """What a model has to beat: columns name, test_rmse, test_mae and ndcg (at 10)."""
        if self._baselines is None or self._baselines[0] is not self.split:
            self._baselines = self.split, baselines.table(self.split)
        return self._baselines[1]

    def __repr__(self) -> str:
        """Say what is explored; the same whatever the state of training, as notebooks keep it."""
        interactions = self._run.interactions
        counts = (
            counted(interactions.n_users, "user"),
            counted(interactions.n_items, "item"),
            counted(interactions.n_ratings, interactions.noun),
        )
        return f"MFExplorer({self._run.settings.as_json()['model']}: {', '.join(counts)})"

    # ---- the browser --------------------------------------------------------------------------------

    def _settings_as_json(self, settings: dict[str, Any]) -> dict[str, Any]:
        return Settings(**settings).as_json()

    def _view_is_there(self) -> None:
        """Load TensorFlow and build the model before they are needed.

        That the main thread is about to be held is told first, for then nothing of it can be told.
        """
        if not self._run.is_built:
            self._set_state(is_building=True)
            self._run.build_when_free(lambda: self._set_state(is_building=False))

    def _take_updates(self, updates: str) -> None:
        if updates in UPDATES:
            self._updates = updates
            self._run.trainer.train_only(UPDATES[updates])
            self._set_state()

    def _take_speed(self, speed: str) -> None:
        if speed in SPEEDS:
            self._speed = speed
            if self._is_played:
                self._run.trainer.set_tempo(SPEEDS[speed])
            self._set_state()

    def _command(self, command: str, content: dict[str, Any]) -> None:
        """Have it carried out on a thread of its own, in the order they come: to begin a run takes time."""
        context = contextvars.copy_context()
        self._orders.submit(context.run, self._carry_out, command, content)

    def _carry_out(self, command: str, content: dict[str, Any]) -> None:
        obey = self._edit if command in EDITS else self._obey
        try:
            obey(command, content)
        except RecowidgetError as error:
            # A refusal stands beside its control.
            logger.debug("recowidget could not %s: %s", command, error)
        except Exception:
            logger.exception("recowidget could not %s", command)

    def _obey(self, command: str, content: dict[str, Any]) -> None:
        """Carry out what is said of settings and runs; what drives the training follows."""
        course = self._course
        match command:
            case "set":
                course.change_text(str(content.get("name")), str(content.get("value")))
            case "take back":
                course.take_back(int(content["run"]))
            case "name run":
                course.name(int(content["run"]), str(content.get("name")))
            case "pin run":
                course.pin(content.get("run"))
            case "show run":
                course.show(int(content["run"]), is_shown=bool(content.get("is_shown")))
            case "reset":
                course.reset()
            case _:
                self._drive(command, content)

    def _drive(self, command: str, content: dict[str, Any]) -> None:
        trainer = self._run.trainer
        match command:
            case "play":
                self._is_played = True
                trainer.resume(tempo=SPEEDS[self._speed])
            case "updates":
                self._take_updates(str(content.get("updates")))
            case "speed":
                self._take_speed(str(content.get("speed")))
            case "pause":
                trainer.pause()
            case "step":
                trainer.step("batch" if content.get("unit") == "batch" else "epoch")

    def _edit(self, command: str, content: dict[str, Any]) -> None:
        refused, self._refused = self._refused, None
        try:
            if command == "edit":
                ordered_edit(self._course, content)
            elif command == "undo":
                self._course.undo()
            else:
                self._course.redo()
        except RecowidgetError as error:
            pair = {side: content.get(side) for side in ("user", "item")}
            self._refused = {**pair, "reason": str(error)}
        if self._refused != refused:
            self._tell_edits()

    # ---- what is asked for, and the runs ------------------------------------------------------------

    def _tell_course(self) -> None:
        if self._is_closed:
            return
        course = self._course
        self._tell_edits()
        self.set_trait("settings", course.run.settings.as_dict())
        self.set_trait("proposed", proposed_as_json(course))
        self.set_trait("run_table", table_as_json(course.runs))
        self._tell_pinned(course.runs.pinned)
        for run in course.runs.kept:
            if "runs" in self.panels and not run.is_ranked:
                self._ranking.submit(self._rank, lambda run=run: run.ndcg)  # type: ignore[misc]

    def _tell_pinned(self, run: PastRun | None) -> None:
        if run is not self._told_pinned:
            self._told_pinned = run
            self._stream.pin(None if run is None or run.scorer is None else (run.number, run.scorer))

    def _tell_edits(self) -> None:
        if not self._is_closed:
            self.set_trait("edit_list", edits_as_json(self._course, self._refused))

    def _rank(self, measure: Callable[[], object]) -> None:
        """Measure how well a run ranks, which may take a while, and tell of it."""
        if not self._is_closed:
            measure()
            self.set_trait("run_table", table_as_json(self._course.runs))

    def _publish(self, progress: Progress) -> None:
        super()._publish(progress)
        is_ranked = "runs" in self.panels and progress.epoch > 0
        if is_ranked and not progress.is_active and not self._is_closed:
            self._ranking.submit(self._rank, self._course.runs.rank_current)


def _interactions(ratings: pd.DataFrame | Interactions, columns: dict[str, Any]) -> Interactions:
    given = [name for name, value in columns.items() if value is not None]
    if hasattr(ratings, "tocoo"):
        if given:
            raise RecowidgetError(
                f"{', '.join(given)} can't be given with a matrix, which has no columns; pass "
                "Interactions.from_matrix(matrix, users=user_ids, items=item_ids), with the id of each row "
                "and of each column"
            )
        ratings = Interactions.from_matrix(ratings)
    if not isinstance(ratings, Interactions):
        return Interactions.from_frame(
            ratings, **{name: value for name, value in columns.items() if value is not None}
        )
    if given:
        raise RecowidgetError(
            f"{', '.join(given)} can't be given with Interactions, which have their columns and titles "
            "already; pass it to Interactions.from_frame"
        )
    return ratings
