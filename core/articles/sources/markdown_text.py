"""The text of Markdown as a reader of the page sees it, and the tags that stand in it as lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from core.articles.sources.html_text import html_to_text
from core.articles.sources.mdx import module_rule
from core.articles.sources.tag_lines import tags_of_line
from core.articles.sources.templates import PLACE, TemplateCutter

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_CODE = ("fence", "code_block", "mdx_module")
_HTML_CODE = re.compile(r"\s*<(?:pre|script|style|textarea)\b", re.IGNORECASE)
# Code between marks of a site builder instead of fences.
_CODE_MARK = re.compile(
    r"\{% *(highlight|codeblock)\b[^%\n]*%\}\s*|\{\{[<%] *(highlight)\b[^\n]*?[>%]\}\}\s*"
)
_NOTE = re.compile(r"^[ >]*\[\^([^\[\]\s]{1,100})\]:", re.MULTILINE)


@dataclass(frozen=True)
class MarkdownText:
    """heading: that of the page, "" if there is none. tags: of lines that hold nothing else."""

    text: str
    heading: str
    tags: tuple[str, ...]


def markdown_to_text(body: str, *, mdx: bool = False) -> str:
    """Code included, without the marks of site builders; mdx: without imports and JSX too."""
    return read_markdown(body, mdx=mdx).text


def read_markdown(body: str, *, mdx: bool = False) -> MarkdownText:
    """Text, heading and lines of tags. What Markdown's parser cannot nest is taken as HTML."""
    body = body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    parser = _parser(mdx)
    tags: list[str] = []
    try:
        plain = _without_marks(body, parser, tags, mdx=mdx)
        tokens = [token for token in parser.parse(plain) if token.type != "mdx_module"]
        html = parser.renderer.render(tokens, parser.options, {})
    except RecursionError:  # thousands of nested quotes or lists
        tokens, html = [], body
    text = html_to_text(html.replace(PLACE, " "))
    return MarkdownText(text, _heading_of(tokens), tuple(dict.fromkeys(tags)))


@cache
def _parser(mdx: bool) -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.block.ruler.before(
        "fence",
        "code_mark",
        _code_mark_rule,
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    if mdx:  # has no indented code, and Markdown inside of tags
        parser.disable(["code", "html_block"])
        parser.block.ruler.before("table", "mdx_module", module_rule)
    return parser


def _without_marks(body: str, parser: "MarkdownIt", tags: list[str], *, mdx: bool) -> str:
    """The body with its marks and lines of tags cut, paragraph by paragraph; code as it is."""
    env: dict[str, Any] = {}
    blocks: list[Token] = []
    parser.block.parse(body, parser, env, blocks)
    lines = body.split("\n")
    as_is, in_html = _kept_lines(blocks, lines)
    ends = {number for token in blocks if token.map for number in token.map}
    labels = _tag_lines(blocks, lines, tags)
    cutter = TemplateCutter(mdx, frozenset(_NOTE.findall(body)))
    pieces: list[str] = []
    paragraph: list[str] = []

    def end_paragraph(*, html: bool) -> None:
        if paragraph:
            pieces.extend(_cut_lines(cutter, paragraph, html=html))
            paragraph.clear()

    for number, line in enumerate(lines):
        html = bool(number) and number - 1 in in_html
        if number in as_is or number in labels or not line.strip():
            end_paragraph(html=html)
            pieces.append("" if number in labels else line)
            continue
        if number in ends or (number in in_html) != html:
            end_paragraph(html=html)
        paragraph.append(line)
    end_paragraph(html=len(lines) - 1 in in_html)
    return "\n".join(pieces)


def _cut_lines(cutter: TemplateCutter, paragraph: list[str], *, html: bool) -> Iterator[str]:
    whole = "\n".join(paragraph)
    cut = cutter.cut(whole)
    if cut == whole or html:  # a blank line would end a block of HTML
        yield from cut.split("\n")
        return
    # A mark on a line of its own stands between blocks.
    for line in cut.split("\n"):
        yield line if line.replace(PLACE, "").strip(" >") or not line.strip(" >") else ""


def _kept_lines(blocks: "list[Token]", lines: list[str]) -> tuple[set[int], set[int]]:
    """Numbers of the lines that are code, and of those that are a block of HTML."""
    as_is: set[int] = set()
    html: set[int] = set()
    for token in blocks:
        if not token.map:
            continue
        if token.type in _CODE:
            as_is.update(range(*token.map))
        elif token.type == "html_block":
            code = _HTML_CODE.match(lines[token.map[0]])
            (as_is if code else html).update(range(*token.map))
    return as_is, html


def _tag_lines(blocks: "list[Token]", lines: list[str], tags: list[str]) -> set[int]:
    """Numbers of the lines that hold tags and nothing else; their tags are added to `tags`."""
    top = [token for token in blocks if token.level == 0 and token.map]
    kinds = [token.type for token in top]
    edges = {0, len(top) - 1} | ({1} if kinds[:1] == ["heading_open"] else set())
    found: set[int] = set()
    for at, token in enumerate(top):
        if token.type != "paragraph_open" or token.map is None:
            continue
        for number in range(*token.map):
            names = tags_of_line(lines[number], at_edge=at in edges, at_end=at == len(top) - 1)
            if names:
                found.add(number)
                tags.extend(names)
    return found


def _code_mark_rule(state: Any, start: int, end: int, silent: bool) -> bool:
    """A rule of markdown-it: {% highlight %}, {% codeblock %} and {{< highlight >}} are fences."""
    if state.is_code_block(start):
        return False
    opened = _CODE_MARK.fullmatch(_line(state, start))
    if opened is None or (name := opened[1] or opened[2]) in state.env.get("unclosed", ()):
        return False
    closing = re.compile(rf"(?:\{{% *end{name} *%\}}|\{{\{{[<%] */{name} *[>%]\}}\}})\s*")
    last = next((at for at in range(start + 1, end) if closing.fullmatch(_line(state, at))), None)
    if last is None:
        state.env.setdefault("unclosed", set()).add(name)
        return False
    if silent:
        return True
    token = state.push("fence", "code", 0)
    token.content = state.getLines(start + 1, last, state.sCount[start], True)
    token.markup = "```"
    token.map = [start, last + 1]
    state.line = last + 1
    return True


def _line(state: Any, at: int) -> str:
    return state.src[state.bMarks[at] + state.tShift[at] : state.eMarks[at]]


def _heading_of(tokens: "list[Token]") -> str:
    """The first heading of the first level; else the first block, if it is a heading."""
    openings = [
        at
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and (token.tag == "h1" or at == 0)
    ]
    best = next((at for at in openings if tokens[at].tag == "h1"), openings[0] if openings else -1)
    if best < 0:
        return ""
    return " ".join(_shown(tokens[best + 1]).replace(PLACE, " ").split())


def _shown(inline: "Token") -> str:
    kinds = {"text": "", "code_inline": "", "softbreak": " ", "hardbreak": " "}
    return "".join(
        token.content or kinds[token.type] for token in inline.children or [] if token.type in kinds
    )
