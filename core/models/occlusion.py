"""What a stretch of a text does for its tags: the scores with it less those without it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.models.tagger import Contributions

# Texts scored for one explanation; the words of a longer text are left out a few at a time.
_MOST_PIECES = 48


def occluded_parts(
    scores: Callable[[Sequence[str]], NDArray[np.float32]], text: str
) -> Contributions:
    """Each word's part of every tag's score, by leaving it out.

    Source: Zeiler and Fergus 2014 (occlusion), on words instead of pixels.
    """
    words = text.split()
    size = -(-len(words) // _MOST_PIECES)
    pieces = [(start, start + size) for start in range(0, len(words), max(size, 1))]
    without = [" ".join(words[:start] + words[end:]) for start, end in pieces]
    with_all, *rest = scores([text, *without])
    terms = tuple(" ".join(words[start:end]) for start, end in pieces)
    parts = np.array([with_all - others for others in rest], np.float64)
    return Contributions(terms, parts.reshape(len(terms), len(with_all)))
