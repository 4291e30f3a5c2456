"""The workshop's notebook, cell by cell, with its imports from `recowidget.workshop`."""

from __future__ import annotations

CELLS = {
    "import": """
import numpy as np
import pandas as pd
import keras
from recowidget.workshop import SampleData, EncodeUserItem
from recowidget.workshop import RandomSplit, StratifiedSplit, ChronoSplit
from recowidget.workshop import InteractionVis, TrainTestVis, MetricsVis, EmbeddingVis
from recowidget.workshop import ExplicitMF, UserEmbedding, ItemEmbedding, GetPredictions
""",
    "load": """
df_ratings = pd.read_csv(f"{folder}/ratings.csv")
df_items = pd.read_csv(f"{folder}/items.csv")
df_users = pd.read_csv(f"{folder}/users.csv")
df_ratings.head()
""",
    "sample": """
users, items, ratings = SampleData(df_users, df_items, df_ratings)
ratings.head()
""",
    "encode": """
interaction, n_users, n_items, user_encoder, item_encoder = EncodeUserItem(
    ratings, "user_id", "movie_id", "rating", "unix_timestamp")
interaction.head()
""",
    "look": "InteractionVis(interaction)",
    "split": """
train, test = StratifiedSplit(interaction, [0.6, 0.4])
by_file = RandomSplit(interaction, [0.6, 0.2, 0.2])
by_time = ChronoSplit(interaction, [0.6, 0.4])
train.shape, test.shape
""",
    "look at the split": "TrainTestVis(train, test)",
    "model": """
keras.utils.set_random_seed(1)
n_factors = 2
model = ExplicitMF(n_users, n_items, n_factors)
model.summary()
""",
    "plot": """
from keras.utils import plot_model
plot_model(model, to_file=f"{scratch}/model.png", show_layer_names=True, show_shapes=True)
""",
    "train": """
output = model.fit([train.USER, train.ITEM], train.RATING, batch_size=1, epochs=200, verbose=0,
                   validation_data=([test.USER, test.ITEM], test.RATING))
print("fit has ended")
""",
    "metrics": "MetricsVis(output.history)",
    "embed": """
user_embedding = UserEmbedding(model, "UserEmbedding")
item_embedding = ItemEmbedding(model, "ItemEmbedding")
user_embedding.shape, item_embedding.shape
""",
    "look at the embeddings": (
        'EmbeddingVis(user_embedding, n_factors, "USER") | EmbeddingVis(item_embedding, n_factors, "ITEM")'
    ),
    "predict": """
predictions = GetPredictions(model, interaction)
predictions.head()
""",
    "look at both": "InteractionVis(interaction) | InteractionVis(predictions)",
}

CHARTS = ("look", "look at the split", "metrics", "look at the embeddings", "look at both")
"""Cells that are one chart."""
