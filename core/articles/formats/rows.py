"""Rows of a file, one at a time, whatever its format: constant memory, line numbers kept."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from core.articles.formats.compressed import open_bytes, unpacked_member
from core.articles.formats.csv_rows import read_csv
from core.articles.formats.databases import read_sqlite
from core.articles.formats.encoding import Encoding, looks_like, open_detected
from core.articles.formats.json_rows import read_json, read_jsonl
from core.articles.formats.row import Row, SourceFacts
from core.articles.formats.tables import read_parquet, read_xlsx
from core.articles.options import AUTO
from core.base.errors import DataError

FORMATS = ".jsonl, .json, .csv, .tsv, .xml (each also .gz), .parquet, .xlsx, .sqlite or .zip"


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
        elif ending in _READERS:
            yield from _READERS[ending](path, facts)
        else:
            if encoding == AUTO:
                file, found = open_detected(path)
                facts.notes += [found.note] if found.note else []
            else:
                file = open_bytes(path)
            facts.encoding, facts.lines = found.name, found.lines
            with file, _text(file, found.name) as text:
                yield from _TEXT_READERS[ending](path.name, text, facts)
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
    if path.is_dir() or not _unpacked_name(path).endswith((".jsonl", ".ndjson", ".csv", ".tsv")):
        return sum(1 for _ in read_rows(path))
    try:
        with open_bytes(path) as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) + 1
    except (OSError, EOFError, zlib.error):
        return 1  # read_rows says what is wrong with it


def has_encoding(path: Path) -> bool:
    """Whether the file is text, or may hold one that is packed."""
    return _unpacked_name(path).endswith((*_TEXT_READERS, ".zip"))


def _unpacked_name(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")


def _ending_of(path: Path) -> str:
    for ending in (*_TEXT_READERS, *_READERS, ".zip"):
        if _unpacked_name(path).endswith(ending):
            return ending
    raise DataError(f"Cannot tell the format of {path.name!r}: its name should end in {FORMATS}.")


def _text(file: BinaryIO, encoding: str) -> TextIO:
    # "-sig" drops the byte order mark that spreadsheets write.
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    return io.TextIOWrapper(file, encoding=name, newline="")


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

    return read_posts(path, facts.left_out)


def _read_posts_xml(path: Path, facts: SourceFacts) -> Iterator[Row]:
    from core.articles.sources.stackexchange_dump import read_posts_xml

    return read_posts_xml(path)


_TEXT_READERS: dict[str, Callable[[str, TextIO, SourceFacts], Iterator[Row]]] = {
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_csv,
}
_READERS: dict[str, Callable[[Path, SourceFacts], Iterator[Row]]] = {
    ".xml": _read_posts_xml,
    ".parquet": read_parquet,
    ".xlsx": read_xlsx,
    **dict.fromkeys((".sqlite", ".sqlite3", ".db"), lambda path, facts: read_sqlite(path)),
}
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
