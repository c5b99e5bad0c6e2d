"""Words, characters and vectors in one classifier, whose margins a second stage looks at again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import ConfigError
from core.methods.base import Family, Method, Trained, Training
from core.methods.finetune.settings import LEARNING_SETTINGS
from core.methods.svm import SVM_SETTINGS, check_svm_part
from core.methods.work import Material, Planning, Speed, WorkPlan

if TYPE_CHECKING:
    from core.methods.part import TrainingPart
    from core.methods.taggers import Tagger
    from core.settings.experiment import ExperimentConfig


class HybridMethod(Method):
    """tf-idf of words and characters and an encoder's vectors, side by side under one SVM."""

    name = "hybrid"
    title = "Both"
    about = "keywords and vectors in one SVM."
    label = "By words and meaning"
    family = Family("hybrid", "#cc79a7", "#e39bc4")
    tagger_kinds = ("hybrid-svm-2",)

    def reads(self, config: ExperimentConfig) -> Collection[str]:
        """Encoder, weights and grid; fine-tuning too where an encoder is trained."""
        own = (*SVM_SETTINGS, "features.encoder", "features.hybrid")
        return (*own, *LEARNING_SETTINGS) if self.trains_encoder(config) else own

    def trains_encoder(self, config: ExperimentConfig) -> bool:
        """Whether the second stage gets a fine-tuned encoder."""
        return config.features.hybrid.finetuned

    def check_part(self, config: ExperimentConfig, part: TrainingPart) -> None:
        """Raises DataError if there are fewer articles than folds."""
        check_svm_part(config, part)

    def check_encoder(self, run: str, seen: int) -> None:
        """Raises ConfigError for an encoder that was fine-tuned on its articles."""
        if seen:
            raise ConfigError(
                f"A hybrid cannot be evaluated with the encoder of run {run}, which was "
                "fine-tuned on its articles. Name minilm, a hub id or a folder."
            )

    def train(self, given: Training) -> Trained:
        """Encode the texts and fit both stages."""
        from core.methods.hybrid.training import train_hybrid

        return train_hybrid(given)

    def load(self, folder: Path) -> Tagger:
        """Read a saved tagger. Raises RunError if it is damaged."""
        from core.methods.hybrid.tagger import HybridTagger

        return HybridTagger.load(folder)

    def plan(self, given: Planning) -> WorkPlan:
        """Encoding, fine-tuning if it is asked for, and fits."""
        from core.methods.hybrid.work import plan_hybrid

        return plan_hybrid(given)

    def measure(self, given: Material, kinds: Collection[str]) -> Iterable[Speed]:
        """Do each part of the work on some of the texts."""
        from core.methods.hybrid.work import measure_hybrid

        return measure_hybrid(given, kinds)


METHOD = HybridMethod()
