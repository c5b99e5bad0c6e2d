"""The fields that an article may lack: read where they can be, left empty and said otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.articles.article import require_whole_characters, shown_value
from core.articles.fields.creators import creators_of_cell
from core.articles.fields.dates import DateForm, day_of_cell
from core.articles.fields.literal_lists import names_in
from core.articles.languages.language import language_code

_SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
# RFC 5646 has this code for "not known".
_NO_LANGUAGE = ("und", "")


@dataclass(frozen=True)
class UnreadCell:
    """A cell that was left empty, and why."""

    field: str
    reason: str


def read_optional(
    cells: dict[str, Any], *, creator_separator: str, date_form: DateForm
) -> list[UnreadCell]:
    """Put the optional fields of a row into an article's form, in place; the cells left empty."""
    readers: Mapping[str, Callable[[Any], Any]] = {
        "id": _id,
        "language": _language,
        "url": _text,
        "source": _name,
        "creators": lambda value: _whole_texts(creators_of_cell(value, creator_separator)),
        "split": _split,
    }
    unread = []
    for field, read in readers.items():
        if cells.get(field) is None:
            continue
        try:
            cells[field] = read(cells[field])
        except (ValueError, RecursionError) as problem:
            unread.append(_unread(field, cells[field], problem))
            cells[field] = None
    return unread + _read_day(cells, date_form)


def _read_day(cells: dict[str, Any], form: DateForm) -> list[UnreadCell]:
    """`published`, or `date` where that has no day: some files have published: true."""
    unread = []
    day = None
    for name in ("published", "date"):
        try:
            day = day or day_of_cell(cells.get(name), form)
        except (ValueError, RecursionError) as problem:
            unread.append(_unread("published", cells[name], problem))
    cells["published"], cells["date"] = day, None
    return [] if day else unread[:1]


def _unread(field: str, value: Any, problem: Exception) -> UnreadCell:
    why = problem if isinstance(problem, ValueError) else "it is nested too deeply"
    return UnreadCell(field, f"is {shown_value(value)}: {why}")


def _id(value: Any) -> Any:
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))  # MongoDB's {"$oid": ...}
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool | float | list | tuple | set | Mapping | bytes) or value is None:
        raise ValueError("it should be a text or a whole number")
    text = _whole(str(value))
    if "\0" in text:
        raise ValueError("it has a NUL character")
    return text if text.strip() else None


def _language(value: Any) -> str:
    text = _text(value)
    code = language_code(text)
    if not code and text.strip().lower() not in _NO_LANGUAGE:
        raise ValueError("it names no language that is known, or more than one")
    return code


def _split(value: Any) -> str | None:
    text = _text(value).strip().casefold()
    if not text:
        return None
    if text not in _SPLITS:
        raise ValueError("it should be train or test; there is no part of another name")
    return _SPLITS[text]


def _name(value: Any) -> str:
    """A text, or the name of an object or of a list of one, as news services have it."""
    names = names_in(value)
    if len(names) > 1:
        raise ValueError("it should be one name")
    return _whole(names[0]) if names else ""


def _text(value: Any) -> str:
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if not isinstance(value, str):
        raise ValueError("it should be a text")
    return _whole(value)


def _whole_texts(value: Any) -> Any:
    for text in [value] if isinstance(value, str) else value:
        _whole(text)
    return value


def _whole(text: str) -> str:
    require_whole_characters(text)
    return text
