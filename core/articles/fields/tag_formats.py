"""How a column of tags is written, seen from its cells, and the tags of one cell."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from core.articles.fields.literal_lists import names_in, postgres_array, printed_value
from core.articles.fields.separators import NONE, cut, guess_separator

TagFormat = Literal[
    "separated",
    "list",
    "unquoted list",
    "PostgreSQL array",
    "angle brackets",
    "hashtags",
    "hashtags on both sides",
]
_PATTERNS: dict[TagFormat, re.Pattern[str]] = {
    "unquoted list": re.compile(r"\[[^\[\]]*\]"),
    "angle brackets": re.compile(r"(<[^<>]+>[\s,;]*)+"),
    "hashtags on both sides": re.compile(r"(#[^#]+#[\s,]*)+"),
    "hashtags": re.compile(r"#[^#].*", re.DOTALL),
}
# So large a share of the cells has to be written in a special way before it is taken for the rule.
_MOST = 0.8
_NOTHING = ("nan", "NaN", "None", "null", "NULL")  # printed beside lists where there is none
# A hash begins a tag at the start, after a blank or a comma, or between letters; it ends C#.
_HASH = re.compile(r"(?:^|(?<=[\s,;、，]))#|(?<=\w)#(?=\w)|[,;、，；\r\n]")


@dataclass(frozen=True)
class TagForm:
    """How the tags of a column are written.

    separator: what stands between the tags of a text, one of separators.NAMED or any other text;
    "" where no column was looked at, so that ; , and | all do. given: the user named it, and it
    is obeyed whatever a cell looks like.
    """

    format: TagFormat = "separated"
    separator: str = ""
    given: bool = False

    def __str__(self) -> str:
        if self.format not in ("separated", "unquoted list"):
            return self.format
        if not self.separator:
            return "cut at ; , or |"
        if self.separator == NONE:
            return "one tag a cell"
        named = self.separator if self.separator.isalpha() else f'"{self.separator}"'
        how = "a list without quotes, " if self.format == "unquoted list" else ""
        return f"{how}cut at {named}"


def guess_tag_form(cells: Iterable[Any]) -> TagForm:
    """How most of the filled cells of a column are written."""
    filled = [cell for cell in cells if cell not in (None, "")]
    texts = [cell.strip() for cell in filled if isinstance(cell, str) and cell.strip()]
    if not texts:
        return TagForm("list") if filled else TagForm()
    plain = [text for text in texts if printed_value(text) is None]
    arrays = [text for text in texts if postgres_array(text) is not None]
    if set(arrays) & set(plain) and len(arrays) >= _MOST * len(texts):
        return TagForm("PostgreSQL array")
    if 2 * len(plain) <= len(texts):
        return TagForm("list", guess_separator(plain) if plain else "")
    whole = [html.unescape(text) if "&lt;" in text else text for text in plain]
    for name, pattern in _PATTERNS.items():
        matching = [text for text in whole if pattern.fullmatch(text)]
        if len(matching) >= _MOST * len(plain):
            listed = name == "unquoted list"
            return TagForm(name, guess_separator(t[1:-1] for t in matching) if listed else "")
    # Label Studio writes one choice as it is, and several as an object.
    objects = [text for text in texts if text[0] == "{"]
    if len(objects) == len(texts) - len(plain) > 0:
        return TagForm("separated", NONE)
    return TagForm("separated", guess_separator(plain))


def tags_of_cell(value: Any, form: TagForm) -> Any:
    """The tags of a cell as a list; a text as it is where no column was looked at.

    Raises ValueError for a cell that should be a list and cannot be read.

    >>> tags_of_cell("['go', 'web']", TagForm("list"))
    ['go', 'web']
    >>> tags_of_cell("machine learning / go", TagForm("separated", " / "))
    ['machine learning', 'go']
    """
    if isinstance(value, bytes):
        value = value.decode()
    if not isinstance(value, str):
        return names_in(value)
    text = value.strip()
    if form.given:
        return cut(text, form.separator)
    if (printed := printed_value(text)) is not None:
        return names_in(printed)
    if form.format == "list" and text in _NOTHING:
        return []
    if form.format in ("list", "unquoted list") and text[:1] in ("[", "{"):
        if form.format == "list" or text[-1] != "]":
            raise ValueError(
                "it looks like a list but cannot be read: check its brackets, quotes and commas"
            )
        text = text[1:-1]
    names = _names_in_marks(text, form.format)
    if names is None:
        return cut(text, form.separator) if form.separator else value
    return names


def _names_in_marks(text: str, name: TagFormat) -> list[str] | None:
    """The tags of a text in braces, angle brackets or with hashes; None for any other text."""
    if name == "PostgreSQL array":
        return postgres_array(text)
    if name == "angle brackets":
        whole = html.unescape(text) if "&lt;" in text else text
        return re.findall(r"<([^<>]+)>", whole) or None
    if name == "hashtags on both sides" and "#" in text:
        return [tag for part in text.split("#") if (tag := part.strip(" ,"))]
    if name == "hashtags" and text.startswith("#"):
        return [tag for part in _HASH.split(text) if (tag := part.strip())]
    return None
