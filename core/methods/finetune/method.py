"""An encoder that learns the tags itself: the slowest method, worth it on a GPU."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import ConfigError
from core.methods.base import Family, Method, Trained, Training
from core.methods.finetune.settings import LEARNING_SETTINGS
from core.methods.work import Material, Planning, Speed, Work, WorkPlan

if TYPE_CHECKING:
    from core.methods.taggers import Tagger
    from core.settings.experiment import ExperimentConfig

_OF_ENCODER = ("name", "max_tokens", "precision", "device", "batch_tokens")


class FinetuneMethod(Method):
    """An encoder with one linear layer, all of whose weights are trained on the tags."""

    name = "finetune"
    title = "Fine-tuned"
    about = "BERT itself learns the tags."
    label = "By meaning, trained on the tags"
    family = Family("fine-tuned", "#009e73", "#2fbf96")
    tagger_kinds = ("finetuned",)
    leaves_encoder = True

    def reads(self, config: ExperimentConfig) -> Collection[str]:
        """Fine-tuning, and what concerns the encoder as it is trained."""
        choice = ("finetune.validation_share", "finetune.patience")
        encoder = (f"features.encoder.{name}" for name in _OF_ENCODER)
        return (*LEARNING_SETTINGS, *choice, *encoder)

    def trains_encoder(self, config: ExperimentConfig) -> bool:
        """Always."""
        return True

    def check(self, config: ExperimentConfig) -> None:
        """Raises ConfigError if thresholds are to be tuned and no article is kept out for that."""
        is_tuned = config.thresholds.rule in ("global", "per_tag")
        if is_tuned and not config.finetune.validation_share:
            raise ConfigError(
                f"Thresholds of rule {config.thresholds.rule!r} need held-out articles: raise "
                "finetune.validation_share, or choose thresholds.rule zero or value."
            )

    def train(self, given: Training) -> Trained:
        """Train the encoder with its last layer."""
        from core.methods.finetune.training import train_finetuned

        return train_finetuned(given)

    def load(self, folder: Path) -> Tagger:
        """Read a saved tagger. Raises RunError if it is damaged."""
        from core.methods.finetune.tagger import FinetunedTagger

        return FinetunedTagger.load(folder)

    def plan(self, given: Planning) -> WorkPlan:
        """Tokens learnt from, and tokens of the test part."""
        from core.methods.encoding import encode_kind
        from core.methods.finetune.kinds import finetune_kind

        tune, tokens = given.config.finetune, int(given.tokens.sum())
        learnt = tokens * (1 - tune.validation_share) * tune.epochs
        kind, test = finetune_kind(given.config, given.encoder), int(given.test_tokens.sum())
        return WorkPlan(
            (
                Work("train", kind, learnt, epochs=tune.epochs),
                Work("test", encode_kind(given.config, given.encoder), test),
            ),
            tokens=tokens,
            epochs=tune.epochs,
            may_stop_early=True,
        )

    def measure(self, given: Material, kinds: Collection[str]) -> Iterable[Speed]:
        """Learn from a few batches, and encode some of the texts."""
        from core.methods.encoding import encode_kind, measure_encoding
        from core.methods.finetune.kinds import finetune_kind
        from core.methods.finetune.work import measure_finetuning

        if finetune_kind(given.config, given.encoder) in kinds:
            yield measure_finetuning(given)
        if encode_kind(given.config, given.encoder) in kinds:
            yield measure_encoding(given)


METHOD = FinetuneMethod()
