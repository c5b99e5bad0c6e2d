"""Where a set came from: its source, how that was read, and names for sets made of another."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.articles.store.record import PINNED, SAMPLE, read_record, sets_folder
from core.articles.store.versions import current_number

_NUMBERED = re.compile(r"(.+)-v(\d+)")
# Of an article file; what stands before it is the file's name, dots and all.
_ENDING = re.compile(
    r"(\.(jsonl|ndjson|json|csv|tsv|xml|parquet|xlsx|sqlite3?|db|zip))?(\.gz)?$", re.IGNORECASE
)
_UNUSABLE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 52  # leaves room for the number


def source_key(source: str) -> str:
    """Identify a source: by a set's name, "NAME@2" (version 2 of it), or a file's full path."""
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


def reading_of(source: str) -> Mapping[str, Any]:
    """How the source of a set, or of "NAME@2", was read; empty where that is not known.

    Raises DataError if the set's record is damaged.
    """
    parts = PINNED.fullmatch(source)
    name = parts[1] if parts else source
    if not current_number(name):
        return {}
    record = read_record(sets_folder() / name)
    number = int(parts[2]) if parts else record.info.version
    return next((v.reading for v in record.versions if v.version == number), {})
