"""Questions of the public Stack Exchange data dump (Posts.xml), in constant memory."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree

from core.articles.fields.article_text import lead_of
from core.articles.formats.compressed import open_bytes
from core.articles.formats.row import Row
from core.articles.sources.html_text import html_to_text
from core.base.errors import DataError

_QUESTION = "1"
# One row is a line of at most some 100 KB; a tag that is never closed would fill the memory.
_MOST_BYTES = 16 * 1024 * 1024


def read_posts_xml(path: Path) -> Iterator[Row]:
    """A row for each question, code included. Raises DataError if the file is not a Posts.xml."""
    with open_bytes(path) as file:
        number = 0
        for attributes in _rows(file, path.name):
            if attributes.get("PostTypeId") == _QUESTION:
                number += 1
                yield Row(number, _cells(attributes), place=f"question {attributes.get('Id', '')}")
    if not number:
        raise DataError(f"{path.name} holds no questions. It should be a dump's Posts.xml.")


def _cells(attributes: dict[str, str]) -> dict[str, Any]:
    body = html_to_text(attributes.get("Body", ""))
    return {
        "id": attributes.get("Id", ""),
        "title": attributes.get("Title", ""),
        "description": lead_of(body),
        "fulltext": body,
        # <python><regex> in older dumps, |python|regex| in newer ones.
        "tags": re.findall(r"[^<>|]+", attributes.get("Tags", "")),
        "published": attributes.get("CreationDate", "")[:10],
        "source": "Stack Exchange data dump, CC BY-SA",
    }


def _rows(file: BinaryIO, name: str) -> Iterator[dict[str, str]]:
    parser: Any = ElementTree.XMLPullParser(("start", "end"))  # its events are untyped
    root: Any = None
    unread = 0
    try:
        while piece := file.read(1 << 16):
            if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
                raise DataError(f"{name} declares entities, as no dump does. It is not read.")
            parser.feed(piece)
            unread += len(piece)
            for event, element in parser.read_events():
                root = element if root is None else root
                if event == "end" and element.tag == "row":
                    unread = 0
                    yield dict(element.attrib)
                    root.clear()  # else every row stays in memory below the root
            if unread > _MOST_BYTES:
                raise DataError(f"{name} has a part of more than 16 MB that is no row.")
        parser.close()
    except ElementTree.ParseError as error:
        line, column = error.position
        raise DataError(
            f"{name} is not XML in line {line}, column {column}: it is damaged."
        ) from None
