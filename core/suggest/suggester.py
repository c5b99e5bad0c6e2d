"""Tags for one article, from a finished run."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.articles.languages.language import detect_language
from core.base.errors import DataError, RunError
from core.base.progress import Progress, no_progress
from core.dataset.compose import compose_text, pasted_texts
from core.dataset.statistics import RARE_TAG_COUNT
from core.evaluate.evidence import TermEvidence, strongest_terms
from core.features.analyzers import technical_words
from core.methods.evidence import Contributions
from core.methods.taggers import TagScorer
from core.metrics.decision import Decision
from core.models.calibration import Calibration
from core.runs.calibrated import find_calibration
from core.runs.experiment import run_experiment
from core.runs.lineup import count_examples
from core.runs.operating_points import OperatingPoint, OperatingPoints, chosen_point
from core.runs.store import Run, RunStore
from core.study.presets import preset_named
from core.suggest.guesses import Guess

DEFAULT_LIMIT = 10
FIRST_PRESET = "best-tfidf"
FEWEST_WORDS = 3
# In so many characters of a text there are more words than that, as a rule.
_HEAD = 200


@dataclass(frozen=True)
class TagSuggestion:
    """A tag with its score; suggested if the score is above the threshold.

    An operating point may also ask for the k best tags, or for one at least. score and threshold
    are margins of the classifier, no probabilities. probability: the calibrated score, 0..1;
    None where the run has no held-out scores to calibrate on, or they are no higher for true tags.
    evidence: the words of the text that speak most for the tag.
    examples: training articles that have the tag; None if that is not known.
    few_examples: whether they are fewer than RARE_TAG_COUNT.
    """

    tag: str
    score: float
    threshold: float
    suggested: bool
    evidence: list[TermEvidence]
    probability: float | None = None
    examples: int | None = None
    few_examples: bool = False


@dataclass(frozen=True)
class Suggestions:
    """What one article got; note: "" or a sentence the reader should know.

    guesses: of tags that the model has not learnt, where somebody named them.
    """

    run: str
    language: str
    tags: list[TagSuggestion]
    note: str
    guesses: list[Guess] = field(default_factory=list)


@dataclass(frozen=True)
class SuggestRequest:
    """A text for which somebody wants tags.

    text: the description, or a pasted text of any length. fulltext: the whole article where it is
    apart. limit: how many tags, at least 1. threshold: one margin for all tags instead of the
    model's own. evidence: whether the words that speak for each tag are worth their time: some
    fifty further texts for a model that has no weights of words.
    """

    text: str
    title: str = ""
    fulltext: str = ""
    limit: int = DEFAULT_LIMIT
    threshold: float | None = None
    evidence: bool = True


@dataclass(frozen=True)
class Suggester:
    """A run's trained model in this process, loaded once and asked often.

    point: the operating point; None for the thresholds it was trained with.
    examples: training articles of each tag, (K,); empty if they are not known.
    warning: a sentence to go with every answer, "" for none.
    """

    run: Run
    tagger: TagScorer
    point: OperatingPoint | None = None
    calibration: Calibration | None = None
    examples: tuple[int, ...] = ()
    warning: str = ""

    @classmethod
    def load(cls, run: Run) -> "Suggester":
        """Read a run's model, with the chosen operating point if that is one of this run."""
        return cls(
            run,
            run.read_tagger(),
            chosen_point(run),
            find_calibration(run),
            tuple(count_examples(run).tolist()),
        )

    @property
    def tags(self) -> tuple[str, ...]:
        """The K tags that can be suggested, in the order of the scores' columns."""
        return self.tagger.tags

    @property
    def decision(self) -> Decision:
        """The rule by which scores become tags."""
        if self.point is None:
            return Decision(self.tagger.thresholds)
        return self.point.decision(self.tags)

    @property
    def has_exact_evidence(self) -> bool:
        """Whether the evidence is exact and free, because the model weighs words."""
        return self.tagger.words is not None

    def reads(self, text: str, *, title: str = "", fulltext: str = "") -> str:
        """Compose what the model reads of an article, as the texts that it learnt from were.

        text, title, fulltext: as SuggestRequest has them.
        """
        return compose_text(
            pasted_texts(text, title=title, fulltext=fulltext), self.run.config.data
        )

    def suggest(
        self,
        text: str,
        *,
        title: str = "",
        fulltext: str = "",
        limit: int = DEFAULT_LIMIT,
        threshold: float | None = None,
    ) -> Suggestions:
        """Suggest the `limit` tags furthest above their thresholds, or nearest to them, best first.

        Arguments as SuggestRequest has them. Raises DataError for a text of fewer than three words
        or a limit below 1.
        """
        request = SuggestRequest(text, title, fulltext, limit, threshold)
        whole = self.read_request(request)
        return self.judge(request, whole, self.tagger.scores([whole]))

    def read_request(self, request: SuggestRequest) -> str:
        """What the model reads of a request. Raises DataError as `suggest` does."""
        whole = self.reads(request.text, title=request.title, fulltext=request.fulltext)
        _require_words(whole)
        if request.limit < 1:
            raise DataError(f"The limit is {request.limit}. Ask for at least one tag.")
        return whole

    def judge(
        self, request: SuggestRequest, whole: str, scores: NDArray[np.float32]
    ) -> Suggestions:
        """Turn the scores (1, K) of what the model read into suggestions."""
        scores, threshold = scores.astype(float), request.threshold
        decision = self.decision if threshold is None else Decision(0 * scores[0] + threshold)
        order = (-decision.headroom(scores)[0]).argsort(kind="stable")[: request.limit]
        taken = decision.take(scores)[0]
        chances = self.calibration.probabilities(scores)[0] if self.calibration else None
        if request.evidence or self.has_exact_evidence:
            contributions = self.tagger.contributions(whole)
        else:
            contributions = Contributions((whole,), np.zeros((1, len(self.tags))))
        language = detect_language(whole, likely_languages(self.run))
        return Suggestions(
            run=self.run.id,
            language=language,
            tags=[
                TagSuggestion(
                    tag=self.tags[column],
                    score=float(scores[0, column]),
                    threshold=float(decision.thresholds[column]),
                    suggested=bool(taken[column]),
                    evidence=strongest_terms(contributions, int(column)),
                    probability=None if chances is None else float(chances[column]),
                    examples=(examples := self._examples_of(column)),
                    few_examples=examples is not None and examples < RARE_TAG_COUNT,
                )
                for column in order
            ],
            note=" ".join(filter(None, [self.warning, self._note(contributions, language)])),
        )

    def _examples_of(self, column: int) -> int | None:
        return self.examples[column] if self.examples else None

    def _note(self, contributions: Contributions, language: str) -> str:
        if not contributions.terms:
            return (
                "None of these words was in the articles the tags were learnt from: "
                "do not rely on the tags."
            )
        known = list(filter(None, self.run.report.per_language))
        if language and known and language not in known:
            return (
                f"The text seems to be in another language ({language}) than the articles the tags "
                f"were learnt from ({', '.join(known)}): do not rely on the tags."
            )
        return ""


def likely_languages(run: Run) -> tuple[str, ...]:
    """Codes of what a text is likely to be in: those of a twentieth of the test part's tags."""
    tags = {
        code: averages["micro avg"].support for code, averages in run.report.per_language.items()
    }
    return tuple(code for code, n in tags.items() if code and n >= 0.05 * sum(tags.values()))


def choose_run(store: RunStore, run_id: str | None = None) -> Run | None:
    """Choose the run to suggest with; None if there is none.

    It is the named one; else that of the chosen operating point, unless it is gone; else the
    newest of a best-* preset; else the newest. Raises RunError if the named or the chosen one is
    damaged, or none of those that are there can be read.
    """
    if run_id:
        return store.load(run_id)
    point = OperatingPoints(store.folder).chosen()
    if point and store.has(point.run):
        return store.load(point.run)
    runs, unreadable = store.survey()
    if unreadable and not runs:
        raise RunError(unreadable[0].problem)
    best = (run for run in runs if run.config.preset.startswith("best-"))
    return next(best, runs[0] if runs else None)


def note_of_unreadable(store: RunStore, run: Run) -> str:
    """A sentence where the newest run cannot be read and nobody has chosen the one that is asked.

    "" where the choice does not depend on it.
    """
    _, unreadable = store.survey()
    point = OperatingPoints(store.folder).chosen()
    if not unreadable or (point and point.run == run.id) or unreadable[0].name < run.id:
        return ""
    return f"{unreadable[0].problem} Until then run {run.id} is used instead."


def load_suggester(run_id: str | None = None, progress: Progress = no_progress) -> Suggester:
    """Load the model of the named run, or of the one that `choose_run` takes, in this process.

    In a home without runs one is trained on the sample first, which `progress` reports.
    """
    store = RunStore()
    suggester = Suggester.load(choose_run(store, run_id) or train_first_run(store, progress))
    if run_id:
        return suggester
    return replace(suggester, warning=note_of_unreadable(store, suggester.run))


def train_first_run(store: RunStore, progress: Progress = no_progress) -> Run:
    """Train a tf-idf tagger on the embedded sample, for a home without runs."""
    return run_experiment(preset_named(FIRST_PRESET).config(), store, progress=progress).run


def _require_words(text: str) -> None:
    if not text:
        raise DataError("There is no text yet. Paste an article, or at least a sentence of it.")
    words = count_words(text)
    if words < FEWEST_WORDS:
        count = "one word" if words == 1 else f"{words} words"
        raise DataError(f"This text has {count}. A suggestion needs at least {FEWEST_WORDS}.")


def count_words(text: str) -> int:
    """Count a text's words, to its end only where its first 200 characters have too few.

    >>> count_words("Leaks in Go")
    3
    """
    words = len(technical_words(text[:_HEAD]))
    return words if words > FEWEST_WORDS else len(technical_words(text))
