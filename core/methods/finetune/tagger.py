"""A fine-tuned encoder that tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from core.features.config import EncoderConfig
from core.features.encoder import autocast, choose_device, load_pair
from core.features.encoder_tokens import cut_windows, pad, token_batches, tokenize
from core.methods.finetune.epochs import Network
from core.methods.taggers import BaseTagger
from core.models.bundle import read_bundle, reading_model, write_bundle
from core.settings.classifier import FinetuneConfig

ENCODER_FOLDER = "encoder"


@dataclass(frozen=True)
class FinetunedTagger(BaseTagger):
    """A fine-tuned encoder with its linear layer. Scores are logits: unbounded, 0 in the middle."""

    KIND = "finetuned"

    tags: tuple[str, ...]
    thresholds: NDArray[np.float64]
    network: Network
    tokenizer: Any
    config: EncoderConfig
    finetune: FinetuneConfig
    device: torch.device

    def share_read(self, text: str) -> float:
        """The share of the text that the encoder reads, above 0, up to 1."""
        (tokens,) = tokenize(self.tokenizer, [text])
        return min((self.config.max_tokens - 2) / max(len(tokens), 1), 1.0)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits (n, K) of n texts."""
        return predict_logits(
            self.network,
            self.token_ids(texts),
            pad_id=self.tokenizer.pad_token_id or 0,
            device=self.device,
            precision=self.config.precision,
            batch_tokens=self.config.batch_tokens,
        )

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, cut at the limit, special tokens included."""
        tokens = tokenize(self.tokenizer, texts)
        limit = self.config.max_tokens
        windows = cut_windows(self.tokenizer, tokens, max_tokens=limit, chunks=False)
        return [window.ids for window in windows]

    def save(self, folder: Path) -> None:
        """The encoder in a folder of its own, so that another run can name it."""
        encoder = folder / ENCODER_FOLDER
        self.network.encoder.save_pretrained(encoder)
        self.tokenizer.save_pretrained(encoder)
        head = self.network.head
        arrays = {
            "thresholds": self.thresholds,
            "head_weight": head.weight.detach().cpu().numpy(),
            "head_bias": head.bias.detach().cpu().numpy(),
        }
        settings = {
            "encoder": self.config.model_dump(mode="json"),
            "finetune": self.finetune.model_dump(mode="json"),
        }
        texts = {"tags": self.tags}
        write_bundle(
            folder,
            kind=self.KIND,
            settings=settings,
            texts=texts,
            arrays=arrays,
            more_files=sorted(path.relative_to(folder).as_posix() for path in encoder.iterdir()),
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises RunError if a file is missing, changed or of another kind."""
        bundle = read_bundle(folder, kind=cls.KIND)
        with reading_model(folder):
            config = EncoderConfig.model_validate(bundle.settings["encoder"])
            finetune = FinetuneConfig.model_validate(bundle.settings["finetune"])
            tags = bundle.tags
        device = choose_device(config.device)
        tokenizer, model = load_pair(folder / ENCODER_FOLDER)
        network = Network(model, len(tags), finetune)
        with reading_model(folder), torch.no_grad():
            arrays, head = bundle.arrays, network.head
            head.weight.copy_(torch.from_numpy(arrays.floats("head_weight", *head.weight.shape)))
            head.bias.copy_(torch.from_numpy(arrays.floats("head_bias", *head.bias.shape)))
            thresholds = bundle.thresholds
        return cls(tags, thresholds, network.to(device), tokenizer, config, finetune, device)


def predict_logits(
    network: Network,
    ids: Sequence[list[int]],
    *,
    pad_id: int,
    device: torch.device,
    precision: str,
    batch_tokens: int,
) -> NDArray[np.float32]:
    """Logits (n, K) of texts given as token ids."""
    logits = np.empty((len(ids), network.head.out_features), np.float32)
    network.eval()
    for batch in token_batches([len(row) for row in ids], batch_tokens):
        padded, mask = pad([ids[row] for row in batch], pad_id)
        with torch.inference_mode(), autocast(device, precision):
            logits[batch] = network(padded.to(device), mask.to(device)).float().cpu().numpy()
    return logits
