"""Sentence vectors of articles that the embedding cache has, without loading the encoder."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError
from core.features.config import EncoderConfig
from core.features.encoder_files import find_encoder
from core.features.vector_cache import VectorCache
from core.features.vectors import vector_key


def count_missing(texts: Sequence[str], config: EncoderConfig) -> int:
    """Count the different texts that have no vector in the cache yet."""
    keys = set(_keys(texts, config))
    return len(keys - VectorCache().present(list(keys)))


def read_vectors(texts: Sequence[str], config: EncoderConfig) -> NDArray[np.float32]:
    """Read the vectors of texts from the cache, float32 (n, d).

    Raises DataError if one is not there.
    """
    keys = _keys(texts, config)
    known = VectorCache().read(list(dict.fromkeys(keys)))
    if not keys or len(known) < len(set(keys)):
        raise DataError("Some articles have no vector in the embedding cache. Encode them first.")
    return np.array([known[key][0] for key in keys], np.float32)


def _keys(texts: Sequence[str], config: EncoderConfig) -> list[bytes]:
    """Raises ModelError if the encoder is missing."""
    files = find_encoder(config.name)
    return [vector_key(text, files, config) for text in texts]
