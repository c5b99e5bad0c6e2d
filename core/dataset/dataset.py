"""The data set a model sees: texts, tags and which article has which tag."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.articles.article import Article
from core.base.errors import DataError
from core.dataset.compose import compose_text, lacks_column
from core.dataset.config import DataConfig
from core.dataset.variants import known_as


@dataclass(frozen=True)
class Dropped:
    """How many articles each filter took, in the order in which they apply."""

    language: int
    short_description: int
    empty_text: int
    subset: int
    no_tag_left: int

    @property
    def total(self) -> int:
        """Articles that all filters took together."""
        return sum(astuple(self))


@dataclass(frozen=True)
class TagDataset:
    """n articles, their texts, K sorted tags and Y: bool (n, K), True where article has tag.

    corrections, extra: so many articles after the data's own are only ever learnt from, the
    corrections first.
    fingerprint: of all articles; tested_fingerprint: of the data's own, so that it is the same
    for a run with the others and a run without.
    sources: what the data's own articles were read from; of a set its version, as "NAME@2".
    readings: how each of these was read; () where that is not known.
    """

    articles: tuple[Article, ...]
    texts: tuple[str, ...]
    tags: tuple[str, ...]
    Y: csr_array
    dropped: Dropped
    fingerprint: str
    tested_fingerprint: str
    corrections: int = 0
    extra: int = 0
    sources: tuple[str, ...] = ()
    readings: tuple[Mapping[str, Any], ...] = ()

    @property
    def own(self) -> int:
        """So many articles, the first, can be tested on."""
        return len(self.articles) - self.corrections - self.extra

    @property
    def tag_counts(self) -> NDArray[np.int64]:
        """Articles of each tag, (K,)."""
        return np.asarray(self.Y.sum(axis=0, dtype=np.int64)).ravel()


def build_dataset(
    articles: Sequence[Article],
    config: DataConfig,
    *,
    corrections: Sequence[Article] = (),
    extra: Sequence[Article] = (),
) -> TagDataset:
    """Filter articles, compose the text of each, and keep the tags that enough of them have.

    Tags are counted over the articles that pass the other filters; articles left without
    a tag are dropped. corrections, extra: further articles to learn from, as far as they have a
    tag of the others; extra ones under those tags' names, and with "extra:" before their ids.
    Raises DataError if nothing is left, or a further article has the id of an article.

    >>> texts = {"1": ("go", "web"), "2": ("go",), "3": ("rust",)}
    >>> articles = [Article(id=i, title="T", description=i, tags=t) for i, t in texts.items()]
    >>> dataset = build_dataset(articles, DataConfig(min_tag_count=2))
    >>> dataset.tags, dataset.texts, dataset.dropped.no_tag_left
    (('go',), ('T\\n1', 'T\\n2'), 1)
    """
    kept, texts, dropped = _filter_articles(articles, config)
    tags = tuple(sorted(frequent_tags(kept, config.min_tag_count)))
    corrected = _to_learn_from(corrections, config, tags)
    added = [
        a.model_copy(update={"id": f"extra:{a.id}"})
        for a in _to_learn_from(under_known_tags(extra, tags), config, tags)
    ]
    added = _subset(added, config.extra_most)
    _require_new_ids(kept, corrected, "data.corrections")
    _require_new_ids([*kept, *corrected], added, "data.extra")
    everything = (*kept, *corrected, *added)
    all_texts = tuple(texts.get(a.id) or compose_text(a, config) for a in everything)
    fingerprint, tested = _fingerprints(everything, all_texts, tags, own=len(kept))
    return TagDataset(
        articles=everything,
        texts=all_texts,
        tags=tags,
        Y=tag_matrix(everything, tags),
        dropped=dropped,
        fingerprint=fingerprint,
        tested_fingerprint=tested,
        corrections=len(corrected),
        extra=len(added),
    )


def _filter_articles(
    articles: Sequence[Article], config: DataConfig
) -> tuple[list[Article], dict[str, str], Dropped]:
    """The articles that are left, texts by article id, and how many articles each filter took."""
    if not articles:
        raise DataError("The data has no articles. Import a file with some, or name another set.")
    of_language = [a for a in articles if not config.languages or a.language in config.languages]
    if not of_language:
        present = ", ".join(sorted({a.language or "unknown" for a in articles}))
        raise DataError(
            f"No article is in {' or '.join(config.languages)}: the data has {present}. "
            "Change data.languages."
        )
    long_enough = [a for a in of_language if len(a.description) >= config.min_description_length]
    texts = {a.id: compose_text(a, config) for a in long_enough}
    with_text = [a for a in long_enough if texts[a.id]]
    if config.text_column in ("fulltext", "partial_text") and all(
        lacks_column(a, config) for a in with_text
    ):
        raise DataError(_nothing_left(len(articles), (), config))
    subset = _subset(with_text, config.most_articles)
    tags = frequent_tags(subset, config.min_tag_count)
    kept = [a for a in subset if not tags.keys().isdisjoint(a.tags)]
    if not kept:
        raise DataError(_nothing_left(len(articles), subset, config))
    dropped = Dropped(
        language=len(articles) - len(of_language),
        short_description=len(of_language) - len(long_enough),
        empty_text=len(long_enough) - len(with_text),
        subset=len(with_text) - len(subset),
        no_tag_left=len(subset) - len(kept),
    )
    return kept, texts, dropped


def under_known_tags(articles: Sequence[Article], tags: Sequence[str]) -> list[Article]:
    """The articles with the tags (of `tags`) that theirs are known as, and no others."""
    known = known_as({tag for article in articles for tag in article.tags}, tags)
    return [
        a.model_copy(update={"tags": tuple(dict.fromkeys(known[t] for t in a.tags if t in known))})
        for a in articles
    ]


def _require_new_ids(articles: Sequence[Article], further: Sequence[Article], setting: str) -> None:
    if twice := sorted({a.id for a in articles} & {a.id for a in further}):
        raise DataError(
            f"Article id {twice[0]!r} is in the data and again in {setting}. "
            "Leave it out of one of them."
        )


def _to_learn_from(
    articles: Sequence[Article], config: DataConfig, tags: Sequence[str]
) -> list[Article]:
    """Those in a wanted language with a text and a known tag."""
    return [
        a
        for a in articles
        if (not config.languages or a.language in config.languages)
        and compose_text(a, config)
        and not set(tags).isdisjoint(a.tags)
    ]


def _subset(articles: list[Article], most: int) -> list[Article]:
    """`most` articles in their order, drawn by a hash of their ids: the same on every machine."""
    if not most or len(articles) <= most:
        return articles
    drawn = sorted(articles, key=lambda a: hashlib.sha256(a.id.encode()).digest())[:most]
    chosen = {article.id for article in drawn}
    return [article for article in articles if article.id in chosen]


def frequent_tags(articles: Iterable[Article], min_count: int) -> dict[str, int]:
    """Tag -> number of articles, for tags in at least `min_count` of them."""
    counts = Counter(tag for article in articles for tag in article.tags)
    return {tag: count for tag, count in counts.items() if count >= min_count}


def tag_matrix(articles: Sequence[Article], tags: Sequence[str]) -> csr_array:
    """Bool (n, K): True where the article has the tag; other tags are ignored."""
    column_of = {tag: column for column, tag in enumerate(tags)}
    columns = [sorted(column_of[t] for t in a.tags if t in column_of) for a in articles]
    ends = np.cumsum([0] + [len(row) for row in columns])
    flat = np.fromiter((column for row in columns for column in row), np.int64, count=ends[-1])
    return csr_array((np.ones(len(flat), bool), flat, ends), shape=(len(articles), len(tags)))


def _nothing_left(read: int, with_text: Sequence[Article], config: DataConfig) -> str:
    if not with_text:
        return (
            f"None of the {read:,} articles has enough text in {config.text_column!r}. "
            "Choose another data.text_column or lower data.min_description_length."
        )
    most = max(Counter(t for a in with_text for t in a.tags).values(), default=0)
    return (
        f"No tag is in {config.min_tag_count} or more of the {len(with_text):,} articles; "
        f"the most frequent one is in {most}. Lower data.min_tag_count."
    )


def _fingerprints(
    articles: Sequence[Article], texts: Sequence[str], tags: Sequence[str], *, own: int
) -> tuple[str, str]:
    """Of all articles, and of the first so many alone."""
    digest = hashlib.sha256(json.dumps(tags).encode())
    of_own = ""
    for row, (article, text) in enumerate(zip(articles, texts, strict=True)):
        if row == own:
            of_own = digest.hexdigest()
        digest.update(json.dumps([article.id, text, article.tags, article.split]).encode())
    whole = digest.hexdigest()
    return whole, of_own or whole
