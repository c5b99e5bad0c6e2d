"""Our l1 solver for dense vectors against liblinear's optimum."""

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from core.solvers.l1 import fit_l1
from tests.test_svm_dense import CS, vectors  # noqa: F401


def objective(X, y, w, intercept, C):
    """liblinear's: the intercept is penalised as the weight of a constant feature."""
    slack = np.maximum(0, 1 - np.where(y, 1, -1) * (X @ w + intercept))
    return np.abs(w).sum() + abs(intercept) + C * (slack**2).sum()


def test_the_objective_is_liblinears_minimum_for_every_tag_and_c(vectors):  # noqa: F811
    X, Y = vectors
    for C, (weights, intercepts) in zip(CS, fit_l1(X, Y, CS, threads=2), strict=True):
        for column in range(6):
            exact = LinearSVC(C=C, penalty="l1", dual=False, tol=1e-8, max_iter=200_000)
            exact.fit(X.astype(np.float64), Y[:, column])
            best = objective(X, Y[:, column], exact.coef_[0], exact.intercept_[0], C)
            ours = objective(X, Y[:, column], weights[:, column], intercepts[column], C)
            assert ours == pytest.approx(best, rel=1e-4)


def test_a_weight_that_does_not_pay_is_exactly_zero(vectors):  # noqa: F811
    ((weights, _),) = fit_l1(*vectors, [0.01], threads=1)
    assert 0 < (weights[:, :6] == 0).mean() < 1


def test_an_error_while_counting_stops_the_other_tags(vectors):  # noqa: F811
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_l1(*vectors, [1.0], threads=2, on_column=stop)
