"""What is known of a data set without its articles: set.json, read and written only here."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock
from pydantic import TypeAdapter

from core.articles.store.files import damage_sentence
from core.base.errors import DataError
from core.base.files import read_json_object, why_unreadable, write_json
from core.base.home import home_folder

SAMPLE = "sample"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FIRST_FILE = "articles.jsonl"
_RECORD = "set.json"
# "blog@2": version 2 of a set.
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
        """The version that is read where nobody names one."""
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
    """The folder with one folder for each imported set."""
    return home_folder() / "sets"


def require_set(name: str) -> Path:
    """The folder of an imported set, damaged or not. Raises DataError if there is none."""
    folder = sets_folder() / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise DataError(f"There is no imported data set {name!r}.")
    return folder


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


def write_record(folder: Path, record: SetRecord) -> None:
    """Put set.json into a set's folder; it appears whole."""
    versions = [asdict(version) for version in record.versions]
    for version in versions:
        if not version["made_of"]:  # which an earlier Tagsmith does not know
            del version["made_of"]
    write_json(folder / _RECORD, asdict(record.info) | {"versions": versions})


def info_of(info: SetInfo, version: SetVersion) -> SetInfo:
    """The info of a set whose current version is this one, with the name and note of `info`."""
    return SetInfo(info.name, version.articles, version.fingerprint, info.note, version.version)


def lock_set(name: str) -> FileLock:
    """Held while a set is read, changed and kept again, so that no change is lost.

    Who holds it may take it again.
    """
    sets_folder().mkdir(parents=True, exist_ok=True)
    return FileLock(sets_folder() / f".{name}.lock", is_singleton=True)
