"""Token ids of texts, cut to a length and put into batches of similar length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

# A text's token ids without special tokens.
Tokens = list[int]

# What a batch costs beside its tokens, in tokens (MiniLM on two cores: 7 ms at 0.15 ms a token).
BATCH_START = 45


@dataclass(frozen=True)
class Window:
    """Token ids of one stretch of a text, special tokens included; text: the text's row."""

    text: int
    ids: list[int]


def tokenize(tokenizer: Any, texts: Sequence[str]) -> list[Tokens]:
    """Encode each text to token ids, uncut and without special tokens."""
    encoded = tokenizer.backend_tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [encoding.ids for encoding in encoded]


def cut_windows(
    tokenizer: Any, tokens: Sequence[Tokens], *, max_tokens: int, chunks: bool
) -> list[Window]:
    """Cut tokens to windows of at most max_tokens ids, special tokens included.

    chunks: as many windows as a text fills; else its first one only.
    """
    room = max_tokens - 2
    first, last = [tokenizer.cls_token_id], [tokenizer.sep_token_id]
    return [
        Window(row, first + ids[start : start + room] + last)
        for row, ids in enumerate(tokens)
        for start in range(0, max(len(ids), 1) if chunks else 1, room)
    ]


def title_ends(windows: Sequence[Window], titles: Sequence[Tokens]) -> list[int]:
    """Find where the title, which begins after [CLS], ends in each window.

    titles: of each text. A window without any of it, or of a text without one, counts whole.
    """
    ends, before = [], -1
    for window in windows:
        last = max(len(window.ids) - 1, 2)
        title = titles[window.text] if window.text != before else []
        ends.append(min(1 + len(title), last) if title else last)
        before = window.text
    return ends


def token_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Sort rows by falling length and cut them into the cheapest batches.

    budget: the most that rows x longest row may be, but for a single row. A batch costs its padded
    tokens and a start that is worth BATCH_START tokens.

    >>> token_batches([10, 200, 12], budget=400)
    [[1], [2, 0]]
    """
    rows = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    # The cheapest batches of the first n rows: what they cost, and where the last one begins.
    costs, begins = [0], [0]
    for end in range(1, len(rows) + 1):
        cost, begin = costs[end - 1] + BATCH_START + lengths[rows[end - 1]], end - 1
        for start in range(end - 2, -1, -1):
            padded = (end - start) * lengths[rows[start]]
            if padded > budget:
                break
            cost, begin = min((cost, begin), (costs[start] + BATCH_START + padded, start))
        costs.append(cost)
        begins.append(begin)
    batches = []
    end = len(rows)
    while end:
        batches.append(rows[begins[end] : end])
        end = begins[end]
    return batches[::-1]


def pad(ids: Sequence[list[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad token ids to the longest row: ids and their mask, both int64 (rows, longest)."""
    width = max(map(len, ids))
    padded = torch.tensor([row + [pad_id] * (width - len(row)) for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids])
    return padded, mask
