"""Which mark parts the tags of a column: decided once, from all cells that are looked at."""

import csv
import html
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping

# What a mark is called in a plan and by --tag-separator, and where it cuts. The stronger comes
# first: the less likely it is to stand inside the name of a tag.
_STRONG: dict[str, str] = {
    "newline": r"[\r\n]+",
    "tab": r"\t+",
    "|": r"[|｜]",
    ";#": r";#",  # SharePoint
    ";": r"[;；]",
    "、，；": r"[、，；,;]",
    ",": r"[,，、]",
    " / ": r"(?<=\s)/(?=\s)|／",
    " · ": r"(?<=\s)[·•・](?=\s)",
}
# These also stand inside names: "CI/CD", "machine learning".
_WEAK: dict[str, str] = {"/": r"/", "·": r"[·•・]", "space": r"\s+"}
_PATTERNS = {name: re.compile(pattern) for name, pattern in (_STRONG | _WEAK).items()}
NONE = "none"  # one tag a cell, whatever stands in it
NAMED = (*_PATTERNS, NONE)
_OTHER_NAMES = {"comma": ",", "semicolon": ";", "pipe": "|", "slash": "/", "、": ",", "，": ","}
_OTHER_NAMES |= {" ": "space", "blank": "space", "\t": "tab", "\\t": "tab", "；": ";"}
_OTHER_NAMES |= {"\n": "newline", "\\n": "newline"}
_EDGES = " \t\r\n,;|、，；"
_BULLET = re.compile(r"[-*•]\s+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp);")
_HAN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]{1,8}")
# A tag that is written so has no blank inside: machine-learning, cs.LG; but "python 2.7" is one.
_COMPOUND = re.compile(r"[^\W\d_][-_.][^\W\d_]")
_BITS_A_CHARACTER = 5
_NEAR = 1.03
# Words of a phrase, which never are tags of their own.
_FUNCTION_WORDS = frozenset(
    (
        "a an and for from how in into is my of on or our the this to using what when why with "
        "without you your"
    ).split()
)


def cut(text: str, separator: str) -> list[str]:
    """The tags of a cell, without what is empty; quotes around a tag hold it together.

    separator: one of NAMED, or any other text, at which the cell is cut as it stands.
    """
    if _ENTITY.search(text):
        text = html.unescape(text)
    if separator == NONE:
        return _clean([text])
    pattern = _PATTERNS.get(separator) or re.compile(re.escape(separator))
    parts = _quoted_parts(text, separator) if '"' in text else []
    parts = [part.strip(_EDGES) for part in parts or pattern.split(text)]
    if separator == "newline":
        parts = [_BULLET.sub("", part, count=1) for part in parts]
    if all(len(part) > 2 and part[0] == part[-1] == "'" for part in parts if part):
        parts = [part[1:-1] for part in parts]
    return _clean(parts)


def separator_named(text: str) -> str:
    """What the user calls a mark, as `cut` knows it: "comma" and "\\t" are names too."""
    name = text if text in NAMED else text.lower()
    return _OTHER_NAMES.get(name, name if name in NAMED else text)


def guess_separator(texts: Iterable[str]) -> str:
    """The mark at which a column's cells are cut; NONE if no cell has one.

    Among the marks that are there, the one wins whose parts are the shortest list of names by
    which the cells can be spelled: parts that recur make it short. Of two that do this about
    equally well, the stronger wins, unless far fewer cells have it. A blank and a slash stand
    inside names too, so they need evidence that the parts are tags of their own.
    """
    cells = Counter(text for text in texts if text.strip())
    wide = sum(map(len, (re.findall("[、，；]", text) for text in cells)))
    ascii_marks = sum(map(len, (re.findall("[,;]", text) for text in cells)))
    left_out = (";", ",") if wide and wide >= ascii_marks else ("、，；",)
    found = [name for name in _STRONG if name not in left_out]
    costs = {name: cost for name in found if (cost := _cost_if_cut(cells, name))}
    if not costs:
        return next((name for name in _WEAK if _is_evident(cells, name)), NONE)
    best = min(costs, key=lambda name: costs[name])
    enough = _coverage(cells, best) / 2
    return next(
        name
        for name in costs
        if costs[name] <= costs[best] * _NEAR and _coverage(cells, name) >= enough
    )


def _clean(parts: Iterable[str]) -> list[str]:
    return [name for name in (" ".join(part.split()) for part in parts) if name]


def _quoted_parts(text: str, separator: str) -> list[str]:
    """The parts of `"a, b", c`; nothing if the quotes are not around whole parts."""
    mark = {"tab": "\t", "space": " ", "、，；": ","}.get(separator, separator)
    if len(mark) != 1:
        return []
    try:
        return next(csv.reader([text], delimiter=mark, skipinitialspace=True, strict=True), [])
    except csv.Error:
        return []


def _coverage(cells: Mapping[str, int], name: str) -> int:
    return sum(times for text, times in cells.items() if len(cut(text, name)) > 1)


def _cost_if_cut(cells: Mapping[str, int], name: str) -> float:
    """Bits of the list of names and of the cells spelled by it; 0 if no cell has two parts."""
    return _cost(cells, name) if _coverage(cells, name) else 0.0


def _cost(cells: Mapping[str, int], name: str) -> float:
    names: Counter[str] = Counter()
    for text, times in cells.items():
        for part in cut(text, name):
            names[part] += times
    total = sum(names.values())
    spelling = sum(len(part) + 1 for part in names) * _BITS_A_CHARACTER
    return spelling + sum(times * math.log2(total / times) for times in names.values())


def _is_evident(cells: Mapping[str, int], name: str) -> bool:
    """Whether the parts between blanks, slashes or dots are tags, and not words of a name.

    The bounds part lists of tags, joined by a blank, from single tags of several words and from
    titles, in samples of 10 to 5,000 articles of four sets; see tests/test_tag_cells.py.
    """
    lists = [parts for text in cells if len(parts := cut(text, name)) > 1]
    if not lists:
        return False
    words = [word for parts in lists for word in parts]
    firsts = {parts[0] for parts in lists}
    later = {word for parts in lists for word in parts[1:]}
    alone = {parts[0] for text in cells if len(parts := cut(text, name)) == 1}
    # Such a word stands alone in a cell, or both first and later: "learning" is always last.
    free = alone | (firsts & later)
    freedom = sum(word in free for word in words) / len(words)
    several_free = len(free & set(words)) > 1
    ratio = _cost(cells, name) / _cost(cells, NONE)
    recur = freedom >= 0.3 and several_free
    if name != "space":
        return (recur and ratio <= 0.9) or _share(len(parts) > 2 for parts in lists) >= 0.3
    if _share(word.lower() in _FUNCTION_WORDS for word in words) >= 0.01:
        return False
    whole = _share(bool(_COMPOUND.search(w) or _HAN.fullmatch(w)) for w in words)
    long = _share(len(parts) > 3 for parts in lists)
    return (
        whole >= 0.6
        or (whole >= 0.15 and ratio <= 0.95)
        or (whole >= 0.25 and long >= 0.25)
        or (long >= 0.2 and ratio <= 0.95)
        or (long >= 0.5 and len(lists) > 2 and _share(w[0].isupper() for w in words) <= 0.1)
        or (recur and freedom >= 0.4 and ratio <= 0.7)
    )


def _share(marks: Iterable[bool]) -> float:
    found = list(marks)
    return sum(found) / len(found)
