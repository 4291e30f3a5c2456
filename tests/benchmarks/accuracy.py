"""Test RMSE of the defaults on the five folds of MovieLens 100K, beside scikit-surprise."""

from __future__ import annotations

import numpy as np

from recowidget.run import Run
from recowidget.samples import SampledFactors
from recowidget.settings import Settings
from recowidget.splits import random_split
from tests.benchmarks.movielens import FOLDS, Fold, fold
from tests.benchmarks.peers import SVD_TUNED, Surprise
from tests.benchmarks.tables import print_table, verdict

HELD_OUT = 0.05
"""Of the train part, which the number of epochs is chosen on."""

INTERVAL = 1.645
"""Standard deviations that hold nine ratings in ten."""


def trained(fold: Fold, **settings: object) -> Run:
    """Train a model with its defaults."""
    return finished(Run(fold.interactions, Settings(split=fold.split, **settings)))  # type: ignore[arg-type]


def finished(run: Run) -> Run:
    """Train to the planned epochs."""
    run.train()
    run.wait()
    run.trainer.close()
    return run


def chosen_epochs(fold: Fold) -> int:
    """The epoch that is best on a slice of the train part, of a run that knows of no other rating."""
    train = fold.interactions.take(fold.split.train)
    split = random_split(train, (1 - HELD_OUT, HELD_OUT))
    return finished(Run(train, Settings(split=split))).history.best_epoch


def of_biased_mf(fold: Fold) -> tuple[float, int]:
    """RMSE, and the epochs trained."""
    epochs = chosen_epochs(fold)
    run = trained(fold, epochs=epochs)
    return fold.test_rmse(run.factors.predict(*fold.test[:2])), epochs


def of_bayesian_mf(fold: Fold) -> tuple[float, float]:
    """RMSE, and the share of test ratings that lie within their 90% intervals."""
    scorer = trained(fold, model="bayesian_mf").scorer
    if not isinstance(scorer, SampledFactors):
        raise TypeError("a Bayesian model without samples")
    users, items, ratings = fold.test
    predictions, deviations = scorer.predict(users, items), scorer.deviation(users, items)
    held = float(np.mean(np.abs(predictions - ratings) <= INTERVAL * deviations))
    return fold.test_rmse(predictions), held


def main() -> None:
    """Print the table."""
    folds = [fold(number) for number in FOLDS]
    biased = [of_biased_mf(one) for one in folds]
    bayesian = [of_bayesian_mf(one) for one in folds]
    svd = [Surprise(one).fit(20)[1] for one in folds]
    plus = [Surprise(one).fit_plus()[1] for one in folds]
    tuned = [Surprise(one).fit(28, **SVD_TUNED)[1] for one in folds]
    held = [share for _, share in bayesian]

    def row(name: str, values: list[float], bar: str, *, met: bool | None = None) -> list[str]:
        said = "" if met is None else verdict(is_met=met)
        return [name, *(f"{value:.4f}" for value in (*values, np.mean(values))), bar, said]

    ours, sure = [value for value, _ in biased], [value for value, _ in bayesian]
    print_table(
        "Test RMSE on MovieLens 100K, predictions clipped to the scale, one run a fold",
        ("model", *(f"u{number}" for number in FOLDS), "mean", "bar", ""),
        [
            row(
                f"biased_mf ({', '.join(str(epochs) for _, epochs in biased)} epochs)",
                ours,
                "u1 .922, mean .911",
                met=ours[0] <= 0.922 and float(np.mean(ours)) <= 0.911,
            ),
            row(
                "bayesian_mf",
                sure,
                "u1 .907, mean .899",
                met=sure[0] <= 0.907 and float(np.mean(sure)) <= 0.899,
            ),
            row(
                "within their 90% intervals",
                held,
                ".85 to .95",
                met=all(0.85 <= share <= 0.95 for share in held),
            ),
            row("scikit-surprise SVD", svd, ""),
            row("scikit-surprise SVD, tuned", tuned, ""),
            row("scikit-surprise SVD++", plus, ""),
        ],
    )


if __name__ == "__main__":
    main()
