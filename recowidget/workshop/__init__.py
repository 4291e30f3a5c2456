"""The names of the workshop that recowidget grew from: its notebook runs with these imports for its own.

``from recoflow.preprocessing import EncodeUserItem, StratifiedSplit`` becomes
``from recowidget.workshop import EncodeUserItem, StratifiedSplit``, and so on. Frames have the workshop's
columns USER, ITEM, RATING and TIMESTAMP. All of it is thin: for work of your own take
`recowidget.Interactions`, `recowidget.splits`, `recowidget.models` and `recowidget.charts`.

Its splits go by the order of the rows, as the workshop's do: the first rows are to train on. Those of
`recowidget.splits` are shuffled by a seed.
"""

from recowidget.workshop.data import EncodeUserItem, SampleData
from recowidget.workshop.models import ExplicitMF, ItemEmbedding, UserEmbedding, _GetEmbedding
from recowidget.workshop.recommend import GetPredictions, GetRankingTopK, GetSimilar
from recowidget.workshop.splits import ChronoSplit, RandomSplit, StratifiedSplit
from recowidget.workshop.vis import EmbeddingVis, InteractionVis, MetricsVis, SimilarityVis, TrainTestVis

__all__ = [
    "ChronoSplit",
    "EmbeddingVis",
    "EncodeUserItem",
    "ExplicitMF",
    "GetPredictions",
    "GetRankingTopK",
    "GetSimilar",
    "InteractionVis",
    "ItemEmbedding",
    "MetricsVis",
    "RandomSplit",
    "SampleData",
    "SimilarityVis",
    "StratifiedSplit",
    "TrainTestVis",
    "UserEmbedding",
    "_GetEmbedding",
]
