"""What an encoder that was fine-tuned on the tags says of a text, as a sign for a second stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.progress import Progress, no_epoch
from core.features.config import EncoderConfig
from core.features.encoder_files import EncoderFiles
from core.methods.finetune.tagger import FinetunedTagger, fit_network, new_tagger
from core.methods.training import TrainingPart
from core.models.folds import Fold, IntArray
from core.settings.classifier import FinetuneConfig


@dataclass(frozen=True)
class FinetunedSign:
    """tagger: fine-tuned on all texts. held_out: float32 (n, K), logits of the judged articles,
    each by an encoder that was fine-tuned without its fold. epochs: that this process made.
    """

    tagger: FinetunedTagger
    held_out: NDArray[np.float32]
    epochs: int


def fit_finetuned_sign(
    part: TrainingPart,
    folds: Sequence[Fold],
    files: EncoderFiles,
    encoder: EncoderConfig,
    config: FinetuneConfig,
    *,
    seed: int,
    checkpoint: Path,
    progress: Progress,
) -> FinetunedSign:
    """An encoder for each fold and one for all; all epochs, as none is chosen by its score.

    checkpoint: folder whose subfolders keep the last epoch of each, to go on from.
    """
    rows_of = [train for train, _ in folds] + [np.arange(len(part.texts))]
    work = [sum(len(part.texts[row]) for row in rows) for rows in rows_of]
    epochs = 0

    def fit(number: int, rows: IntArray) -> FinetunedTagger:
        nonlocal epochs
        tagger = new_tagger(part, files, encoder, config, seed=seed)
        before = sum(work[:number])
        trainer = fit_network(
            tagger,
            part,
            rows,
            seed=seed,
            checkpoint=checkpoint / str(number),
            on_tokens=lambda done, total: progress(
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
    return FinetunedSign(fit(len(folds), rows_of[-1]), held_out, epochs)
