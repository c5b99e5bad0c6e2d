"""How much work a tagger on vectors is, and how fast this machine does it."""

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from core.features.encoder_files import EncoderFiles
from core.features.vectors import embed_texts
from core.methods.encoder.training import count_fits
from core.methods.encoding import encode_kind, measure_encoding, plan_encoding
from core.methods.svm import products_amount
from core.methods.work import Material, Planning, Speed, Work, WorkPlan, measuring, spaced
from core.solvers.one_vs_rest import fit_path, kernel_for, kernel_matrix_bytes
from core.solvers.options import Kernel, Penalty

_VECTORS, _ENCODED = 1024, 96


def plan_vectors(given: Planning) -> WorkPlan:
    """Encoding in tokens; fits in rows times tags, or in rows squared where rows are compared."""
    config, part = given.config, given.part
    classifier, rows, tags = config.classifier, len(part.texts), len(part.tags)
    folds = 1 if given.one_fold else classifier.folds
    kernel = kernel_for(rows, classifier.vector_kernel)
    linear = rows * tags * (max(folds - 1, 1) * len(classifier.C) + 1), rows * tags
    near = products_amount(classifier, rows, tags, folds), kernel_matrix_bytes(rows)
    encoding, plan = plan_encoding(given)
    # Our own solver takes l2 once, whatever the values of dual; liblinear takes each l1 pair.
    fits = [
        Work(
            "train",
            _fit_kind(given.encoder, penalty, kernel),
            *(near if _compares_rows(penalty, kernel) else linear),
        )
        for penalty in dict(classifier.pairs)
    ]
    return replace(plan, parts=(encoding, *fits), fits=count_fits(config, tags))


def measure_vectors(given: Material, kinds: Collection[str]) -> Iterator[Speed]:
    """Encode for a second; fit to vectors of a few texts.

    Each vector is repeated with a little noise, so that there are as many as in the training.
    """
    config, part, files = given.config, given.part, given.encoder
    if encode_kind(config, files) in kinds:
        yield measure_encoding(given)
    rows = spaced(len(part.texts), _ENCODED)
    vectors = embed_texts([part.texts[row] for row in rows], files, config.features.encoder).vectors
    rng = np.random.default_rng(config.seed)
    drawn = rng.integers(0, len(rows), size=min(len(part.texts), _VECTORS))
    noise = rng.normal(scale=0.3 * vectors.std(), size=(len(drawn), vectors.shape[1]))
    X, truth = (vectors[drawn] + noise).astype(np.float32), part.Y[rows[drawn]]
    Cs, kernel = config.classifier.C, kernel_for(len(part.texts), config.classifier.vector_kernel)
    for penalty, dual in dict(config.classifier.pairs).items():
        if (kind := _fit_kind(files, penalty, kernel)) not in kinds:
            continue
        with measuring() as fitting:
            fit_path(X, truth, Cs, penalty=penalty, dual=dual, kernel=kernel, seed=config.seed)
        amount = size = float(len(X) * len(part.tags))
        if _compares_rows(penalty, kernel):
            amount, size = amount * len(X), kernel_matrix_bytes(len(X))
        yield fitting.speed(kind, amount * len(Cs), size=size)


def _compares_rows(penalty: Penalty, kernel: Kernel) -> bool:
    """Whether a fit to vectors works on every two rows."""
    return penalty == "l2" and kernel == "rbf"


def _fit_kind(files: EncoderFiles, penalty: Penalty, kernel: Kernel) -> str:
    return f"svm {files.base} {kernel if _compares_rows(penalty, kernel) else penalty}"
