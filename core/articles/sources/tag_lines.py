"""Lines of a text that hold tags and nothing else: they are labels, not words of the article."""

import re

_HASHTAG = r"#[^\s#`,]*[^\W\d_][^\s#`,]*"
_HASHTAGS = re.compile(rf"{_HASHTAG}(?:[\s,]+{_HASHTAG})*,?")
_NAMED = re.compile(
    r"[*_]{0,2}(?:tags?|tagged|keywords?|categor(?:y|ies)|topics?|filed (?:under|in)|"
    r"标签|关键词|分类)[*_]{0,2}\s*[:：]\s*[*_]{0,2}\s*(.+)",
    re.IGNORECASE,
)
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^)\n]*\)")
_LONGEST = 40
_LONGEST_LINE = 1_000


def tags_of_line(line: str, *, at_edge: bool, at_end: bool) -> list[str]:
    """The tags of such a line, else none.

    "Tags: a, b" counts at an edge of the text; hashtags where there are two, or one at the end:
    a single one elsewhere is how some write a heading.
    """
    if len(line) > _LONGEST_LINE:
        return []
    line = _LINK.sub(r"\1", line.strip())
    named = _NAMED.fullmatch(line) if at_edge else None
    if named and (names := _names_in(named[1])):
        return names
    hashtags = re.findall(_HASHTAG, line) if _HASHTAGS.fullmatch(line) else []
    return [tag[1:] for tag in hashtags] if len(hashtags) > 1 or at_end else []


def without_tag_lines(text: str) -> str:
    """The text of a page without such lines among its first two and its last one."""
    lines = text.split("\n")
    kept = [
        line
        for at, line in enumerate(lines)
        if not tags_of_line(line, at_edge=at in (0, 1, len(lines) - 1), at_end=at == len(lines) - 1)
    ]
    return "\n".join(kept)


def _names_in(text: str) -> list[str]:
    """The tags behind the colon; none if it is a sentence."""
    text = text.strip(" *_.")
    parts = re.findall(_HASHTAG, text) if _HASHTAGS.fullmatch(text) else re.split("[,;，、|]", text)
    names = [part.strip(" `*_\"'").lstrip("#") for part in parts]
    long = any(len(name) > _LONGEST or len(name.split()) > 4 for name in names)
    return [] if long else [name for name in names if name]
