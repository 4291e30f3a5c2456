"""What predicts, or what factors there are, read out of what a view is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.errors import RecowidgetError
from recowidget.factors import Factors
from recowidget.reader import scorer_of
from recowidget.scoring import ModelScorer, is_model
from recowidget.tables import find_tables, in_words, read_table, table_sizes

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from recowidget.interactions import Interactions
    from recowidget.targets import Transform


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Predictions of all pairs, shape (n_users, n_items)."""

    values: NDArray[np.float32]

    def predict_block(self, user_idx: Any, item_idx: Any) -> NDArray[np.float32]:
        """Look up every pair of some indices."""
        return self.values[np.ix_(user_idx, item_idx)]


@dataclass(frozen=True, slots=True, eq=False)
class FactorTables:
    """Factors of the users, of the items or of both, without what a model makes of them."""

    user_factors: NDArray[np.float32] | None
    item_factors: NDArray[np.float32] | None


def read_scorer(predictor: Any, interactions: Interactions, to_rating: Transform | None) -> Any:
    """Read what predicts ratings: a Keras model, an array of all predictions, or a scorer as it is.

    Raises
    ------
    RecowidgetError
        If it is none of these, or doesn't go with the ratings.
    """
    if is_model(predictor):
        return scorer_of(predictor, interactions, to_rating=to_rating)
    if to_rating is not None:
        raise RecowidgetError(
            "to_rating goes with a Keras model; turn other predictions into ratings yourself"
        )
    if callable(getattr(predictor, "predict_block", None)):
        _check_rows(predictor, interactions)
        return predictor
    shape = interactions.n_users, interactions.n_items
    values = np.asarray(predictor) if isinstance(predictor, np.ndarray | list) else None
    if values is None or values.shape != shape or values.dtype.kind not in "fiu":
        got = type(predictor).__name__ if values is None else f"{values.dtype} of shape {values.shape}"
        raise RecowidgetError(
            "predictions come from an MFExplorer, a Keras model, Factors or another scorer, or an array of "
            f"shape {shape}, not from {got}"
        )
    return Table(values.astype(np.float32))


def _check_rows(scorer: Any, interactions: Interactions) -> None:
    if isinstance(scorer, Factors):
        rows = len(scorer.user_factors), len(scorer.item_factors)
        if rows != (interactions.n_users, interactions.n_items):
            raise RecowidgetError(
                f"the factors are of {rows[0]:,} users and {rows[1]:,} items, the ratings of "
                f"{interactions.n_users:,} and {interactions.n_items:,}"
            )


def read_factors(
    source: Any, side: str, sizes: tuple[int, int] | None
) -> Factors | ModelScorer | FactorTables:
    """Read factors: `Factors`, arrays, or the tables of a Keras model.

    Parameters
    ----------
    source : Factors, ModelScorer, pair of arrays, array or keras.Model
        A single array goes with one side.
    side : str
        "user", "item" or "both".
    sizes : tuple of int or None
        Users and items, by which a model's tables are found. Where not given, they must be called as in our
        models.

    Raises
    ------
    RecowidgetError
        If it is none of these, or has no table of a side that is to be shown.
    """
    tables: Factors | ModelScorer | FactorTables
    if isinstance(source, Factors | ModelScorer):
        tables = source
    elif is_model(source):
        tables = _tables_of(source, sizes)
    elif isinstance(source, tuple | list) and len(source) == len(("user", "item")):
        tables = FactorTables(_table("user", source[0]), _table("item", source[1]))
    elif side == "both":
        raise RecowidgetError(
            "factors come from an MFExplorer, Factors, a Keras model or a pair of arrays (users, items), not "
            f'from {type(source).__name__}; for an array of one side give side="user" or side="item"'
        )
    else:
        table = _table(side, source)
        tables = FactorTables(*((table, None) if side == "user" else (None, table)))
    missing = [
        one for one in ("user", "item") if side in {one, "both"} and getattr(tables, f"{one}_factors") is None
    ]
    if missing:
        raise RecowidgetError(f"there are no {missing[0]} factors; show the other side alone with side=")
    return tables


def _tables_of(model: keras.Model, sizes: tuple[int, int] | None) -> FactorTables:
    if sizes is None:
        rows = table_sizes(model)
        if "user_factors" not in rows or "item_factors" not in rows:
            raise RecowidgetError(
                f"give interactions=, or n_users= and n_items=, to find the factors of model {model.name} "
                f"by their sizes (its Embedding layers: {in_words(rows)})"
            )
        sizes = rows["user_factors"][0], rows["item_factors"][0]
    found = find_tables(model, *sizes)
    return FactorTables(
        *(
            None if name is None else read_table(model, name)
            for name in (found.user_factors, found.item_factors)
        )
    )


def _table(side: str, values: Any) -> NDArray[np.float32]:
    array = np.asarray(values)
    if array.ndim != 2 or array.dtype.kind not in "fiu" or not array.size:  # noqa: PLR2004
        raise RecowidgetError(
            f"{side} factors must be numbers of shape (n_{side}s, n_factors), not {array.dtype} of shape "
            f"{array.shape}"
        )
    return array.astype(np.float32)
