"""Models that run eagerly code of their own, which one call more could change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recowidget.errors import RecowidgetError
from recowidget.feeding import Feed
from recowidget.lookups import Lookups, tells_user_first
from recowidget.tables import in_words, table_sizes

if TYPE_CHECKING:
    import keras

    from recowidget.fit_data import FitData

NO_PREDICTIONS = (
    "No predictions: this model runs eagerly with code of its own, and a call more for the picture might "
    "change what it learns"
)
N_TABLES = 2


def runs_own_code(model: keras.Model) -> bool:
    """Whether a model is run eagerly and has layers that are not Keras's own, or is subclassed itself.

    Such code is called for every batch, and may count its calls or draw random numbers. In a graph it is
    called when that is traced, once; and Keras's own layers keep no state where they predict.
    """
    return bool(model.run_eagerly) and any(
        not type(layer).__module__.startswith("keras.") or type(layer).__name__ == "Lambda"
        for layer in model._flatten_layers()  # noqa: SLF001 (nested layers have no other list)
    )


def read_lookups(model: keras.Model, data: FitData) -> Lookups:
    """Tell users from items by names alone, then by position: there are as many as indices go up to.

    Raises
    ------
    RecowidgetError
        If the model has no two Embedding layers.
    """
    sizes = table_sizes(model)
    if len(sizes) < N_TABLES:
        raise RecowidgetError(f"it looks nothing up in two Embedding layers (it has: {in_words(sizes)})")
    user_first = tells_user_first(model, data, {}, {})
    parts = [data.train] if data.test is None else [data.train, data.test]
    first, second = (
        1 + max(int(getattr(part, which).max()) for part in parts) for which in ("first", "second")
    )
    n_users, n_items = (first, second) if user_first else (second, first)
    return Lookups(
        Feed(data.form, user_first, is_flat=data.is_flat),
        user_first,
        {"users": (n_users, 1)},
        {"items": (n_items, 1)},
    )
