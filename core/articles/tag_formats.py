"""How a column of tags is written, seen from its first cells, and the tags of one cell."""

import ast
import csv
import re
from collections.abc import Sequence
from typing import Any, Literal

TagFormat = Literal[
    "separated",
    "list",
    "Python list",
    "PostgreSQL array",
    "angle brackets",
    "hashtags",
    "commas 、，；",
]
# What an object in a list of tags calls its name, best first: LinkedInfo has tagID and label.
_NAMES = ("tagID", "name", "label", "slug", "title", "tag", "value", "id")
_PATTERNS: dict[TagFormat, re.Pattern[str]] = {
    "list": re.compile(r"\s*\[.*\"?\]\s*", re.DOTALL),
    "PostgreSQL array": re.compile(r"\{[^{}]*\}"),
    "angle brackets": re.compile(r"(<[^<>]+>)+"),
    "hashtags": re.compile(r"#\S+([\s,]+#\S+)*"),
    "commas 、，；": re.compile(r"[^;,|]*[、，；][^;,|]*"),
}
# So large a share of the cells has to be written in a special way before it is taken for the rule.
_MOST = 0.8
_LONGEST = 10_000


def guess_tag_format(cells: Sequence[Any]) -> TagFormat:
    """The way in which most of the non-empty cells are written; "separated" (; , |) otherwise."""
    filled = [cell for cell in cells if cell not in (None, "", [])]
    if not filled or not isinstance(filled[0], str):
        return "separated"
    texts = [cell.strip() for cell in filled if isinstance(cell, str)]
    for name, pattern in _PATTERNS.items():
        matching = [text for text in texts if pattern.fullmatch(text)]
        # One tag has no comma: of those with several, most must have the wide ones.
        among = [t for t in texts if re.search("[;,|、，；]", t)] if "、" in name else texts
        if matching and len(matching) >= _MOST * len(among):
            if name == "list" and any("'" in text and '"' not in text for text in matching):
                return "Python list"
            return name
    return "separated"


def tags_of_cell(value: Any, form: TagFormat) -> Any:
    """What the article's own tag field reads: a list of texts, or the value as it is."""
    if isinstance(value, list | tuple):
        return [_name_of(element) for element in value]
    if not isinstance(value, str):
        return value
    text = value.strip()
    if form == "angle brackets":
        return re.findall(r"<([^<>]+)>", text) or value
    if form == "hashtags":
        return re.findall(r"#([^\s,#]+)", text) or value
    if form == "commas 、，；":
        return re.split("[、，；;,|]", text)
    if form == "PostgreSQL array" and text.startswith("{"):
        return next(csv.reader([text.strip("{}")], escapechar="\\"), [])
    if form == "Python list" and text.startswith("["):
        return _python_list(text)
    return value


def _name_of(element: Any) -> Any:
    if isinstance(element, dict):
        return next((str(element[name]) for name in _NAMES if element.get(name)), element)
    return str(element) if isinstance(element, int) and not isinstance(element, bool) else element


def _python_list(text: str) -> Any:
    if len(text) > _LONGEST:
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text
    return [_name_of(element) for element in value] if isinstance(value, list) else text
