"""Train an encoder on the tags themselves."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from core.base.progress import OnEpoch
from core.dataset.split import part_of_rows
from core.features.encoder import choose_device, choose_precision, load_model, load_tokenizer
from core.methods.base import Trained, Training
from core.methods.facts import EncoderFacts
from core.methods.finetune.epochs import Network, Rows, Trainer, training_loss
from core.methods.finetune.tagger import FinetunedTagger
from core.methods.finetune.vocabulary import add_words, useful_words
from core.methods.part import Labelled, TrainingPart
from core.methods.work import Material
from core.metrics.averages import MICRO, build_averages
from core.metrics.counts import count_outcomes, predict
from core.models.folds import IntArray
from core.models.thresholds import best_cut

# The threshold of the study, on raw logits.
_STUDY_THRESHOLD = 0.5


def train_finetuned(given: Training) -> Trained:
    """Fine-tune on the training part less its validation articles; copies go with their article.

    The test part is watched in place of validation articles if finetune.validation_share is 0. A
    training that was killed goes on from its last epoch, which is kept in given.checkpoint.
    """
    part, config, files = given.part, given.config.finetune, given.encoder
    tagger = new_tagger(given)
    validation = validation_rows(part, config.validation_share, given.config.seed)
    learnt = part.texts_without(validation)
    choose = bool(len(validation))
    watched = given.test
    if choose:
        watched = Labelled([part.texts[row] for row in validation], part.Y[validation])
    trainer = fit_network(
        tagger,
        part,
        learnt,
        seed=given.config.seed,
        checkpoint=given.checkpoint,
        on_tokens=lambda done, total: given.steps.report("train", done, total, "tokens"),
        watch=lambda: _watch(tagger, watched, choose=choose),
        on_epoch=given.steps.epoch,
    )
    held_out = np.empty((0, len(part.tags)), np.float32)
    return Trained(
        tagger=tagger,
        held_out_rows=validation,
        held_out=tagger.scores(watched.texts) if choose else held_out,
        tuned_on="validation articles of the training part" if choose else "nothing",
        notes=_notes(trainer, len(learnt), len(validation)),
        facts=EncoderFacts(
            encoder=files.name,
            encoder_base=files.base,
            encoder_sha256=files.checksum,
            device=str(tagger.device),
            precision=trainer.config.precision,
            epochs=trainer.state.epoch,
            best_epoch=trainer.state.best_epoch or trainer.state.epoch,
            validation_articles=len(validation),
        ),
        epochs=trainer.epochs_made,
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
    """Token ids and dense truth of the chosen rows of the part."""
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


def new_tagger(given: Material) -> FinetunedTagger:
    """The pretrained encoder under a linear layer that has learnt nothing yet."""
    with torch.random.fork_rng():
        torch.manual_seed(given.config.seed)
        return _new_tagger(given)


def _new_tagger(given: Material) -> FinetunedTagger:
    part, config, encoder = given.part, given.config.finetune, given.config.features.encoder
    tokenizer = load_tokenizer(given.encoder.folder)
    model = load_model(given.encoder.folder, attention_dropout=config.attention_dropout)
    if config.extra_words:
        words = useful_words(tokenizer, part.texts[: part.articles], config.extra_words)
        add_words(tokenizer, model, words)
    longest = int(model.config.max_position_embeddings)
    own = encoder.model_copy(update={"max_tokens": min(encoder.max_tokens, longest)})
    device = choose_device(encoder.device)
    network = Network(model, len(part.tags), config).to(device)
    zeros = np.zeros(len(part.tags))
    return FinetunedTagger(part.tags, zeros, network, tokenizer, own, config, device)


def _watch(tagger: FinetunedTagger, watched: Labelled, *, choose: bool) -> dict[str, float]:
    """Loss and averages of the watched articles; "score", to choose the epoch by, if asked for."""
    scores = tagger.scores(watched.texts)
    dense = watched.truth.toarray()
    logits, truth = torch.from_numpy(scores), torch.from_numpy(dense.astype(np.float32))
    loss = training_loss(logits, truth, tagger.finetune, torch.ones(truth.shape[1]))
    cut = best_cut(dense.ravel(), scores.ravel()) if choose else _STUDY_THRESHOLD
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
