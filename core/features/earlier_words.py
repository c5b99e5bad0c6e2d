"""The technical words of runs trained before names next to Chinese were kept whole.

A saved model counts the words that it was trained on, so this way of cutting never changes.
"""

import re
from collections.abc import Iterator

from core.features.chinese import cut_chinese

_RUN = re.compile(r"(?<![\w.])\.net\b|\w+")
_END_OF_NAME = re.compile(r"(?:\+\+|\#)(?!\w)|\.(?:js|ts|net|io|py|ai|rs|go)\b")
_CHINESE_OR_OTHER = re.compile(r"([\u3400-\u9fff]+)|[^\W\u3400-\u9fff]+")


def find_earlier_words(text: str) -> Iterator[tuple[str, int, int]]:
    """Find each word of a normalised lower-case text, and where it begins and ends."""
    end = 0
    while run := _RUN.search(text, end):
        start, end = run.span()
        if text[start] == ".":
            yield run.group(), start, end
            continue
        name_end = _END_OF_NAME.match(text, end)
        for found in _CHINESE_OR_OTHER.finditer(text, start, end):
            at = found.start()
            if name_end and "a" <= text[at] <= "z":
                # A name took all letters before its end, Chinese ones too.
                end = name_end.end()
                yield text[at:end], at, end
                break
            for word in cut_chinese(found.group()) if found[1] else (found.group(),):
                yield word, at, at + len(word)
                at += len(word)
