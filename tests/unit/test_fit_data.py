from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from recowidget.errors import RecowidgetError
from recowidget.fit_data import read_fit

A, B, Y = np.array([3, 1, 0]), np.array([2, 2, 4]), np.array([1.0, 5.0, 3.0])


@pytest.mark.parametrize(
    ("x", "form", "names", "is_flat"),
    [
        ([A, B], "pair", ("", ""), True),
        ((A[:, None], B[:, None].astype(float)), "pair", ("", ""), False),
        ([pd.Series(A, name="USER"), pd.Series(B, name="ITEM")], "pair", ("USER", "ITEM"), True),
        ({"film": A, "viewer": B}, "dict", ("film", "viewer"), True),
        (np.column_stack([A, B]).astype("uint8"), "columns", ("", ""), False),
        (pd.DataFrame({"u": A, "i": B}), "columns", ("u", "i"), False),
    ],
)
def test_two_columns_however_they_are_arranged(
    x: Any,
    form: str,
    names: tuple[str, str],
    is_flat: bool,  # noqa: FBT001
) -> None:
    data = read_fit({"x": x, "y": Y[:, None]})
    assert (data.form, data.names, data.is_flat, data.test, data.batch_size) == (
        form,
        names,
        is_flat,
        None,
        32,
    )
    assert (data.train.first.tolist(), data.train.second.tolist()) == (A.tolist(), B.tolist())
    assert data.train.targets.tolist() == Y.tolist()
    assert data.train.first.dtype == np.int32


def test_validation_data_with_and_without_weights() -> None:
    for held_out in (([B, A], Y), ([B, A], Y, np.ones(3))):
        data = read_fit({"x": [A, B], "y": Y, "validation_data": held_out, "batch_size": 4})
        assert data.test is not None
        assert data.test.first.tolist() == B.tolist()
        assert data.batch_size == 4


def test_validation_data_in_a_dict_go_by_their_keys() -> None:
    x = {"user": A, "item": B}
    data = read_fit({"x": x, "y": Y, "validation_data": ({"item": B, "user": A}, Y)})
    assert data.test is not None
    assert (data.test.first.tolist(), data.test.second.tolist()) == (A.tolist(), B.tolist())
    with pytest.raises(RecowidgetError, match="arranged in another way"):
        read_fit({"x": x, "y": Y, "validation_data": ({"item": B, "viewer": A}, Y)})


def test_the_same_rows() -> None:
    data = read_fit({"x": [A, B], "y": Y})
    assert data.is_same(read_fit({"x": [A.copy(), B.copy()], "y": Y.copy()}))
    assert not data.is_same(read_fit({"x": [A, B], "y": Y + 1}))
    assert not data.is_same(read_fit({"x": [A, B], "y": Y, "validation_data": ([A, B], Y)}))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": [A, B, A], "y": Y}, "x is 3 inputs"),
        ({"x": np.ones((3, 4)), "y": Y}, r"x is an array of shape \(3, 4\)"),
        ({"x": iter([]), "y": None}, "x is a list_iterator, whose rows can't be seen ahead"),
        ({"x": [A, B + 0.5], "y": Y}, "holds 2.5: no indices"),
        ({"x": [A, np.array(["a", "b", "c"])], "y": Y}, 'holds "a": no indices'),
        ({"x": [A, B - 3], "y": Y}, "holds -1, which is no index"),
        ({"x": [A, np.ones((3, 2, 2))], "y": Y}, r"shape \(3, 2, 2\), not one index a row"),
        ({"x": [A, B[:2]], "y": Y}, "columns of 3 and 2 rows"),
        ({"x": [A, B], "y": np.ones((3, 5))}, r"y has shape \(3, 5\)"),
        ({"x": [A, B], "y": [Y, Y]}, "y is 2 outputs"),
        ({"x": [A, B], "y": np.ones(5)}, "columns of 3 and 3 rows, and 5 ratings"),
        ({"x": [A, B]}, "x comes without a rating for each row"),
        ({"x": [A, B], "y": Y, "validation_data": ([A, B],)}, "validation_data comes without a rating"),
        ({"x": [A, B], "y": Y * np.nan}, "y holds values that are no numbers"),
        ({"x": [A, B], "y": Y, "validation_data": (np.column_stack([A, B]), Y)}, "arranged in another way"),
    ],
)
def test_what_is_no_pair_of_index_columns(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        read_fit(arguments)


def dataset() -> Any:
    return tf.data.Dataset.from_tensor_slices(((np.arange(20), np.arange(20) + 1), np.arange(20.0)))


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (dataset().batch(4), range(20)),
        (dataset().take(7), range(7)),
        (dataset().skip(15).batch(2), range(15, 20)),
        (dataset().batch(4).take(3).cache(), range(12)),
        (dataset().batch(4).skip(3).take(1), range(12, 16)),
        (dataset().take(12).skip(4).shuffle(9).repeat().batch(2).prefetch(1), range(4, 12)),
        (dataset().take(99).skip(-1), range(0)),
        (dataset().take(-1).skip(30), range(0)),
    ],
)
def test_rows_that_a_dataset_takes(data: Any, rows: range) -> None:
    if not rows:
        with pytest.raises(RecowidgetError, match=r"shape \(0,\)"):
            read_fit({"x": data})
        return
    read = read_fit({"x": data}).train
    assert read.first.tolist() == list(rows)
    assert read.second.tolist() == [row + 1 for row in rows]
    assert read.targets.tolist() == list(rows)
    shown = {int(index) for (first, _), _ in data.take(40) for index in np.ravel(first)}
    assert shown == set(rows)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (dataset().shuffle(20).take(5), "takes a part of what it shuffles"),
        (dataset().repeat().batch(4).take(5), "takes a part of what it repeats"),
        (dataset().map(lambda x, y: (x, y - 1)).batch(4), r"can't be seen through \(map\)"),
        (dataset().batch(4).shard(2, 0), r"can't be seen through \(shard\)"),
        (tf.data.Dataset.zip(dataset(), dataset()), r"can't be seen through \(zip\)"),
        (tf.data.Dataset.from_tensor_slices((np.arange(20),)), "of inputs alone, without a rating each"),
        (tf.data.Dataset.from_tensor_slices(np.ones((20, 2))), "of inputs alone, without a rating each"),
        (tf.data.Dataset.range(20), "of inputs alone"),
    ],
)
def test_datasets_that_can_not_be_seen_through(data: Any, message: str) -> None:
    with pytest.raises(RecowidgetError, match=message):
        read_fit({"x": data})
