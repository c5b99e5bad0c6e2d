"""Texts to vectors by a pretrained encoder: batches of a fixed token budget, pooled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.base.errors import ModelError
from core.features.config import EncoderConfig, Pooling
from core.features.encoder_tokens import (
    Window,
    cut_windows,
    pad,
    title_ends,
    token_batches,
    tokenize,
)
from core.features.parts import first_line, weigh_parts

OnTokens = Callable[[int, int], None]

# Without the option, a folder that names code of its own makes the library ask about it.
_TRUST = False
# What the libraries raise for a folder whose settings are not what they expect.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True)
class Encoded:
    """vectors: float32 (n, d); truncated: bool (n,), True where a text's end was not read.

    means: those of pooling "mean", where the vectors of several layers cost nothing more.
    """

    vectors: NDArray[np.float32]
    truncated: NDArray[np.bool_]
    means: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Encoder:
    """A loaded encoder on its device."""

    tokenizer: Any
    model: Any
    device: torch.device

    @property
    def longest(self) -> int:
        """Tokens that the model has positions for."""
        return int(self.model.config.max_position_embeddings)

    def encode(
        self, texts: Sequence[str], config: EncoderConfig, *, on_tokens: OnTokens = lambda *_: None
    ) -> Encoded:
        """Encode each text to one vector.

        A text of several windows gets their mean, weighted by length. `on_tokens` gets the tokens
        done and those in all after each batch.
        """
        tokens = tokenize(self.tokenizer, texts)
        chunks = config.long_texts == "chunks"
        limit = min(config.max_tokens, self.longest)
        windows = cut_windows(self.tokenizer, tokens, max_tokens=limit, chunks=chunks)
        ends = None
        if config.pooling == "layers":
            ends = title_ends(windows, tokenize(self.tokenizer, [*map(first_line, texts)]))
        vectors = mean_by_text(self._encode_windows(windows, ends, config, on_tokens), windows)
        truncated = np.array([not chunks and len(ids) > limit - 2 for ids in tokens], dtype=bool)
        if not ends:
            return Encoded(vectors, truncated)
        means = np.split(vectors, 3, axis=1)
        return Encoded(weigh_layers(means), truncated, means[0])

    def _encode_windows(
        self,
        windows: Sequence[Window],
        ends: Sequence[int] | None,
        config: EncoderConfig,
        on_tokens: OnTokens,
    ) -> NDArray[np.float32]:
        """ends: of the titles, for vectors of several layers."""
        lengths = [len(window.ids) for window in windows]
        width = self.model.config.hidden_size * (3 if ends else 1)
        vectors = np.empty((len(windows), width), np.float32)
        done, total = 0, sum(lengths)
        precision = choose_precision("auto", self.device) if config.precision == "bf16" else "fp32"
        self.model.eval()
        # One autocast for all batches: it keeps the weights that it has cast until it ends.
        with torch.inference_mode(), autocast(self.device, precision):
            for batch in token_batches(lengths, config.batch_tokens):
                ids, mask = pad([windows[i].ids for i in batch], self.tokenizer.pad_token_id or 0)
                ids, mask = ids.to(self.device), mask.to(self.device)
                found = self.model(
                    input_ids=ids, attention_mask=mask, output_hidden_states=bool(ends)
                )
                if ends:
                    title_end = torch.tensor([ends[i] for i in batch], device=self.device)
                    hidden = (*found.hidden_states[:-1], found.last_hidden_state)
                    pooled = pool_layers(hidden, mask, title_end)
                else:
                    pooled = pool(found.last_hidden_state.float(), mask, config.pooling)
                vectors[batch] = pooled.cpu().numpy()
                done += sum(lengths[i] for i in batch)
                on_tokens(done, total)
        return vectors


def mean_by_text(vectors: NDArray[np.float32], windows: Sequence[Window]) -> NDArray[np.float32]:
    """Average each text's window vectors, weighted by tokens; windows in order of their texts."""
    owner = np.array([window.text for window in windows])
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    if len(starts) == len(windows):
        return vectors
    lengths = np.array([len(window.ids) for window in windows], np.float32)[:, None]
    sums = np.add.reduceat(vectors * lengths, starts, axis=0)
    return np.asarray(sums / np.add.reduceat(lengths, starts, axis=0), np.float32)


def pool(hidden: torch.Tensor, mask: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """Take the first token's vector ("cls"), or the mean over real tokens, as the text's vector.

    hidden: (rows, tokens, d); mask: (rows, tokens), 0 for padding. Returns (rows, d).
    """
    if pooling == "cls":
        return hidden[:, 0]
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1)


def pool_layers(
    hidden: Sequence[torch.Tensor], mask: torch.Tensor, title_end: torch.Tensor
) -> torch.Tensor:
    """Average the last layer over the tokens, and the middle one over tokens and over the title.

    hidden: of every layer, (rows, tokens, d), the embeddings first. title_end: (rows,), the place
    after the title's last token. Returns the three means side by side, (rows, 3d).
    """
    last, middle = hidden[-1].float(), hidden[len(hidden) // 2].float()
    places = torch.arange(mask.shape[1], device=mask.device)
    title = (places > 0) & (places < title_end[:, None])
    parts = (last, mask), (middle, mask), (middle, title)
    return torch.hstack([pool(of, where, "mean") for of, where in parts])


def weigh_layers(means: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Put the three means (n, d) side by side, (n, 3d), scaled to length 1.

    In the product of two such vectors the last layer has half of the weight, each of the others a
    quarter (docs/history/quality.md).
    """
    return weigh_parts(means, (0.5, 0.25, 0.25))


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Compute in bf16 inside a `with` block if that is the precision, else in fp32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def choose_precision(wanted: str, device: torch.device) -> str:
    """Choose a precision: for "auto" bf16 where the device has it in hardware, else fp32."""
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    fast = device.type == "cpu" and torch.cpu.get_capabilities().get("avx512_bf16", False)
    return "bf16" if fast else "fp32"


def choose_device(wanted: str) -> torch.device:
    """Choose the named device, for "auto" the best there is. Raises ModelError if it is missing."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return torch.device(next((name for name, here in present.items() if here), "cpu"))
    if not present.get(wanted, True):
        raise ModelError(f"This machine has no {wanted} device. Choose auto or cpu.")
    return torch.device(wanted)


def load_tokenizer(folder: Path) -> Any:
    """Load the tokenizer of a BERT-like encoder's folder; it neither cuts nor pads.

    By transformers, which builds one from vocab.txt too; `token_counts.read_tokenizer` is the
    light reader of tokenizer.json. Raises ModelError if there is none, or it knows no [CLS].
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=_TRUST
        )
    except _UNREADABLE as error:
        raise ModelError(f"The tokenizer in {str(folder)!r} cannot be read ({error}).") from None
    if tokenizer.cls_token_id is None or tokenizer.sep_token_id is None:
        raise ModelError(
            f"The model in {str(folder)!r} is not a BERT-like encoder: it has no [CLS] and [SEP]."
        )
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def load_model(folder: Path, *, attention_dropout: float | None = None) -> Any:
    """Load the folder's model in float32 from safetensors. Raises ModelError if that fails.

    attention_dropout: in place of the model's own, where it has one (BERT and its kin).
    """
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=_TRUST)
        if attention_dropout is not None and hasattr(config, "attention_probs_dropout_prob"):
            config.attention_probs_dropout_prob = attention_dropout
        return AutoModel.from_pretrained(
            folder,
            config=config,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=_TRUST,
            dtype=torch.float32,
        )
    except (*_UNREADABLE, RuntimeError, SafetensorError) as error:
        raise ModelError(f"The model in {str(folder)!r} cannot be read ({error}).") from None


def load_pair(folder: Path) -> tuple[Any, Any]:
    """Load a folder's tokenizer and model. Raises ModelError if they do not belong together.

    A token without a row among the embeddings is an error of the library, or the end of a GPU's
    process.
    """
    tokenizer, model = load_tokenizer(folder), load_model(folder)
    largest, rows = max(tokenizer.get_vocab().values()), len(model.get_input_embeddings().weight)
    if largest >= rows:
        raise ModelError(
            f"The tokenizer in {str(folder)!r} names token {largest}, but the model's weights know "
            f"{rows} tokens only: they do not belong together."
        )
    return tokenizer, model


@lru_cache(maxsize=2)
def load_encoder(folder: Path, checksum: str, device: str) -> Encoder:
    """Load an encoder on a device; two are kept for the next calls.

    checksum: part of their key, so that a changed folder is loaded anew.
    """
    where = choose_device(device)
    tokenizer, model = load_pair(folder)
    return Encoder(tokenizer, model.to(where), where)
