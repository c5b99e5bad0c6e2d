"""Train a tf-idf tagger."""

import numpy as np

from core.methods.base import Trained, Training
from core.methods.search import search_tfidf_svm
from core.methods.svm import fit_counter, grid_size, searched
from core.methods.tfidf.tagger import TfidfTagger
from core.settings.experiment import ExperimentConfig


def train_tfidf(given: Training) -> Trained:
    """Fit tf-idf and a one-vs-rest SVM, whose settings are found by cross-validation."""
    config, part = given.config, given.part
    tfidf, found = search_tfidf_svm(
        part.texts,
        part.Y,
        part.folds(config.classifier, seed=config.seed),
        config.features,
        config.classifier,
        seed=config.seed,
        on_fit=fit_counter(given, count_fits(config, len(part.tags))),
    )
    return searched(
        given, TfidfTagger(part.tags, np.zeros(len(part.tags)), tfidf, found.svm.as_linear()), found
    )


def count_fits(config: ExperimentConfig, tags: int) -> int:
    """How many classifiers of one tag are fitted: on every fold, then on all rows."""
    features, classifier = config.features, config.classifier
    grid = grid_size(classifier) * len(features.ngram_range) * len(features.max_df)
    return (grid * classifier.folds + 1) * tags
