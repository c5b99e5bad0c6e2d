"""A new version of a data set: written aside, then joined to the set in one step."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from core.articles.article import Article
from core.articles.languages.language import with_language
from core.articles.store.record import (
    FIRST_FILE,
    SetInfo,
    SetRecord,
    SetVersion,
    info_of,
    lock_set,
    read_record,
    sets_folder,
    write_record,
)
from core.articles.store.versions import name_taken


@dataclass
class VersionWriter:
    """Takes the articles of a new version. info: of the set, once the version is kept.

    base, changes, reading, made_of: as SetVersion has them.
    """

    folder: Path
    _file: BinaryIO
    base: int = 0
    changes: Sequence[Any] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    made_of: str = ""
    articles: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)
    info: SetInfo = field(default_factory=lambda: SetInfo("", 0, ""))

    def write(self, article: Article) -> None:
        """Add an article, its language detected where it has none."""
        self.write_line(line_of(article, self.reading))

    def write_line(self, line: bytes) -> None:
        """Add an article as it stands in an article file."""
        self._file.write(line)
        self._digest.update(line)
        self.articles += 1

    @contextmanager
    def scratch(self) -> Iterator[BinaryIO]:
        """A file to write to and read from, which vanishes with the workshop."""
        with (self.folder / "scratch").open("w+b") as file:
            yield file

    @property
    def fingerprint(self) -> str:
        """The sha256 of what was written so far."""
        return str(self._digest.hexdigest())


def line_of(article: Article, reading: Mapping[str, Any] | None = None) -> bytes:
    """The article as it stands in an article file. reading: of the plan by which it was read."""
    usual = (reading or {}).get("languages", ())
    return with_language(article, usual).model_dump_json(exclude_defaults=True).encode() + b"\n"


def fingerprint_of(articles: Iterable[Article]) -> str:
    """The fingerprint of a version that holds these articles."""
    digest = hashlib.sha256()
    for article in articles:
        digest.update(line_of(article))
    return digest.hexdigest()


@contextmanager
def new_version(
    name: str,
    *,
    origin: str,
    note: str = "",
    may_exist: bool = False,
    keep_old: bool = True,
    over: int = 0,
) -> Iterator[VersionWriter]:
    """A version that joins the set at the end, or vanishes on any error.

    over: the version whose place and number it takes; 0 for a new number. Raises DataError if
    there is a set of that name by then, unless `may_exist`, or if its record is damaged.
    """
    sets_folder().mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".partial-", dir=sets_folder()))
    try:
        with (workshop / FIRST_FILE).open("wb") as file:
            writer = VersionWriter(workshop, file)
            yield writer
        with lock_set(name):
            if (sets_folder() / name).exists() and not may_exist:
                raise name_taken(name)
            _keep(name, writer, origin, note, keep_old=keep_old, over=over)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _keep(
    name: str, writer: VersionWriter, origin: str, note: str, *, keep_old: bool, over: int
) -> None:
    folder = sets_folder() / name
    old = read_record(folder).versions if folder.exists() else ()
    kept = tuple(version for version in old if version.version != over) if keep_old else ()
    number = over or max((version.version for version in kept), default=0) + 1
    made = writer.folder / FIRST_FILE
    version = SetVersion(
        number,
        # A name that no version has, so that set.json leads to the old file or to the new one.
        f"articles-{number}-{writer.fingerprint[:12]}.jsonl" if old else FIRST_FILE,
        writer.articles,
        writer.fingerprint,
        origin,
        datetime.now(UTC).isoformat(timespec="seconds"),
        made.stat().st_size,
        writer.base,
        writer.changes,
        writer.reading,
        writer.made_of,
    )
    writer.info = info_of(SetInfo(name, 0, "", note), version)
    versions = sorted((*kept, version), key=lambda one: one.version)
    record = SetRecord(writer.info, tuple(versions))
    if old:
        made.rename(folder / version.file)
        write_record(folder, record)
        for gone in {v.file for v in old} - {v.file for v in record.versions}:
            (folder / gone).unlink(missing_ok=True)
        return
    whole = writer.folder / "made"
    whole.mkdir()
    made.rename(whole / version.file)
    write_record(whole, record)
    whole.rename(folder)
