"""The story of the study in sentences, each made from the figures that were measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.base.errors import DataError
from core.base.numbers import signed
from core.metrics.averages import MICRO
from core.study.published import PUBLISHED, PUBLISHED_NOTE

if TYPE_CHECKING:
    from core.study.story import Duel, Story

MINIMUM = 20
_NAMES = {"fixed-05": "BERT's vectors are", "fixed-06": "The fine-tuned BERT is"}


def find_tail(story: Story) -> str:
    """How many tags are frequent, and how much of all tags given they are."""
    kept = [band for band in story.tail if band.low >= MINIMUM]
    tags, given = (sum(getattr(band, name) for band in story.tail) for name in ("tags", "given"))
    share = sum(band.given for band in kept) / given
    few = sum(band.tags for band in story.tail if band.low <= 2)
    return (
        f"{sum(band.tags for band in kept):,} of {tags:,} tags have {MINIMUM} articles or more, "
        f"and they are {share:.0%} of all tags given; {few:,} tags appear once or twice."
    )


def find_first_attempt(story: Story) -> str:
    """Precision, recall and macro F1 of the study's first experiment."""
    run = story.measured["study-01"]
    return (
        f"{run.precision:.0%} of what it suggests is right, but it finds {run.recall:.0%} of the "
        f"tags; the mean over the tags (macro F1) is {run.f1_macro:.3f}."
    )


def find_leak(story: Story) -> str:
    """What cross-validation promised with and without an article's copies on both sides."""
    leaky, grouped = story.measured["study-05"], story.measured["fixed-05"]
    return (
        f"With copies on both sides cross-validation promises {leaky.promised:.3f} and the test "
        f"articles give {leaky.kept:.3f}; with an article's copies kept together it promises "
        f"{grouped.promised:.3f} and gives {grouped.kept:.3f}."
    )


def find_first_tag(story: Story) -> str:
    """What fine-tuning suggests with a loss on the first tag, and with one on every tag."""
    broken, mended = story.measured["study-06"], story.measured["fixed-06"]
    return (
        f"As published it suggests {broken.tags_per_article:.1f} tags an article and "
        f"{broken.precision:.0%} of them are right (F1 {broken.f1:.3f}); with every tag in the "
        f"loss it suggests {mended.tags_per_article:.1f} and {mended.precision:.0%} are right "
        f"(F1 {mended.f1:.3f})."
    )


def find_cut(story: Story) -> str:
    """What the cut chosen on held-out articles gains over margin 0. Raises DataError without it."""
    if story.cuts is None:
        raise DataError("The cuts of the keywords have not been measured yet.")
    zero, tuned = story.cuts.zero, story.cuts.tuned
    return (
        f"Keywords at margin 0 are {zero.precision:.0%} right and find {zero.recall:.0%}; at the "
        f"cut chosen on held-out articles they are {tuned.precision:.0%} right and find "
        f"{tuned.recall:.0%}: F1 {signed(tuned.f1 - zero.f1)}, and nothing was trained again."
    )


def find_winner(story: Story) -> str:
    """Whether BERT's models are surely ahead of keywords. Raises DataError without a comparison."""
    if story.duel is None:
        raise DataError("No two runs on the same test articles have been measured yet.")
    sentences = [_verdict(story.duel, preset) for preset in ("fixed-05", "fixed-06")]
    return " ".join(filter(None, sentences))


def find_twins(story: Story) -> str:
    """How many experiments gain by the correction of their faults."""
    pairs = twins(story)
    better = sum(fixed > study for _, study, fixed in pairs)
    return (
        f"Of {len(pairs)} experiments measured both ways, {better} have a higher F1 with the "
        "faults corrected; no other model was needed for that."
    )


def twins(story: Story) -> list[tuple[str, float, float]]:
    """Of each experiment measured both ways: its number, F1 as published, F1 corrected."""
    numbers = [f"{number:02d}" for number in range(1, 11)]
    f1 = {name: run.f1 for name, run in story.measured.items()}
    return [
        (number, f1[f"study-{number}"], f1[f"fixed-{number}"])
        for number in numbers
        if f"study-{number}" in f1 and f"fixed-{number}" in f1
    ]


def missing_of(story: Story, needs: tuple[str, ...]) -> list[str]:
    """Which of these presets have not been measured."""
    return [name for name in needs if name not in story.measured]


def published_leak() -> str:
    """The gap between promise and test in the study's own experiment 4."""
    micro, promised = PUBLISHED["study-04"].averages[MICRO], PUBLISHED["study-04"].cv_score
    kept = 1.25 * micro.precision * micro.recall / (0.25 * micro.precision + micro.recall)
    return (
        f"The study's own experiment 4 promised {promised:.3f} and gave {kept:.3f}, which follows "
        f"from its precision and recall ({PUBLISHED_NOTE})."
    )


def published_figures(preset: str) -> str:
    """Precision, recall and F1 that the study published for a preset."""
    micro = PUBLISHED[preset].averages[MICRO]
    return (
        f"The study's experiment {int(preset[-2:])} had precision {micro.precision:.3f}, recall "
        f"{micro.recall:.3f}, F1 {micro.f1_score:.3f} ({PUBLISHED_NOTE})."
    )


def _verdict(duel: Duel, preset: str) -> str:
    gap = next((g for g in duel.gaps if g.preset == preset and g.figure == "micro F1"), None)
    if gap is None:
        return ""
    place = "ahead of" if gap.value > 0 else "behind"
    sure = place if gap.is_sure else "not surely apart from"
    return (
        f"{_NAMES[preset]} {sure} keywords in micro F1: {signed(gap.value)} "
        f"(95%: {signed(gap.low)} to {signed(gap.high)})."
    )
