"""Plain text of the HTML that sites and Markdown give."""

import re
from html import escape
from html.parser import HTMLParser

# Elements that begin a line of their own. Source: https://html.spec.whatwg.org (15.3.3, 15.3.7).
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
# Cells of a table and the parts of a form stand apart, in one line.
_APART = frozenset(
    [
        "button",
        "img",
        "input",
        "label",
        "rt",
        "select",
        "td",
        "textarea",
        "th",
        "video",
        "audio",
        "iframe",
    ]
)
# What no page shows; a head holds the keywords of its page.
_HIDDEN = frozenset(["head", "script", "style", "template", "title"])


def html_to_text(html: str, *, keep_code: bool = True) -> str:
    """The words a reader sees, a line a block. keep_code: False drops <pre> and <code>.

    What is hidden and never ends, such as a <script> that a sentence names, hides nothing.
    """
    dropped = frozenset() if keep_code else frozenset(("pre", "code"))
    # Where no > follows there is no tag, and the parser would look for each one's end in vain.
    end = html.rfind(">") + 1
    reader = _TextOf(dropped)
    reader.feed(html[:end])
    reader.feed(html[end:].replace("<", "&lt;"))
    reader.close()
    if reader.unclosed:
        names = "|".join(reader.hidden)
        shown = re.sub(rf"<(?={names})", "&lt;", reader.unclosed, flags=re.IGNORECASE)
        reader.pieces.append(f"\n{html_to_text(shown, keep_code=keep_code)}")
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).splitlines())
    return "\n".join(line for line in lines if line)


class _TextOf(HTMLParser):
    def __init__(self, dropped: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.hidden = _HIDDEN | dropped
        self._open: list[str] = []
        self._within: list[str] = []

    @property
    def unclosed(self) -> str:
        """What is left inside of a hidden element that never ends."""
        # Python 3.11 leaves what follows an unclosed <script> unread, later ones hand it out.
        return "".join((*self._within, self.rawdata)) if self._open else ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "body" and self._open == ["head"]:  # whose own end may be left out
            self.handle_endtag("head")
        if tag in self.hidden:
            self._open.append(tag)
        elif self._open:
            self._within.append(self.get_starttag_text() or "")
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag in _APART:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[self._open.index(tag) :]
            if not self._open:
                self._within.clear()
        elif self._open:
            self._within.append(f"</{tag}>")
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag in _APART:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.pieces.append(data)
        elif self.cdata_elem:
            self._within.append(data)
        else:
            self._within.append(escape(data, quote=False))
