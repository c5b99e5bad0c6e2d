"""Work on a text grows with its length, not with its square, whatever the text is made of."""

import time

import numpy as np
import pytest

from core.articles.fields.tag_formats import guess_tag_form, tags_of_cell
from core.articles.languages.language import detect_language
from core.articles.sources.html_text import html_to_text
from core.dataset.lengths import count_words
from core.features.analyzers import ANALYZERS, earlier_words, place_words, technical_words
from core.features.token_counts import word_counts
from core.methods.evidence import occluded_parts
from core.suggest.dropped import read_dropped
from core.suggest.guesses import read_names
from core.suggest.keywords import find_keywords, match_aliases

UNITS = {
    "Chinese and Latin": "a中",
    "Chinese and names": "用C++写c#",
    "Chinese": "囧",
    "Latin": "a",
    "Greek and Latin": "aα",
    "dots": ".",
    "names without an end": "a.j",
    "versions": "a1.",
    "digits": "1",
    "digits and dots": "1.",
    "plus signs": "c+",
    "numbers signs": "c#",
    "slashes": "a/",
    "hyphens": "r-",
    "underscores": "a__",
    "blanks": "a ",
    "line ends": "\n",
    "emoji": "🦫\u200d",
    "combining": "e\u0301\u0300",
    "kana": "アa",
    "Korean": "가a",
    "capitals": "Aa",
    "commas": ",，",
}
WORK = {
    "new words": technical_words,
    "earlier words": earlier_words,
    "scikit-learn's words": ANALYZERS["sklearn"],
    "places": lambda text: list(place_words(text, "technical-2")),
    "earlier places": lambda text: list(place_words(text, "technical")),
    "language": detect_language,
    "keywords": find_keywords,
    "other names": lambda text: match_aliases(text, ["c++", "csharp", "go"]),
    "lengths": lambda text: count_words([text]) + word_counts([text]),
    "names to guess": read_names,
    "a dropped post": lambda text: read_dropped("post.md", f"x{text}".encode()),
    "cells of tags": lambda text: tags_of_cell(text, guess_tag_form([text] * 3)),
    "HTML": html_to_text,
    "pieces": lambda text: occluded_parts(
        lambda texts: np.zeros((len(texts), 1), np.float32), text, seconds=0, clock=lambda: 0.0
    ),
}
SHORT = 5_000


def seconds(work, text, tries=3):
    """The least CPU time of the tries, for others use the machine too."""
    taken = []
    for _ in range(tries):
        begun = time.process_time()
        work(text)
        taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.parametrize("work", WORK)
def test_four_times_the_text_takes_about_four_times_the_work(work):
    technical_words("预热")  # reads the dictionary
    slow = {}
    for name, unit in UNITS.items():
        text = unit * (4 * SHORT // len(unit))
        # A square takes sixteen times as long. What takes a tenth of a second at most is no danger.
        if seconds(WORK[work], text, tries=1) > 0.1:
            short, long = seconds(WORK[work], text[:SHORT]), seconds(WORK[work], text)
            if long > 9 * short:
                slow[name] = (short, long)
    assert not slow
