"""How good guesses from a tag's name alone are: precision and recall on real tags held out.

python -m benchmarks.guesses FILE    (JSON Lines as data check reads them)

Training articles only (70%, the presets' split, seed 20200122). Their tags stand for new ones: no
article's tags are learnt from. Cuts are read off one half of the tags, figures come from the other.
"""

import sys
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from core.articles.store.sets import read_sources
from core.dataset.config import DataConfig, SplitConfig
from core.dataset.dataset import build_dataset, tag_matrix
from core.dataset.split import split_dataset
from core.dataset.statistics import RARE_TAG_COUNT
from core.features.config import EncoderConfig
from core.features.encoder_files import MINILM, find_encoder
from core.features.vector_cache import VectorCache
from core.features.vectors import embed_texts
from core.settings.experiment import STUDY_SEED
from core.solvers.matrix import unit_vectors
from core.suggest.guesses import (
    NAMED_FROM,
    UNNAMED_FROM,
    name_vectors,
    names_in,
    spoken_names,
)

FEWEST = 3
CUTS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
HALVES = 20
Matrix = NDArray[np.bool_]


def show(label: str, guessed: Matrix, truth: Matrix) -> None:
    right = (guessed & truth).sum()
    print(
        f"| {label} | {right / max(guessed.sum(), 1):.2f} | {right / truth.sum():.2f} "
        f"| {guessed.sum(axis=1).mean():.2f} |"
    )


def best_named_cut(likeness: NDArray[np.float32], named: Matrix, truth: Matrix) -> float:
    """Of a fine grid, the cut with the best F1 among named pairs and all true ones."""
    grid = np.arange(0, 0.6, 0.01)
    taken = [named & (likeness >= cut) for cut in grid]
    f1 = [2 * (t & truth).sum() / (t.sum() + truth.sum()) for t in taken]
    return float(grid[np.argmax(f1)])


def main(source: str) -> None:
    dataset = build_dataset(read_sources([source]), DataConfig())
    rows = split_dataset(dataset, SplitConfig(), seed=STUDY_SEED).train
    articles, texts = [dataset.articles[r] for r in rows], [dataset.texts[r] for r in rows]
    counts = Counter(tag for article in articles for tag in article.tags)
    tags = sorted(tag for tag, count in counts.items() if count >= FEWEST)
    truth = tag_matrix(articles, tags).toarray()
    files = find_encoder(MINILM)
    vectors = unit_vectors(embed_texts(texts, files, EncoderConfig(), cache=VectorCache()).vectors)
    names = [spoken_names(tag) for tag in tags]
    likeness = np.stack([(vectors @ name_vectors(n, files).T).max(axis=1) for n in names], axis=1)
    named = np.array([[bool(name) for name in names_in(text, names)] for text in texts])
    print(f"{len(texts):,} articles, {len(tags)} tags, {truth.sum():,} true pairs\n")

    halves = [np.random.default_rng(n).permutation(len(tags)) for n in range(HALVES)]
    middle = len(tags) // 2
    found = []
    for order in halves:
        a, b = order[:middle], order[middle:]
        cut = best_named_cut(likeness[:, a], named[:, a], truth[:, a])
        taken = named[:, b] & (likeness[:, b] >= cut)
        right = (taken & truth[:, b]).sum()
        found.append((cut, right / taken.sum(), right / truth[:, b].sum()))
    mean, spread = np.mean(found, axis=0), np.std(found, axis=0)
    print(
        f"cut of named pairs with the best F1 on half of the tags: {mean[0]:.2f} +- {spread[0]:.2f}"
        f"; on the other half precision {mean[1]:.2f} +- {spread[1]:.2f}, recall {mean[2]:.2f}\n"
    )
    frequent = np.array([counts[tag] >= RARE_TAG_COUNT for tag in tags])
    parts = {"all": frequent | True, "frequent": frequent, "rare": ~frequent}
    for which, columns in parts.items():
        t, n, close = truth[:, columns], named[:, columns], likeness[:, columns]
        print(f"{which}: {columns.sum()} tags\n")
        print("| guessed | precision | recall | guesses an article |\n|---|---|---|---|")
        show("named", n, t)
        for cut in CUTS:
            show(f"named, alike from {cut}", n & (close >= cut), t)
        for cut in CUTS:
            show(f"not named, alike from {cut}", ~n & (close >= cut), t)
        show("as guessed", close >= np.where(n, NAMED_FROM, UNNAMED_FROM), t)
        print()


if __name__ == "__main__":
    main(sys.argv[1])
