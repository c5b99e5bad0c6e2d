"""How long texts are, in words or tokens, without loading an encoder."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.files import replacing
from core.base.home import home_folder
from core.features.config import EncoderConfig
from core.features.encoder_files import MINILM, find_encoder

IntArray = NDArray[np.int64]
# A Chinese character counts as a word: near enough for a speed, and far faster than cutting.
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
_SPECIAL_TOKENS = 2


def word_counts(texts: Sequence[str]) -> IntArray:
    """Roughly the words of each text, (n,)."""
    return np.array([len(_WORD.findall(text)) for text in texts], dtype=np.int64)


def token_counts(texts: Sequence[str], fingerprint: str = "") -> IntArray:
    """Tokens of each text by MiniLM's tokenizer, uncut, without special tokens, (n,).

    fingerprint: of the texts; with one, the counts are kept in the home folder's cache.
    """
    path = home_folder() / "cache" / "tokens" / f"{fingerprint}.npy"
    if fingerprint and (kept := _kept_counts(path)) is not None:
        return kept
    encoded = _tokenizer().encode_batch(list(texts), add_special_tokens=False)
    counts = np.array([len(encoding.ids) for encoding in encoded], dtype=np.int64)
    if fingerprint:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial, partial.open("wb") as file:
            np.save(file, counts)
    return counts


def _kept_counts(path: Path) -> IntArray | None:
    """None if they are not there, or are no counts: then they are made again."""
    try:
        kept = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    fits = isinstance(kept, np.ndarray) and kept.ndim == 1 and kept.dtype == np.int64
    return kept if fits and (kept >= 0).all() else None


def tokens_read(counts: IntArray, config: EncoderConfig) -> IntArray:
    """Tokens that the encoder computes for texts of so many, (n,): cut or in windows."""
    room = config.max_tokens - _SPECIAL_TOKENS
    if config.long_texts == "cut":
        return np.minimum(counts, room) + _SPECIAL_TOKENS
    return counts + _SPECIAL_TOKENS * np.maximum(-(-counts // room), 1)


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(find_encoder(MINILM).folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
