"""What a peer without a decision of its own needs; for the peers' environment, without Tagsmith."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

FOLDS = 3


class Articles(NamedTuple):
    """texts: n. tags: (n, K) truth."""

    texts: list[str]
    tags: np.ndarray

    def rows(self, kept: np.ndarray) -> "Articles":
        return Articles([self.texts[row] for row in kept], self.tags[kept])


# From labelled articles and m texts to their scores, (m, K), and the model's bytes.
Scorer = Callable[[Articles, Sequence[str]], tuple[np.ndarray, int]]


def given() -> tuple[Articles, list[str], Path, Path]:
    """Training articles, test texts, the folder for the answer and that of the encoder's files."""
    told = json.loads(Path(sys.argv[1]).read_text())
    truth = np.zeros((len(told["train"]), len(told["names"])), bool)
    for row, article in enumerate(told["train"]):
        truth[row, article["tags"]] = True
    train = Articles([article["text"] for article in told["train"]], truth)
    asked = [article["text"] for article in told["test"]]
    return train, asked, Path(sys.argv[2]), Path(told["encoder"])


def answer(name: str, scores_of: Scorer) -> None:
    """Store the scores of the test texts and the cut that is best on those of the folds."""
    train, asked, folder, _ = given()
    begun = time.perf_counter()
    cut = best_cut(train.tags, out_of_fold(train, scores_of))
    scores, size = scores_of(train, asked)
    seconds = time.perf_counter() - begun
    np.savez(folder / f"{name}.npz", scores=scores, cut=cut, seconds=seconds, bytes=float(size))


def out_of_fold(train: Articles, scores_of: Scorer) -> np.ndarray:
    """Scores (n, K) of each training article by a model that did not learn from it."""
    held_out = np.zeros(train.tags.shape)
    fold = np.random.default_rng(0).permutation(len(train.texts)) % FOLDS
    for number in range(FOLDS):
        kept, asked = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        held_out[asked], _ = scores_of(train.rows(kept), train.rows(asked).texts)
    return held_out


def best_cut(truth: np.ndarray, scores: np.ndarray) -> float:
    """The one threshold with the highest micro F1."""
    order = np.argsort(-scores.ravel())
    right = np.cumsum(truth.ravel()[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + truth.sum())
    return float(scores.ravel()[order[f1.argmax()]]) - 1e-9
