"""The study's augmentation: cropped copies of the training texts."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.dataset.config import AugmentConfig

_UNSPACED_LANGUAGES = {"zh", "ja"}
_MOST_RARE_COPIES = 20


def augment_texts(
    texts: Sequence[str],
    languages: Sequence[str],
    truth: csr_array,
    config: AugmentConfig,
    *,
    seed: int,
) -> tuple[list[str], NDArray[np.int64]]:
    """The n texts followed by their cropped copies, and the original's row of each.

    `level` copies of every text (the study's way), more of those with a rare tag.
    truth: bool (n, K). Source: the study of LinkedInfo articles, 2020.
    """
    rng = np.random.default_rng(seed)
    copies = np.maximum(config.level, rare_tag_copies(truth, config.rare_tag_rows))
    rounds = [np.flatnonzero(copies > number) for number in range(copies.max(initial=0))]
    originals = np.concatenate([np.arange(len(texts)), *rounds]).astype(np.int64)
    augmented = list(texts)
    for row in originals[len(texts) :]:
        by_word = config.unit == "word" or (
            config.unit == "auto" and languages[row] not in _UNSPACED_LANGUAGES
        )
        augmented.append(crop_text(texts[row], config.crop_ratio, rng, by_word=by_word))
    return augmented, originals


def rare_tag_copies(truth: csr_array, wanted_rows: int) -> NDArray[np.int64]:
    """Copies of each article (n,) with which its rarest tag stands in about `wanted_rows` rows.

    truth: bool (n, K). At most twenty: one article repeated more often teaches only itself.
    """
    counts = np.maximum(np.asarray(truth.sum(axis=0)).ravel(), 1)
    of_tag = np.ceil(wanted_rows / counts) - 1
    rarest = [
        of_tag[truth.indices[start:end]].max(initial=0) for start, end in pairwise(truth.indptr)
    ]
    return np.clip(rarest, 0, _MOST_RARE_COPIES).astype(np.int64)


def crop_text(text: str, crop_ratio: float, rng: np.random.Generator, *, by_word: bool) -> str:
    """Drop k units at the head and k + 1 at the tail, k drawn from 0 to crop_ratio x units.

    A text too short to crop comes back whole.
    """
    units: Sequence[str] = text.split() if by_word else text
    cut = int(rng.integers(0, int(crop_ratio * len(units)) + 1))
    kept = units[cut : len(units) - cut - 1]
    return (" ".join(kept) if by_word else "".join(kept)) or text
