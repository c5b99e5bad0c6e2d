"""A row of an article file, and what else reading a file finds out: what every reader gives."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

from core.articles.formats.left_out import LeftOut
from core.base.errors import DataError

# A cell, a line, and an element of a JSON list, in characters.
MOST_CHARACTERS = 16 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """A row's line number in the file (1-based) and its cells, or why it could not be read.

    has_header: every row of the file has the same columns. place: what to call the row where a
    line number says nothing, such as the name of a post.
    """

    line: int
    cells: dict[str, Any] | None
    problem: str = ""
    has_header: bool = False
    place: str = ""


@dataclass
class SourceFacts:
    """What reading a source found out about it, complete once all its rows are read.

    encoding: of its text, "" where it is no text. lines: how many lines it has, about; 0 where
    counting them would mean reading it once more. notes: sentences for the person whose it is.
    left_out: what of a blog is no post.
    """

    encoding: str = ""
    lines: int = 0
    notes: list[str] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)


def lines_of(name: str, file: TextIO) -> Iterator[str]:
    """The lines of the file called `name`. Raises DataError for one of over 16 million characters.

    Without this limit, a file that is one endless line would fill the memory.
    """
    for number, line in enumerate(iter(lambda: file.readline(MOST_CHARACTERS + 1), ""), start=1):
        if len(line) > MOST_CHARACTERS:
            raise DataError(
                f"Line {number} of {name} has more than {MOST_CHARACTERS // 1_000_000} "
                "million characters: no article is so long. Write one article a line."
            )
        yield line
