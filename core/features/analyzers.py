"""How a text becomes words: scikit-learn's way (the study's) and one that knows technical names.

An analyzer is a part of every model that was trained with it. One that cuts any text otherwise
gets a new name, and the old one stays for the runs that were saved with it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

from core.articles.languages.scripts import HAN, HANGUL, KANA, LATIN_LETTERS
from core.features.chinese import cut_chinese
from core.features.earlier_words import find_earlier_words

Place = tuple[str, int, int]
# Of new runs; "technical" is its forerunner.
TECHNICAL = "technical-2"

# scikit-learn's default: two or more word characters, so C and R vanish and C++ becomes nothing.
_SKLEARN_WORD = re.compile(r"(?u)\b\w\w+\b")

_LATIN = f"0-9{LATIN_LETTERS}"
# A name ends before anything but a Latin letter: before Chinese, a version, the s of a plural.
_END = f"(?!(?!s(?![{_LATIN}]))[{LATIN_LETTERS}])"

# Names first, then words. A dot joins only known endings, so that "end.Start" stays two. Each kind
# of script is a word of its own, since many of them are written without blanks around names.
_TECHNICAL_WORD = re.compile(
    rf"""
    (?<![{_LATIN}.])\.net{_END}                                  # .NET
    | [a-z]\#{_END}                                              # C#, F#
    | [a-z][{_LATIN}_]*+(?:\+\+|\.(?:js|ts|net|io|py|ai|rs|go)){_END}  # C++, node.js
    | (?: objective[-\ ]c(?:\+\+)? | obj-c | c-sharp             # whose parts mean other things
        | (?:usb|type)-c | r-(?:cnn|squared) | wi-fi | e-mail
        | h\.26[1-6] | r&d | q&a | (?<![/.])(?:a/b|i/o)(?!/)
      ){_END}
    | (?P<chinese>[{HAN}]++)
    | (?P<latin>[{_LATIN}]++(?:_++[{_LATIN}]++)*+)               # one letter too: C, R, k8s
    | [{KANA}]++ | [{HANGUL}]++
    | (?: (?![_{_LATIN}{HAN}{KANA}{HANGUL}])\w )++               # Cyrillic, Greek, Thai ...
    """,
    re.VERBOSE,
)
_MORE_OF_VERSION = re.compile(rf"\.[0-9]++(?![{_LATIN}])")
_DIGITS = "0123456789"
# Often written with a version and no blank; other words that end in digits are names: S3, web3.
_VERSIONED = frozenset(
    (
        *("android", "angular", "apache", "bootstrap", "centos", "cuda", "debian", "directx"),
        *("django", "doctrine", "dotnet", "drupal", "ejb", "fedora", "flutter", "gcc", "gpt"),
        *("gtk", "hadoop", "hibernate", "http", "ie", "ios", "iphone", "java", "jdk", "jpa"),
        *("jquery", "jsf", "junit", "k8s", "kafka", "keras", "kotlin", "laravel", "llama"),
        *("maven", "mongodb", "mvc", "mysql", "node", "nodejs", "nuxt", "opengl", "openjdk"),
        *("perl", "php", "postgres", "postgresql", "pyqt", "python", "pytorch", "qt", "rails"),
        *("react", "redis", "ruby", "scala", "selenium", "sha", "spark", "spring", "sqlite"),
        *("struts", "svelte", "swift", "symfony", "tensorflow", "tomcat", "typescript"),
        *("ubuntu", "unity", "utf", "vue", "webpack", "windows", "xcode", "yii"),
    )
)
_C_STANDARDS = frozenset(f"c{year}" for year in ("89", "90", "99", "11", "17", "18", "23"))


def sklearn_words(text: str) -> list[str]:
    """Cut a text into the lower-case words of scikit-learn's default pattern.

    >>> sklearn_words("C++ and Node.js")
    ['and', 'node', 'js']
    """
    return _SKLEARN_WORD.findall(text.lower())


def technical_words(text: str) -> list[str]:
    """Cut a text into lower-case words; C, R, C++, C#, .NET, node.js and k8s stay whole.

    What touches a name does not change it, and a version is a word of its own:

    >>> technical_words("用C++17写程序, not C")
    ['用', 'c++', '17', '写', '程序', 'not', 'c']

    Chinese is cut by jieba rather than into n-grams: docs/benchmarks.md has the measurement.
    """
    return [word for word, _, _ in _find_technical(_normalised(text))]


def earlier_words(text: str) -> list[str]:
    """Cut a text as the runs of earlier versions did; names that touch Chinese are broken."""
    return [word for word, _, _ in find_earlier_words(_normalised(text))]


ANALYZERS: dict[str, Callable[[str], list[str]]] = {
    "sklearn": sklearn_words,
    "technical": earlier_words,
    TECHNICAL: technical_words,
}


def place_words(text: str, analyzer: str) -> Iterator[Place]:
    """Find the words of a named analyzer, and where in the text each begins and ends, in order.

    >>> list(place_words("Rust, C++", "technical-2"))
    [('rust', 0, 4), ('c++', 6, 9)]
    """
    prepare, find = _STEPS[analyzer]
    if text.isascii():
        yield from find(prepare(text))
        return
    # Normalising makes one character of several and the other way round.
    letters, places = [], []
    for start, stop in _clusters(text):
        for letter in prepare(text[start:stop]):
            letters.append(letter)
            places.append((start, stop))
    for word, start, end in find("".join(letters)):
        yield word, places[start][0], places[end - 1][1]


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Each character with the combining ones after it."""
    start = 0
    for stop in range(1, len(text) + 1):
        if stop == len(text) or not unicodedata.combining(text[stop]):
            yield start, stop
            start = stop


def _normalised(text: str) -> str:
    # NFKC makes the hyphen that does not break a line the other rare one, U+2010.
    return unicodedata.normalize("NFKC", text).lower().replace("\u2010", "-")


def _find_sklearn(text: str) -> Iterator[Place]:
    for found in _SKLEARN_WORD.finditer(text):
        yield found.group(), *found.span()


def _find_technical(text: str) -> Iterator[Place]:
    for found in _TECHNICAL_WORD.finditer(text):
        word, (start, end) = found.group(), found.span()
        if found["chinese"]:
            for piece in cut_chinese(word):
                yield piece, start, start + len(piece)
                start += len(piece)
        elif found["latin"] and (stem := _versioned_name(word, text, end)):
            yield stem, start, start + len(stem)
            yield word[len(stem) :], start + len(stem), end
        else:
            yield word.replace(" ", "-"), start, end


def _versioned_name(word: str, text: str, end: int) -> str:
    """The name in "python3", or in the "go1" of "go1.21"; "" where the digits belong to it."""
    if word[-1] not in _DIGITS:
        return ""
    stem = word.rstrip(_DIGITS)
    if stem in _VERSIONED or word in _C_STANDARDS:
        return stem
    is_name = stem == "r" or (len(stem) > 1 and stem.isascii() and stem.isalpha())
    return stem if is_name and _MORE_OF_VERSION.match(text, end) else ""


_STEPS: dict[str, tuple[Callable[[str], str], Callable[[str], Iterator[Place]]]] = {
    "sklearn": (str.lower, _find_sklearn),
    "technical": (_normalised, find_earlier_words),
    TECHNICAL: (_normalised, _find_technical),
}
