"""How much work each step of an experiment is, in units whose speed can be measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.machine import job_device
from core.dataset.dataset import TagDataset
from core.dataset.split import Split
from core.features.config import FeaturesConfig
from core.features.encoder_files import EncoderFiles
from core.features.hybrid import encoded_texts
from core.features.token_counts import count_tokens, tokens_read, word_counts
from core.features.vector_cache import VectorCache
from core.features.vectors import vector_key
from core.methods.training import TrainingPart
from core.settings.classifier import ClassifierConfig
from core.settings.experiment import ExperimentConfig
from core.solvers.one_vs_rest import kernel_for, kernel_matrix_bytes, kernel_matrix_pays
from core.solvers.options import Kernel, Penalty

IntArray = NDArray[np.int64]
HYBRID_KIND = "hybrid"
# An l2 grid on tf-idf that is solved by products of rows.
PRODUCTS_KIND = "products"
_FINETUNE = "finetune"


@dataclass(frozen=True)
class Work:
    """Part of a step. kind: names what is done in full, so that equal kinds run at one speed.

    amount: in words x orders of n-grams, tokens, or fits times the size of what is fitted to.
    size: of what is in memory at once, in the same units, in bytes where rows are multiplied, in
    rows for a hybrid; 0 where that does not grow.
    """

    step: str
    kind: str
    amount: float
    size: float = 0.0


@dataclass(frozen=True)
class WorkPlan:
    """What an experiment will do. cached: texts whose vectors are there already.

    words: of the training texts. tokens: that an encoder reads in all, cached texts included; to be
    fine-tuned, of the training texts in one epoch.
    """

    parts: tuple[Work, ...]
    words: int = 0
    tokens: int = 0
    cached: int = 0


def plan_work(
    config: ExperimentConfig,
    dataset: TagDataset,
    split: Split,
    part: TrainingPart,
    files: EncoderFiles | None,
    *,
    folds: int = 0,
    cached: bool = True,
) -> WorkPlan:
    """files: None for tf-idf. folds: 1 where articles that an encoder has not seen judge alone.

    cached: False where no vector can be known yet, for the encoder is still to be made.
    """
    if files is None:
        test_words = int(word_counts([dataset.texts[row] for row in split.test]).sum())
        words = int(word_counts(part.texts).sum())
        return WorkPlan(tuple(_keyword_work(config, part, words, test_words)), words)
    counts = count_tokens(dataset.texts, fingerprint=dataset.fingerprint)
    learnt = tokens_read(_part_tokens(dataset, split, part, counts), config.features.encoder)
    tested = tokens_read(counts[split.test], config.features.encoder)
    if config.classifier.kind == "finetune":
        total, test = int(learnt.sum()), int(tested.sum())
        return WorkPlan(tuple(_finetune_work(config, files, total, test)), tokens=total)
    read = np.concatenate([learnt, tested])
    texts = [*part.texts, *(dataset.texts[row] for row in split.test)]
    known = _cached_rows(texts, files, config) & cached
    missing = int(read[~known].sum())
    folds = folds or config.classifier.folds
    words = int(word_counts(part.texts).sum()) if config.features.kind == "hybrid" else 0
    work = _encoder_work(config, part, files, missing, folds)
    if is_finetuned_hybrid(config):
        # Each fold is left out once, and all are learnt from once.
        amount = int(learnt.sum()) * config.finetune.epochs * folds
        work.insert(1, Work("finetune", finetune_kind(config, files), amount))
    return WorkPlan(tuple(work), words, int(read.sum()), int(known.sum()))


def work_json(plan: WorkPlan, config: ExperimentConfig, *, epochs: int) -> dict[str, object]:
    """Step -> kind -> amount as it was done; epochs: of fine-tuning, made in this process."""
    done: dict[str, dict[str, float]] = {}
    for work in plan.parts:
        fits = config.classifier.folds + 1 if is_finetuned_hybrid(config) else 1
        tunes = work.kind.startswith(_FINETUNE)
        share = epochs / (config.finetune.epochs * fits) if tunes else 1.0
        done.setdefault(work.step, {})[work.kind] = work.amount * share
    return dict(done)


def by_step(parts: Sequence[Work]) -> dict[str, list[Work]]:
    """Step -> its parts, without those of which there is nothing to do."""
    steps: dict[str, list[Work]] = {}
    for work in parts:
        if work.amount:
            steps.setdefault(work.step, []).append(work)
    return steps


def is_finetuned_hybrid(config: ExperimentConfig) -> bool:
    is_hybrid = config.features.kind == "hybrid" and config.classifier.kind == "svm"
    return is_hybrid and config.features.hybrid.finetuned


def hybrid_fits(config: ExperimentConfig, rows: int, tags: int, folds: int) -> float:
    """The work of a hybrid: each part is fitted once more alone for the second stage.

    Between linear in the rows, as for few of them, and quadratic: 768, 1,536 and 1,989 of entech's
    took 8, 19 and 37 s; so30k's 21,000, elsewhere, about 40 times as long as entech's 1,989.
    """
    hybrid = config.features.hybrid
    alone = len(hybrid.parts) if hybrid.second_stage else 0
    fits = folds * (len(config.classifier.C) + alone) + 1 + alone
    return float(rows**1.5 * tags * fits)


def count_kind(features: FeaturesConfig) -> str:
    return f"count {features.analyzer}"


def texts_to_encode(texts: Sequence[str], config: ExperimentConfig) -> Sequence[str]:
    features = config.features
    return encoded_texts(texts, features.hybrid) if features.kind == "hybrid" else texts


def encode_kind(config: ExperimentConfig, files: EncoderFiles) -> str:
    encoder = config.features.encoder
    return f"encode {files.base} {encoder.precision} {job_device(encoder.device).kind}"


def finetune_kind(config: ExperimentConfig, files: EncoderFiles) -> str:
    tune, device = config.finetune, job_device(config.features.encoder.device).kind
    return f"{_FINETUNE} {files.base} {tune.precision} {device} batch {tune.batch_size}"


def _keyword_work(
    config: ExperimentConfig, part: TrainingPart, words: int, test_words: int
) -> list[Work]:
    """By products of rows where the mean n-gram range of the grid has terms enough for it."""
    features, classifier = config.features, config.classifier
    rows, tags = len(part.texts), len(part.tags)
    orders = [high - low + 1 for low, high in features.ngram_range]
    mean, widest = sum(orders) / len(orders), words * max(orders)
    count, weighings = count_kind(features), len(orders) * len(features.max_df)
    work = [Work("train", count, words * sum(orders), widest)]
    by_products = kernel_matrix_pays(rows, words * mean / rows)
    pairs = [pair for pair in classifier.pairs if not (by_products and pair[0] == "l2")]
    if len(pairs) < len(classifier.pairs):
        amount = _products_amount(classifier, rows, tags, classifier.folds, grids=weighings)
        work.append(Work("train", PRODUCTS_KIND, amount, kernel_matrix_bytes(rows)))
    # Every fold is fitted to the others; then the best point to all, whichever it will be.
    searched = words * sum(orders) * len(features.max_df) * tags * (classifier.folds - 1)
    final = words * mean * tags / (len(classifier.pairs) * len(classifier.C))
    work += [
        Work("train", f"liblinear {penalty} {dual} C={C:g}", searched + final, widest * tags)
        for penalty, dual in pairs
        for C in classifier.C
    ]
    return [*work, Work("test", count, test_words * mean)]


def _encoder_work(
    config: ExperimentConfig,
    part: TrainingPart,
    files: EncoderFiles,
    missing: int,
    folds: int,
) -> list[Work]:
    encode = encode_kind(config, files)
    if config.features.kind == "hybrid":
        rows = len(part.texts)
        amount = hybrid_fits(config, rows, len(part.tags), folds)
        fits = [Work("train", HYBRID_KIND, amount, rows)]
    else:
        fits = _vector_fits(config, part, files, folds)
    return [Work("encode", encode, missing), *fits]


def _vector_fits(
    config: ExperimentConfig, part: TrainingPart, files: EncoderFiles, folds: int
) -> list[Work]:
    classifier, rows, tags = config.classifier, len(part.texts), len(part.tags)
    kernel = kernel_for(rows, classifier.vector_kernel)
    linear = rows * tags * (max(folds - 1, 1) * len(classifier.C) + 1), rows * tags
    near = _products_amount(classifier, rows, tags, folds), kernel_matrix_bytes(rows)
    # Our own solver takes l2 once, whatever the values of dual; liblinear takes each l1 pair.
    work = []
    for penalty in dict(classifier.pairs):
        amount, size = near if compares_rows(penalty, kernel) else linear
        work.append(Work("train", vector_fit_kind(files, penalty, kernel), amount, size))
    return work


def compares_rows(penalty: Penalty, kernel: Kernel) -> bool:
    """Whether a fit to vectors works on every two rows."""
    return penalty == "l2" and kernel == "rbf"


def vector_fit_kind(files: EncoderFiles, penalty: Penalty, kernel: Kernel) -> str:
    return f"svm {files.base} {kernel if compares_rows(penalty, kernel) else penalty}"


def _products_amount(
    classifier: ClassifierConfig, rows: int, tags: int, folds: int, *, grids: int = 1
) -> float:
    """Of a grid's fits by products: time and memory grow with the square of a fit's rows."""
    learnt = rows * (folds - 1) / folds if folds > 1 else rows
    return (grids * folds * learnt**2 * len(classifier.C) + rows**2) * tags


def _finetune_work(
    config: ExperimentConfig, files: EncoderFiles, total: int, test: int
) -> list[Work]:
    tune = config.finetune
    learnt = total * (1 - tune.validation_share) * tune.epochs
    return [
        Work("train", finetune_kind(config, files), learnt),
        Work("test", encode_kind(config, files), test),
    ]


def _part_tokens(
    dataset: TagDataset, split: Split, part: TrainingPart, counts: IntArray
) -> IntArray:
    """Tokens of the part's texts: a cropped copy has those of its article in proportion."""
    rows = split.train[part.originals]
    whole = np.array([len(dataset.texts[row]) for row in rows])
    kept = np.array([len(text) for text in part.texts])
    return (counts[rows] * kept / whole).round().astype(np.int64)


def _cached_rows(
    texts: Sequence[str], files: EncoderFiles, config: ExperimentConfig
) -> NDArray[np.bool_]:
    keys = [vector_key(text, files, config.features.encoder) for text in texts]
    known = VectorCache().present(list(dict.fromkeys(keys)))
    return np.array([key in known for key in keys])
