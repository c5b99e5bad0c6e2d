"""How many tokens an encoder sees in a text: its tokenizer alone, without the model's libraries."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from core.base.errors import ModelError
from core.base.progress import Progress, no_progress
from core.features.encoder_files import find_encoder

_TEXTS_AT_ONCE = 1000


def count_tokens(
    texts: Sequence[str], *, encoder: str = "minilm", progress: Progress = no_progress
) -> NDArray[np.int64]:
    """Tokens of each whole text with the two special ones, (n,); 0 for an empty text.

    Raises ModelError if the encoder cannot be had or its folder has no tokenizer.json.
    """
    tokenizer = read_tokenizer(find_encoder(encoder).folder)
    counts = np.zeros(len(texts), np.int64)
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        block = list(texts[start : start + _TEXTS_AT_ONCE])
        end = start + len(block)
        counts[start:end] = [
            len(encoding) if text else 0
            for text, encoding in zip(block, tokenizer.encode_batch_fast(block), strict=True)
        ]
        progress("count tokens", end, len(texts), "texts")
    return counts


@cache
def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of an encoder's folder, uncut. Raises ModelError if it cannot be read."""
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
