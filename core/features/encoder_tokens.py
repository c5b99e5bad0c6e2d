"""Token ids of texts, cut to a length and put into batches of similar length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

# A text's token ids without special tokens.
Tokens = list[int]


@dataclass(frozen=True)
class Window:
    """Token ids of one stretch of a text, special tokens included; text: the text's row."""

    text: int
    ids: list[int]


def tokenize(tokenizer: Any, texts: Sequence[str]) -> list[Tokens]:
    """Token ids of each text, uncut."""
    encoded = tokenizer.backend_tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [encoding.ids for encoding in encoded]


def cut_windows(
    tokenizer: Any, tokens: Sequence[Tokens], *, max_tokens: int, chunks: bool
) -> list[Window]:
    """Windows of at most max_tokens ids: the first of each text, or as many as it fills."""
    room = max_tokens - 2
    first, last = [tokenizer.cls_token_id], [tokenizer.sep_token_id]
    return [
        Window(row, first + ids[start : start + room] + last)
        for row, ids in enumerate(tokens)
        for start in range(0, max(len(ids), 1) if chunks else 1, room)
    ]


def token_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Rows by falling length, so many to a batch that rows x longest <= budget, at least one."""
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= budget:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def pad(ids: Sequence[list[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and their mask, both int64 (rows, longest)."""
    width = max(map(len, ids))
    padded = torch.tensor([row + [pad_id] * (width - len(row)) for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids])
    return padded, mask
