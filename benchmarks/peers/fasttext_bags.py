"""fastText's bags of words and pairs, one loss a tag, as its tutorial trains several tags.

Runs in the peers' environment, without Tagsmith: python fasttext_bags.py ARTICLES.json FOLDER
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import fasttext
import numpy as np
from _tuned import Articles, answer

# https://fasttext.cc/docs/en/supervised-tutorial.html, "Multi-label classification", but for its 25
# passes: a few thousand articles need more.
SETTINGS = {"lr": 0.5, "epoch": 100, "wordNgrams": 2, "bucket": 200000, "dim": 50, "loss": "ova"}


def in_words(text: str) -> str:
    return " ".join(text.lower().split())


def scores_of(train: Articles, asked: Sequence[str]) -> tuple[np.ndarray, int]:
    with tempfile.TemporaryDirectory() as folder:
        path, saved = Path(folder) / "articles.txt", Path(folder) / "model.bin"
        path.write_text(
            "".join(
                f"{' '.join(f'__label__{tag}' for tag in np.flatnonzero(tags))} {in_words(text)}\n"
                for text, tags in zip(train.texts, train.tags, strict=True)
            )
        )
        model = fasttext.train_supervised(str(path), **SETTINGS, seed=0, verbose=0)
        model.save_model(str(saved))
        size = saved.stat().st_size
    # predict() of 0.9.2 does not run with numpy 2; these are the margins that it squashes.
    vectors = np.array([model.get_sentence_vector(in_words(text)) for text in asked])
    found = np.full((len(asked), train.tags.shape[1]), -20.0)
    columns = [int(label.removeprefix("__label__")) for label in model.labels]
    found[:, columns] = vectors @ model.get_output_matrix().T
    return found, size


if __name__ == "__main__":
    answer("fastText, one tuned cut", scores_of)
