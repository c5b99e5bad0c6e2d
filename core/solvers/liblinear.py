"""scikit-learn's LinearSVC (liblinear) for each tag: for sparse rows of few terms or under l1."""

import threading
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix, issparse, vstack
from sklearn.svm import LinearSVC

from core.base.machine import processor_count
from core.solvers.matrix import Matrix
from core.solvers.options import Dual, Penalty
from core.solvers.threads import fit_columns

_ONE_AT_A_TIME = threading.Lock()


def fit_liblinear(
    X: Matrix,
    Y: NDArray[np.bool_],
    C: float,
    *,
    penalty: Penalty = "l2",
    dual: Dual = "auto",
    seed: int,
    on_column: Callable[[int], None] = lambda _: None,
) -> tuple[csr_array, NDArray[np.float64], NDArray[np.bool_]]:
    """Fit sparse weights (V, K) and intercepts (K,), and tell whether each tag converged, (K,).

    The same weights as OneVsRestClassifier(LinearSVC(C, random_state=seed)). X: (n, V). Y: bool
    (n, K), no column all true or all false. `on_column` gets each column once it is fitted.

    Liblinear's random numbers are one stream for the whole process: fits that draw from it come
    one after the other, so that a seed means the same weights again. Only the primal l2 solver
    draws none and gets a thread a core.
    """
    rows = csr_matrix(X) if issparse(X) else X

    def fit(column: int) -> tuple[csr_array, float, bool]:
        model = LinearSVC(C=C, penalty=penalty, dual=dual, random_state=seed)
        model.fit(rows, Y[:, column])
        return csr_array(model.coef_), float(model.intercept_[0]), model.n_iter_ < model.max_iter

    draws = penalty == "l1" or dual is not False
    threads = 1 if draws else processor_count()
    with _ONE_AT_A_TIME if draws else nullcontext():
        fitted = fit_columns(fit, Y.shape[1], threads=threads, on_column=on_column)
    none = csr_array((0, rows.shape[1]))
    weights = csr_array(vstack([none, *(row for row, _, _ in fitted)], format="csr").T)
    intercepts = np.array([intercept for _, intercept, _ in fitted])
    return weights, intercepts, np.array([done for _, _, done in fitted], bool)
