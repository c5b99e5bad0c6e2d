"""OneVsRestSVC where OneVsRestClassifier(LinearSVC()) may stand: scikit-learn is the oracle."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array, issparse
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from core.dataset.dataset import tag_matrix
from core.solvers.scikit_learn import OneVsRestSVC


@parametrize_with_checks([OneVsRestSVC()])
def test_it_keeps_scikit_learns_rules_for_a_classifier(estimator, check):
    check(estimator)


def exact(C):
    return OneVsRestClassifier(LinearSVC(C=C, dual=False, tol=1e-8, max_iter=10_000))


@pytest.mark.parametrize("C", [0.1, 1.0, 10.0])
def test_dense_rows_of_several_labels_have_liblinears_weights(C):
    X, Y = make_multilabel_classification(200, n_features=12, n_classes=6, random_state=0)
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    ours, theirs = OneVsRestSVC(C).fit(X, Y), exact(C).fit(X, Y)
    assert_allclose(ours.coef_, [one.coef_[0] for one in theirs.estimators_], atol=2e-3)
    assert_allclose(ours.intercept_, [one.intercept_[0] for one in theirs.estimators_], atol=2e-3)
    assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=2e-3)
    assert_array_equal(ours.predict(X), theirs.predict(X))
    # Indicators come back as they went in.
    sparse = OneVsRestSVC(C).fit(csr_array(X), csr_array(Y))
    assert issparse(sparse.coef_)
    assert issparse(sparse.predict(csr_array(X)))
    assert_array_equal(sparse.predict(csr_array(X)).toarray(), theirs.predict(X))


def test_classes_by_name_are_told_apart_as_by_liblinear():
    X, number = load_iris(return_X_y=True)
    y = np.array(["setosa", "versicolor", "virginica"])[number]
    assert_array_equal(OneVsRestSVC().fit(X, y).predict(X), exact(1.0).fit(X, y).predict(X))
    two = y != "setosa"
    ours, theirs = OneVsRestSVC().fit(X[two], y[two]), exact(1.0).fit(X[two], y[two])
    assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=2e-3)
    assert_array_equal(ours.predict(X), theirs.predict(X))


def test_a_grid_search_over_a_pipeline_comes_to_the_same(articles):
    texts = [f"{article.title} {article.description}" for article in articles]
    tags = sorted({tag for article in articles for tag in article.tags})
    Y = tag_matrix(articles, tags).toarray()
    found = []
    for classifier, name in ((OneVsRestSVC(), "C"), (exact(1.0), "estimator__C")):
        step = type(classifier).__name__.lower()
        search = GridSearchCV(
            make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), classifier),
            {f"{step}__{name}": [0.1, 1.0, 10.0]},
            scoring="f1_micro",
            cv=KFold(3, shuffle=True, random_state=0),
        )
        found.append(search.fit(texts, Y))
    ours, theirs = found
    assert_allclose(
        ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"], atol=1e-12
    )
    assert ours.best_index_ == theirs.best_index_
    assert_array_equal(ours.predict(texts), theirs.predict(texts))


def test_one_class_is_refused_and_an_unfinished_solution_told():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="y has one class, 7"):
        OneVsRestSVC().fit(X, np.full(len(X), 7))
    with pytest.warns(ConvergenceWarning, match="classes stopped"):
        OneVsRestSVC(1e6, dual=True).fit(csr_array(X), y)
