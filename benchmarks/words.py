"""How Chinese and technical text is best cut into words: out-of-fold F1 on real sets.

python -m benchmarks.words FILE ...    (JSON Lines as data check reads them)

Training part only (70%, the presets' split, seed 20200122), 3 shuffled folds, tf-idf (1,1) or (1,2)
sublinear, max_df 0.8, LinearSVC C=1, tags in at least 20 articles, one global cut tuned on the
same out-of-fold scores.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np

from core.articles.store.sets import read_sources
from core.dataset.config import DataConfig, SplitConfig
from core.dataset.dataset import build_dataset
from core.dataset.split import split_dataset
from core.features.analyzers import ANALYZERS, TECHNICAL, technical_words
from core.features.config import FeaturesConfig
from core.methods.search import search_tfidf_svm
from core.metrics.report import build_report
from core.models.folds import build_folds
from core.models.thresholds import tune_thresholds
from core.settings.classifier import ClassifierConfig, ThresholdsConfig
from core.settings.experiment import STUDY_SEED


def character_ngrams(low: int, high: int) -> Callable[[str], list[str]]:
    """The technical analyzer with Chinese cut into n-grams of characters instead of words."""

    def cut(run: str) -> list[str]:
        sizes = range(low, high + 1)
        return [run[i : i + n] for n in sizes for i in range(len(run) - n + 1)]

    def words(text: str) -> list[str]:
        with patch("core.features.analyzers.cut_chinese", cut):
            return technical_words(text)

    return words


WAYS: dict[str, tuple[Callable[[str], list[str]], tuple[int, int]]] = {
    "scikit-learn's default, (1,1)": (ANALYZERS["sklearn"], (1, 1)),
    "scikit-learn's default, (1,2)": (ANALYZERS["sklearn"], (1, 2)),
    "technical with jieba, (1,1)": (ANALYZERS[TECHNICAL], (1, 1)),
    "technical with jieba, (1,2)": (ANALYZERS[TECHNICAL], (1, 2)),
    "technical with characters 1-2": (character_ngrams(1, 2), (1, 1)),
    "technical with characters 2-3": (character_ngrams(2, 3), (1, 1)),
}


def measure(path: Path) -> None:
    dataset = build_dataset(read_sources([str(path)]), DataConfig())
    train = split_dataset(dataset, SplitConfig(), seed=STUDY_SEED).train
    texts, truth = [dataset.texts[row] for row in train], dataset.Y[train]
    classifier = ClassifierConfig(C=1)
    folds = build_folds(np.arange(len(train)), truth, classifier, seed=STUDY_SEED)
    for name, (words, ngrams) in WAYS.items():
        ANALYZERS[TECHNICAL] = words
        start = time.perf_counter()
        features = FeaturesConfig(ngram_range=ngrams)
        _, found = search_tfidf_svm(texts, truth, folds, features, classifier, seed=STUDY_SEED)
        seconds = time.perf_counter() - start
        cuts = tune_thresholds(truth, found.out_of_fold, ThresholdsConfig()).cuts()
        report = build_report(
            truth, found.out_of_fold, cuts, at="global", languages=[""] * len(train)
        )
        micro, macro = (report.averages[f"{kind} avg"].f1_score for kind in ("micro", "macro"))
        data = path.name.split(".")[0]
        print(f"| {data} | {name} | {micro:.3f} | {macro:.3f} | {seconds:.1f} s |", flush=True)


if __name__ == "__main__":
    print("| data | words | micro F1 | macro F1 | time |\n|---|---|---|---|---|")
    for argument in sys.argv[1:]:
        measure(Path(argument))
