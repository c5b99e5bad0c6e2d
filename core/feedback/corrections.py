"""What editors made of the suggestions: saved, listed, and deleted when they ask."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from core.articles.article import split_tags
from core.articles.fields.article_text import join_title
from core.base.errors import FeedbackError
from core.feedback.database import Database
from core.feedback.tables import CORRECTION_TAGS, CORRECTIONS

ACCEPTED, REJECTED, ADDED, LEFT = "accepted", "rejected", "added", ""
MOST_CHARACTERS = 200_000
_MOST_TAGS = 200
_LONGEST = {"title": 1000, "url": 2000, "run": 64, "model": 200, "name": 200, "tag": 200}


@dataclass(frozen=True)
class ShownTag:
    """A tag as the editor saw it. score, threshold: margins of the model."""

    tag: str
    score: float
    threshold: float
    suggested: bool


@dataclass(frozen=True)
class Correction:
    """One article's tags as the editor left them.

    tags: the final ones. shown: what the model suggested. rejected: those the editor said no to.
    run, model: the id of the run that was asked, and its recipe. name: who corrected, or "".
    """

    text: str
    tags: tuple[str, ...]
    title: str = ""
    shown: tuple[ShownTag, ...] = ()
    rejected: tuple[str, ...] = ()
    run: str = ""
    model: str = ""
    language: str = ""
    url: str = ""
    name: str = ""

    @property
    def added(self) -> tuple[str, ...]:
        """The final tags that were not shown."""
        shown = {tag.tag for tag in self.shown}
        return tuple(tag for tag in self.tags if tag not in shown)


@dataclass(frozen=True)
class Kept:
    """A correction in the database. at: when it was made, in UTC."""

    id: int
    at: datetime
    text_hash: str
    correction: Correction


@dataclass(frozen=True)
class KeptPage:
    """Some of the corrections, newest first. total: how many there are in all."""

    total: int
    kept: list[Kept]


class FeedbackStore:
    """The corrections in a database, by default the database of the settings."""

    def __init__(self, database: Database | None = None) -> None:
        self.database = database or Database()

    def save(self, correction: Correction, *, at: datetime | None = None) -> Kept:
        """Save a correction.

        at: a time with its zone; by default now. Raises FeedbackError for a correction without
        text, one that is too large, and one that both takes and rejects a tag.
        """
        checked = _checked(correction)
        key = text_hash(checked.title, checked.text)
        fields = ("title", "text", "language", "url", "run", "model", "name")
        row = {field: getattr(checked, field) for field in fields}
        with self.database.connect(writes=True) as connection:
            when = at.astimezone(UTC) if at else _now_after(connection, key)
            added = connection.execute(
                insert(CORRECTIONS).values(text_hash=key, at=when.replace(tzinfo=None), **row)
            )
            (number,) = added.inserted_primary_key or (0,)
            if tags := _tag_rows(number, checked):
                connection.execute(insert(CORRECTION_TAGS), tags)
        return Kept(number, when, key, checked)

    def read(self, *, offset: int = 0, limit: int = 50) -> KeptPage:
        """Read `limit` corrections, newest first, after leaving out the newest `offset`."""
        newest = select(CORRECTIONS).order_by(CORRECTIONS.c.at.desc(), CORRECTIONS.c.id.desc())
        with self.database.connect() as connection:
            total = connection.scalar(select(func.count()).select_from(CORRECTIONS)) or 0
            rows = connection.execute(newest.offset(offset).limit(limit)).all()
            return KeptPage(total, _with_tags(connection, rows))

    def read_latest(self) -> list[Kept]:
        """Read the latest correction of every text, oldest first."""
        rank = func.row_number().over(
            partition_by=CORRECTIONS.c.text_hash,
            order_by=(CORRECTIONS.c.at.desc(), CORRECTIONS.c.id.desc()),
        )
        ranked = select(CORRECTIONS.c.id, rank.label("rank")).subquery()
        latest = (
            select(CORRECTIONS)
            .join(ranked, CORRECTIONS.c.id == ranked.c.id)
            .where(ranked.c.rank == 1)
            .order_by(CORRECTIONS.c.at, CORRECTIONS.c.id)
        )
        with self.database.connect() as connection:
            return _with_tags(connection, connection.execute(latest).all())

    def delete(self, number: int) -> bool:
        """Delete one correction by its id. Whether it was there."""
        return self._delete(CORRECTIONS.c.id == number) == 1

    def delete_by_name(self, name: str) -> int:
        """Delete all that one person corrected, texts included. How many corrections that were.

        Raises FeedbackError for an empty name: corrections without a name belong to nobody.
        """
        return self._delete(CORRECTIONS.c.name == _person(name))

    def count_by_name(self, name: str) -> int:
        """Count the corrections that delete_by_name would delete."""
        of_name = select(func.count()).where(CORRECTIONS.c.name == _person(name))
        with self.database.connect() as connection:
            return connection.scalar(of_name) or 0

    def _delete(self, condition: Any) -> int:
        with self.database.connect(writes=True) as connection:
            gone = connection.execute(delete(CORRECTIONS).where(condition)).rowcount
        if gone:
            self.database.checkpoint()
        return gone


def _now_after(connection: Connection, key: str) -> datetime:
    """Now; on a clock that was set back, the time of the text's latest correction."""
    same = CORRECTIONS.c.text_hash == key
    latest = connection.scalar(select(func.max(CORRECTIONS.c.at)).where(same))
    now = datetime.now(UTC)
    return max(now, latest.replace(tzinfo=UTC)) if latest else now


def text_hash(title: str, text: str) -> str:
    """Identify a text: sha256 of title, line end and text.

    >>> text_hash("", " A text ") == text_hash("", "A text")
    True
    """
    return sha256(join_title(title, text).encode()).hexdigest()


def _person(name: str) -> str:
    if not (wanted := _line(name)):
        raise FeedbackError("Name whose corrections shall be deleted.")
    return wanted


def _checked(correction: Correction) -> Correction:
    tags, rejected = _tags(correction.tags), _tags(correction.rejected)
    if both := sorted(set(tags) & set(rejected)):
        raise FeedbackError(f"Tag {both[0]!r} is both chosen and rejected. Decide for one.")
    shown = tuple(
        ShownTag(_line(tag.tag), float(tag.score), float(tag.threshold), bool(tag.suggested))
        for tag in correction.shown
    )
    checked = Correction(
        text=_storable(correction.text).strip(),
        tags=tags,
        title=_line(correction.title),
        shown=tuple({tag.tag: tag for tag in shown}.values()),
        rejected=rejected,
        run=_line(correction.run),
        model=_line(correction.model),
        language=_line(correction.language)[:16],
        url=_line(correction.url),
        name=_line(correction.name),
    )
    _require_size(checked)
    return checked


def _require_size(correction: Correction) -> None:
    if not correction.text and not correction.title:
        raise FeedbackError("There is no text to keep these tags for. Paste the article.")
    if len(correction.text) > MOST_CHARACTERS:
        raise FeedbackError(
            f"The text has {len(correction.text):,} characters; at most {MOST_CHARACTERS:,} "
            "are kept. Shorten it."
        )
    names = (*correction.tags, *correction.rejected, *(tag.tag for tag in correction.shown))
    if len(names) > _MOST_TAGS:
        raise FeedbackError(f"{len(names)} tags are too many for one article. Keep the best.")
    for field, most in _LONGEST.items():
        longest = (
            max(map(len, names), default=0) if field == "tag" else len(getattr(correction, field))
        )
        if longest > most:
            raise FeedbackError(f"The {field} has {longest:,} characters; at most {most:,} fit.")


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    return split_tags([_storable(tag) for tag in tags])


def _storable(text: str) -> str:
    """Without what a database refuses: NUL, and half characters."""
    return text.replace("\0", "").encode(errors="replace").decode()


def _line(text: str) -> str:
    return " ".join(_storable(text).split())


def _tag_rows(number: int, correction: Correction) -> list[dict[str, Any]]:
    shown = {tag.tag: tag for tag in correction.shown}
    names = dict.fromkeys((*shown, *correction.tags, *correction.rejected))
    return [
        {
            "correction_id": number,
            "tag": name,
            "position": position,
            "score": shown[name].score if name in shown else None,
            "threshold": shown[name].threshold if name in shown else None,
            "suggested": name in shown and shown[name].suggested,
            "verdict": _verdict(name, name in shown, correction),
        }
        for position, name in enumerate(names)
    ]


def _verdict(name: str, was_shown: bool, correction: Correction) -> str:
    if name in correction.tags:
        return ACCEPTED if was_shown else ADDED
    return REJECTED if name in correction.rejected else LEFT


def _with_tags(connection: Connection, rows: Sequence[Row[Any]]) -> list[Kept]:
    tags_of: dict[int, list[Row[Any]]] = defaultdict(list)
    numbers = [row.id for row in rows]
    # Below SQLite's limit of variables in one statement.
    for start in range(0, len(numbers), 500):
        some = select(CORRECTION_TAGS).where(
            CORRECTION_TAGS.c.correction_id.in_(numbers[start : start + 500])
        )
        for tag in connection.execute(some.order_by(CORRECTION_TAGS.c.position)):
            tags_of[tag.correction_id].append(tag)
    return [_kept(row, tags_of[row.id]) for row in rows]


def _kept(row: Row[Any], tags: Sequence[Row[Any]]) -> Kept:
    correction = Correction(
        text=row.text,
        tags=tuple(tag.tag for tag in tags if tag.verdict in (ACCEPTED, ADDED)),
        title=row.title,
        shown=tuple(
            ShownTag(tag.tag, tag.score, tag.threshold, tag.suggested)
            for tag in tags
            if tag.score is not None
        ),
        rejected=tuple(tag.tag for tag in tags if tag.verdict == REJECTED),
        run=row.run,
        model=row.model,
        language=row.language,
        url=row.url,
        name=row.name,
    )
    return Kept(row.id, row.at.replace(tzinfo=UTC), row.text_hash, correction)
