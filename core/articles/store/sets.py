"""Article sets: the embedded sample, imported sets by name, and files given by path."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from core.articles.article import Article
from core.articles.check import CheckReport
from core.articles.formats.rows import read_rows
from core.articles.importing import import_source
from core.articles.languages.language import with_language
from core.articles.options import NO_OPTIONS, ReadingOptions
from core.articles.read import read_articles, read_kept
from core.articles.store.names import reading_of
from core.articles.store.record import SAMPLE, SetInfo, SetVersion, read_record, sets_folder
from core.articles.store.versions import current_file, pinned_file, require_free, whole_file
from core.articles.store.writer import new_version
from core.base.errors import DataError
from core.base.files import Unreadable
from core.base.home import SAMPLE_FILE

SAMPLE_NOTE = "written for this project"
_SAMPLE_NAME = re.compile(rf"{SAMPLE}(-v\d+)?")


def list_sets() -> list[SetInfo]:
    """The sample, then imported sets by name, without those whose record is damaged."""
    return survey_sets()[0]


def survey_sets() -> tuple[list[SetInfo], list[Unreadable]]:
    """As list_sets, and the sets that are damaged: in their record, or in their article file.

    The latter are in both lists, for another version of them can be used. A change that leaves an
    article file as long as it was is found only when it is read.
    """
    infos, damaged = [_sample_info()], []
    for folder in sorted(sets_folder().glob("[!.]*/")):
        try:
            record = read_record(folder)
            infos.append(record.info)
            if not _has_its_length(folder / record.current.file, record.current):
                whole_file(folder.name, record.current)
        except DataError as error:
            damaged.append(Unreadable(folder.name, str(error)))
    return infos, damaged


def _has_its_length(path: Path, version: SetVersion) -> bool:
    try:
        # A set of before there were versions does not say how long its file is.
        return path.stat().st_size == version.bytes > 0
    except OSError:
        return False


def is_sample(name: str) -> bool:
    """Whether a set is the embedded sample, or it with some of its tags corrected."""
    return _SAMPLE_NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class SourceArticles:
    """The articles of some sources, joined, and by source the record of how each was read."""

    sources: tuple[str, ...]
    articles: tuple[Article, ...]
    readings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_sources(
    sources: Sequence[str],
    options: ReadingOptions = NO_OPTIONS,
    *,
    skip_bad_rows: bool = False,
) -> tuple[Article, ...]:
    """The articles that read_with_plans gives, alone."""
    return read_with_plans(sources, options, skip_bad_rows=skip_bad_rows).articles


def read_with_plans(
    sources: Sequence[str],
    options: ReadingOptions = NO_OPTIONS,
    *,
    skip_bad_rows: bool = False,
    kept: Mapping[str, Mapping[str, Any]] | None = None,
) -> SourceArticles:
    """Articles of one or more named sets or files, joined; languages detected where absent.

    kept: by source, how it was read before, which comes before any guess. Raises DataError if
    one cannot be read or an id stands in two of them.
    """
    if not sources:
        raise DataError("No data named. Name a data set or an article file.")
    articles: list[Article] = []
    source_of: dict[str, str] = {}
    readings: dict[str, Mapping[str, Any]] = {}
    for source in sources:
        path, usual = source_path(source), tuple[str, ...]()
        if is_named(source):
            found, readings[source] = read_kept(path), reading_of(source)
            usual = tuple(readings[source].get("languages", ()))
        else:
            read = read_articles(
                path, options, skip_bad_rows=skip_bad_rows, kept=(kept or {}).get(source)
            )
            found, how = read.articles, read.report.plan.record()
            usual = read.report.plan.languages
            readings[source] = how | {"encoding": read.report.encoding, "notes": read.report.notes}
        for article in found:
            if article.id in source_of:
                raise DataError(
                    f"Article id {article.id!r} is in {source_of[article.id]} and again in "
                    f"{source}. Ids must be unique over all files that are joined."
                )
            source_of[article.id] = source
            articles.append(with_language(article, usual))
    return SourceArticles(tuple(sources), tuple(articles), readings)


def is_named(source: str) -> bool:
    """Whether a source is the sample, an imported set or a version of one, and no path."""
    return _named_file(source) is not None


def source_path(source: str) -> Path:
    """The article file of a named set, or of its version N if it ends in @N; else a path."""
    if (named := _named_file(source)) is not None:
        return named
    if "/" not in source and "." not in source:
        known = ", ".join(info.name for info in list_sets())
        raise DataError(f"There is no data set {source!r}. Known sets: {known}; or give a file.")
    return Path(source)


def _named_file(source: str) -> Path | None:
    return SAMPLE_FILE if source == SAMPLE else current_file(source) or pinned_file(source)


def source_fingerprint(source: str) -> str:
    """Changes when the articles of a named set or file do. Raises DataError if it is not there."""
    path = source_path(source)
    try:
        facts = path.stat()
    except OSError:
        raise DataError(f"There is no article file {source!r}. Check the path.") from None
    return f"{path} {facts.st_size} {facts.st_mtime_ns}"


def import_file(
    path: Path, name: str, *, skip_bad_rows: bool = False, replace: bool = False
) -> tuple[SetInfo, CheckReport]:
    """Check a file and keep its articles as data set `name`.

    Returns the set and the report of the check. Raises DataError if a row is bad and
    `skip_bad_rows` is off, or if there is a set of that name and `replace` is off.
    """
    return import_source(str(path), name, skip_bad_rows=skip_bad_rows, replace_set=replace)


def keep_articles(
    name: str,
    articles: Sequence[Article],
    *,
    note: str = "",
    replace: bool = False,
    changes: Sequence[Any] = (),
    made_of: str = "",
) -> SetInfo:
    """Keep articles as data set `name`, in place of any old one and its versions.

    changes, made_of: as SetVersion has them. Raises DataError as import_file does.
    """
    require_free(name, replace=replace)
    with new_version(name, origin="", note=note, may_exist=replace, keep_old=False) as writer:
        writer.changes, writer.made_of = changes, made_of
        for article in articles:
            writer.write(article)
    return writer.info


@cache
def _sample_info() -> SetInfo:
    text = SAMPLE_FILE.read_bytes()
    count = sum(1 for _ in read_rows(SAMPLE_FILE))
    return SetInfo(SAMPLE, count, hashlib.sha256(text).hexdigest(), SAMPLE_NOTE)
