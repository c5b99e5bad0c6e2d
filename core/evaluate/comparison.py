"""Whether runs may be compared, and by how much each differs from one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.base.errors import ConfigError
from core.evaluate.bands import Band
from core.evaluate.bootstrap import RESAMPLES, Intervals, bootstrap_differences
from core.evaluate.outcomes import (
    ArticleOutcomes,
    build_outcomes,
    group_means,
    weighted_figures,
)
from core.metrics.counts import predict

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Contender:
    """One run as a comparison sees it: what it says of each test article.

    truth: bool (n, K); scores: (n, K); a tag is predicted where its score is above its cut, (K,).
    Rows are the articles of `test_ids`, columns the tags.
    """

    name: str
    fingerprint: str
    tags: Sequence[str]
    test_ids: Sequence[str]
    truth: csr_array
    scores: NDArray[np.floating]
    cuts: FloatArray

    @cached_property
    def outcomes(self) -> ArticleOutcomes:
        """What the run did with each test article."""
        return build_outcomes(self.truth, self.scores, predict(self.scores, self.cuts))


@dataclass(frozen=True)
class Difference:
    """Of a run to the reference run, with its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Row:
    """One figure (or a tag's or a band's F1) of every run, in the order of the runs.

    differences: None for the reference itself, and for all runs where there is no comparison.
    """

    figure: str
    values: tuple[float, ...]
    differences: tuple[Difference | None, ...]


@dataclass(frozen=True)
class Comparison:
    """Runs side by side; reference: the one among `names` that the others are compared with.

    support: true (article, tag) pairs of the test part. bands, tags: F1 by tag frequency
    (mean of the tags' F1) and of each tag, in 0..1.
    """

    names: tuple[str, ...]
    reference: str
    support: int
    articles: int
    figures: tuple[Row, ...]
    bands: tuple[Row, ...]
    tags: tuple[Row, ...]


def find_mismatches(contenders: Sequence[Contender]) -> list[str]:
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


def compare(
    contenders: Sequence[Contender],
    *,
    reference: str,
    bands: Sequence[Band] = (),
    resamples: int = RESAMPLES,
) -> Comparison:
    """Compare each contender with the one named `reference`.

    contenders: with the same test articles in the same order. bands: groups of tags whose mean F1
    is compared too. resamples: of the bootstrap that the intervals come from.
    Raises ConfigError if the contenders do not match or none has that name.
    """
    names = tuple(contender.name for contender in contenders)
    _require_comparable(contenders, reference)
    measures = [partial(_measure, c.outcomes, [band.columns for band in bands]) for c in contenders]
    once = np.ones((1, len(contenders[0].test_ids)))
    base = names.index(reference)
    others = [number for number in range(len(names)) if number != base]
    intervals = bootstrap_differences(
        [measures[number] for number in others],
        measures[base],
        articles=once.size,
        resamples=resamples,
    )
    first = contenders[0]
    figures, ranges = first.outcomes.figure_names, [band.name for band in bands]
    rows = _rows(
        [*figures, *ranges, *first.tags],
        [measure(once)[0] for measure in measures],
        base,
        dict(zip(others, intervals, strict=True)),
    )
    end_of_bands = len(figures) + len(ranges)
    return Comparison(
        names=names,
        reference=reference,
        support=int(first.truth.sum()),
        articles=once.size,
        figures=rows[: len(figures)],
        bands=rows[len(figures) : end_of_bands],
        tags=rows[end_of_bands:],
    )


def _require_comparable(contenders: Sequence[Contender], reference: str) -> None:
    if sentences := find_mismatches(contenders):
        raise ConfigError("This is no comparison. " + " ".join(sentences))
    names = [contender.name for contender in contenders]
    if reference not in names:
        raise ConfigError(f"No run here is {reference!r}. The runs are: {', '.join(names)}.")
    if any(list(c.test_ids) != list(contenders[0].test_ids) for c in contenders):
        raise ValueError("the contenders' test articles are in different orders")


def _measure(
    outcomes: ArticleOutcomes, groups: Sequence[NDArray[np.int64]], weights: FloatArray
) -> FloatArray:
    """Figures, bands and tags under b weightings of the articles: (b, f + bands + K)."""
    measured = weighted_figures(outcomes, weights)
    return np.hstack([measured.figures, group_means(measured.tag_f1, groups), measured.tag_f1])


def _rows(
    labels: Sequence[str],
    values: Sequence[FloatArray],
    base: int,
    intervals: Mapping[int, Intervals],
) -> tuple[Row, ...]:
    rows = []
    for column, label in enumerate(labels):
        of_runs = [float(line[column]) for line in values]
        differences = tuple(
            Difference(
                of_runs[number] - of_runs[base],
                float(intervals[number].low[column]),
                float(intervals[number].high[column]),
            )
            if number in intervals
            else None
            for number in range(len(of_runs))
        )
        rows.append(Row(label, tuple(of_runs), differences))
    return tuple(rows)
