"""Read any source of articles by one plan: a file, a folder, an archive or a database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from core.articles.article import Article, RowError, article_of_row
from core.articles.check import ArticleCheck, CheckReport
from core.articles.formats.databases import is_database_url, read_query, read_sqlite
from core.articles.formats.row import Row, SourceFacts
from core.articles.formats.rows import read_rows
from core.articles.languages.language import usual_languages
from core.articles.mapping import (
    ReadingPlan,
    build_plan,
    fitting_record,
    html_fields,
    kept_columns,
    kept_separator,
    sample_texts,
    with_cell_forms,
    with_kept_separator,
)
from core.articles.options import AUTO, NO_OPTIONS, ReadingOptions
from core.base.errors import DataError

# Too few to tell what stands between tags, where an earlier plan knows.
_FEW_ROWS = 50
# A plan is made from so many rows: enough that a date after the twelfth of a month or a tag that
# recurs is among them. Where rows are long, they are fewer.
_MOST_ROWS, _MOST_CHARACTERS = 5000, 8_000_000


@dataclass(frozen=True)
class Reading:
    """A source that is open: its name in messages, how its rows are read, and all of them.

    facts: what reading finds out, complete once all rows are read.
    first: cells of the first rows, at most 5,000, as they are.
    """

    name: str
    plan: ReadingPlan
    rows: Iterator[Row]
    facts: SourceFacts
    first: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class ReadResult:
    """The articles of a source, and what the check found."""

    articles: tuple[Article, ...]
    report: CheckReport


def source_name(source: str) -> str:
    """What to call a source in messages: never a database's address, which holds a password."""
    return "The query" if is_database_url(source) else Path(source).name


def open_source(
    source: str,
    options: ReadingOptions = NO_OPTIONS,
    *,
    kept: Iterable[Mapping[str, Any]] = (),
    wants_tags: bool = True,
) -> Reading:
    """Open a source and plan its reading: the only place where columns and forms are guessed.

    kept: records of earlier plans; the columns of the first one that fits come before any guess,
    as the options do, and in a few rows what stands between its tags. wants_tags: False for what
    is to be tagged. Raises DataError if the source cannot be read, or lacks a named column, tags
    that are wanted, or any text.
    """
    facts = SourceFacts()
    rows = _rows_of(source, options, facts)
    first = _first_of(rows)
    cells = [row.cells for row in first if row.cells is not None]
    name = source_name(source)
    if not first:
        raise DataError(f"{name} is empty: it has a header at most, and no articles.")
    if not cells:
        row = first[0]
        raise DataError(
            f"{name}: none of the first {len(first)} rows can be read; "
            f"{row.place or f'line {row.line}'} {row.problem}."
        )
    found = dict.fromkeys(str(column) for row in cells for column in row)
    earlier = fitting_record(kept, found)
    given = kept_columns(earlier, found) | dict(options.columns)
    plan = build_plan(found, name, given=given, encoding=options.encoding, wants_tags=wants_tags)
    plan = replace(plan, html=html_fields(plan, cells))
    plan = with_cell_forms(plan, cells, tag_separator=options.tag_separator)
    if len(cells) < _FEW_ROWS and not options.tag_separator:
        plan = with_kept_separator(plan, earlier)
    if wants_tags:  # what is to be tagged is not judged by its language
        plan = replace(plan, languages=usual_languages(sample_texts(plan, cells)))
    return Reading(name, plan, chain(first, rows), facts, tuple(cells))


def read_articles(
    path: Path,
    options: ReadingOptions = NO_OPTIONS,
    *,
    skip_bad_rows: bool = False,
    kept: Mapping[str, Any] | None = None,
) -> ReadResult:
    """All articles of a file.

    kept: the record of an earlier plan, whose encoding and separator come before a guess too.
    Raises DataError if the file cannot be read, lacks a column, has no articles, or has a bad row
    and `skip_bad_rows` is false.
    """
    if kept:
        named = options.encoding != AUTO
        options = replace(
            options,
            encoding=options.encoding if named else str(kept.get("encoding") or AUTO),
            tag_separator=options.tag_separator or kept_separator(kept),
        )
    reading = open_source(str(path), options, kept=[kept] if kept else ())
    check = ArticleCheck(reading.name, reading.plan, finds_copies=False, facts=reading.facts)
    articles = tuple(check.articles_of(reading.rows))
    report = check.report()
    report.require_good_rows(skip_bad_rows=skip_bad_rows)
    if not articles:
        raise DataError(f"{path.name} has no articles: none of its {report.rows} rows is usable.")
    return ReadResult(articles, report)


def read_kept(path: Path) -> tuple[Article, ...]:
    """All articles of a file that Tagsmith wrote, in which nothing is to be guessed.

    Raises DataError naming the first line that is no article.
    """
    articles: list[Article] = []
    for row in read_rows(path, encoding="utf-8"):
        try:
            if row.cells is None:
                raise RowError("", row.problem)
            articles.append(article_of_row(row.cells))
        except RowError as problem:
            raise DataError(
                f"{path.name} is damaged: line {row.line}: {problem}. Import its articles again."
            ) from None
    return tuple(articles)


def _rows_of(source: str, options: ReadingOptions, facts: SourceFacts) -> Iterator[Row]:
    """Rows of a path, or of a database's address. facts: filled on the way."""
    query, path = options.query, Path(source)
    if is_database_url(source):
        return read_query(source, query)
    if not query:
        return read_rows(path, encoding=options.encoding, facts=facts)
    if path.suffix.lower() in (".sqlite", ".sqlite3", ".db"):
        return read_sqlite(path, query)
    raise DataError(
        f"{path.name} is no database, so a query cannot be used on it. "
        "Leave the query out, or name a database."
    )


def _first_of(rows: Iterator[Row]) -> list[Row]:
    found: list[Row] = []
    characters = 0
    for row in rows:
        found.append(row)
        values = (row.cells or {}).values()
        characters += sum(len(value) for value in values if isinstance(value, str))
        if len(found) == _MOST_ROWS or characters > _MOST_CHARACTERS:
            break
    return found
