"""The versions of a data set: one numbered article file each, the current one named in set.json."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from core.articles.store.files import problem_of
from core.articles.store.record import (
    NAME,
    PINNED,
    SAMPLE,
    SetInfo,
    SetRecord,
    SetVersion,
    info_of,
    lock_set,
    read_record,
    require_set,
    sets_folder,
    write_record,
)
from core.base.errors import DataError


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
    """The error for a name that a set has already."""
    return DataError(f"There is a data set {name!r} already. Choose another name or replace it.")
