"""Comparisons: only of runs on the same data, tags and test articles."""

import dataclasses

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.base.errors import ConfigError
from core.evaluate.comparison import Contender, compare, find_mismatches

TRUTH = np.array([[True, False], [False, True], [True, True]])
ONE = Contender(
    name="one",
    fingerprint="print",
    tags=("a", "b"),
    test_ids=("1", "2", "3"),
    truth=csr_array(TRUTH),
    scores=np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]),
    cuts=np.array([0.5, 0.5]),
)


def other(**changes):
    return dataclasses.replace(ONE, name="two", **changes)


def test_runs_on_the_same_test_articles_may_be_compared():
    assert find_mismatches([ONE]) == []
    assert find_mismatches([ONE, other(test_ids=("2", "1", "3"))]) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fingerprint": "x"}, "two has other articles or texts than one."),
        ({"tags": ("a",)}, "two has other tags (1 instead of 2) than one."),
        ({"test_ids": ("1", "2", "4")}, "two has other test articles than one."),
    ],
)
def test_unlike_runs_are_refused_with_what_differs(changes, sentence):
    assert find_mismatches([ONE, other(**changes)]) == [sentence]
    with pytest.raises(ConfigError, match=r"This is no comparison\. two has other"):
        compare([ONE, other(**changes)], reference="one")


def test_two_runs_stand_side_by_side_with_their_difference():
    """One run misses tag b of the third article (recall 3 of 4), the other has all four tags."""
    better = other(cuts=np.array([0.5, 0.25]))
    found = compare([ONE, better], reference="one")
    assert (found.names, found.reference, found.support, found.articles) == (
        ("one", "two"),
        "one",
        4,
        3,
    )
    rows = {row.figure: row for row in (*found.figures, *found.tags)}
    assert rows["micro recall"].values == (0.75, 1.0)
    none, difference = rows["micro recall"].differences
    assert none is None
    assert difference.value == 0.25
    assert 0 == difference.low < difference.high
    assert not difference.is_sure
    assert rows["subset accuracy"].values == (pytest.approx(2 / 3), 1.0)
    assert rows["a"].values == (1.0, 1.0)
    assert rows["b"].values == (pytest.approx(2 / 3), 1.0)
    turned = compare([ONE, better], reference="two")
    assert {row.figure: row for row in turned.figures}["micro recall"].differences[0].value == -0.25


def test_a_difference_that_holds_in_every_resample_is_sure():
    worst = other(cuts=np.array([9.0, 9.0]))
    found = compare([ONE, worst], reference="one")
    difference = found.figures[2].differences[1]
    assert found.figures[2].figure == "micro F1"
    assert difference.is_sure and difference.high < 0


def test_one_run_alone_has_figures_and_no_difference():
    found = compare([ONE], reference="one")
    assert found.figures[1].values == (0.75,)
    assert found.figures[1].differences == (None,)


def test_a_reference_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match=r"No run here is 'three'\. The runs are: one\."):
        compare([ONE], reference="three")
