"""What a text is about, by its own words: keywords, and other names of known tags."""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from core.articles.aliases import AMBIGUOUS, SAME_THING, SPOKEN_OF
from core.articles.fields.article_text import join_title
from core.articles.languages.language import detect_language
from core.features.analyzers import technical_words
from core.features.chinese import CHINESE
from core.methods.taggers import TagScorer

_LONGEST_ALIAS = 4
_IN_TITLE = 2.0
# scikit-learn's list of common English words has these, which say what a text is on.
_NO_STOP_WORDS = frozenset(("bill", "computer", "fire", "interest", "system"))
_CHINESE_STOP_WORDS = frozenset(
    (
        *("的", "了", "和", "是", "在", "我们", "可以", "一个", "这个", "进行", "使用", "如果"),
        *("因为", "所以", "但是", "需要", "通过", "没有", "什么", "就是", "以及"),
    )
)


@dataclass(frozen=True)
class Keyword:
    """A word or phrase of the text; weight: frequency times rarity, > 0, the higher the better."""

    term: str
    weight: float
    count: int


@dataclass(frozen=True)
class AliasMatch:
    """The text has `found`, which is another name of the tag."""

    found: str
    tag: str


@dataclass(frozen=True)
class TextFacts:
    """language: ISO 639-1, "" for a text without letters."""

    language: str
    keywords: list[Keyword]
    aliases: list[AliasMatch]


def describe_text(
    text: str, *, tagger: TagScorer, title: str = "", language: str | None = None
) -> TextFacts:
    """What is shown of a text beside the suggested tags. language: if it is known already."""
    return TextFacts(
        language=detect_language(join_title(title, text)) if language is None else language,
        keywords=find_keywords(text, title=title, rarity=Rarity.of(tagger)),
        aliases=match_aliases(join_title(title, text), tagger.tags),
    )


@dataclass(frozen=True)
class Rarity:
    """How rare words are in the articles a tagger learnt from: their idf.

    terms: sorted, with idf for each; without terms every word counts the same.
    """

    terms: Sequence[str] = ()
    idf: Sequence[float] = ()
    highest: float = 1.0

    @classmethod
    def of(cls, tagger: TagScorer) -> "Rarity":
        """The rarity of words in the articles that a tagger was fitted on, where it knows it."""
        words = tagger.words
        if words is None or words.analyzer == "sklearn":
            return cls()
        return cls(words.terms, words.idf.tolist(), float(words.idf.max()))

    def __call__(self, word: str) -> float:
        place = bisect_left(self.terms, word)
        if place < len(self.terms) and self.terms[place] == word:
            return float(self.idf[place])
        return self.highest

    def knows(self, word: str) -> bool:
        """Whether the training articles had the word; always, where that is not known."""
        place = bisect_left(self.terms, word)
        return not self.terms or (place < len(self.terms) and self.terms[place] == word)


def find_keywords(
    text: str, *, title: str = "", rarity: Rarity | None = None, limit: int = 10
) -> list[Keyword]:
    """The best words and two-word phrases, best first.

    weight: (1 + ln count) x rarity, doubled for what stands in the title; a phrase that comes
    at least twice has the rarity of its rarer word. A word that the training articles do not have
    must come twice too, or it is as likely a slip of the pen. A phrase takes the place of a word
    that comes only in it.
    """
    rarity = rarity or Rarity()
    words = technical_words(join_title(title, text))
    counts = Counter(word for word in words if _says_something(word))
    in_title = set(technical_words(title))
    phrases = _phrases(words)
    covered: dict[str, int] = defaultdict(int)
    for pair, count in phrases.items():
        for word in pair:
            covered[word] = max(covered[word], count)
    found = [
        Keyword(word, _weight(count, rarity(word), in_title.issuperset([word])), count)
        for word, count in counts.items()
        if (count > 1 or word in in_title or rarity.knows(word)) and count > covered[word]
    ]
    found += [
        Keyword(
            _join(pair), _weight(count, max(map(rarity, pair)), in_title.issuperset(pair)), count
        )
        for pair, count in phrases.items()
    ]
    return sorted(found, key=lambda keyword: (-keyword.weight, keyword.term))[:limit]


def match_aliases(text: str, tags: Iterable[str]) -> list[AliasMatch]:
    """Other names of the tags that the text has as whole words, in order of the tags."""
    has = _word_runs(technical_words(text))
    return [
        AliasMatch(name, tag)
        for tag in tags
        for name in _other_names(tag)
        if name not in AMBIGUOUS and _as_words(name) in has
    ]


def _other_names(tag: str) -> list[str]:
    """Names of the tag's group, and the words that count for any of them."""
    own = _as_words(tag)
    same = [group for group in _groups(SAME_THING) if own in group]
    keys = {own}.union(*same)
    spoken = [group for group in _groups(SPOKEN_OF) if keys & group.keys()]
    names = {key: name for group in (*same, *spoken) for key, name in group.items()}
    return [name for key, name in names.items() if key != own]


@cache
def _groups(table: tuple[tuple[str, ...], ...]) -> list[dict[str, str]]:
    """Each group's names by the words they are written with."""
    return [{_as_words(name): name for name in group} for group in table]


def _as_words(name: str) -> str:
    return " ".join(technical_words(name))


def _word_runs(words: Sequence[str]) -> set[str]:
    """Every run of up to four words."""
    return {
        " ".join(words[start : start + length])
        for length in range(1, _LONGEST_ALIAS + 1)
        for start in range(len(words) - length + 1)
    }


def _phrases(words: Sequence[str]) -> Counter[tuple[str, str]]:
    pairs = Counter(
        pair for pair in pairwise(words) if all(map(_says_something, pair)) and pair[0] != pair[1]
    )
    return Counter({pair: count for pair, count in pairs.items() if count > 1})


def _says_something(word: str) -> bool:
    return len(word) > 1 and not word.isdigit() and word not in _stop_words()


@cache
def _stop_words() -> frozenset[str]:
    """The commonest words of both languages: frequent without saying what a text is on."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return (ENGLISH_STOP_WORDS - _NO_STOP_WORDS) | _CHINESE_STOP_WORDS


def _weight(count: int, rarity: float, in_title: bool) -> float:
    return (1 + math.log(count)) * rarity * (_IN_TITLE if in_title else 1.0)


def _join(pair: tuple[str, str]) -> str:
    return "".join(pair) if all(map(CHINESE.match, pair)) else " ".join(pair)
