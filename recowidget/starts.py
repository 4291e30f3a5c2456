"""What the factors of the named models start from, drawn without TensorFlow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from recowidget.factors import Factors


@dataclass(frozen=True, slots=True)
class Start:
    """How the factors of a model begin.

    Attributes
    ----------
    has_biases : bool
        Whether it has a global mean and biases beside the factors.
    initial_stddev : float
        Standard deviation of the initial factors.
    is_nonnegative : bool
        Whether its factors are, and stay so.
    is_implicit : bool
        Whether it is of implicit feedback, whose sums are log-odds.
    """

    has_biases: bool = True
    initial_stddev: float = 0.05
    is_nonnegative: bool = False
    is_implicit: bool = False


STARTS: Final = {
    "biased_mf": Start(),
    "explicit_mf": Start(has_biases=False, initial_stddev=0.1),
    "nonnegative_mf": Start(is_nonnegative=True),
    "deep_mf": Start(),
    "neural_cf": Start(),
    "implicit_mf": Start(is_implicit=True),
    "bayesian_mf": Start(),
}


def initial_factors(
    name: str,
    n_users: int,
    n_items: int,
    *,
    n_factors: int,
    seed: int,
    global_mean: float = 0.0,
    is_logistic: bool = True,
) -> Factors:
    """Draw the factors that a named model starts from, without TensorFlow.

    Returns
    -------
    Factors
        Factors drawn from a normal distribution, users first; biases 0. An untrained dot product predicts
        `global_mean`, but for noise; of a model of implicit feedback it is a probability, unless the model is
        not logistic: then it begins at 0.
    """
    start = STARTS[name]
    rng = np.random.default_rng(seed)
    center = 0.0 if start.has_biases else math.sqrt(abs(global_mean) / n_factors)

    def draw(n: int, center: float) -> np.ndarray:
        noise = start.initial_stddev * rng.standard_normal((n, n_factors))
        return np.asarray(np.abs(noise) if start.is_nonnegative else center + noise, dtype=np.float32)

    return Factors(
        user_factors=draw(n_users, center),
        item_factors=draw(n_items, math.copysign(center, global_mean)),
        user_bias=np.zeros(n_users, dtype=np.float32),
        item_bias=np.zeros(n_items, dtype=np.float32),
        global_mean=_constant(start, float(global_mean)) if is_logistic else 0.0,
        rating_range=(0.0, 1.0) if start.is_implicit and is_logistic else None,
    )


def log_odds(share: float) -> float:
    """Give ``log(share / (1 - share))`` of a share that is kept a thousandth from 0 and 1."""
    inside = min(max(share, 1e-3), 1 - 1e-3)
    return math.log(inside / (1 - inside))


def _constant(start: Start, global_mean: float) -> float:
    if start.is_implicit:
        return log_odds(global_mean)
    return global_mean if start.has_biases else 0.0
