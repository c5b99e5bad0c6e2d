"""Fetch a source page by page, so that an interrupted fetch goes on where it stopped."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from core.articles.article import Article
from core.articles.check import ArticleCheck, CheckReport
from core.articles.importing import keep_stream
from core.articles.mapping import ReadingPlan
from core.articles.rows import Row
from core.articles.sources.polite import PoliteClient
from core.articles.versions import SetInfo, require_free
from core.base.errors import FetchError
from core.base.files import read_json, write_json
from core.base.home import home_folder
from core.base.progress import Progress, no_progress


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursor of the next one; "" after the last.

    total: articles in all, as the site says; 0 if it does not.
    """

    rows: tuple[Mapping[str, Any], ...]
    next: str
    total: int = 0


class Source(Protocol):
    """A site's articles in pages. Its fields are its settings: equal fields, equal pages."""

    @property
    def name(self) -> str: ...

    @property
    def first(self) -> str:
        """Cursor of the first page."""

    def fetch_page(self, cursor: str, client: PoliteClient) -> Page: ...


def fetch_source(
    source: Source,
    name: str,
    client: PoliteClient,
    *,
    most: int = 0,
    update: bool = False,
    replace: bool = False,
    progress: Progress = no_progress,
) -> tuple[SetInfo, CheckReport]:
    """Fetch every page into the cache, then keep the articles as data set `name`.

    most: stop after the page that has this many rows; 0 fetches all. A page that was fetched is
    never asked for again until the set is kept; an article on two pages is kept once.
    Raises FetchError if the site fails, DataError if the name is impossible or taken.
    """
    require_free(name, replace=update or replace)
    folder = pages_folder(source)
    with _alone(folder, source.name):
        for done, total in _fetch_pages(source, folder, client, most):
            progress("fetch", done, max(total, done), "articles")
        check = ArticleCheck(source.name, ReadingPlan())
        rows = _unique(_cached_rows(folder, source.name))
        info = keep_stream(
            name, _articles(check, rows), origin=source.name, update=update, replace=replace
        )
        shutil.rmtree(folder, ignore_errors=True)
    return info, check.report()


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    """Raises FetchError while another process fetches the same pages, which it will remove."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise FetchError(
            f"{name} is being fetched with the same settings already. Wait until that has ended."
        ) from None
    try:
        yield
    finally:
        lock.release()


def pages_folder(source: Source) -> Path:
    """Where the pages of a source with these settings lie until they are kept."""
    digest = hashlib.sha256(repr(source).encode()).hexdigest()[:16]
    return home_folder() / "cache" / "fetch" / f"{type(source).__name__.lower()}-{digest}"


def _fetch_pages(
    source: Source, folder: Path, client: PoliteClient, most: int
) -> Iterator[tuple[int, int]]:
    """Rows so far and in all, after every page; pages that are there are passed over."""
    folder.mkdir(parents=True, exist_ok=True)
    cursor, done, number = source.first, 0, 0
    while cursor and (not most or done < most):
        number += 1
        path = folder / f"{number:06d}.json"
        page = _read_page(path, cursor)
        if page is None:
            page = source.fetch_page(cursor, client)
            value = {"cursor": cursor, "next": page.next, "total": page.total, "rows": page.rows}
            write_json(path, value)
        if page.next == cursor:
            raise FetchError(f"{source.name} names the same page as its own next one.")
        done += len(page.rows)
        cursor = page.next
        yield done, min(page.total, most) if most else page.total


def _read_page(path: Path, cursor: str) -> Page | None:
    """A cached page; None if it is not there, damaged, or of another place."""
    try:
        value = read_json(path)
        if value["cursor"] != cursor:
            return None
        return Page(tuple(value["rows"]), value["next"], value["total"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _cached_rows(folder: Path, name: str) -> Iterator[Row]:
    number = 0
    for path in sorted(folder.glob("[0-9]*.json")):
        for cells in json.loads(path.read_text(encoding="utf-8"))["rows"]:
            number += 1
            yield Row(number, cells, place=f"article {number}")


def _unique(rows: Iterator[Row]) -> Iterator[Row]:
    """Without what stands on two pages: sites shift while they are read."""
    seen: set[str] = set()
    for row in rows:
        key = str((row.cells or {}).get("id"))
        if key not in seen:
            seen.add(key)
            yield row


def _articles(check: ArticleCheck, rows: Iterator[Row]) -> Iterator[Article]:
    yield from check.articles_of(rows)
