"""Where in a text the words stand that speak for a tag or against it."""

from collections import defaultdict
from dataclasses import dataclass

from core.features.analyzers import place_words
from core.features.tfidf import Tfidf
from core.methods.evidence import Contributions
from core.methods.taggers import TagScorer


@dataclass(frozen=True)
class Stretch:
    """A piece of a text and its part of a tag's score; 0 for what says nothing."""

    text: str
    part: float


def mark_text(
    text: str, tagger: TagScorer, contributions: Contributions, tag: str
) -> list[Stretch]:
    """The text in pieces that join to it; the parts sum to those that could be placed.

    A word that stands several times, or in several phrases, has its share of each.
    tagger: whose contributions to the text these are.
    """
    column = tagger.tags.index(tag)
    if tagger.words is None:
        return mark_pieces(text, contributions, column)
    parts = contributions.parts[:, column].tolist()
    part_of = dict(zip(contributions.terms, parts, strict=True))
    return _fill(text, _terms_in(text, tagger.words, part_of))


def mark_pieces(text: str, contributions: Contributions, column: int) -> list[Stretch]:
    """As mark_text, for contributions that came from leaving stretches of the text out.

    column: of the tag.
    """
    parts = contributions.parts[:, column].tolist()
    return _fill(text, _pieces_in(text, list(zip(contributions.terms, parts, strict=True))))


def _fill(text: str, spans: list[tuple[int, int, float]]) -> list[Stretch]:
    """What lies between the spans, too."""
    stretches, end = [], 0
    for start, stop, part in spans:
        if start > end:
            stretches.append(Stretch(text[end:start], 0.0))
        stretches.append(Stretch(text[start:stop], part))
        end = stop
    if end < len(text):
        stretches.append(Stretch(text[end:], 0.0))
    return stretches


def _terms_in(
    text: str, features: Tfidf, part_of: dict[str, float]
) -> list[tuple[int, int, float]]:
    """Words of the text with their shares of the terms that they are part of."""
    words = list(place_words(text, features.analyzer))
    places: dict[str, list[int]] = defaultdict(list)
    low, high = features.ngram_range
    for length in range(low, high + 1):
        for start in range(len(words) - length + 1):
            term = " ".join(word for word, _, _ in words[start : start + length])
            if term in part_of:
                places[term] += range(start, start + length)
    shares = [0.0] * len(words)
    for term, at in places.items():
        for place in at:
            shares[place] += part_of[term] / len(at)
    return [(start, stop, share) for (_, start, stop), share in zip(words, shares, strict=True)]


def _pieces_in(text: str, pieces: list[tuple[str, float]]) -> list[tuple[int, int, float]]:
    """Stretches of words in the order of the text, as leaving them out made them."""
    spans, end = [], 0
    for piece, part in pieces:
        words = piece.split()
        if not words or (start := text.find(words[0], end)) < 0:
            continue
        stop = start
        for word in words:
            stop = text.find(word, stop) + len(word)
        spans.append((start, stop, part))
        end = stop
    return spans
