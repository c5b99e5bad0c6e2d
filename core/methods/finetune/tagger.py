"""Fine-tune an encoder on the tags themselves, and tag with the result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from core.base.progress import OnEpoch, Progress
from core.dataset.split import part_of_rows
from core.features.config import EncoderConfig
from core.features.encoder import (
    choose_device,
    choose_precision,
    load_model,
    load_pair,
    load_tokenizer,
)
from core.features.encoder_files import EncoderFiles
from core.features.encoder_tokens import cut_windows, tokenize
from core.methods.finetune.epochs import Network, Rows, Trainer, predict_logits, training_loss
from core.methods.finetune.vocabulary import add_words, useful_words
from core.methods.occlusion import occluded_parts
from core.methods.tfidf import Contributions, read_thresholds
from core.methods.training import Trained, TrainingPart, Watched
from core.metrics.averages import MICRO, build_averages
from core.metrics.counts import count_outcomes, predict
from core.models.bundle import read_bundle, reading_model, write_bundle
from core.models.folds import IntArray
from core.models.thresholds import best_cut
from core.settings.classifier import FinetuneConfig

ENCODER_FOLDER = "encoder"
# The study's cut, on raw logits.
_STUDY_CUT = 0.5


@dataclass(frozen=True)
class FinetunedTagger:
    """A fine-tuned encoder with its linear layer. Scores are logits: unbounded, 0 in the middle."""

    KIND = "finetuned"

    tags: tuple[str, ...]
    thresholds: NDArray[np.float64]
    network: Network
    tokenizer: Any
    config: EncoderConfig
    finetune: FinetuneConfig
    device: torch.device

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return predict_logits(
            self.network,
            self.token_ids(texts),
            pad_id=self.tokenizer.pad_token_id or 0,
            device=self.device,
            precision=self.config.precision,
            batch_tokens=self.config.batch_tokens,
        )

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        tokens = tokenize(self.tokenizer, texts)
        limit = self.config.max_tokens
        windows = cut_windows(self.tokenizer, tokens, max_tokens=limit, chunks=False)
        return [window.ids for window in windows]

    def contributions(self, text: str) -> Contributions:
        return occluded_parts(self.scores, text)

    def with_thresholds(self, thresholds: NDArray[np.float64]) -> Self:
        return replace(self, thresholds=thresholds)

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
            thresholds = read_thresholds(bundle)
        return cls(tags, thresholds, network.to(device), tokenizer, config, finetune, device)


def train_finetuned(
    part: TrainingPart,
    files: EncoderFiles,
    encoder: EncoderConfig,
    config: FinetuneConfig,
    *,
    seed: int,
    test: Watched,
    checkpoint: Path,
    progress: Progress,
    on_epoch: OnEpoch,
) -> Trained:
    """Fine-tune on the training part less its validation articles; copies go with their article.

    test: watched instead of validation articles where config.validation_share is 0.
    checkpoint: folder to save each epoch in, and to go on from if it is there.
    """
    tagger = new_tagger(part, files, encoder, config, seed=seed)
    validation = validation_rows(part, config.validation_share, seed)
    learnt = part.texts_without(validation)
    choose = bool(len(validation))
    watched = (
        Watched([part.texts[row] for row in validation], part.Y[validation]) if choose else test
    )
    trainer = fit_network(
        tagger,
        part,
        learnt,
        seed=seed,
        checkpoint=checkpoint,
        on_tokens=lambda done, total: progress("train", done, total, "tokens"),
        watch=lambda: _watch(tagger, watched, choose=choose),
        on_epoch=on_epoch,
    )
    return Trained(
        tagger=tagger,
        held_out_rows=validation,
        held_out=tagger.scores(watched.texts)
        if choose
        else np.empty((0, len(part.tags)), np.float32),
        tuned_on="validation articles of the training part" if choose else "nothing",
        notes=_notes(trainer, len(learnt), len(validation)),
        facts={
            "encoder": files.name,
            "encoder_base": files.base,
            "encoder_sha256": files.checksum,
            "device": str(tagger.device),
            "precision": trainer.config.precision,
            "epochs": trainer.state.epoch,
            "best_epoch": trainer.state.best_epoch or trainer.state.epoch,
            "validation_articles": len(validation),
        },
    )


def fit_network(
    tagger: FinetunedTagger,
    part: TrainingPart,
    learnt: IntArray,
    *,
    seed: int,
    checkpoint: Path,
    on_tokens: Callable[[int, int], None],
    watch: Callable[[], dict[str, float]],
    on_epoch: OnEpoch,
) -> Trainer:
    """Fine-tune the tagger's network on these rows of the part's texts; see Trainer.train."""
    rows = rows_to_learn(tagger, part, learnt)
    if tagger.finetune.loss == "all_tags":
        tagger.network.expect(rows.truth)
    trainer = new_trainer(tagger, seed=seed, checkpoint=checkpoint, on_tokens=on_tokens)
    with torch.random.fork_rng():
        trainer.train(rows, watch, on_epoch)
    return trainer


def rows_to_learn(tagger: FinetunedTagger, part: TrainingPart, chosen: IntArray) -> Rows:
    ids = tagger.token_ids([part.texts[row] for row in chosen])
    return Rows(ids, part.Y[chosen].toarray().astype(np.float32))


def new_trainer(
    tagger: FinetunedTagger,
    *,
    seed: int,
    checkpoint: Path,
    on_tokens: Callable[[int, int], None],
) -> Trainer:
    """Of the tagger's network, in the precision that its device computes in."""
    config = tagger.finetune
    precision = choose_precision(config.precision, tagger.device)
    return Trainer(
        network=tagger.network,
        config=config.model_copy(update={"precision": precision}),
        pad_id=tagger.tokenizer.pad_token_id or 0,
        device=tagger.device,
        seed=seed,
        checkpoint=checkpoint,
        on_tokens=on_tokens,
    )


def validation_rows(part: TrainingPart, share: float, seed: int) -> IntArray:
    """Rows of articles kept out of training, copies of one together; none if the share is 0.

    Stratified as a test part is: a cut that is tuned on few articles needs their tags in the
    shares of the others.
    """
    if not share:
        return np.array([], dtype=np.int64)
    _, groups = np.unique(part.groups[: part.judged], return_inverse=True)
    rng = np.random.default_rng([seed, 1])
    shares = [share, 1.0 - share]
    parts = part_of_rows(part.Y[: part.judged], groups, shares, part.rule, rng)
    return np.flatnonzero(parts == 0)


def new_tagger(
    part: TrainingPart,
    files: EncoderFiles,
    encoder: EncoderConfig,
    config: FinetuneConfig,
    *,
    seed: int,
) -> FinetunedTagger:
    """The pretrained encoder with a layer that has learnt nothing yet."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return _new_tagger(part, files, encoder, config)


def _new_tagger(
    part: TrainingPart, files: EncoderFiles, encoder: EncoderConfig, config: FinetuneConfig
) -> FinetunedTagger:
    tokenizer, model = (
        load_tokenizer(files.folder),
        load_model(files.folder, attention_dropout=config.attention_dropout),
    )
    if config.extra_words:
        words = useful_words(tokenizer, part.texts[: part.articles], config.extra_words)
        add_words(tokenizer, model, words)
    longest = int(model.config.max_position_embeddings)
    own = encoder.model_copy(update={"max_tokens": min(encoder.max_tokens, longest)})
    device = choose_device(encoder.device)
    network = Network(model, len(part.tags), config).to(device)
    zeros = np.zeros(len(part.tags))
    return FinetunedTagger(part.tags, zeros, network, tokenizer, own, config, device)


def _watch(tagger: FinetunedTagger, watched: Watched, *, choose: bool) -> dict[str, float]:
    """Loss and averages of the watched articles; "score", to choose the epoch by, if asked for."""
    scores = tagger.scores(watched.texts)
    dense = watched.truth.toarray()
    logits, truth = torch.from_numpy(scores), torch.from_numpy(dense.astype(np.float32))
    loss = training_loss(logits, truth, tagger.finetune, torch.ones(truth.shape[1]))
    cut = best_cut(dense.ravel(), scores.ravel()) if choose else _STUDY_CUT
    averages = build_averages(count_outcomes(watched.truth, predict(scores, cut)))
    figures = {"validation_loss": float(loss)}
    for name, average in averages.items():
        for measure in ("precision", "recall", "f1_score"):
            figures[f"{name.removesuffix(' avg')}_{measure}"] = getattr(average, measure)
    return figures | {"score": averages[MICRO].f1_score} if choose else figures


def _notes(trainer: Trainer, learnt: int, validation: int) -> list[str]:
    state = trainer.state
    watched = f"{validation} validation articles" if validation else "the test part, as published"
    return [
        f"{learnt} texts learnt in {state.epoch} epochs, watched on {watched}; "
        f"the weights are those of epoch {state.best_epoch or state.epoch}"
    ]
