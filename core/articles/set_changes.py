"""Tags of a data set changed one by one, in a new version with its history; the last can go back.

The set itself stays as it is, so that what was learnt from it can still be explained.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.articles.article import Article
from core.articles.sets import keep_articles, read_sources
from core.articles.versions import SetInfo, changing, read_record, sets_folder
from core.base.errors import DataError

_VERSION = re.compile(r"(.+)-v(\d+)")


class Change(BaseModel):
    """One tag of one article. when: ISO 8601, UTC. kept: looked at and found right."""

    model_config = ConfigDict(frozen=True)

    when: str
    article: str
    tag: str
    change: Literal["added", "removed", "kept"]


def version_of(source: str) -> str:
    """Name of the data set that takes the changes to a set or file: blog -> blog-v2 -> blog-v3."""
    name = Path(source).name.split(".")[0]
    if numbered := _VERSION.fullmatch(name):
        return f"{numbered[1]}-v{int(numbered[2]) + 1}"
    return f"{name}-v2"


def read_changes(source: str) -> list[Change]:
    """What was decided of the tags of a set or file, oldest first."""
    try:
        kept = read_record(sets_folder() / version_of(source)).changes
        return [Change.model_validate(change) for change in kept]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, StopIteration):
        raise DataError(
            f"The history of {version_of(source)!r} cannot be read. Delete that data set to begin "
            "anew; the one it came from is not touched."
        ) from None


def decide(source: str, article: str, tag: str, *, has_it: bool, fix: bool) -> SetInfo:
    """Fix a doubtful tag (take it away if the article has it, else add it), or keep it as it is.

    Raises DataError if the article is gone.
    """
    kind: Literal["added", "removed", "kept"] = "kept"
    if fix:
        kind = "removed" if has_it else "added"
    change = Change(
        when=datetime.now(UTC).isoformat(timespec="seconds"), article=article, tag=tag, change=kind
    )
    with changing(version_of(source)):
        return _write(source, [*read_changes(source), change])


def undo_last(source: str) -> Change | None:
    """Take the last decision back; which it was, None if there is none."""
    with changing(version_of(source)):
        if not (changes := read_changes(source)):
            return None
        _write(source, changes[:-1])
        return changes[-1]


def _write(source: str, changes: Sequence[Change]) -> SetInfo:
    """The version anew: the articles of the source with every change."""
    articles = {article.id: article for article in read_sources([source])}
    for change in changes:
        if change.article not in articles:
            raise DataError(f"Article {change.article!r} is no longer in {Path(source).name!r}.")
        articles[change.article] = _apply(articles[change.article], change)
    name = version_of(source)
    note = f"{Path(source).name} with {len(changes)} checked tags"
    history = [change.model_dump() for change in changes]
    return keep_articles(name, list(articles.values()), note=note, replace=True, changes=history)


def _apply(article: Article, change: Change) -> Article:
    if change.change == "kept":
        return article
    tags = tuple(tag for tag in article.tags if tag != change.tag)
    if change.change == "added":
        tags = (*tags, change.tag)
    return article.model_copy(update={"tags": tags})
