"""Rows of delimited text (CSV, TSV), with the quotes, line ends and headers that files have."""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TextIO

from core.articles.formats.headers import Header
from core.articles.formats.row import MOST_CHARACTERS, Row, SourceFacts, lines_of
from core.base.errors import DataError

# Excel writes the delimiter so, in a line of its own before the header.
_SEPARATOR_HINT = re.compile(r'"?sep=([^"\r\n])"?[\s,;|]*', re.IGNORECASE)
# From so many characters at the start it is decided whether tab-separated text has quoted cells.
_SAMPLE = 4 * 1024 * 1024
_WHOLE_CELL = re.compile('"[^"]*(""[^"]*)*"')
_NEVER_CLOSED = "has a quote that is never closed"


def read_csv(name: str, file: TextIO, facts: SourceFacts) -> Iterator[Row]:
    """A row for each record below the header; one with a problem for each that cannot be read.

    Raises DataError if the header cannot be used.
    """
    csv.field_size_limit(MOST_CHARACTERS)
    lines = _Lines(lines_of(name, file))
    first = lines.take_filled()
    if hint := _SEPARATOR_HINT.fullmatch(first.strip()):
        delimiter, first = hint[1], lines.take_filled()
    else:
        delimiter = find_delimiter(first, tab=".tsv" in name.lower())
    lines.put_back([first] if first else [])
    records = _Records(lines, delimiter, quoted=delimiter != "\t" or _has_quoted_cells(lines))
    header: Header | None = None
    for line, cells, problem in records:
        if header is not None:
            yield Row(line, None, problem, has_header=True) if problem else header.row(line, cells)
        elif problem:
            raise DataError(f"The header of {name} {problem}.")
        elif any(cell.strip() for cell in cells):
            header = Header(name, cells)
            records.width = len(cells)


def find_delimiter(header: str, *, tab: bool = False) -> str:
    """Which of , ; tab | parts the header into most cells. tab: preferred if it parts at all."""
    if tab and "\t" in header:
        return "\t"

    def cells(delimiter: str) -> int:
        try:
            return len(next(csv.reader([header], delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(",;\t|", key=cells)


class _Lines:
    """Lines, some of which may be put back. number: that of the line taken last."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._rest = lines
        self._back: deque[str] = deque()
        self.number = 0

    def take(self) -> str:
        """The next line; "" at the end."""
        line = self._back.popleft() if self._back else next(self._rest, "")
        self.number += line != ""
        return line

    def take_filled(self) -> str:
        """The next line that is not blank; "" at the end."""
        while (line := self.take()) and not line.strip():
            pass
        return line

    def put_back(self, lines: Sequence[str]) -> None:
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)

    def peek(self, characters: int) -> list[str]:
        """The next lines, of so many characters together or some more; they stay."""
        taken: list[str] = []
        while characters > 0 and (line := self.take()):
            taken.append(line)
            characters -= len(line)
        self.put_back(taken)
        return taken


def _has_quoted_cells(lines: _Lines) -> bool:
    """Whether quotes in tab-separated lines enclose cells, as spreadsheets write them.

    In database dumps and registries a quote is a character like any other: cells begin with one
    that never ends, or ends in the middle. Of a quoted cell with a line break or a tab in it, the
    lines have too many cells or too few.
    """
    sample = [line.rstrip("\r\n") for line in lines.peek(_SAMPLE) if line.strip(" \r\n")]
    width = sample[0].count("\t") + 1 if sample else 0
    enclosing = literal = 0
    for line in sample:
        if '"' not in line:
            continue
        cells = line.split("\t")
        if len(cells) != width:
            enclosing += 1
            continue
        quoted = [cell for cell in cells if cell.startswith('"')]
        whole = sum(_WHOLE_CELL.fullmatch(cell) is not None for cell in quoted)
        enclosing, literal = enclosing + whole, literal + len(quoted) - whole
    return enclosing >= literal


class _Records:
    """Line number, cells and problem of each record. width: of the header, once it is known."""

    def __init__(self, lines: _Lines, delimiter: str, *, quoted: bool) -> None:
        self._lines, self._delimiter, self._quoted = lines, delimiter, quoted
        self._blank = " \r\n" if delimiter.isspace() else None
        # Before this line, no cell goes over several lines: it was read too far from a bad one.
        self._single_until = 0
        self.width = 0

    def __iter__(self) -> Iterator[tuple[int, list[str], str]]:
        while line := self._lines.take():
            if not line.strip(self._blank):
                continue
            number = self._lines.number
            if self._quoted and '"' in line:
                yield (number, *self._quoted_record(line))
            else:
                yield number, self._split(line), ""

    def _split(self, line: str) -> list[str]:
        return line.rstrip("\r\n").split(self._delimiter)

    def _quoted_record(self, first: str) -> tuple[list[str], str]:
        """A record that begins in this line, with its further lines.

        If its quotes lead astray, only the first line is bad, and the others are read again.
        """
        start = self._lines.number
        more: list[str] = []
        cells, problem = self._parse(self._with_further(first, more))
        if more and (problem or self._swallowed_rows(first, more, cells)):
            self._single_until = self._lines.number
            self._lines.put_back(more)
            cells, problem = [], _NEVER_CLOSED
        if problem and self._delimiter == "\t" and len(self._split(first)) == self.width:
            return self._split(first), ""
        if self.width and not problem and more and len(cells) != self.width:
            problem = f"has {len(cells)} cells over lines {start} to {self._lines.number}"
            problem += f", the header has {self.width}"
        return cells, problem

    def _with_further(self, first: str, more: list[str]) -> Iterator[str]:
        yield first
        room = MOST_CHARACTERS - len(first)
        if self._lines.number < self._single_until:
            return
        while room > 0 and (line := self._lines.take()):
            more.append(line)
            room -= len(line)
            yield line

    def _parse(self, lines: Iterator[str]) -> tuple[list[str], str]:
        try:
            return next(csv.reader(lines, delimiter=self._delimiter, strict=True)), ""
        except csv.Error as error:
            open_quote = str(error) == "unexpected end of data"
            return [], _NEVER_CLOSED if open_quote else f"is not CSV ({error})"

    def _swallowed_rows(self, first: str, more: Sequence[str], cells: list[str]) -> bool:
        """Whether a cell over several lines is made of rows: each has the cells of the header."""
        if self.width < 2:
            return False
        if self._delimiter == "\t":
            lines = [first, *more]
        elif len(cells) != self.width:
            lines = list(more)
        else:
            return False
        return all(self._width_of(line) == self.width for line in lines if line.strip())

    def _width_of(self, line: str) -> int:
        if self._delimiter == "\t":
            return len(self._split(line))
        return len(next(csv.reader([line], delimiter=self._delimiter), []))
