"""The one-vs-rest SVM as a scikit-learn classifier."""

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import Tags, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from core.solvers.matrix import Matrix
from core.solvers.one_vs_rest import fit_path
from core.solvers.options import Dual, Penalty


class OneVsRestSVC(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier in place of OneVsRestClassifier(LinearSVC(...)): the same optimum, faster.

    C, penalty, dual: as LinearSVC has them; `dual` matters only where liblinear is the faster way.
    random_state: of liblinear's order of rows there.
    Fitted: classes_ (K,), multilabel_, coef_ (K, d), sparse for sparse X, and intercept_ (K,); K is
    1 for two classes.

    >>> X = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    >>> tags = np.array([[1, 0], [1, 0], [0, 1], [1, 1]])
    >>> OneVsRestSVC(C=100.0).fit(X, tags).predict(X).tolist()
    [[1, 0], [1, 0], [0, 1], [1, 1]]
    """

    def __init__(
        self,
        C: float = 1.0,
        *,
        penalty: Penalty = "l2",
        dual: Dual = "auto",
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.penalty = penalty
        self.dual = dual
        self.random_state = random_state

    def fit(self, X: Matrix, y: Any) -> Self:
        """Fit to X (n, d), dense or sparse, and y: a class of each row, (n,), or tags 0/1 (n, K).

        Raises ValueError for other shapes and for numbers that are not finite.
        """
        X, y = validate_data(self, X, y, accept_sparse="csr", multi_output=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self._binarizer = LabelBinarizer(sparse_output=True).fit(y)
        self.classes_ = self._binarizer.classes_
        self.multilabel_ = self._binarizer.y_type_.startswith("multilabel")
        if len(self.classes_) < 2 and not self.multilabel_:
            raise ValueError(f"y has one class, {self.classes_[0]}: two at least are needed.")
        Y = csr_array(self._binarizer.transform(y), dtype=bool)
        (svm,) = fit_path(
            csr_array(X) if issparse(X) else X,
            Y,
            (self.C,),
            penalty=self.penalty,
            dual=self.dual,
            seed=self.random_state,
        )
        self._svm = svm.as_linear()
        self.coef_, self.intercept_ = self._svm.weights.T, self._svm.intercepts
        if self._svm.unconverged:
            warnings.warn(
                f"{self._svm.unconverged} classes stopped at liblinear's limit of iterations.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def decision_function(self, X: Matrix) -> NDArray[np.float32]:
        """Compute margins (n, K), or (n,) for two classes; above 0 the class is taken."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        scores = self._svm.scores(csr_array(X) if issparse(X) else X)
        return scores if self.multilabel_ or scores.shape[1] > 1 else scores[:, 0]

    def predict(self, X: Matrix) -> Any:
        """Predict classes (n,), or tags (n, K) in the form that `fit` was given."""
        scores = self.decision_function(X)
        return self._binarizer.inverse_transform(scores, threshold=0)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags
