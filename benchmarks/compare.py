"""Processor time of a comparison of two runs, and of listing many stored runs.

OMP_NUM_THREADS=1 python -m benchmarks.compare [RUNS_FOLDER]    (finished runs, to be listed)
"""

import sys
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from core.evaluate.bands import build_bands
from core.evaluate.bootstrap import RESAMPLES
from core.evaluate.comparison import Contender, compare
from core.runs.names import labels_of
from core.runs.store import RunStore


def make_contender(name: str, articles: int, tags: int, seed: int) -> Contender:
    """Three tags an article; scores that find about two thirds of them."""
    truth = np.random.default_rng(1).random((articles, tags)) < 3 / tags
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=truth.shape).astype(np.float32) + 3.5 * truth
    ids = [str(number) for number in range(articles)]
    names = [f"tag {number}" for number in range(tags)]
    return Contender(name, "", names, ids, csr_array(truth), scores, np.full(tags, 2.8))


def measure_comparison(articles: int, tags: int) -> None:
    start = time.process_time()
    two = [make_contender(name, articles, tags, seed) for seed, name in enumerate("ab")]
    made = time.process_time()
    for contender in two:
        _ = contender.outcomes
    counted = time.process_time()
    bands = build_bands(np.asarray(two[0].truth.sum(axis=0)).ravel())
    compare(two, reference="a", bands=bands)
    done = time.process_time()
    print(
        f"| {articles:,} x {tags}, 2 runs | {counted - made:.2f} s | {done - counted:.2f} s |",
        f"(making them: {made - start:.2f} s)",
        flush=True,
    )


def measure_listing(folder: Path) -> None:
    for _ in range(3):
        start = time.process_time()
        runs, _ = RunStore(folder).survey()
        labels_of(runs)
        print(f"listing {len(runs)} runs: {time.process_time() - start:.3f} s")


if __name__ == "__main__":
    print(f"| test part | counting | {RESAMPLES:,} resamples |\n|---|---|---|")
    measure_comparison(1_100, 84)
    measure_comparison(10_000, 500)
    if len(sys.argv) > 1:
        measure_listing(Path(sys.argv[1]))
