"""What the methods with a support vector machine on top share: settings, progress, results."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from core.methods.base import Trained
from core.methods.facts import EncoderFacts

if TYPE_CHECKING:
    from core.methods.base import Training
    from core.methods.grid import SearchResult
    from core.methods.part import TrainingPart
    from core.methods.taggers import Tagger
    from core.settings.classifier import ClassifierConfig
    from core.settings.experiment import ExperimentConfig

# What every search for the best SVM reads.
SVM_SETTINGS = tuple(
    f"classifier.{name}"
    for name in ("C", "penalty", "dual", "folds", "shuffle_folds", "grouped_folds")
)


def check_svm_part(config: ExperimentConfig, part: TrainingPart) -> None:
    """Raises DataError if there are fewer articles with out-of-fold scores than folds."""
    from core.models.folds import check_folds

    judged = part.originals[part.originals < part.judged]
    check_folds(part.groups[judged], config.classifier)


def grid_size(classifier: ClassifierConfig) -> int:
    """How many pairs of C with penalty and dual there are to try."""
    return len(classifier.pairs) * len(classifier.C)


def products_amount(
    classifier: ClassifierConfig, rows: int, tags: int, folds: int, *, grids: int = 1
) -> float:
    """Work of a grid's fits by products of rows, in rows squared times tags.

    Time and memory grow with the square of a fit's rows. folds: 1 for a single validation part.
    """
    learnt = rows * (folds - 1) / folds if folds > 1 else rows
    return (grids * folds * learnt**2 * len(classifier.C) + rows**2) * tags


def fit_counter(given: Training, fits: int) -> Callable[[int], None]:
    """What adds so many fits to those done, of all `fits`, and reports them."""
    done = 0

    def on_fit(more: int) -> None:
        nonlocal done
        done += more
        given.steps.report("train", done, fits, "fits")

    return on_fit


def searched(
    given: Training,
    tagger: Tagger,
    found: SearchResult,
    *,
    notes: list[str] | None = None,
    facts: EncoderFacts | None = None,
) -> Trained:
    """What a search found, with the notes that every search may give."""
    said, classifier = list(notes or []), given.config.classifier
    if len(classifier.pairs) < len(classifier.penalty) * len(classifier.dual):
        said.append("penalty l1 with dual was left out of the grid: no solver exists for it")
    if found.svm.unconverged:
        said.append(f"{found.svm.unconverged} tags stopped at the solver's iteration limit")
    return Trained(
        tagger=tagger,
        held_out_rows=np.arange(given.part.judged),
        # Copies made by augmentation do not count: thresholds are for real articles.
        held_out=found.out_of_fold[: given.part.judged],
        tuned_on="out-of-fold scores of the training part",
        search=found,
        notes=said,
        facts=facts,
    )
