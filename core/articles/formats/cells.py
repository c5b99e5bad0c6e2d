"""How values stand in the cells of the CSV files that are written here, so that they come back."""

import json
import re
from collections.abc import Sequence
from typing import Any

from core.articles.article import Article

COLUMNS = tuple(Article.model_fields)
# What tagging adds to a row, behind the row's own cells.
TAGGED = ("suggested_tags", "tag_scores", "needs_a_look", "problem")
_TAGGED_HEADER = tuple(re.compile(rf"{name}(_\d+)?") for name in TAGGED)
# Without these, tags parted by "; " are the same tags again when they are read.
_TELLING = re.compile(r"[;,|、，；\[\]{}<>\"'\x00-\x1f]|^#")


def is_written_here(header: Sequence[str]) -> bool:
    """Whether a CSV file with this header is an export of a set, or a tagged file."""
    last = header[-len(TAGGED) :]
    tagged = len(last) == len(TAGGED) and all(
        pattern.fullmatch(name) for pattern, name in zip(_TAGGED_HEADER, last, strict=True)
    )
    return tuple(header) == COLUMNS or tagged


class ListColumn:
    """Whether the lists of a column are the same again if they are parted by semicolons."""

    def __init__(self) -> None:
        self._telling = self._spaced = False
        self._alone = True

    def see(self, elements: Sequence[Any]) -> None:
        """Take the list of one more row into account."""
        for element in elements:
            if isinstance(element, str):
                self._telling |= not element.strip() or bool(_TELLING.search(element))
                self._spaced |= " " in element
            else:
                self._telling |= isinstance(element, bool) or not isinstance(element, int | float)
        self._alone &= len(elements) < 2

    @property
    def has_semicolons(self) -> bool:
        """False if the lists are to be written as JSON."""
        # Nothing but single tags of several words would read as tags that spaces part.
        return not self._telling and not (self._alone and self._spaced)


def cell_of(value: Any, *, semicolons: bool = True) -> Any:
    """A value as one cell. semicolons: write a list so, and not as JSON."""
    if isinstance(value, list | tuple) and semicolons:
        return "; ".join(map(str, value))
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False)
    return value
