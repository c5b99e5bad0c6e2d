"""Our steps against their named peers, in one run, alternating; medians and ratios.

python -m benchmarks.speed FILE    (a real set as data check reads it)
"""

import statistics
import sys
import time
import warnings
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, random_array
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import classification_report, fbeta_score, make_scorer
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from core.articles.store.sets import read_sources
from core.base.machine import machine_name
from core.dataset.config import DataConfig
from core.dataset.dataset import TagDataset, build_dataset
from core.dataset.split import iterative_test_rows, test_rows
from core.features.config import FeaturesConfig
from core.methods.search import search_tfidf_svm
from core.metrics.averages import build_averages
from core.metrics.counts import count_outcomes
from core.models.folds import build_folds
from core.settings.classifier import ClassifierConfig

# Of ours and of theirs, a round each.
Seconds = tuple[list[float], list[float]]


def seconds_in_turn(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> Seconds:
    """Of both in every round, run in turn so that a slow spell of the machine hits both."""
    times: Seconds = ([], [])
    for _ in range(rounds):
        for work, kept in zip((ours, theirs), times, strict=True):
            start = time.perf_counter()
            work()
            kept.append(time.perf_counter() - start)
    return times


def median_seconds(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> tuple[float, float]:
    times = seconds_in_turn(ours, theirs, rounds)
    return statistics.median(times[0]), statistics.median(times[1])


def print_head(*packages: str) -> None:
    """The machine, the packages' versions, and the head of the table."""
    found = [f"{name} {version(name)}" for name in packages]
    print(f"{machine_name()}, {date.today()}; {', '.join(found)}\n")
    print("| work | against | ours | theirs | ratio | its lowest and highest round |")
    print(f"|{'---|' * 6}")


def show(work: str, peer: str, times: Seconds) -> None:
    """The ratio is that of the medians; the last column says how far single rounds are off."""
    ours, theirs = map(statistics.median, times)
    ratios = [their / our for our, their in zip(*times, strict=True)]
    spread = f"{min(ratios):.1f} to {max(ratios):.1f}" if len(ratios) > 1 else ""
    cells = [work, peer, f"{ours:.3f} s", f"{theirs:.3f} s", f"{theirs / ours:.1f}x", spread]
    print(f"| {' | '.join(cells)} |", flush=True)


def measure_averages() -> None:
    rng = np.random.default_rng(1)
    truth = csr_array(random_array((10_000, 500), density=0.006, rng=rng) > 0)
    predicted = csr_array(random_array((10_000, 500), density=0.006, rng=rng) > 0)
    dense = truth.toarray(), predicted.toarray()
    times = seconds_in_turn(
        lambda: build_averages(count_outcomes(truth, predicted)),
        lambda: classification_report(*dense, output_dict=True, zero_division=0),
        5,
    )
    show("all four averages, 10,000 x 500", "classification_report", times)


def measure_split() -> None:
    from skmultilearn.model_selection import IterativeStratification

    rng = np.random.default_rng(1)
    Y = csr_array(random_array((30_000, 100), density=0.02, rng=rng) > 0)
    Y.sort_indices()
    stratifier = IterativeStratification(2, order=2, sample_distribution_per_fold=[0.3, 0.7])
    alone = np.arange(Y.shape[0])

    def ours() -> None:
        test_rows(Y, alone, 0.3, "stratified", np.random.default_rng(1))

    def by_pairs() -> None:
        iterative_test_rows(Y, 0.3, np.random.default_rng(1))

    theirs = seconds_in_turn(by_pairs, lambda: next(stratifier.split(np.zeros((30_000, 1)), Y)), 1)
    show("iterative split, 30,000 x 100", "scikit-multilearn", theirs)
    show(
        "stratified split, 30,000 x 100", "our iterative split", seconds_in_turn(ours, by_pairs, 5)
    )


def measure_grid(dataset: TagDataset) -> None:
    classifier = ClassifierConfig(grouped_folds=False)
    features = FeaturesConfig(analyzer="sklearn", ngram_range=(1, 4), sublinear_tf=False)
    folds = build_folds(np.arange(len(dataset.texts)), dataset.Y, classifier, seed=1)
    Y = dataset.Y.toarray()
    scores = {}

    def ours() -> None:
        _, found = search_tfidf_svm(dataset.texts, dataset.Y, folds, features, classifier, seed=1)
        scores["ours"] = list(found.cv_scores.values())

    def theirs() -> None:
        steps = [
            ("tfidf", TfidfVectorizer(ngram_range=(1, 4), max_df=0.8)),
            ("svm", OneVsRestClassifier(LinearSVC(random_state=1))),
        ]
        search = GridSearchCV(
            Pipeline(steps),
            {"svm__estimator__C": [0.1, 1, 10]},
            scoring=make_scorer(fbeta_score, beta=0.5, average="micro", zero_division=0),
            cv=KFold(3, shuffle=True, random_state=1),
            n_jobs=-1,
        )
        search.fit(list(dataset.texts), Y)
        scores["theirs"] = search.cv_results_["mean_test_score"].tolist()

    times = seconds_in_turn(ours, theirs, 3)
    gap = np.abs(np.subtract(scores["ours"], scores["theirs"])).max()
    assert gap < 1e-3
    assert np.argmax(scores["ours"]) == np.argmax(scores["theirs"])
    show(
        f"tf-idf (1,4) grid, C .1 1 10, 3 folds, same best C, F within {gap:.0e}",
        "GridSearchCV(Pipeline, n_jobs=-1)",
        times,
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print_head("scikit-learn", "scikit-multilearn")
    measure_averages()
    measure_split()
    measure_grid(build_dataset(read_sources([str(Path(sys.argv[1]))]), DataConfig()))
