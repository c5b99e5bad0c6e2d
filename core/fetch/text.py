"""The article in a web page: title, description and text, without menus and advertisements."""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from core.articles.languages.language import detect_language
from core.articles.sources.tag_lines import without_tag_lines
from core.base.child import TimeLimit, shared_children
from core.base.errors import FetchError

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE
)
_META_BYTES = 4096
_GUESS_BYTES = 64 * 1024
# Names of Python's that no page means, some slow on hostile bytes; and UTF-16, which a page that is
# read as far as its own declaration cannot be in.
_NO_CHARSETS = frozenset(
    ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined", "utf-16")
)
# The extraction's time grows with the square of the elements: 6 s at so many, minutes at ten times.
_MOST_MARKS = 30_000
# Classes of elements that list the tags of an article in themes of WordPress, Ghost, Hugo, Jekyll;
# p-category is of https://microformats.org/wiki/h-entry.
_LABEL_CLASSES = (
    "tag tags tag-list tags-list taglist tag-links tags-links post-tag post-tags entry-tags "
    "article-tag article-tags p-category post-categories cat-links filed-under"
)
_HAS_LABEL_CLASS = " or ".join(
    f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"
    for name in _LABEL_CLASSES.split()
)
# Links to the page of a tag are labels (https://microformats.org/wiki/rel-tag), and so are elements
# of these classes. In code, "tag" is a class of syntax highlighters.
_LABELS = [
    "//a[contains(concat(' ', @rel, ' '), ' tag ')]",
    "//*[@itemprop='keywords']",
    f"//*[not(self::body or self::main or self::article) and ({_HAS_LABEL_CLASS})]"
    "[not(ancestor-or-self::pre or ancestor-or-self::code)]",
]
# schema.org's mark of a paywall. Source: Google Search Central, "Subscription and paywalled
# content".
_FOR_SUBSCRIBERS = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)


READING = TimeLimit(10.0, "Reading this page", "Copy the text and paste it.")


@dataclass(frozen=True)
class FetchedPage:
    """The article of a page or file.

    language: ISO 639-1, "" for a text without letters. note: a sentence that the reader should
    know, or "".
    """

    url: str
    title: str
    description: str
    text: str
    language: str
    note: str = ""


def read_page(html: str, url: str) -> FetchedPage:
    """Read the main text of a page in this process. Raises FetchError if there is none.

    A hostile page may keep the parser busy for minutes: read one with read_page_in_child.
    """
    if html.count("<") > _MOST_MARKS:
        raise FetchError("This page has too many parts to be read. Copy the text and paste it.")
    import trafilatura  # half a second, with its dictionaries

    # Text, not bytes: bytes that look packed would be unpacked without a limit.
    found = trafilatura.bare_extraction(
        html,
        url=url,
        with_metadata=True,
        include_comments=False,
        fast=True,
        prune_xpath=_LABELS,
    )
    text = found.text or "" if isinstance(found, trafilatura.settings.Document) else ""
    text = without_tag_lines(text.strip()).strip()
    if not text or found is None or isinstance(found, dict):
        raise FetchError(
            "No article was found on this page; perhaps a script draws it, or it is a list. "
            "Open it in your browser and paste the text."
        )
    return FetchedPage(
        url=url,
        title=_line(found.title),
        description=_line(found.description),
        text=text,
        language=detect_language(text),
        note="The page keeps its full text for subscribers: this is the part that is free."
        if _FOR_SUBSCRIBERS.search(html)
        else "",
    )


def read_page_in_child(html: str, url: str, *, limit: TimeLimit = READING) -> FetchedPage:
    """Read a page as read_page does, in a process that is killed when it takes too long.

    Raises FetchError if there is no text, and NoAnswerError if the process gave no answer.
    """
    return shared_children().ask(limit, read_page, html, url)


def decode_html(body: bytes, charset: str | None) -> str:
    """Decode a page: by the server's charset, else the page's own, else UTF-8, else a guess.

    A charset that does not exist or does not fit is passed over; no page is refused for it.
    Raises FetchError for an empty page.

    >>> decode_html("<p>naïve".encode("latin-1"), "iso-8859-1")
    '<p>naïve'
    """
    if not body.strip():
        raise FetchError("This page is empty. Check the address.")
    declared = _META_CHARSET.search(body[:_META_BYTES])
    for name in (charset, declared and declared[1].decode("ascii", "replace"), "utf-8-sig"):
        try:
            if name and codecs.lookup(name).name not in _NO_CHARSETS:
                return body.decode(name)
        except (LookupError, ValueError):
            continue
    guess = from_bytes(body[:_GUESS_BYTES]).best()
    return body.decode(guess.encoding if guess else "utf-8", errors="replace")


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
