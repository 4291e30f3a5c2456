"""What a call of ``model.fit`` trains on, read without a change to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recowidget.errors import RecowidgetError, shown
from recowidget.fit_source import source_of

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from recowidget.feeding import Form

PAIR = 2
"""Columns that a recommender is fed with."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows of two index columns and what they are rated.

    Attributes
    ----------
    first, second : ndarray of int32, shape (n,)
    targets : ndarray of float32, shape (n,)
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    targets: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FitData:
    """The two columns that ``fit`` was given, in the order given.

    Attributes
    ----------
    form : str
        As `recowidget.feeding.Feed` has it.
    names : tuple of str
        Keys of a dict, labels of a frame's columns, names of Series; empty text where there are none.
    is_flat : bool
        Whether they are two vectors; otherwise columns, of one array or of two.
    train : Rows
    test : Rows or None
        Those of ``validation_data`` or ``validation_split``.
    batch_size : int or None
        None where a dataset decides.
    """

    form: Form
    names: tuple[str, str]
    is_flat: bool
    train: Rows
    test: Rows | None
    batch_size: int | None

    def is_same(self, other: FitData) -> bool:
        """Whether both hold the same rows."""
        return self.form == other.form and all(
            (mine is None and its is None)
            or (
                mine is not None
                and its is not None
                and np.array_equal(mine.first, its.first)
                and np.array_equal(mine.second, its.second)
                and np.array_equal(mine.targets, its.targets)
            )
            for mine, its in ((self.train, other.train), (self.test, other.test))
        )


def read_fit(arguments: dict[str, Any]) -> FitData:
    """Read the data out of the arguments of ``fit``, the validation rows parted off already.

    Raises
    ------
    RecowidgetError
        If it is no pair of index columns with a number each; the message says what it is.
    """
    form, names, is_flat, train = _rows(arguments.get("x"), arguments.get("y"), "x")
    test = None
    held_out = arguments.get("validation_data")
    if held_out is not None:
        x, y, *_ = (*held_out, None) if isinstance(held_out, tuple | list) else (held_out, None)
        test_form, test_names, _, test = _rows(x, y, "validation_data")
        if test_form != form or (form == "dict" and set(test_names) != set(names)):
            raise RecowidgetError("validation_data is arranged in another way than x")
        if form == "dict" and test_names != names:
            test = Rows(test.second, test.first, test.targets)
    batch_size = arguments.get("batch_size")
    is_dataset = hasattr(arguments.get("x"), "element_spec")
    return FitData(form, names, is_flat, train, test, None if is_dataset else int(batch_size or 32))


def _rows(x: Any, y: Any, name: str) -> tuple[Form, tuple[str, str], bool, Rows]:
    if hasattr(x, "element_spec"):
        x, y = source_of(x, name)
    form, names, columns = _columns(x, name)
    first, second = (_indices(column, f"{name}: a column") for column in columns)
    targets = _targets(y, name)
    if not len(first) == len(second) == len(targets):
        raise RecowidgetError(
            f"{name} has columns of {len(first):,} and {len(second):,} rows, and {len(targets):,} ratings"
        )
    is_flat = form != "columns" and len(np.shape(columns[0])) == 1
    return form, names, is_flat, Rows(first, second, targets)


def _columns(x: Any, name: str) -> tuple[Form, tuple[str, str], tuple[Any, Any]]:
    if isinstance(x, dict) and len(x) == PAIR:
        (one, first), (two, second) = x.items()
        return "dict", (str(one), str(two)), (first, second)
    if isinstance(x, list | tuple) and len(x) == PAIR:
        return "pair", (_name(x[0]), _name(x[1])), (x[0], x[1])
    if hasattr(x, "shape") and len(x.shape) == PAIR and x.shape[1] == PAIR:
        labels = getattr(x, "columns", ("", ""))
        array = np.asarray(x)
        return "columns", (str(labels[0]), str(labels[1])), (array[:, 0], array[:, 1])
    if isinstance(x, dict | list | tuple):
        found = f"{len(x)} inputs"
    elif hasattr(x, "shape"):
        found = f"an array of shape {tuple(x.shape)}"
    else:
        found = f"a {type(x).__name__}, whose rows can't be seen ahead"
    raise RecowidgetError(f"{name} is {found}, no column of users beside one of items")


def _name(column: Any) -> str:
    name = getattr(column, "name", None)
    return name if isinstance(name, str) else ""


def _indices(values: Any, what: str) -> NDArray[np.int32]:
    array = np.asarray(values)
    if array.ndim == PAIR and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or not len(array):
        raise RecowidgetError(f"{what} of it has shape {array.shape}, not one index a row")
    whole = array.dtype.kind in "iu" or (array.dtype.kind == "f" and bool((np.floor(array) == array).all()))
    if not whole:
        wrong = array[np.floor(array) != array][0] if array.dtype.kind == "f" else array[0]
        raise RecowidgetError(f"{what} of it holds {shown(wrong)}: no indices, which are whole numbers")
    if array.min() < 0 or array.max() > np.iinfo(np.int32).max:
        raise RecowidgetError(f"{what} of it holds {shown(array[np.abs(array).argmax()])}, which is no index")
    return array.astype(np.int32)


def _targets(values: Any, name: str) -> NDArray[np.float32]:
    if values is None:
        raise RecowidgetError(f"{name} comes without a rating for each row")
    if isinstance(values, list | tuple | dict):
        raise RecowidgetError(f"y is {len(values)} outputs, not one rating a row")
    array = np.asarray(values)
    if array.ndim == PAIR and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "iufb":
        raise RecowidgetError(f"y has shape {array.shape} and type {array.dtype}, not one rating a row")
    targets = array.astype(np.float32)
    if not np.isfinite(targets).all():
        raise RecowidgetError("y holds values that are no numbers")
    return targets


def arguments_of_fit(model: keras.Model) -> tuple[Any, dict[str, Any]]:
    """Find the call of ``fit`` that trains `model` now on this thread.

    Keras passes a callback the model and not the data, which are the arguments of that call.

    Returns
    -------
    frame
        That call's frame.
    dict
        Its arguments by name.

    Raises
    ------
    RecowidgetError
        If there is none.
    """
    import sys

    frame = sys._getframe(1)  # noqa: SLF001
    while frame is not None:
        if frame.f_code.co_name == "fit" and "x" in frame.f_locals and frame.f_locals.get("self") is model:
            return frame, dict(frame.f_locals)
        frame = frame.f_back  # type: ignore[assignment]
    raise RecowidgetError("it is trained by a loop of its own, not by keras.Model.fit")
