"""One short code for each language, however a file names it: by a tag, a code or a name."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

# LinkedInfo's files say "cn"; the other codes of countries are common mistakes of the same kind.
_MISTAKEN = {"cn": "zh", "jp": "ja", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk"}
# Varieties that are written with the same words as the language, and two names of one standard.
_FOLDED = dict.fromkeys(("cmn", "wuu", "yue", "nan", "gan", "lzh", "hak", "hsn"), "zh")
_FOLDED |= {"nb": "no", "fil": "tl", "tl": "tl"}
# Codes of RFC 5646 that say that nothing is known.
_UNKNOWN = frozenset(("und", "mul", "zxx", "mis", "root"))
_TAG = re.compile(r"([a-z]{2,3})([-_.@][a-z0-9@._=-]*)?", re.IGNORECASE)
_OTHER_NAMES = {"farsi": "fa", "castilian": "es", "castellano": "es", "flemish": "nl"}
_OTHER_NAMES |= dict.fromkeys(
    ("mandarin", "汉语", "漢語", "普通话", "普通話", "国语", "國語"), "zh"
)
# Names are looked for in these languages, and in each language for itself.
_NAMING = ("en", "zh", "zh_Hant", "de", "fr", "es", "pt", "it", "ru", "ja", "ko")
_LONGEST = 80


def language_code(text: str) -> str:
    """The ISO 639-1 code, or else the 639-3 code, of a language; "" if no language is named.

    Read are RFC 5646 tags ("en-US", "zh_Hans"), codes of ISO 639-1 to 639-3, and names in
    English, ten more languages and the language itself ("English", "英语", "Deutsch"). A text
    that names two languages names none. Sources: language_subtags.txt for the codes, Unicode
    CLDR, as Babel ships it, for the names.

    >>> [language_code(name) for name in ("en-US", "Deutsch", "简体中文", "Klingonese")]
    ['en', 'de', 'zh', '']
    """
    return _code_of_text(text) if len(text) <= _LONGEST else ""


@lru_cache(maxsize=4096)
def _code_of_text(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if found := _TAG.fullmatch(name):
        code = _known_code(found[1])
        if code or found[2]:
            return code
    if code := _code_of_name(name):
        return code
    parts = re.split(r"[,;/&+]", re.sub(r"[(\[（].*", "", name))
    codes = {_code_of_text(part.strip()) for part in parts if part.strip() != name} - {""}
    return codes.pop() if len(codes) == 1 else ""


def _known_code(code: str) -> str:
    from babel.core import get_global

    if code in _UNKNOWN:
        return ""
    if code in _MISTAKEN:
        return _MISTAKEN[code]
    if code not in _FOLDED:
        code = get_global("language_aliases").get(code, code).partition("_")[0]
    return _FOLDED.get(code) or (code if code in _subtags() else "")


def _code_of_name(name: str) -> str:
    if code := _MISTAKEN.get(name) or _OTHER_NAMES.get(name):
        return code
    for names in _tables():
        if name in names:
            return names[name]
    return ""


def _tables() -> Iterator[Mapping[str, str]]:
    """Name -> code, table by table: those of each language's own names take a second to load."""
    yield from map(_by_name, _NAMING)
    yield _own_names()


@cache
def _subtags() -> frozenset[str]:
    lines = Path(__file__).with_name("subtags.txt").read_text(encoding="ascii").splitlines()
    return frozenset(code for line in lines if line[:1] != "#" for code in line.split())


@cache
def _names(locale: str) -> Mapping[str, str]:
    """Code -> name, by CLDR."""
    from babel import Locale

    return Locale.parse(locale).languages


@cache
def _by_name(locale: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for code, name in _names(locale).items():
        if short := _known_code(code.partition("_")[0]):
            found.setdefault(name.casefold(), short)
    return found


@cache
def _own_names() -> Mapping[str, str]:
    from babel.localedata import locale_identifiers

    found: dict[str, str] = {}
    for locale in sorted(locale_identifiers(), key=len):
        name = _names(locale).get(locale, "") if "_" not in locale else ""
        if name and (code := _known_code(locale)):
            found.setdefault(name.casefold(), code)
    return found
