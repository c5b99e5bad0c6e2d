"""Our solver for dense vectors against scikit-learn's."""

from unittest.mock import Mock

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from sklearn.metrics import fbeta_score, make_scorer
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from core.base.errors import ConfigError
from core.methods import grid as grids
from core.methods.encoder.training import count_fits
from core.methods.search import search_vector_svm
from core.models.folds import build_folds
from core.settings.classifier import ClassifierConfig
from core.settings.experiment import ExperimentConfig
from core.solvers import dense as svm_dense
from core.solvers import newton
from core.solvers.dense import fit_dense
from core.study.presets import configure, preset_named

CS = (0.01, 0.1, 0.5, 1.0, 10.0)


@pytest.fixture(scope="module")
def vectors():
    """240 vectors like an encoder's: a large common direction, and eight noisy tags."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(240, 24)) * np.geomspace(3, 0.05, 24) + 2.0
    leaning = X @ rng.normal(size=(24, 8)) + 3 * rng.normal(size=(240, 8))
    Y = leaning > np.quantile(leaning, np.linspace(0.5, 0.9, 8), axis=0).diagonal()
    Y[:3, 5] = [True, False, True]
    return X.astype(np.float32), Y


def test_margins_are_liblinears_optimum_for_every_tag_and_c(vectors):
    X, Y = vectors
    for C, (weights, intercepts) in zip(CS, fit_dense(X, Y, CS), strict=True):
        for column in range(6):
            exact = LinearSVC(C=C, dual=False, tol=1e-10, max_iter=100_000)
            expected = exact.fit(X.astype(np.float64), Y[:, column]).decision_function(X)
            ours = X @ weights[:, column] + intercepts[column]
            np.testing.assert_allclose(ours, expected, atol=5e-3)


def hard_vectors(common):
    """400 of a direction in common, which is what makes an encoder's vectors hard to solve for."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(400, 60)) * np.geomspace(3, 0.3, 60)
    leaning = X @ rng.normal(size=(60, 8)) + 3 * rng.normal(size=(400, 8))
    Y = leaning > np.quantile(leaning, np.linspace(0.5, 0.97, 8), axis=0).diagonal()
    return X + common, Y


@pytest.mark.parametrize("conjugate", [0, 90, 1e9])
@pytest.mark.parametrize("C", [0.1, 10.0])
@pytest.mark.parametrize("common", [2.0, 8.0, 30.0])
def test_an_objective_is_a_millionth_above_its_optimum_at_most(common, C, conjugate, monkeypatch):
    monkeypatch.setattr(svm_dense, "CONJUGATE", conjugate)
    X, Y = hard_vectors(common)
    ((weights, intercepts),) = fit_dense(X, Y, [C])

    def objective(w, cut, y):
        slack = np.maximum(0, 1 - np.where(y, 1, -1) * (X @ w + cut))
        return (w @ w + cut**2) / 2 + C * slack @ slack

    for column, y in enumerate(Y.T):
        exact = LinearSVC(C=C, dual=False, tol=1e-10, max_iter=100_000).fit(X, y)
        best = objective(exact.coef_[0], exact.intercept_[0], y)
        assert objective(weights[:, column], intercepts[column], y) <= (1 + 1e-6) * best


def test_few_rows_inside_the_margin_are_factorised_and_the_solution_is_the_same(
    vectors, monkeypatch
):
    X, Y = vectors
    factorised = Mock(wraps=svm_dense.get_lapack_funcs)
    monkeypatch.setattr(svm_dense, "get_lapack_funcs", factorised)
    solutions = []
    # By conjugate gradients; by factorisations in single and in double precision.
    for conjugate, most_rough in ((0, 1e6), (1e9, 1e12), (1e9, 0)):
        factorised.reset_mock()
        monkeypatch.setattr(svm_dense, "CONJUGATE", conjugate)
        monkeypatch.setattr(svm_dense, "MOST_ROUGH", most_rough)
        solutions.append(fit_dense(X, Y, [1.0])[0][0])
        assert factorised.called == (conjugate > 0)
    by_gradients, single, double = solutions
    np.testing.assert_allclose(single, by_gradients, atol=2e-3)
    np.testing.assert_allclose(double, by_gradients, atol=2e-3)


def test_factorising_the_few_rows_inside_the_margin_spares_newton_steps(monkeypatch):
    X, Y = hard_vectors(8.0)
    steps = Mock()

    class Counted:
        """A problem whose Newton steps are counted."""

        def __init__(self, problem):
            self._problem = problem

        def __getattr__(self, name):
            if name == "newton_step":
                steps()
            return getattr(self._problem, name)

    def minimise_path(problem, *more):
        return newton.minimise_path(Counted(problem), *more)

    monkeypatch.setattr(svm_dense, "minimise_path", minimise_path)
    monkeypatch.setattr(svm_dense, "FACTORISING", 0)  # which outweighs the rest for so few rows
    counts = []
    for conjugate in (90, 0):
        steps.reset_mock()
        monkeypatch.setattr(svm_dense, "CONJUGATE", conjugate)
        fit_dense(X, Y, [0.1, 1.0, 10.0])
        counts.append(steps.call_count)
    by_rows, by_gradients = counts
    # 27, and 42 by conjugate gradients.
    assert by_rows <= 30 < by_gradients


def test_a_factorisation_that_fails_leaves_the_way_downhill(vectors, monkeypatch):
    X, Y = vectors
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    usual = fit_dense(X, Y, [0.01])[0][0]
    monkeypatch.setattr(svm_dense, "CONJUGATE", 1e9)
    failing = Mock(side_effect=lambda bent, wanted, **_: (bent, wanted, 1))
    monkeypatch.setattr(svm_dense, "get_lapack_funcs", lambda *_: (failing,))
    np.testing.assert_allclose(fit_dense(X, Y, [0.01])[0][0], usual, atol=2e-3)
    failing.assert_called()


@pytest.mark.parametrize("cg_steps", [0, 1])
def test_a_tag_that_conjugate_gradients_leave_unsolved_is_solved_exactly(
    vectors, cg_steps, monkeypatch
):
    X, Y = vectors
    usual = fit_dense(X, Y, [1.0])[0][0]
    monkeypatch.setattr(svm_dense, "CG_STEPS", cg_steps)
    exactly = fit_dense(X, Y, [1.0])[0][0]
    np.testing.assert_allclose(exactly, usual, atol=2e-3)


def test_where_no_exact_step_is_found_conjugate_gradients_go_on(vectors, monkeypatch):
    X, Y = vectors
    usual = fit_dense(X, Y, [1.0])[0][0]
    refused = Mock(side_effect=lambda hessian: (hessian, torch.tensor(1)))
    monkeypatch.setattr(torch.linalg, "cholesky_ex", refused)
    monkeypatch.setattr(svm_dense, "CG_STEPS", 3)
    np.testing.assert_allclose(fit_dense(X, Y, [1.0])[0][0], usual, atol=2e-3)
    refused.assert_called()


def test_the_order_and_company_of_c_do_not_matter(vectors):
    X, Y = vectors
    alone = fit_dense(X, Y, [1.0])[0][0]
    backwards = fit_dense(X, Y, [10.0, 1.0, 1.0])
    np.testing.assert_allclose(backwards[1][0], alone, atol=2e-3)
    assert np.array_equal(backwards[1][0], backwards[2][0])


def test_experiment_1s_grid_finds_the_best_point_of_grid_search(vectors):
    X, Y = vectors
    # Without the common direction, on which liblinear stops at its iteration limit.
    X = X - X.mean(axis=0)
    grid = {
        "estimator__C": list(CS),
        "estimator__penalty": ["l1", "l2"],
        "estimator__dual": [True, False],
    }
    scorer = make_scorer(fbeta_score, beta=0.5, average="micro", zero_division=0)
    theirs = GridSearchCV(
        OneVsRestClassifier(LinearSVC(random_state=3)),
        # The impossible pair apart, which scikit-learn would only warn about.
        [grid | {"estimator__dual": [False]}, grid | {"estimator__penalty": ["l2"]}],
        scoring=scorer,
        cv=KFold(3),
    ).fit(X.astype(np.float64), Y[:, :6])

    values = preset_named("study-01").config().classifier.model_dump()
    classifier = ClassifierConfig(**values)
    assert set(classifier.pairs) == {("l1", False), ("l2", True), ("l2", False)}
    folds = build_folds(np.arange(len(X)), csr_array(Y), classifier, seed=3)
    ours = search_vector_svm(X, csr_array(Y[:, :6]), folds, classifier, seed=3)
    assert len(ours.cv_scores) == 15
    their_scores = {
        (p["estimator__C"], p["estimator__penalty"], p["estimator__dual"]): score
        for p, score in zip(
            theirs.cv_results_["params"], theirs.cv_results_["mean_test_score"], strict=True
        )
    }
    our_scores = {(c.C, c.penalty, c.dual): score for c, score in ours.cv_scores.items()}
    assert our_scores == pytest.approx(their_scores, abs=0.004)
    assert theirs.best_params_["estimator__C"] == ours.best.C
    assert ours.best.penalty == theirs.best_params_["estimator__penalty"]


def test_an_impossible_grid_is_refused():
    with pytest.raises(ConfigError, match="no linear SVM with penalty l1 and dual"):
        configure(
            preset_named("study-02").config(),
            assignments=["classifier.penalty=l1", "classifier.dual=true"],
        )


def test_a_grid_over_dual_is_solved_once_but_counted_twice(vectors, monkeypatch):
    X, Y = vectors
    calls, done = [], []
    original = grids.fit_path

    def count(*arguments, **named):
        calls.append(named["dual"])
        return original(*arguments, **named)

    monkeypatch.setattr(grids, "fit_path", count)
    classifier = ClassifierConfig(C=[0.1, 1], dual=[True, False])
    folds = build_folds(np.arange(len(X)), csr_array(Y), classifier, seed=3)
    found = search_vector_svm(X, csr_array(Y), folds, classifier, seed=3, on_fit=done.append)
    assert calls == [True] * 4  # three folds and the final fit
    assert len(found.cv_scores) == 4
    assert sum(done) == count_fits(ExperimentConfig(classifier=classifier), Y.shape[1])
