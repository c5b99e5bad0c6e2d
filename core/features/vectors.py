"""Sentence vectors with a memory: what was encoded before comes from the cache."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError, ModelError
from core.base.progress import Progress, no_progress
from core.features.config import EncoderConfig
from core.features.encoder_files import EncoderFiles, find_encoder
from core.features.vector_cache import VectorCache

if TYPE_CHECKING:
    from core.features.encoder import Encoder

# Texts between two writes: what a kill can cost.
TEXTS_AT_ONCE = 2048


@dataclass(frozen=True)
class Embedded:
    """vectors: float32 (n, d); truncated: texts whose end was not read; reused: from the cache.

    device: what encoded the others.
    """

    vectors: NDArray[np.float32]
    truncated: int
    reused: int
    device: str


def embed_texts(
    texts: Sequence[str],
    files: EncoderFiles,
    config: EncoderConfig,
    *,
    cache: VectorCache | None = None,
    progress: Progress = no_progress,
) -> Embedded:
    """Encode texts to vectors (n, d), one row per text; a repeated text is encoded only once.

    cache: vectors found there are not computed again, and new ones are written to it after every
    block of TEXTS_AT_ONCE texts. If the pooling combines several layers, the encoder also returns
    the vectors of pooling "mean", which are cached under that pooling's own keys. progress counts
    the characters of the texts that are encoded. Raises ModelError if the encoder or the cache
    cannot be used.
    """
    keys = [vector_key(text, files, config) for text in texts]
    known = cache.read(list(dict.fromkeys(keys))) if cache else {}
    first_row = {key: row for row, key in reversed(list(enumerate(keys))) if key not in known}
    # By length, so that a block's batches are as even as those of all texts at once.
    missing = sorted(first_row, key=lambda key: (len(texts[first_row[key]]), first_row[key]))
    # Characters, not texts: the long ones at the end take longer.
    lengths = np.cumsum([len(texts[first_row[key]]) for key in missing])
    device = "none"
    for start in range(0, len(missing), TEXTS_AT_ONCE):
        block = missing[start : start + TEXTS_AT_ONCE]
        encoder = load(files, config)
        device = str(encoder.device)
        some = [texts[first_row[key]] for key in block]
        encoded = encoder.encode(some, config)
        if cache:
            cache.write(block, encoded.vectors, encoded.truncated)
            if encoded.means is not None:
                plain = config.model_copy(update={"pooling": "mean"})
                keys_of_means = [vector_key(text, files, plain) for text in some]
                cache.write(keys_of_means, encoded.means, encoded.truncated)
        known |= zip(
            block, zip(encoded.vectors, encoded.truncated.tolist(), strict=True), strict=True
        )
        progress("encode", int(lengths[start + len(block) - 1]), int(lengths[-1]), "characters")
    if len({len(vector) for vector, _ in known.values()}) > 1:
        raise ModelError(
            "The embedding cache has vectors of another length than this encoder's. "
            "Clear it with: python -m core cache --clear"
        )
    vectors = np.array([known[key][0] for key in keys], np.float32)
    truncated = sum(known[key][1] for key in keys)
    return Embedded(vectors, truncated, len(texts) - len(missing), device)


def vector_key(text: str, files: EncoderFiles, config: EncoderConfig) -> bytes:
    """Digest what decides a vector: text, weights, pooling, length, precision."""
    settings = f"{files.checksum} {config.pooling} {config.max_tokens} {config.long_texts}"
    return sha256(f"{settings} {config.precision}\n{text}".encode()).digest()


def count_missing(texts: Sequence[str], config: EncoderConfig) -> int:
    """Count the different texts that have no vector in the cache yet; no encoder is loaded.

    Raises ModelError if the encoder cannot be had.
    """
    keys = set(_keys(texts, config))
    return len(keys - VectorCache().present(list(keys)))


def read_vectors(texts: Sequence[str], config: EncoderConfig) -> NDArray[np.float32]:
    """Read the vectors of texts from the cache, float32 (n, d); no encoder is loaded.

    Raises DataError if one is not there, ModelError if the encoder cannot be had.
    """
    keys = _keys(texts, config)
    known = VectorCache().read(list(dict.fromkeys(keys)))
    if not keys or len(known) < len(set(keys)):
        raise DataError("Some articles have no vector in the embedding cache. Encode them first.")
    return np.array([known[key][0] for key in keys], np.float32)


def _keys(texts: Sequence[str], config: EncoderConfig) -> list[bytes]:
    files = find_encoder(config.name)
    return [vector_key(text, files, config) for text in texts]


def load(files: EncoderFiles, config: EncoderConfig) -> "Encoder":
    """Load an encoder on the device of its settings, once a process; this imports torch."""
    from core.features.encoder import load_encoder

    return load_encoder(files.folder, files.checksum, config.device)
