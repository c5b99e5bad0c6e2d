"""The article in a file that an editor drops: plain text, Markdown or a web page."""

import re
from pathlib import PurePath

from core.articles.language import detect_language
from core.base.errors import FetchError
from core.suggest.fetch_text import FetchedPage, decode_html
from core.suggest.page_reader import page_reader

ENDINGS = ("txt", "md", "html", "htm")
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title\s*:\s*(.+)$", re.MULTILINE)
_HEADING = re.compile(r"\A\s*#\s+(.+)$", re.MULTILINE)


def read_dropped(name: str, body: bytes) -> FetchedPage:
    """Title and text of a file. name: decides what it is. Raises FetchError if it has none."""
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        raise FetchError(f"This file ends in {ending or 'nothing'!r}. Drop a .txt, .md or .html.")
    if not body.strip(b"\0 \t\r\n"):
        raise FetchError("This file is empty. Choose another one.")
    if ending.startswith("htm"):
        return page_reader().read(decode_html(body, None), "")
    text = decode_html(body, None).replace("\0", "")
    title, text = _split_markdown(text) if ending == "md" else ("", text)
    return FetchedPage("", title, "", text.strip(), detect_language(text))


def _split_markdown(text: str) -> tuple[str, str]:
    """The title of its front matter or first heading, and the rest."""
    title = ""
    if front := _FRONT_MATTER.match(text):
        text = text[front.end() :]
        if named := _TITLE.search(front[1]):
            title = named[1].strip().strip("\"'")
    if not title and (heading := _HEADING.match(text)):
        title, text = heading[1].strip(), text[heading.end() :]
    return title, text
