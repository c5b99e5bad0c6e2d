"""What is program and not text in an MDX file: its imports and exports, and the tags of JSX.

Source: https://mdxjs.com/docs/what-is-mdx ("export and import", "JSX").
"""

import re
from typing import Any

_MODULE = re.compile(
    r"import\s*[{*\"']|import\s+(?:type\s|[\w$]+\s*,|[\w$]+\s+from\b)|"
    r"export\s*[{*]|export\s+(?:default|const|let|var|async|function|class|type|interface|enum)\b"
)
_PROGRAM = re.compile(rf"{_MODULE.pattern}|//|/\*|\s|[\])}}]")
_CLOSED = re.compile(r"[\])}]|/>")
_COMPLETE = re.compile(r".*;\s*|import\b.*[\"']\s*")
_TAG = re.compile(r"<(?:/?\s*[A-Za-z_$][\w$.:-]*|/?\s*>)")
_COMPONENT = re.compile(r"</?\s*(?:[A-Z]|[\w$-]+\.|>)")
_DEPTHS = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}
# Strings and comments hide the brackets in them. What never ends goes to the end of the text, so
# that each character is read once.
_STEPS = re.compile(
    r"\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|`(?:\\.|[^`\\])*(?:`|\Z)|//[^\n]*|"
    r"/\*(?:.*?\*/|.*)|[{}()\[\]]|\n",
    re.DOTALL,
)
_IN_TAG = re.compile(
    r"\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|`(?:\\.|[^`\\])*(?:`|\Z)|/\*(?:.*?\*/|.*)|=>|[{}>]",
    re.DOTALL,
)


def module_rule(state: Any, start: int, end: int, silent: bool) -> bool:
    """A rule of markdown-it: a block of imports and exports, which ends at a blank line."""
    if state.level or state.sCount[start] or not _MODULE.match(state.src, state.bMarks[start]):
        return False
    if silent:
        return True
    whole = state.src[state.bMarks[start] : state.eMarks[end - 1]]
    last = start + _module_lines(whole)
    token = state.push("mdx_module", "", 0)
    token.map = [start, last]
    state.line = last
    return True


def end_of_tag(text: str, start: int) -> int:
    """Behind the JSX tag that begins at `start`; -1 if none does. Values in braces may hold >."""
    opening = _TAG.match(text, start)
    if opening is None:
        return -1
    if opening[0].endswith(">"):
        return opening.end()
    depth = 0
    for step in _IN_TAG.finditer(text, opening.end()):
        depth += {"{": 1, "}": -1}.get(step[0], 0)
        if step[0] == ">" and depth <= 0:
            return step.end()
    return -1


def is_component(tag: str) -> bool:
    """Whether it is no tag of HTML: a component, a fragment, or one with values in braces."""
    return "{" in tag or bool(_COMPONENT.match(tag))


def _module_lines(text: str) -> int:
    """How many lines are program: up to a blank one where all brackets are closed, else to any.

    A statement that is complete also ends it, where the next line is no program.
    """
    lines = text.split("\n")
    depth = number = first_blank = 0
    for step in _STEPS.finditer(f"{text}\n\n"):
        depth += _DEPTHS.get(step[0], 0)
        number += step[0].count("\n")
        if step[0] != "\n":
            continue
        if number >= len(lines):
            break
        last, following = lines[number - 1], lines[number]
        if not following.strip():
            first_blank = first_blank or number
            # An apostrophe in JSX hides the brackets behind it: look at the margin as well.
            if depth <= 0 or _CLOSED.match(last):
                return number
        elif depth <= 0 and _COMPLETE.fullmatch(last) and not _PROGRAM.match(following):
            return number
    ended = depth <= 0 or _CLOSED.match(lines[-1])
    return len(lines) if ended or not first_blank else first_blank
