"""Bytes of an article file, unpacked within limits: gzip as a stream, zip as one checked member."""

import gzip
import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from core.base.errors import DataError

# Text packs to a tenth, at best a fiftieth; what unpacks beyond this is made to fill a disk.
MOST_RATIO = 200
# Below so many bytes the ratio does not matter.
HARMLESS_BYTES = 100 * 1024 * 1024
MOST_MEMBERS = 100_000


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unpacked if its name ends in .gz. Reading raises DataError for a bomb."""
    if not path.name.lower().endswith(".gz"):
        return path.open("rb")
    return cast(BinaryIO, io.BufferedReader(_BoundedGzip(path), 1 << 16))


class _BoundedGzip(io.RawIOBase):
    """Unpacks as it is read, and stops where the file has become too large for what it was."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._most = max(path.stat().st_size * MOST_RATIO, HARMLESS_BYTES)
        self._file = gzip.GzipFile(path)
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._read += len(data)
        if self._read > self._most:
            raise DataError(
                f"{self._name} unpacks to more than {MOST_RATIO} times its size, as only a "
                "malicious file does. Unpack it yourself if you trust it."
            )
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def members_of(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """The files of an archive, without folders and hidden ones.

    Raises DataError for a name that leads outside, a password, too many files or a bomb.
    """
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise DataError(
            f"{name} holds {len(infos):,} files; {MOST_MEMBERS:,} are read. Pack fewer."
        )
    for info in infos:
        _require_inside(info.filename, name)
        if info.flag_bits & 1:
            raise DataError(f"{name} is locked with a password. Unpack it, then import the file.")
    unpacked, packed = (
        sum(info.file_size for info in infos),
        sum(info.compress_size for info in infos),
    )
    if unpacked > max(packed * MOST_RATIO, HARMLESS_BYTES):
        raise DataError(
            f"{name} would unpack to {unpacked / 1e9:.1f} GB, more than {MOST_RATIO} times its "
            "size, as only a malicious file does. Unpack it yourself if you trust it."
        )
    return [info for info in infos if not info.is_dir() and not _is_hidden(info.filename)]


def _require_inside(member: str, name: str) -> None:
    parts = PurePosixPath(member.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or (parts.parts and ":" in parts.parts[0]):
        raise DataError(
            f"{name} holds a file named {member[:80]!r}, which leads outside the archive. "
            "Do not trust it; pack it anew."
        )


def _is_hidden(member: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(member).parts)


@contextmanager
def open_archive(path: Path) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """A zip file and its checked members. Raises DataError if it is damaged or a trap."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, members_of(archive, path.name)
    except (zipfile.BadZipFile, NotImplementedError, EOFError):
        raise DataError(f"{path.name} is damaged or not a zip file. Pack it again.") from None


@contextmanager
def unpacked_member(
    path: Path, endings: Sequence[str], *, passed_over: Callable[[str], bool]
) -> Iterator[Path | None]:
    """The one article file in a zip, unpacked into a temporary folder; None if there is none.

    passed_over: whether a member of such a name is none, such as a site's package.json. Raises
    DataError if there are several.
    """
    with open_archive(path) as (archive, members), tempfile.TemporaryDirectory() as folder:
        found = [
            info
            for info in members
            if info.filename.lower().endswith(tuple(endings)) and not passed_over(info.filename)
        ]
        if len(found) > 1:
            shown = ", ".join(PurePosixPath(info.filename).name for info in found[:3])
            raise DataError(
                f"{path.name} holds {len(found):,} article files ({shown} ...). "
                "Import them one at a time."
            )
        if not found:
            yield None
            return
        target = Path(folder) / PurePosixPath(found[0].filename).name[-100:]
        with archive.open(found[0]) as packed, target.open("wb") as out:
            shutil.copyfileobj(packed, out, 1 << 20)
        yield target
