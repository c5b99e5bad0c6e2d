"""The ways of training a tagger, and which of them an experiment's settings name."""

from pathlib import Path

from core.features.encoder_files import EncoderFiles
from core.features.vectors import Embedded
from core.methods.training import (
    Trained,
    TrainingPart,
    Watched,
    train_hybrid,
    train_tfidf,
    train_vectors,
)
from core.models.folds import IntArray
from core.runs.journal import Journal
from core.runs.work import is_finetuned_hybrid
from core.settings.experiment import ExperimentConfig


def train_tagger(
    config: ExperimentConfig,
    part: TrainingPart,
    files: EncoderFiles | None,
    embedded: Embedded | None,
    unseen: IntArray,
    *,
    test: Watched,
    checkpoint: Path,
    journal: Journal,
) -> Trained:
    """Train what the settings name; only the study's way of fine-tuning looks at `test`.

    embedded, unseen: as for train_vectors. checkpoint: folder to fine-tune from where it stopped.
    """
    features, classifier, seed = config.features, config.classifier, config.seed
    sign = None
    if files is not None and is_finetuned_hybrid(config):
        from core.methods.hybrid.finetuned_sign import fit_finetuned_sign

        with journal.step("finetune"):
            sign = fit_finetuned_sign(
                part,
                part.folds(classifier, seed=seed),
                files,
                features.encoder,
                config.finetune,
                seed=seed,
                checkpoint=checkpoint,
                progress=journal.report,
            )
        journal.epochs = sign.epochs
    with journal.step("train"):
        if files is None:
            return train_tfidf(part, features, classifier, seed=seed, progress=journal.report)
        if embedded is None:
            from core.methods.finetune.tagger import train_finetuned

            return train_finetuned(
                part,
                files,
                features.encoder,
                config.finetune,
                seed=seed,
                test=test,
                checkpoint=checkpoint,
                progress=journal.report,
                on_epoch=journal.epoch,
            )
        if features.kind == "hybrid":
            return train_hybrid(
                part,
                embedded,
                files,
                features,
                classifier,
                seed=seed,
                progress=journal.report,
                sign=sign,
            )
        return train_vectors(
            part,
            embedded,
            files,
            features,
            classifier,
            unseen,
            seed=seed,
            progress=journal.report,
        )
