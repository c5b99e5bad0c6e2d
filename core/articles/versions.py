"""The versions of a data set: one numbered article file each, the current one named in set.json."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock

from core.articles.article import Article
from core.articles.language import with_language
from core.base.errors import DataError
from core.base.files import read_json, write_json
from core.base.home import home_folder

SAMPLE = "sample"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FIRST_FILE = "articles.jsonl"
_RECORD = "set.json"


@dataclass(frozen=True)
class SetInfo:
    """What is known of a named set without reading its articles.

    fingerprint: sha256 of its article file, so a changed set never looks like the old one.
    """

    name: str
    articles: int
    fingerprint: str
    note: str = ""
    version: int = 1


@dataclass(frozen=True)
class SetVersion:
    """One version: its file, what it came from, when (ISO 8601, UTC), and its size in bytes."""

    version: int
    file: str
    articles: int
    fingerprint: str
    origin: str = ""
    created: str = ""
    bytes: int = 0


@dataclass(frozen=True)
class SetRecord:
    """What set.json holds. versions: oldest first; at least the current one.

    changes: decisions on single tags that made this version of another set, oldest first.
    """

    info: SetInfo
    versions: tuple[SetVersion, ...]
    changes: Sequence[Any] = ()

    @property
    def current(self) -> SetVersion:
        return next(v for v in self.versions if v.version == self.info.version)


def sets_folder() -> Path:
    return home_folder() / "sets"


def read_record(folder: Path) -> SetRecord:
    """Raises OSError, ValueError, TypeError or StopIteration if set.json is missing or damaged."""
    values = read_json(folder / _RECORD)
    listed = [SetVersion(**version) for version in values.get("versions", ())]
    known = {name: values[name] for name in SetInfo.__dataclass_fields__ if name in values}
    info = SetInfo(**known | {"name": folder.name})
    if not listed:  # a set of before there were versions
        listed = [SetVersion(1, _FIRST_FILE, info.articles, info.fingerprint)]
    record = SetRecord(info, tuple(listed), values.get("changes", ()))
    if Path(record.current.file).name != record.current.file:
        raise ValueError(record.current.file)
    return record


def current_file(name: str) -> Path | None:
    """The article file of an imported set; None if there is no set of that name."""
    folder = sets_folder() / name
    if not NAME.fullmatch(name):
        return None
    try:
        path = folder / read_record(folder).current.file
    except (OSError, ValueError, TypeError, KeyError, StopIteration):
        path = folder / _FIRST_FILE
    return path if path.is_file() else None


def read_version(name: str) -> Iterator[bytes]:
    """Lines of the current version; none for a set that is not there yet."""
    path = current_file(name)
    if path is not None:
        with path.open("rb") as file:
            yield from file


def use_version(name: str, version: int) -> SetInfo:
    """Make a version the current one. Raises DataError if there is none."""
    folder = _folder_of(name)
    with _lock(name):
        record = read_record(folder)
        chosen = next((v for v in record.versions if v.version == version), None)
        if chosen is None or not (folder / chosen.file).is_file():
            known = ", ".join(str(v.version) for v in record.versions)
            raise DataError(f"{name} has no version {version}. It has: {known}.")
        info = _info_of(record.info, chosen)
        _write_record(folder, replace(record, info=info))
    return info


def rename_set(old: str, new: str) -> None:
    """Raises DataError if there is no such set, or the new name is impossible or taken."""
    folder = _folder_of(old)
    require_free(new)
    folder.rename(sets_folder() / new)


def delete_set(name: str) -> None:
    """Remove an imported set, all versions. Raises DataError if there is none of that name."""
    folder = _folder_of(name)
    workshop = Path(tempfile.mkdtemp(prefix=".partial-", dir=sets_folder()))
    # Renamed first, so that a set that is half deleted is never listed.
    folder.rename(workshop / "gone")
    shutil.rmtree(workshop, ignore_errors=True)


def versions_of(name: str) -> tuple[SetVersion, ...]:
    """Oldest first. Raises DataError if there is no imported set of that name."""
    try:
        return read_record(_folder_of(name)).versions
    except (OSError, ValueError, TypeError, KeyError, StopIteration):
        raise DataError(f"The data set {name!r} is damaged: import it again.") from None


@dataclass
class VersionWriter:
    """Takes the articles of a new version. info: of the set, once the version is kept."""

    folder: Path
    _file: BinaryIO
    changes: Sequence[Any] = ()
    articles: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)
    info: SetInfo = SetInfo("", 0, "")

    def write(self, article: Article) -> None:
        article = with_language(article)
        self.write_line(article.model_dump_json(exclude_defaults=True).encode() + b"\n")

    def write_line(self, line: bytes) -> None:
        self._file.write(line)
        self._digest.update(line)
        self.articles += 1

    @contextmanager
    def scratch(self) -> Iterator[BinaryIO]:
        with (self.folder / "scratch").open("w+b") as file:
            yield file

    @property
    def fingerprint(self) -> str:
        return str(self._digest.hexdigest())


@contextmanager
def new_version(
    name: str, *, origin: str, note: str = "", may_exist: bool = False, keep_old: bool = True
) -> Iterator[VersionWriter]:
    """A version that joins the set at the end, or vanishes on any error.

    Raises DataError if there is a set of that name by then, unless `may_exist`.
    """
    sets_folder().mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".partial-", dir=sets_folder()))
    try:
        with (workshop / _FIRST_FILE).open("wb") as file:
            writer = VersionWriter(workshop, file)
            yield writer
        with _lock(name):
            _keep(name, writer, origin, note, may_exist=may_exist, keep_old=keep_old)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _keep(
    name: str, writer: VersionWriter, origin: str, note: str, *, may_exist: bool, keep_old: bool
) -> None:
    folder = sets_folder() / name
    if folder.exists() and not may_exist:
        raise _taken(name)
    old = versions_of(name) if folder.exists() and _is_readable(folder) else ()
    kept = old if keep_old else ()
    number = max((version.version for version in kept), default=0) + 1
    made = writer.folder / _FIRST_FILE
    version = SetVersion(
        number,
        # A name that no version has, so that set.json leads to the old file or to the new one.
        f"articles-{number}-{writer.fingerprint[:12]}.jsonl" if old else _FIRST_FILE,
        writer.articles,
        writer.fingerprint,
        origin,
        datetime.now(UTC).isoformat(timespec="seconds"),
        made.stat().st_size,
    )
    writer.info = _info_of(SetInfo(name, 0, "", note), version)
    record = SetRecord(writer.info, (*kept, version), writer.changes)
    if old:
        made.rename(folder / version.file)
        _write_record(folder, record)
        for gone in {v.file for v in old} - {v.file for v in record.versions}:
            (folder / gone).unlink(missing_ok=True)
        return
    whole = writer.folder / "made"
    whole.mkdir()
    made.rename(whole / version.file)
    _write_record(whole, record)
    if folder.exists():  # damaged
        folder.rename(writer.folder / "old")
    whole.rename(folder)


def require_free(name: str, *, replace: bool = False) -> None:
    """Raises DataError for a name that no data set can have, or has already unless `replace`."""
    if name == SAMPLE or not NAME.fullmatch(name):
        raise DataError(f"A data set cannot be named {name!r}. Use letters, digits, . _ and -.")
    if not replace and (sets_folder() / name).exists():
        raise _taken(name)


def _taken(name: str) -> DataError:
    return DataError(f"There is a data set {name!r} already. Choose another name or replace it.")


def _info_of(info: SetInfo, version: SetVersion) -> SetInfo:
    return SetInfo(info.name, version.articles, version.fingerprint, info.note, version.version)


def _is_readable(folder: Path) -> bool:
    try:
        read_record(folder)
    except (OSError, ValueError, TypeError, KeyError, StopIteration):
        return False
    return True


def _folder_of(name: str) -> Path:
    folder = sets_folder() / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise DataError(f"There is no imported data set {name!r}.")
    return folder


def _write_record(folder: Path, record: SetRecord) -> None:
    versions = [asdict(version) for version in record.versions]
    more = {"versions": versions, "changes": list(record.changes)}
    write_json(folder / _RECORD, asdict(record.info) | more)


def _lock(name: str, purpose: str = "") -> FileLock:
    return FileLock(sets_folder() / f".{name}{purpose}.lock")


def changing(name: str) -> FileLock:
    """Held while a set is read, changed and kept again, so that no change is lost."""
    sets_folder().mkdir(parents=True, exist_ok=True)
    return _lock(name, ".changing")
