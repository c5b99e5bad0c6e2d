"""The steps of the story: what was done, what came out, and its chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from core.methods.base import Family
from core.metrics.averages import MACRO, MICRO
from core.study.findings import (
    MINIMUM,
    find_cut,
    find_first_attempt,
    find_first_tag,
    find_leak,
    find_tail,
    find_twins,
    find_winner,
    published_figures,
    published_leak,
    twins,
)
from core.study.published import PUBLISHED, PUBLISHED_NOTE
from pages.parts.shared.colours import GREY
from pages.parts.shared.families import family_named, run_colours
from pages.parts.shared.tables import show_chart
from pages.parts.story.charts import cut_lines, grouped_bars, tail_bars

if TYPE_CHECKING:
    from altair import LayerChart

    from core.study.story import PresetFigures, Story

PUBLISHED_SERIES = PUBLISHED_NOTE
_DUEL_METHODS = {"fixed-08": "tfidf", "fixed-05": "encoder", "fixed-06": "finetune"}


@dataclass(frozen=True)
class Step:
    """One step of the story: what was done, a sentence found in the figures, and a chart.

    needs: presets whose figures it shows. also: a line on the study's own figures.
    """

    name: str
    text: str
    find: Callable[[Story], str]
    draw: Callable[[Story], None]
    needs: tuple[str, ...] = ()
    also: str = ""


def _draw_tail(story: Story) -> None:
    frame = pd.DataFrame(
        {
            "articles": [band.name for band in story.tail],
            "tags": [band.tags for band in story.tail],
            "given": [band.given for band in story.tail],
            "kept": [band.low >= MINIMUM for band in story.tail],
        }
    )
    chart = tail_bars(frame, minimum=MINIMUM, colour=run_colours([family_named("encoder")])[0])
    _show(chart, frame, title="How many tags have how many articles", key="tail")


def _draw_first_attempt(story: Story) -> None:
    here = story.measured.get("study-01")
    series = {_here(story): here} if here else {}
    frame = figure_frame(series, published="study-01")
    (colour,) = run_colours([family_named("encoder")])
    colours = dict.fromkeys(series, colour) | {PUBLISHED_SERIES: GREY}
    _bars(frame, colours, title="Experiment 1: few suggestions, few tags", key="first")


def _draw_leak(story: Story) -> None:
    labels = {
        "study-03": "3: no copies",
        "study-04": "4: copies",
        "study-05": "5: copies, frequent tags",
        "fixed-05": "5 corrected",
    }
    promised, kept = "promised by cross-validation", "given by the test articles"
    rows = [
        (labels[name], series, value)
        for name, run in ((n, story.measured[n]) for n in labels if n in story.measured)
        for series, value in ((promised, run.promised), (kept, run.kept))
    ]
    frame = pd.DataFrame(rows, columns=["experiment", "series", "value"])
    colours = {promised: GREY, kept: run_colours([family_named("encoder")])[0]}
    title = "What cross-validation promised, and what the test articles gave"
    _bars(frame, colours, title=title, key="leak", group="experiment", measure="micro F0.5")


def _draw_first_tag(story: Story) -> None:
    names = {"study-06": "loss on the first tag", "fixed-06": "loss on every tag"}
    series = {label: story.measured[n] for n, label in names.items() if n in story.measured}
    shades = run_colours([family_named("finetune")] * 2)
    paler = dict(zip(names.values(), reversed(shades), strict=True))
    colours = {label: paler[label] for label in series} | {PUBLISHED_SERIES: GREY}
    frame = figure_frame(series, published="study-06")
    _bars(frame, colours, title="Experiment 6: BERT fine-tuned on the tags", key="first_tag")


def _draw_cut(story: Story) -> None:
    if story.cuts is None:
        return
    names = {"precision": "precision", "recall": "recall", "f1": "F1"}
    rows = [
        (point.cut, label, getattr(point, name))
        for name, label in names.items()
        for point in story.cuts.points
    ]
    frame = pd.DataFrame(rows, columns=["cut", "figure", "value"])
    cuts = ((story.cuts.zero.cut, "margin 0", 0.96), (story.cuts.tuned.cut, "chosen", 0.06))
    marks = pd.DataFrame(cuts, columns=["cut", "label", "height"])
    shades = run_colours([family_named(name) for name in ("finetune", "encoder", "tfidf")])
    chart = cut_lines(frame, marks, dict(zip(names.values(), shades, strict=True)))
    _show(chart, frame, title="Experiment 8, corrected: what moving the cut does", key="cut")


def _duel_family(preset: str) -> Family:
    return family_named(_DUEL_METHODS[preset])


def _draw_winner(story: Story) -> None:
    if story.duel is None:
        return
    present = [n for n in _DUEL_METHODS if any(band.preset == n for band in story.duel.bands)]
    colours = dict(
        zip(
            (_duel_family(n).name for n in present),
            run_colours([_duel_family(n) for n in present]),
            strict=True,
        )
    )
    rows = [
        (f"{band.band} ({band.tags})", _duel_family(band.preset).name, band.f1)
        for band in story.duel.bands
    ]
    frame = pd.DataFrame(rows, columns=["training articles", "series", "value"])
    title = "Mean F1 of the tags, by how many training articles a tag has (tags in brackets)"
    _bars(frame, colours, title=title, key="winner", group="training articles", measure="mean F1")


def _draw_twins(story: Story) -> None:
    as_published, corrected = "the study's way", "faults corrected"
    rows = [
        (f"experiment {int(number)}", series, f1)
        for number, *both in twins(story)
        for series, f1 in zip((as_published, corrected), both, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["experiment", "series", "value"])
    colours = {as_published: GREY, corrected: run_colours([family_named("hybrid")])[0]}
    title = "F1 on the test articles, the study's way and with its faults corrected"
    _bars(frame, colours, title=title, key="twins", group="experiment", measure="micro F1")


def figure_frame(series: dict[str, PresetFigures], *, published: str) -> pd.DataFrame:
    """Precision, recall and F1s of each series, and the study's own beside them."""
    own = PUBLISHED[published].averages
    of_study = (own[MICRO].precision, own[MICRO].recall, own[MICRO].f1_score, own[MACRO].f1_score)
    values = {n: (r.precision, r.recall, r.f1, r.f1_macro) for n, r in series.items()}
    figures = ("precision", "recall", "micro F1", "macro F1")
    rows = [
        (figure, name, of_run[place])
        for place, figure in enumerate(figures)
        for name, of_run in (values | {PUBLISHED_SERIES: of_study}).items()
    ]
    return pd.DataFrame(rows, columns=["figure", "series", "value"])


def _here(story: Story) -> str:
    return f"measured here, recipe with {story.source.encoder}"


def _bars(
    frame: pd.DataFrame,
    colours: dict[str, str],
    *,
    title: str,
    key: str,
    group: str = "figure",
    measure: str = "share",
) -> None:
    if not frame.empty:
        _show(
            grouped_bars(frame, colours, group=group, measure=measure), frame, title=title, key=key
        )


def _show(chart: LayerChart, frame: pd.DataFrame, *, title: str, key: str) -> None:
    alt = f"{title}. The download has the figures."
    show_chart(chart, frame, f"story-{key}.csv", title=[title], key=f"story_{key}", alt=alt)


STEPS: Sequence[Step] = (
    Step(
        "The long tail",
        "Most tags are rare, and what is seen twice cannot be learnt. The filter that keeps tags "
        f"with {MINIMUM} articles or more helped the study most.",
        find_tail,
        _draw_tail,
    ),
    Step(
        "First attempt",
        "BERT reads the titles, a linear classifier learns every tag, and the test articles are "
        "drawn at random.",
        find_first_attempt,
        _draw_first_attempt,
        ("study-01",),
    ),
    Step(
        "The leak",
        "Cropped copies of the training articles should have helped. Copies of one article came to "
        "lie on both sides of a fold, so cross-validation asked about texts it had learnt.",
        find_leak,
        _draw_leak,
        ("study-03", "study-04", "study-05", "fixed-05"),
        published_leak(),
    ),
    Step(
        "First tag only",
        "BERT is trained on the tags themselves, but the loss saw the first tag of each article "
        "only, and its raw scores were cut at 0.5.",
        find_first_tag,
        _draw_first_tag,
        ("study-06", "fixed-06"),
    ),
    Step(
        "The cut",
        "A linear classifier says yes above margin 0. For tags that few articles have, that is too "
        "strict; the cut may move, as long as the test articles do not choose it.",
        find_cut,
        _draw_cut,
        ("fixed-08",),
        published_figures("study-08"),
    ),
    Step(
        "Keywords or BERT",
        "The study's tables came from different splits. Here all have the same articles, tags and "
        "test articles; keywords learn from four cropped copies of each article, BERT from two, as "
        "in the study.",
        find_winner,
        _draw_winner,
        ("fixed-08", "fixed-05", "fixed-06"),
        published_figures("study-07"),
    ),
    Step(
        "Yours",
        "Each fault was found by asking what a figure had been measured on. Now ask it of the tags "
        "for an article of your own.",
        find_twins,
        _draw_twins,
    ),
)
