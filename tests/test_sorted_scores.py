"""The sorted_scores and its curves against scikit-learn and against a plain recount."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from sklearn.metrics import classification_report, precision_recall_fscore_support

from core.metrics.averages import AVERAGES, build_averages
from core.metrics.counts import count_outcomes
from core.metrics.curves import average_curve, tag_curve
from core.metrics.decision import Decision, top_cells
from core.metrics.report import averages_json
from core.metrics.sorted_scores import SortedScores, round_down

# Few distinct values, so that equal scores and scores at the cut are common.
scores_of = st.tuples(st.integers(1, 9), st.integers(2, 6)).flatmap(
    lambda shape: st.tuples(
        arrays(bool, shape),
        arrays(np.float32, shape, elements=st.sampled_from([-1.5, -0.1, 0.0, 0.1, 0.3, 2.0])),
        arrays(np.float64, shape[1], elements=st.sampled_from([-1.0, 0.0, 0.1, 0.3, 9.0])),
    )
)


def random_part(rng, articles=40, tags=8):
    truth = rng.random((articles, tags)) < rng.random(tags) * 0.4
    return truth, (truth + rng.normal(0, 1, truth.shape)).astype(np.float32)


@pytest.mark.parametrize("seed", range(50))
def test_every_average_equals_scikit_learns_at_a_random_cut(seed):
    rng = np.random.default_rng(seed)
    truth, scores = random_part(
        rng, articles=int(rng.integers(1, 60)), tags=int(rng.integers(2, 9))
    )
    cut = rng.normal(0.5, 0.7)
    thresholds = np.full(truth.shape[1], cut)
    if seed % 2:
        thresholds = thresholds + rng.normal(0, 0.5, truth.shape[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = classification_report(
            truth, scores.astype(float) > thresholds, output_dict=True, zero_division=0
        )
    sorted_scores = SortedScores.build(csr_array(truth), scores)
    ours = averages_json(build_averages(sorted_scores.count(Decision(thresholds))))
    for average in AVERAGES:
        for measure, value in ours[average].items():
            assert value == pytest.approx(theirs[average][measure], abs=1e-12), (average, measure)


@given(scores_of, st.integers(0, 3), st.one_of(st.none(), st.integers(0, 7)), st.booleans())
def test_a_recount_equals_counting_the_tags_taken(part, at_least, at_most, uniform):
    truth, scores, thresholds = part
    if at_most is not None and at_most < at_least:
        at_most = at_least
    if uniform:
        thresholds = np.full_like(thresholds, thresholds[0])
    decision = Decision(thresholds, at_least, at_most)
    counts = SortedScores.build(csr_array(truth), scores).count(decision)
    plain = count_outcomes(csr_array(truth), csr_array(decision.take(scores)))
    for ours, theirs in ((counts.by_tag, plain.by_tag), (counts.by_article, plain.by_article)):
        assert ours.true_positives.tolist() == theirs.true_positives.tolist()
        assert ours.predicted.tolist() == theirs.predicted.tolist()
        assert ours.support.tolist() == theirs.support.tolist()


def test_a_decision_by_hand():
    scores = np.array([[0.5, 0.2, -1.0], [-0.2, -0.1, -3.0]])
    thresholds = np.array([0.0, 0.0, -2.0])
    assert Decision(thresholds).take(scores).tolist() == [[True, True, True], [False] * 3]
    # Furthest above its own cut: the third tag of the first article, the second of the second.
    one = Decision(thresholds, at_least=1, at_most=1).take(scores)
    assert one.tolist() == [[False, False, True], [False, True, False]]
    assert Decision(thresholds, at_least=1).take(scores)[1].tolist() == [False, True, False]
    two = Decision(np.zeros(3), at_least=2, at_most=2).take(scores)
    assert two.tolist() == [[True, True, False], [True, True, False]]


@given(arrays(np.float32, (4, 5), elements=st.sampled_from([0.0, 1.0, 2.0])), st.integers(0, 6))
def test_the_top_cells_are_those_of_a_stable_sort(values, k):
    expected = np.zeros(values.shape, bool)
    np.put_along_axis(expected, np.argsort(-values, axis=1, kind="stable")[:, :k], True, axis=1)
    assert top_cells(values, k).tolist() == expected.tolist()


def test_a_cut_that_float32_cannot_hold_takes_the_same_scores():
    scores = np.array([[0.1]], dtype=np.float32)  # a little above 0.1
    sorted_scores = SortedScores.build(csr_array(np.array([[True]])), scores)
    assert float(scores[0, 0]) > 0.1
    assert sorted_scores.count(Decision(np.array([0.1]))).by_tag.predicted.tolist() == [1]
    assert sorted_scores.count(Decision(scores[0].astype(float))).by_tag.predicted.tolist() == [0]
    huge = round_down(np.array([1e300, -1e300]), np.dtype(np.float32))
    assert huge[0] == np.finfo(np.float32).max and huge[1] == -np.inf


@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("beta", [0.5, 2.0])
def test_a_curve_holds_scikit_learns_figures_at_each_of_its_cuts(average, beta):
    truth, scores = random_part(np.random.default_rng(5), articles=12, tags=5)
    scores = scores.round(1)  # equal scores within and between tags
    truth[:, 4] = False
    curve = average_curve(SortedScores.build(csr_array(truth), scores), average, beta=beta)
    assert len(curve.cuts) == len(np.unique(scores)) < scores.size
    for place, cut in enumerate(curve.cuts):
        theirs = precision_recall_fscore_support(
            truth, scores > cut, beta=beta, average=average.split()[0], zero_division=0
        )
        ours = (curve.precision[place], curve.recall[place], curve.f_beta[place])
        assert ours == pytest.approx(theirs[:3], abs=1e-9)


def test_each_tag_has_a_curve_of_its_own():
    truth, scores = random_part(np.random.default_rng(6), articles=15, tags=4)
    part = SortedScores.build(csr_array(truth), scores)
    for tag in range(4):
        curve = tag_curve(part, tag)
        assert len(curve.cuts) == 15
        figures = zip(curve.precision, curve.recall, curve.f_beta, strict=True)
        for cut, ours in zip(curve.cuts, figures, strict=True):
            theirs = precision_recall_fscore_support(
                truth[:, tag], scores[:, tag] > cut, average="binary", zero_division=0
            )
            assert ours == pytest.approx(theirs[:3])


def test_parts_of_unlike_shape_are_refused():
    with pytest.raises(ValueError, match="truth is"):
        SortedScores.build(csr_array((2, 3), dtype=bool), np.zeros((2, 2), np.float32))
