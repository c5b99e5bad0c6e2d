"""Lists of tags as programs print them: JSON, Python, numpy, PostgreSQL; and names in objects."""

import ast
import json
import math
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

# What an object calls its name, best first: LinkedInfo has tagID and label.
_NAMES = ("tagID", "name", "label", "display_name", "displayName", "slug", "tag", "term", "keyword")
_LAST_NAMES = ("title", "text", "value", "id", "#text")
# Where tools put the list itself: Label Studio, Prodigy, spaCy, GraphQL.
_HOLDERS = (
    *("choices", "taxonomy", "labels", "tags", "accept", "cats", "label", "value", "result"),
    *("annotations", "nodes", "edges", "node", "items"),
)
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_LONGEST = 100_000
# One element of a printed list, with what follows it: numpy puts no comma.
_ELEMENT = re.compile(
    r"""\s*(?:(?:np\.str_\()?[uUbB]?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)?"""
    r"""|None|null|NULL|nan|NaN)\s*,?\s*""",
    re.DOTALL,
)
_CALL = re.compile(r"[A-Za-z_][\w.]*\(")
_EMPTY = frozenset(f"{name}()" for name in ("set", "frozenset", "list", "tuple", "dict"))
_POSTGRES = re.compile(r'"((?:[^"\\]|\\.)*)"(?=\s*[,}])|([{},])|([^"{},]+)', re.DOTALL)


def printed_value(text: str) -> Any:
    """The list or object that a program printed into a cell; None if the text is no such thing.

    Read are JSON, a Python list, tuple, set or dictionary, numpy's `['a' 'b']`, and these inside
    a call as in `array([...])`.
    """
    text = _inside_call(_inside_quotes(text.strip()))
    if len(text) < 2 or _BRACKETS.get(text[0]) != text[-1]:
        return None
    value = _json_value(text)
    if value is None:
        value = _quoted_elements(text[1:-1])
    if value is None:
        value = _python_value(text)
    return value if isinstance(value, list | tuple | set | dict) else None


def names_in(value: Any) -> list[str]:
    """The tags that a list or an object holds. Raises ValueError if something in it has no name."""
    try:
        return _names_in(value)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _names_in(value: Any) -> list[str]:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return _names_of_object(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [str(int(value)) if float(value).is_integer() else str(value)]
    if isinstance(value, Iterable):
        elements = list(value)
        if [type(element) for element in elements] == [int, int, str]:
            return [elements[2]]  # doccano's labelled part of a text: from, to, label
        return [name for element in elements for name in _names_in(element)]
    raise ValueError(f"it holds {value!r}, which is no tag")


def postgres_array(text: str) -> list[str] | None:
    """The elements of `{a,"b, c",NULL}`; None if the text is no such array."""
    if len(text) < 2 or text[0] != "{" or text[-1] != "}":
        return None
    names, read = [], 0
    for found in _POSTGRES.finditer(text):
        read += len(found[0])
        quoted, plain = found[1], (found[3] or "").strip()
        if quoted is not None:
            names.append(re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
        elif plain and plain != "NULL":
            names.append(plain)
    return names if read == len(text) else None


def _names_of_object(value: Mapping[Any, Any]) -> list[str]:
    for name in _NAMES:
        if isinstance(value.get(name), str) and value[name]:
            return [value[name]]
    for holder in _HOLDERS:
        if isinstance(value.get(holder), list | tuple | set | Mapping):
            return _names_in(value[holder])
    for name in (*_NAMES, *_LAST_NAMES):
        if value.get(name) not in (None, "") and not isinstance(value[name], bool):
            return _names_in(value[name])
    weights = [0 if weight is None else weight for weight in value.values()]
    if all(isinstance(weight, int | float) for weight in weights):  # which of all tags apply
        return [str(name) for name, weight in zip(value, weights, strict=True) if weight > 0]
    if all(isinstance(element, Mapping) for element in value.values()):
        return _names_in(value.values())
    keys = ", ".join(str(key)[:40] for key in list(value)[:5])
    raise ValueError(f"an object in it has no name, but {keys}")


def _inside_quotes(text: str) -> str:
    """What a JSON text holds if that is a list again."""
    if text[:1] == '"' and text[1:].lstrip()[:1] in _BRACKETS:
        inner = _json_value(text)
        return inner.strip() if isinstance(inner, str) else text
    return text


def _inside_call(text: str) -> str:
    """The list in `array([...], dtype=object)`, `c("a", "b")` or `set()`."""
    call = _CALL.match(text)
    if not call or text[-1] != ")":
        return text
    inner = text[call.end() : -1]
    kind = inner.rfind("dtype=")
    if kind > 0 and not re.search(r"[\])}]", inner[kind:]):
        inner = inner[:kind].rstrip().removesuffix(",")
    inner = inner.strip()
    if text in _EMPTY:
        return "[]"
    if inner[:1] in ("'", '"'):
        return f"[{inner}]"
    return inner if inner[:1] in _BRACKETS else text


def _json_value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _quoted_elements(inner: str) -> list[str] | None:
    """Quoted texts with commas or blanks between them, and nothing else; None otherwise."""
    quoted, at, end = [], 0, len(inner.rstrip())
    while at < end:
        found = _ELEMENT.match(inner, at)
        if not found:
            return None
        if found[1]:
            quoted.append(found[1])
        at = found.end()
    # The quotes of all at once: one by one takes seconds where there are thousands.
    values = _python_value(f"[{','.join(quoted)}]") if "\\" in inner else None
    return values or [text[1:-1] for text in quoted]


def _python_value(text: str) -> Any:
    if len(text) > _LONGEST:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of "\d", which is no escape
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None
