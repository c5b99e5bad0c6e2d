"""Which articles are copies of one another, so that no copy is both learnt from and tested on."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.articles.article import Article


def duplicate_groups(articles: Sequence[Article]) -> NDArray[np.int64]:
    """A group number for each article, (n,): equal for the same url, or same title + description.

    Numbers are 0..g-1 in order of first appearance. Case, spaces and punctuation of the
    texts do not count.
    """
    parent = list(range(len(articles)))
    first_with: dict[tuple[str, ...], int] = {}
    for row, article in enumerate(articles):
        for key in _keys(article):
            _join(parent, row, first_with.setdefault(key, row))
    roots = [_root(parent, row) for row in range(len(articles))]
    numbers = {root: number for number, root in enumerate(dict.fromkeys(roots))}
    return np.array([numbers[root] for root in roots], dtype=np.int64)


def _keys(article: Article) -> list[tuple[str, ...]]:
    text = re.sub(r"[\W_]+", " ", f"{article.title} {article.description}".casefold()).strip()
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
