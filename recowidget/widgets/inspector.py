"""Answers what a view asks of the selected user and item, on a thread that holds up no frame."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from recowidget.inspection import Bars, Course, HeldOut, RatedBy, Side, held_out_part, similar_items
from recowidget.widgets.window import details_of, texts_of, titles_of
from recowidget.widgets.wire import pack
from recowidget.widgets.you import NewUser

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from recowidget.history import History
    from recowidget.progress import Progress
    from recowidget.widgets.window import WindowSource

    Packed = tuple[dict[str, Any], list[bytes]]

logger = logging.getLogger(__name__)

MAX_LISTED: Final = 200
"""Ratings of a user or an item that are sent; their number is told in any case."""
MAX_N: Final = 100
"""Length of the ranked lists at most."""
INSPECTOR: Final = ("cell", "user", "item")
"""The panels that answers are for."""
COURSE_SECONDS: Final = 0.1
"""Spent with one answer on what goes over the epochs; the rest comes with the next."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a view wants to know.

    Attributes
    ----------
    user, item : int or None
        Indices of what is selected.
    n : int
        Length of the ranked lists.
    epoch : int or None
        The epoch that is shown; None: what there is now.
    lists : frozenset of str
        Of which sides the ratings are wanted as well: they are the same at all epochs.
    serial : int
        Comes with the answer.
    """

    user: int | None
    item: int | None
    n: int
    epoch: int | None
    lists: frozenset[str]
    serial: int

    @classmethod
    def read(cls, content: dict[str, Any], windows: WindowSource) -> Question:
        """Read a message; what is selected in other data counts for nothing."""
        interactions = windows.split.interactions

        def index(side: str, size: int) -> int | None:
            value = content.get(side)
            return int(value) if value is not None and 0 <= int(value) < size else None

        epoch = content.get("epoch")
        return cls(
            index("user", interactions.n_users),
            index("item", interactions.n_items),
            min(max(int(content.get("n", 10)), 1), MAX_N),
            None if epoch is None else int(epoch),
            frozenset(map(str, content.get("lists", ()))),
            int(content.get("serial", 0)),
        )


class Inspector:
    """Answers questions about one split, and remembers what the next of the same user and item needs again.

    Parameters
    ----------
    windows : WindowSource
    history : History
    told : frozenset of str
        What answers are for, "cell", "user" and "item": of what is in none of them only the name is told.
    """

    def __init__(
        self, windows: WindowSource, history: History, told: frozenset[str] = frozenset(INSPECTOR)
    ) -> None:
        self._told_of = told
        self.windows = windows
        self.history = history
        self._split = windows.split
        self._bars = Bars.of(self._split)
        self._rated: dict[Side, RatedBy] = {}
        self._held_out: HeldOut | None = None
        self._courses: dict[str, tuple[tuple[Any, ...], Course]] = {}

    def answer_new_user(self, question: NewUser, progress: Progress) -> Packed:
        """Answer who sits before it, by what predicts now or predicted at the end of a past epoch."""
        scorer, epoch = self._scorer(question, progress)
        return question.answer(scorer, self._split.interactions, run=progress.run, epoch=epoch)

    def answer(self, question: Question, progress: Progress) -> Packed:
        """Answer by what predicts now, or predicted at the end of a past epoch.

        Returns
        -------
        content : dict
            As js/inspection.js decodes it.
        buffers : list of bytes
        """
        scorer, epoch = self._scorer(question, progress)
        arrays: dict[str, NDArray[Any]] = {}
        content = {
            "user": self._user(question, scorer, arrays),
            "item": self._item(question, scorer, arrays),
            "pair": self._pair(question),
        }
        is_complete = self._add_courses(question, progress, arrays)
        return pack(
            arrays,
            kind="inspection",
            serial=question.serial,
            run=progress.run,
            epoch=epoch,
            is_complete=is_complete,
            **content,
        )

    def _scorer(self, question: Question | NewUser, progress: Progress) -> tuple[Any, int]:
        if question.epoch is not None:
            nearest = self.history.nearest_kept(question.epoch)
            with contextlib.suppress(KeyError):  # It was thinned out, or training was reset.
                return self.history.snapshot(nearest).scorer, nearest
        return progress.scorer, progress.epoch if progress.restored is None else progress.restored

    def _ratings(self, side: Side, index: int) -> RatedBy:
        known = self._rated.get(side)
        if known is None or known.index != index:
            known = self._rated[side] = RatedBy.of(self._split, self.windows.parts, side, index)
        return known

    def _held(self, user: int) -> HeldOut:
        rated = self._ratings("user", user)
        if self._held_out is None or self._held_out.rated is not rated:
            self._held_out = HeldOut.of(self._split, rated)
        return self._held_out

    def _user(
        self, question: Question, scorer: Any, arrays: dict[str, NDArray[Any]]
    ) -> dict[str, Any] | None:
        if question.user is None:
            return None
        if "user" not in self._told_of:
            return self._told("user", question.user, question, arrays)
        held = self._held(question.user)
        told = self._told("user", question.user, question, arrays) | {
            "n": question.n,
            "part": held.part,
            "threshold": held.threshold,
            "n_relevant": held.n_relevant,
            "top": None,
        }
        if scorer is not None:
            ranking = held.rank(scorer, question.n)
            told |= {
                "precision": _number(ranking.precision),
                "ndcg": _number(ranking.ndcg),
                "top": self._named("item", ranking.item_idx),
            }
            arrays |= {
                "top_idx": ranking.item_idx,
                "top_scores": ranking.scores,
                "top_ratings": ranking.ratings,
                "top_hits": ranking.hits.astype(np.uint8),
            }
        return told

    def _item(
        self, question: Question, scorer: Any, arrays: dict[str, NDArray[Any]]
    ) -> dict[str, Any] | None:
        if question.item is None:
            return None
        interactions = self._split.interactions
        told = self._told("item", question.item, question, arrays) | {"similar": None}
        if "item" in self._told_of and getattr(scorer, "item_factors", None) is not None:
            similar, similarities = similar_items(scorer, question.item, question.n, interactions.n_items)
            told["similar"] = self._named("item", similar)
            arrays |= {
                "similar_idx": similar,
                "similar_scores": similarities,
                "similar_counts": interactions.item_counts[similar].astype(np.int32),
            }
        return told

    def _told(
        self, side: Side, index: int, question: Question, arrays: dict[str, NDArray[Any]]
    ) -> dict[str, Any]:
        """Who or what it is, and its ratings where they are wanted."""
        interactions = self._split.interactions
        vocabulary = interactions.users if side == "user" else interactions.items
        rated, one = self._ratings(side, index), np.array([index], np.int32)
        titles, details = titles_of(vocabulary, one), details_of(vocabulary, one)
        told: dict[str, Any] = {
            "index": index,
            "id": texts_of(vocabulary.ids[one])[0],
            "title": titles[0] if titles else None,
            "detail": details[0] if details else "",
            "n_ratings": len(rated),
            "n_held_out": int((rated.parts == held_out_part(self._split)).sum()),
            "mean": None if interactions.is_implicit else rated.mean,
            "rated": None,
        }
        if side in question.lists and side in self._told_of:
            told["rated"] = self._named("item" if side == "user" else "user", rated.other_idx[:MAX_LISTED])
            arrays |= {
                f"{side}_rated_idx": rated.other_idx[:MAX_LISTED],
                f"{side}_rated_ratings": rated.ratings[:MAX_LISTED],
                f"{side}_rated_parts": rated.parts[:MAX_LISTED],
                f"{side}_bars": self._bars.count(rated.ratings),
                "bars": self._bars.centers,
            }
        return told

    def _named(self, side: Side, index: NDArray[np.int32]) -> dict[str, list[str] | None]:
        interactions = self._split.interactions
        vocabulary = interactions.users if side == "user" else interactions.items
        return {"ids": texts_of(vocabulary.ids[index]), "titles": titles_of(vocabulary, index)}

    def _pair(self, question: Question) -> dict[str, Any] | None:
        if question.user is None or question.item is None:
            return None
        found = self._ratings("user", question.user).rating_of(question.item)
        return None if found is None else {"rating": found[0], "part": found[1]}

    # ---- over the epochs ----------------------------------------------------------------------------

    def _add_courses(self, question: Question, progress: Progress, arrays: dict[str, NDArray[Any]]) -> bool:
        user, item, run = question.user, question.item, progress.run
        if user is None:
            return True
        is_complete = True
        if item is not None and "cell" in self._told_of:
            course = self._course(
                "pair", (run, user, item), lambda scorer: (float(scorer.predict([user], [item])[0]),), 1
            )
            is_complete &= course.advance(self.history, COURSE_SECONDS)
            arrays |= {"pair_epochs": course.epochs, "pair_predictions": course.numbers[:, 0]}
        if "user" not in self._told_of:
            return is_complete
        held, n = self._held(user), question.n
        if len(held.ratings):
            on_scale = not self._split.interactions.is_implicit
            course = self._course(
                "user", (run, user, n), lambda scorer: held.measure(scorer, n, on_scale=on_scale), 3
            )
            is_complete &= course.advance(self.history, COURSE_SECONDS)
            arrays |= {
                "user_epochs": course.epochs,
                "user_precision": course.numbers[:, 0],
                "user_ndcg": course.numbers[:, 1],
                "user_rmse": course.numbers[:, 2],
            }
        return is_complete

    def _course(
        self, name: str, key: tuple[Any, ...], compute: Callable[[Any], tuple[float, ...]], width: int
    ) -> Course:
        known = self._courses.get(name)
        if known is None or known[0] != key:
            known = self._courses[name] = key, Course(compute, width)
        return known[1]


class Inspections:
    """One worker thread for the questions of all views: of each view only the latest counts.

    Parameters
    ----------
    tell : callable
        ``tell(view, windows, answer)``: takes content and buffers of an answer, and of which data it is, on
        the worker's thread; it only hands them on.
    told : frozenset of str
        See `Inspector`.
    """

    def __init__(
        self, tell: Callable[[str, WindowSource, Packed], None], told: frozenset[str] = frozenset(INSPECTOR)
    ) -> None:
        self._tell = tell
        self._told_of = told
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, type], tuple[Question | NewUser, Progress, WindowSource, History]] = {}
        self._thread: threading.Thread | None = None
        self._inspector: Inspector | None = None
        self._is_closed = False

    def ask(
        self,
        view: str,
        question: Question | NewUser,
        progress: Progress,
        windows: WindowSource,
        history: History,
    ) -> None:
        """Have a question answered, and forget an earlier one of the same view and kind; returns at once."""
        key = view, type(question)
        with self._lock:
            self._asked.pop(key, None)
            self._asked[key] = question, progress, windows, history
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._work, name="recowidget-inspector", daemon=True)
                self._thread.start()

    def forget(self, view: str) -> None:
        """Answer a view no more."""
        with self._lock:
            for kind in (Question, NewUser):
                self._asked.pop((view, kind), None)

    def close(self) -> None:
        """End the thread, and wait for it."""
        with self._lock:
            self._is_closed = True
            self._asked.clear()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    self._thread = None
                    return
                key = next(iter(self._asked))
                question, progress, windows, history = self._asked.pop(key)
            try:
                inspector = self._inspector_of(windows, history)
                if isinstance(question, NewUser):
                    answer = inspector.answer_new_user(question, progress)
                else:
                    answer = inspector.answer(question, progress)
            except Exception:
                logger.exception("recowidget could not tell of what is selected")
                continue
            self._tell(key[0], windows, answer)

    def _inspector_of(self, windows: WindowSource, history: History) -> Inspector:
        known = self._inspector
        if known is None or known.windows is not windows or known.history is not history:
            known = self._inspector = Inspector(windows, history, self._told_of)
        return known


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return value if math.isfinite(value) else None
