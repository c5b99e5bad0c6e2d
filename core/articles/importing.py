"""Bring a file, a folder, an archive or a query in: plan the reading, check, keep as a set."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from core.articles.article import Article
from core.articles.check import ArticleCheck, CheckReport
from core.articles.encoding import AUTO
from core.articles.language import with_language
from core.articles.mapping import ReadingPlan, build_plan
from core.articles.rows import Row, count_lines, has_lines, read_rows
from core.articles.tables import is_database_url, read_query
from core.articles.tag_formats import guess_tag_format
from core.articles.version_writer import VersionWriter, new_version
from core.articles.versions import SetInfo, current_number, read_version, require_free
from core.base.errors import DataError
from core.base.progress import Progress, no_progress

_PREVIEW_ROWS = 200
_PROGRESS_ROWS = 500


@dataclass(frozen=True)
class Preview:
    """How a source will be read, and its first rows as they are."""

    plan: ReadingPlan
    rows: tuple[Mapping[str, Any], ...]


def source_name(source: str) -> str:
    """What to call a source in messages: never a database's address, which holds a password."""
    return "The query" if is_database_url(source) else Path(source).name


def source_rows(source: str, *, encoding: str = AUTO, query: str = "") -> Iterator[Row]:
    """Rows of a path, or of a database's address."""
    if not is_database_url(source):
        if query and Path(source).suffix.lower() in (".sqlite", ".sqlite3", ".db"):
            source = f"sqlite:///{source}"
        else:
            yield from read_rows(Path(source), encoding=encoding)
            return
    for number, cells in enumerate(read_query(source, query), start=1):
        yield Row(number, cells, has_header=True, place=f"row {number}")


def preview_source(
    source: str,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = AUTO,
    query: str = "",
) -> Preview:
    """Guess columns and the form of tags from the first 200 rows.

    columns: field -> column, which comes before any guess. Raises DataError if the source cannot
    be read, or lacks a named column, tags or any text.
    """
    rows = list(islice(source_rows(source, encoding=encoding, query=query), _PREVIEW_ROWS))
    cells = [row.cells for row in rows if row.cells is not None]
    name = source_name(source)
    if not rows:
        raise DataError(f"{name} is empty: it has a header at most, and no articles.")
    if not cells:
        first = rows[0]
        raise DataError(
            f"{name}: none of the first {len(rows)} rows can be read; "
            f"{first.place or f'line {first.line}'} {first.problem}."
        )
    found = dict.fromkeys(str(column) for row in cells for column in row)
    plan = build_plan(found, name, given=columns or {}, encoding=encoding)
    tags = plan.fields["tags"]
    form = guess_tag_format([row.get(tags) for row in cells])
    return Preview(replace(plan, tag_format=form), tuple(cells))


def check_source(
    source: str,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = AUTO,
    query: str = "",
    progress: Progress = no_progress,
) -> CheckReport:
    """Read a source to its end and keep nothing. Raises DataError if it cannot be read at all."""
    plan = preview_source(source, columns=columns, encoding=encoding, query=query).plan
    check = ArticleCheck(source_name(source), plan)
    rows = source_rows(source, encoding=encoding, query=query)
    total = _most_rows(source)
    for number, _ in enumerate(check.articles_of(rows), start=1):
        if number % _PROGRESS_ROWS == 0:
            progress("check", number, max(total, number + 1), "articles")
    return check.report()


def import_source(
    source: str,
    name: str,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = AUTO,
    query: str = "",
    skip_bad_rows: bool = False,
    replace_set: bool = False,
    update: bool = False,
    progress: Progress = no_progress,
) -> tuple[SetInfo, CheckReport]:
    """Check a source and keep its articles as data set `name`, or as a new version of it.

    update: articles with a known id take the old one's place, others are added; what the source
    lacks stays. replace_set: the new version holds what the source has, and no more.
    Raises DataError, and keeps nothing, for an impossible or taken name, a source that cannot be
    read, and a bad row unless `skip_bad_rows`.
    """
    require_free(name, replace=replace_set or update)
    plan = preview_source(source, columns=columns, encoding=encoding, query=query).plan
    check = ArticleCheck(source_name(source), plan)
    rows = source_rows(source, encoding=encoding, query=query)
    if update and "id" not in plan.fields and not Path(source).is_dir():
        raise DataError(
            f"{check.name} has no column of ids, by which articles are found again. "
            "Name one with --id COLUMN, such as --id url."
        )
    info = keep_stream(
        name,
        _good_rows(
            check, rows, skip_bad_rows=skip_bad_rows, progress=progress, total=_most_rows(source)
        ),
        origin=check.name,
        replace=replace_set,
        update=update,
    )
    return info, check.report()


def keep_stream(
    name: str,
    articles: Iterable[Article],
    *,
    origin: str,
    note: str = "",
    replace: bool = False,
    update: bool = False,
) -> SetInfo:
    """Keep articles as they come; nothing is kept if they end in an error."""
    require_free(name, replace=replace or update)
    with new_version(name, origin=origin, note=note, may_exist=replace or update) as writer:
        if update:
            writer.base = current_number(name)
            _merge(name, articles, writer)
        else:
            for article in articles:
                writer.write(article)
        if not writer.articles:
            raise DataError(f"{origin} has no articles: none of its rows is usable.")
    return writer.info


def _most_rows(source: str) -> int:
    """Rows at most, for progress; 0 where counting them would mean reading them."""
    path = Path(source)
    return count_lines(path) if has_lines(path) else 0


def _good_rows(
    check: ArticleCheck,
    rows: Iterable[Row],
    *,
    skip_bad_rows: bool,
    progress: Progress,
    total: int,
) -> Iterator[Article]:
    for number, article in enumerate(check.articles_of(rows), start=1):
        if number % _PROGRESS_ROWS == 0:
            progress("import", number, max(total, number + 1), "articles")
        yield article
    report = check.report()
    if report.bad_count and not skip_bad_rows:
        more = f" ({report.bad_count} bad rows of {report.rows})" if report.bad_count > 1 else ""
        raise DataError(
            f"{report.name}, {report.bad_rows[0]}{more}. "
            "Correct it, or leave out bad rows (--skip-bad-rows)."
        )


def _merge(name: str, articles: Iterable[Article], writer: VersionWriter) -> None:
    """Old articles in their places, new ones behind them; memory holds where each new one lies."""
    places: dict[str, int] = {}
    with writer.scratch() as new:
        for article in articles:
            places[article.id] = new.tell()
            new.write(
                with_language(article).model_dump_json(exclude_defaults=True).encode() + b"\n"
            )
        for line in read_version(name):
            at = places.pop(json.loads(line)["id"], None)
            if at is None:
                writer.write_line(line)
            else:
                new.seek(at)
                writer.write_line(new.readline())
        for at in places.values():
            new.seek(at)
            writer.write_line(new.readline())
