"""The ratings that ship with the library."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Final

import pandas as pd

from recowidget.errors import RecowidgetError, shown

_SHIPPED: Final = ("latest-small",)


def load_movielens(name: str = "latest-small") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Load a MovieLens data set.

    Parameters
    ----------
    name
        "latest-small": 100,836 ratings of 9,724 movies (of the 9,742 that have a title) by 610 users, from
        0.5 to 5 in steps of 0.5, from March 1996 to September 2018.

    Returns
    -------
    ratings : pandas.DataFrame
        `user_id` and `movie_id` (int64), `rating` (float64, stars) and `timestamp` (int64, seconds since
        1970 in UTC), by user and then by movie.
    movies : pandas.DataFrame
        `movie_id` (int64), `title` (text, with the year) and `genres` (text, joined by "|").

    Raises
    ------
    RecowidgetError
        Where there is no data set of this name.

    Notes
    -----
    The data are GroupLens's (https://grouplens.org/datasets/movielens/), generated on 26 September 2018, and
    under its licence, which ships with them as `recowidget/data/ml-latest-small/README.txt`: no commercial
    use without permission, redistribution under the same terms only, no claim of endorsement, and
    acknowledgement in publications by citing [1]_.

    References
    ----------
    .. [1] F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM
       Transactions on Interactive Intelligent Systems (TiiS) 5, 4: 19:1-19:19.
       https://doi.org/10.1145/2827872
    """
    if name not in _SHIPPED:
        available = ", ".join(shown(known) for known in _SHIPPED)
        raise RecowidgetError(f"there is no MovieLens data set {shown(name)}; available: {available}")
    return (
        _read(name, "ratings").rename(columns={"userId": "user_id", "movieId": "movie_id"}),
        _read(name, "movies").rename(columns={"movieId": "movie_id"}),
    )


def _read(name: str, table: str) -> pd.DataFrame:
    with as_file(files("recowidget") / "data" / f"ml-{name}" / f"{table}.csv.gz") as path:
        return pd.read_csv(path, compression="gzip", encoding="utf-8")
