"""Domain words that the tokenizer breaks become tokens of their own."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch

from core.features.analyzers import technical_words
from core.features.encoder_tokens import tokenize

_FEWEST_TEXTS = 3


def useful_words(tokenizer: Any, texts: Sequence[str], count: int) -> list[str]:
    """The `count` words that most texts hold among those the tokenizer breaks into pieces.

    A word in fewer than three texts is left out: there is nothing to learn it from.
    """
    in_texts = Counter(word for text in texts for word in set(technical_words(text)))
    frequent = [word for word, n in in_texts.items() if n >= _FEWEST_TEXTS and len(word) > 2]
    pieces = tokenize(tokenizer, frequent)
    broken = [word for word, ids in zip(frequent, pieces, strict=True) if len(ids) > 1]
    return sorted(broken, key=lambda word: (-in_texts[word], word))[:count]


def add_words(tokenizer: Any, encoder: Any, words: Sequence[str]) -> None:
    """Add each word to the tokenizer as one token and to the encoder's embedding table as a row.

    The new row starts as the mean of the embeddings of the pieces that the word was split into.
    Both the tokenizer and the encoder are changed in place.
    """
    from tokenizers import AddedToken

    table = encoder.get_input_embeddings().weight.detach()
    starts = [table[ids].mean(dim=0) for ids in tokenize(tokenizer, words)]
    tokenizer.add_tokens([AddedToken(word, single_word=True, normalized=True) for word in words])
    encoder.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    with torch.no_grad():
        for word, start in zip(words, starts, strict=True):
            row = tokenizer.convert_tokens_to_ids(word)
            encoder.get_input_embeddings().weight[row] = start
