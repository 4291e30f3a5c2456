"""Which panels an explorer shows: all but those that are hidden, or the few of the compact one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recowidget.errors import RecowidgetError, listed, shown
from recowidget.widgets.inspector import INSPECTOR
from recowidget.widgets.live import ALL_PANELS, FACTORS

if TYPE_CHECKING:
    from collections.abc import Iterable

TOGETHER: Final = {
    "factors": tuple(panel for panel in ALL_PANELS if panel in FACTORS),
    "inspector": INSPECTOR,
}
"""Names for several panels."""
NOT_COMPACT: Final = frozenset({*INSPECTOR, "you", "runs", "architecture"})


def panels_but(hide: str | Iterable[str], *, compact: bool = False) -> tuple[str, ...]:
    """Return the panels to show, in their order.

    Parameters
    ----------
    hide : str or iterable of str
        One name or several: of `ALL_PANELS`, or "factors" or "inspector".
    compact : bool
        Whether to leave out the inspector, the new user, the runs and the architecture.

    Raises
    ------
    RecowidgetError
        If there is no such panel; the message lists those that there are.
    """
    hidden = {panel for name in ([hide] if isinstance(hide, str) else hide) for panel in _meant(name)}
    if compact:
        hidden |= NOT_COMPACT
    return tuple(panel for panel in ALL_PANELS if panel not in hidden)


def _meant(name: str) -> tuple[str, ...]:
    if name in ALL_PANELS:
        return (name,)
    try:
        return TOGETHER[name]
    except (KeyError, TypeError):
        there = listed([shown(one) for one in (*ALL_PANELS, *TOGETHER)])
        raise RecowidgetError(f"hide: there is no panel {shown(name)}; there are {there}") from None
