"""Chinese characters, and how a run of them is cut into words."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from core.articles.languages.scripts import HAN

CHINESE = re.compile(f"[{HAN}]")
# Jieba's time grows with the square of a run without punctuation: 5 s for 32,000 characters.
_LONGEST_RUN = 1000


def cut_chinese(run: str) -> Iterator[str]:
    """Cut a run of Chinese characters into words by jieba; joined, they are the run."""
    for start in range(0, len(run), _LONGEST_RUN):
        yield from _jieba().lcut(run[start : start + _LONGEST_RUN])


@cache
def _jieba() -> Any:
    import jieba

    # Its own start-up would unmarshal a cache from the shared temporary folder, where anyone
    # can put one; reading the dictionary instead takes as long (0.4 s), once.
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
