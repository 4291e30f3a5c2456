"""What a `tf.data.Dataset` was made of, and which rows of it come through."""

from __future__ import annotations

from typing import Any

from recowidget.errors import RecowidgetError

PASSED_THROUGH = {
    "_PrefetchDataset",
    "CacheDataset",
    "_OptionsDataset",
    "_AssertCardinalityDataset",
}
"""Datasets that give the rows of the one they were made of, each once."""
BATCHED = {"_BatchDataset", "_ParallelBatchDataset"}
X_AND_Y = 2


def source_of(dataset: Any, name: str) -> tuple[Any, Any]:
    """Give the arrays that a `tf.data.Dataset` was made of: inputs and targets of the rows that it takes.

    It is never iterated: a pass through a dataset that shuffles changes the passes after it.

    Parameters
    ----------
    dataset : tf.data.Dataset
    name : str
        Of the argument.

    Raises
    ------
    RecowidgetError
        If that can't be seen, or there are no targets.
    """
    import tensorflow as tf

    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) < X_AND_Y:
        raise RecowidgetError(f"{name} is a tf.data.Dataset of inputs alone, without a rating each")
    steps = []
    while type(dataset).__name__ != "_TensorSliceDataset":
        inputs = dataset._inputs()  # noqa: SLF001 (a dataset says nowhere else what it is made of)
        if len(inputs) != 1:
            break
        steps.append(dataset)
        (dataset,) = inputs
    tensors = getattr(dataset, "_tensors", None)
    if tensors is None:
        raise _unseen(name, dataset)
    rows = _rows(steps[::-1], len(tensors[0]), name)
    x, y, *_ = tf.nest.pack_sequence_as(spec, [tensor.numpy()[rows] for tensor in tensors])
    return x, y


def _rows(steps: list[Any], n_rows: int, name: str) -> slice:
    """Follow the rows through what was done to them, one after another."""
    start, stop = 0, n_rows
    rows_each, order = 1, ""
    for step in steps:
        kind = type(step).__name__
        if kind in {"_TakeDataset", "_SkipDataset"}:
            if order:
                raise RecowidgetError(
                    f"{name} is a tf.data.Dataset that takes a part of what it {order}: which rows these are "
                    "can't be seen (take and skip before that can)"
                )
            count = int(step._count) * rows_each  # noqa: SLF001
            if kind == "_SkipDataset":
                start = stop if count < 0 else min(start + count, stop)
            elif count >= 0:
                stop = min(start + count, stop)
        elif kind in BATCHED:
            rows_each *= int(step._batch_size)  # noqa: SLF001
        elif kind == "_ShuffleDataset":
            order = order or "shuffles"
        elif kind == "_RepeatDataset":
            order = order or "repeats"
        elif kind not in PASSED_THROUGH:
            raise _unseen(name, step)
    return slice(start, stop)


def _unseen(name: str, step: Any) -> RecowidgetError:
    kind = type(step).__name__.strip("_").removesuffix("Dataset").lower()
    return RecowidgetError(
        f"{name} is a tf.data.Dataset that can't be seen through ({kind}); from_tensor_slices with take, "
        "skip, shuffle, repeat, batch, cache and prefetch can"
    )
