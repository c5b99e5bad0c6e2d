"""Plain text of the HTML that sites and Markdown give."""

from html.parser import HTMLParser

_BLOCKS = frozenset(
    (
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "table",
        "tr",
        "section",
        "article",
        "hr",
        "dt",
        "dd",
    )
)
_HIDDEN = frozenset(("script", "style", "template"))


def html_to_text(html: str, *, keep_code: bool = True) -> str:
    """The words a reader sees, a line a block. keep_code: False drops <pre> and <code>."""
    reader = _TextOf(frozenset() if keep_code else frozenset(("pre", "code")))
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).splitlines())
    return "\n".join(line for line in lines if line)


class _TextOf(HTMLParser):
    def __init__(self, dropped: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._dropped = _HIDDEN | dropped
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in self._dropped:
            self._open.append(tag)
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[self._open.index(tag) :]
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.pieces.append(data)
