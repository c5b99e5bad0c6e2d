"""Tags that are probably one tag in two spellings, and the map that merges them."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from core.articles.aliases import SAME_THING
from core.articles.article import Article
from core.base.errors import DataError

Reason = Literal["same letters", "known alias", "plural", "one letter differs"]
# Surest first; the last is a guess: a merge to be checked before it is used.
REASONS: tuple[Reason, ...] = ("same letters", "known alias", "plural", "one letter differs")
GUESS: Reason = "one letter differs"
_LEAST_LETTERS = {"plural": 4, GUESS: 6}


@dataclass(frozen=True)
class Variant:
    """`tag` is probably `into`, the name that more articles use.

    tag_articles, into_articles: how many articles have each.
    """

    tag: str
    into: str
    tag_articles: int
    into_articles: int
    reason: Reason


def find_variants(counts: Mapping[str, int]) -> list[Variant]:
    """At most one variant for each tag of `counts` (tag -> articles): surest, then most used.

    Of a group of spellings the most frequent stays, ties by name.
    """
    ranked = sorted(counts, key=lambda tag: (-counts[tag], tag))
    place = {tag: number for number, tag in enumerate(ranked)}
    target: dict[str, tuple[str, Reason]] = {}
    for reason in REASONS:
        first_with: dict[str, list[str]] = defaultdict(list)
        for tag in ranked:
            if tag in target:
                continue
            keys = _KEYS[reason](tag)
            fitting = {t for key in keys for t in first_with[key] if _fits(tag, t, reason)}
            if fitting:
                target[tag] = min(fitting, key=place.__getitem__), reason
                continue
            for key in keys:
                first_with[key].append(tag)
    found = [
        Variant(tag, into, counts[tag], counts[into], reason)
        for tag, (into, reason) in target.items()
    ]
    return sorted(found, key=lambda v: (REASONS.index(v.reason), -v.tag_articles, v.tag))


def merge_map(merges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Tag -> the tag that takes its articles, by name, with chains followed to their end.

    merges: pairs of tag and target. Raises DataError for a blank name, for a tag with two
    targets, and for a circle.
    """
    into: dict[str, str] = {}
    for tag, target in ((" ".join(a.split()), " ".join(b.split())) for a, b in merges):
        if not tag or not target:
            raise DataError("A merge lacks a tag or its target. Fill in both or remove the row.")
        if into.setdefault(tag, target) != target:
            raise DataError(f"Tag {tag!r} is to become {into[tag]!r} and {target!r}. Keep one.")
    return {tag: _end(tag, into) for tag in sorted(into) if into[tag] != tag}


def merged_counts(articles: Iterable[Article], into: Mapping[str, str]) -> dict[str, int]:
    """Articles of each tag after the merge; an article with both spellings counts once."""
    return dict(Counter(tag for a in articles for tag in {into.get(t, t) for t in a.tags}))


def known_as(tags: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Tag -> the known tag of that name, else of the same letters, else of a known alias.

    Tags that no known one means are left out. Of two known ones the first by name is taken.
    """
    ranked = sorted(known)
    names = {name: name for name in ranked}
    letters = {letters_of(name): name for name in reversed(ranked)}
    groups = {key: name for name in reversed(ranked) for key in _alias_keys(name)}
    found = {}
    for tag in tags:
        same = [names.get(tag), letters.get(letters_of(tag)), *map(groups.get, _alias_keys(tag))]
        if name := next(filter(None, same), None):
            found[tag] = name
    return found


def letters_of(tag: str) -> str:
    """A tag without case, spaces and punctuation.

    + and # stay, and a dot at the start: C++ and C# are not C, .NET is not net.
    """
    folded = unicodedata.normalize("NFKC", tag).casefold().strip()
    return re.sub(r"(?!^\.)[^\w+#]|_", "", folded) or folded


def _end(tag: str, into: Mapping[str, str]) -> str:
    seen = [tag]
    while into.get(seen[-1], seen[-1]) != seen[-1]:
        seen.append(into[seen[-1]])
        if seen[-1] in seen[:-1]:
            raise DataError(f"These merges run in a circle: {' > '.join(seen)}. Remove one.")
    return seen[-1]


def _letter_keys(tag: str) -> list[str]:
    return [letters_of(tag)]


_GROUP_OF = {name: group[0] for group in SAME_THING for name in map(letters_of, group)}


def _alias_keys(tag: str) -> list[str]:
    letters = letters_of(tag)
    group = _GROUP_OF.get(letters)
    return [group] if group else []


def _plural_keys(tag: str) -> list[str]:
    letters = letters_of(tag)
    ends = (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("xes", "x"), ("s", ""))
    for end, singular in ends:
        if letters.endswith(end) and not letters.endswith(("ss", "js", "us", "is", "https")):
            return [letters.removesuffix(end) + singular]
    return [letters]


def _deletion_keys(tag: str) -> list[str]:
    """The letters, and the letters without one of them: words one edit apart share a key."""
    letters = letters_of(tag)
    return [letters, *(letters[:i] + letters[i + 1 :] for i in range(len(letters)))]


_KEYS = {
    "same letters": _letter_keys,
    "known alias": _alias_keys,
    "plural": _plural_keys,
    GUESS: _deletion_keys,
}


def _fits(tag: str, into: str, reason: Reason) -> bool:
    ours, theirs = letters_of(tag), letters_of(into)
    if min(len(ours), len(theirs)) < _LEAST_LETTERS.get(reason, 0):
        return False
    return reason != GUESS or (_digits(ours) == _digits(theirs) and is_one_edit(ours, theirs))


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+", text)  # chrome64 and chrome65 are two things


def is_one_edit(left: str, right: str) -> bool:
    """Whether one letter more, less or other, or two neighbours swapped, makes them equal.

    As rapidfuzz's OSA.distance == 1: twelve lines are less than one more compiled package.

    >>> is_one_edit("kuberentes", "kubernetes"), is_one_edit("docker", "dicer")
    (True, False)
    """
    if len(left) > len(right):
        left, right = right, left
    if left == right or len(right) - len(left) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left))
    if len(left) < len(right):
        return left[at:] == right[at + 1 :]
    swapped = right[at : at + 2][::-1] == left[at : at + 2] and left[at + 2 :] == right[at + 2 :]
    return swapped or left[at + 1 :] == right[at + 1 :]
