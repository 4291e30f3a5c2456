"""Ids and titles as text: as it travels, and as it is sorted and searched by."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_BETWEEN_WORDS = re.compile(r"[^\n\w]+|_+")
_COMBINING = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")


def text_of(value: object) -> str:
    """Give what travels: half a surrogate pair, as cut strings have it, does not."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def folded(texts: Iterable[Any]) -> list[str]:
    """Give each text in lower case, without accents, its words apart by one space and none around.

    All are folded as one text: that takes a tenth of the time.
    """
    # A line is a text. Other ends of lines than this one part words.
    joined = "\n".join(text_of(text).replace("\n", " ") for text in texts).casefold()
    if not joined.isascii():
        joined = _COMBINING.sub("", unicodedata.normalize("NFKD", joined))
    return [line.strip() for line in _BETWEEN_WORDS.sub(" ", joined).split("\n")]
