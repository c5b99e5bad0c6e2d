"""The head of a post, where its title and tags stand, in the forms of the usual site builders.

| form | who writes it |
|---|---|
| YAML between --- lines, or ended by ... | Jekyll, Hugo, Hexo, Docusaurus, Astro, Eleventy |
| TOML between +++ lines | Hugo, Zola |
| one JSON object | Hugo |
| YAML ended by ---, JSON fields ended by ;;;, the opening line optional | Hexo |
| `Name: value` lines up to a blank one | Pelican, MultiMarkdown |

Not python-frontmatter: it knows the first three forms only, and makes dates and numbers of tags.

Sources: https://jekyllrb.com/docs/front-matter, https://gohugo.io/content-management/front-matter,
https://hexo.io/docs/front-matter, https://docs.getpelican.com/en/latest/content.html.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

# A head of a few thousand characters is long. YAML is read at some 50,000 characters a second.
_MOST_CHARACTERS = 100_000
_DASHES = re.compile(r"-{3,}\s*")
_SEMICOLONS = re.compile(r";{3,}\s*")
_YAML_END = re.compile(r"(?:-{3,}|\.\.\.)\s*")
_NAMED = re.compile(r"([A-Za-z0-9_-]+):\s*(.*)")
_YAML_LINE = re.compile(r"[\w-]+:(?:\s|$)|\s|- |-$|#|$")
# One of these has to stand in a head that no line opens: other texts begin with "Note: ..." too.
_KNOWN = frozenset(("title", "date", "tags", "tag", "category", "categories", "slug", "layout"))
# What a plain value cannot begin with: YAML gives it a meaning, and here it was broken.
_YAML_MARKS = tuple("[{&*!|>'\"%")


class FrontMatterError(ValueError):
    """Why the head of a post cannot be read."""


@dataclass(frozen=True)
class Post:
    """The head, its names in lower case, and what stands below it.

    Numbers, dates and words of a YAML head are the texts that were written: no, 0123 and 12:30
    are tags as good as any.
    """

    head: Mapping[str, Any]
    body: str


@dataclass(frozen=True)
class _Parts:
    read: Callable[[str], Mapping[str, Any]]
    head: str
    body: str


def parse_post(text: str) -> Post:
    """Raises FrontMatterError if the head has no end or is not written in its own form."""
    parts = _split(text)
    if len(parts.head) > _MOST_CHARACTERS:
        raise FrontMatterError(
            f"its front matter has more than {_MOST_CHARACTERS:,} characters, which is too long"
        )
    return Post({str(name).lower(): v for name, v in parts.read(parts.head).items()}, parts.body)


def body_of(text: str) -> str:
    """What stands below the head, even where the head itself cannot be read."""
    try:
        return _split(text).body
    except FrontMatterError:
        lines = text.lstrip("\ufeff \r\n").splitlines()[1:]
        first = next((at for at, line in enumerate(lines) if not _NAMED.fullmatch(line)), None)
        return "" if first is None else "\n".join(lines[first:])


def without_head(text: str) -> str:
    """A text without the head that a Markdown editor left at its start; any other text as it is."""
    if not text.lstrip("\ufeff\r\n").startswith(("---", "+++")):
        return text
    try:
        post = parse_post(text)
    except FrontMatterError:
        return text
    return post.body if post.head else text


def _split(text: str) -> _Parts:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    lines = text.split("\n")
    first = lines[0].rstrip()
    if _DASHES.fullmatch(first):
        return _between(lines, 1, _YAML_END, first, _yaml)
    if first == "+++":
        return _between(lines, 1, re.compile(r"\+\+\+\s*"), first, _toml)
    if _SEMICOLONS.fullmatch(first):
        return _between(lines, 1, _SEMICOLONS, first, _json_fields)
    if re.match(r'\{\s*["}]', text):
        return _json_object(text)
    if re.match(r'"[^"\n]+"\s*:', first) and (end := _find(lines, _SEMICOLONS)) is not None:
        return _Parts(_json_fields, "\n".join(lines[:end]), "\n".join(lines[end + 1 :]))
    return _without_opening(lines) or _Parts(lambda head: {}, "", text)


def _between(
    lines: list[str],
    start: int,
    closing: re.Pattern[str],
    fence: str,
    read: Callable[[str], Mapping[str, Any]],
) -> _Parts:
    end = _find(lines, closing, start)
    if end is None:
        raise FrontMatterError(f"its front matter has no closing {fence[:3]}")
    return _Parts(read, "\n".join(lines[start:end]), "\n".join(lines[end + 1 :]))


def _find(lines: list[str], closing: re.Pattern[str], start: int = 0) -> int | None:
    return next((at for at in range(start, len(lines)) if closing.fullmatch(lines[at])), None)


def _without_opening(lines: list[str]) -> _Parts | None:
    """Hexo's head without an opening line, or Pelican's named lines; None if it is neither."""
    if not _NAMED.fullmatch(lines[0].rstrip()):
        return None
    end = _find(lines, _DASHES)
    if end is not None and _are_known(lines[:end], _YAML_LINE.match):
        head = "\n".join(lines[:end])
        # With a list below it, a head of named lines looks like YAML up to a rule of the body.
        if "\n\n" not in head or _is_yaml(head):
            return _Parts(_yaml, head, "\n".join(lines[end + 1 :]))
    end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    if end < 2 and not lines[0].lower().startswith("title:"):
        return None  # "Date: the day on which ..." is a sentence
    if _are_known(lines[:end], lambda line: _NAMED.fullmatch(line) or re.match(r"\s", line)):
        return _Parts(_named_lines, "\n".join(lines[:end]), "\n".join(lines[end + 1 :]))
    return None


def _are_known(lines: Iterable[str], is_line: Callable[[str], object]) -> bool:
    names = set()
    for line in lines:
        if not is_line(line):
            return False
        if named := _NAMED.fullmatch(line.rstrip()):
            names.add(named[1].lower())
    return bool(names & _KNOWN)


def _named_lines(head: str) -> Mapping[str, Any]:
    """Plain values, as Python-Markdown's Meta-Data has them: indented lines go on, names add up."""
    found: dict[str, str] = {}
    name = ""
    for line in head.split("\n"):
        if named := _NAMED.fullmatch(line.rstrip()):
            name, line = named[1].lower(), named[2]
        if name:
            found[name] = f"{found.get(name, '')}\n{line.strip()}".strip()
    return found


def _yaml(head: str) -> Mapping[str, Any]:
    import yaml

    try:
        value = yaml.load(head.replace("\t", "    "), Loader=_loader())
    except (yaml.YAMLError, ValueError, RecursionError, AttributeError, TypeError) as error:
        if plain := _plain_values(head):
            return plain
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise FrontMatterError(f"its front matter is not YAML{where}") from None
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise FrontMatterError("its front matter is not a list of names and values")
    merged = value.pop("<<", None)
    return {**merged, **value} if isinstance(merged, dict) else value


def _is_yaml(head: str) -> bool:
    try:
        return bool(_yaml(head))
    except FrontMatterError:
        return False


def _plain_values(head: str) -> Mapping[str, Any]:
    """`title: Go: the tour`, which is no YAML and says what it means; {} for anything else."""
    lines = [line for line in head.split("\n") if line.strip()]
    named = [_NAMED.fullmatch(line.rstrip()) for line in lines]
    if all(line and not line[2].startswith(_YAML_MARKS) for line in named):
        return _named_lines("\n".join(lines))
    return {}


@cache
def _loader() -> Any:
    """YAML whose scalars all stay texts, and that makes no object of any class.

    An alias is the object it refers to, not a copy, so few lines cannot fill the memory; whoever
    walks through lists in lists has to stop somewhere.
    """
    import yaml

    class TextLoader(yaml.BaseLoader):  # type: ignore[misc]
        def construct_object(self, node: Any, deep: bool = False) -> Any:
            if str(node.tag).startswith("tag:yaml.org,2002:python/"):
                raise yaml.constructor.ConstructorError(None, None, "a class", node.start_mark)
            return super().construct_object(node, deep)

    return TextLoader


def _toml(head: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(head, parse_float=str)
    except (ValueError, RecursionError):
        raise FrontMatterError("its front matter is not TOML") from None


def _json_fields(head: str) -> Mapping[str, Any]:
    return _as_mapping(_read_json(f"{{{head.strip().rstrip(',')}}}")[0])


def _json_object(text: str) -> _Parts:
    value, end = _read_json(text)
    head = _as_mapping(value)
    return _Parts(lambda _: head, text[:end], text[end:].lstrip("\n"))


def _read_json(text: str) -> tuple[Any, int]:
    try:
        return json.JSONDecoder(parse_int=str, parse_float=str).raw_decode(text)
    except (ValueError, RecursionError):
        raise FrontMatterError("its front matter is not JSON") from None


def _as_mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FrontMatterError("its front matter is not a list of names and values")
    return value
