"""How long texts are, and how many of them an encoder reads to the end."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.articles.article import Article
from core.articles.fields.article_text import join_title

LengthOf = Literal["title", "description", "title + description", "full text"]
PARTS: tuple[LengthOf, ...] = get_args(LengthOf)
# A Chinese or Japanese character is a word of its own: these scripts put no spaces.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_BARS = 40


@dataclass(frozen=True)
class Lengths:
    """Lengths of the texts that are not empty, in one unit; 0 everywhere if all are empty.

    over_limit: share of the texts longer than the limit, 0..1; None without a limit.
    bars: (shortest, longest, texts) of each bar; the last takes in all that are longer.
    """

    texts: int
    empty: int
    median: int
    nine_tenths: int
    longest: int
    over_limit: float | None
    bars: tuple[tuple[int, int, int], ...]


def texts_of(articles: Sequence[Article], part: LengthOf) -> list[str]:
    """The part of each article, without spaces around it; "" where an article has none."""
    read: dict[LengthOf, Callable[[Article], str]] = {
        "title": lambda article: article.title,
        "description": lambda article: article.description,
        "title + description": lambda article: join_title(article.title, article.description),
        "full text": lambda article: article.fulltext,
    }
    return [read[part](article).strip() for article in articles]


def count_words(texts: Sequence[str]) -> NDArray[np.int64]:
    """Words of each text, (n,): runs of letters and digits; a Chinese character is one."""
    return np.fromiter((len(_WORD.findall(text)) for text in texts), np.int64, count=len(texts))


def build_lengths(counts: NDArray[np.int64], *, limit: int | None = None) -> Lengths:
    """Summarise lengths (n,); 0 marks an empty text."""
    filled = np.sort(counts[counts > 0])
    if not len(filled):
        return Lengths(0, len(counts), 0, 0, 0, None if limit is None else 0.0, ())
    over = None if limit is None else float((filled > limit).mean())
    return Lengths(
        texts=len(filled),
        empty=len(counts) - len(filled),
        median=_quantile(filled, 0.5),
        nine_tenths=_quantile(filled, 0.9),
        longest=int(filled[-1]),
        over_limit=over,
        bars=_bars(filled),
    )


def _quantile(ordered: NDArray[np.int64], share: float) -> int:
    """The least length that `share` of the texts do not exceed."""
    return int(ordered[int(np.ceil(share * len(ordered))) - 1])


def _bars(ordered: NDArray[np.int64]) -> tuple[tuple[int, int, int], ...]:
    """Bars of one width, up to the length that 99 of 100 texts do not exceed."""
    width = _nice_width(_quantile(ordered, 0.99) / _BARS)
    number = -(-_quantile(ordered, 0.99) // width)
    bar_of = np.minimum((ordered - 1) // width, number - 1)
    texts = np.bincount(bar_of, minlength=number).tolist()
    bars = [(bar * width + 1, (bar + 1) * width, texts[bar]) for bar in range(number)]
    first, end, last = bars[-1]
    return (*bars[:-1], (first, max(end, int(ordered[-1])), last))


def _nice_width(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 ... that is at least `least`."""
    width = 1
    while width < least:
        width = width * 5 // 2 if str(width)[0] == "2" else width * 2
    return width
