"""Train a hybrid: its classifier, those of its parts alone, and the second stage over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.features.hybrid import (
    CountedHybrid,
    encoded_texts,
    hybrid_vectors,
    vector_parts,
)
from core.features.vectors import Embedded
from core.methods.base import Trained, Training
from core.methods.encoding import encode_parts, encoding_facts, encoding_note
from core.methods.grid import score_folds
from core.methods.hybrid.second_stage import Signs, fit_second_stage
from core.methods.hybrid.tagger import HybridTagger, kept_svm
from core.methods.search import fit_parts, search_hybrid_svm
from core.methods.svm import fit_counter, grid_size, searched
from core.models.folds import Fold
from core.settings.experiment import ExperimentConfig
from core.solvers.matrix import SideBySide

if TYPE_CHECKING:
    from core.methods.hybrid.finetuned_logits import FinetunedLogits


def train_hybrid(given: Training) -> Trained:
    """Encode the texts, fine-tune an encoder if that is asked for, and fit the rest."""
    config, part = given.config, given.part
    hybrid = config.features.hybrid
    embedded, test_vectors = encode_parts(given, lambda texts: encoded_texts(texts, hybrid))
    folds = part.folds(config.classifier, seed=config.seed)
    logits = None
    if hybrid.finetuned:
        from core.methods.hybrid.finetuned_logits import fit_finetuned_logits

        with given.steps.step("finetune"):
            logits = fit_finetuned_logits(given, folds)
    trained, tagger = fit_hybrid(given, embedded, folds, logits)
    return replace(trained, score_test=lambda: tagger.scores_of(given.test.texts, test_vectors))


def fit_hybrid(
    given: Training,
    embedded: Embedded,
    folds: Sequence[Fold],
    logits: FinetunedLogits | None = None,
) -> tuple[Trained, HybridTagger]:
    """Fit the classifier, whose settings are found by cross-validation, and the second stage.

    embedded: encoded_texts of the part's texts, and any others after them.
    """
    config, part, hybrid = given.config, given.part, given.config.features.hybrid
    read = len(part.texts) * len(vector_parts(hybrid))
    vectors = hybrid_vectors(embedded.vectors[:read], hybrid)
    counted = CountedHybrid.build(part.texts, vectors, hybrid)
    on_fit = fit_counter(given, count_fits(config, len(part.tags)))
    terms, X, found = search_hybrid_svm(
        counted, part.Y, folds, config.classifier, seed=config.seed, on_fit=on_fit
    )
    tagger = HybridTagger.build(
        part.tags, given.encoder, config.features.encoder, terms, found.svm.as_linear()
    )
    trained = searched(
        given,
        tagger,
        found,
        notes=[encoding_note(embedded, given)],
        facts=encoding_facts(embedded, given.encoder),
    )
    if not hybrid.second_stage:
        return trained, tagger
    return _with_second_stage(given, trained, tagger, counted, X, folds, logits, on_fit)


def _with_second_stage(
    given: Training,
    trained: Trained,
    tagger: HybridTagger,
    counted: CountedHybrid,
    X: SideBySide,
    folds: Sequence[Fold],
    logits: FinetunedLogits | None,
    on_fit: Callable[[int], None],
) -> tuple[Trained, HybridTagger]:
    """Fit a classifier of each part alone, then the second stage on out-of-fold margins.

    X: of all texts. logits: of an encoder fine-tuned by the same folds.
    """
    config, part, found = given.config, given.part, trained.search
    assert found is not None  # of search_hybrid_svm
    n = part.judged
    fitted, by_part = fit_parts(
        counted,
        tagger.terms.split(X),
        part.Y,
        folds,
        found.best,
        seed=config.seed,
        on_fit=on_fit,
    )
    signs = Signs.build(tagger.terms, X[:n], part.Y[:n], part.tags, tagger.vectors_of(part.tags))
    pairs = signs.of_pairs(
        trained.held_out,
        by_part[:, :n],
        X[:n],
        part.texts[:n],
        logits=logits.held_out if logits else None,
        groups=part.groups[:n],
    )
    own_folds = [(train[train < n], test[test < n]) for train, test in folds]
    stage, held_out = fit_second_stage(
        signs, [kept_svm(svm) for svm in fitted], pairs, part.Y[:n], own_folds
    )
    tagger = replace(tagger, stage=stage, finetuned=logits.tagger if logits else None)
    notes = list(trained.notes)
    if logits:
        epochs = logits.tagger.finetune.epochs
        notes.append(f"{len(folds) + 1} encoders fine-tuned, {epochs} epochs each")
    # At threshold 0 for both stages: the reference that the report compares with.
    score = score_folds(part.Y[:n], held_out, own_folds, config.classifier)
    trained = replace(
        trained,
        tagger=tagger,
        held_out=held_out,
        search=replace(found, score=score),
        notes=notes,
        epochs=logits.epochs if logits else 0,
    )
    return trained, tagger


def count_fits(config: ExperimentConfig, tags: int) -> int:
    """How many classifiers of one tag are fitted: the grid's, and those of each part alone."""
    folds, hybrid = config.classifier.folds, config.features.hybrid
    fits = grid_size(config.classifier) * folds + 1
    if hybrid.second_stage:
        fits += len(hybrid.parts) * (folds + 1)
    return fits * tags
