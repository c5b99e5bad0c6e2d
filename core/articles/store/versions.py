"""The versions of a data set: one numbered article file each, the current one named in set.json."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock
from pydantic import TypeAdapter

from core.articles.store.files import damage_sentence, problem_of
from core.base.errors import DataError
from core.base.files import read_json_object, why_unreadable, write_json
from core.base.home import home_folder

SAMPLE = "sample"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FIRST_FILE = "articles.jsonl"
_RECORD = "set.json"
PINNED = re.compile(rf"({NAME.pattern})@(\d{{1,9}})")


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
    was read; empty where it is not known. made_of: where the articles were taken from that the
    changes were made to, "" unless that is no version of this set.
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
    made_of: str = ""


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


_INFO = TypeAdapter(SetInfo)
_VERSIONS, _CHANGES = TypeAdapter(list[SetVersion]), TypeAdapter(list[Any])


def sets_folder() -> Path:
    return home_folder() / "sets"


def read_record(folder: Path) -> SetRecord:
    """What set.json of a set's folder says.

    Raises DataError if it is missing or damaged, naming it and the article files that can still
    be opened.
    """
    try:
        return _record_of(folder.name, read_json_object(folder / _RECORD))
    except (OSError, ValueError) as error:
        raise DataError(damage_sentence(folder, _RECORD, why_unreadable(error))) from None


def _record_of(name: str, values: dict[str, Any]) -> SetRecord:
    """Raises ValueError for values that no set.json has."""
    info = _INFO.validate_json(json.dumps(values | {"name": name}), strict=True)
    listed = _VERSIONS.validate_json(json.dumps(values.get("versions", [])), strict=True)
    if not listed:  # a set of before there were versions
        listed = [SetVersion(1, FIRST_FILE, info.articles, info.fingerprint)]
    if changes := _CHANGES.validate_python(values.get("changes", [])):  # before versions had them
        listed[-1] = replace(listed[-1], changes=changes)
    if outside := [version.file for version in listed if Path(version.file).name != version.file]:
        raise ValueError(f"it names {outside[0]!r}, which is no file of this set")
    numbers = [version.version for version in listed]
    if len(set(numbers)) < len(numbers) or info.version not in numbers:
        raise ValueError(f"it names version {info.version} of {numbers}")
    return SetRecord(info, tuple(listed))


def current_file(name: str) -> Path | None:
    """The article file of an imported set, as it was kept; None if there is no set of that name.

    Raises DataError if the set's record or this file is damaged.
    """
    if current_number(name) == 0:
        return None
    current = read_record(sets_folder() / name).current
    if not (sets_folder() / name / current.file).exists():  # somebody kept another one just now
        current = read_record(sets_folder() / name).current
    return whole_file(name, current)


def whole_file(name: str, version: SetVersion) -> Path:
    """The article file of a version. Raises DataError if it is not as it was kept."""
    folder = sets_folder() / name
    if not (problem := problem_in(folder, version)):
        return folder / version.file
    good = [v.version for v in read_record(folder).versions if not problem_in(folder, v)]
    advice = (
        f"Version {good[-1]} can be used: python -m core data versions {name} --use {good[-1]}."
        if good
        else "Put a copy of the file back, or import the articles again."
    )
    raise DataError(
        f"Version {version.version} of data set {name!r} is damaged: sets/{name}/{version.file} "
        f"cannot be used ({problem}). {advice}"
    )


def problem_in(folder: Path, version: SetVersion) -> str:
    """What is wrong with the article file of a version, in a few words; "" for nothing."""
    return problem_of(folder / version.file, sha256=version.fingerprint, articles=version.articles)


def current_number(name: str) -> int:
    """Number of the current version; 0 for what is no imported set.

    Raises DataError if the set's record is damaged.
    """
    folder = sets_folder() / name
    return read_record(folder).info.version if NAME.fullmatch(name) and folder.is_dir() else 0


def pinned(source: str) -> str:
    """ "NAME@2" for a set whose version 2 is current: that version, whatever becomes of the set.

    A file or the sample is returned as it is.
    """
    return f"{source}@{number}" if (number := current_number(source)) else source


def pinned_file(source: str) -> Path | None:
    """The article file of "NAME@2"; None for a source of another form.

    Raises DataError if there is no such set or version.
    """
    if not (parts := PINNED.fullmatch(source)):
        return None
    name, number = parts[1], int(parts[2])
    return whole_file(name, _version_numbered(versions_of(name), name, number))


def read_version(name: str) -> Iterator[bytes]:
    """Lines of the current version; none for a set that is not there yet."""
    if (path := current_file(name)) is not None:
        with path.open("rb") as file:
            yield from file


def use_version(name: str, version: int) -> SetInfo:
    """Make a version the current one. Raises DataError if there is none, or it is damaged."""
    folder = require_set(name)
    with lock_set(name):
        record = read_record(folder)
        chosen = _version_numbered(record.versions, name, version)
        whole_file(name, chosen)
        info = info_of(record.info, chosen)
        write_record(folder, replace(record, info=info))
    return info


def drop_current(name: str) -> SetInfo:
    """Remove the current version; the one that it was made from is current again.

    Raises DataError, and removes nothing, if that one is gone or damaged.
    """
    folder = require_set(name)
    with lock_set(name):
        record = read_record(folder)
        gone = record.current
        left = tuple(version for version in record.versions if version is not gone)
        base = _version_numbered(left, name, gone.base)
        whole_file(name, base)
        info = info_of(record.info, base)
        write_record(folder, SetRecord(info, left))
        (folder / gone.file).unlink(missing_ok=True)
    return info


def _version_numbered(versions: Sequence[SetVersion], name: str, number: int) -> SetVersion:
    chosen = next((version for version in versions if version.version == number), None)
    if chosen is None:
        known = ", ".join(str(version.version) for version in versions)
        raise DataError(f"{name} has no version {number}. It has: {known}.")
    return chosen


def rename_set(old: str, new: str) -> None:
    """Raises DataError if there is no such set, or the new name is impossible or taken."""
    require_free(new)
    folder = require_set(old)
    first, second = sorted((old, new))
    with lock_set(first), lock_set(second):
        require_free(new)
        folder.rename(sets_folder() / new)


def delete_set(name: str) -> None:
    """Remove an imported set, all versions, damaged or not. Raises DataError if there is none."""
    folder = require_set(name)
    workshop = Path(tempfile.mkdtemp(prefix=".partial-", dir=sets_folder()))
    # Renamed first, so that a set that is half deleted is never listed.
    with lock_set(name):
        folder.rename(workshop / "gone")
    shutil.rmtree(workshop, ignore_errors=True)


def versions_of(name: str) -> tuple[SetVersion, ...]:
    """Oldest first. Raises DataError if there is no imported set of that name, or it is damaged."""
    return read_record(require_set(name)).versions


def require_free(name: str, *, replace: bool = False) -> None:
    """Raises DataError for a name that no data set can have, or has already unless `replace`.

    A set whose record is damaged is not replaced either.
    """
    if name == SAMPLE or not NAME.fullmatch(name):
        raise DataError(f"A data set cannot be named {name!r}. Use letters, digits, . _ and -.")
    if (sets_folder() / name).exists():
        if not replace:
            raise name_taken(name)
        read_record(sets_folder() / name)


def name_taken(name: str) -> DataError:
    return DataError(f"There is a data set {name!r} already. Choose another name or replace it.")


def info_of(info: SetInfo, version: SetVersion) -> SetInfo:
    return SetInfo(info.name, version.articles, version.fingerprint, info.note, version.version)


def require_set(name: str) -> Path:
    """The folder of an imported set, damaged or not. Raises DataError if there is none."""
    folder = sets_folder() / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise DataError(f"There is no imported data set {name!r}.")
    return folder


def write_record(folder: Path, record: SetRecord) -> None:
    versions = [asdict(version) for version in record.versions]
    for version in versions:
        if not version["made_of"]:  # which an earlier Tagsmith does not know
            del version["made_of"]
    write_json(folder / _RECORD, asdict(record.info) | {"versions": versions})


def lock_set(name: str) -> FileLock:
    """Held while a set is read, changed and kept again, so that no change is lost.

    Who holds it may take it again.
    """
    sets_folder().mkdir(parents=True, exist_ok=True)
    return FileLock(sets_folder() / f".{name}.lock", is_singleton=True)
