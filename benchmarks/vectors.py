"""Sentence vectors and the SVM on them against their named peers, in one run.

python -m benchmarks.vectors FILE    (a real set as data check reads it)
"""

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.metrics import fbeta_score, make_scorer
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from benchmarks.speed import print_head, seconds_in_turn, show
from core.articles.article import Article
from core.articles.store.sets import read_sources
from core.dataset.config import DataConfig
from core.dataset.dataset import TagDataset, build_dataset
from core.features.config import EncoderConfig
from core.features.encoder import choose_precision, load_encoder
from core.features.encoder_files import find_encoder
from core.features.encoder_tokens import pad
from core.features.vector_cache import VectorCache
from core.features.vectors import embed_texts
from core.methods.search import search_vector_svm
from core.models.folds import build_folds
from core.settings.classifier import ClassifierConfig
from core.study.presets import preset_named

TEXTS = 600
_WORDS, _MEAN_WORDS = (8, 300), 58


def texts_of_all_lengths(articles: Sequence[Article]) -> list[str]:
    """600 beginnings of articles of 8 to 300 words, 58 in the mean of the drawn lengths."""
    rng = np.random.default_rng(1)
    long = [a for a in articles if len(a.fulltext.split()) >= _WORDS[1]][:TEXTS]
    lengths = np.clip(rng.lognormal(np.log(_MEAN_WORDS) - 0.32, 0.8, len(long)), *_WORDS)
    return [
        " ".join(article.fulltext.split()[: int(length)])
        for article, length in zip(long, lengths, strict=True)
    ]


def measure_encoding(texts: list[str]) -> None:
    from sentence_transformers import SentenceTransformer

    files, config = find_encoder("minilm"), EncoderConfig(device="cpu")
    theirs = SentenceTransformer(str(files.folder), device="cpu")
    vectors = {}

    def ours() -> None:
        vectors["ours"] = embed_texts(texts, files, config).vectors

    def peer() -> None:
        vectors["peer"] = theirs.encode(texts, normalize_embeddings=False)

    ours()
    seconds = seconds_in_turn(ours, peer, 3)
    scale = np.linalg.norm(vectors["ours"], axis=1, keepdims=True)
    np.testing.assert_allclose(
        vectors["ours"] / scale,
        vectors["peer"] / np.linalg.norm(vectors["peer"], axis=1, keepdims=True),
        atol=1e-5,
    )
    words = np.array([len(text.split()) for text in texts])
    print(f"texts of {words.min()} to {words.max()} words, {words.mean():.0f} in the mean")
    show(f"encode {len(texts)} texts, fp32", "sentence-transformers encode()", seconds)
    study = "the study's way: padded to the longest, 128 a batch"
    if choose_precision("auto", torch.device("cpu")) == "bf16":
        rough = config.model_copy(update={"precision": "bf16"})
        vectors["bf16"] = embed_texts(texts, files, rough).vectors
        cosine = (vectors["bf16"] * vectors["ours"]).sum(1) / (
            scale.ravel() * np.linalg.norm(vectors["bf16"], axis=1)
        )
        seconds = seconds_in_turn(lambda: embed_texts(texts, files, rough), peer, 3)
        show(f"the same in bf16, cosine >= {cosine.min():.5f}", "its fp32", seconds)
        seconds = seconds_in_turn(
            lambda: embed_texts(texts, files, rough), lambda: _encode_as_the_study(texts), 1
        )
        show("the same in bf16", study, seconds)
    else:
        print("| the same in bf16 | not run: this processor does not compute in it | | | | |")
    seconds = seconds_in_turn(ours, lambda: _encode_as_the_study(texts), 1)
    show("the same in fp32", study, seconds)
    with TemporaryDirectory() as folder:
        cache = VectorCache(Path(folder) / "vectors.sqlite")
        embed_texts(texts, files, config, cache=cache)
        seconds = seconds_in_turn(lambda: embed_texts(texts, files, config, cache=cache), ours, 3)
    show("encode them again", "without the cache", seconds)


def _encode_as_the_study(texts: list[str]) -> None:
    files = find_encoder("minilm")
    encoder = load_encoder(files.folder, files.checksum, "cpu")
    tokens = [encoder.tokenizer(text)["input_ids"][: encoder.longest] for text in texts]
    ids, mask = pad(tokens, 0)
    with torch.no_grad():
        for start in range(0, len(texts), 128):
            batch = slice(start, start + 128)
            encoder.model(input_ids=ids[batch], attention_mask=mask[batch])


def vectors_of(dataset: TagDataset) -> NDArray[np.float32]:
    return embed_texts(dataset.texts, find_encoder("minilm"), EncoderConfig(pooling="cls")).vectors


def made_up_vectors() -> tuple[NDArray[np.float32], csr_array]:
    """10,000 vectors of 384 numbers with a decaying spectrum, and 100 tags of 0.5% to 10%."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(10_000, 384)) * np.geomspace(1, 0.1, 384)
    leaning = X @ rng.normal(size=(384, 100)) + 2 * rng.normal(size=(10_000, 100))
    bars = np.quantile(leaning, 1 - np.geomspace(0.005, 0.1, 100), axis=0).diagonal()
    return X.astype(np.float32), csr_array(leaning > bars)


def measure_grid(
    X: NDArray[np.float32], truth: csr_array, classifier: ClassifierConfig, work: str
) -> None:
    """The same folds for both; fails unless both choose the same C and penalty."""
    folds = build_folds(np.arange(len(X)), truth, classifier, seed=1)
    Y = truth.toarray()
    found: dict[str, Any] = {}

    def ours() -> None:
        found["ours"] = search_vector_svm(X, truth, folds, classifier, seed=1)

    def theirs() -> None:
        grids = [
            {"estimator__C": classifier.C, "estimator__penalty": [p], "estimator__dual": [d]}
            for p, d in classifier.pairs
        ]
        search = GridSearchCV(
            OneVsRestClassifier(LinearSVC(random_state=1)),
            grids,
            scoring=make_scorer(fbeta_score, beta=0.5, average="micro", zero_division=0),
            cv=KFold(3, shuffle=True, random_state=1),
            n_jobs=-1,
        )
        found["theirs"] = search.fit(X, Y)

    seconds = seconds_in_turn(ours, theirs, 1)
    best, peer = found["ours"], found["theirs"]
    assert peer.best_params_["estimator__C"] == best.best.C
    assert best.best.penalty == peer.best_params_["estimator__penalty"]
    alike = (best.svm.scores(X) > 0) == (peer.predict(X) > 0)
    score = best.cv_scores[best.best]
    print(
        f"best C {best.best.C:g}, {best.best.penalty}: ours {score:.4f}, theirs "
        f"{peer.best_score_:.4f}; predictions that agree: {alike.mean():.5%}"
    )
    show(f"{work}, {len(X):,} x {X.shape[1]}, {Y.shape[1]} tags", "GridSearchCV", seconds)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    articles = read_sources([str(Path(sys.argv[1]))])
    dataset = build_dataset(articles, DataConfig())
    print_head("scikit-learn", "sentence-transformers", "torch")
    measure_encoding(texts_of_all_lengths(articles))
    shuffled = {"grouped_folds": False, "shuffle_folds": True}
    small = ClassifierConfig(**shuffled)
    measure_grid(*made_up_vectors(), small, "SVM grid C .1 1 10, made-up vectors")
    measure_grid(vectors_of(dataset), dataset.Y, small, "SVM grid C .1 1 10")
    titles = build_dataset(articles, DataConfig(text_column="title"))
    wide = preset_named("study-01").config().classifier.model_copy(update=shuffled)
    measure_grid(vectors_of(titles), titles.Y, wide, "experiment 1's grid on titles")
