"""Names for sets that are made of a set or a file, and where such a set came from."""

import re
from pathlib import Path

from core.articles.versions import PINNED, SAMPLE, current_number, sets_folder

_NUMBERED = re.compile(r"(.+)-v(\d+)")
# Of an article file; what stands before it is the file's name, dots and all.
_ENDING = re.compile(
    r"(\.(jsonl|ndjson|json|csv|tsv|xml|parquet|xlsx|sqlite3?|db|zip))?(\.gz)?$", re.IGNORECASE
)
_UNUSABLE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 52  # leaves room for the number


def source_key(source: str) -> str:
    """What tells a source from every other: a set's name, "NAME@2", or a file's whole path."""
    is_set = source == SAMPLE or PINNED.fullmatch(source) or current_number(source)
    return source if is_set else str(Path(source).resolve())


def free_name(source: str) -> str:
    """A name that no set has, for one made of the source: blog -> blog-v2; blog-v2 -> blog-v3."""
    base, number = base_and_number(source)
    while (sets_folder() / f"{base}-v{number}").exists():
        number += 1
    return f"{base}-v{number}"


def base_and_number(source: str) -> tuple[str, int]:
    """The name before "-v", and the lowest number behind it, of a set made of the source."""
    if pinned := PINNED.fullmatch(source):
        name = f"{pinned[1]}-{pinned[2]}"
    elif source == SAMPLE or current_number(source):
        name = source
    else:
        name = _UNUSABLE.sub("-", _ENDING.sub("", Path(source).name, count=1)).strip("-._")
        if name.split("-v")[0] == SAMPLE:  # what is named so is taken for the embedded sample
            name = f"file-{name}"
    base, number = name or "articles", 2
    if numbered := _NUMBERED.fullmatch(base):
        base, number = numbered[1], int(numbered[2][-9:]) + 1
    return base[:_LONGEST], number
