"""Tags of a data set changed one by one, in a new version with its history; the last can go back.

An imported set gets the new version itself. The sample, a file, an earlier version (NAME@1) and a
set that was made so of one of them have none: their changes go to a set of their own, NAME-v2, or
the next number that no set has. What was there stays, so that what was learnt from it can still be
explained.
"""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.articles.article import Article
from core.articles.store.names import base_and_number, free_name, source_key
from core.articles.store.record import (
    SetInfo,
    SetRecord,
    SetVersion,
    lock_set,
    read_record,
    sets_folder,
)
from core.articles.store.sets import keep_articles, read_sources, source_fingerprint
from core.articles.store.versions import current_number, drop_current
from core.articles.store.writer import fingerprint_of, new_version
from core.base.errors import DataError
from core.base.files import why_unreadable


class Change(BaseModel):
    """One tag of one article. when: ISO 8601, UTC. kept: looked at and found right."""

    model_config = ConfigDict(frozen=True)

    when: str
    article: str
    tag: str
    change: Literal["added", "removed", "kept"]


def changed_set(source: str, *, learnt: Collection[str] = ()) -> str:
    """Name of the data set that takes the changes to a set or file: blog -> blog; sample ->
    sample-v2 -> sample-v3.

    learnt: as decide has it. Raises DataError if a set is damaged that may be the one.
    """
    if _takes_changes(source):
        return source
    made = _made_sets(source)
    if made and _is_open(made[-1], learnt):
        return made[-1].info.name
    return free_name(source)


def _takes_changes(source: str) -> bool:
    """Whether the source is a set that gets new versions itself."""
    if not current_number(source):
        return False
    versions = read_record(sets_folder() / source).versions
    return not any(v.made_of or (v.changes and not v.base) for v in versions)


def _is_open(made: SetRecord, learnt: Collection[str]) -> bool:
    """Whether a set made of a source may be made anew: nobody has put or learnt anything since."""
    return len(made.versions) == 1 and f"{made.info.name}@{made.info.version}" not in learnt


def _made_sets(source: str) -> list[SetRecord]:
    """The sets that were made of the source by changes, oldest first.

    Raises DataError if one that may be of them is damaged.
    """
    key, (base, _) = source_key(source), base_and_number(source)
    numbered = re.compile(rf"{re.escape(base)}-v(\d+)")
    found = []
    for folder in sets_folder().glob("[!.]*/"):
        named = numbered.fullmatch(folder.name)
        try:
            record = read_record(folder)
        except DataError:
            if named:
                raise
            continue
        first = record.versions[0]
        if first.made_of == key or (named and _is_older_of(record, source)):
            found.append((first.created, len(folder.name), folder.name, record))
    return [made[-1] for made in sorted(found, key=lambda made: made[:-1])]


def _is_older_of(record: SetRecord, source: str) -> bool:
    """Whether changes to the source made a set of before sets said what they were made of."""
    first = record.versions[0]
    if first.made_of or first.base or not first.changes:
        return False
    return _made_it(record.info.name, first.fingerprint, source, source_fingerprint(source))


@lru_cache(maxsize=64)
def _made_it(name: str, _fingerprint: str, source: str, _source_fingerprint: str) -> bool:
    return _makes(read_record(sets_folder() / name), source, read_sources([source]))


def _makes(record: SetRecord, source: str, articles: Sequence[Article]) -> bool:
    """Whether the articles of the source and the set's changes make what stands in the set."""
    first = record.versions[0]
    try:
        made = _changed(source, articles, changes_of(first.changes))
    except DataError:
        return False
    return fingerprint_of(made) == first.fingerprint


def read_changes(source: str) -> list[Change]:
    """What was decided of the tags of a set or file, oldest first."""
    if _takes_changes(source):
        return changes_of(read_record(sets_folder() / source).changes)
    made = _made_sets(source)
    return changes_of(made[-1].versions[0].changes) if made else []


def changes_of(stored: Sequence[object]) -> list[Change]:
    """The changes of a version or a set's record. Raises DataError for what is no change."""
    try:
        return [Change.model_validate(change) for change in stored]
    except ValidationError as error:
        raise DataError(
            f"The tags that were checked cannot be read from set.json ({why_unreadable(error)}). "
            "Put a copy of it back, or delete that data set: what it came from is not touched."
        ) from None


def last_change(source: str, *, learnt: Collection[str] = ()) -> Change | None:
    """What undo_last would take back."""
    if not _takes_changes(source):
        made = _made_sets(source)
        is_open = made and _is_open(made[-1], learnt)
        return next(reversed(read_changes(source)), None) if is_open else None
    version = _open_version(source, learnt)
    return next(reversed(changes_of(version.changes)), None) if version else None


def decide(
    source: str, article: str, tag: str, *, has_it: bool, fix: bool, learnt: Collection[str] = ()
) -> SetInfo:
    """Fix a doubtful tag (take it away if the article has it, else add it), or keep it as it is.

    Changes gather in one version until another is made of it. learnt: versions, as "NAME@2", that
    stay as they are too, for models have learnt from them. Raises DataError if the article is
    gone, or a set is damaged that the change would go to.
    """
    kind: Literal["added", "removed", "kept"] = "kept"
    if fix:
        kind = "removed" if has_it else "added"
    change = Change(
        when=datetime.now(UTC).isoformat(timespec="seconds"), article=article, tag=tag, change=kind
    )
    if not _takes_changes(source):
        return _write_other(source, [change], learnt)
    with lock_set(source):
        version = _open_version(source, learnt)
        own = changes_of(version.changes) if version else []
        return _write_version(source, version, [*own, change])


def undo_last(source: str, *, learnt: Collection[str] = ()) -> Change | None:
    """Take the last decision back; which it was, None if there is none."""
    with lock_set(changed_set(source, learnt=learnt)):
        if (last := last_change(source, learnt=learnt)) is None:
            return None
        if not _takes_changes(source):
            _write_other(source, [], learnt, without=1)
        elif version := _open_version(source, learnt):
            left = changes_of(version.changes)[:-1]
            if left:
                _write_version(source, version, left)
            else:
                drop_current(source)
        return last


def _open_version(name: str, learnt: Collection[str]) -> SetVersion | None:
    """The current version if changes made it, and nothing has been made of it."""
    record = read_record(sets_folder() / name)
    current = record.current
    is_base = any(version.base == current.version for version in record.versions)
    if not current.changes or is_base or f"{name}@{current.version}" in learnt:
        return None
    return current


def _write_version(name: str, version: SetVersion | None, changes: Sequence[Change]) -> SetInfo:
    """The version anew; a new one of the current version if there is none yet."""
    base = version.base if version else current_number(name)
    of_base = f"{name}@{base}"
    articles = _changed(of_base, read_sources([of_base]), changes)
    with new_version(
        name,
        origin=f"version {base}, {_counted(changes)}",
        note=read_record(sets_folder() / name).info.note,
        may_exist=True,
        over=version.version if version else 0,
    ) as writer:
        writer.base, writer.changes = base, [change.model_dump() for change in changes]
        for article in articles:
            writer.write(article)
    return writer.info


def _write_other(
    source: str, added: Sequence[Change], learnt: Collection[str], *, without: int = 0
) -> SetInfo:
    """The set of the source's changes anew, with those added and `without` of the last.

    A set of that name is only made anew if it is what the source and its changes make: whatever
    else stands in it stays, and the changes go to a set of the next name.
    """
    articles = read_sources([source])
    while True:
        name = changed_set(source, learnt=learnt)
        made = _made_sets(source)
        if made and name == made[-1].info.name and not _makes(made[-1], source, articles):
            name = free_name(source)
        with lock_set(name):
            if _made_sets(source) != made or (sets_folder() / name).exists() != any(
                record.info.name == name for record in made
            ):
                continue  # another process was quicker
            before = changes_of(made[-1].versions[0].changes) if made else []
            changes = [*before[: len(before) - without], *added]
            return keep_articles(
                name,
                _changed(source, articles, changes),
                note=f"{Path(source).name}, {_counted(changes)}",
                replace=True,
                changes=[change.model_dump() for change in changes],
                made_of=source_key(source),
            )


def _counted(changes: Sequence[Change]) -> str:
    """ "1 tag checked"."""
    return f"{len(changes):,} tag{'' if len(changes) == 1 else 's'} checked"


def _changed(source: str, articles: Sequence[Article], changes: Sequence[Change]) -> list[Article]:
    changed = {article.id: article for article in articles}
    for change in changes:
        if change.article not in changed:
            name = Path(source).name.split("@")[0]
            raise DataError(f"Article {change.article!r} is no longer in {name!r}.")
        changed[change.article] = _apply(changed[change.article], change)
    return list(changed.values())


def _apply(article: Article, change: Change) -> Article:
    if change.change == "kept":
        return article
    tags = tuple(tag for tag in article.tags if tag != change.tag)
    if change.change == "added":
        tags = (*tags, change.tag)
    return article.model_copy(update={"tags": tags})
