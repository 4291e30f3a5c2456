"""How a Keras model takes its users and items: two inputs, two columns or a dict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from recowidget.errors import RecowidgetError, first_line

if TYPE_CHECKING:
    import keras

USER_WORDS = ("user", "uid", "customer", "member", "reader", "viewer", "listener")
ITEM_WORDS = ("item", "iid", "movie", "film", "book", "product", "article", "song", "track")

_SIDES = ("user", "item")

Form = Literal["pair", "columns", "dict"]


@dataclass(frozen=True, slots=True)
class Feed:
    """What a model is called with.

    Attributes
    ----------
    form : str
        "pair": a list of two; "columns": one array of two columns; "dict": one input a name.
    user_first : bool
        Whether the user is the first of the two.
    names : tuple of str
        Keys of the dict, the user's first; empty otherwise.
    is_flat : bool
        Whether the two are vectors, shape (n,), where they are not columns of one array; otherwise (n, 1).
    """

    form: Form
    user_first: bool = True
    names: tuple[str, ...] = ()
    is_flat: bool = False

    def inputs(self, users: Any, items: Any, *, concatenate: Any = np.concatenate) -> Any:
        """Arrange two columns, shape (n, 1) each, as the model takes them."""
        if self.is_flat:
            users, items = users[:, 0], items[:, 0]
        if self.form == "dict":
            return dict(zip(self.names, (users, items), strict=True))
        ordered = [users, items] if self.user_first else [items, users]
        return ordered if self.form == "pair" else concatenate(ordered, axis=1)


def find_feed(model: keras.Model) -> Feed:
    """Find out how a model takes users and items.

    Names decide which input is the user, then position; `recowidget.reader.find_ordered_feed` looks deeper.
    A model that declares no inputs (a subclassed one) is called once with a user and an item, until one of
    the three forms works.

    Raises
    ------
    RecowidgetError
        If it takes anything else.
    """
    declared = getattr(model, "inputs", None)
    if not declared:
        return _feed_by_trial(model)
    shapes = {_name(tensor): tuple(tensor.shape) for tensor in declared}
    if len(declared) == len(_SIDES):
        names = list(shapes) if len(shapes) == len(_SIDES) else ["", ""]
        user_first = _user_first(*names)
        if isinstance(model.input, dict):
            return Feed("dict", names=tuple(names if user_first else reversed(names)))
        return Feed("pair", user_first)
    if len(declared) == 1 and tuple(declared[0].shape)[1:] == (len(_SIDES),):
        return Feed("columns")
    listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    raise RecowidgetError(
        f"the model {model.name} has {len(declared)} inputs ({listed}); it must take a user and an item: two "
        "inputs of shape (1,) or (), or one of shape (2,)"
    )


def _name(tensor: Any) -> str:
    return str(tensor.name).split(":", maxsplit=1)[0]


def says_user_first(first: str, second: str) -> bool | None:
    """Tell from two names whether the first is the user's; None where they don't tell."""

    def says(name: str, words: tuple[str, ...]) -> bool:
        return any(word in name.lower() for word in words)

    if says(first, USER_WORDS) != says(second, USER_WORDS):
        return says(first, USER_WORDS)
    if says(first, ITEM_WORDS) != says(second, ITEM_WORDS):
        return says(second, ITEM_WORDS)
    return None


def names_tell(model: keras.Model, feed: Feed) -> bool:
    """Whether the names of a model's inputs say which is the user."""
    names = [_name(tensor) for tensor in getattr(model, "inputs", None) or ()]
    return feed.form == "dict" or (len(names) == len(_SIDES) and says_user_first(*names) is not None)


def _user_first(first: str, second: str) -> bool:
    return says_user_first(first, second) is not False


def _feed_by_trial(model: keras.Model) -> Feed:
    # Three rows, so that two inputs of them can't be taken for two columns.
    zero = np.zeros((3, 1), dtype=np.int32)
    failures: dict[str, str] = {}
    for feed in _feeds_to_try(model):
        try:
            predicted = np.asarray(model(feed.inputs(zero, zero), training=False))
        except Exception as error:  # noqa: BLE001 (whatever a model of the user's own raises)
            failures.setdefault(feed.form, first_line(error))
            continue
        if predicted.size == len(zero):
            return feed
        failures.setdefault(feed.form, f"gave shape {predicted.shape} for {len(zero)} rows")
    raise RecowidgetError(
        f"the model {model.name} could be called neither with [user, item], nor with an array of two "
        f'columns, nor with {{"user": ..., "item": ...}} '
        f"({'; '.join(f'{form}: {what}' for form, what in failures.items())})"
    )


def _feeds_to_try(model: keras.Model) -> list[Feed]:
    keys = [_SIDES, ("user_id", "item_id"), ("user_id", "movie_id"), ("userId", "movieId")]
    # Where the model was called before, Keras remembers the shapes by name.
    for shapes in (getattr(model, "_build_shapes_dict", None) or {}).values():
        if isinstance(shapes, dict) and len(shapes) == len(_SIDES):
            first, second = map(str, shapes)
            keys.insert(0, (first, second) if _user_first(first, second) else (second, first))
    dicts = [Feed("dict", names=names) for names in keys]
    flat = [Feed("pair", is_flat=True), *(Feed("dict", names=names, is_flat=True) for names in keys)]
    return [Feed("pair"), Feed("columns"), *dicts, *flat]
