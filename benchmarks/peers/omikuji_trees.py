"""Omikuji's Parabel-like trees on tf-idf; runs in the peers' environment, without Tagsmith.

python omikuji_trees.py ARTICLES.json FOLDER
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import omikuji
from _tuned import Articles, answer
from sklearn.feature_extraction.text import TfidfVectorizer


def scores_of(train: Articles, asked: Sequence[str]) -> tuple[np.ndarray, int]:
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    X = vectorizer.fit_transform(train.texts)
    lines = [f"{X.shape[0]} {X.shape[1]} {train.tags.shape[1]}"]
    for tags, x in zip(train.tags, X, strict=True):
        cells = (f"{i}:{v:.6g}" for i, v in sorted(zip(x.indices, x.data, strict=True)))
        lines.append(f"{','.join(map(str, np.flatnonzero(tags)))} {' '.join(cells)}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.txt"
        path.write_text("\n".join(lines) + "\n")
        model = omikuji.Model.train_on_data(str(path), omikuji.Model.default_hyper_param())
        found = np.zeros((len(asked), train.tags.shape[1]))
        for row, x in enumerate(vectorizer.transform(asked)):
            features = list(zip(x.indices.tolist(), x.data.tolist(), strict=True))
            for tag, score in model.predict(features, top_k=found.shape[1]):
                found[row, tag] = score
        saved = Path(folder) / "model"
        model.save(str(saved))
        return found, sum(path.stat().st_size for path in saved.rglob("*") if path.is_file())


if __name__ == "__main__":
    answer("Omikuji, one tuned cut", scores_of)
