"""Read an article file, check every row, and say what was wrong with which line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.articles.article import (
    REQUIRED_FIELDS,
    Article,
    RowError,
    article_of_row,
    missing_field,
    shown_columns,
)
from core.articles.encoding import AUTO
from core.articles.rows import Row, read_rows
from core.base.errors import DataError

_SHOWN_PROBLEMS = 20
# A file whose first rows are all bad is the wrong file: stop instead of reading 200 MB of it.
HOPELESS_AFTER = 100


@dataclass(frozen=True)
class BadRow:
    """A row that is not an article: its line (1-based), the field ("" if the whole row), why.

    place: what to call the row where a line number says nothing.
    """

    line: int
    field: str
    reason: str
    place: str = ""

    def __str__(self) -> str:
        where = self.place or f"line {self.line}"
        return f"{where}: {f'{self.field} ' if self.field else ''}{self.reason}"


@dataclass(frozen=True)
class ReadResult:
    """The articles of one file; `bad_rows` holds the first 20 of `bad_count`."""

    name: str
    articles: tuple[Article, ...]
    bad_rows: tuple[BadRow, ...]
    bad_count: int
    rows: int


def read_articles(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = AUTO,
    skip_bad_rows: bool = False,
) -> ReadResult:
    """Articles of a file whose columns are named as the fields are, but for `columns`.

    columns: article field -> the file's column, for fields that are named otherwise.
    Raises DataError if the file cannot be read, lacks a column, has no articles, or has a bad
    row and `skip_bad_rows` is false.
    """
    result = check_file(path, columns=columns, encoding=encoding)
    if result.bad_rows and not skip_bad_rows:
        raise DataError(_bad_rows_sentence(result))
    if not result.articles:
        raise DataError(f"{path.name} has no articles: none of its {result.rows} rows is usable.")
    return result


def check_file(
    path: Path, *, columns: Mapping[str, str] | None = None, encoding: str = AUTO
) -> ReadResult:
    """As read_articles with `skip_bad_rows`, but an outcome without articles is no error."""
    columns = {field: name for field, name in (columns or {}).items() if name}
    articles: list[Article] = []
    bad: list[BadRow] = []
    lines_of_ids: dict[str, int] = {}
    rows = bad_count = 0
    for row in read_rows(path, encoding=encoding):
        if not rows and row.cells is not None and row.has_header:
            _require_columns(path, row.cells, columns)
        rows += 1
        try:
            article = article_in(row, columns, path)
            _require_new_id(article.id, row.line, lines_of_ids)
            articles.append(article)
        except RowError as problem:
            bad_count += 1
            if len(bad) < _SHOWN_PROBLEMS:
                bad.append(BadRow(row.line, problem.field, problem.reason, row.place))
            if not articles and bad_count >= HOPELESS_AFTER:
                raise DataError(
                    f"{path.name}: none of the first {bad_count} rows is an article; {bad[0]}."
                ) from None
    if not rows:
        raise DataError(f"{path.name} is empty: it has a header at most, and no articles.")
    return ReadResult(path.name, tuple(articles), tuple(bad), bad_count, rows)


def article_in(row: Row, columns: Mapping[str, str], path: Path) -> Article:
    """The article of one row of a file. Raises RowError saying why it is none."""
    if row.cells is None:
        raise RowError("", row.problem)
    for field, name in columns.items():
        if name not in row.cells:
            raise missing_field(field, row.cells, column=name)
    cells = row.cells | {field: row.cells[name] for field, name in columns.items()}
    if cells.get("id") in (None, ""):
        cells["id"] = f"{path.name.split('.')[0]}-{row.line}"
    return article_of_row(cells)


def _require_new_id(article_id: str, line: int, lines_of_ids: dict[str, int]) -> None:
    first = lines_of_ids.setdefault(article_id, line)
    if first != line:
        raise RowError("id", f"is {article_id!r}, as in line {first}: ids must be unique")


def _require_columns(path: Path, cells: Mapping[str, object], columns: Mapping[str, str]) -> None:
    found = shown_columns(cells)
    for field, name in columns.items():
        if name not in cells:
            raise DataError(f"{path.name} has no column {name!r} for {field}. It has: {found}.")
    missing = [field for field in REQUIRED_FIELDS if field not in cells and field not in columns]
    if missing:
        raise DataError(
            f"{path.name} has no column {missing[0]!r}. It has: {found}. "
            f"Add the column, or name another with --{missing[0]} COLUMN."
        )


def _bad_rows_sentence(result: ReadResult) -> str:
    more = f" ({result.bad_count} bad rows of {result.rows})" if result.bad_count > 1 else ""
    return (
        f"{result.name}, {result.bad_rows[0]}{more}. "
        "Correct it, or leave out bad rows (--skip-bad-rows)."
    )
