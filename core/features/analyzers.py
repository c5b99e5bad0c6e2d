"""How a text becomes words: scikit-learn's way (the study's) and one that knows technical names."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

# scikit-learn's default: two or more word characters, so C and R vanish and C++ becomes nothing.
_SKLEARN_WORD = re.compile(r"(?u)\b\w\w+\b")

# Names first, then plain words. A dot joins only known endings, so that "end.Start" stays two.
TECHNICAL_WORD = re.compile(
    r"""
    (?<![\w.])\.net\b                                # .NET
    | [a-z]\w*(?:\+\+|\#)(?!\w)                      # C++, C#, F#
    | [a-z]\w*\.(?:js|ts|net|io|py|ai|rs|go)\b       # node.js, asp.net, socket.io
    | [\u3400-\u9fff]+                               # a run of Chinese, cut into words below
    | [^\W\u3400-\u9fff]+                            # any other word, one letter too: C, R, k8s
    """,
    re.VERBOSE,
)
CHINESE = re.compile(r"[\u3400-\u9fff]")


def sklearn_words(text: str) -> list[str]:
    """Lower-case words of scikit-learn's default pattern."""
    return _SKLEARN_WORD.findall(text.lower())


def technical_words(text: str) -> list[str]:
    """Lower-case words that keep C, R, C++, C#, .NET, node.js, k8s; Chinese words by jieba.

    Jieba rather than character n-grams: docs/benchmarks.md has the measurement.
    """
    words = []
    for word in TECHNICAL_WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        if CHINESE.match(word):
            words += _jieba().lcut(word)
        else:
            words.append(word)
    return words


@cache
def _jieba() -> Any:
    import jieba

    # Its own start-up would unmarshal a cache from the shared temporary folder, where anyone
    # can put one; reading the dictionary instead takes as long (0.4 s), once.
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer


ANALYZERS: dict[str, Callable[[str], list[str]]] = {
    "sklearn": sklearn_words,
    "technical": technical_words,
}
