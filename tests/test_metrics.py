"""Averages, report and ranking against scikit-learn, and corner cases by hand."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from sklearn.metrics import accuracy_score, classification_report, fbeta_score, ndcg_score

from core.metrics.averages import Average, build_averages
from core.metrics.counts import count_outcomes, predict
from core.metrics.ranking import ndcg_at_k, precision_at_k, ranked_hits
from core.metrics.report import (
    averages_json,
    build_report,
    macro_f1_of_tested,
    per_tag_table,
    untested_note,
)
from core.metrics.scorers import score_prediction

# Two tags at least: scikit-learn reads a single column as a binary problem.
shapes = st.tuples(st.integers(1, 12), st.integers(2, 6))
pairs = shapes.flatmap(lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape)))


def averages_of(truth, predicted):
    return averages_json(build_averages(count_outcomes(csr_array(truth), csr_array(predicted))))


@given(pairs)
@settings(max_examples=150)
def test_averages_equal_scikit_learns_classification_report(pair):
    truth, predicted = pair
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = classification_report(truth, predicted, output_dict=True, zero_division=0)
    for name, figures in averages_of(truth, predicted).items():
        for measure, value in figures.items():
            assert value == pytest.approx(theirs[name][measure], abs=1e-12), (name, measure)
    table = per_tag_table(csr_array(truth), csr_array(predicted), range(truth.shape[1]))
    for row in table.itertuples():
        figures = theirs[str(row.tag)]
        assert row.precision == pytest.approx(figures["precision"])
        assert row.recall == pytest.approx(figures["recall"])
        assert row.f1_score == pytest.approx(figures["f1-score"])
        assert row.support == figures["support"]


@given(pairs)
@settings(max_examples=100)
def test_scorers_equal_scikit_learns(pair):
    truth, predicted = pair
    options = {"y_true": truth, "y_pred": predicted, "zero_division": 0}
    expected = {
        "micro_f0.5": fbeta_score(**options, beta=0.5, average="micro"),
        "micro_f1": fbeta_score(**options, beta=1, average="micro"),
        "macro_f1": fbeta_score(**options, beta=1, average="macro"),
        "subset_accuracy": accuracy_score(truth, predicted),
    }
    for scorer, value in expected.items():
        ours = score_prediction(scorer, csr_array(truth), csr_array(predicted))
        assert ours == pytest.approx(value, abs=1e-12), scorer


def test_averages_of_three_articles_by_hand():
    truth = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]], dtype=bool)
    predicted = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0]], dtype=bool)
    averages = build_averages(count_outcomes(csr_array(truth), csr_array(predicted)))
    # tag a: right once. tag b: right once, missed once. tag c: wrong once, never true.
    assert averages["micro avg"] == Average(2 / 3, 2 / 3, 2 / 3, 3)
    assert averages["macro avg"] == Average(2 / 3, 1.5 / 3, (1 + 2 / 3) / 3, 3)
    assert averages["weighted avg"].f1_score == pytest.approx((1 * 1 + 2 * 2 / 3) / 3)
    # article 1: P 1, R 1/2; article 2: P 1/2, R 1; article 3 has nothing and counts as 0.
    assert averages["samples avg"] == Average(0.5, 0.5, pytest.approx(4 / 9), 3)


def test_the_report_counts_what_has_no_value():
    truth = csr_array(np.array([[1, 0, 0], [0, 0, 0]], dtype=bool))
    scores = np.array([[2.0, -1.0, 1.0], [-1.0, -2.0, -3.0]])
    cuts = {"zero": 0.0, "high": np.array([9.0, 9.0, 9.0])}
    report = build_report(truth, scores, cuts, at="zero", languages=["en", "zh"])
    assert report.zero_division.tags_never_predicted == 1
    assert report.zero_division.tags_without_articles == 2
    assert report.zero_division.articles_without_prediction == 1
    assert report.zero_division.articles_without_tags == 1
    assert (report.subset_accuracy, report.empty_rate, report.tags_per_article) == (0.5, 0.5, 1.0)
    assert report.averages == report.cuts["zero"]
    assert report.cuts["high"]["micro avg"] == Average(0.0, 0.0, 0.0, 1)
    assert report.per_language["en"]["micro avg"] == Average(0.5, 1.0, pytest.approx(2 / 3), 1)
    at_high = build_report(truth, scores, cuts, at="high", languages=["en", "en"])
    assert at_high.per_language["en"] == at_high.averages == report.cuts["high"]
    assert report.per_language["zh"]["micro avg"] == Average(0.0, 0.0, 0.0, 0)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (5, 1)])
@pytest.mark.parametrize("has_tags", [False, True])
def test_one_tag_and_one_article_are_reported(shape, has_tags):
    truth = csr_array(np.full(shape, has_tags))
    report = build_report(
        truth, np.ones(shape), {"zero": 0.0}, at="zero", languages=["en"] * shape[0]
    )
    value = 1.0 if has_tags else 0.0
    assert {average.f1_score for average in report.averages.values()} == {value}
    assert report.subset_accuracy == value
    assert list(report.precision_at) == [k for k in (1, 3, 5) if k <= shape[1]]


def test_a_score_at_the_threshold_is_not_predicted():
    assert predict(np.array([[0.0, 0.1]]), 0.0).toarray().tolist() == [[False, True]]


def test_precision_at_k_by_hand_with_ties_to_the_lower_column():
    truth = csr_array(np.array([[0, 1, 1], [1, 0, 0]], dtype=bool))
    hits = ranked_hits(truth, np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0]]))
    assert hits.tolist() == [[False, True, True], [False, False, True]]
    assert precision_at_k(hits, 1) == 0.0
    assert precision_at_k(hits, 2) == 0.25
    assert precision_at_k(hits, 3) == pytest.approx(0.5)


@given(st.integers(0, 1000), st.integers(1, 5))
@settings(max_examples=60)
def test_ndcg_equals_scikit_learns(seed, k):
    rng = np.random.default_rng(seed)
    truth, scores = rng.random((7, 5)) < 0.4, rng.random((7, 5))
    ours = ndcg_at_k(ranked_hits(csr_array(truth), scores), k)
    assert ours == pytest.approx(ndcg_score(truth, scores, k=k), abs=1e-12)


def test_matrices_of_unlike_shape_are_refused():
    with pytest.raises(ValueError, match="truth is"):
        count_outcomes(csr_array((2, 3), dtype=bool), csr_array((2, 2), dtype=bool))


def test_tags_without_test_articles_are_named_and_left_out_of_a_second_macro_f1():
    # Tag a: right in both articles. Tag b: in one of two. Tags c to i: in no article.
    truth = csr_array(np.array([[1, 1, *[0] * 7], [1, 0, *[0] * 7]], dtype=bool))
    predicted = csr_array(np.array([[1, 1, *[0] * 7], [1, 1, *[0] * 7]], dtype=bool))
    table = per_tag_table(truth, predicted, list("abcdefghi"))
    assert macro_f1_of_tested(table) == pytest.approx((1 + 2 / 3) / 2)
    assert untested_note(table) == (
        "7 of 9 tags have no test article (c, d, e, f, g and 2 more): how well they are suggested "
        "is not known, and macro F1 counts each of them as 0. The macro F1 of the other tags is "
        "0.833."
    )
    assert untested_note(table[:2]) is None
    assert macro_f1_of_tested(table[2:]) is None and "other tags" not in untested_note(table[2:])
