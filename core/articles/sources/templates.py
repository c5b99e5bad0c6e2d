"""Marks of site builders in Markdown, which a page never shows: Liquid, shortcodes, attributes.

`{{ page.title }}`, `{% include x %}` (Jekyll, Hexo, Eleventy), `{{< figure >}}`, `{{% note %}}`
(Hugo), `{#anchor}`, `{: .class}`, and the numbers of footnotes. Code is never touched.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from core.articles.sources.mdx import end_of_tag, is_component

# Stands where a mark was: no blank, so that the address of a link stays one word.
PLACE = "\ufffc"
_OPENING = re.compile(
    r"\\[\\`{<]|`+|\{\{|\{%|\{#|\{:|\{/\*|\{\s*[\"']\s*[\"']\s*\}|\[\^|<(?:(?:pre|code)\b)?",
    re.IGNORECASE,
)
_RAW = re.compile(r"\{%-?\s*(raw|verbatim|comment)\s*-?%\}")
_ATTRIBUTES = re.compile(r"\{:\s*(?:[.#\w][\w.-]*\s*\}|[.#][^{}\n]*\}|[\w-]+=[\"'][^{}\n]*\})")
_ANCHOR = re.compile(r"\{#[^{}\n]*\}")
_FOOTNOTE = re.compile(r"\[\^([^\[\]\s]{1,100})\]:?")
# Hugo shows {{</* figure */>}} as {{< figure >}}.
_SHOWN = {"{{</*": "*/>}}", "{{%/*": "*/%}}"}
_CODE_TAG = re.compile(r"<(pre|code)\b", re.IGNORECASE)


@dataclass
class TemplateCutter:
    """Cuts one paragraph after the other; {% raw %} may begin in one and end in a later one.

    mdx: JSX tags and comments are marks as well. notes: the names of the footnotes that there are;
    other brackets with ^ are text, such as those of regular expressions.
    """

    mdx: bool = False
    notes: frozenset[str] = frozenset()
    _raw: str = ""

    def cut(self, paragraph: str) -> str:
        """The paragraph with PLACE where a mark was. A mark that does not end in it stays."""
        text = _Paragraph(paragraph)
        pieces: list[str] = []
        at = 0
        while at < len(paragraph):
            if self._raw:
                at = self._until_end_of_raw(paragraph, at, pieces)
                continue
            opening = _OPENING.search(paragraph, at)
            if opening is None:
                pieces.append(paragraph[at:])
                break
            pieces.append(paragraph[at : opening.start()])
            shown, at = self._mark(text, opening)
            pieces.append(shown)
        return "".join(pieces)

    def _mark(self, text: "_Paragraph", opening: re.Match[str]) -> tuple[str, int]:
        """What is shown of what begins here, and where it ends."""
        what, start = opening[0], opening.start()
        if what.startswith("`"):
            end = text.end_of_code(start, len(what))
        elif what == "{%" and (raw := _RAW.match(text.all, start)):
            self._raw = raw[1]
            return PLACE, raw.end()
        elif (opened := text.all[start : start + 5]) in _SHOWN:
            if (end := text.after(_SHOWN[opened], start)) > 0:
                return f"{opened[:3]}{text.all[start + 5 : end - 5]}{_SHOWN[opened][2:]}", end
        elif what == "<" or what.lower() in ("<pre", "<code"):
            return self._tag(text, start, what)
        elif (end := self._end(text, what, start)) > 0:
            return PLACE, end
        if what.startswith("`") and end > 0:
            return text.all[start:end], end
        return what, opening.end()

    def _end(self, text: "_Paragraph", what: str, start: int) -> int:
        """Where a mark ends; -1 if this is none."""
        if what == "{{":
            end = text.after("}}", start)
            return end + 1 if end > 0 and text.all[end : end + 1] == "}" else end
        if what == "{%":
            return text.after("%}", start)
        if what == "{/*":
            return text.after("*/}", start) if self.mdx else -1
        if what.startswith("{") and what.endswith("}"):
            return start + len(what) if self.mdx else -1
        patterns = {"{#": _ANCHOR, "{:": _ATTRIBUTES, "[^": _FOOTNOTE}
        found = patterns[what].match(text.all, start) if what in patterns else None
        if found is None or (what == "[^" and found[1] not in self.notes):
            return -1
        return found.end()

    def _tag(self, text: "_Paragraph", start: int, what: str) -> tuple[str, int]:
        if what != "<":
            end = text.after(f"</{what[1:].lower()}>", start)
            return (text.all[start:end], end) if end > 0 else (what, start + len(what))
        end = end_of_tag(text.all, start) if self.mdx and text.misses < 50 else -1
        if end < 0:
            text.misses += 1
            return what, start + 1
        tag = text.all[start:end]
        return (PLACE if is_component(tag) else tag), end

    def _until_end_of_raw(self, paragraph: str, at: int, pieces: list[str]) -> int:
        end = re.compile(rf"\{{%-?\s*end{self._raw}\s*-?%\}}").search(paragraph, at)
        if self._raw != "comment":
            pieces.append(paragraph[at : end.start() if end else len(paragraph)])
        elif end is None:
            self._raw = ""  # a comment ends in its paragraph, or it was none
            pieces.append(paragraph[at:])
            return len(paragraph)
        if end is None:
            return len(paragraph)
        self._raw = ""
        pieces.append(PLACE)
        return end.end()


@dataclass
class _Paragraph:
    """A text in which each kind of end is looked for in vain once only."""

    all: str
    misses: int = 0
    _without: set[str] = field(default_factory=set)
    _runs: dict[int, list[int]] | None = None

    def after(self, closing: str, start: int) -> int:
        """Behind the next such end; -1 if there is none."""
        if closing in self._without:
            return -1
        text = self.all.lower() if closing.startswith("</") else self.all
        found = text.find(closing, start + 2)
        if found < 0:
            self._without.add(closing)
            return -1
        return found + len(closing)

    def end_of_code(self, start: int, length: int) -> int:
        """Behind the next run of as many backticks; -1 if there is none."""
        if self._runs is None:
            self._runs = {}
            for run in re.finditer("`+", self.all):
                self._runs.setdefault(len(run[0]), []).append(run.start())
        places = self._runs.get(length, [])
        following = bisect_right(places, start)
        return places[following] + length if following < len(places) else -1
