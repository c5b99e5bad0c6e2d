"""How fast an encoder is fine-tuned here, measured on a few batches of the very data."""

import time
from pathlib import Path

import numpy as np
import torch

from core.features.config import EncoderConfig
from core.features.encoder_files import EncoderFiles
from core.methods.finetune.epochs import positive_weights
from core.methods.finetune.tagger import new_tagger, new_trainer, rows_to_learn
from core.methods.training import TrainingPart
from core.settings.classifier import FinetuneConfig

_BATCHES_AT_ONCE = 4


def measure_finetuning(
    part: TrainingPart,
    files: EncoderFiles,
    encoder: EncoderConfig,
    config: FinetuneConfig,
    *,
    seconds: float,
) -> tuple[float, int, float]:
    """Seconds until the first batch, tokens learnt after that, and the seconds they took.

    seconds: to measure for, about. The longest texts go first and do not count: they claim the
    memory that such a training needs at most.
    """
    started = time.perf_counter()
    with torch.random.fork_rng():
        tagger = new_tagger(
            part, files, encoder, config.model_copy(update={"extra_words": 0}), seed=0
        )
        chosen = np.linspace(
            0, len(part.texts) - 1, min(_BATCHES_AT_ONCE * config.batch_size, len(part.texts))
        ).astype(int)
        longest = np.argsort([-len(text) for text in part.texts])[: config.batch_size]
        warm, rows = (rows_to_learn(tagger, part, some) for some in (longest, chosen))
        trainer = new_trainer(
            tagger, seed=0, checkpoint=Path("never-written"), on_tokens=lambda *_: None
        )
        weights = positive_weights(rows.truth, balance=config.balance).to(tagger.device)
        optimizer = trainer.optimizer()
        loaded = time.perf_counter()
        # An epoch ends by reading its loss, so the device has finished when the clock is read.
        trainer.run_epoch(warm, optimizer, weights)
        begun = time.perf_counter()
        rounds = 0
        while not rounds or time.perf_counter() - begun < seconds:
            trainer.run_epoch(rows, optimizer, weights)
            rounds += 1
    tokens = rounds * sum(map(len, rows.ids))
    return loaded - started, tokens, time.perf_counter() - begun
