"""The SVM by the products of rows, against liblinear's optimum."""

from unittest.mock import Mock

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array, hstack, random_array
from sklearn.svm import LinearSVC

from core.solvers import fitted as svms
from core.solvers import kernel_matrix
from core.solvers.fitted import KernelSvm
from core.solvers.kernel_matrix import fit_kernel_matrix
from core.solvers.one_vs_rest import fit_path, ignores_dual, uses_kernel_matrix

CS = (0.01, 0.1, 1.0, 10.0, 100.0)


def texts_of_many_terms(rows, columns, seed):
    """Unit rows of about a hundred terms, and tags that a few of the terms speak for."""
    rng = np.random.default_rng(seed)
    X = csr_array(random_array((rows, columns), density=100 / columns, rng=rng))
    X = csr_array(X.multiply(1 / np.sqrt((X**2).sum(axis=1))[:, None]))
    leaning = X @ rng.normal(size=(columns, 7))
    Y = leaning > np.quantile(leaning, np.linspace(0.5, 0.95, 7), axis=0).diagonal()
    Y[:, 4] = np.arange(rows) == 3
    return X, Y[:, :5]


def objective(X, y, weights, intercept, C):
    slack = np.maximum(0, 1 - np.where(y, 1, -1) * (X @ weights + intercept))
    return (weights @ weights + intercept**2) / 2 + C * slack @ slack


@pytest.mark.parametrize(("rows", "columns"), [(60, 2000), (300, 400), (200, 150)])
def test_it_is_liblinears_optimum_for_every_tag_and_c(rows, columns):
    X, Y = texts_of_many_terms(rows, columns, seed=rows)
    # Two copies of each column: the products have far fewer directions than there are columns.
    X = csr_array(hstack([X, X], format="csr"))
    found = fit_kernel_matrix((X @ X.T).toarray(), Y, CS)
    for C, (factors, intercepts) in zip(CS, found, strict=True):
        weights = X.T @ factors
        for tag in range(5):
            exact = LinearSVC(C=C, tol=1e-10, max_iter=200_000, random_state=1).fit(X, Y[:, tag])
            theirs = objective(X, Y[:, tag], exact.coef_[0], exact.intercept_[0], C)
            ours = objective(X, Y[:, tag], weights[:, tag], intercepts[tag], C)
            assert ours == pytest.approx(theirs, rel=1e-7)
            margins = X @ weights[:, tag] + intercepts[tag]
            assert_allclose(margins, exact.decision_function(X), atol=1e-3)


def test_products_in_single_precision_reach_nearly_the_same_optimum():
    X, Y = texts_of_many_terms(300, 400, seed=6)
    products = (X @ X.T).toarray()
    exact = fit_kernel_matrix(products, Y, CS)
    rough = fit_kernel_matrix(products.astype(np.float32), Y, CS)
    for C, (factors, cuts), (others, other_cuts) in zip(CS, exact, rough, strict=True):
        for tag in range(5):
            y = Y[:, tag]
            best = objective(X, y, X.T @ factors[:, tag], cuts[tag], C)
            found = objective(X, y, X.T @ others[:, tag], other_cuts[tag], C)
            assert found == pytest.approx(best, rel=1e-4)


def test_a_step_that_leaves_no_row_inside_the_margin_is_no_end(monkeypatch):
    monkeypatch.setattr(kernel_matrix, "CONJUGATE", 1e9)
    X = np.array([[0.0, -1.0], [-3.0, -2.0], [-4.0, -6.0], [-2.0, 3.0]])
    y = np.array([True, True, True, False])
    ((factors, intercepts),) = fit_kernel_matrix(X @ X.T, y[:, None], [100.0])
    exact = LinearSVC(C=100, tol=1e-10, max_iter=200_000, dual=False).fit(X, y)
    assert_allclose(X.T @ factors[:, 0], exact.coef_[0], atol=1e-4)
    assert intercepts[0] == pytest.approx(exact.intercept_[0], abs=1e-4)


def test_the_order_and_company_of_c_do_not_matter():
    X, Y = texts_of_many_terms(120, 900, seed=2)
    products = (X @ X.T).toarray()
    ((alone, _),) = fit_kernel_matrix(products, Y, [1.0])
    backwards = fit_kernel_matrix(products, Y, [10.0, 1.0, 1.0])
    assert_allclose(backwards[1][0], alone, atol=1e-4)
    assert_array_equal(backwards[1][0], backwards[2][0])


def test_a_start_at_the_solution_spares_the_way_there(monkeypatch):
    X, Y = texts_of_many_terms(300, 400, seed=9)
    products = (X @ X.T).toarray()
    counted = Mock(wraps=kernel_matrix.times)
    monkeypatch.setattr(kernel_matrix, "times", counted)
    ((factors, cuts),) = fit_kernel_matrix(products, Y, [10.0])
    counted.reset_mock()
    ((again, again_cuts),) = fit_kernel_matrix(products, Y, [10.0], start=factors)
    # One for the steepness, one for the margins, one to see that it is good enough.
    assert counted.call_count == 3
    assert_array_equal(again, factors)
    assert_array_equal(again_cuts, cuts)


def test_a_start_far_off_leads_to_the_same():
    X, Y = texts_of_many_terms(300, 400, seed=9)
    products = (X @ X.T).toarray()
    ((factors, cuts),) = fit_kernel_matrix(products, Y, [10.0])
    far = np.random.default_rng(0).normal(size=factors.shape)
    ((again, again_cuts),) = fit_kernel_matrix(products, Y, [10.0], start=far)
    assert_allclose(again, factors, atol=1e-3)
    assert_allclose(again_cuts, cuts, atol=1e-3)


@pytest.mark.parametrize("C", CS)
def test_the_gradient_leaves_less_than_a_ten_millionth_to_gain_whatever_c_is(C):
    X, Y = texts_of_many_terms(300, 400, seed=9)
    products = (X @ X.T).toarray()
    ((factors, cuts),) = fit_kernel_matrix(products, Y, [C])
    for tag in range(5):
        signs = np.where(Y[:, tag], 1, -1)
        slack = np.maximum(0, 1 - signs * (products @ factors[:, tag] + cuts[tag]))
        rest = factors[:, tag] - 2 * C * signs * slack
        gradient_squared = rest @ (products + 1) @ rest
        found = objective(X, Y[:, tag], X.T @ factors[:, tag], cuts[tag], C)
        assert gradient_squared / 2 <= 1.01e-7 * found


@pytest.mark.parametrize("C", [1e3, 1e4])
def test_rows_given_twice_weigh_twice_however_large_c_is(C):
    X, Y = texts_of_many_terms(60, 2000, seed=7)
    products = (X @ X.T).toarray()
    ((twice, twice_cuts),) = fit_kernel_matrix(np.tile(products, (2, 2)), np.tile(Y, (2, 1)), [C])
    ((once, cuts),) = fit_kernel_matrix(products, Y, [2 * C])
    for tag in range(5):
        both = twice[:60, tag] + twice[60:, tag]
        found = objective(X, Y[:, tag], X.T @ both, twice_cuts[tag], 2 * C)
        best = objective(X, Y[:, tag], X.T @ once[:, tag], cuts[tag], 2 * C)
        assert found == pytest.approx(best, rel=1e-4)


def test_at_first_all_tags_share_one_factorisation(monkeypatch):
    X, Y = texts_of_many_terms(300, 400, seed=8)
    products = (X @ X.T).toarray()
    counted = Mock(wraps=torch.linalg.cholesky_ex)
    monkeypatch.setattr(torch.linalg, "cholesky_ex", counted)
    ((factors, cuts),) = fit_kernel_matrix(products, Y, [10.0])
    assert counted.call_count == 1
    # Where single precision cannot factorise, products find the same.
    counted.side_effect = lambda _, out: out[1].fill_(1)
    ((others, other_cuts),) = fit_kernel_matrix(products, Y, [10.0])
    assert counted.call_count == 2
    assert_allclose(others, factors, atol=1e-4)
    assert_allclose(other_cuts, cuts, atol=1e-4)


def test_tags_of_few_rows_inside_the_margin_get_a_factorisation_each(monkeypatch):
    X, Y = texts_of_many_terms(300, 400, seed=8)
    products = (X @ X.T).toarray()
    solver = Mock(wraps=kernel_matrix.sposv)
    monkeypatch.setattr(kernel_matrix, "sposv", solver)
    monkeypatch.setattr(kernel_matrix, "CONJUGATE", 0)
    ((factors, cuts),) = fit_kernel_matrix(products, Y, [10.0])
    solver.assert_not_called()
    monkeypatch.setattr(kernel_matrix, "CONJUGATE", 1e9)
    ((others, other_cuts),) = fit_kernel_matrix(products, Y, [10.0])
    assert solver.call_count >= 10
    assert_allclose(others, factors, atol=1e-3)
    assert_allclose(other_cuts, cuts, atol=1e-3)
    # Where one fails, or single precision leaves too much, it is conjugate gradients again.
    for wrong in ((None, 0, 1), (None, 0, 0)):
        solver.side_effect = lambda *_, wrong=wrong, **__: wrong
        ((again, _),) = fit_kernel_matrix(products, Y, [10.0])
        assert_array_equal(again, factors)


def test_the_less_the_penalty_weighs_the_sooner_a_factorisation_pays(monkeypatch):
    X, Y = texts_of_many_terms(300, 400, seed=8)
    solver = Mock(wraps=kernel_matrix.sposv)
    monkeypatch.setattr(kernel_matrix, "sposv", solver)
    # It costs 3,000,000 at least; conjugate gradients 1,800,000 here, ten times that there.
    fit_kernel_matrix((X @ X.T).toarray(), Y, [1.0])
    solver.assert_not_called()
    fit_kernel_matrix((X @ X.T).toarray(), Y, [100.0])
    solver.assert_called()


def test_the_steep_constant_costs_no_products(monkeypatch):
    X, Y = texts_of_many_terms(1500, 8000, seed=5)
    rare = Y & (np.random.default_rng(0).random(Y.shape) < 0.1)
    counted = Mock(wraps=kernel_matrix.times)
    monkeypatch.setattr(kernel_matrix, "times", counted)
    fit_kernel_matrix((X @ X.T).toarray(), rare, CS)
    # 148 with the constant's direction solved apart, 272 without.
    assert counted.call_count <= 160


def test_the_form_with_a_weight_for_each_column_gives_the_same_scores():
    X, Y = texts_of_many_terms(120, 900, seed=3)
    others, _ = texts_of_many_terms(40, 900, seed=4)
    done = []
    (fitted,) = fit_path(X, csr_array(Y), [1.0], seed=0, on_fit=done.append)
    assert isinstance(fitted, KernelSvm)
    assert done == [5]
    by_columns = fitted.as_linear()
    assert_allclose(fitted.scores(others), by_columns.scores(others), atol=1e-5)
    assert by_columns.weights.dtype == np.float32


def test_weights_made_in_blocks_of_columns_are_the_same(monkeypatch):
    X, Y = texts_of_many_terms(120, 900, seed=3)
    (fitted,) = fit_path(X, csr_array(Y), [1.0], seed=0)
    whole = fitted.as_linear().weights.toarray()
    monkeypatch.setattr(svms, "COLUMNS_AT_ONCE", 7)
    assert_allclose(fitted.as_linear().weights.toarray(), whole, atol=1e-7)
    assert_allclose(whole, X.T @ fitted.factors, atol=1e-6)


@pytest.mark.parametrize(
    ("rows", "terms", "penalty", "taken"),
    [
        (1900, 120, "l2", True),
        (1900, 27, "l2", False),
        (1500, 36, "l2", True),
        (1900, 120, "l1", False),
        (7000, 120, "l2", False),
        (7000, 300, "l2", True),
        (9000, 300, "l2", True),
        (25_000, 600, "l2", False),
    ],
)
def test_few_rows_of_many_terms_are_solved_by_products(rows, terms, penalty, taken):
    columns = np.tile(np.arange(terms), rows)
    X = csr_array((np.ones(rows * terms), columns, np.arange(rows + 1) * terms))
    assert uses_kernel_matrix(X, penalty) is taken
    assert ignores_dual(X, penalty) is taken
