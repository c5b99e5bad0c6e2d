"""Our l1 solver for dense vectors against liblinear's optimum."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.svm import LinearSVC

from core.solvers.l1 import fit_l1_path
from core.solvers.one_vs_rest import fit_path
from tests.test_svm_dense import CS, vectors  # noqa: F401


def objective(X, y, w, intercept, C):
    """liblinear's: the intercept is penalised as the weight of a constant feature."""
    slack = np.maximum(0, 1 - np.where(y, 1, -1) * (X @ w + intercept))
    return np.abs(w).sum() + abs(intercept) + C * (slack**2).sum()


def test_the_objective_is_liblinears_minimum_for_every_tag_and_c(vectors):  # noqa: F811
    X, Y = vectors
    for C, (weights, intercepts) in zip(CS, fit_l1_path(X, Y, CS, threads=2), strict=True):
        for column in range(6):
            exact = LinearSVC(C=C, penalty="l1", dual=False, tol=1e-8, max_iter=200_000)
            exact.fit(X.astype(np.float64), Y[:, column])
            best = objective(X, Y[:, column], exact.coef_[0], exact.intercept_[0], C)
            ours = objective(X, Y[:, column], weights[:, column], intercepts[column], C)
            assert ours == pytest.approx(best, rel=1e-4)


def test_a_weight_that_does_not_pay_is_exactly_zero(vectors):  # noqa: F811
    ((weights, _),) = fit_l1_path(*vectors, [0.01], threads=1)
    assert 0 < (weights[:, :6] == 0).mean() < 1


def test_a_tag_of_no_row_or_of_every_row_gets_a_constant_margin(vectors):  # noqa: F811
    ((weights, intercepts),) = fit_l1_path(*vectors, [1.0], threads=1)
    assert not weights[:, 6:].any()
    assert intercepts[6:].tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_every_fit_is_counted_and_tags_of_the_same_articles_are_alike(vectors, penalty):  # noqa: F811
    X, Y = vectors
    twice = np.hstack([Y, Y[:, ::-1]])
    done = []
    path = fit_path(X, csr_array(twice), [1, 0.1, 1], penalty=penalty, seed=0, on_fit=done.append)
    assert sum(done) == 3 * twice.shape[1]
    for svm in path:
        assert np.array_equal(svm.weights[:, :8], svm.weights[:, :7:-1])
    assert np.array_equal(path[0].weights, path[2].weights)


def test_an_error_while_counting_stops_the_other_tags(vectors):  # noqa: F811
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_l1_path(*vectors, [1.0], threads=2, on_tag=stop)
