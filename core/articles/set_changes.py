"""Tags of a data set changed one by one, in a new version with its history; the last can go back.

An imported set gets the new version itself. The sample, a file, an earlier version (NAME@1) and a
set that was made so of one of them have none: their changes go to a set of their own, NAME-v2.
What was there stays, so that what was learnt from it can still be explained.
"""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.articles.article import Article
from core.articles.sets import keep_articles, read_sources
from core.articles.version_writer import new_version
from core.articles.versions import (
    DAMAGED,
    SetInfo,
    SetRecord,
    SetVersion,
    changing,
    current_number,
    drop_current,
    read_record,
    sets_folder,
)
from core.base.errors import DataError

_VERSION = re.compile(r"(.+)-v(\d+)")


class Change(BaseModel):
    """One tag of one article. when: ISO 8601, UTC. kept: looked at and found right."""

    model_config = ConfigDict(frozen=True)

    when: str
    article: str
    tag: str
    change: Literal["added", "removed", "kept"]


def changed_set(source: str) -> str:
    """Name of the data set that takes the changes to a set or file: blog -> blog; sample ->
    sample-v2 -> sample-v3.
    """
    if current_number(source) and not _is_made_of_another(read_record(sets_folder() / source)):
        return source
    name = Path(source).name.split(".")[0].replace("@", "-")
    if numbered := _VERSION.fullmatch(name):
        return f"{numbered[1]}-v{int(numbered[2]) + 1}"
    return f"{name}-v2"


def _is_made_of_another(record: SetRecord) -> bool:
    return any(version.changes and not version.base for version in record.versions)


def read_changes(source: str) -> list[Change]:
    """What was decided of the tags of a set or file, oldest first."""
    name = changed_set(source)
    try:
        return changes_of(read_record(sets_folder() / name).changes)
    except FileNotFoundError:
        return []
    except DAMAGED:
        raise DataError(
            f"The history of {name!r} cannot be read. Delete that data set to begin "
            "anew; the one it came from is not touched."
        ) from None


def changes_of(stored: Sequence[object]) -> list[Change]:
    """The changes of a version or a set's record."""
    return [Change.model_validate(change) for change in stored]


def last_change(source: str, *, learnt: Collection[str] = ()) -> Change | None:
    """What undo_last would take back."""
    if changed_set(source) != source:
        return next(reversed(read_changes(source)), None)
    version = _open_version(source, learnt)
    return next(reversed(changes_of(version.changes)), None) if version else None


def decide(
    source: str, article: str, tag: str, *, has_it: bool, fix: bool, learnt: Collection[str] = ()
) -> SetInfo:
    """Fix a doubtful tag (take it away if the article has it, else add it), or keep it as it is.

    Changes gather in one version until another is made of it. learnt: versions, as "NAME@2", that
    stay as they are too, for models have learnt from them. Raises DataError if the article is
    gone.
    """
    kind: Literal["added", "removed", "kept"] = "kept"
    if fix:
        kind = "removed" if has_it else "added"
    change = Change(
        when=datetime.now(UTC).isoformat(timespec="seconds"), article=article, tag=tag, change=kind
    )
    with changing(changed_set(source)):
        if changed_set(source) != source:
            return _write_other(source, [*read_changes(source), change])
        version = _open_version(source, learnt)
        own = changes_of(version.changes) if version else []
        return _write_version(source, version, [*own, change])


def undo_last(source: str, *, learnt: Collection[str] = ()) -> Change | None:
    """Take the last decision back; which it was, None if there is none."""
    with changing(changed_set(source)):
        if (last := last_change(source, learnt=learnt)) is None:
            return None
        if changed_set(source) != source:
            _write_other(source, read_changes(source)[:-1])
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
    articles = _changed(f"{name}@{base}", changes)
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


def _write_other(source: str, changes: Sequence[Change]) -> SetInfo:
    """The set of the changes anew: the articles of the source with every change."""
    return keep_articles(
        changed_set(source),
        _changed(source, changes),
        note=f"{Path(source).name}, {_counted(changes)}",
        replace=True,
        changes=[change.model_dump() for change in changes],
    )


def _counted(changes: Sequence[Change]) -> str:
    """ "1 tag checked"."""
    return f"{len(changes):,} tag{'' if len(changes) == 1 else 's'} checked"


def _changed(source: str, changes: Sequence[Change]) -> list[Article]:
    articles = {article.id: article for article in read_sources([source])}
    for change in changes:
        if change.article not in articles:
            name = Path(source).name.split("@")[0]
            raise DataError(f"Article {change.article!r} is no longer in {name!r}.")
        articles[change.article] = _apply(articles[change.article], change)
    return list(articles.values())


def _apply(article: Article, change: Change) -> Article:
    if change.change == "kept":
        return article
    tags = tuple(tag for tag in article.tags if tag != change.tag)
    if change.change == "added":
        tags = (*tags, change.tag)
    return article.model_copy(update={"tags": tags})
