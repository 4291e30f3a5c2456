"""The live view of a training by ``model.fit``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recowidget.errors import counted
from recowidget.widgets.live import PANELS, LiveView

if TYPE_CHECKING:
    from recowidget.fitting import Fitting
    from recowidget.interactions import Interactions


class TrainingView(LiveView):
    """What `recowidget.LiveTraining` shows: a `LiveView` that says what it is of."""

    def __init__(self, watched: Fitting) -> None:
        super().__init__(
            watched,
            watched.settings(),
            panels=(*PANELS, "architecture"),
            name="Live training",
        )

    def __repr__(self) -> str:
        """Say what is trained; the same whatever the state of training, as notebooks keep it."""
        interactions: Interactions = self._watched.split.interactions
        counts = (
            counted(interactions.n_users, "user"),
            counted(interactions.n_items, "item"),
            counted(interactions.n_ratings, "rating"),
        )
        return f"LiveTraining({self.settings['model']}: {', '.join(counts)})"
