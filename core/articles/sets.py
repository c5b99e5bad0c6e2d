"""Article sets: the embedded sample, imported sets by name, and files given by path."""

import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.articles.article import Article
from core.articles.language import detect_language
from core.articles.read import ReadResult, read_articles
from core.articles.rows import read_rows
from core.base.errors import DataError
from core.base.files import file_sha256, new_folder, read_json, write_json
from core.base.home import SAMPLE_FILE, home_folder

SAMPLE = "sample"
SAMPLE_NOTE = "written for this project"
_SAMPLE_NAME = re.compile(rf"{SAMPLE}(-v\d+)?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ARTICLES_FILE = "articles.jsonl"


@dataclass(frozen=True)
class SetInfo:
    """What is known of a named set without reading its articles.

    fingerprint: sha256 of its article file, so a changed set never looks like the old one.
    """

    name: str
    articles: int
    fingerprint: str
    note: str = ""


def list_sets() -> list[SetInfo]:
    """The sample, then imported sets by name. A damaged folder is left out."""
    infos = [_sample_info()]
    for folder in sorted(sets_folder().glob("[!.]*/")):
        try:
            infos.append(SetInfo(**read_json(folder / "set.json") | {"name": folder.name}))
        except (OSError, ValueError, TypeError):
            continue
    return infos


def is_sample(name: str) -> bool:
    """Whether a set is the embedded sample, or it with some of its tags corrected."""
    return _SAMPLE_NAME.fullmatch(name) is not None


def sets_folder() -> Path:
    return home_folder() / "sets"


def read_sources(
    sources: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
    skip_bad_rows: bool = False,
) -> tuple[Article, ...]:
    """Articles of one or more named sets or files, joined; languages detected where absent.

    Raises DataError if one cannot be read or an id stands in two of them.
    """
    if not sources:
        raise DataError("No data named. Name a data set or an article file.")
    articles: list[Article] = []
    source_of: dict[str, str] = {}
    for source in sources:
        path = source_path(source)
        result = read_articles(
            path, columns=columns, encoding=encoding, skip_bad_rows=skip_bad_rows
        )
        for article in result.articles:
            if article.id in source_of:
                raise DataError(
                    f"Article id {article.id!r} is in {source_of[article.id]} and again in "
                    f"{source}. Ids must be unique over all files that are joined."
                )
            source_of[article.id] = source
            articles.append(with_language(article))
    return tuple(articles)


def source_path(source: str) -> Path:
    """The article file of a named set, else `source` as a path."""
    if source == SAMPLE:
        return SAMPLE_FILE
    if _NAME.fullmatch(source) and (named := sets_folder() / source / _ARTICLES_FILE).is_file():
        return named
    if "/" not in source and "." not in source:
        known = ", ".join(info.name for info in list_sets())
        raise DataError(f"There is no data set {source!r}. Known sets: {known}; or give a file.")
    return Path(source)


def import_file(
    path: Path,
    name: str,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
    skip_bad_rows: bool = False,
    replace: bool = False,
) -> tuple[SetInfo, ReadResult]:
    """Check a file and keep its articles as data set `name`.

    Raises DataError for an impossible or taken name (unless `replace`) or an unreadable file.
    """
    _require_free(name, replace=replace)
    result = read_articles(path, columns=columns, encoding=encoding, skip_bad_rows=skip_bad_rows)
    return keep_articles(name, result.articles, replace=replace), result


def keep_articles(
    name: str, articles: Sequence[Article], *, note: str = "", replace: bool = False
) -> SetInfo:
    """Keep articles as data set `name`. Raises DataError as import_file does."""
    folder = _require_free(name, replace=replace)
    try:
        with new_folder(folder, replace=replace) as made:
            return _write_set(made, name, articles, note)
    except FileExistsError:  # another import took the name meanwhile
        raise _taken(name) from None


def delete_set(name: str) -> None:
    """Remove an imported set. Raises DataError if there is none of that name."""
    if not _NAME.fullmatch(name) or not (sets_folder() / name).is_dir():
        raise DataError(f"There is no imported data set {name!r}.")
    shutil.rmtree(sets_folder() / name)


def with_language(article: Article) -> Article:
    if article.language:
        return article
    text = f"{article.title}\n{article.description}\n{article.fulltext[:1000]}"
    return article.model_copy(update={"language": detect_language(text)})


def _require_free(name: str, *, replace: bool) -> Path:
    """The folder that a new data set takes."""
    if name == SAMPLE or not _NAME.fullmatch(name):
        raise DataError(f"A data set cannot be named {name!r}. Use letters, digits, . _ and -.")
    folder = sets_folder() / name
    if folder.exists() and not replace:
        raise _taken(name)
    return folder


def _taken(name: str) -> DataError:
    return DataError(f"There is a data set {name!r} already. Choose another name or replace it.")


def _write_set(folder: Path, name: str, articles: Sequence[Article], note: str) -> SetInfo:
    file = folder / _ARTICLES_FILE
    with file.open("w", encoding="utf-8") as out:
        for article in articles:
            out.write(with_language(article).model_dump_json(exclude_defaults=True) + "\n")
    info = SetInfo(name, len(articles), file_sha256(file), note)
    write_json(folder / "set.json", info.__dict__)
    return info


@cache
def _sample_info() -> SetInfo:
    text = SAMPLE_FILE.read_bytes()
    count = sum(1 for _ in read_rows(SAMPLE_FILE))
    return SetInfo(SAMPLE, count, hashlib.sha256(text).hexdigest(), SAMPLE_NOTE)
