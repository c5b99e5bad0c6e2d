"""The doubtful tags of a run's training data, without those already decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.articles.article import Article
from core.articles.store.changes import Change, decide, last_change, read_changes, undo_last
from core.articles.store.record import SetInfo
from core.articles.store.sets import read_sources
from core.evaluate.label_noise import Doubt, find_doubts
from core.runs.calibrated import read_calibration
from core.runs.files import find_environment
from core.runs.store import Run, RunStore


@dataclass(frozen=True)
class DoubtfulData:
    """Doubts of a run's training data; articles: by id; source_of: the set each came from."""

    missing: list[Doubt]
    wrong: list[Doubt]
    articles: Mapping[str, Article]
    source_of: Mapping[str, str]


def build_doubtful_data(run: Run, *, limit: int = 100) -> DoubtfulData | None:
    """None where the run has no held-out scores. Raises DataError if its data is gone."""
    if (calibration := read_calibration(run)) is None:
        return None
    held_out = run.read_part("out_of_fold")
    chances = calibration.probabilities(held_out.scores)
    missing, wrong = (
        find_doubts(held_out.truth, chances, held_out.ids, run.tags, has_it=has_it, limit=limit)
        for has_it in (False, True)
    )
    articles, source_of = {}, {}
    for source in run.config.data.sources:
        for article in read_sources([source]):
            articles[article.id] = article
            source_of[article.id] = source
    known = [[d for d in doubts if d.article in articles] for doubts in (missing, wrong)]
    return DoubtfulData(known[0], known[1], articles, source_of)


def undecided(data: DoubtfulData, doubts: list[Doubt]) -> list[Doubt]:
    """Those that nobody has kept or fixed yet."""
    decided = {
        (change.article, change.tag)
        for source in set(data.source_of.values())
        for change in read_changes(source)
    }
    return [doubt for doubt in doubts if (doubt.article, doubt.tag) not in decided]


def decide_doubt(data: DoubtfulData, doubt: Doubt, *, fix: bool) -> SetInfo:
    """Keep the tag as it is or fix it; the data set, at the version that has it so."""
    return decide(
        data.source_of[doubt.article],
        doubt.article,
        doubt.tag,
        has_it=doubt.has_it,
        fix=fix,
        learnt=_learnt_from(),
    )


def last_decision(run: Run) -> Change | None:
    """What undo_doubt would take back; None if there is nothing."""
    return max(_last_changes(run).values(), key=lambda change: change.when, default=None)


def undo_doubt(run: Run) -> Change | None:
    """The last decision of the run's data, taken back; None if there was none."""
    changes = _last_changes(run)
    source = max(changes, key=lambda source: changes[source].when, default="")
    return undo_last(source, learnt=_learnt_from()) if source else None


def _last_changes(run: Run) -> dict[str, Change]:
    """By source, what was decided last of its tags and can be undone."""
    learnt = _learnt_from()
    last = {source: last_change(source, learnt=learnt) for source in run.config.data.sources}
    return {source: change for source, change in last.items() if change is not None}


def _learnt_from() -> set[str]:
    """The versions of data sets, as "NAME@2", that runs learnt from; also damaged ones, of which
    nothing but this can be read."""
    found = map(find_environment, RunStore().folders())
    return {source for known in found if known for source in known.sources or ()}
