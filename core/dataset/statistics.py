"""What is in a set of articles: counts for the Explore page and `data stats`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from core.articles.article import Article
from core.dataset.groups import duplicate_groups

if TYPE_CHECKING:
    import pandas as pd

RARE_TAG_COUNT = 20


@dataclass(frozen=True)
class Statistics:
    """Totals of a set of articles.

    rare_share: share of articles, 0..1, with a tag that fewer than 20 articles have.
    tag_counts: articles of each tag, most frequent first, ties by name.
    """

    articles: int
    tags: int
    tags_per_article: float
    rare_share: float
    duplicates: int
    languages: dict[str, int]
    sources: dict[str, int]
    tag_counts: dict[str, int]
    articles_by_tag_number: dict[int, int]


@dataclass(frozen=True)
class Remaining:
    """What stays when only tags in at least `min_count` articles are kept."""

    min_count: int
    tags: int
    articles: int


def build_statistics(articles: Sequence[Article]) -> Statistics:
    """Count the articles, tags, languages, sources and duplicates of a set."""
    counts = Counter(tag for article in articles for tag in article.tags)
    rare = {tag for tag, count in counts.items() if count < RARE_TAG_COUNT}
    with_rare = sum(not rare.isdisjoint(article.tags) for article in articles)
    n = max(len(articles), 1)
    return Statistics(
        articles=len(articles),
        tags=len(counts),
        tags_per_article=counts.total() / n,
        rare_share=with_rare / n,
        duplicates=len(articles) - len(set(duplicate_groups(articles).tolist())),
        languages=dict(Counter(a.language or "unknown" for a in articles).most_common()),
        sources=dict(Counter(a.source or "unknown" for a in articles).most_common()),
        tag_counts=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        articles_by_tag_number=dict(sorted(Counter(len(a.tags) for a in articles).items())),
    )


def build_remaining(articles: Sequence[Article], counts: dict[str, int]) -> list[Remaining]:
    """For each minimum count from 1 to the most frequent tag's: how many tags and articles stay."""
    best = np.array([max((counts[tag] for tag in a.tags), default=0) for a in articles], dtype=int)
    sizes = np.array(list(counts.values()), dtype=int)
    most = int(sizes.max(initial=0))
    articles_from = np.bincount(best, minlength=most + 1)[::-1].cumsum()[::-1]
    tags_from = np.bincount(sizes, minlength=most + 1)[::-1].cumsum()[::-1]
    return [Remaining(m, int(tags_from[m]), int(articles_from[m])) for m in range(1, most + 1)]


def changing_steps(remaining: Sequence[Remaining]) -> list[Remaining]:
    """Only the counts at which something changes, and those before: a step is drawn by both."""
    sizes = [(step.tags, step.articles) for step in remaining]
    last = len(remaining) - 1
    return [
        step
        for at, step in enumerate(remaining)
        if at in (0, last) or sizes[at] != sizes[at - 1] or sizes[at] != sizes[at + 1]
    ]


def tail_rows(counts: Mapping[str, int]) -> list[tuple[int, str, int, float]]:
    """Rank, tag, articles, and the share of all tags given by this tag and more frequent ones.

    counts: articles of each tag, the most frequent first.

    >>> tail_rows({"go": 3, "css": 1})
    [(1, 'go', 3, 0.75), (2, 'css', 1, 1.0)]
    """
    shares = (given / sum(counts.values()) for given in accumulate(counts.values()))
    return [
        (rank, tag, articles, share)
        for rank, ((tag, articles), share) in enumerate(zip(counts.items(), shares, strict=True), 1)
    ]


def article_table(articles: Sequence[Article]) -> pd.DataFrame:
    """One row an article, without its full text."""
    import pandas as pd

    return pd.DataFrame(
        {
            "id": [a.id for a in articles],
            "title": [a.title for a in articles],
            "tags": [list(a.tags) for a in articles],
            "language": [a.language for a in articles],
            "source": [a.source for a in articles],
            "published": [a.published for a in articles],
            "url": [a.url for a in articles],
            "description": [a.description for a in articles],
        }
    )
