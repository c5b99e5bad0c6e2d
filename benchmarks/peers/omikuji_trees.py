"""Omikuji's Parabel-like trees on tf-idf; runs in the peers' environment, without Tagsmith.

python omikuji_trees.py ARTICLES.json FOLDER
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import omikuji
from sklearn.feature_extraction.text import TfidfVectorizer

FOLDS = 3


def scores_of(texts: list[str], tags: list[list[int]], asked: list[str], K: int, folder: Path):
    """Scores (m, K) of the asked texts by trees grown on the others, and the model's bytes."""
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    X = vectorizer.fit_transform(texts)
    path = folder / "omikuji.txt"
    lines = [f"{X.shape[0]} {X.shape[1]} {K}"]
    for of, x in zip(tags, X, strict=True):
        cells = (f"{i}:{v:.6g}" for i, v in sorted(zip(x.indices, x.data, strict=True)))
        lines.append(f"{','.join(map(str, sorted(of)))} {' '.join(cells)}")
    path.write_text("\n".join(lines) + "\n")
    model = omikuji.Model.train_on_data(str(path), omikuji.Model.default_hyper_param())
    found = np.zeros((len(asked), K))
    for row, x in enumerate(vectorizer.transform(asked)):
        features = list(zip(x.indices.tolist(), x.data.tolist(), strict=True))
        for tag, score in model.predict(features, top_k=K):
            found[row, tag] = score
    with tempfile.TemporaryDirectory() as saved:
        model.save(saved)
        return found, sum(path.stat().st_size for path in Path(saved).rglob("*") if path.is_file())


def best_cut(truth: np.ndarray, scores: np.ndarray) -> float:
    """The one threshold with the highest micro F1."""
    order = np.argsort(-scores.ravel())
    right = np.cumsum(truth.ravel()[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + truth.sum())
    return float(scores.ravel()[order[f1.argmax()]]) - 1e-9


def main() -> None:
    given, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    texts, tags = ([a[part] for a in given["train"]] for part in ("text", "tags"))
    begun, K = time.perf_counter(), given["tags"]
    truth = np.zeros((len(texts), K), bool)
    for row, of in enumerate(tags):
        truth[row, of] = True
    held_out = np.zeros(truth.shape)
    fold = np.random.default_rng(0).permutation(len(texts)) % FOLDS
    for number in range(FOLDS):
        kept, asked = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        held_out[asked], _ = scores_of(
            [texts[row] for row in kept],
            [tags[row] for row in kept],
            [texts[row] for row in asked],
            K,
            folder,
        )
    scores, size = scores_of(texts, tags, [a["text"] for a in given["test"]], K, folder)
    np.savez(
        folder / "Omikuji, one tuned cut.npz",
        scores=scores,
        cut=best_cut(truth, held_out),
        seconds=time.perf_counter() - begun,
        bytes=float(size),
    )


if __name__ == "__main__":
    main()
