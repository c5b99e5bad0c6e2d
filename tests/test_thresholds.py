"""The threshold solver against brute force, and what it says where a goal is out of reach."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from sklearn.metrics import precision_recall_fscore_support

from core.base.errors import ConfigError
from core.evaluate.cut_cost import change_sentence, changed_tags, count_figures
from core.metrics.decision import Decision
from core.metrics.sorted_scores import SortedScores
from core.models.cut_solver import Goal, solve_cut, solve_tag_cuts
from core.models.thresholds import best_cut

parts = st.tuples(st.integers(1, 7), st.integers(2, 4)).flatmap(
    lambda shape: st.tuples(
        arrays(bool, shape),
        arrays(np.float32, shape, elements=st.sampled_from([-2.0, -0.5, 0.0, 0.25, 1.0, 3.0])),
    )
)
goals = st.one_of(
    st.builds(Goal, st.just("precision"), st.sampled_from([0.3, 0.5, 2 / 3, 0.8, 1.0])),
    st.builds(Goal, st.just("recall"), st.sampled_from([0.3, 0.5, 2 / 3, 0.8, 1.0])),
    st.builds(Goal, st.just("f_beta"), st.just(0.5), st.sampled_from([0.5, 1.0, 2.0])),
)
averages = st.sampled_from(["micro avg", "macro avg", "weighted avg", "samples avg"])


def candidates(scores):
    """Every cut that can part the scores, highest first; the last one is below them all."""
    values = np.unique(scores)[::-1].astype(float)
    return [*((values[:-1] + values[1:]) / 2), values[-1] - 0.5]


def brute_force(truth, scores, goal, average):
    """The highest cut with the best figure among those that meet the goal, or None."""
    best = None
    for cut in candidates(scores):
        precision, recall, f_beta, _ = precision_recall_fscore_support(
            truth, scores > cut, beta=goal.beta, average=average, zero_division=0
        )
        value = {"precision": recall, "recall": precision, "f_beta": f_beta}[goal.measure]
        reached = {"precision": precision, "recall": recall, "f_beta": 9}[goal.measure]
        if reached >= goal.target - 1e-9 and (best is None or value > best[1] + 1e-9):
            best = (cut, value)
    return best and best[0]


@given(parts, goals, averages)
@settings(max_examples=60)
def test_the_common_cut_equals_brute_force(part, goal, average):
    truth, scores = part
    sorted_scores = SortedScores.build(csr_array(truth), scores)
    expected = brute_force(truth, scores, goal, average.split()[0])
    if expected is None:
        with pytest.raises(ConfigError, match="cannot be reached on the held-out articles"):
            solve_cut(sorted_scores, goal, average=average)
        return
    found = solve_cut(sorted_scores, goal, average=average)
    figures = {}
    for name, cut in (("ours", found), ("theirs", expected)):
        figures[name] = precision_recall_fscore_support(
            truth, scores > cut, beta=goal.beta, average=average.split()[0], zero_division=0
        )[:3]
    # Figures that differ by rounding alone may swap equal cuts of a running sum.
    assert figures["ours"] == pytest.approx(figures["theirs"], abs=1e-9) or found == expected
    if average == "micro avg":
        assert found == expected


@given(parts, goals)
@settings(max_examples=60)
def test_each_tags_own_cut_equals_brute_force(part, goal):
    truth, scores = part
    sorted_scores = SortedScores.build(csr_array(truth), scores)
    common = brute_force(truth, scores, goal, "micro")
    assume(common is not None)
    found = solve_tag_cuts(sorted_scores, goal, min_support=1, smoothing=0)
    assert found.common == common
    for column in range(truth.shape[1]):
        one_tag = (truth[:, column], scores[:, column])
        own = brute_force(*one_tag, goal, "binary") if truth[:, column].any() else None
        assert found.cuts[column] == (common if own is None else own)
        assert found.own[column] == (own is not None)
        assert found.out_of_reach[column] == (own is None and truth[:, column].any())


@given(parts, st.sampled_from([0.5, 1.0, 2.0]))
def test_the_best_f_beta_is_where_the_trainer_puts_it(part, beta):
    truth, scores = part
    assume(truth.any())
    found = solve_cut(SortedScores.build(csr_array(truth), scores), Goal("f_beta", beta=beta))
    assert found == best_cut(truth.ravel(), scores.ravel(), beta=beta)


def two_tags():
    """A tag in 10 articles that parts at 2.5 and one in 30 that parts at -3.5."""
    truth = np.zeros((60, 2), bool)
    truth[:10, 0] = truth[:30, 1] = True
    scores = np.where(truth, [3.0, -3.0], [2.0, -4.0]).astype(np.float32)
    return SortedScores.build(csr_array(truth), scores)


def test_a_rare_tags_cut_is_drawn_towards_the_common_one():
    sorted_scores, goal = two_tags(), Goal("f_beta")
    common = solve_cut(sorted_scores, goal)
    found = solve_tag_cuts(sorted_scores, goal, min_support=1, smoothing=10)
    # 10 of 20 parts its own and 10 the common one; 30 of 40 and 10 for the frequent tag.
    expected = [0.5 * 2.5 + 0.5 * common, 0.75 * -3.5 + 0.25 * common]
    assert found.cuts.tolist() == pytest.approx(expected)
    assert found.own.tolist() == [True, True]


def test_a_tag_under_the_minimum_keeps_the_common_cut():
    found = solve_tag_cuts(two_tags(), Goal("f_beta"), min_support=11, smoothing=0)
    assert found.cuts.tolist() == [found.common, -3.5]
    assert found.own.tolist() == [False, True]
    assert found.out_of_reach.tolist() == [False, False]


def test_a_goal_out_of_reach_says_the_highest_that_is_not():
    truth = np.array([[True, False], [False, True], [False, False]])
    scores = np.array([[0.5, 1.0], [0.0, 0.25], [0.0, 0.0]], np.float32)
    sentence = (
        "A micro precision of 0.8 cannot be reached on the held-out articles: the highest is "
        "0.667, at the cut 0.125 with a recall of 1.000. Ask for no more than that."
    )
    with pytest.raises(ConfigError) as error:
        solve_cut(SortedScores.build(csr_array(truth), scores), Goal("precision", 0.8))
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("goal", "sentence"),
    [
        (Goal("precision", 1.5), "A precision of 1.5 cannot be a goal"),
        (Goal("recall", 0.0), "A recall of 0 cannot be a goal"),
        (Goal("f_beta", beta=0), "Beta is 0"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused(goal, sentence):
    with pytest.raises(ConfigError, match=sentence):
        solve_cut(two_tags(), goal)


def test_goals_are_named_for_people():
    assert [str(Goal("precision", 0.8)), str(Goal("f_beta", beta=0.5))] == [
        "precision 0.8",
        "best F0.5",
    ]


def test_a_cuts_cost_is_counted_in_tags_and_articles():
    truth = csr_array(np.array([[1, 1], [0, 1], [0, 0]], dtype=bool))
    scores = np.array([[2.0, 0.5], [1.0, 2.0], [-1.0, -1.0]], np.float32)
    sorted_scores = SortedScores.build(truth, scores)
    low, high = (count_figures(sorted_scores, Decision(np.full(2, cut))) for cut in (0.0, 1.5))
    assert (low.right, low.missed, low.wrong) == (3, 0, 1)
    assert (high.right, high.missed, high.wrong) == (2, 1, 0)
    assert low.empty_rate == pytest.approx(1 / 3)
    assert low.tags_per_article == pytest.approx(4 / 3)
    assert change_sentence(low, high) == "1 more tag missed, 1 fewer wrong."
    assert change_sentence(high, low) == "1 fewer tag missed, 1 more wrong."
    assert change_sentence(low, low) == "The same tags as at the saved cut."
    changed = changed_tags(low, high, ["a", "b"])
    assert changed[["tag", "missed", "wrong"]].values.tolist() == [["a", 0, -1], ["b", 1, 0]]
    assert changed["recall"].tolist() == [1.0, 0.5]
    assert changed_tags(low, low, ["a", "b"]).empty
