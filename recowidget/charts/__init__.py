"""Static charts of ratings, splits, losses, factors, predictions and models, made with Altair.

Each is a plain `altair` chart: it composes with ``|`` and ``&``, and takes ``.properties()`` and
``.configure_*()`` as any other. Its data stand in it: no file and no host is asked for anything. A chart
draws at most `recowidget.charts.style.MAX_MARKS` marks of a kind, however large what it is given, and its
subtitle says what is shown where that is not all.

Altair's default renderer loads Vega from a CDN. Where no other was chosen, importing this chooses the one of
`recowidget.charts.renderer`, with which JupyterLab, Jupyter Notebook and VS Code draw by themselves;
``altair.renderers.enable("default")`` goes back.
"""

from recowidget.charts.architecture import architecture_chart
from recowidget.charts.comparison import comparison_chart
from recowidget.charts.curves import history_chart
from recowidget.charts.heat import factors_chart
from recowidget.charts.matrix import interactions_chart
from recowidget.charts.parts import split_chart
from recowidget.charts.renderer import enable_offline
from recowidget.charts.scatter import factor_map

__all__ = [
    "architecture_chart",
    "comparison_chart",
    "factor_map",
    "factors_chart",
    "history_chart",
    "interactions_chart",
    "split_chart",
]

enable_offline()
