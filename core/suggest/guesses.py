"""Tags that no model has learnt, guessed from their names alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError
from core.dataset.variants import known_as
from core.features.analyzers import technical_words
from core.features.config import EncoderConfig
from core.features.encoder_files import MINILM, EncoderFiles, find_encoder
from core.features.vectors import embed_texts
from core.methods.hybrid.second_stage import names_of
from core.solvers.matrix import unit_vectors

MOST_NAMES = 20
_COMMAS = re.compile("[,\N{FULLWIDTH COMMA}\N{IDEOGRAPHIC COMMA}]")
_LONGEST_NAME = 100
# Least cosine, chosen on tags that it had not seen (docs/history/suggestions.md): a name that the
# text has need only be near it; without the name only the nearest few are worth a look.
NAMED_FROM, UNNAMED_FROM = 0.25, 0.4


@dataclass(frozen=True)
class Guess:
    """A tag that no model has learnt, judged by its name.

    likeness: cosine between the text and the name, or its nearest alias; at most 1. found: the
    name or alias that the text has, "" for none. guessed: whether it may be one of its tags.
    """

    tag: str
    likeness: float
    found: str
    guessed: bool


def guess_tags(text: str, tags: Sequence[str], *, known: Sequence[str] = ()) -> list[Guess]:
    """Judge tags by their names: those guessed come first, then by likeness.

    known: tags of a model. A tag that is one of them, or an alias of one, is left out, because the
    model itself judges it. Raises DataError for more than 20 tags or one without letters, and
    ModelError if the embedded encoder is missing.
    """
    wanted = new_tags(tags, known)
    if not wanted:
        return []
    names = [spoken_names(tag) for tag in wanted]
    files = _encoder()
    row = unit_vectors(embed_texts([text], files, EncoderConfig()).vectors)[0]
    found = names_in(text, names)
    guesses = [
        judge(tag, float((name_vectors(of_tag, files) @ row).max()), name)
        for tag, of_tag, name in zip(wanted, names, found, strict=True)
    ]
    return sorted(guesses, key=lambda guess: (not guess.guessed, -guess.likeness, guess.tag))


def read_names(text: str) -> list[str]:
    """Read tags that stand in one line with commas between them, each once.

    >>> read_names("web  assembly, observability,, web assembly")
    ['web assembly', 'observability']
    """
    names = (" ".join(name.split()) for name in _COMMAS.split(text))
    return list(dict.fromkeys(filter(None, names)))


def judge(tag: str, likeness: float, found: str) -> Guess:
    """Decide whether a tag may be one, which takes less where the text has its name."""
    return Guess(tag, likeness, found, likeness >= (NAMED_FROM if found else UNNAMED_FROM))


def new_tags(tags: Sequence[str], known: Sequence[str] = ()) -> list[str]:
    """The tags that are not known by name or alias, trimmed, each once.

    Raises DataError for more than 20 tags or one without letters.

    >>> new_tags(["golang", "wasm"], known=["go"])
    ['wasm']
    """
    wanted = read_names(",".join(tags))
    if len(wanted) > MOST_NAMES:
        raise DataError(
            f"These are {len(wanted)} tags to look for. Name {MOST_NAMES} at most: guesses "
            "among more would mostly be wrong."
        )
    for tag in wanted:
        if len(tag) > _LONGEST_NAME or not technical_words(tag):
            raise DataError(
                f"{tag[:_LONGEST_NAME]!r} cannot be looked for: write a name with letters, "
                f"of {_LONGEST_NAME} characters at most."
            )
    learnt = known_as(wanted, known)
    return [tag for tag in wanted if tag not in learnt]


def spoken_names(tag: str) -> tuple[str, ...]:
    """A tag and its aliases as the words that a text has."""
    return tuple(name.strip() for name in names_of("-".join(tag.lower().split())))


def names_in(text: str, names: Sequence[Sequence[str]]) -> list[str]:
    """Find, for each tag, the first of its names that the text has as whole words; "" for none."""
    words = f" {' '.join(technical_words(text))} "
    return [next((name for name in of_tag if f" {name} " in words), "") for of_tag in names]


@cache
def _encoder() -> EncoderFiles:
    """Found once: its files are checked by their sha256."""
    return find_encoder(MINILM)


@lru_cache(maxsize=1000)
def name_vectors(names: tuple[str, ...], files: EncoderFiles) -> NDArray[np.float32]:
    """Embed a tag's names as vectors of length 1, (names, d)."""
    return unit_vectors(embed_texts(names, files, EncoderConfig()).vectors)
