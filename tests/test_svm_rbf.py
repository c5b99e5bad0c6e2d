"""The SVM of vectors under a Gaussian kernel, against liblinear on features that spell it out."""

import math
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import LinearSVC

from core.dataset.compose import compose_text
from core.features.encoder_files import find_encoder
from core.features.vectors import Embedded
from core.methods import encoding, grid
from core.methods.base import PlainSteps, Training
from core.methods.encoder.tagger import VectorTagger
from core.methods.encoder.training import train_vectors
from core.methods.part import Labelled, TrainingPart
from core.methods.search import search_vector_svm
from core.runs.experiment import run_experiment
from core.settings.classifier import ClassifierConfig
from core.solvers import fitted as svms
from core.solvers import one_vs_rest as svm
from core.solvers.fitted import KernelSvm, LinearSvm, score_path
from core.solvers.one_vs_rest import fit_path
from core.study.presets import configure, preset_named

CS = (0.1, 1.0, 10.0)


def vectors(rows, seed=0):
    """Vectors of many lengths; the tags of the last two are of every row and of none."""
    rng = np.random.default_rng(seed)
    X = (rng.normal(size=(rows, 6)) * rng.uniform(0.5, 20, size=(rows, 1))).astype(np.float32)
    angle = np.arctan2(X[:, 0], X[:, 1])
    # Two sides of a circle, which no straight line parts.
    Y = np.stack([np.cos(2 * angle) > 0.3, angle > 1.5, angle < 9, angle > 9], axis=1)
    return X, csr_array(Y)


def test_it_is_liblinears_optimum_on_features_whose_products_are_the_kernel():
    X, Y = vectors(150)
    others, _ = vectors(40, seed=1)
    unit, other = (A / np.linalg.norm(A, axis=1, keepdims=True) for A in (X, others))
    spelt_out = np.linalg.cholesky(rbf_kernel(unit, gamma=1.0) + 1e-9 * np.eye(150))
    of_others = rbf_kernel(other, unit, gamma=1.0) @ np.linalg.inv(spelt_out).T
    path = fit_path(X, Y, CS, kernel="rbf", seed=0)
    for C, fitted in zip(CS, path, strict=True):
        for tag in range(2):
            exact = LinearSVC(C=C, tol=1e-10, max_iter=200_000, random_state=1)
            exact.fit(spelt_out, Y[:, [tag]].toarray().ravel())
            assert_allclose(fitted.scores(X)[:, tag], exact.decision_function(spelt_out), atol=2e-3)
            theirs = exact.decision_function(of_others)
            assert_allclose(fitted.scores(others)[:, tag], theirs, atol=2e-3)


def test_margins_of_two_rows_are_those_by_hand():
    # At right angles |a - b|^2 is 2, at an angle of 60 degrees it is 1.
    X = np.array([[3.0, 0.0], [0.0, 0.5]], np.float32)
    rows = np.eye(2, dtype=np.float32)
    fitted = KernelSvm(rows, np.array([[2.0], [-1.0]]), np.array([0.25]), "rbf")
    far, near = math.exp(-2), math.exp(-1)
    assert_allclose(fitted.scores(X)[:, 0], [2 - far + 0.25, 2 * far - 1 + 0.25], rtol=1e-6)
    between = np.array([[0.5, math.sqrt(0.75)]], np.float32)
    nearer = math.exp(-(2 - 2 * math.sqrt(0.75)))
    assert_allclose(fitted.scores(between)[0, 0], 2 * near - nearer + 0.25, rtol=1e-6)


def test_it_parts_what_no_straight_line_parts():
    X, Y = vectors(300)
    others, truth = vectors(300, seed=1)
    right = {}
    for kernel in ("linear", "rbf"):
        (fitted,) = fit_path(X, Y, [1.0], kernel=kernel, seed=0)
        right[kernel] = ((fitted.scores(others) > 0) == truth.toarray())[:, 0].mean()
    assert right["rbf"] > 0.8 > 0.7 > right["linear"]


def test_the_length_of_a_vector_and_its_company_do_not_matter(monkeypatch):
    X, Y = vectors(50)
    (fitted,) = fit_path(X, Y, [1.0], kernel="rbf", seed=0)
    assert_allclose(fitted.scores(7 * X), fitted.scores(X), atol=1e-5)
    whole = fitted.scores(X)
    monkeypatch.setattr(svms, "ROWS_AT_ONCE", 7)
    assert_allclose(fitted.scores(X), whole, atol=1e-6)
    assert np.isfinite(fitted.scores(np.zeros((1, 6), np.float32))).all()


def test_all_of_a_path_score_in_one_pass_as_each_does_alone(monkeypatch):
    X, Y = vectors(50)
    others, _ = vectors(40, seed=1)
    path = fit_path(X, Y, CS, kernel="rbf", seed=0)
    exponentials = Mock(wraps=np.exp)
    monkeypatch.setattr(np, "exp", exponentials)
    together = score_path(path, others)
    assert exponentials.call_count == 1
    for fitted, scores in zip(path, together, strict=True):
        assert_allclose(scores, fitted.scores(others), atol=1e-5)


def test_l1_and_words_stay_linear():
    X, Y = vectors(50)
    for rows, penalty in ((X, "l1"), (csr_array(X), "l2")):
        (fitted,) = fit_path(rows, Y, [1.0], penalty=penalty, kernel="rbf", dual=False, seed=0)
        assert type(fitted) is LinearSvm


@pytest.mark.parametrize(("most", "kind"), [(50, KernelSvm), (49, LinearSvm)])
def test_too_many_texts_get_a_linear_svm_in_every_fold(most, kind, monkeypatch):
    X, Y = vectors(50)
    monkeypatch.setattr(svm, "MOST_KERNEL_ROWS", most)
    halves = [(np.arange(25), np.arange(25, 50)), (np.arange(25, 50), np.arange(25))]
    classifier = ClassifierConfig(C=1.0, folds=2, vector_kernel="rbf")
    found = search_vector_svm(X, Y, halves, classifier, seed=0)
    assert type(found.svm) is kind
    named = "rbf" if kind is KernelSvm else "linear"
    (half,) = fit_path(X[:25], Y[:25], [1.0], kernel=named, seed=0)
    assert_array_equal(found.out_of_fold[25:], half.scores(X[25:]))


@pytest.mark.parametrize("make", [np.asarray, csr_array])
def test_the_fit_of_all_rows_sets_out_from_the_mean_of_the_folds(make, monkeypatch):
    X, Y = vectors(60)
    rows = np.arange(60)
    folds = [(rows[rows % 3 != fold], rows[rows % 3 == fold]) for fold in range(3)]
    fits = Mock(wraps=grid.fit_path)
    monkeypatch.setattr(grid, "fit_path", fits)
    monkeypatch.setattr(svm, "FEWEST_TERMS", 0)
    monkeypatch.setattr(svm, "FEWEST_BY_ROWS", 0)
    classifier = ClassifierConfig(C=[0.1, 10], folds=3, vector_kernel="rbf")
    search = grid.GridSearch(Y, folds, classifier, "rbf")
    sides = [(make(X[train]), make(X[test])) for train, test in folds]
    for point, found in search.fit_grid(sides, 0, lambda _: None):
        search.add(grid.Candidate(*point), found)
    search.fit_best(make(X), 0, lambda _: None)
    C = search.best.C
    expected = np.zeros(Y.shape)
    for (train, _), (of_fold, _) in zip(folds, sides, strict=True):
        (alone,) = fit_path(of_fold, Y[train], [C], kernel="rbf", seed=0)
        expected[train] += alone.factors / 3
    assert np.abs(expected).max() > 0.1
    assert_allclose(fits.call_args.kwargs["start"], expected, atol=1e-3)


def test_the_log_says_so(tiny_bert, monkeypatch):
    X, Y = vectors(50)
    monkeypatch.setattr(svm, "MOST_KERNEL_ROWS", 49)
    rows = np.arange(50)
    part = TrainingPart(["a text"] * 50, Y, ("a", "b", "c", "d"), rows, rows)
    config = configure(
        preset_named("best-encoder").config(), assignments=[f"features.encoder.name={tiny_bert}"]
    )
    monkeypatch.setattr(encoding, "embed_texts", lambda *_, **__: Embedded(X, 0, 0, "cpu"))
    files, test = find_encoder(str(tiny_bert)), Labelled((), Y[:0])
    trained = train_vectors(Training(config, part, files, test, Path("none"), PlainSteps()))
    assert trained.notes[-1] == "50 texts are too many for the rbf kernel: linear"


def test_a_saved_tagger_scores_as_before(tiny_bert, articles, store):
    more = ["features.encoder.device=cpu", "classifier.C=1", "classifier.folds=2"]
    named = [f"features.encoder.name={tiny_bert}", "data.min_tag_count=5", *more]
    settings = configure(preset_named("best-encoder").config(), assignments=named)
    run = run_experiment(settings, store, articles=articles).run
    loaded = VectorTagger.load(run.folder / "model")
    assert isinstance(loaded.svm, KernelSvm)
    part = run.read_part("test")
    by_id = {article.id: compose_text(article, settings.data) for article in articles}
    texts = [by_id[article_id] for article_id in part.ids]
    assert_allclose(loaded.scores(texts), part.scores, atol=1e-5)
