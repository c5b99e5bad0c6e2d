"""How fast an encoder is fine-tuned here, measured on a few batches of the very data."""

import time
from pathlib import Path

import numpy as np
import torch

from core.methods.finetune.epochs import positive_weights
from core.methods.finetune.kinds import finetune_kind
from core.methods.finetune.training import new_tagger, new_trainer, rows_to_learn
from core.methods.work import Material, Speed, measuring

_SECONDS = 1.5
_BATCHES_AT_ONCE = 4


def measure_finetuning(given: Material) -> Speed:
    """Tokens learnt a second, on a few batches.

    The longest texts go first and do not count: they claim the memory that such a training needs
    at most.
    """
    config = given.config.finetune.model_copy(update={"extra_words": 0})
    part = given.part
    plain = given.config.model_copy(update={"finetune": config, "seed": 0})
    chosen = np.linspace(
        0, len(part.texts) - 1, min(_BATCHES_AT_ONCE * config.batch_size, len(part.texts))
    ).astype(int)
    longest = np.argsort([-len(text) for text in part.texts])[: config.batch_size]
    with measuring() as learning, torch.random.fork_rng():
        started = time.perf_counter()
        tagger = new_tagger(Material(plain, part, given.files))
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
        while not rounds or time.perf_counter() - begun < _SECONDS:
            trainer.run_epoch(rows, optimizer, weights)
            rounds += 1
        taken = time.perf_counter() - begun
    tokens = rounds * sum(map(len, rows.ids))
    return Speed(
        finetune_kind(given.config, given.encoder),
        0.0,
        taken / tokens,
        loaded - started,
        learning.base_bytes,
        learning.peak_bytes,
    )
