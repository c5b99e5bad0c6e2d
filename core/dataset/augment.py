"""The study's augmentation: cropped copies of the training texts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.dataset.config import AugmentConfig

_UNSPACED_LANGUAGES = {"zh", "ja"}


def augment_texts(
    texts: Sequence[str], languages: Sequence[str], config: AugmentConfig, *, seed: int
) -> tuple[list[str], NDArray[np.int64]]:
    """The texts followed by `level` rounds of cropped copies, and the original's row of each.

    Returns n x (level + 1) texts and rows. Source: the study of LinkedInfo articles, 2020.
    """
    rng = np.random.default_rng(seed)
    augmented = list(texts)
    for _ in range(config.level):
        for text, language in zip(texts, languages, strict=True):
            by_word = config.unit == "word" or (
                config.unit == "auto" and language not in _UNSPACED_LANGUAGES
            )
            augmented.append(crop_text(text, config.crop_ratio, rng, by_word=by_word))
    return augmented, np.tile(np.arange(len(texts)), config.level + 1)


def crop_text(text: str, crop_ratio: float, rng: np.random.Generator, *, by_word: bool) -> str:
    """Drop k units at the head and k + 1 at the tail, k drawn from 0 to crop_ratio x units.

    A text too short to crop comes back whole.
    """
    units: Sequence[str] = text.split() if by_word else text
    cut = int(rng.integers(0, int(crop_ratio * len(units)) + 1))
    kept = units[cut : len(units) - cut - 1]
    return (" ".join(kept) if by_word else "".join(kept)) or text
