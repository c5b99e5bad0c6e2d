"""Words and tf-idf: what the analyzers keep, and the same weights as scikit-learn."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from core.base.errors import DataError
from core.features.analyzers import TECHNICAL, sklearn_words, technical_words
from core.features.tfidf import Tfidf, count_terms, fit_idf, kept_terms, weigh_counts

TEXTS = [
    "Node.js and C++ on Kubernetes, and C again",
    "Kubernetes network policies in Go",
    "R or Python? Python and R!",
    "微服务架构与 Kubernetes 部署",
]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C and R", ["c", "and", "r"]),
        ("Go, C++/C# on .NET", ["go", "c++", "c#", "on", ".net"]),
        ("node.js, Vue.js; ASP.NET.", ["node.js", "vue.js", "asp.net"]),
        ("k8s end.Start", ["k8s", "end", "start"]),
        ("a+b=c# d", ["a", "b", "c#", "d"]),
        ("Ｃ＋＋ café", ["c++", "café"]),
        ("snake_case", ["snake_case"]),
    ],
)
def test_technical_words_keep_names_that_scikit_learn_breaks(text, words):
    assert technical_words(text) == words


def test_technical_words_cut_chinese_into_words_and_keep_latin_ones():
    words = technical_words("使用Kubernetes部署数据库")
    assert words == ["使用", "kubernetes", "部署", "数据库"]


@pytest.mark.parametrize("text", TEXTS)
def test_sklearn_words_are_those_of_scikit_learns_default(text):
    assert sklearn_words(text) == CountVectorizer().build_analyzer()(text)


@pytest.mark.parametrize("sublinear", [False, True])
@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 3)])
def test_weights_of_a_training_side_equal_scikit_learns(ngram_range, sublinear):
    train, test = [0, 1, 3], [2]
    theirs = TfidfVectorizer(ngram_range=ngram_range, max_df=0.7, sublinear_tf=sublinear)
    expected = theirs.fit_transform([TEXTS[row] for row in train])

    terms = count_terms(TEXTS, analyzer="sklearn", ngram_range=ngram_range)
    kept = kept_terms(terms.counts[train], min_df=1, max_df=0.7)
    counts = terms.counts[:, kept]
    idf = fit_idf(counts[train])
    assert terms.terms[kept].tolist() == theirs.get_feature_names_out().tolist()
    for rows, matrix in ((train, expected), (test, theirs.transform([TEXTS[2]]))):
        ours = weigh_counts(counts[rows], idf, sublinear=sublinear)
        np.testing.assert_array_equal(ours.toarray(), matrix.toarray())

    fitted = Tfidf("sklearn", ngram_range, sublinear, tuple(terms.terms[kept]), idf)
    again = fitted.transform([TEXTS[2]]).toarray()
    np.testing.assert_array_equal(again, theirs.transform([TEXTS[2]]).toarray())


def test_min_df_counts_texts_not_occurrences():
    terms = count_terms(TEXTS, analyzer=TECHNICAL, ngram_range=(1, 1))
    kept = kept_terms(terms.counts, min_df=2, max_df=1.0)
    assert terms.terms[kept].tolist() == ["and", "kubernetes"]


def test_texts_without_words_and_filters_that_keep_none_are_refused():
    with pytest.raises(DataError, match="None of the 2 texts has a word"):
        count_terms(["!", "?"], analyzer=TECHNICAL, ngram_range=(1, 1))
    terms = count_terms(TEXTS, analyzer=TECHNICAL, ngram_range=(1, 1))
    with pytest.raises(DataError, match="at least 4 and at most 100% of 4 texts"):
        kept_terms(terms.counts, min_df=4, max_df=1.0)


def test_a_text_of_unknown_words_is_a_row_of_zeros():
    terms = count_terms(TEXTS, analyzer=TECHNICAL, ngram_range=(1, 1))
    fitted = Tfidf(TECHNICAL, (1, 1), True, tuple(terms.terms), fit_idf(terms.counts))
    assert fitted.transform(["entirely unheard"]).nnz == 0
