"""The doubtful tags of a run's training data, without those already decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.articles.article import Article
from core.articles.set_changes import Change, decide, read_changes, undo_last
from core.articles.sets import read_sources
from core.evaluate.label_noise import Doubt, find_doubts
from core.runs.calibrated import read_calibration
from core.runs.store import Run


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


def decide_doubt(data: DoubtfulData, doubt: Doubt, *, fix: bool) -> str:
    """Keep the tag as it is or fix it; the name of the data set that has it so."""
    source = data.source_of[doubt.article]
    return decide(source, doubt.article, doubt.tag, has_it=doubt.has_it, fix=fix).name


def last_decision(run: Run) -> Change | None:
    """What undo_doubt would take back; None if there is nothing."""
    source = _last_source(run)
    return read_changes(source)[-1] if source else None


def undo_doubt(run: Run) -> Change | None:
    """The last decision of the run's data, taken back; None if there was none."""
    source = _last_source(run)
    return undo_last(source) if source else None


def _last_source(run: Run) -> str:
    """The set whose tags were decided of last, "" if none was."""
    decided = {source: read_changes(source) for source in run.config.data.sources}
    latest = {source: changes[-1].when for source, changes in decided.items() if changes}
    return max(latest, key=latest.__getitem__, default="")
