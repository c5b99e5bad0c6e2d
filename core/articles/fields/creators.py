"""The people who made an article, however a cell names them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.articles.fields.literal_lists import printed_value
from core.articles.fields.separators import NONE, cut

_NAMES = (
    *("name", "display_name", "displayName", "full_name", "fullName", "literal", "username"),
    *("login", "title", "#text", "id"),
)
_HALVES = (
    ("given", "family"),
    ("first_name", "last_name"),
    ("firstName", "lastName"),
    ("first", "last"),
    ("forename", "surname"),
)
# What follows a comma and is no person.
_SUFFIX = re.compile(
    r"(Jr|Sr|II|III|IV|Ph\.?D|M\.?D|M\.?Sc|Esq|Inc|Ltd|LLC|GmbH)\.?", re.IGNORECASE
)
_SURNAME = re.compile(r"([a-z]{1,4}['’ ]\s*){0,2}[^\W\d_a-z][\w'’-]*")
_GIVEN = re.compile(r"([^\W\d_a-z][\w'’-]*\.?\s*-?){1,3}")
_HAN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]")
_PERSON = re.compile(r"[^\W\d_a-z]\S*( ([a-z]{1,4} ){0,2}[^\W\d_a-z]\S*){1,3}")
_AND = " and "


def guess_creator_separator(cells: Iterable[Any]) -> str:
    """What stands between the people of a column's cells; none in "Smith, Jo", who is one."""
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    plain = [text for text in texts if printed_value(text) is None]
    for mark in (";", "newline", "|"):
        if any(len(cut(text, mark)) > 1 for text in plain):
            return mark
    if _are_inverted(plain):
        return NONE
    if _are_inverted([name for text in plain for name in text.split(_AND)]):
        return _AND
    return ","


def creators_of_cell(value: Any, separator: str) -> Any:
    """The people of a cell as a list; a text as it is where no column was looked at.

    Raises ValueError if one has no name.
    """
    if isinstance(value, str):
        printed = printed_value(value)
        if printed is None:
            return _people_in_text(value, separator) if separator else value
        value = printed
    return [] if value is None else _people_in(value)


def _people_in_text(text: str, separator: str) -> list[str]:
    people: list[str] = []
    for part in cut(text, separator):
        if people and separator == "," and _SUFFIX.fullmatch(part):
            people[-1] += f", {part}"
        elif separator == "," and (people or all(map(_PERSON.fullmatch, part.split(_AND)))):
            people += part.removeprefix(_AND.lstrip()).split(_AND)
        else:
            people.append(part)
    return people


def _are_inverted(names: list[str]) -> bool:
    """Whether most names with a comma are a surname and a given name, and never several people."""
    with_comma = [name.split(",") for name in names if "," in name]
    pairs = [(name[0].strip(), name[1].strip()) for name in with_comma if len(name) == 2]
    inverted = [(a, b) for a, b in pairs if _SURNAME.fullmatch(a) and _GIVEN.fullmatch(b)]
    if not with_comma or len(inverted) < 0.8 * len(with_comma):
        return False
    # A person of a list stands alone elsewhere, or in another place.
    elsewhere = {b for _, b in inverted} | {name for name in names if "," not in name}
    return not any(a in elsewhere or _HAN.search(a) or _SUFFIX.fullmatch(b) for a, b in inverted)


def _people_in(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [_person(value)]
    if isinstance(value, int) and not isinstance(value, bool):
        return [str(value)]
    if not isinstance(value, Iterable) or isinstance(value, bytes):
        raise ValueError("it names nobody")
    people = []
    for element in value:
        # arXiv's parts of a name: surname, given name, suffix.
        parts = isinstance(element, list | tuple) and all(isinstance(p, str) for p in element)
        people += [", ".join(filter(None, element))] if parts else _people_in(element)
    return people


def _person(value: Mapping[Any, Any]) -> str:
    for halves in _HALVES:
        name = " ".join(str(value[half]) for half in halves if value.get(half))
        if name and halves[-1] in value:
            return name
    for name in _NAMES:
        if isinstance(value.get(name), str | int) and value[name]:
            return str(value[name])
    inner = [element for element in value.values() if isinstance(element, Mapping)]
    if len(inner) == 1:
        return _person(inner[0])
    raise ValueError(f"it has no name, but {', '.join(str(key)[:40] for key in list(value)[:5])}")
