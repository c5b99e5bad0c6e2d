"""Measure the speed of work that this machine has no record of, in a few seconds each."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.sparse import csr_array

from core.base.progress import Progress, no_progress
from core.estimate.speed import Speed
from core.features.encoder_files import EncoderFiles
from core.features.hybrid import vector_parts
from core.features.tfidf import count_terms, fit_idf, weigh_counts
from core.features.token_counts import count_tokens, tokens_read, word_counts
from core.features.vectors import Embedded, embed_texts, load
from core.methods.training import TrainingPart, train_hybrid
from core.runs.journal import peak_memory_bytes, reset_peak_memory
from core.runs.work import (
    HYBRID_KIND,
    PRODUCTS_KIND,
    compares_rows,
    count_kind,
    encode_kind,
    finetune_kind,
    hybrid_fits,
    vector_fit_kind,
)
from core.settings.experiment import ExperimentConfig
from core.solvers.one_vs_rest import fit_path, kernel_for, kernel_matrix_bytes

_SECONDS = 1.5
_TEXTS_AT_ONCE = 32
# Words x orders of n-grams: enough that the vocabulary's growth shows, few enough for a second.
_WORDS = 200_000
_TEXTS, _TAGS = 1500, 8
_VECTORS, _ENCODED = 1024, 96
_HYBRID_TEXTS = 768


def measure_speeds(
    config: ExperimentConfig,
    part: TrainingPart,
    files: EncoderFiles | None,
    kinds: Sequence[str],
    *,
    progress: Progress = no_progress,
) -> list[Speed]:
    """The named kinds of work of this experiment, on slices of its own texts."""
    ways: dict[str, Callable[[], list[Speed]]] = {
        "count": lambda: _measure_keywords(config, part, kinds),
        "liblinear": lambda: _measure_keywords(config, part, kinds),
        PRODUCTS_KIND: lambda: _measure_keywords(config, part, kinds),
    }
    if files is not None:
        ways |= {
            "encode": lambda: [_measure_encoding(config, part, files)],
            "svm": lambda: _measure_vectors(config, part, files),
            HYBRID_KIND: lambda: [_measure_hybrid(config, part, files)],
            "finetune": lambda: [_measure_finetuning(config, part, files)],
        }
    found: dict[str, Speed] = {}
    for number, kind in enumerate(kinds, 1):
        if kind not in found:
            found |= {speed.kind: speed for speed in ways[kind.split()[0]]()}
        progress("measure", number, len(kinds), "speeds")
    return list(found.values())


@dataclass
class _Memory:
    base: int
    peak: int = 0


@contextmanager
def _memory() -> Iterator[_Memory]:
    reset_peak_memory()
    seen = _Memory(peak_memory_bytes())
    yield seen
    seen.peak = peak_memory_bytes()


def _measure_keywords(
    config: ExperimentConfig, part: TrainingPart, kinds: Sequence[str]
) -> list[Speed]:
    """Counting the widest n-grams, and the asked kinds of fits to them: of a few tags for each
    point of liblinear's grid, of all tags and values of C by products of rows."""
    features, classifier = config.features, config.classifier
    low, high = max(features.ngram_range, key=lambda pair: pair[1] - pair[0])
    orders = high - low + 1
    words = word_counts(part.texts)
    wanted = int(_WORDS / orders / max(words.mean(), 1))
    rows = _spaced(len(part.texts), min(max(wanted, 100), _TEXTS))
    amount = float(words[rows].sum()) * orders
    with _memory() as memory:
        begun = time.perf_counter()
        texts = [part.texts[row] for row in rows]
        terms = count_terms(texts, analyzer=features.analyzer, ngram_range=(low, high))
        counting = time.perf_counter() - begun
        X = weigh_counts(terms.counts, fit_idf(terms.counts), sublinear=features.sublinear_tf)
    found = [_speed(count_kind(features), amount, counting, memory, size=amount)]
    if PRODUCTS_KIND in kinds:
        found.append(_measure_products(X, part.Y[rows], config))
    columns = np.argsort(-part.Y.sum(axis=0))[_spaced(len(part.tags), _TAGS)]
    truth = part.Y[rows][:, columns]
    for (penalty, dual), C in product(classifier.pairs, classifier.C):
        kind, size = f"liblinear {penalty} {dual} C={C:g}", amount * len(columns)
        if kind not in kinds:
            continue
        with _memory() as memory:
            begun = time.perf_counter()
            fit_path(X, truth, (C,), penalty=penalty, dual=dual, seed=config.seed)
            taken = time.perf_counter() - begun
        found.append(_speed(kind, size, taken, memory, size=size))
    return found


def _measure_products(X: csr_array, Y: csr_array, config: ExperimentConfig) -> Speed:
    """All values of C for all tags, on rows of which every two are multiplied."""
    Cs, (n, K) = config.classifier.C, Y.shape
    fit_path(X[:_TAGS], Y[:_TAGS], Cs, seed=config.seed)  # which loads the solver
    with _memory() as memory:
        begun = time.perf_counter()
        fit_path(X, Y, Cs, seed=config.seed)
        taken = time.perf_counter() - begun
    amount = float(n**2 * K * len(Cs))
    return _speed(PRODUCTS_KIND, amount, taken, memory, size=kernel_matrix_bytes(n))


def _measure_encoding(config: ExperimentConfig, part: TrainingPart, files: EncoderFiles) -> Speed:
    """Loading the encoder, then texts of every length for a second or two."""
    encoder = config.features.encoder
    rows = _spaced(len(part.texts), 8 * _TEXTS_AT_ONCE)
    lengths = tokens_read(count_tokens([part.texts[row] for row in rows]), encoder)
    # Each block holds short and long texts, and is encoded in batches of like length.
    blocks = [rows[start::8] for start in range(8)]
    with _memory() as memory:
        begun = time.perf_counter()
        embed_texts([part.texts[rows[0]]], files, encoder)
        loading, done = time.perf_counter() - begun, 0.0
        begun = time.perf_counter()
        for number, block in enumerate(blocks):
            load(files, encoder).encode([part.texts[row] for row in block], encoder)
            done += float(lengths[number::8].sum())
            if time.perf_counter() - begun > _SECONDS:
                break
        taken = time.perf_counter() - begun
    return _speed(encode_kind(config, files), done, taken, memory, start=loading)


def _measure_vectors(
    config: ExperimentConfig, part: TrainingPart, files: EncoderFiles
) -> list[Speed]:
    """Fits on vectors of a few texts, each repeated with a little noise: as many as would be."""
    rows = _spaced(len(part.texts), _ENCODED)
    vectors = embed_texts([part.texts[row] for row in rows], files, config.features.encoder).vectors
    rng = np.random.default_rng(config.seed)
    drawn = rng.integers(0, len(rows), size=min(len(part.texts), _VECTORS))
    noise = rng.normal(scale=0.3 * vectors.std(), size=(len(drawn), vectors.shape[1]))
    X, truth = (vectors[drawn] + noise).astype(np.float32), part.Y[rows[drawn]]
    Cs, kernel = config.classifier.C, kernel_for(len(part.texts), config.classifier.vector_kernel)
    found = []
    for penalty, dual in dict(config.classifier.pairs).items():
        with _memory() as memory:
            begun = time.perf_counter()
            fit_path(X, truth, Cs, penalty=penalty, dual=dual, kernel=kernel, seed=config.seed)
            taken = time.perf_counter() - begun
        amount = size = float(len(X) * len(part.tags))
        if compares_rows(penalty, kernel):
            amount, size = amount * len(X), kernel_matrix_bytes(len(X))
        kind = vector_fit_kind(files, penalty, kernel)
        found.append(_speed(kind, amount * len(Cs), taken, memory, size=size))
    return found


def _measure_hybrid(config: ExperimentConfig, part: TrainingPart, files: EncoderFiles) -> Speed:
    """The whole training on a slice of the texts, beside vectors of chance."""
    chosen = _spaced(len(part.texts), _HYBRID_TEXTS)
    rows = np.arange(len(chosen))
    texts = [part.texts[row] for row in chosen]
    small = TrainingPart(texts, part.Y[chosen], part.tags, rows, rows)
    # Encoding the texts has paid for loading the encoder by then.
    width = embed_texts([texts[0]], files, config.features.encoder).vectors.shape[1]
    read = len(rows) * len(vector_parts(config.features.hybrid))
    vectors = np.random.default_rng(config.seed).normal(size=(read, width))
    embedded = Embedded(vectors.astype(np.float32), 0, 0, "none")
    with _memory() as memory:
        begun = time.perf_counter()
        train_hybrid(
            small,
            embedded,
            files,
            config.features,
            config.classifier,
            seed=config.seed,
            progress=no_progress,
        )
        taken = time.perf_counter() - begun
    amount = hybrid_fits(config, len(rows), len(part.tags), config.classifier.folds)
    return _speed(HYBRID_KIND, amount, taken, memory, size=len(rows))


def _measure_finetuning(config: ExperimentConfig, part: TrainingPart, files: EncoderFiles) -> Speed:
    from core.methods.finetune.speed import measure_finetuning

    with _memory() as memory:
        loading, tokens, taken = measure_finetuning(
            part, files, config.features.encoder, config.finetune, seconds=_SECONDS
        )
    return _speed(finetune_kind(config, files), tokens, taken, memory, start=loading)


def _speed(
    kind: str,
    amount: float,
    seconds: float,
    memory: _Memory,
    *,
    start: float = 0.0,
    size: float = 0.0,
) -> Speed:
    return Speed(kind, size, seconds / amount, start, memory.base, memory.peak)


def _spaced(size: int, wanted: int) -> np.ndarray:
    """At most `wanted` of 0..size-1, evenly spaced: texts of every source and every length."""
    return np.linspace(0, size - 1, min(size, wanted)).astype(int)
