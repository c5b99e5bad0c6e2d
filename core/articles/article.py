"""The article: what every reader makes and everything above uses."""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from itertools import islice
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from core.articles.fields.dates import day_of_cell
from core.articles.languages.codes import language_code

REQUIRED_FIELDS = ("title", "description", "tags")
_TAG_SEPARATORS = re.compile(r"[;,|]")


class Article(BaseModel):
    """One article with the tags its author or editor gave it.

    Texts may be empty, but not all three of them. Tags are unique, keep their order, and have
    single spaces inside.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    id: str = Field(min_length=1)
    title: str
    description: str
    fulltext: str = ""
    tags: tuple[str, ...]
    language: str = ""
    url: str = ""
    creators: tuple[str, ...] = ()
    published: date | None = None
    source: str = ""
    split: Literal["train", "test"] | None = None

    @field_validator("tags", "creators", mode="before")
    @classmethod
    def _split_list(cls, value: Any) -> Any:
        return split_tags(value)

    @field_validator("id", mode="before")
    @classmethod
    def _number_as_id(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("title", "description", "fulltext", "url", "source", mode="before")
    @classmethod
    def _missing_as_empty(cls, value: Any) -> Any:
        return "" if value is None else value

    @field_validator("language", mode="before")
    @classmethod
    def _short_language(cls, value: Any) -> Any:
        if value is None:
            return ""
        return language_code(value) if isinstance(value, str) else value

    @field_validator("published", mode="before")
    @classmethod
    def _day_of(cls, value: Any) -> Any:
        return day_of_cell(value)

    @field_validator("split", mode="before")
    @classmethod
    def _empty_as_none(cls, value: Any) -> Any:
        return value or None

    @model_validator(mode="after")
    def _has_text(self) -> "Article":
        for name in ("id", "title", "description", "fulltext", "url", "source", "tags", "creators"):
            value = getattr(self, name)
            require_whole_characters(value if isinstance(value, str) else "".join(value), name)
        if "\0" in "".join((self.id, *self.tags)):
            raise ValueError("id or tags have a NUL character")
        if not any(text.strip() for text in (self.title, self.description, self.fulltext)):
            raise ValueError("title, description and fulltext are all empty")
        return self


def split_tags(value: Any) -> tuple[str, ...]:
    """Unique, stripped tags of a list, a JSON list, or a text split at ; , or |.

    Raises ValueError for anything else.

    >>> split_tags("go;  machine learning, go")
    ('go', 'machine learning')
    """
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            with suppress(json.JSONDecodeError):
                value = json.loads(value)
        else:
            value = _TAG_SEPARATORS.split(value)
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(tag, str) for tag in value):
        raise ValueError("it should be a list of texts, or one text with ; , or | between them")
    return tuple(dict.fromkeys(" ".join(tag.split()) for tag in value if tag.strip()))


def require_whole_characters(text: str, name: str = "it") -> None:
    """Raises ValueError for half a character (a lone surrogate), which JSON can hold, not UTF-8."""
    if text.isascii():  # which costs nothing, unlike encoding a long text
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} has half a character (a lone surrogate)") from None


def article_of_row(row: Mapping[str, Any]) -> Article:
    """Check one row. Raises RowError naming the first bad field and why.

    >>> article_of_row({"id": 7, "title": "Go", "description": "", "tags": "go; web"}).tags
    ('go', 'web')
    """
    try:
        return Article.model_validate({**row, "published": row.get("published") or row.get("date")})
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
    field = str(problem["loc"][0]) if problem["loc"] else ""
    reason = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "missing":
        reason = f"is missing: the row has no {field!r}, it has {shown_columns(row)}"
    elif field:
        reason = f"is {shown_value(problem['input'])}: {reason[:1].lower()}{reason[1:]}"
    raise RowError(field, reason)


class RowError(ValueError):
    """Why one row is not an article: `field` ("" if it is the row as a whole) and `reason`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}".strip())
        self.field = field
        self.reason = reason


def shown_columns(names: Iterable[str]) -> str:
    """The first twelve names for a message; a header may be anything, so each is cut."""
    return ", ".join(name[:40] for name in islice(names, 12)) or "nothing"


def shown_value(value: Any) -> str:
    """A cell for a message, cut to forty characters."""
    try:
        text = repr(value)
    except RecursionError:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 40 else text[:37] + "..."
