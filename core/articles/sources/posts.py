"""A Markdown post as the cells of an article: what its head, its body and its name say."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from core.articles.fields.article_text import lead_of
from core.articles.fields.dates import day_of_cell
from core.articles.sources.front_matter import FrontMatterError, Post
from core.articles.sources.markdown_text import read_markdown

_DRAFTS = ("draft", "drafts", "unlisted", "hidden", "eleventyexcludefromcollections")
_DRAFT_STATES = frozenset(("draft", "hidden", "skip"))
_YES = frozenset(("true", "yes", "on"))
# What YAML writes where there is nothing, and the switches that some themes have under such names.
_NOTHING = frozenset(("", "~", "null", "true", "false"))
_DATES = (
    "date pubdate pubdatetime published publishdate publish_date published_at created created_at"
).split()
# What an entry of a list of tags or authors calls its name: Docusaurus has label and permalink.
_NAMES = ("name", "label", "title", "tag", "slug", "value", "id", "permalink")
_MOST_NAMES = 1_000
_DEEPEST = 5
_SEPARATORS = re.compile(r"[,;，；、\n]")
# 01/02/2020 may be two days, and a post alone does not tell which.
_EITHER_DAY = re.compile(r"\s*\d{1,2}[-/.]\d{1,2}[-/.]")
_DATED = re.compile(r"(?:^|/)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?=[-_/.])[-_/]?")
_DATED_NAME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}-(?=.)")


def post_cells(post: Post, place: str) -> dict[str, Any]:
    """The row of a post. Without a description, its lead is one.

    place: where it lies in its blog, which decides how Jekyll's tags are parted and whether the
    body is MDX. Raises FrontMatterError for a head that names more than a thousand tags.
    """
    head = post.head
    body = read_markdown(post.body, mdx=is_mdx(place))
    title = title_of(post) or body.heading
    described = _first(head, "description", "summary", "excerpt", "subtitle", "abstract")
    return {
        "id": place,
        "title": title or _title_of_name(place),
        "description": described or lead_of(body.text),
        "fulltext": body.text,
        "tags": list(dict.fromkeys((*tags_of(post, place), *body.tags))),
        "language": _first(head, "lang", "language", "locale"),
        "url": _first(head, "canonical_url", "canonicalurl", "url", "permalink"),
        "creators": _creators(head),
        "published": next(filter(None, (_day(head.get(name)) for name in _DATES)), "")
        or _day_of_name(place),
        "source": _first(head, "source"),
    }


def title_of(post: Post) -> str:
    """The title that the head names, "" if it names none."""
    return _first(post.head, "title")


def tags_of(post: Post, place: str) -> list[str]:
    """Tags, else keywords; categories, topics and labels behind them."""
    head = post.head
    groups = head.get("taxonomies")  # Zola's
    groups = (
        {str(name).lower(): value for name, value in groups.items()}
        if isinstance(groups, dict)
        else {}
    )
    spaces = _parts_at_spaces(place)

    def names(plural: str, singular: str) -> list[str]:
        # Jekyll: "tag: a b" is one tag, "tags: a b" are two. Source: jekyllrb.com/docs/posts.
        found = _names(head.get(singular)) + _names(head.get(plural), spaces=spaces)
        return found or _names(groups.get(plural))

    found = names("tags", "tag") or names("keywords", "keyword")
    for plural, singular in (("categories", "category"), ("topics", "topic"), ("labels", "label")):
        found += names(plural, singular)
    return list(dict.fromkeys(found))


def is_mdx(place: str) -> bool:
    """Whether a file is MDX, by its name: Markdown with JSX in it."""
    return place.lower().endswith(".mdx")


def is_draft(post: Post, place: str) -> bool:
    """Whether a post is not published yet, by its head or its folder."""
    head = post.head
    marked = any(_text(head.get(name)).lower() in _YES for name in _DRAFTS)
    unpublished = _text(head.get("published")).lower() in ("false", "no", "off")
    unfinished = _text(head.get("status")).lower() in _DRAFT_STATES
    return marked or unpublished or unfinished or "_drafts" in PurePosixPath(place).parts


def _parts_at_spaces(place: str) -> bool:
    """Whether the post is Jekyll's, which has "tags: a b" as two; with Hugo and Hexo it is one.

    Jekyll's posts lie in _posts and are named by their day. Hexo's lie in source/_posts, and so do
    those of Octopress, a Jekyll whose posts end in .markdown.
    """
    path = PurePosixPath(place)
    folders = path.parts[:-1]
    at = next((at for at, name in enumerate(folders) if name in ("_posts", "_drafts")), None)
    if at is None or not (_DATED_NAME.match(path.name) or folders[at] == "_drafts"):
        return False
    return at == 0 or folders[at - 1] != "source" or path.suffix == ".markdown"


def _first(head: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that is a filled text."""
    found = (" ".join(_text(head.get(name)).split()) for name in names)
    return next((text for text in found if text.lower() not in _NOTHING), "")


def _text(value: Any) -> str:
    """A scalar as it was written, "" for lists and the like."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str | int | float) else ""


def _names(value: Any, *, spaces: bool = False) -> list[str]:
    """Names of a list, of lists in it (Hexo's nested categories), or of one text with commas.

    spaces: a text without commas is parted at blanks. A list's own texts are never parted.
    """
    if isinstance(value, str):
        if value.strip().lower() in _NOTHING:
            return []
        value = _parted(value.strip(), spaces=spaces)
    elif isinstance(value, bool):
        return []
    found = [*islice(_flat(value, 0), _MOST_NAMES + 1)]
    if len(found) > _MOST_NAMES:
        raise FrontMatterError(f"its front matter names more than {_MOST_NAMES:,} tags")
    return found


def _creators(head: Mapping[str, Any]) -> list[str]:
    """ "author: Bee, Ann" is one person, "authors: Ann, Cy" are two."""
    for name in ("author", "by"):
        if text := _first(head, name):
            return [part.strip() for part in text.split(";") if part.strip()]
    return _names(head.get("author") or head.get("authors") or head.get("by"))


def _parted(text: str, *, spaces: bool) -> list[str]:
    text = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    hashtags = all(word.startswith("#") for word in text.split())
    if _SEPARATORS.search(text):
        return [part.strip(" \"'") for part in _SEPARATORS.split(text)]
    return text.split() if spaces or hashtags else [text]


def _flat(value: Any, depth: int) -> Iterator[str]:
    """The names in lists in lists, and of the objects in them. Aliases can make them endless."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        named = next((value[name] for name in _NAMES if _text(value.get(name))), None)
        if named is not None:
            yield from _flat(named, depth + 1)
        elif len(value) == 1 and depth and all(map(_text, value.values())):
            # "- C#: the language", which YAML takes for a name and its value.
            yield from (f"{name}: {_text(inner)}" for name, inner in value.items())
        else:
            for name, inner in value.items():
                filled = isinstance(inner, list | dict) or _text(inner)
                yield from _flat(inner if filled else str(name), depth + 1)
    elif isinstance(value, list):
        for element in value:
            yield from _flat(element, depth + 1)
    elif name := " ".join(_text(value).split()):
        yield name[1:] if re.match(r"#\w", name) else name


def _day(value: Any) -> str:
    """ISO 8601; "" for what is no whole date, for which no post is lost."""
    text = _text(value)
    if _EITHER_DAY.match(text):
        return ""
    try:
        day = day_of_cell(text)
    except ValueError:
        return ""
    return day.isoformat() if day else ""


def _day_of_name(place: str) -> str:
    """2020-01-05-title.md (Jekyll), 2020-01-05-title/index.md and 2020/01/05/ (Docusaurus)."""
    found = [*_DATED.finditer(place)]
    return _day("-".join(found[-1].groups())) if found else ""


def _title_of_name(place: str) -> str:
    """The name of the file, or of its folder if it is an index; without a day, in words."""
    path = PurePosixPath(place)
    name = path.name.split(".")[0] if path.name.lower().startswith("index.") else path.stem
    if name.lower() == "index" and path.parent.name:
        name = path.parent.name
    if dated := _DATED_NAME.match(name):
        words = re.split(r"[-_]+", name[dated.end() :])
        return " ".join(word[:1].upper() + word[1:] for word in words if word)
    return name
