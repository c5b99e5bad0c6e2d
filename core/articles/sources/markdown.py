"""A blog of Markdown files (Hugo, Hexo, Jekyll, Astro): a folder or a zip of it, as rows."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from core.articles.article_text import lead_of
from core.articles.compressed import open_archive
from core.articles.rows import Row
from core.articles.sources.html_text import html_to_text
from core.base.errors import DataError

ENDINGS = (".md", ".mdx", ".markdown")
_MOST_BYTES = 4 * 1024 * 1024
_FENCES = {"---": "---", "+++": "+++"}
# Index pages of a section, and the project's own papers.
_NO_POSTS = frozenset(
    ("_index", "readme", "contributing", "license", "changelog", "code_of_conduct")
)
_DRAFTS = ("draft", "drafts", "unlisted", "hidden")
_LIQUID = re.compile(r"\{\{[<%]?.*?[>%]?\}\}|\{%.*?%\}", re.DOTALL)
_IMPORTS = re.compile(r"^(import|export) .*$", re.MULTILINE)


class FrontMatterError(ValueError):
    """Why the head of a post cannot be read."""


@dataclass(frozen=True)
class Post:
    """Front matter, and the Markdown below it."""

    head: Mapping[str, Any]
    body: str


def read_posts(path: Path) -> Iterator[Row]:
    """A row for each post below a folder or in a zip, in order of their names; drafts are left out.

    A post whose front matter is broken is a row with a problem. Raises DataError if there are no
    Markdown files.
    """
    number = 0
    for place, data in _files_of(path):
        if PurePosixPath(place).stem.lower() in _NO_POSTS:
            continue
        number += 1
        try:
            post = parse_post(_text_of(data))
        except FrontMatterError as problem:
            yield Row(number, None, str(problem), place=place)
            continue
        if not is_draft(post, place):
            yield Row(number, post_cells(post, place), place=place)
    if not number and path.is_dir():
        raise DataError(f"There is no file {str(path)!r}, but a folder without Markdown posts.")
    if not number:
        raise DataError(
            f"{path.name} holds no article file and no Markdown posts ({', '.join(ENDINGS)})."
        )


def parse_post(text: str) -> Post:
    """Raises FrontMatterError if the head has no end, or is not YAML or TOML."""
    text = text.removeprefix("\ufeff").lstrip("\r\n")
    lines = text.splitlines()
    fence = lines[0].strip() if lines else ""
    if fence not in _FENCES:
        return Post({}, text)
    end = next((at for at, line in enumerate(lines[1:], 1) if line.strip() == fence), None)
    if end is None:
        raise FrontMatterError(f"its front matter has no closing {fence}")
    head, body = "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])
    return Post(_toml(head) if fence == "+++" else _yaml(head), body)


def post_cells(post: Post, place: str) -> dict[str, Any]:
    """The row of a post. Without a description, its lead is one."""
    head = {str(name).lower(): value for name, value in post.head.items()}
    fulltext = markdown_to_text(post.body)
    described = _first(head, "description", "summary", "excerpt", "subtitle", "abstract")
    return {
        "id": place,
        "title": _first(head, "title") or _heading_of(post.body) or PurePosixPath(place).stem,
        "description": described or lead_of(fulltext),
        "fulltext": fulltext,
        "tags": _tags_of(head),
        "language": _first(head, "lang", "language", "locale"),
        "url": _first(head, "canonical_url", "canonicalurl", "url", "permalink"),
        "creators": _names(head.get("author") or head.get("authors") or head.get("by")),
        "published": _day(head.get("date") or head.get("pubdate") or head.get("published")),
        "source": _first(head, "source"),
    }


def is_draft(post: Post, place: str) -> bool:
    head = {str(name).lower(): value for name, value in post.head.items()}
    marked = any(str(head.get(name, "")).lower() == "true" for name in _DRAFTS)
    unpublished = str(head.get("published", "")).lower() == "false"
    return marked or unpublished or "_drafts" in PurePosixPath(place).parts


def markdown_to_text(body: str) -> str:
    """What a reader of the page sees, code included, without the tags of site builders."""
    from markdown_it import MarkdownIt

    plain = _IMPORTS.sub("", _LIQUID.sub(" ", body))
    try:
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(plain)
    except RecursionError:  # thousands of nested quotes or lists
        html = plain
    return html_to_text(html)


def _files_of(path: Path) -> Iterator[tuple[str, bytes]]:
    if not path.is_dir():
        with open_archive(path) as (archive, members):
            for info in sorted(members, key=lambda info: info.filename):
                if info.filename.lower().endswith(ENDINGS):
                    with archive.open(info) as packed:
                        yield info.filename, packed.read(_MOST_BYTES + 1)
        return
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        hidden = any(part.startswith(".") for part in inside.parts)
        if (
            file.suffix.lower() in ENDINGS
            and not hidden
            and not file.is_symlink()
            and file.is_file()
        ):
            with file.open("rb") as opened:
                yield inside.as_posix(), opened.read(_MOST_BYTES + 1)


def _text_of(data: bytes) -> str:
    if len(data) > _MOST_BYTES:
        raise FrontMatterError(f"is larger than {_MOST_BYTES // 1024**2} MB: no post is so long")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(data[:65536]).best()
        return data.decode(best.encoding if best else "cp1252", errors="replace")


def _yaml(head: str) -> Mapping[str, Any]:
    import yaml

    try:
        # The C loader's rules and errors, without ever making an object of a class.
        value = yaml.load(head.replace("\t", "    "), Loader=_loader())
    except (yaml.YAMLError, ValueError, RecursionError, AttributeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise FrontMatterError(f"its front matter is not YAML{where}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FrontMatterError("its front matter is no list of names and values")
    return value


def _loader() -> Any:
    """Safe YAML without anchors: a few lines of them unfold to gigabytes."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("aliases are not read")
            return super().compose_node(parent, index)

    return Loader


def _toml(head: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(head)
    except (ValueError, RecursionError):
        raise FrontMatterError("its front matter is not TOML") from None


def _first(head: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that is a filled text."""
    found = (head.get(name) for name in names)
    return next((" ".join(str(v).split()) for v in found if isinstance(v, str | int) and v), "")


def _tags_of(head: Mapping[str, Any]) -> list[str]:
    """Tags, else keywords; categories and topics behind them."""
    taxonomies = head.get("taxonomies")
    more = taxonomies if isinstance(taxonomies, dict) else {}
    tags = _names(head.get("tags") or head.get("tag") or more.get("tags") or head.get("keywords"))
    groups = _names(head.get("categories") or head.get("category") or more.get("categories"))
    return list(dict.fromkeys([*tags, *groups]))


def _names(value: Any) -> list[str]:
    """Names of a list, of lists in it (Hexo's nested categories), or of one text with commas."""
    if isinstance(value, str):
        parts = re.split("[,;，、]", value) if re.search("[,;，、]", value) else value.split("\n")
        return [part.strip() for part in parts if part.strip()]
    if isinstance(value, list):
        return [name for element in value for name in _inner_names(element)]
    return [str(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def _inner_names(element: Any) -> list[str]:
    if isinstance(element, dict):
        return _names(element.get("name") or element.get("title"))
    if isinstance(element, list):
        return [name for inner in element if isinstance(inner, str) for name in [inner.strip()]]
    return [str(element).strip()] if isinstance(element, str | int | float) else []


def _day(value: Any) -> str:
    """ISO 8601; "" for what is no date, for which no post is lost."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    found = re.match(
        r"\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})", value if isinstance(value, str) else ""
    )
    try:
        return date(*map(int, found.groups())).isoformat() if found else ""
    except ValueError:
        return ""


def _heading_of(body: str) -> str:
    found = re.search(r"^#\s+(.+)$", body, re.MULTILINE)
    return found[1].strip() if found else ""
