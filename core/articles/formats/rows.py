"""Rows of a file, one at a time, whatever its format: constant memory, line numbers kept."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from core.articles.formats.compressed import open_bytes, unpacked_member
from core.articles.formats.encoding import AUTO, Encoding, looks_like, open_detected
from core.articles.formats.left_out import LeftOut
from core.base.errors import DataError

# A cell, a line, and an element of a JSON list, in characters.
MOST_CHARACTERS = 16 * 1024 * 1024
FORMATS = ".jsonl, .json, .csv, .tsv, .xml (each also .gz), .parquet, .xlsx, .sqlite or .zip"
_DELIMITERS = ",;\t|"


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

    encoding: of its text, "" where it is no text. notes: sentences for the person whose it is.
    left_out: what of a blog is no post.
    """

    encoding: str = ""
    notes: list[str] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)


def read_rows(
    path: Path, *, encoding: str = AUTO, facts: SourceFacts | None = None
) -> Iterator[Row]:
    """Stream the rows of an article file, or the posts of a folder of Markdown.

    encoding: "auto" finds it out. facts: filled on the way. Raises DataError if the file is
    missing, empty, of an unknown format, damaged, a trap, or not in `encoding`.
    """
    facts = SourceFacts() if facts is None else facts
    if path.is_dir():
        yield from _read_posts(path, facts)
        return
    ending = _ending_of(path)
    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r}. Check the path.")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} is empty. It should hold one article a line.")
    found = Encoding(encoding)
    try:
        if ending == ".zip":
            yield from _read_zip(path, encoding, facts)
            return
        if ending not in _TEXT_READERS:
            yield from _READERS[ending](path, encoding, facts)
            return
        if encoding == AUTO:
            file, found = open_detected(path)
            facts.notes += [found.note] if found.note else []
        else:
            file = open_bytes(path)
        facts.encoding = found.name
        with file, _text(file, found.name) as text:
            yield from _TEXT_READERS[ending](path, text, facts)
    except UnicodeError:
        raise DataError(f"{path.name} {_wrong_encoding(path, found)}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError(f"{path.name} is damaged or not gzip. Compress it again.") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from None
    except LookupError:
        raise DataError(f"Unknown encoding {encoding!r}. Try utf-8, gb18030 or cp1252.") from None


def count_lines(path: Path) -> int:
    """Line of the last row at most, for progress; reads text once without parsing it.

    Raises DataError as read_rows does.
    """
    if not has_lines(path):
        return sum(1 for _ in read_rows(path))
    try:
        with open_bytes(path) as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) + 1
    except (OSError, EOFError, zlib.error):
        return 1  # read_rows says what is wrong with it


def has_lines(path: Path) -> bool:
    """Whether the file has about as many lines as rows."""
    name = path.name.lower().removesuffix(".gz")
    return name.endswith(_LINE_ENDINGS) and not path.is_dir()


def has_encoding(path: Path) -> bool:
    """Whether the file is text, or may hold one that is packed."""
    name = path.name.lower().removesuffix(".gz")
    return name.endswith((*_TEXT_READERS, ".zip"))


def _ending_of(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    for ending in (*_TEXT_READERS, *_READERS, ".zip"):
        if name.endswith(ending):
            return ending
    raise DataError(f"Cannot tell the format of {path.name!r}: its name should end in {FORMATS}.")


def _text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    # "-sig" drops the byte order mark that spreadsheets write.
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    return io.TextIOWrapper(file, encoding=name, newline="")


def lines_of(path: Path, file: io.TextIOWrapper) -> Iterator[str]:
    for number, line in enumerate(iter(lambda: file.readline(MOST_CHARACTERS + 1), ""), start=1):
        if len(line) > MOST_CHARACTERS:
            raise DataError(
                f"Line {number} of {path.name} has more than {MOST_CHARACTERS // 1_000_000} "
                "million characters: no article is so long. Write one article a line."
            )
        yield line


def _read_jsonl(path: Path, file: io.TextIOWrapper, facts: SourceFacts) -> Iterator[Row]:
    for number, line in enumerate(lines_of(path, file), start=1):
        if line.strip():
            yield _jsonl_row(number, line)


def _jsonl_row(number: int, line: str) -> Row:
    try:
        cells = json.loads(line)
    except (ValueError, RecursionError):
        return Row(number, None, "is not JSON")
    if not isinstance(cells, dict):
        return Row(number, None, "is not a JSON object")
    return Row(number, cells)


def _read_json(path: Path, file: io.TextIOWrapper, facts: SourceFacts) -> Iterator[Row]:
    from core.articles.formats.json_rows import json_values

    values = json_values(file, path.name, MOST_CHARACTERS, facts.notes)
    for number, cells in enumerate(values, start=1):
        if isinstance(cells, dict):
            yield Row(number, cells, place=f"entry {number}")
        else:
            yield Row(number, None, "is not a JSON object", place=f"entry {number}")


def _read_csv(path: Path, file: io.TextIOWrapper, facts: SourceFacts) -> Iterator[Row]:
    from core.articles.formats.csv_rows import read_csv

    yield from read_csv(path, file)


def find_delimiter(header: str, *, tab: bool = False) -> str:
    """Which of , ; tab | parts the header into most cells. tab: preferred if it parts at all."""
    if tab and "\t" in header:
        return "\t"

    def cells(delimiter: str) -> int:
        try:
            return len(next(csv.reader([header], delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=cells)


def _read_parquet(path: Path, encoding: str, facts: SourceFacts) -> Iterator[Row]:
    from core.articles.formats.tables import read_parquet

    for number, cells in enumerate(read_parquet(path), start=1):
        yield Row(number, cells, has_header=True)


def _read_xlsx(path: Path, encoding: str, facts: SourceFacts) -> Iterator[Row]:
    from core.articles.formats.headers import Header
    from core.articles.formats.tables import read_xlsx

    header: Header | None = None
    for number, cells in read_xlsx(path, facts.notes):
        if header is None:
            header = Header(path.name, cells, ragged=True)
        else:
            yield header.row(number, cells)


def _read_sqlite(path: Path, encoding: str, facts: SourceFacts) -> Iterator[Row]:
    from core.articles.formats.tables import read_sqlite

    for number, cells in enumerate(read_sqlite(path), start=1):
        yield Row(number, cells, has_header=True)


def _read_posts_xml(path: Path, encoding: str, facts: SourceFacts) -> Iterator[Row]:
    from core.articles.sources.stackexchange_dump import read_posts_xml

    for number, cells in read_posts_xml(path):
        yield Row(number, cells, place=f"question {cells['id']}")


def _read_zip(path: Path, encoding: str, facts: SourceFacts) -> Iterator[Row]:
    """The one article file in it, or a blog's posts, whatever data files lie beside them."""
    from core.articles.sources.markdown import holds_tagged_posts, is_project_file

    if not holds_tagged_posts(path):
        with unpacked_member(path, _PACKED, passed_over=is_project_file) as member:
            if member is not None:
                yield from read_rows(member, encoding=encoding, facts=facts)
                return
    yield from _read_posts(path, facts)


def _read_posts(path: Path, facts: SourceFacts) -> Iterator[Row]:
    from core.articles.sources.markdown import read_posts

    yield from read_posts(path, facts.left_out)


_TEXT_READERS: dict[str, Callable[[Path, io.TextIOWrapper, SourceFacts], Iterator[Row]]] = {
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".json": _read_json,
    ".csv": _read_csv,
    ".tsv": _read_csv,
}
_READERS: dict[str, Callable[[Path, str, SourceFacts], Iterator[Row]]] = {
    ".xml": _read_posts_xml,
    ".parquet": _read_parquet,
    ".xlsx": _read_xlsx,
    ".sqlite": _read_sqlite,
    ".sqlite3": _read_sqlite,
    ".db": _read_sqlite,
}
_LINE_ENDINGS = (".jsonl", ".ndjson", ".csv", ".tsv")
_PACKED = (
    *_TEXT_READERS,
    *(ending for ending in _READERS if ending != ".xml"),
    *(f"{ending}.gz" for ending in _TEXT_READERS),
)


def _wrong_encoding(path: Path, found: Encoding) -> str:
    if found.doubt:
        return f"{found.doubt}, or save it as UTF-8."
    if found.guessed:
        return (
            f"begins as {found.name} text, but not all of it is. Save it as UTF-8, or name its "
            "encoding (--encoding NAME)."
        )
    try:
        guess = looks_like(path)
    except (OSError, EOFError, zlib.error):
        guess = ""
    looks = f" It looks like {guess}." if guess else ""
    return (
        f"is not {found.name.upper()} text.{looks} Save it as UTF-8, or name its encoding "
        f"(--encoding {guess or 'NAME'})."
    )
