"""Vectors of a pretrained encoder and an SVM: it goes by what a text means."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.methods.base import Family, Method, Trained, Training
from core.methods.svm import SVM_SETTINGS, check_svm_part
from core.methods.work import Material, Planning, Speed, WorkPlan

if TYPE_CHECKING:
    from core.methods.part import TrainingPart
    from core.methods.taggers import Tagger
    from core.settings.experiment import ExperimentConfig


class EncoderMethod(Method):
    """An encoder's vectors of the texts under a one-vs-rest SVM."""

    name = "encoder"
    title = "Vectors"
    about = "BERT's reading of the meaning under an SVM."
    label = "By meaning"
    family = Family("BERT vectors", "#d55e00", "#e69f00")
    tagger_kinds = ("vector-svm",)
    preferred = MappingProxyType(
        {"features.encoder.pooling": "layers", "classifier.vector_kernel": "rbf"}
    )

    def reads(self, config: ExperimentConfig) -> Collection[str]:
        """The encoder, and the grid and the kernel of its SVM."""
        return (*SVM_SETTINGS, "classifier.vector_kernel", "features.encoder")

    def check_part(self, config: ExperimentConfig, part: TrainingPart) -> None:
        """Raises DataError if there are fewer articles than folds."""
        check_svm_part(config, part)

    def train(self, given: Training) -> Trained:
        """Encode the texts and fit the SVM."""
        from core.methods.encoder.training import train_vectors

        return train_vectors(given)

    def load(self, folder: Path) -> Tagger:
        """Read a saved tagger. Raises RunError if it is damaged."""
        from core.methods.encoder.tagger import VectorTagger

        return VectorTagger.load(folder)

    def plan(self, given: Planning) -> WorkPlan:
        """Encoding and fits."""
        from core.methods.encoder.work import plan_vectors

        return plan_vectors(given)

    def measure(self, given: Material, kinds: Collection[str]) -> Iterable[Speed]:
        """Encode some of the texts, and fit to their vectors."""
        from core.methods.encoder.work import measure_vectors

        return measure_vectors(given, kinds)


METHOD = EncoderMethod()
