"""The scripts that languages are written in, and which of them a text is in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

LATIN_LETTERS = r"a-z\u00df-\u00f6\u00f8-\u02af\u1e00-\u1eff"
# The unified ideographs with their extensions, the repeat mark and the zero of dates.
HAN = r"\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = r"\u3041-\u30ff\u31f0-\u31ff"
HANGUL = r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"


@dataclass(frozen=True)
class Script:
    """letters: lower-case ranges for a character class. languages: ISO 639, the commonest first.

    has_blanks: whether blanks stand between its words. shortest: letters of a word at least; one
    Greek letter is a sign of mathematics. margin: by how much a language that is not expected has
    to be likelier; chosen by benchmarks/languages.py.
    """

    letters: str
    languages: tuple[str, ...]
    has_blanks: bool = True
    shortest: int = 1
    margin: float = 0.5

    @cached_property
    def _word(self) -> re.Pattern[str]:
        return re.compile(f"[{self.letters}]{{{self.shortest},}}", re.IGNORECASE)

    def words(self, text: str) -> Iterator[str]:
        """The words of a text that are in this script; runs of it where it has no blanks."""
        return (found.group() for found in self._word.finditer(text))


CHINESE = Script(HAN, ("zh", "ja"), has_blanks=False)
JAPANESE = Script(KANA, ("ja",), has_blanks=False)
# The common ones; all that no other script has are written in it, too.
LATIN = Script(
    LATIN_LETTERS,
    (
        *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "sl", "hr", "ro", "hu", "sv"),
        *("da", "no", "fi", "et", "lv", "lt", "tr", "id", "vi", "ca"),
    ),
    shortest=2,
    margin=3.0,  # names of techniques, of which short titles consist, look like any language
)
SCRIPTS = (
    CHINESE,
    JAPANESE,
    Script(HANGUL, ("ko",)),
    Script(
        r"\u0400-\u052f", ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "ba")
    ),
    Script(r"\u0370-\u03ff\u1f00-\u1fff", ("el",), shortest=2),
    Script(r"\u0600-\u06ff\u0750-\u077f", ("ar", "fa", "ur", "ps", "ug")),
    Script(r"\u0590-\u05ff", ("he",)),
    Script(r"\u0900-\u097f", ("hi", "mr", "ne", "sa", "gom")),
    Script(r"\u0980-\u09ff", ("bn", "as")),
    Script(r"\u0a00-\u0a7f", ("pa",)),
    Script(r"\u0a80-\u0aff", ("gu",)),
    Script(r"\u0b00-\u0b7f", ("or",)),
    Script(r"\u0b80-\u0bff", ("ta",)),
    Script(r"\u0c00-\u0c7f", ("te",)),
    Script(r"\u0c80-\u0cff", ("kn",)),
    Script(r"\u0d00-\u0d7f", ("ml",)),
    Script(r"\u0d80-\u0dff", ("si",)),
    Script(r"\u0e00-\u0e7f", ("th",), has_blanks=False),
    Script(r"\u0e80-\u0eff", ("lo",), has_blanks=False),
    Script(r"\u0f00-\u0fff", ("bo",), has_blanks=False),
    Script(r"\u1000-\u109f", ("my",), has_blanks=False),
    Script(r"\u10a0-\u10ff", ("ka",)),
    Script(r"\u1200-\u137f", ("am",)),
    Script(r"\u1780-\u17ff", ("km",), has_blanks=False),
    Script(r"\u0530-\u058f", ("hy",)),
)
# English words that neither a name in a foreign sentence nor a line of code has.
_SENTENCE_WORDS = frozenset("a an and are how of that the this to we what why you your".split())


def main_script(text: str) -> Script | None:
    """The script that the sentences of a text are in; None for a text without letters.

    Names of techniques are in Latin letters in every language, so a Latin word counts for less
    than one of another script, unless it makes an English sentence.
    """
    if text.isascii():
        return LATIN if next(LATIN.words(text), None) else None
    found = {script: _evidence(script, text) for script in SCRIPTS}
    # Japanese is written with Chinese characters too, Chinese hardly ever with kana.
    both = found[CHINESE] + found[JAPANESE]
    is_japanese = found[JAPANESE] * 10 > both
    found[CHINESE], found[JAPANESE] = (0, both) if is_japanese else (both, 0)
    best = max(found, key=lambda script: found[script])
    words = list(LATIN.words(text))
    sentences = sum(word.lower() in _SENTENCE_WORDS for word in words)
    small = sum(word[0].islower() for word in words)
    if found[best] and found[best] >= 1.5 * sentences + 0.25 * small:
        return best
    return LATIN if words else None


def _evidence(script: Script, text: str) -> int:
    """Half-words: characters of Chinese and the like, two for a word between blanks."""
    words = list(script.words(text))
    return 2 * len(words) if script.has_blanks else sum(map(len, words))
