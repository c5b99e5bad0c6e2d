"""tf-idf of words and a linear SVM: the quickest method, and the one with exact evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from core.methods.base import Family, Method, Trained, Training
from core.methods.svm import SVM_SETTINGS, check_svm_part
from core.methods.work import Material, Planning, Speed, WorkPlan

if TYPE_CHECKING:
    from core.methods.part import TrainingPart
    from core.methods.taggers import Tagger
    from core.settings.experiment import ExperimentConfig

_OWN = ("analyzer", "ngram_range", "max_df", "min_df", "sublinear_tf")


class TfidfMethod(Method):
    """Words and phrases weighted by tf-idf under a one-vs-rest linear SVM."""

    name = "tfidf"
    title = "Keywords"
    about = "tf-idf of words under an SVM."
    label = "By words"
    family = Family("tf-idf", "#0072b2", "#56b4e9")
    tagger_kinds = ("tfidf-svm",)

    def reads(self, config: ExperimentConfig) -> Collection[str]:
        """Its words, and the grid of its SVM."""
        return (*SVM_SETTINGS, *(f"features.{name}" for name in _OWN))

    def check_part(self, config: ExperimentConfig, part: TrainingPart) -> None:
        """Raises DataError if there are fewer articles than folds."""
        check_svm_part(config, part)

    def train(self, given: Training) -> Trained:
        """Fit tf-idf and the SVM."""
        from core.methods.tfidf.training import train_tfidf

        return train_tfidf(given)

    def load(self, folder: Path) -> Tagger:
        """Read a saved tagger. Raises RunError if it is damaged."""
        from core.methods.tfidf.tagger import TfidfTagger

        return TfidfTagger.load(folder)

    def plan(self, given: Planning) -> WorkPlan:
        """Counting and fits."""
        from core.methods.tfidf.work import plan_tfidf

        return plan_tfidf(given)

    def measure(self, given: Material, kinds: Collection[str]) -> Iterable[Speed]:
        """Count and fit on some of the texts."""
        from core.methods.tfidf.work import measure_tfidf

        return measure_tfidf(given, kinds)


METHOD = TfidfMethod()
