"""A slider's move on 10,000 articles x 500 tags against scikit-learn's classification_report.

python -m benchmarks.thresholds
"""

import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_array, random_array
from sklearn.metrics import classification_report

from benchmarks.speed import median_seconds
from core.metrics.averages import MACRO, MICRO, SAMPLES, build_averages
from core.metrics.curves import average_curve
from core.metrics.decision import Decision
from core.metrics.report import averages_json
from core.metrics.sorted_scores import SortedScores

ARTICLES, TAGS, ROUNDS = 10_000, 500, 5


def made_up_part(rng: np.random.Generator) -> tuple[csr_array, np.ndarray]:
    """3 tags an article; scores as of a margin: true ones higher, all of them overlapping."""
    truth = csr_array(random_array((ARTICLES, TAGS), density=3 / TAGS, rng=rng) > 0)
    scores = rng.normal(-1.0, 0.25, (ARTICLES, TAGS)) + 1.1 * truth.toarray()
    return truth, scores.astype(np.float32)


def averages(sorted_scores: SortedScores, decision: Decision) -> dict[str, Any]:
    return averages_json(build_averages(sorted_scores.count(decision)))


def theirs(truth: np.ndarray, scores: np.ndarray, decision: Decision) -> dict[str, Any]:
    return classification_report(truth, decision.take(scores), output_dict=True, zero_division=0)


def show(work: str, ours: float, theirs: float | None = None) -> None:
    peer = f"{theirs:.3f} s | {theirs / ours:.0f}x" if theirs else " | "
    print(f"| {work} | {1000 * ours:.1f} ms | {peer} |", flush=True)


def once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(1)
    truth, scores = made_up_part(rng)
    dense = truth.toarray()
    print(f"| {ARTICLES:,} articles x {TAGS} tags | ours | classification_report | ratio |")
    print("|---|---|---|---|")
    show("sort the scores, once a run", once(lambda: SortedScores.build(truth, scores)))
    sorted_scores = SortedScores.build(truth, scores)
    for average in (MICRO, MACRO, SAMPLES):
        show(f"every cut of the {average}", once(partial(average_curve, sorted_scores, average)))
    spread = rng.normal(0, 0.05, TAGS)
    cases = {
        "one cut, 3.2 tags an article": Decision(np.full(TAGS, -0.32)),
        "one cut, 70 tags an article": Decision(np.full(TAGS, -0.72)),
        "a cut a tag": Decision(-0.32 + spread),
        "one cut, at least one tag": Decision(np.full(TAGS, -0.1), at_least=1),
        "a cut a tag, at least one tag": Decision(-0.1 + spread, at_least=1),
        "the 3 best of every article": Decision(np.full(TAGS, -0.3), at_least=3, at_most=3),
    }
    for work, decision in cases.items():
        found, expected = averages(sorted_scores, decision), theirs(dense, scores, decision)
        for average, figures in found.items():
            for measure, value in figures.items():
                assert abs(value - expected[average][measure]) < 1e-12, (work, average, measure)
        times = median_seconds(
            partial(averages, sorted_scores, decision),
            partial(theirs, dense, scores, decision),
            ROUNDS,
        )
        show(work, *times)
