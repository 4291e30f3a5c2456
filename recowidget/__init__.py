"""Watch a recommender learn, in a Jupyter notebook.

``display(MFExplorer(ratings))`` shows a matrix factorisation in training. Everything here is lazy:
``import recowidget`` loads neither TensorFlow nor the widget libraries until something needs them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recowidget import baselines, charts, datasets, evaluation, models, recommend, splits, workshop
    from recowidget.errors import RecowidgetError
    from recowidget.interactions import Interactions
    from recowidget.live_training import LiveTraining
    from recowidget.reader import scorer_of
    from recowidget.widgets.explorer import MFExplorer
    from recowidget.widgets.views import (
        FactorsView,
        InteractionMatrix,
        LossCurves,
        PredictionMatrix,
        SplitGrid,
    )

__version__ = "0.1.0"
__all__ = [
    "FactorsView",
    "InteractionMatrix",
    "Interactions",
    "LiveTraining",
    "LossCurves",
    "MFExplorer",
    "PredictionMatrix",
    "RecowidgetError",
    "SplitGrid",
    "baselines",
    "charts",
    "datasets",
    "evaluation",
    "models",
    "recommend",
    "scorer_of",
    "splits",
    "workshop",
]

_HOMES = {
    "FactorsView": "recowidget.widgets.views",
    "InteractionMatrix": "recowidget.widgets.views",
    "Interactions": "recowidget.interactions",
    "LiveTraining": "recowidget.live_training",
    "LossCurves": "recowidget.widgets.views",
    "MFExplorer": "recowidget.widgets.explorer",
    "PredictionMatrix": "recowidget.widgets.views",
    "RecowidgetError": "recowidget.errors",
    "SplitGrid": "recowidget.widgets.views",
    "scorer_of": "recowidget.reader",
    # IPython looks for these two in the package.
    "load_ipython_extension": "recowidget.extension",
    "unload_ipython_extension": "recowidget.extension",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    elif name in __all__:
        value = import_module(f"recowidget.{name}")
    else:
        raise AttributeError(f"module 'recowidget' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
