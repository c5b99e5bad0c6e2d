"""The story's figures from finished runs on a real set."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from core.articles.article import Article
from core.base.errors import DataError
from core.evaluate.comparison import Comparison, find_mismatches
from core.evaluate.findings import HEADLINES
from core.metrics.averages import MACRO, MICRO
from core.metrics.curves import Curve, average_curve
from core.metrics.sorted_scores import SortedScores
from core.runs.lineup import build_contender, line_up, training_counts
from core.runs.store import Run
from core.study.story import (
    BandScore,
    CutCurve,
    CutPoint,
    Duel,
    Gap,
    PresetFigures,
    Provenance,
    Story,
    TailBand,
)

KEYWORDS, VECTORS, FINE_TUNED = "fixed-08", "fixed-05", "fixed-06"
_RIVALS = (VECTORS, FINE_TUNED)
_TAIL_STARTS = (1, 2, 3, 5, 10, 20, 40, 80, 160)
_CUT_POINTS = 80
_DIGITS = 4


def build_story(runs: Sequence[Run], articles: Sequence[Article]) -> Story:
    """runs: newest first, the newest of each preset counts; articles: the set they learnt from.

    Raises DataError if a run learnt from the embedded sample, of which no figure is a result.
    """
    if sample := next((run for run in runs if run.is_of_sample), None):
        raise DataError(f"Run {sample.id} learnt from the sample. Give runs on a real set.")
    newest = {run.config.preset: run for run in reversed(runs)}
    of_study = {name: run for name, run in sorted(newest.items()) if name and "-" in name}
    if not of_study:
        raise DataError(
            "There is no run of a preset. Run the study first: python -m core run study"
        )
    return Story(
        source=_source(list(of_study.values()), articles),
        tail=build_tail(articles),
        measured={name: _measured(run) for name, run in of_study.items()},
        cuts=_cuts(newest[KEYWORDS]) if KEYWORDS in newest else None,
        duel=_duel({name: newest[name] for name in (KEYWORDS, *_RIVALS) if name in newest}),
    )


def build_tail(articles: Sequence[Article]) -> tuple[TailBand, ...]:
    """Tags by how many articles they have, rarest first."""
    counts = Counter(tag for article in articles for tag in set(article.tags))
    ends = [start - 1 for start in _TAIL_STARTS[1:]]
    bands = []
    for low, high in zip(_TAIL_STARTS, [*ends, None], strict=True):
        inside = [n for n in counts.values() if n >= low and (high is None or n <= high)]
        bands.append(TailBand(low, high, len(inside), sum(inside)))
    return tuple(bands)


def _source(runs: Sequence[Run], articles: Sequence[Article]) -> Provenance:
    newest = max(run.id for run in runs)
    encoders = {run.environment.encoder_base for run in runs} - {""}
    return Provenance(
        data=runs[0].data_names[0],
        articles=len(articles),
        publishers=len({article.source for article in articles}),
        measured=f"{newest[:4]}-{newest[4:6]}-{newest[6:8]}",
        encoder="MiniLM" if encoders == {"minilm"} else ", ".join(sorted(encoders)),
    )


def _measured(run: Run) -> PresetFigures:
    report = run.report
    micro, cv = report.averages[MICRO], report.cv
    return PresetFigures(
        precision=_rounded(micro.precision),
        recall=_rounded(micro.recall),
        f1=_rounded(micro.f1_score),
        f1_macro=_rounded(report.averages[MACRO].f1_score),
        tags_per_article=_rounded(report.tags_per_article),
        scorer=cv.scorer if cv else "",
        promised=_rounded(cv.score) if cv else None,
        kept=_rounded(report.test_scorer) if cv else None,
    )


def _cuts(run: Run) -> CutCurve:
    test = run.read_part("test")
    curve = average_curve(SortedScores.build(test.truth, test.scores))
    wanted = np.linspace(curve.recall[0], curve.recall[-1], _CUT_POINTS)
    kept = np.unique(np.minimum(np.searchsorted(curve.recall, wanted), len(curve.cuts) - 1))
    return CutCurve(
        preset=str(run.config.preset),
        points=tuple(_cut_point(curve, int(place)) for place in kept),
        zero=_at(run, "zero", 0.0),
        tuned=_at(run, "global", run.thresholds.common_cut),
    )


def _at(run: Run, rule: str, cut: float) -> CutPoint:
    micro = run.report.cuts[rule][MICRO]
    figures = (cut, micro.precision, micro.recall, micro.f1_score)
    return CutPoint(*map(_rounded, figures))


def _cut_point(curve: Curve, place: int) -> CutPoint:
    figures = (curve.cuts, curve.precision, curve.recall, curve.f_beta)
    return CutPoint(*(_rounded(float(values[place])) for values in figures))


def _duel(runs: Mapping[str, Run]) -> Duel | None:
    """None unless keywords and a rival are there, on the same data, tags and test articles."""
    contenders = [build_contender(run, name) for name, run in runs.items()]
    alike = [c for c in contenders if not find_mismatches([contenders[0], c])]
    if KEYWORDS not in runs or len(alike) < 2:
        return None
    lineup = line_up(alike, training_counts([*runs.values()]), KEYWORDS)
    table = lineup.tables[0]
    return Duel(table.reference, tuple(_bands(table, lineup.band_sizes)), tuple(_gaps(table)))


def _bands(table: Comparison, sizes: Sequence[int]) -> Iterator[BandScore]:
    for row, size in zip(table.bands, sizes, strict=True):
        for name, value in zip(table.names, row.values, strict=True):
            yield BandScore(name, row.figure, size, _rounded(value))


def _gaps(table: Comparison) -> Iterator[Gap]:
    for row in table.figures:
        for name, difference in zip(table.names, row.differences, strict=True):
            if row.figure in HEADLINES and difference is not None:
                edges = (difference.value, difference.low, difference.high)
                value, low, high = map(_rounded, edges)
                yield Gap(value, low, high, name, row.figure)


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS)
