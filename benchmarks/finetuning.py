"""Epochs of fine-tuning, ours and the study's in turn: seconds, and what was learnt.

python -m benchmarks.finetuning FILE [--articles 240] [--epochs 3] [--device cpu]

Both start from the same MiniLM, see the same articles in batches of 16 and compute the same loss
over all tags (the study's own saw one tag of each article). Ours has the settings of
best-finetuned, the study's loop its own: padded to the longest of FILE, fp32, plain AdamW.
Validation micro F1 is of other articles of the set, at each network's best cut on them.
"""

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_array
from torch.nn import functional

from benchmarks.speed import show
from core.articles.store.sets import read_sources
from core.dataset.config import DataConfig
from core.dataset.dataset import TagDataset, build_dataset
from core.features.config import EncoderConfig, FeaturesConfig
from core.features.encoder import choose_precision
from core.features.encoder_files import find_encoder
from core.features.encoder_tokens import pad
from core.methods.finetune.epochs import Rows, Trainer, parameter_groups, positive_weights
from core.methods.finetune.tagger import FinetunedTagger
from core.methods.finetune.training import new_tagger
from core.methods.part import TrainingPart
from core.methods.work import Material
from core.metrics.averages import MICRO, build_averages
from core.metrics.counts import count_outcomes, predict
from core.models.thresholds import best_cut
from core.settings.classifier import FinetuneConfig
from core.settings.experiment import ExperimentConfig
from core.study.presets import preset_named

VALIDATION_ARTICLES = 400
_SEED = 1


@dataclass
class Watch:
    """A network at work. articles, tokens: that went through it, padding included in tokens."""

    tagger: FinetunedTagger
    run_epoch: Callable[[], object]
    seconds: list[float] = field(default_factory=list)
    f1: list[float] = field(default_factory=list)
    articles: int = 0
    tokens: int = 0

    def epoch(self, texts: Sequence[str], truth: csr_array) -> None:
        """One epoch, timed; then the validation texts, not timed."""

        def count(_module: object, given: tuple[torch.Tensor, ...], _logits: object) -> None:
            self.articles += given[0].shape[0]
            self.tokens += given[0].numel()

        hook = self.tagger.network.register_forward_hook(count)
        start = time.perf_counter()
        self.run_epoch()
        if self.tagger.device.type == "cuda":
            torch.cuda.synchronize()
        self.seconds.append(time.perf_counter() - start)
        hook.remove()
        scores = self.tagger.scores(texts)
        cut = best_cut(truth.toarray().ravel(), scores.ravel())
        counts = count_outcomes(truth, predict(scores, cut))
        self.f1.append(build_averages(counts)[MICRO].f1_score)


def our_loop(part: TrainingPart, encoder: EncoderConfig, epochs: int, folder: Path) -> Watch:
    config = preset_named("best-finetuned").config().finetune.model_copy(update={"epochs": epochs})
    tagger, rows = _start(part, encoder, config)
    precision = choose_precision(config.precision, tagger.device)
    trainer = Trainer(
        network=tagger.network,
        config=config.model_copy(update={"precision": precision}),
        pad_id=tagger.tokenizer.pad_token_id,
        device=tagger.device,
        seed=_SEED,
        checkpoint=folder / "never-written",
        on_tokens=lambda *_: None,
    )
    tagger.network.expect(rows.truth)
    optimizer = trainer.optimizer()
    weights = positive_weights(rows.truth, balance=config.balance).to(tagger.device)

    def run_epoch() -> None:
        trainer.run_epoch(rows, optimizer, weights)
        trainer.state.epoch += 1

    return Watch(tagger, run_epoch)


def study_loop(
    part: TrainingPart, encoder: EncoderConfig, epochs: int, all_texts: Sequence[str]
) -> Watch:
    """Written anew after its description, with the attention of its time: plain products."""
    config = preset_named("study-06").config().finetune
    tagger, rows = _start(part, encoder, config)
    network, device = tagger.network, tagger.device
    network.encoder.set_attn_implementation("eager")
    longest = max(tagger.token_ids(all_texts), key=len)
    ids, mask = (both[:-1] for both in pad([*rows.ids, longest], tagger.tokenizer.pad_token_id))
    truth = torch.from_numpy(rows.truth)
    optimizer = torch.optim.AdamW(
        parameter_groups(network, config), lr=config.learning_rate, eps=config.adam_epsilon
    )
    steps = epochs * -(-len(ids) // config.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)

    def run_epoch() -> None:
        network.train()
        for chosen in torch.randperm(len(ids)).split(config.batch_size):
            logits = network(ids[chosen].to(device), mask[chosen].to(device))
            loss = functional.binary_cross_entropy_with_logits(logits, truth[chosen].to(device))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip_norm)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            loss.item()

    return Watch(tagger, run_epoch)


def _start(
    part: TrainingPart, encoder: EncoderConfig, finetune: FinetuneConfig
) -> tuple[FinetunedTagger, Rows]:
    torch.manual_seed(_SEED)
    features = FeaturesConfig(encoder=encoder)
    config = ExperimentConfig(method="finetune", features=features, finetune=finetune, seed=0)
    tagger = new_tagger(Material(config, part, find_encoder("minilm")))
    return tagger, Rows(tagger.token_ids(part.texts), part.Y.toarray().astype(np.float32))


def measure(dataset: TagDataset, articles: int, epochs: int, device: str) -> None:
    order = np.random.default_rng(_SEED).permutation(len(dataset.texts))
    learnt, watched = order[:articles], order[articles:][:VALIDATION_ARTICLES]
    rows = np.arange(len(learnt))
    texts = [dataset.texts[row] for row in learnt]
    part = TrainingPart(texts, dataset.Y[learnt], dataset.tags, originals=rows, groups=rows)
    encoder = EncoderConfig(device=device)
    held_out = [dataset.texts[row] for row in watched], dataset.Y[watched]
    with tempfile.TemporaryDirectory() as folder:
        ours = our_loop(part, encoder, epochs, Path(folder))
        theirs = study_loop(part, encoder, epochs, dataset.texts)
        for _ in range(epochs):
            for loop in (ours, theirs):
                loop.epoch(*held_out)
    assert ours.articles == theirs.articles == epochs * len(learnt)
    print("| work | against | ours | theirs | ratio | its lowest and highest round |")
    print("|---|---|---|---|---|---|")
    show(
        f"fine-tune an epoch, {len(learnt)} articles, {device}",
        "the study's loop: padded to the longest, fp32",
        (ours.seconds, theirs.seconds),
    )
    print(
        f"\nValidation micro F1 ({len(watched)} articles) after each epoch, tokens of an epoch:\n"
    )
    for name, loop in (("ours", ours), ("theirs", theirs)):
        f1 = ", ".join(f"{value:.3f}" for value in loop.f1)
        print(f"- {name}: {f1}; {loop.tokens // epochs:,} with padding")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--articles", type=int, default=240)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda", "mps"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    dataset = build_dataset(read_sources([options.file]), DataConfig())
    measure(dataset, options.articles, options.epochs, options.device)


if __name__ == "__main__":
    main()
