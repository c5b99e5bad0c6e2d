"""One-vs-rest linear SVM over one shared sparse matrix, one thread a core."""

import os
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, csr_matrix, vstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC


@dataclass(frozen=True)
class OneVsRestSvm:
    """weights (V, K), sparse: a term no support vector has weighs exactly 0; intercepts (K,).

    unconverged: tags whose solver stopped at its iteration limit.
    """

    weights: csr_array
    intercepts: NDArray[np.float64]
    unconverged: int = 0

    def scores(self, X: csr_array) -> NDArray[np.float32]:
        """Margins (n, K): signed, unbounded, 0 is the decision boundary; no probabilities."""
        return ((X @ self.weights).toarray() + self.intercepts).astype(np.float32)


def fit_one_vs_rest(
    X: csr_array,
    Y: csr_array,
    *,
    C: float,
    seed: int,
    on_fit: Callable[[], None] = lambda: None,
) -> OneVsRestSvm:
    """Fit a LinearSVC for each of the K columns of bool Y (n, K) on X (n, V).

    The same weights as OneVsRestClassifier(LinearSVC(C, random_state=seed)). A tag that no
    article or every article has gets no weights and the margin -1 or 1. `on_fit` is called in
    this thread after each tag.
    """
    rows, columns = csr_matrix(X), csc_array(Y)

    def fit(column: int) -> tuple[csr_array, float, bool]:
        has_tag = columns[:, [column]].toarray().ravel()
        if has_tag.all() or not has_tag.any():
            return csr_array((1, rows.shape[1])), 1.0 if has_tag.any() else -1.0, True
        model = LinearSVC(C=C, random_state=seed).fit(rows, has_tag)
        return csr_array(model.coef_), float(model.intercept_[0]), model.n_iter_ < model.max_iter

    fitted = []
    with warnings.catch_warnings(), ThreadPoolExecutor(worker_count()) as pool:
        # Counted in `unconverged` instead: one warning a tag would flood the log.
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            for result in pool.map(fit, range(Y.shape[1])):
                fitted.append(result)
                on_fit()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    weights, intercepts, converged = zip(*fitted, strict=True)
    return OneVsRestSvm(
        csr_array(vstack(weights, format="csr").T), np.array(intercepts), converged.count(False)
    )


def worker_count() -> int:
    """Processors this process may use; liblinear runs without the interpreter's lock."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
