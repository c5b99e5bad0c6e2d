"""Whether runs may be compared, and their averages side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

MEASURES = ("precision", "recall", "f1-score")


@dataclass(frozen=True)
class Contender:
    """One run as a comparison sees it; `averages` are those of report.json."""

    name: str
    fingerprint: str
    tags: Sequence[str]
    test_ids: Sequence[str]
    averages: Mapping[str, Mapping[str, Any]]


def find_differences(contenders: Sequence[Contender]) -> list[str]:
    """Why the runs cannot be compared, a sentence each; empty if they can be.

    A comparison needs the same data, the same tags and the same test articles.
    """
    if len(contenders) < 2:
        return []
    first, *others = contenders
    sentences = []
    for other in others:
        unlike = []
        if other.fingerprint != first.fingerprint:
            unlike.append("other articles or texts")
        if list(other.tags) != list(first.tags):
            unlike.append(f"other tags ({len(other.tags)} instead of {len(first.tags)})")
        if set(other.test_ids) != set(first.test_ids):
            unlike.append("other test articles")
        if unlike:
            sentences.append(f"{other.name} has {', '.join(unlike)} than {first.name}.")
    return sentences


def side_by_side(contenders: Sequence[Contender]) -> pd.DataFrame:
    """Precision, recall and F1 of each average: one row each, one column a run.

    Two runs get a third column, the second minus the first.
    """
    table = pd.DataFrame(
        {
            contender.name: {
                (average, measure): figures[measure]
                for average, figures in contender.averages.items()
                for measure in MEASURES
            }
            for contender in contenders
        }
    ).rename_axis(["average", "measure"])
    if len(contenders) == 2:
        table["difference"] = table.iloc[:, 1] - table.iloc[:, 0]
    return table
