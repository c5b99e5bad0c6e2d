"""Fetch a source page by page, so that an interrupted fetch goes on where it stopped."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from filelock import FileLock, Timeout

from core.articles.check import ArticleCheck, CheckReport
from core.articles.formats.row import Row
from core.articles.importing import keep_stream
from core.articles.mapping import ReadingPlan
from core.articles.sources.polite import PoliteClient
from core.articles.store.record import SetInfo
from core.articles.store.versions import require_free
from core.base.errors import DataError, FetchError
from core.base.files import read_json, write_json
from core.base.home import home_folder
from core.base.progress import Progress, no_progress

# So many pages without an article in sequence are a fault of the site, which may have no end.
_MOST_EMPTY = 20


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursor of the next one; "" after the last.

    total: articles in all, as the site says; 0 if it does not.
    """

    rows: tuple[Mapping[str, Any], ...]
    next: str
    total: int = 0


class Source(Protocol):
    """A site's articles in pages: a frozen dataclass, whose fields are its settings.

    Equal fields give equal pages. Fields that the command line and the page can set: tag, site,
    address, key, fulltext, keep_code, and fulltext_of (the text behind an address).
    label: what the page calls the site.
    """

    label: ClassVar[str]

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def first(self) -> str:
        """Cursor of the first page."""

    def fetch_page(self, cursor: str, client: PoliteClient) -> Page:
        """The page at this cursor. Raises FetchError for an answer of another form."""


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
    Raises FetchError if the site fails, DataError if the name is impossible or taken, or if there
    is no article; pages without any are not kept, so that the next fetch asks for them again.
    """
    require_free(name, replace=update or replace)
    folder = pages_folder(source)
    with _alone(folder, source.name):
        pages = []
        for path, done, total in _fetch_pages(source, folder, client, most):
            pages.append(path)
            progress("fetch", done, max(total, done), "articles")
        check = ArticleCheck(source.name, ReadingPlan())
        articles = check.articles_of(_unique(_cached_rows(pages)))
        try:
            info = keep_stream(name, articles, origin=source.name, update=update, replace=replace)
        except DataError:
            report = check.report()
            if not report.articles:
                shutil.rmtree(folder, ignore_errors=True)
            if not report.rows:
                raise DataError(
                    f"{source.name}: the site has no such article. Check the tag and the address."
                ) from None
            raise
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
) -> Iterator[tuple[Path, int, int]]:
    """Each page's file, and rows so far and in all; pages that are there are passed over."""
    folder.mkdir(parents=True, exist_ok=True)
    cursor, done, number, empty = source.first, 0, 0, 0
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
        empty = 0 if page.rows else empty + 1
        if empty > _MOST_EMPTY:
            raise FetchError(
                f"{source.name} sends one empty page after another. Start again later."
            )
        done += len(page.rows)
        cursor = page.next
        yield path, done, min(page.total, most) if most else page.total


def _read_page(path: Path, cursor: str) -> Page | None:
    """A cached page; None if it is not there, damaged, of another place, or the end without rows.

    At such an end there may be more by now.
    """
    try:
        value = read_json(path)
        if value["cursor"] != cursor or not (value["rows"] or value["next"]):
            return None
        return Page(tuple(value["rows"]), value["next"], value["total"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _cached_rows(pages: Sequence[Path]) -> Iterator[Row]:
    number = 0
    for path in pages:
        for cells in read_json(path)["rows"]:
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
