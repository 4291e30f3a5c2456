"""A view asks for another order of the users or items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from recowidget.errors import RecowidgetError, shown
from recowidget.widgets.orders import Sorting, sort

if TYPE_CHECKING:
    from recowidget.history import History
    from recowidget.progress import Progress
    from recowidget.widgets.window import WindowSource

LEARNED: Final = frozenset({"similarity", "predictions"})
"""Orders by what the model knows; they stay as they were while training goes on."""


def resort(
    windows: WindowSource, content: dict[str, Any], history: History, progress: Progress | None
) -> WindowSource:
    """Sort one side as a view asks.

    Parameters
    ----------
    windows : WindowSource
    content : dict
        The view's message: ``side``, ``by``, and where they count ``of`` and ``epoch``, as
        `recowidget.widgets.orders.Sorting` has them; an epoch of None is what there is now.
    history : History
    progress : Progress or None

    Returns
    -------
    WindowSource
        Where the order can't be made (what it needs may have gone meanwhile), that of before, counted as new:
        the view is told how it stands.
    """
    side = content["side"]
    if side not in windows.axes:
        raise RecowidgetError(f'a side is "user" or "item", not {shown(side)}')
    interactions, axis = windows.split.interactions, windows.axes[side]
    by = str(content["by"])
    scorer, epoch = _scorer(content.get("epoch"), history, progress) if by in LEARNED else (None, None)
    others = interactions.n_items if side == "user" else interactions.n_users
    sorting = Sorting(by, _index(content.get("of"), others) if by == "predictions" else None, epoch)
    try:
        order = sort(interactions, side, sorting, scorer)
    except RecowidgetError:
        order, sorting = axis.order, axis.sorting
    return windows.turned(side, order, sorting)


def _scorer(epoch: Any, history: History, progress: Progress | None) -> tuple[Any, int | None]:
    """Give what predicted at the end of a past epoch, or predicts now, and the epoch that it is of."""
    if epoch is not None:
        try:
            return history.snapshot(int(epoch)).scorer, int(epoch)
        except KeyError:
            pass  # It was thinned out meanwhile.
    if progress is None:
        return None, None
    return progress.scorer, progress.epoch if progress.restored is None else progress.restored


def _index(value: Any, size: int) -> int | None:
    return value if isinstance(value, int) and 0 <= value < size else None
