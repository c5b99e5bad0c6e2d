"""Plain text of the HTML that sites and Markdown give."""

import re

# Elements that begin a line of their own. Source: https://html.spec.whatwg.org (15.3.3, 15.3.7).
_BLOCKS = frozenset(
    (
        "address article aside blockquote br caption center dd details dialog div dl dt "
        "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li "
        "main menu nav ol optgroup option p pre search section summary table tbody tfoot thead "
        "tr ul"
    ).split()
)
# Cells of a table and the parts of a form stand apart, in one line.
_APART = frozenset("button img input label rt select td textarea th video audio iframe".split())
# What no page shows; a head holds the keywords of its page.
_HIDDEN = frozenset(["head", "script", "style", "template", "title"])


def html_to_text(html: str, *, keep_code: bool = True) -> str:
    """The words a reader sees, a line a block. keep_code: False drops <pre> and <code>.

    What is hidden and never ends, such as a <script> that a sentence names, hides nothing. The
    time grows with the length alone: libxml2 reads it, for Python's own parser takes minutes over
    some texts of a few thousand opened comments.
    """
    hidden = _HIDDEN if keep_code else _HIDDEN | {"pre", "code"}
    # Where no > follows there is no tag, and the rest would be taken for a tag that never ends.
    end = html.rfind(">") + 1
    shown = html[:end] + html[end:].replace("<", "&lt;")
    for name in hidden - {"head"}:  # whose own end may be left out
        shown = _show_what_never_ends(shown, name)
    text = _read(shown, hidden)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _show_what_never_ends(html: str, name: str) -> str:
    """The elements of this name after the last one that is closed, as text."""
    ends = [found.end() for found in re.finditer(rf"</{name}\b", html, re.IGNORECASE)]
    last = ends[-1] if ends else 0
    return html[:last] + re.sub(rf"<(?={name}\b)", "&lt;", html[last:], flags=re.IGNORECASE)


def _read(html: str, hidden: frozenset[str]) -> str:
    from lxml import etree  # many commands read no HTML

    reader = _TextOf(hidden)
    parser = etree.HTMLParser(target=reader, encoding="utf-8")
    # libxml2 stops at a NUL character.
    parser.feed(html.replace("\0", "\ufffd").encode(errors="replace"))
    return str(parser.close())


class _TextOf:
    """Gathers what is shown: the parser calls start, end and data as it reads."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self._hidden = hidden
        self._pieces: list[str] = []
        self._open: list[str] = []

    def start(self, tag: str, attributes: object) -> None:
        if tag in self._hidden:
            self._open.append(tag)
        self._part(tag)

    def end(self, tag: str) -> None:
        if tag in self._open:
            del self._open[self._open.index(tag) :]
        self._part(tag)

    def data(self, text: str) -> None:
        if not self._open:
            self._pieces.append(text)

    def close(self) -> str:
        return "".join(self._pieces)

    def _part(self, tag: str) -> None:
        if not self._open:
            self._pieces.append("\n" if tag in _BLOCKS else " " if tag in _APART else "")
