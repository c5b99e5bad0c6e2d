"""The versions of a data set: one numbered article file each, the current one named in set.json."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from core.base.errors import DataError
from core.base.files import read_json, write_json
from core.base.home import home_folder

SAMPLE = "sample"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FIRST_FILE = "articles.jsonl"
_RECORD = "set.json"
# What reading a missing or damaged set.json raises.
DAMAGED = (OSError, ValueError, TypeError, KeyError, StopIteration)
_PINNED = re.compile(rf"({NAME.pattern})@(\d{{1,9}})")


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
    """One version: its file, what it came from, when (ISO 8601, UTC), and its size in bytes.

    base: the version of this set that it was made from, 0 for none. changes: decisions on single
    tags that made it of that, oldest first. reading: the record of the plan by which its source
    was read; empty where it is not known.
    """

    version: int
    file: str
    articles: int
    fingerprint: str
    origin: str = ""
    created: str = ""
    bytes: int = 0
    base: int = 0
    changes: Sequence[Any] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SetRecord:
    """What set.json holds. versions: oldest first; at least the current one."""

    info: SetInfo
    versions: tuple[SetVersion, ...]

    @property
    def current(self) -> SetVersion:
        return next(v for v in self.versions if v.version == self.info.version)

    @property
    def changes(self) -> list[Any]:
        """Decisions on single tags that the current version holds, oldest first."""
        by_number = {version.version: version for version in self.versions}
        found: list[Any] = []
        version: SetVersion | None = self.current
        while version is not None:
            found[:0] = version.changes
            # Older than what was made of it, or a damaged record would go in circles.
            version = by_number.get(version.base) if version.base < version.version else None
        return found


def sets_folder() -> Path:
    return home_folder() / "sets"


def read_record(folder: Path) -> SetRecord:
    """Raises one of DAMAGED if set.json is missing or damaged."""
    values = read_json(folder / _RECORD)
    listed = [SetVersion(**version) for version in values.get("versions", ())]
    known = {name: values[name] for name in SetInfo.__dataclass_fields__ if name in values}
    info = SetInfo(**known | {"name": folder.name})
    if not listed:  # a set of before there were versions
        listed = [SetVersion(1, FIRST_FILE, info.articles, info.fingerprint)]
    if changes := values.get("changes"):  # a set of before each version had its own
        listed[-1] = replace(listed[-1], changes=changes)
    record = SetRecord(info, tuple(listed))
    if outside := [v.file for v in (record.current, *listed) if Path(v.file).name != v.file]:
        raise ValueError(outside[0])
    return record


def current_file(name: str) -> Path | None:
    """The article file of an imported set; None if there is no set of that name."""
    folder = sets_folder() / name
    if not NAME.fullmatch(name):
        return None
    try:
        path = folder / read_record(folder).current.file
    except DAMAGED:
        path = folder / FIRST_FILE
    return path if path.is_file() else None


def current_number(name: str) -> int:
    """Number of the current version; 0 for what is no imported set, or a damaged one."""
    try:
        return read_record(sets_folder() / name).info.version if NAME.fullmatch(name) else 0
    except DAMAGED:
        return 0


def current_reading(source: str) -> Mapping[str, Any]:
    """How the source of a set's current version was read; empty where that is not known."""
    if not NAME.fullmatch(source):
        return {}
    try:
        return read_record(sets_folder() / source).current.reading
    except DAMAGED:
        return {}


def pinned(source: str) -> str:
    """ "NAME@2" for a set whose version 2 is current: that version, whatever becomes of the set.

    A file or the sample is returned as it is.
    """
    return f"{source}@{number}" if (number := current_number(source)) else source


def pinned_file(source: str) -> Path | None:
    """The article file of "NAME@2"; None for a source of another form.

    Raises DataError if there is no such set or version.
    """
    if not (parts := _PINNED.fullmatch(source)):
        return None
    name, number = parts[1], int(parts[2])
    return sets_folder() / name / _version_numbered(versions_of(name), name, number).file


def read_version(name: str) -> Iterator[bytes]:
    """Lines of the current version; none for a set that is not there yet."""
    path = current_file(name)
    if path is not None:
        with path.open("rb") as file:
            yield from file


def use_version(name: str, version: int) -> SetInfo:
    """Make a version the current one. Raises DataError if there is none."""
    folder = _folder_of(name)
    with lock_set(name):
        record = read_record(folder)
        info = info_of(record.info, _version_numbered(record.versions, name, version))
        write_record(folder, replace(record, info=info))
    return info


def drop_current(name: str) -> SetInfo:
    """Remove the current version; the one that it was made from is current again."""
    folder = _folder_of(name)
    with lock_set(name):
        record = read_record(folder)
        gone = record.current
        left = tuple(version for version in record.versions if version is not gone)
        info = info_of(record.info, _version_numbered(left, name, gone.base))
        write_record(folder, SetRecord(info, left))
        (folder / gone.file).unlink(missing_ok=True)
    return info


def _version_numbered(versions: Sequence[SetVersion], name: str, number: int) -> SetVersion:
    chosen = next((version for version in versions if version.version == number), None)
    if chosen is None or not (sets_folder() / name / chosen.file).is_file():
        known = ", ".join(str(version.version) for version in versions)
        raise DataError(f"{name} has no version {number}. It has: {known}.")
    return chosen


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
    except DAMAGED:
        raise DataError(f"The data set {name!r} is damaged: import it again.") from None


def require_free(name: str, *, replace: bool = False) -> None:
    """Raises DataError for a name that no data set can have, or has already unless `replace`."""
    if name == SAMPLE or not NAME.fullmatch(name):
        raise DataError(f"A data set cannot be named {name!r}. Use letters, digits, . _ and -.")
    if not replace and (sets_folder() / name).exists():
        raise name_taken(name)


def name_taken(name: str) -> DataError:
    return DataError(f"There is a data set {name!r} already. Choose another name or replace it.")


def info_of(info: SetInfo, version: SetVersion) -> SetInfo:
    return SetInfo(info.name, version.articles, version.fingerprint, info.note, version.version)


def is_readable(folder: Path) -> bool:
    try:
        read_record(folder)
    except DAMAGED:
        return False
    return True


def _folder_of(name: str) -> Path:
    folder = sets_folder() / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise DataError(f"There is no imported data set {name!r}.")
    return folder


def write_record(folder: Path, record: SetRecord) -> None:
    versions = [asdict(version) for version in record.versions]
    write_json(folder / _RECORD, asdict(record.info) | {"versions": versions})


def lock_set(name: str, purpose: str = "") -> FileLock:
    return FileLock(sets_folder() / f".{name}{purpose}.lock")


def changing(name: str) -> FileLock:
    """Held while a set is read, changed and kept again, so that no change is lost."""
    sets_folder().mkdir(parents=True, exist_ok=True)
    return lock_set(name, ".changing")
