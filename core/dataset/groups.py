"""Which articles are copies of one another, so that no copy is both learnt from and tested on."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.articles.article import Article

_BEGINNING = 200


def duplicate_groups(articles: Sequence[Article]) -> NDArray[np.int64]:
    """A group number for each article, (n,): equal for the same url, or same title + description.

    Numbers are 0..g-1 in order of first appearance. Case, spaces and punctuation of the
    texts do not count. Not scipy's connected_components: Explore's first page draws without scipy.

    >>> texts = {"1": "One text", "2": "Another", "3": "one text!"}
    >>> articles = [Article(id=i, title=t, description="", tags=()) for i, t in texts.items()]
    >>> duplicate_groups(articles).tolist()
    [0, 1, 0]
    """
    parent = list(range(len(articles)))
    first_with: dict[tuple[str, ...], int] = {}
    for row, article in enumerate(articles):
        for key in _keys(article):
            _join(parent, row, first_with.setdefault(key, row))
    roots = [_root(parent, row) for row in range(len(articles))]
    numbers = {root: number for number, root in enumerate(dict.fromkeys(roots))}
    return np.array([numbers[root] for root in roots], dtype=np.int64)


def groups_with_further(articles: Sequence[Article], own: int) -> NDArray[np.int64]:
    """Group numbers (n,) of own articles (the first so many), by duplicate_groups, and of further.

    A further article is in the group of the first own one that it is a copy of, as copies_of
    knows copies, else in one of its own: the groups of own articles are the same without it.
    """
    groups = duplicate_groups(articles[:own])
    if own == len(articles):
        return groups
    first_with: dict[tuple[str, ...], int] = {}
    for group, article in zip(groups.tolist(), articles[:own], strict=True):
        for key in _beginnings(article):
            first_with.setdefault(key, group)
    numbers = []
    for row, article in enumerate(articles[own:], start=own):
        known = [first_with[key] for key in _beginnings(article) if key in first_with]
        numbers.append(min(known, default=row))
    return np.concatenate([groups, np.array(numbers, dtype=np.int64)])


def copies_of(articles: Sequence[Article], originals: Sequence[Article]) -> NDArray[np.bool_]:
    """Which articles (n,) have the address of an original, or begin as its texts do.

    A text begins with its first 200 characters, without case, spaces and punctuation: of the
    description or full text, with or without the title.
    """
    if not articles:
        return np.zeros(0, dtype=bool)
    known = {key for original in originals for key in _beginnings(original)}
    return np.array([not known.isdisjoint(_beginnings(a)) for a in articles], dtype=bool)


def few_articles(texts: int, different: int) -> tuple[str, str]:
    """Why so few of so many articles count, "" if all do, and what to do about it."""
    if different == texts:
        return "", "Use more articles"
    why = f", as copies of one article count once (there are {texts:,} with them)"
    return why, "Add articles with other texts"


def _beginnings(article: Article) -> set[tuple[str, ...]]:
    title, description, fulltext = article.title, article.description, article.fulltext
    forms = [f"{title} {description} {fulltext}"]
    for text in filter(None, (description, fulltext)):
        forms += [text, f"{title} {text}"]
    texts = {_plain(form[: 5 * _BEGINNING])[:_BEGINNING] for form in forms}
    return {("text", text) for text in texts if text} | {
        key for key in _keys(article) if key[0] == "url"
    }


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def _keys(article: Article) -> list[tuple[str, ...]]:
    text = _plain(f"{article.title} {article.description}")
    keys: list[tuple[str, ...]] = [("text", text)] if text else []
    if article.url:
        keys.append(("url", article.url.rstrip("/")))
    return keys


def _root(parent: list[int], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


def _join(parent: list[int], left: int, right: int) -> None:
    left, right = _root(parent, left), _root(parent, right)
    parent[max(left, right)] = min(left, right)
