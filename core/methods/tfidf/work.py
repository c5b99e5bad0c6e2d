"""How much work a tf-idf tagger is, and how fast this machine does it."""

from collections.abc import Collection, Iterator
from itertools import product

import numpy as np
from scipy.sparse import csr_array

from core.features.config import FeaturesConfig
from core.features.tfidf import count_terms, fit_idf, weigh_counts
from core.features.token_counts import word_counts
from core.methods.svm import products_amount
from core.methods.tfidf.training import count_fits
from core.methods.work import Material, Planning, Speed, Work, WorkPlan, measuring, spaced
from core.settings.experiment import ExperimentConfig
from core.solvers.one_vs_rest import fit_path, kernel_matrix_bytes, kernel_matrix_pays

# An l2 grid that is solved by products of rows.
_PRODUCTS = "products"
# Words x orders of n-grams: enough that the vocabulary's growth shows, few enough for a second.
_WORDS = 200_000
_TEXTS, _TAGS = 1500, 8


def plan_tfidf(given: Planning) -> WorkPlan:
    """Work in words x orders of n-grams, and in fits times the size of what is fitted.

    Fits go by products of rows where the mean n-gram range of the grid has terms enough for that.
    """
    features, classifier, words = given.config.features, given.config.classifier, given.words
    rows, tags = len(given.part.texts), len(given.part.tags)
    orders = [high - low + 1 for low, high in features.ngram_range]
    mean, widest = sum(orders) / len(orders), words * max(orders)
    count, weighings = _count_kind(features), len(orders) * len(features.max_df)
    work = [Work("train", count, words * sum(orders), widest)]
    by_products = kernel_matrix_pays(rows, words * mean / rows)
    pairs = [pair for pair in classifier.pairs if not (by_products and pair[0] == "l2")]
    if len(pairs) < len(classifier.pairs):
        amount = products_amount(classifier, rows, tags, classifier.folds, grids=weighings)
        work.append(Work("train", _PRODUCTS, amount, kernel_matrix_bytes(rows)))
    # Every fold is fitted to the others; then the best point of the grid to all rows. Which point
    # that is shows in the end, so each one counts for its share of that last fit.
    of_folds = words * sum(orders) * len(features.max_df) * tags * (classifier.folds - 1)
    of_all = words * mean * tags / (len(classifier.pairs) * len(classifier.C))
    work += [
        Work("train", _fit_kind(penalty, dual, C), of_folds + of_all, widest * tags)
        for penalty, dual in pairs
        for C in classifier.C
    ]
    work.append(Work("test", count, given.test_words * mean))
    return WorkPlan(tuple(work), words, fits=count_fits(given.config, tags))


def measure_tfidf(given: Material, kinds: Collection[str]) -> Iterator[Speed]:
    """Count the widest n-grams of some texts, and fit to them what is asked for.

    Fits by liblinear are of a few tags for each point of the grid, fits by products of all tags.
    """
    config, part = given.config, given.part
    features, classifier = config.features, config.classifier
    low, high = max(features.ngram_range, key=lambda pair: pair[1] - pair[0])
    orders = high - low + 1
    words = word_counts(part.texts)
    wanted = int(_WORDS / orders / max(words.mean(), 1))
    rows = spaced(len(part.texts), min(max(wanted, 100), _TEXTS))
    amount = float(words[rows].sum()) * orders
    with measuring() as counting:
        texts = [part.texts[row] for row in rows]
        terms = count_terms(texts, analyzer=features.analyzer, ngram_range=(low, high))
    X = weigh_counts(terms.counts, fit_idf(terms.counts), sublinear=features.sublinear_tf)
    yield counting.speed(_count_kind(features), amount, size=amount)
    if _PRODUCTS in kinds:
        yield _measure_products(X, part.Y[rows], config)
    columns = np.argsort(-part.Y.sum(axis=0))[spaced(len(part.tags), _TAGS)]
    truth, size = part.Y[rows][:, columns], amount * len(columns)
    for (penalty, dual), C in product(classifier.pairs, classifier.C):
        if (kind := _fit_kind(penalty, dual, C)) in kinds:
            with measuring() as fitting:
                fit_path(X, truth, (C,), penalty=penalty, dual=dual, seed=config.seed)
            yield fitting.speed(kind, size, size=size)


def _measure_products(X: csr_array, Y: csr_array, config: ExperimentConfig) -> Speed:
    """All values of C for all tags, on rows of which every two are multiplied."""
    Cs, (n, K) = config.classifier.C, Y.shape
    fit_path(X[:_TAGS], Y[:_TAGS], Cs, seed=config.seed)  # which loads the solver
    with measuring() as fitting:
        fit_path(X, Y, Cs, seed=config.seed)
    return fitting.speed(_PRODUCTS, float(n**2 * K * len(Cs)), size=kernel_matrix_bytes(n))


def _count_kind(features: FeaturesConfig) -> str:
    return f"count {features.analyzer}"


def _fit_kind(penalty: str, dual: object, C: float) -> str:
    return f"liblinear {penalty} {dual} C={C:g}"
