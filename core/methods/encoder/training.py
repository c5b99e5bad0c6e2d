"""Train an SVM on an encoder's vectors."""

from dataclasses import replace

import numpy as np

from core.methods.base import Trained, Training
from core.methods.encoder.tagger import VectorTagger
from core.methods.encoding import encode_parts, encoding_facts, encoding_note
from core.methods.search import search_vector_svm
from core.methods.svm import fit_counter, grid_size, searched
from core.settings.experiment import ExperimentConfig
from core.solvers.one_vs_rest import kernel_for


def train_vectors(given: Training) -> Trained:
    """Fit a one-vs-rest SVM on the vectors, whose settings are found by cross-validation.

    If the encoder was fine-tuned on this part, only the articles that it was not fitted on can
    choose the settings and tune the thresholds, in place of folds.
    """
    config, part, unseen = given.config, given.part, given.unseen
    classifier, seed = config.classifier, config.seed
    embedded, test_vectors = encode_parts(given)
    only_unseen = [(part.texts_without(unseen), unseen)]
    folds = only_unseen if len(unseen) else part.folds(classifier, seed=seed)
    found = search_vector_svm(
        embedded.vectors[: len(part.texts)],
        part.Y,
        folds,
        classifier,
        seed=seed,
        on_fit=fit_counter(given, count_fits(config, len(part.tags))),
    )
    zeros = np.zeros(len(part.tags))
    tagger = VectorTagger(part.tags, zeros, given.encoder, config.features.encoder, found.svm)
    notes = [encoding_note(embedded, given)]
    if kernel_for(len(part.texts), classifier.vector_kernel) != classifier.vector_kernel:
        notes.append(f"{len(part.texts):,} texts are too many for the rbf kernel: linear")
    facts = encoding_facts(embedded, given.encoder)
    trained = replace(
        searched(given, tagger, found, notes=notes, facts=facts),
        score_test=lambda: tagger.scores_of(given.test.texts, test_vectors),
    )
    if not len(unseen):
        return trained
    return replace(
        trained,
        held_out_rows=unseen,
        held_out=found.out_of_fold[unseen],
        tuned_on="training articles that the encoder was not fine-tuned on",
    )


def count_fits(config: ExperimentConfig, tags: int) -> int:
    """How many classifiers of one tag are fitted: on every fold, then on all rows."""
    return (grid_size(config.classifier) * config.classifier.folds + 1) * tags
