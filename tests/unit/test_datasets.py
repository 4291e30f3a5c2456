"""The data that ship with the library."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import pytest

from recowidget import RecowidgetError
from recowidget.datasets import load_movielens

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = files("recowidget") / "data" / "ml-latest-small"


def test_latest_small() -> None:
    ratings, movies = load_movielens("latest-small")
    assert ratings.columns.tolist() == ["user_id", "movie_id", "rating", "timestamp"]
    assert movies.columns.tolist() == ["movie_id", "title", "genres"]
    assert ratings.dtypes.tolist() == [np.int64, np.int64, np.float64, np.int64]
    assert movies["movie_id"].dtype == np.int64
    assert (len(ratings), ratings["user_id"].nunique(), ratings["movie_id"].nunique()) == (
        100_836,
        610,
        9_724,
    )
    assert (len(movies), movies["movie_id"].nunique()) == (9_742, 9_742)
    assert sorted(ratings["rating"].unique()) == [step / 2 for step in range(1, 11)]
    assert not ratings.isna().any(axis=None)
    assert not movies.isna().any(axis=None)
    assert not ratings.duplicated(["user_id", "movie_id"]).any()
    assert ratings["movie_id"].isin(movies["movie_id"]).all()
    assert ratings.iloc[0].tolist() == [1, 1, 4.0, 964_982_703]
    assert movies.iloc[0].tolist() == [1, "Toy Story (1995)", "Adventure|Animation|Children|Comedy|Fantasy"]
    assert "Misérables, Les (1995)" in set(movies["title"])


def test_the_default_is_the_one_that_ships() -> None:
    assert load_movielens()[0].equals(load_movielens("latest-small")[0])


def test_each_call_gives_frames_of_its_own() -> None:
    ratings, _ = load_movielens()
    ratings.loc[0, "rating"] = 1.0
    assert load_movielens()[0].loc[0, "rating"] == 4.0


def test_an_unknown_name_says_what_there_is() -> None:
    message = 'there is no MovieLens data set "100k"; available: "latest-small"'
    with pytest.raises(RecowidgetError, match=f"^{re.escape(message)}$"):
        load_movielens("100k")
    with pytest.raises(RecowidgetError, match=re.escape('there is no MovieLens data set "../x"; available')):
        load_movielens("../x")


def test_the_licence_ships_with_the_data_and_is_named() -> None:
    licence = (FOLDER / "README.txt").read_text(encoding="utf-8")
    assert "so long as it is distributed under these same license conditions" in licence
    described = " ".join((load_movielens.__doc__ or "").split())
    for term in (
        "no commercial use",
        "same terms",
        "Harper",
        "Konstan",
        "2015",
        "README.txt",
        "grouplens.org",
    ):
        assert term in described


def test_the_files_are_groupLens_own(shared_data: Path) -> None:  # noqa: N802
    import gzip

    source = shared_data / "ml-latest-small"
    for table in ("ratings", "movies"):
        shipped = (FOLDER / f"{table}.csv.gz").read_bytes()
        assert gzip.decompress(shipped) == (source / f"{table}.csv").read_bytes()
        assert shipped[4:8] == bytes(4), "a time in the file would make each build differ"
    licences = [
        hashlib.sha256((folder / "README.txt").read_bytes()).hexdigest() for folder in (FOLDER, source)
    ]
    assert licences[0] == licences[1]
