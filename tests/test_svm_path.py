"""What `fit_path` promises whatever solver takes the matrix."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array

from core.solvers import one_vs_rest
from core.solvers.fitted import score_path
from core.solvers.one_vs_rest import fit_path
from tests.conftest import PROJECT

WAYS = {
    "dense": {},
    "l1": {"penalty": "l1"},
    "rbf": {"kernel": "rbf"},
    "kernel matrix": {},
    "liblinear": {},
    "liblinear l1": {"penalty": "l1", "dual": False},
}


@pytest.fixture(params=WAYS)
def fit(request, monkeypatch):
    """`fit_path` of 40 rows by one of the solvers."""
    if request.param == "kernel matrix":
        monkeypatch.setattr(one_vs_rest, "FEWEST_TERMS", 0)
        monkeypatch.setattr(one_vs_rest, "FEWEST_BY_ROWS", 0)
    X = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    sparse = request.param.startswith(("kernel", "liblinear"))
    X = csr_array(X) if sparse else X

    def fit(Y, Cs, **more):
        path = fit_path(X, csr_array(Y), Cs, seed=0, **WAYS[request.param], **more)
        return path, score_path(path, X)

    return fit


def leaning_tags():
    rng = np.random.default_rng(1)
    return rng.random((40, 4)) < [0.2, 0.4, 0.5, 0.7]


def test_a_tag_of_no_row_or_of_every_row_gets_a_constant_margin(fit):
    Y = leaning_tags()
    Y[:, 0], Y[:, 3] = True, False
    done = []
    _, (scores, _) = fit(Y, [0.1, 1.0], on_fit=done.append)
    assert_array_equal(scores[:, [0, 3]], [[1.0, -1.0]] * 40)
    assert sum(done) == 8
    _, (alone, _) = fit(Y[:, 1:3], [0.1, 1.0])
    assert_allclose(scores[:, 1:3], alone, atol=1e-5)


def test_tags_that_are_all_constant_need_no_solver(fit):
    Y = np.tile([True, False], (40, 1))
    _, (scores,) = fit(Y, [1.0])
    assert_array_equal(scores, [[1.0, -1.0]] * 40)


def test_each_tag_and_c_is_counted_and_tags_of_the_same_rows_are_alike(fit):
    Y = leaning_tags()
    done = []
    twice = np.hstack([Y, Y[:, ::-1]])
    path, scores = fit(twice, [1.0, 0.1, 1.0], on_fit=done.append)
    assert sum(done) == 3 * 8
    assert path[0] is path[2]
    for margins in scores:
        assert_array_equal(margins[:, :4], margins[:, :3:-1])
    assert np.abs(scores[0] - scores[1]).max() > 0.01
    for svm, margins in zip(path, scores, strict=True):
        assert svm.columns == 6
        assert svm.unconverged == 0
        assert margins.dtype == np.float32


def test_importing_the_solvers_loads_no_torch_and_no_settings():
    code = (
        "import sys, core.solvers.scikit_learn as s, core.solvers.fitted; "
        "print([m for m in sys.modules if m.startswith('torch') or "
        "m.startswith('core.') and not m.startswith(('core.solvers', 'core.base'))])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
