"""Text on pages: other people's words shown as they are, and numbers as people read them."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def plain(text: str) -> str:
    """Markdown that shows `text` letter by letter: no link, picture, icon or formula is made."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def count(number: int, noun: str) -> str:
    """ "1 tag", "1,440 articles"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def percent(share: float | None) -> str:
    """A share of 0..1 as people say it: "92 %", "<1 %"; "" for none."""
    if share is None:
        return ""
    whole = round(100 * share)
    if whole < 1:
        return "<1 %"
    return ">99 %" if whole > 99 else f"{whole} %"


def size(number: int) -> str:
    """Bytes as people read them: "3.1 MB", "640 MB", "1.5 GB"."""
    if number >= 1e9:
        return f"{number / 1e9:.1f} GB"
    return f"{number / 1e6:.1f} MB" if number < 1e7 else f"{number / 1e6:.0f} MB"
