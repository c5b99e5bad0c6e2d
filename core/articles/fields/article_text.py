"""Plain text out of the cells of a file, and the start of a text as its description."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from core.articles.sources.html_text import html_to_text

LEAD_CHARACTERS = 300
_STARTS_WITH_TAG = re.compile(r"\s*<(?:!--|!doctype\b|[a-z][a-z0-9]*(?:\s[^<>]*)?/?>)", re.I)
_CLOSING_TAG = re.compile(r"</[a-z][a-z0-9]*\s*>|<br\s*/?>", re.I)
_ENTITY = re.compile(r"&(?:[a-z]+|#\d+|#x[0-9a-f]+);", re.I)
# Shares of a column's cells: so many begin with a tag, or so many have one somewhere.
_MANY_START, _MOST_HAVE = 0.5, 0.8


def lead_of(text: str) -> str:
    """The first 300 characters, to the end of a word."""
    line = " ".join(text[: LEAD_CHARACTERS * 4].split())
    if len(line) <= LEAD_CHARACTERS:
        return line
    cut = line[:LEAD_CHARACTERS]
    return cut.rsplit(" ", 1)[0] if " " in cut[LEAD_CHARACTERS // 2 :] else cut


def join_title(title: str, text: str) -> str:
    """The title above a text, as everything reads the two together; without blank lines around.

    >>> join_title("Channels ", ""), join_title("Channels", "Text")
    ('Channels', 'Channels\\nText')
    """
    return f"{title.strip()}\n{text.strip()}".strip()


def is_html(text: str) -> bool:
    """Whether a text is a piece of a web page: it begins with a tag, and closes one."""
    return bool(_STARTS_WITH_TAG.match(text) and _CLOSING_TAG.search(text))


def plain_text(text: str) -> str:
    """The words of a text that is HTML; any other text as it is."""
    return html_to_text(text) if is_html(text) else text


def holds_html(cells: Iterable[Any]) -> bool:
    """Whether a column holds HTML: half of its texts are, or most have a closing tag."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    whole = sum(map(is_html, texts))
    some = sum(bool(_CLOSING_TAG.search(text)) for text in texts)
    return bool(texts) and (whole >= _MANY_START * len(texts) or some >= _MOST_HAVE * len(texts))


def html_cell(value: Any) -> Any:
    """The text of a cell in a column of HTML; a cell without a tag or an entity as it is."""
    if not isinstance(value, str) or not (_CLOSING_TAG.search(value) or _ENTITY.search(value)):
        return value
    return html_to_text(value) if "<" in value else unescape(value)
