"""Tags for every article of a file, of any size: read, tag and write in batches."""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from core.articles.article import Article, RowError
from core.articles.check import article_in
from core.articles.formats.row import Row
from core.articles.formats.rows import count_lines
from core.articles.mapping import ReadingPlan, reading_sentence
from core.articles.options import NO_OPTIONS, ReadingOptions
from core.articles.read import open_source
from core.base.errors import DataError
from core.base.files import read_json, write_json
from core.base.progress import Progress, no_progress
from core.dataset.compose import compose_text
from core.suggest.suggester import FEWEST_WORDS, Suggester, count_words
from core.suggest.tagged_target import TargetColumns, write_target

ROWS_AT_ONCE = 1000
ENDINGS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz")
_STATE = "state.json"


@dataclass(frozen=True)
class Tagged:
    """What came of tagging a file.

    rows: in all. bad_rows: those that are no articles. needs_a_look: those for a person to look
    at. reading: which column each text was read from, in a sentence. notes: sentences on how the
    file was read and the target was written.
    """

    rows: int
    bad_rows: int
    needs_a_look: int
    reading: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tagging:
    """What decides the tags of a row: the model, and the plan by which its file is read."""

    source: Path
    suggester: Suggester
    plan: ReadingPlan

    def write_part(self, path: Path, rows: Sequence[Row]) -> None:
        """Tag rows and write them as one part, which appears whole."""
        # On one line: json indents far more slowly, and no person reads a part.
        write_json(path, _tag_rows(rows, self), indent=None)


class Workers(Protocol):
    """Tags parts elsewhere. The rows of each part lie beside it until it is written."""

    def __call__(self, tagging: Tagging, parts: Sequence[Path], progress: Progress) -> None:
        """Write all these parts."""
        ...


def tag_file(
    source: Path,
    target: Path,
    suggester: Suggester,
    options: ReadingOptions = NO_OPTIONS,
    *,
    rows_at_once: int = ROWS_AT_ONCE,
    workers: Workers | None = None,
    progress: Progress = no_progress,
) -> Tagged:
    """Write every row of `source` to `target` with its tags, their scores and "needs_a_look".

    A row needs a look if no tag was sure enough, its text has fewer than FEWEST_WORDS words (one
    of none gets no tag), or it is no article ("problem" says why). Columns of the source stay as
    they are: where one has such a name, the added one gets another.
    Finished parts lie in a folder beside the target until all are done, so that a second call
    after a kill goes on behind them; memory holds one part. workers: who tags the parts, instead
    of this process. A file with the columns of the run's own data is read as that was; any other
    is read as an import would. Raises DataError for a file that cannot be read or has no text,
    and for a target of no known format or that is being written already.
    """
    if not target.name.lower().endswith(ENDINGS):
        raise DataError(f"{target.name!r} cannot be written: name a file in {', '.join(ENDINGS)}.")
    total = count_lines(source)
    reading = open_source(
        str(source), options, kept=suggester.run.environment.readings, wants_tags=False
    )
    rows, tagging = reading.rows, Tagging(source, suggester, reading.plan)
    target_columns = TargetColumns(suggester.tagger.tags)
    counts: Counter[str] = Counter()
    step = "read" if workers else "tag"
    parts = _Parts(target.with_name(f".{target.name}.parts"))
    with _only_writer(target):
        while batch := list(islice(rows, rows_at_once)):
            if not parts.paths:
                parts.open(_work_of(tagging, rows_at_once))
            target_columns.see(batch)
            if parts.next_is_missing():
                if workers:
                    parts.set_aside(batch)
                else:
                    tagging.write_part(parts.paths[-1], batch)
            progress(step, min(batch[-1].line, total), total, "rows")
        if workers and parts.missing:
            workers(tagging, parts.missing, progress)
        write_target(target, parts.paths, target_columns, partial(_count, counts))
        parts.remove()
    notes = (*reading.facts.notes, *target_columns.notes)
    sentence = reading_sentence(tagging.plan.record())
    return Tagged(counts["rows"], counts["bad"], counts["look"], sentence, notes)


@contextmanager
def _only_writer(target: Path) -> Iterator[None]:
    """Two that write to one target would mix their parts: the second one is refused."""
    path = target.with_name(f".{target.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path, timeout=0):
            try:
                yield
            finally:
                path.unlink(missing_ok=True)  # while it is ours, so that nobody waits for it
    except Timeout:
        raise DataError(
            f"{target.name} is being written already. Wait until that is done, or name another "
            "target."
        ) from None


def rows_beside(part: Path) -> Path:
    """The file with the rows of a part, which lies there until the part is tagged."""
    return part.with_suffix(".rows")


def read_set_aside(part: Path) -> list[Row]:
    """The rows that wait to be tagged as this part."""
    return [Row(**row) for row in read_json(rows_beside(part))]


class _Parts:
    """Parts in a folder: one JSON file each, in order of the rows. missing: those to be tagged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.paths: list[Path] = []
        self.missing: list[Path] = []

    def open(self, work: Mapping[str, Any]) -> None:
        """Keep the parts of the same work; throw others away."""
        try:
            if read_json(self._folder / _STATE) == work:
                return
        except (OSError, ValueError):
            pass
        self.remove()
        self._folder.mkdir(parents=True)
        write_json(self._folder / _STATE, work)

    def next_is_missing(self) -> bool:
        """Go on to the next part. Whether it has to be tagged."""
        self.paths.append(self._folder / f"{len(self.paths):06d}.json")
        return not self.paths[-1].exists()

    def set_aside(self, rows: Sequence[Row]) -> None:
        """Write the rows of the newest part down for whoever tags it."""
        part = self.paths[-1]
        write_json(rows_beside(part), [asdict(row) for row in rows], indent=None)
        self.missing.append(part)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _work_of(tagging: Tagging, rows_at_once: int) -> dict[str, Any]:
    """What the parts depend on: they are used again for the same file, model and batches only."""
    facts = tagging.source.stat()
    suggester = tagging.suggester
    return {
        "source": str(tagging.source.resolve()),
        "size": facts.st_size,
        "changed": facts.st_mtime_ns,
        "run": suggester.run.id,
        "point": suggester.point.model_dump(mode="json") if suggester.point else None,
        "thresholds": suggester.decision.thresholds.tolist(),
        "plan": tagging.plan.record(),
        "rows_at_once": rows_at_once,
    }


def _tag_rows(rows: Sequence[Row], tagging: Tagging) -> list[dict[str, Any]]:
    """Each row's own cells, and what tagging adds to them."""
    articles = [_article_or_problem(row, tagging) for row in rows]
    suggester = tagging.suggester
    config = suggester.run.config.data
    texts = [
        compose_text(article, config) if isinstance(article, Article) else ""
        for article in articles
    ]
    tagger = suggester.tagger
    scores = tagger.scores(texts)
    sure = suggester.decision.take(scores)
    records = []
    for row, article, text, of_row, its in zip(rows, articles, texts, scores, sure, strict=True):
        best_first = sorted(its.nonzero()[0].tolist(), key=lambda column: -of_row[column])
        words = count_words(text)
        chosen = best_first if words else []
        added: dict[str, Any] = {
            "suggested_tags": [tagger.tags[column] for column in chosen],
            "tag_scores": [round(float(of_row[column]), 6) for column in chosen],
            "needs_a_look": not chosen or words < FEWEST_WORDS,
            "problem": "" if isinstance(article, Article) else article,
        }
        records.append({"cells": row.cells or {}, "added": added})
    return records


def _article_or_problem(row: Row, tagging: Tagging) -> Article | str:
    try:
        return article_in(row, tagging.plan, tagging.source.name)
    except RowError as problem:
        return f"line {row.line}: {problem}"


def _count(counts: Counter[str], added: Mapping[str, Any]) -> None:
    counts["rows"] += 1
    counts["bad"] += bool(added["problem"])
    counts["look"] += bool(added["needs_a_look"])
