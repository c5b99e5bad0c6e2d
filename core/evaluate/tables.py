"""A comparison as data frames: one row a tag, and one row a run and band of tag frequency."""

from collections.abc import Sequence

import pandas as pd

from core.base.numbers import signed
from core.evaluate.comparison import Comparison


def band_table(comparison: Comparison, sizes: Sequence[int]) -> pd.DataFrame:
    """Columns run, training articles (the band), tags, F1, difference, low, high.

    sizes: tags in each band. difference, low, high: against the reference, with the ends of its
    95% interval; empty for the reference itself.
    """
    rows = []
    for row, size in zip(comparison.bands, sizes, strict=True):
        for name, value, d in zip(comparison.names, row.values, row.differences, strict=True):
            gap = (None, None, None) if d is None else (d.value, d.low, d.high)
            rows.append((name, row.figure, size, value, *gap))
    columns = ["run", "training articles", "tags", "F1", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def tag_table(
    comparison: Comparison, counts: Sequence[int], support: Sequence[int]
) -> pd.DataFrame:
    """One row a tag with every run's F1, and what the others gain on the reference.

    counts, support: training and test articles of each tag, (K,). Tags on which the first of the
    other runs gains most come first. A gain is marked with * where its 95% interval excludes 0.
    """
    columns: dict[str, Sequence[object]] = {
        "tag": [row.figure for row in comparison.tags],
        "in training": counts,
        "support": support,
    }
    for place, name in enumerate(comparison.names):
        columns[f"F1 {name}"] = [row.values[place] for row in comparison.tags]
    gains = []
    for place, name in enumerate(comparison.names):
        found = [d for row in comparison.tags if (d := row.differences[place]) is not None]
        if found:
            gains.append(f"{name} gains")
            columns[gains[-1]] = [d.value for d in found]
            columns[f"{name} gains 95%"] = [
                f"{signed(d.low)} to {signed(d.high)}{' *' if d.is_sure else ''}" for d in found
            ]
    table = pd.DataFrame(columns)
    return table.sort_values(gains[0], ascending=False, kind="stable") if gains else table
