"""Values of a JSON file, one at a time: a list, a list inside an object, or objects in a row."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from core.base.errors import DataError

_PIECE = 1 << 16
# Where APIs and exports keep their rows.
_LIST_NAMES = ("content", "items", "articles", "data", "results", "posts", "rows", "records")


def json_values(
    file: TextIO, name: str, most_characters: int, notes: list[str] | None = None
) -> Iterator[Any]:
    """The elements of top-level lists; else each top-level object, or the list that it holds.

    Memory holds one value. notes: gets a sentence where an object holds lists that are not read.
    Raises DataError if the text is not JSON, or a value is longer than `most_characters`.
    """
    text = _Window(file, name, most_characters)
    if text.next_character() != "[":
        yield from _top_values(text, name, [] if notes is None else notes)
        return
    while text.next_character() == "[":
        text.skip()
        yield from _list_values(text)
    if text.next_character():
        raise text.not_json("something follows the list")


def _list_values(text: "_Window") -> Iterator[Any]:
    while (character := text.next_character()) != "]":
        if not character:
            raise text.not_json("its list has no end")
        yield text.take_value()
        if text.next_character() == ",":
            text.skip()
        elif text.next_character() != "]":
            raise text.not_json("a comma is missing")
    text.skip()


def _top_values(text: "_Window", name: str, notes: list[str]) -> Iterator[Any]:
    first = text.take_value()
    if text.next_character():
        yield first
        while text.next_character():
            yield text.take_value()
        return
    yield from _list_in(first, name, notes)


def _list_in(value: Any, name: str, notes: list[str]) -> list[Any]:
    """The rows that an object holds under one of its names; itself if it holds none."""
    if not isinstance(value, dict):
        return [value]
    lists = {key: inner for key, inner in value.items() if _is_rows(inner)}
    chosen = next((key for key in (*_LIST_NAMES, *lists) if key in lists), None)
    if chosen is None:
        return [value]
    others = [f"{key[:40]!r} ({len(inner):,})" for key, inner in lists.items() if key != chosen]
    if others:
        notes.append(
            f"Only the list {chosen[:40]!r} of {name} was read, and not {', '.join(others[:8])}."
        )
    found: list[Any] = lists[chosen]
    return found


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(element, dict) for element in value)


class _Window:
    """The part of the file that is read and not yet taken."""

    def __init__(self, file: TextIO, name: str, most: int) -> None:
        self._file, self._name, self._most = file, name, most
        self._text, self._at = "", 0
        self._decoder = json.JSONDecoder()
        self.count = 0

    def next_character(self) -> str:
        """The next character that is no space, which stays; "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text) or not self._more(_PIECE):
                return self._text[self._at : self._at + 1]

    def skip(self) -> None:
        self._at += 1

    def take_value(self) -> Any:
        piece = _PIECE
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise self.not_json("it is nested too deeply") from None
            except json.JSONDecodeError as error:
                if not self._may_go_on(error):
                    raise self.not_json("it is misspelt there") from None
                value, end = None, len(self._text)
            except ValueError:
                raise self.not_json("it has a number of thousands of digits") from None
            # A number that ends where the window ends may go on behind it.
            if end < len(self._text) or not self._more(piece):
                return self._taken(value, end)
            if len(self._text) - self._at > self._most:
                raise DataError(
                    f"Entry {self.count + 1} of {self._name} has more than "
                    f"{self._most // 1_000_000} million characters. Save it as JSON Lines, "
                    "one article a line."
                )
            piece *= 2

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether what follows the window can mend the error."""
        unfinished = error.msg.startswith(("Unterminated", "Invalid \\u"))
        return unfinished or error.pos >= len(self._text) - len("-Infinity")

    def _taken(self, value: Any, end: int) -> Any:
        if value is None and not self._text.startswith("null", self._at):
            raise self.not_json("it breaks off")
        self._at = end
        self.count += 1
        return value

    def _more(self, characters: int) -> bool:
        piece = self._file.read(characters)
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

    def not_json(self, why: str) -> DataError:
        return DataError(
            f"{self._name} is not JSON behind entry {self.count}: {why}. "
            "It should be a list of articles."
        )
