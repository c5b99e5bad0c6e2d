"""What the corrections say: how many, how often the suggestions were right, where people differ."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, and_, case, func, select

from core.feedback.corrections import ACCEPTED, ADDED, Correction, FeedbackStore
from core.feedback.tables import CORRECTION_TAGS, CORRECTIONS


@dataclass(frozen=True)
class Acceptance:
    """How often the suggestions of a tag, model or run were right, over all corrections.

    suggested: how often a tag was suggested. accepted: how many of those tags stayed. missed: how
    often a tag that was not suggested stayed or was added.

    >>> Acceptance("go", suggested=4, accepted=3, missed=1).rate
    0.75
    """

    name: str
    suggested: int
    accepted: int
    missed: int

    @property
    def rate(self) -> float | None:
        """The share of the suggested tags that stayed; None where nothing was suggested."""
        return self.accepted / self.suggested if self.suggested else None


@dataclass(frozen=True)
class Disagreement:
    """A text that people left with different tags.

    latest: the newest of their corrections. corrections: how many people corrected it. disputed:
    tags that some chose and others did not, with how many chose each.
    """

    latest: Correction
    corrections: int
    disputed: dict[str, int]


def corrections_per_day(store: FeedbackStore) -> dict[date, int]:
    """Count the corrections of each day (UTC) on which there are any, in order."""
    day = func.date(CORRECTIONS.c.at)
    with store.database.connect() as connection:
        rows = connection.execute(select(day, func.count()).group_by(day).order_by(day)).all()
    return {date.fromisoformat(str(when)): number for when, number in rows}


def acceptance_by_tag(store: FeedbackStore) -> list[Acceptance]:
    """How often each tag's suggestions were right, the most suggested tags first."""
    return _acceptance(store, CORRECTION_TAGS.c.tag)


def acceptance_by_model(store: FeedbackStore) -> list[Acceptance]:
    """How often each model's suggestions were right, by the runs' recipes, most used first."""
    return _acceptance(store, CORRECTIONS.c.model)


def acceptance_by_run(store: FeedbackStore) -> list[Acceptance]:
    """How often each run's suggestions were right, the most used run first."""
    return _acceptance(store, CORRECTIONS.c.run)


def find_disagreements(store: FeedbackStore) -> list[Disagreement]:
    """Find texts whose editors' latest corrections differ, the newest text first."""
    by_text: dict[str, dict[str, Correction]] = defaultdict(dict)
    offset, page = 0, store.read(limit=500)
    while page.kept:
        for kept in page.kept:  # newest first, so the first of a name is its latest
            by_text[kept.text_hash].setdefault(kept.correction.name, kept.correction)
        offset += len(page.kept)
        page = store.read(offset=offset, limit=500)
    found = [_disagreement(list(of_names.values())) for of_names in by_text.values()]
    return [disagreement for disagreement in found if disagreement.disputed]


def _disagreement(corrections: Sequence[Correction]) -> Disagreement:
    chosen: dict[str, int] = defaultdict(int)
    for correction in corrections:
        for tag in correction.tags:
            chosen[tag] += 1
    disputed = {tag: number for tag, number in chosen.items() if number < len(corrections)}
    return Disagreement(corrections[0], len(corrections), dict(sorted(disputed.items())))


def _acceptance(store: FeedbackStore, group: Column[Any]) -> list[Acceptance]:
    stayed = CORRECTION_TAGS.c.verdict.in_((ACCEPTED, ADDED))
    suggested = CORRECTION_TAGS.c.suggested
    counts = [
        func.sum(case((condition, 1), else_=0)).label(name)
        for name, condition in (
            ("suggested", suggested),
            ("accepted", and_(suggested, stayed)),
            ("missed", and_(~suggested, stayed)),
        )
    ]
    query = (
        select(group, *counts)
        .select_from(CORRECTION_TAGS.join(CORRECTIONS))
        .group_by(group)
        .order_by(counts[0].desc(), group)
    )
    with store.database.connect() as connection:
        found = [Acceptance(*row) for row in connection.execute(query)]
    return [line for line in found if line.suggested or line.missed]
