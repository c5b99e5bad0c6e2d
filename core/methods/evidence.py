"""What a stretch of a text adds to the scores of its tags."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.features.chinese import CHINESE

# Texts scored for one explanation at most, so many at a time, for so long.
_MOST_PIECES = 48
_AT_ONCE = 8
SECONDS = 2.0

_WORD = re.compile(r"\S+")
_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s)|[。！？]|\n|$)", re.DOTALL)


@dataclass(frozen=True)
class Contributions:
    """What stretches of a text (words or phrases) add to each tag's score: parts (t, K)."""

    terms: tuple[str, ...]
    parts: NDArray[np.float64]


def occluded_parts(
    scores: Callable[[Sequence[str]], NDArray[np.float32]],
    text: str,
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Contributions:
    """Each stretch's part of every tag's score, by leaving it out, as far as the time allows.

    A stretch is a word of a short text, a sentence (or a few) of a longer one. At least the
    first eight are tried. Source: Zeiler and Fergus 2014 (occlusion), on text instead of pixels.
    """
    end = clock() + seconds
    pieces = _pieces(text)
    terms: list[str] = []
    parts: list[NDArray[np.float64]] = []
    (with_all,) = scores([text])
    for first in range(0, len(pieces), _AT_ONCE):
        some = pieces[first : first + _AT_ONCE]
        without = scores([f"{text[:start]} {text[stop:]}" for start, stop in some])
        terms += [text[start:stop].strip() for start, stop in some]
        parts += [np.asarray(with_all - others, np.float64) for others in without]
        if clock() >= end:
            break
    return Contributions(tuple(terms), np.array(parts).reshape(len(terms), len(with_all)))


def _pieces(text: str) -> list[tuple[int, int]]:
    """Where each stretch begins and ends."""
    words = [match.span() for match in _WORD.finditer(text)]
    sentences = [match.span() for match in _SENTENCE.finditer(text)]
    # Words of Chinese have no spaces between them.
    spans = sentences if len(words) > _MOST_PIECES or CHINESE.search(text) else words
    size = max(-(-len(spans) // _MOST_PIECES), 1)
    return [
        (spans[i][0], spans[min(i + size, len(spans)) - 1][1]) for i in range(0, len(spans), size)
    ]
