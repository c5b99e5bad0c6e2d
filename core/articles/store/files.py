"""The article files of a data set: whether each is as it was kept, and which can be opened."""

import hashlib
import json
import re
from pathlib import Path

from core.base.files import why_unreadable

# Of a file that is not the set's first, the name holds the beginning of its sha256.
_NAMED = re.compile(r"articles-\d+-([0-9a-f]{12})\.jsonl")
_PIECE = 1 << 20
_MOST_REMEMBERED = 1000
# What was read whole and found right, so that a process reads each file for this only once.
_found_right: set[tuple[object, ...]] = set()


def problem_of(path: Path, *, sha256: str, articles: int) -> str:
    """What is wrong with an article file, in a few words; "" if it is as it was kept.

    Costs one reading of the file in each process, about 4 ms a megabyte.
    """
    try:
        facts = path.stat()
        key = (path, facts.st_size, facts.st_mtime_ns, facts.st_ino, sha256, articles)
        if key in _found_right:
            return ""
        found_sha256, lines = _read_whole(path)
    except OSError as error:
        return why_unreadable(error)
    if lines != articles:
        return f"it holds {lines:,} articles instead of {articles:,}"
    if found_sha256 != sha256:
        return "it has changed since it was kept"
    if len(_found_right) >= _MOST_REMEMBERED:
        _found_right.clear()
    _found_right.add(key)
    return ""


def damage_sentence(folder: Path, record: str, why: str) -> str:
    """What to tell a user of a set whose record cannot be read, and of the files beside it."""
    left = openable_files(folder)
    advice = (
        f"What can still be opened there is {', '.join(left)}: import such a file under another "
        "name, then delete this set."
        if left
        else "No article file there can be opened: put a copy of it back, or delete the set."
    )
    return (
        f"The data set {folder.name!r} is damaged, so nothing is read from it or written to it: "
        f"sets/{folder.name}/{record} cannot be read ({why}). {advice}"
    )


def openable_files(folder: Path) -> list[str]:
    """Names of the article files in a set's folder that hold articles, whatever its record says."""
    return [path.name for path in sorted(folder.glob("articles*.jsonl")) if _can_be_opened(path)]


def _can_be_opened(path: Path) -> bool:
    try:
        sha256, lines = _read_whole(path)
        with path.open("rb") as file:
            first = json.loads(file.readline())
    except (OSError, ValueError, RecursionError):
        return False
    named = _NAMED.fullmatch(path.name)
    return lines > 0 and isinstance(first, dict) and (not named or sha256.startswith(named[1]))


def _read_whole(path: Path) -> tuple[str, int]:
    """The sha256 of a file and how many lines it has."""
    digest, lines, last = hashlib.sha256(), 0, b"\n"
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            lines += piece.count(b"\n")
            last = piece[-1:]
    return digest.hexdigest(), lines + (last != b"\n")
