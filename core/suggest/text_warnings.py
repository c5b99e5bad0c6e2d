"""What an editor should know before trusting the tags of a text, in plain words."""

from core.features.analyzers import ANALYZERS, technical_words
from core.features.chinese import CHINESE
from core.methods.taggers import TagScorer
from core.suggest.keywords import Rarity
from core.suggest.suggester import Suggester, Suggestions

_FEW_WORDS = 15
_FEW_KNOWN = 0.4
_UNLIKELY = 0.05


def find_warnings(
    suggester: Suggester, found: Suggestions, *, text: str, title: str = ""
) -> list[str]:
    """List what makes a text's suggested tags unreliable: sentences, the gravest first.

    suggester: one that holds its tagger itself, whose known words are looked up. found: what it
    suggested for this text. Returns an empty list if there is nothing to warn of.
    """
    whole = suggester.reads(text, title=title)
    words = technical_words(whole)
    return list(
        filter(
            None,
            (
                found.note or _unlike(suggester.tagger, found, whole),
                _too_short(len(words)),
                _partly_read(suggester.tagger, whole, words),
            ),
        )
    )


def _too_short(words: int) -> str:
    if words >= _FEW_WORDS:
        return ""
    return f"This text has only {words} words. Two or three sentences give better tags."


def _unlike(tagger: TagScorer, found: Suggestions, text: str) -> str:
    if tagger.words is not None and tagger.words.analyzer != "sklearn":
        words_of, rarity = ANALYZERS[tagger.words.analyzer], Rarity.of(tagger)
        different = set(words_of(text))
        known = sum(map(rarity.knows, different))
        if known < _FEW_KNOWN * len(different):
            return (
                f"Only {known} of the {len(different)} different words here were in the articles "
                "the tags were learnt from: check the tags."
            )
    likeliest = max((tag.probability or 0.0 for tag in found.tags), default=0.0)
    has_chances = any(tag.probability is not None for tag in found.tags)
    if has_chances and likeliest < _UNLIKELY:
        return (
            "This text is unlike the articles the tags were learnt from: even the most "
            "probable tag is uncertain."
        )
    return ""


def _partly_read(tagger: TagScorer, text: str, words: list[str]) -> str:
    share = tagger.share_read(text)
    if share >= 1:
        return ""
    kind = "characters and words" if CHINESE.search(text) else "words"
    about = 10 * round(len(words) * share / 10)
    return f"Only the start of this text was read: about {about:,} of its {len(words):,} {kind}."
