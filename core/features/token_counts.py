"""How long texts are, in words or in an encoder's tokens, without loading the encoder."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ModelError
from core.base.files import replacing
from core.base.home import home_folder
from core.features.config import EncoderConfig
from core.features.encoder_files import MINILM, find_encoder

if TYPE_CHECKING:
    from tokenizers import Tokenizer

IntArray = NDArray[np.int64]
# [CLS] before a text and [SEP] after it.
SPECIAL_TOKENS = 2
# A Chinese character counts as a word: near enough for a speed, and far faster than cutting.
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
_TEXTS_AT_ONCE = 1000


def word_counts(texts: Sequence[str]) -> IntArray:
    """Count roughly the words of each text, (n,).

    >>> word_counts(["Go 1.22 and C++", "", "微服务 on k8s"]).tolist()
    [5, 0, 5]
    """
    return np.array([len(_WORD.findall(text)) for text in texts], dtype=np.int64)


def count_tokens(texts: Sequence[str], *, fingerprint: str = "") -> IntArray:
    """Count MiniLM's tokens in each whole text, without the special ones, (n,).

    fingerprint: of the texts; with one, the counts are kept in the home folder's cache.
    Raises ModelError if MiniLM is not installed.
    """
    path = home_folder() / "cache" / "tokens" / f"{fingerprint}.npy"
    if fingerprint and (kept := _kept_counts(path)) is not None:
        return kept
    tokenizer = read_tokenizer(find_encoder(MINILM).folder)
    found: list[int] = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        block = list(texts[start : start + _TEXTS_AT_ONCE])
        found += map(len, tokenizer.encode_batch_fast(block, add_special_tokens=False))
    counts = np.array(found, np.int64)
    if fingerprint:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial, partial.open("wb") as file:
            np.save(file, counts)
    return counts


def whole_lengths(counts: IntArray) -> IntArray:
    """Tokens with the special ones, (n,), as an encoder's limit counts them; 0 for no text.

    >>> whole_lengths(np.array([0, 3])).tolist()
    [0, 5]
    """
    return counts + SPECIAL_TOKENS * (counts > 0)


def tokens_read(counts: IntArray, config: EncoderConfig) -> IntArray:
    """Tokens that the encoder computes for texts of so many, (n,): cut or in windows.

    >>> tokens_read(np.array([3, 20]), EncoderConfig(max_tokens=10)).tolist()
    [5, 10]
    >>> tokens_read(np.array([20]), EncoderConfig(max_tokens=10, long_texts="chunks")).tolist()
    [26]
    """
    room = config.max_tokens - SPECIAL_TOKENS
    if config.long_texts == "cut":
        return np.minimum(counts, room) + SPECIAL_TOKENS
    return counts + SPECIAL_TOKENS * np.maximum(-(-counts // room), 1)


@cache
def read_tokenizer(folder: Path) -> "Tokenizer":
    """Read the fast tokenizer of an encoder's folder; it neither cuts nor pads.

    transformers, which the encoder itself needs, is not loaded for it.
    Raises ModelError if the folder has no tokenizer.json that can be read.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises its own class, known by no other name
        raise ModelError(
            f"The tokenizer in {str(folder)!r} cannot be read ({error}). "
            "It needs a tokenizer.json; minilm has one."
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _kept_counts(path: Path) -> IntArray | None:
    """None if they are not there, or are no counts: then they are made again."""
    try:
        kept = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    fits = isinstance(kept, np.ndarray) and kept.ndim == 1 and kept.dtype == np.int64
    return kept if fits and (kept >= 0).all() else None
