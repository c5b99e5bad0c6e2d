"""What a comparison found, in sentences."""

from collections.abc import Sequence
from itertools import groupby

from core.base.numbers import signed
from core.evaluate.comparison import Comparison, Difference, Row

HEADLINES = ("micro F1", "macro F1")
_MOST_FINDINGS = 2


def state_verdicts(comparison: Comparison) -> list[str]:
    """Say of every run but the reference whether it is ahead, behind, or neither for sure."""
    rows = [row for row in comparison.figures if row.figure in HEADLINES]
    return [
        _verdict(name, comparison.reference, [(row.figure, row.differences[n]) for row in rows])
        for n, name in enumerate(comparison.names)
        if name != comparison.reference
    ]


def state_band_findings(comparison: Comparison) -> list[str]:
    """Say of one or two other runs where by tag frequency they differ, in a sentence each.

    Of more runs, the one sentence only names the bands.
    """
    reference = comparison.reference
    others = [n for n, name in enumerate(comparison.names) if name != reference]
    if not 1 <= len(others) <= _MOST_FINDINGS:
        return ["F1 by how often a tag was seen in training"]
    lines = []
    for position in others:
        name = comparison.names[position]
        line = state_finding(comparison.bands, run=name, reference=reference, position=position)
        is_clear = len(others) == 1 or line.startswith("No sure")
        lines.append(line if is_clear else f"{line} ({name} against {reference})")
    return lines


def state_finding(rows: Sequence[Row], *, run: str, reference: str, position: int) -> str:
    """Say in which bands one run surely beats the reference, as a chart's title.

    rows: of the bands, rarest first; position: the run's among each row's differences.
    """
    winners = [_winner(row, position, run, reference) for row in rows]
    if not any(winners):
        return f"No sure difference between {run} and {reference} at any tag frequency"
    if len(set(winners)) == 1:
        return f"{winners[0]} ahead at every tag frequency"
    parts = []
    for winner in dict.fromkeys(filter(None, winners)):
        wins = [(index, found == winner) for index, found in enumerate(winners)]
        spans = [list(span) for won, span in groupby(wins, key=lambda item: item[1]) if won]
        names = " and ".join(_span([rows[index].figure for index, _ in span]) for span in spans)
        parts.append(f"{winner} ahead on tags with {names} training articles")
    return "; ".join(parts)


def _winner(row: Row, position: int, run: str, reference: str) -> str:
    difference = row.differences[position]
    if difference is None or not difference.is_sure:
        return ""
    return run if difference.value > 0 else reference


def _span(names: Sequence[str]) -> str:
    """ "fewer than 20", "20-39" and "40-79" together are "fewer than 80"."""
    first, last = names[0], names[-1]
    if first == last:
        return first
    start, end = first.split("\N{EN DASH}")[0], last.split("\N{EN DASH}")[-1]
    if first.startswith("fewer than"):
        return f"fewer than {int(end) + 1}"
    return f"{start} and more" if last.endswith("more") else f"{start}\N{EN DASH}{end}"


def _verdict(run: str, reference: str, differences: Sequence[tuple[str, Difference | None]]) -> str:
    known = [(figure, d) for figure, d in differences if d is not None]
    figures = ", ".join(f"{figure} {interval_text(d)}" for figure, d in known)
    places = []
    for word, sign in (("ahead of", 1), ("behind", -1)):
        sure = [figure for figure, d in known if d.is_sure and sign * d.value > 0]
        if sure:
            where = "" if len(sure) == len(known) else f" in {' and '.join(sure)}"
            places.append(f"{word} {reference}{where}")
    place = " and ".join(places) or f"neither ahead of {reference} nor behind it for sure"
    return f"{run} {place}: {figures}."


def interval_text(difference: Difference) -> str:
    """Write a difference with its interval and with true minus signs.

    >>> interval_text(Difference(0.021, 0.005, 0.037))
    '+0.021 [+0.005, +0.037]'
    """
    return f"{signed(difference.value)} [{signed(difference.low)}, {signed(difference.high)}]"
