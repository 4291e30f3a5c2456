"""What the browser is told of edits, and what it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from recowidget.edits import SAME
from recowidget.widgets.texts import text_of

if TYPE_CHECKING:
    from recowidget.course import Course
    from recowidget.edits import Edit
    from recowidget.interactions import Interactions

MOST_LISTED: Final = 100
"""Edits that are told one by one, the last of them; their number is told in any case."""


def edits_as_json(course: Course, refused: dict[str, Any] | None) -> dict[str, Any]:
    """Give the edits, as js/types.js declares `EditList`; `refused` is what the last order came to."""
    edits, interactions = course.edits, course.run.interactions
    return {
        "n": len(edits.done),
        "n_undone": edits.n_undone,
        "last": [_line(edit, interactions) for edit in reversed(edits.done[-MOST_LISTED:])],
        "refused": refused,
    }


def _line(edit: Edit, interactions: Interactions) -> dict[str, Any]:
    items = interactions.items
    before, after = edit.before, edit.after
    return {
        "user": edit.user,
        "item": edit.item,
        "user_id": text_of(interactions.users.id_of(edit.user)),
        "item_id": text_of(items.id_of(edit.item)),
        "title": None if items.titles is None else text_of(items.label_of(edit.item)),
        "before": None if before is None else {"rating": before.rating, "part": before.part},
        "after": None if after is None else {"rating": after.rating, "part": after.part},
        "epoch": edit.epoch,
    }


def ordered_edit(course: Course, content: dict[str, Any]) -> None:
    """Make the edit of a message: of a ``user`` and ``item`` by index the ``rating``, or ``part``, or both.

    Raises
    ------
    RecowidgetError
        If it can't be made.
    """
    interactions = course.run.interactions
    course.edit(
        interactions.users.id_of(content["user"]),
        interactions.items.id_of(content["item"]),
        content.get("rating", SAME),
        content.get("part"),
    )
