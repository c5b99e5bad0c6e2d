"""F1 against the number of labelled articles, and which tags would gain from more."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.evaluate.bootstrap import RESAMPLES, SEED, draw_weights, percentile_interval
from core.evaluate.comparison import Difference
from core.evaluate.findings import HEADLINES, interval_text
from core.evaluate.outcomes import ArticleOutcomes, weighted_figures

FloatArray = NDArray[np.float64]
CURVE_NOTE = "95% intervals over the test articles and over which training articles were drawn"
_GAINS = "gains"
# Of a 95% interval: that it lies above 0 by chance.
_CHANCE = 0.025


@dataclass(frozen=True)
class CurveLine:
    """F1 of an average or a tag at each size, 0..1: the mean of the repeats.

    low, high: ends of the 95% interval at each size. growth: from the last size but one to the
    last.
    """

    name: str
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    growth: Difference


@dataclass(frozen=True)
class LearningCurve:
    """One way of training on ever more articles, tested on the same ones.

    sizes: training articles, ascending; the last are all there are. repeats: drawings of each
    smaller size. averages: micro and macro F1. training, support: articles of each tag in the
    whole training part and in the test part.
    """

    sizes: tuple[int, ...]
    repeats: int
    test_articles: int
    averages: tuple[CurveLine, ...]
    tags: tuple[CurveLine, ...]
    training: tuple[int, ...]
    support: tuple[int, ...]

    def line(self, name: str) -> CurveLine:
        """The line of an average or a tag. Raises StopIteration if none has that name."""
        return next(line for line in (*self.averages, *self.tags) if line.name == name)

    def per_doubling(self, line: CurveLine) -> float:
        """The line's slope between its last two sizes: F1 gained by twice as many articles."""
        return line.growth.value / log2(self.sizes[-1] / self.sizes[-2])


def build_learning_curve(
    measured: Sequence[Sequence[ArticleOutcomes]],
    *,
    sizes: Sequence[int],
    tags: Sequence[str],
    training: Sequence[int],
    resamples: int = RESAMPLES,
) -> LearningCurve:
    """Build the curve of F1 over training sizes from what each training did with the test articles.

    measured: of each size, the outcomes of each of its repeats on the same test articles. tags:
    (K,); training: training articles of each tag at the last size.
    An interval is over test articles and over which training articles were drawn: each resample
    draws the former anew and takes one of the repeats, the same for every size.
    """
    first = measured[0][0]
    articles = first.truth.shape[0]
    drawn = np.concatenate(
        [_of_block(measured, weights) for weights in draw_weights(articles, resamples, SEED)]
    )
    once = np.ones((1, articles))
    means = np.array([np.mean([_f1(one, once)[0] for one in of_size], 0) for of_size in measured])
    at_size = [percentile_interval(drawn[:, size]) for size in range(len(measured))]
    grown = percentile_interval(drawn[:, -1] - drawn[:, -2])
    lines = [
        CurveLine(
            name,
            tuple(means[:, column].tolist()),
            tuple(float(ends.low[column]) for ends in at_size),
            tuple(float(ends.high[column]) for ends in at_size),
            Difference(
                float(means[-1, column] - means[-2, column]),
                float(grown.low[column]),
                float(grown.high[column]),
            ),
        )
        for column, name in enumerate((*HEADLINES, *tags))
    ]
    return LearningCurve(
        sizes=tuple(sizes),
        repeats=max(map(len, measured)),
        test_articles=articles,
        averages=tuple(lines[: len(HEADLINES)]),
        tags=tuple(lines[len(HEADLINES) :]),
        training=tuple(training),
        support=tuple(np.asarray(first.truth.sum(axis=0)).ravel().tolist()),
    )


def size_table(curve: LearningCurve) -> pd.DataFrame:
    """List every line at every size. Columns: of, training articles, F1, low, high (0..1)."""
    return pd.DataFrame(
        [
            (line.name, *point)
            for line in (*curve.averages, *curve.tags)
            for point in zip(curve.sizes, line.values, line.low, line.high, strict=True)
        ],
        columns=["of", "training articles", "F1", "low", "high"],
    )


def tag_gains(curve: LearningCurve) -> pd.DataFrame:
    """List what the last step gave each tag, sure gains first, then the largest.

    Columns: tag, training articles, test articles, F1 at either size, gain with its 95% interval
    (low, high), per doubling (F1 for twice as many articles), verdict.
    """
    before, last = (f"F1 at {size:,}" for size in curve.sizes[-2:])
    tags = sorted(
        zip(curve.tags, curve.training, curve.support, strict=True),
        key=lambda tag: (_verdict(tag[0].growth) != _GAINS, -tag[0].growth.value),
    )
    rows = [
        {
            "tag": line.name,
            "training articles": training,
            "test articles": support,
            before: line.values[-2],
            last: line.values[-1],
            "gain": line.growth.value,
            "low": line.growth.low,
            "high": line.growth.high,
            "per doubling": curve.per_doubling(line),
            "verdict": _verdict(line.growth),
        }
        for line, training, support in tags
    ]
    return pd.DataFrame(rows)


def state_growth(curve: LearningCurve, line: CurveLine) -> str:
    """Say whether the last articles helped, and what twice as many may bring."""
    start, end = curve.sizes[-2:]
    step = f"{interval_text(line.growth)} from {start:,} to {end:,} training articles"
    if not line.growth.is_sure:
        return f"{line.name}: {step}, which may be chance. More articles may bring little."
    if line.growth.value < 0:
        return f"{line.name}: {step}. It fell: look at what was added before labelling more."
    more = curve.per_doubling(line)
    return f"{line.name} still rises: {step}. Twice as many bring about {more:+.3f} if it goes on."


def state_tag_gains(curve: LearningCurve) -> str:
    """Say how many tags gained, and how many of such gains may be chance."""
    gained = sum(_verdict(line.growth) == _GAINS for line in curve.tags)
    by_chance = _CHANCE * len(curve.tags)
    return (
        f"{gained:,} of {len(curve.tags):,} tags gained by the last step for sure; "
        f"about {by_chance:.0f} would seem to by chance."
    )


def _verdict(growth: Difference) -> str:
    if not growth.is_sure:
        return "may be chance"
    return _GAINS if growth.value > 0 else "loses"


def _of_block(measured: Sequence[Sequence[ArticleOutcomes]], weights: FloatArray) -> FloatArray:
    """F1 under b weightings at each size, (b, sizes, lines)."""
    lines = len(HEADLINES) + measured[0][0].truth.shape[1]
    block = np.empty((len(weights), len(measured), lines))
    for size, of_size in enumerate(measured):
        for repeat, one in enumerate(of_size):
            own = slice(repeat, None, len(of_size))
            block[own, size] = _f1(one, weights[own])
    return block


def _f1(outcomes: ArticleOutcomes, weights: FloatArray) -> FloatArray:
    """Micro and macro F1 and that of each tag, (b, 2 + K)."""
    measured = weighted_figures(outcomes, weights)
    columns = [outcomes.figure_names.index(name) for name in HEADLINES]
    return np.hstack([measured.figures[:, columns], measured.tag_f1])
