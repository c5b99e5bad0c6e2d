"""The fields that an article may lack: read where they can be, left empty and said otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.articles.article import require_whole_characters, shown_value
from core.articles.fields.creators import creators_of_cell
from core.articles.fields.dates import DateForm, day_of_cell
from core.articles.fields.literal_lists import names_in
from core.articles.languages.codes import language_code

_SPLITS = {"": None, "train": "train", "training": "train", "test": "test", "testing": "test"}
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
    """Put the optional fields of a row into an article's form, in place.

    creator_separator, date_form: how the columns are written, as a reading plan has them. Returns
    the cells that cannot be read, which are left empty.
    """
    unread: list[UnreadCell] = []

    def read(field: str, name: str, reader: Callable[[Any], Any]) -> Any:
        if (value := cells.get(name)) is None:
            return None
        try:
            return reader(value)
        except (ValueError, RecursionError) as problem:
            why = problem if isinstance(problem, ValueError) else "it is nested too deeply"
            unread.append(UnreadCell(field, f"is {shown_value(value)}: {why}"))
            return None

    for field, reader in _READERS.items():
        cells[field] = read(field, field, reader)
    cells["creators"] = read("creators", "creators", lambda v: _creators(v, creator_separator))
    before = len(unread)
    # `date` stands in for a `published` that names no day: some files have published: true.
    days = [read("published", name, lambda v: day_of_cell(v, date_form)) for name in _DAYS]
    cells["published"], cells["date"] = days[0] or days[1], None
    del unread[before + (0 if cells["published"] else 1) :]
    return unread


_DAYS = ("published", "date")


def _id(value: Any) -> Any:
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))  # MongoDB's {"$oid": ...}
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str):
        if isinstance(value, bool | float | list | tuple | set | Mapping | bytes) or value is None:
            raise ValueError("it should be a text or a whole number")
        value = str(value)
    if "\0" in value:
        raise ValueError("it has a NUL character")
    return _whole(value) if value.strip() else None


def _language(value: Any) -> str:
    text = _text(value)
    code = language_code(text)
    if not code and text.strip().lower() not in _NO_LANGUAGE:
        raise ValueError("it names no language that is known, or more than one")
    return code


def _split(value: Any) -> str | None:
    part = _text(value).strip().casefold()
    if part not in _SPLITS:
        raise ValueError("it should be train or test; no other part exists")
    return _SPLITS[part]


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


def _creators(value: Any, separator: str) -> Any:
    people = creators_of_cell(value, separator)
    _whole(people if isinstance(people, str) else "".join(people))
    return people


def _whole(text: str) -> str:
    require_whole_characters(text)
    return text


_READERS: dict[str, Callable[[Any], Any]] = {
    "id": _id,
    "language": _language,
    "url": _text,
    "source": _name,
    "split": _split,
}
