"""Comparisons: only of runs on the same data, tags and test articles."""

import dataclasses

import pytest

from core.evaluate.comparison import Contender, find_differences, side_by_side

FIGURES = {"precision": 0.5, "recall": 0.25, "f1-score": 0.375, "support": 8}
ONE = Contender("one", "print", ("a", "b"), ("1", "2"), {"micro avg": FIGURES})


def other(**changes):
    return dataclasses.replace(ONE, name="two", **changes)


def test_runs_on_the_same_test_articles_may_be_compared():
    assert find_differences([ONE]) == []
    assert find_differences([ONE, other(test_ids=("2", "1"))]) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fingerprint": "x"}, "two has other articles or texts than one."),
        ({"tags": ("a",)}, "two has other tags (1 instead of 2) than one."),
        ({"test_ids": ("1", "3")}, "two has other test articles than one."),
    ],
)
def test_unlike_runs_are_refused_with_what_differs(changes, sentence):
    assert find_differences([ONE, other(**changes)]) == [sentence]


def test_two_runs_stand_side_by_side_with_their_difference():
    better = other(averages={"micro avg": FIGURES | {"recall": 0.5}})
    table = side_by_side([ONE, better])
    assert table.columns.tolist() == ["one", "two", "difference"]
    assert table.loc[("micro avg", "recall")].tolist() == [0.25, 0.5, 0.25]
    assert len(table) == 3
    assert side_by_side([ONE, better, other()]).columns.tolist()[-1] != "difference"
