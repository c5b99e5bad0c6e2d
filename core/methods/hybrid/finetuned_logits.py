"""Logits of an encoder that was fine-tuned on the tags, as a feature for the second stage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.progress import no_epoch
from core.methods.base import Training
from core.methods.finetune.tagger import FinetunedTagger
from core.methods.finetune.training import fit_network, new_tagger
from core.models.folds import Fold, IntArray


@dataclass(frozen=True)
class FinetunedLogits:
    """tagger: fine-tuned on all texts. held_out: float32 (n, K), logits of the judged articles,
    each by an encoder that was fine-tuned without its fold. epochs: that this process made.
    """

    tagger: FinetunedTagger
    held_out: NDArray[np.float32]
    epochs: int


def fit_finetuned_logits(given: Training, folds: Sequence[Fold]) -> FinetunedLogits:
    """Fine-tune an encoder for each fold and one for all texts.

    Each trains for all epochs, as none is chosen by its score. Subfolders of given.checkpoint keep
    the last epoch of each, to go on from.
    """
    part = given.part
    rows_of = [train for train, _ in folds] + [np.arange(len(part.texts))]
    work = [sum(len(part.texts[row]) for row in rows) for rows in rows_of]
    epochs = 0

    def fit(number: int, rows: IntArray) -> FinetunedTagger:
        nonlocal epochs
        tagger = new_tagger(given)
        before = sum(work[:number])
        trainer = fit_network(
            tagger,
            part,
            rows,
            seed=given.config.seed,
            checkpoint=given.checkpoint / str(number),
            on_tokens=lambda done, total: given.steps.report(
                "finetune", before + work[number] * done // total, sum(work), "characters"
            ),
            watch=dict,
            on_epoch=no_epoch,
        )
        epochs += trainer.epochs_made
        return tagger

    held_out = np.zeros((part.judged, len(part.tags)), np.float32)
    for number, (train, test) in enumerate(folds):
        judged = test[test < part.judged]
        held_out[judged] = fit(number, train).scores([part.texts[row] for row in judged])
    return FinetunedLogits(fit(len(folds), rows_of[-1]), held_out, epochs)
