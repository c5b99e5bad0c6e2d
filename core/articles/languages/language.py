"""The language of a text, by its script and py3langid."""

import math
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache

from core.articles.article import Article
from core.articles.languages.scripts import CHINESE, LATIN, SCRIPTS, main_script

# Where py3langid has another code than ISO 639-1 for the same.
_LABELS = {"nb": "no"}
# No language, and kinds of English, Arabic, Chinese, Hebrew and Greek that the main ones take in.
_LEFT_OUT = frozenset(("zxx", "pcm", "ary", "arz", "sdh", "wuu", "yue", "hbo", "grc", "dz"))
# A word or two prove little: they are judged like half a line.
_LEAST_BYTES = 32
_MOST_NAMES = 3
_NOTHING_KNOWN = -1e30
_ENOUGH = 20_000
# Characters of the full text that are looked at beside title and description.
_READ = 1000
_USUAL = 0.05


def detect_language(text: str, among: Collection[str] = ()) -> str:
    """Code of the likeliest language; "" for a text without words that tell one.

    The script decides first. Within a script, a language that is not expected has to be likelier
    than the expected ones by a margin, for a title of three words looks like many languages; a
    rare one has to beat the common ones by that margin, too. docs/data.md has the measurement.

    among: codes of the expected languages; without one of the text's script, its commonest is
    expected. Where all are of other scripts, a few Latin words tell nothing: they may be names.

    >>> detect_language("How channels block"), detect_language("数据库索引"), detect_language("404")
    ('en', 'zh', '')
    """
    sample = unicodedata.normalize("NFKC", text[:_ENOUGH])
    script = main_script(sample)
    if script is None:
        return ""
    code_of = {_LABELS.get(code, code): code for code in among if code}
    written = (*script.languages, *_rare_languages()) if script is LATIN else script.languages
    expected = [label for label in written if label in code_of]
    words = list(script.words(sample))
    if code_of and not expected and sample.isascii() and len(words) <= _MOST_NAMES:
        return ""
    if script is CHINESE or len(written) == 1:
        return code_of[expected[0]] if expected else script.languages[0]
    scores = _likelihoods(sample if script is LATIN else " ".join(words))
    if not scores:
        return "" if script is LATIN else script.languages[0]
    commonest = script.languages[:1]
    best = (expected or commonest)[0]
    to_beat = scores[best]
    # Each circle is wider than the one before; the expected ones differ by less.
    circles = (expected or commonest, commonest, script.languages, written)
    for circle, share in zip(circles, (0.5, 1, 1, 1), strict=True):
        likeliest = max(circle, key=scores.__getitem__)
        if scores[likeliest] > to_beat + share * script.margin:
            best = likeliest
        to_beat = max(to_beat, scores[likeliest])
    return code_of.get(best, best)


def _likelihoods(text: str) -> dict[str, float]:
    """py3langid's score of each language, such that a difference means the same at any length.

    Empty if the text has nothing of what its model knows.
    """
    import py3langid  # its model takes half a second to load

    found = dict(py3langid.rank(text))
    if min(found.values()) < _NOTHING_KNOWN:
        return {}
    # The library itself divides by this root where it is asked for probabilities.
    root = math.sqrt(max(len(text.encode(errors="replace")), _LEAST_BYTES))
    return {label: score / root for label, score in found.items()}


@cache
def _rare_languages() -> tuple[str, ...]:
    """Labels of py3langid that no script has; their texts are in Latin letters."""
    import py3langid

    elsewhere = {label for script in (*SCRIPTS, LATIN) for label in script.languages}
    labels = [label for label, _ in py3langid.rank("")]
    return tuple(sorted(set(labels) - elsewhere - _LEFT_OUT))


def with_language(article: Article, among: Collection[str] = ()) -> Article:
    """The article, its language detected where it has none. among: as detect_language has it."""
    if article.language:
        return article
    text = f"{article.title}\n{article.description}\n{article.fulltext[:_READ]}"
    return article.model_copy(update={"language": detect_language(text, among)})


def usual_languages(texts: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Codes of the languages of a twentieth of these texts at least, the commonest first.

    texts: each with the code that is given for it, "" where none is. Empty where all are given,
    for then there is nothing to detect.
    """
    if all(given for _, given in texts):
        return ()
    counts = Counter(given or detect_language(text[: 3 * _READ]) for text, given in texts)
    return tuple(code for code, n in counts.most_common() if code and n >= _USUAL * len(texts))
