"""Bring a file, a folder, an archive or a query in: plan the reading, check, keep as a set."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from core.articles.article import Article
from core.articles.check import ArticleCheck, CheckReport
from core.articles.mapping import ReadingPlan
from core.articles.options import NO_OPTIONS, ReadingOptions
from core.articles.read import Reading, open_source
from core.articles.store.names import reading_of
from core.articles.store.record import SetInfo, lock_set
from core.articles.store.versions import current_number, read_version, require_free
from core.articles.store.writer import VersionWriter, line_of, new_version
from core.base.errors import DataError
from core.base.progress import Progress, no_progress

_PREVIEW_ROWS = 200
_PROGRESS_ROWS = 500


@dataclass(frozen=True)
class Preview:
    """How a source will be read, and its first rows as they are. notes: as of a CheckReport."""

    plan: ReadingPlan
    rows: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()


def preview_source(source: str, options: ReadingOptions = NO_OPTIONS) -> Preview:
    """The plan of a source and its first 200 rows. Raises DataError as open_source does."""
    reading = open_source(source, options)
    return Preview(reading.plan, reading.first[:_PREVIEW_ROWS], tuple(reading.facts.notes))


def check_source(
    source: str,
    options: ReadingOptions = NO_OPTIONS,
    *,
    progress: Progress = no_progress,
) -> CheckReport:
    """Read a source to its end and keep nothing. Raises DataError if it cannot be read at all."""
    reading = open_source(source, options)
    check = ArticleCheck(reading.name, reading.plan, facts=reading.facts)
    for _ in _counted(check, reading, "check", progress):
        pass
    return check.report()


def import_source(
    source: str,
    name: str,
    options: ReadingOptions = NO_OPTIONS,
    *,
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
    kept = [reading_of(name)] if update else ()
    reading = open_source(source, options, kept=kept)
    check = ArticleCheck(reading.name, reading.plan, facts=reading.facts)
    if update and "id" not in reading.plan.fields and not Path(source).is_dir():
        raise DataError(
            f"{check.name} has no column of ids, which finds articles again. "
            "Name one with --id COLUMN, such as --id url."
        )
    info = keep_stream(
        name,
        _good_articles(check, reading, skip_bad_rows=skip_bad_rows, progress=progress),
        origin=check.name,
        reading=reading.plan.record(),
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
    reading: Mapping[str, Any] | None = None,
    replace: bool = False,
    update: bool = False,
) -> SetInfo:
    """Keep articles as they come; nothing is kept if they end in an error.

    reading: the record of the plan by which they were read.
    """
    require_free(name, replace=replace or update)
    with (
        ExitStack() as held,
        new_version(name, origin=origin, note=note, may_exist=replace or update) as writer,
    ):
        writer.reading = reading or {}
        if update:
            with writer.scratch() as new:
                places = _set_aside(articles, new, reading or {})
                # From here to the end nobody else may change the set that this is joined to.
                held.enter_context(lock_set(name))
                writer.base = current_number(name)
                _merge(name, places, new, writer)
        else:
            for article in articles:
                writer.write(article)
        if not writer.articles:
            raise DataError(f"{origin} has no articles: none of its rows is usable.")
    return writer.info


def _counted(
    check: ArticleCheck, reading: Reading, step: str, progress: Progress
) -> Iterator[Article]:
    """The articles of a source, with a report of progress now and then."""
    for number, article in enumerate(check.articles_of(reading.rows), start=1):
        if number % _PROGRESS_ROWS == 0:
            progress(step, number, max(reading.facts.lines, number + 1), "articles")
        yield article


def _good_articles(
    check: ArticleCheck, reading: Reading, *, skip_bad_rows: bool, progress: Progress
) -> Iterator[Article]:
    yield from _counted(check, reading, "import", progress)
    check.report().require_good_rows(skip_bad_rows=skip_bad_rows)


def _set_aside(
    articles: Iterable[Article], file: BinaryIO, reading: Mapping[str, Any]
) -> dict[str, int]:
    """Write articles into a file; where each lies, by its id, which is all that memory holds."""
    places: dict[str, int] = {}
    for article in articles:
        places[article.id] = file.tell()
        file.write(line_of(article, reading))
    return places


def _merge(name: str, places: dict[str, int], new: BinaryIO, writer: VersionWriter) -> None:
    """Old articles in their places, new ones behind them."""
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
