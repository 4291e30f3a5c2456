"""Splits of the ratings into parts to train on, to choose by and to test with.

Each takes `Interactions`, or a plain frame of ratings, and holds row numbers: positions in the frame.
"""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from recowidget.arguments import read_interactions
from recowidget.checks import check_choice
from recowidget.errors import RecowidgetError, shown
from recowidget.predefined import held_out_rows
from recowidget.shares import (
    check_seed,
    check_shares,
    chronological_numbers,
    random_numbers,
    stratified_numbers,
)
from recowidget.sorting import stable_order
from recowidget.split import Split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recowidget.arguments import RatingsLike
    from recowidget.encoding import Indices
    from recowidget.interactions import Interactions
    from recowidget.rows import Rows

__all__ = [
    "Split",
    "chronological_split",
    "k_fold",
    "leave_one_out",
    "predefined_split",
    "random_split",
    "split_by_name",
    "stratified_split",
]

_FEWEST_FOLDS = 2

SPLITS = ("random", "stratified", "chronological", "leave_one_out")
"""What `split_by_name` knows."""


def split_by_name(
    interactions: RatingsLike, name: str, shares: Sequence[float] = (0.8, 0.2), seed: int = 0
) -> Split:
    """Split in one of the ways that go by a name.

    Parameters
    ----------
    interactions
        The ratings.
    name
        One of `SPLITS`: as the functions of those names, by user where they go by something, and
        leave_one_out the last.
    shares, seed
        As in `random_split`; passed over where the way has no use for them.

    Returns
    -------
    Split

    Raises
    ------
    RecowidgetError
        Where the name is unknown, or as the function.
    """
    check_choice("split", name, SPLITS)
    if name == "random":
        return random_split(interactions, shares, seed)
    if name == "stratified":
        return stratified_split(interactions, shares, seed=seed)
    if name == "chronological":
        return chronological_split(interactions, shares)
    return leave_one_out(interactions)


def random_split(interactions: RatingsLike, shares: Sequence[float] = (0.8, 0.2), seed: int = 0) -> Split:
    """Split the rows at random.

    Parameters
    ----------
    interactions
        Two ratings or more: `Interactions`, or a frame that `Interactions.from_frame` reads by its usual
        names, whose interactions are then in the split.
    shares
        Positive, and 1 in all. Two: train and test. Three: train, validation and test. More: the first is
        train, the last test, and each between them one of the split's `validation_parts`.
    seed
        0 or more; the same seed splits the same number of rows alike.

    Returns
    -------
    Split
        Parts of the size of their shares to within one row, save that train and test get a row each, at the
        cost of the others, however small their shares.

    Raises
    ------
    RecowidgetError
        Where the shares don't fit, the seed is no such integer, or there is one rating only.
    """
    ratings, checked, number = read_interactions(interactions), check_shares(shares), check_seed(seed)
    numbers = random_numbers(ratings.n_ratings, checked, number)
    return Split.from_shares(ratings, numbers, checked, name="random", seed=number)


def stratified_split(
    interactions: RatingsLike,
    shares: Sequence[float] = (0.8, 0.2),
    by: Literal["user", "item"] = "user",
    seed: int = 0,
) -> Split:
    """Split each user's rows, or each item's, at random.

    Parameters
    ----------
    interactions
        Two ratings or more of one user (of one item).
    shares
        As in `random_split`.
    by
        "user" or "item".
    seed
        As in `random_split`. It also draws which way a share is rounded where it is no whole number of
        rows, so that the shares hold on the whole even where each user has few rows.

    Returns
    -------
    Split
        In each group each share to within one row, and one row or more to train on: a group with a single
        row isn't tested, and where groups are small, train has more than its share on the whole. Where no
        group comes to a row to test with, the largest gives one, and there a validation part may be off by
        up to two rows.

    Raises
    ------
    RecowidgetError
        Where the shares don't fit, `by` or the seed is none, or no group has two rows.
    """
    ratings, checked, number = read_interactions(interactions), check_shares(shares), check_seed(seed)
    groups = _groups(ratings, by)
    numbers = stratified_numbers(groups, checked, number)
    return _tested(Split.from_shares(ratings, numbers, checked, name="stratified", seed=number), by)


def chronological_split(
    interactions: RatingsLike,
    shares: Sequence[float] = (0.8, 0.2),
    by: Literal["user", "item", "global"] = "user",
) -> Split:
    """Train on the earliest rows and test with the latest.

    Rows of one time go in the order of the rows: the earlier row counts as the earlier rating.

    Parameters
    ----------
    interactions
        With timestamps.
    shares
        As in `random_split`.
    by
        "user": by the time within each user's rows, so that no user has a test row older than a row that
        they train on. "item": within each item's. "global": over all rows, so that no test row is older
        than any row in training; then users and items that came late are cold.

    Returns
    -------
    Split
        In each group each share to within one row, rounded up in some groups and down in others so that
        the shares hold on the whole, but for what follows, which is as in `stratified_split`. A group always
        keeps a row to train on, and where no group comes to a row to test with, the largest gives one.

    Raises
    ------
    RecowidgetError
        Where there are no timestamps, the shares don't fit, `by` is none, or no group has two rows.
    """
    ratings, checked = read_interactions(interactions), check_shares(shares)
    check_choice("by", by, ("user", "item", "global"))
    groups = None if by == "global" else _groups(ratings, by)
    if ratings.timestamps is None:
        raise RecowidgetError(
            "a chronological split needs timestamps, and the ratings have none; "
            "name their column with timestamp=, or use random_split or stratified_split"
        )
    numbers = chronological_numbers(ratings.timestamps, groups, checked)
    return _tested(Split.from_shares(ratings, numbers, checked, name="chronological"), by)


def leave_one_out(
    interactions: RatingsLike, which: Literal["last", "random"] = "last", seed: int = 0
) -> Split:
    """Test with one row of each user and train on all others.

    Parameters
    ----------
    interactions
        Two ratings or more of one user; with timestamps where `which` is "last".
    which
        "last": the latest of the user's rows; of several of that time, the last in the order of the rows.
        "random": any.
    seed
        0 or more; of the drawing at random.

    Returns
    -------
    Split
        Users with a single row keep it to train on.

    Raises
    ------
    RecowidgetError
        Where `which` or the seed is none, there are no timestamps to go by, or no user has two rows.
    """
    ratings, number = read_interactions(interactions), check_seed(seed)
    check_choice("which", which, ("last", "random"))
    if which == "random":
        before = np.random.default_rng(number).permutation(ratings.n_ratings)
    elif ratings.timestamps is not None:
        before = stable_order(ratings.timestamps)
    else:
        raise RecowidgetError(
            "the last rating of a user is found by timestamps, and the ratings have none; "
            'name their column with timestamp=, or leave out any one with which="random"'
        )
    counts = ratings.user_counts
    last = stable_order(ratings.user_idx, before)[np.cumsum(counts)[counts > 1] - 1]
    return _tested(
        _holding_out(ratings, last, "leave_one_out", number if which == "random" else None), "user"
    )


def k_fold(interactions: RatingsLike, k: int = 5, seed: int = 0) -> list[Split]:
    """Split the rows at random k times, so that each row is tested with once.

    Parameters
    ----------
    interactions
        k ratings or more.
    k
        2 or more.
    seed
        0 or more.

    Returns
    -------
    list of Split
        Of length k; the test parts are disjoint, all rows together, and of one size to within a row.

    Raises
    ------
    RecowidgetError
        Where k is no integer from 2 to the number of ratings, or the seed is none.
    """
    ratings, number = read_interactions(interactions), check_seed(seed)
    n_ratings = ratings.n_ratings
    folds = int(k) if not isinstance(k, bool) and isinstance(k, Integral) else 0
    if not _FEWEST_FOLDS <= folds <= n_ratings:
        raise RecowidgetError(
            f"k must be an integer from 2 to the number of ratings, {n_ratings:,}, not {shown(k)}"
        )
    order = np.random.default_rng(number).permutation(n_ratings)
    return [
        _holding_out(ratings, order[fold::folds], f"fold {fold + 1} of {folds}", number)
        for fold in range(folds)
    ]


def predefined_split(interactions: RatingsLike, test: Any, *, fold: int = 0) -> Split:
    """Test with given rows and train on all others.

    Parameters
    ----------
    interactions
        The ratings, those to test with among them.
    test
        One of: a frame with the columns of the users and items, whose pairs are tested with; a boolean
        array or column, one for each row, True to test (a Series goes by position, not by its index);
        row numbers; a scikit-learn splitter, that is any object with a method `split(X, y, groups)`. It
        gets the number of each row's rating value as `y`, so that StratifiedKFold stratifies by rating, and
        the user's index as `groups`.
    fold
        Which of a splitter's splits to take, 0 the first.

    Returns
    -------
    Split

    Raises
    ------
    RecowidgetError
        Where `test` is none of these, names pairs or rows that aren't there, has no row, or all.
    """
    ratings = read_interactions(interactions)
    return _holding_out(ratings, held_out_rows(ratings, test, fold), "predefined", None)


def _holding_out(interactions: Interactions, test: Rows, name: str, seed: int | None) -> Split:
    trained = np.ones(interactions.n_ratings, np.bool_)
    trained[test] = False
    return Split(interactions, np.flatnonzero(trained), np.empty(0, np.intp), np.sort(test), name, seed=seed)


def _groups(interactions: Interactions, by: object) -> Indices:
    return (
        interactions.user_idx if check_choice("by", by, ("user", "item")) == "user" else interactions.item_idx
    )


def _tested(split: Split, by: str) -> Split:
    if not len(split.test):
        raise RecowidgetError(
            f"no {by} has two ratings, one to train on and one to test with; use random_split"
        )
    return split
