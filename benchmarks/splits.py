"""How near each tag's share of test articles is to 30%, by our rules and by other splitters.

python -m benchmarks.splits FILE...   (needs iterative-stratification 0.1.9; joins files by "+")

Per set and seed: the largest distance of a tag's test share from 0.3, in points. Then the mean over
the seeds: by how many articles the pairs of tags that stand in five articles or more are off
(root of the mean square), and the seconds of processor time.
"""

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.articles.store.sets import read_sources
from core.dataset.config import DataConfig, SplitConfig
from core.dataset.dataset import TagDataset, build_dataset
from core.dataset.split import split_dataset
from core.settings.experiment import STUDY_SEED

SHARE = 0.3
SEEDS = (STUDY_SEED, 1, 2, 3, 4)
Splitter = Callable[[TagDataset, int], NDArray[np.int64]]


def ours(method: str, dataset: TagDataset, seed: int) -> NDArray[np.int64]:
    config = SplitConfig.model_validate({"method": method, "test_share": SHARE})
    return split_dataset(dataset, config, seed=seed).test


def iterative_stratification(dataset: TagDataset, seed: int) -> NDArray[np.int64]:
    """Of the package of that name; it knows no groups, so copies can fall apart."""
    from iterstrat.ml_stratifiers import MultilabelStratifiedShuffleSplit

    splitter = MultilabelStratifiedShuffleSplit(n_splits=1, test_size=SHARE, random_state=seed)
    Y = dataset.Y.toarray().astype(int)
    return next(splitter.split(Y, Y))[1]


def tag_distance(dataset: TagDataset, test: NDArray[np.int64]) -> float:
    """The largest of any tag, in points."""
    tested = dataset.Y[test].sum(axis=0, dtype=np.int64)
    return float(100 * np.abs(tested / dataset.tag_counts - SHARE).max())


def pair_distance(dataset: TagDataset, test: NDArray[np.int64]) -> float:
    """Root of the mean square over pairs in five articles or more, in articles."""
    Y = dataset.Y.astype(np.int64)
    together, tested = ((matrix.T @ matrix).toarray() for matrix in (Y, Y[test]))
    pairs = np.triu(together >= 5, 1)
    off = tested[pairs] - SHARE * together[pairs]
    return float(np.sqrt((off**2).mean()))


def main(sources: list[str]) -> None:
    splitters: dict[str, Splitter] = {
        "stratified": partial(ours, "stratified"),
        "iterative (scikit-multilearn's rule)": partial(ours, "iterative"),
        "iterative-stratification": iterative_stratification,
    }
    seeds = " | ".join(f"seed {seed}" for seed in SEEDS)
    print(f"| set | tags | splitter | {seeds} | pairs off | s |\n|{'---|' * (len(SEEDS) + 5)}")
    for source in sources:
        dataset = build_dataset(read_sources(source.split("+")), DataConfig())
        for name, splitter in splitters.items():
            started = time.process_time()
            tests = [splitter(dataset, seed) for seed in SEEDS]
            seconds = (time.process_time() - started) / len(SEEDS)
            points = " | ".join(f"{tag_distance(dataset, test):.2f}" for test in tests)
            pairs = np.mean([pair_distance(dataset, test) for test in tests])
            cells = [source, str(len(dataset.tags)), name, points, f"{pairs:.2f}", f"{seconds:.2f}"]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
