"""Rows of JSON Lines, and of a JSON file: a list, a list inside an object, or objects in a row."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from core.articles.formats.row import MOST_CHARACTERS, Row, SourceFacts, lines_of
from core.base.errors import DataError

_PIECE = 1 << 16
# Where APIs and exports keep their rows.
_LIST_NAMES = ("content", "items", "articles", "data", "results", "posts", "rows", "records")


def read_jsonl(name: str, file: TextIO, facts: SourceFacts) -> Iterator[Row]:
    """A row for each line that is not blank."""
    for number, line in enumerate(lines_of(name, file), start=1):
        if not line.strip():
            continue
        try:
            cells = json.loads(line)
        except (ValueError, RecursionError):
            yield Row(number, None, "is not JSON")
            continue
        yield _row(number, cells)


def read_json(name: str, file: TextIO, facts: SourceFacts) -> Iterator[Row]:
    """A row for each element of top-level lists; else for each top-level object.

    A single object that holds lists is the first list that has a usual name, or any name; facts
    gets a note on those that are not read. Memory holds one value. Raises DataError if the text is
    not JSON, or a value is longer than 16 million characters.
    """
    values = _Values(name, file)
    for number, cells in enumerate(_elements(values, facts.notes), start=1):
        yield _row(number, cells, place=f"entry {number}")


def _row(number: int, cells: Any, *, place: str = "") -> Row:
    if not isinstance(cells, dict):
        return Row(number, None, "is not a JSON object", place=place)
    return Row(number, cells, place=place)


def _elements(values: "_Values", notes: list[str]) -> Iterator[Any]:
    if values.next_character() != "[":
        first = values.take()
        if not values.next_character():
            yield from _list_in(first, values.name, notes)
            return
        yield first
        while values.next_character():
            yield values.take()
    while values.next_character() == "[":
        yield from values.take_list()
    if values.next_character():
        raise values.not_json("something follows the list")


def _list_in(value: Any, name: str, notes: list[str]) -> list[Any]:
    """The rows that an object holds under one of its names; itself if it holds none."""
    lists: dict[str, list[Any]] = {}
    if isinstance(value, dict):
        lists = {key: inner for key, inner in value.items() if _is_rows(inner)}
    if not lists:
        return [value]
    chosen = next(key for key in (*_LIST_NAMES, *lists) if key in lists)
    others = [f"{key[:40]!r} ({len(inner):,})" for key, inner in lists.items() if key != chosen]
    if others:
        notes.append(
            f"Only the list {chosen[:40]!r} of {name} was read, and not {', '.join(others[:8])}."
        )
    return lists[chosen]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(element, dict) for element in value)


class _Values:
    """The values of a file, of which the part is held that is read and not yet taken.

    Not ijson: it refuses NaN, which Python's json and pandas write where a cell is empty.
    """

    def __init__(self, name: str, file: TextIO) -> None:
        self.name, self._file = name, file
        self._text, self._at = "", 0
        self._decoder = json.JSONDecoder()
        self._count = 0

    def next_character(self) -> str:
        """The next character that is no space, which stays; "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text) or not self._more(_PIECE):
                return self._text[self._at : self._at + 1]

    def take_list(self) -> Iterator[Any]:
        """The elements of the list that begins here."""
        self._at += 1
        while (character := self.next_character()) != "]":
            if not character:
                raise self.not_json("its list is never closed")
            yield self.take()
            if self.next_character() == ",":
                self._at += 1
            elif self.next_character() != "]":
                raise self.not_json("a comma is missing")
        self._at += 1

    def take(self) -> Any:
        """The value that begins here."""
        piece = _PIECE
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise self.not_json("it is nested too deeply") from None
            except json.JSONDecodeError as error:
                # What follows the part that is held may mend the error.
                unfinished = error.msg.startswith(("Unterminated", "Invalid \\u"))
                if not unfinished and error.pos < len(self._text) - len("-Infinity"):
                    raise self.not_json("it is misspelt there") from None
                end = 0
            except ValueError:
                raise self.not_json("it has a number of thousands of digits") from None
            # A number that ends where the part that is held ends may go on behind it.
            if 0 < end < len(self._text) or not self._more(piece):
                break
            if len(self._text) > MOST_CHARACTERS:
                raise DataError(
                    f"Entry {self._count + 1} of {self.name} has more than "
                    f"{MOST_CHARACTERS // 1_000_000} million characters. Save it as JSON "
                    "Lines, one article a line."
                )
            piece *= 2
        if not end:
            raise self.not_json("it breaks off")
        self._at = end
        self._count += 1
        return value

    def _more(self, characters: int) -> bool:
        """Read on. What was taken is let go, so that `_at` is 0."""
        piece = self._file.read(characters)
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

    def not_json(self, why: str) -> DataError:
        return DataError(
            f"{self.name} is not JSON after entry {self._count}: {why}. "
            "It should be a list of articles."
        )
