"""What a run consists of, as records with attributes; core.runs.files reads and writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator
from scipy.sparse import csr_array

from core.methods.taggers import Tagger
from core.metrics.averages import Average
from core.metrics.report import ZeroDivision, averages_json
from core.settings.experiment import ExperimentConfig


class Record(BaseModel):
    """Base of the records in a run's JSON files: read-only, fields unknown to us are ignored.

    A field that earlier versions of Tagsmith did not write has a default.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    def as_json(self) -> dict[str, Any]:
        """The record as its file holds it, and as `--json` and the API give it.

        Fields that the run's file lacks, because an earlier Tagsmith wrote it, are left out.
        """
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _from_json(average: Any) -> Any:
    """Field names for the names that scikit-learn's classification_report uses."""
    if not isinstance(average, Mapping):
        return average
    return {name.replace("f1-score", "f1_score"): value for name, value in average.items()}


Averages = Annotated[
    dict[str, Annotated[Average, BeforeValidator(_from_json)]], PlainSerializer(averages_json)
]
FiniteMargin = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class GridPoint(Record):
    """One combination of settings that the grid search tried.

    ngram_range, max_df: None where the features are not tf-idf. score: mean over the folds at
    margin 0, in 0..1; None for the winner's entry in `CrossValidation.params`.
    """

    C: float
    penalty: str = "l2"
    dual: bool | str = "auto"
    ngram_range: list[int] | None = None
    max_df: float | None = None
    score: float | None = None


FOLDS_NOTE = (
    "Cross-validation as published: its folds are not grouped or not shuffled, so its score cannot "
    "be trusted. The fixed-* presets correct that."
)


class CrossValidation(Record):
    """How the settings of an SVM were chosen, and the score that cross-validation promised.

    score: of the tagger as it is used, in 0..1, by `scorer`. folds: 1 where the validation part of
    a fine-tuned encoder stands for them. grouped: copies of an article stay in one fold.
    """

    score: float
    scorer: str
    params: GridPoint
    grid: tuple[GridPoint, ...] = ()
    folds: int
    grouped: bool
    shuffled: bool

    @property
    def is_sound(self) -> bool:
        """Whether the score can be trusted; if not, FOLDS_NOTE says why."""
        return self.grouped and self.shuffled


class FurtherArticles(Record):
    """Articles beside the data's own: trained on, or left out because they copy test articles."""

    learnt: int = 0
    of_test_articles: int = 0


class DataCounts(Record):
    """Numbers of articles and tags behind a run.

    train, test: articles of the two parts. dropped: articles that each filter removed.
    """

    articles: int
    tags: int
    train: int
    test: int
    dropped: dict[str, int] = {}
    corrections: FurtherArticles = FurtherArticles()
    extra: FurtherArticles = FurtherArticles()

    @property
    def own_train(self) -> int:
        """Training articles of the data itself, without corrections and extra articles."""
        return self.train - self.corrections.learnt - self.extra.learnt


class RunReport(Record):
    """Figures of a run's test part at the threshold rule named in `at`; shares are in 0..1.

    averages: by "micro avg", "macro avg", "weighted avg", "samples avg"; cuts: the same at each
    threshold rule; per_language: the same by language code. precision_at, ndcg_at: by k.
    tags_per_article: mean number of suggested tags. cv: None without a grid search. test_scorer:
    cv's scorer on the test part. untested_tags: those without test articles, which
    tested_macro_f1, a mean over tags, leaves out (None if no tag has any).
    """

    at: str
    averages: Averages
    cuts: dict[str, Averages]
    subset_accuracy: float
    precision_at: dict[int, float]
    ndcg_at: dict[int, float]
    empty_rate: float
    tags_per_article: float
    zero_division: ZeroDivision
    per_language: dict[str, Averages]
    cv: CrossValidation | None
    test_scorer: float
    data: DataCounts
    untested_tags: list[str] = []
    tested_macro_f1: float | None = None


class RunThresholds(Record):
    """The thresholds that a run was trained with: a tag is suggested where its score is above.

    rule: which of them is used. tuned_on: the scores that they were tuned on, in words; beta: of
    the F-beta that they maximise. value: a fixed margin; global_cut: one tuned margin for all
    tags; per_tag: a tuned margin of each tag; None where there was nothing to tune on.

    >>> kept = RunThresholds(rule="global", tuned_on="folds", value=None, global_cut=0.25)
    >>> kept.cuts(["go", "rust"]).tolist()
    [0.25, 0.25]
    """

    rule: Literal["zero", "value", "global", "per_tag"]
    tuned_on: str
    beta: float = 1.0
    value: FiniteMargin | None
    global_cut: FiniteMargin | None = Field(
        None, validation_alias="global", serialization_alias="global"
    )
    per_tag: dict[str, FiniteMargin] | None = None

    @model_validator(mode="after")
    def _the_rule_has_a_cut(self) -> "RunThresholds":
        needed: dict[str, list[object]] = {
            "zero": [],
            "value": [self.value],
            "global": [self.global_cut],
            "per_tag": [self.global_cut, self.per_tag],
        }
        if any(cut is None for cut in needed[self.rule]):
            raise ValueError(f"there is no cut of the rule {self.rule!r}")
        return self

    @property
    def common_cut(self) -> float:
        """The threshold of every tag that has none in `own_cuts`."""
        common = {"zero": 0.0, "value": self.value}.get(self.rule, self.global_cut)
        return common or 0.0

    @property
    def own_cuts(self) -> Mapping[str, float]:
        """Thresholds of single tags, if that is the rule."""
        return (self.per_tag or {}) if self.rule == "per_tag" else {}

    def cuts(self, tags: Sequence[str]) -> NDArray[np.float64]:
        """The threshold in use of each tag, (K,)."""
        return np.array([self.own_cuts.get(tag, self.common_cut) for tag in tags], np.float64)


class Environment(Record):
    """Where and how a run was made: versions, machine, data, time and memory.

    fingerprint: of the data's own articles. seconds, peak_bytes: of each step by name;
    peak_memory_bytes: the most of any step. sources: the data that was read, of a set its version
    as "NAME@2"; None if an earlier Tagsmith did not say. readings: how each of them was read.
    notes: what else the run says of itself, a sentence each. work: step -> kind of work -> amount.
    encoder...: of a run with an encoder only; epochs, best_epoch, validation_articles: of a
    fine-tuned one.
    """

    python: str = ""
    packages: dict[str, str] = {}
    platform: str = ""
    machine: str = ""
    device: str = "cpu"
    processors: int = 0
    seed: int = 0
    fingerprint: str
    seconds: dict[str, float] = {}
    peak_bytes: dict[str, int] = {}
    peak_memory_bytes: int = 0
    encoder: str = ""
    encoder_base: str = ""
    encoder_sha256: str = ""
    truncated_texts: int = 0
    vectors_from_cache: int = 0
    precision: str = ""
    epochs: int = 0
    best_epoch: int = 0
    validation_articles: int = 0
    sources: tuple[str, ...] | None = None
    readings: tuple[dict[str, Any], ...] = ()
    extra_articles: int = 0
    notes: tuple[str, ...] = ()
    work: dict[str, dict[str, float]] = {}

    @property
    def train_seconds(self) -> float:
        """Duration of the training step; 0 if an earlier Tagsmith did not say."""
        return self.seconds.get("train", 0.0)

    @property
    def total_seconds(self) -> float:
        """Duration of all steps together."""
        return sum(self.seconds.values())


class ProgressEvent(Record):
    """How far a step was at a time (seconds since 1970)."""

    time: float
    step: str
    done: int
    total: int
    unit: str


class Epoch(Record):
    """Figures after one epoch of fine-tuning: losses, and averages of the watched articles (0..1).

    Beside the fields below it has precision, recall and f1_score of each average, such as
    `samples_recall`, and `score`, where the best epoch is chosen by one.
    """

    model_config = ConfigDict(extra="allow")

    time: float = 0.0
    step: Literal["epoch"] = "epoch"
    epoch: int
    train_loss: float
    validation_loss: float
    micro_f1_score: float
    macro_f1_score: float


@dataclass(frozen=True)
class ScoredPart:
    """Scores (n, K) and truth of a part that the scoring model was not fitted on."""

    ids: tuple[str, ...]
    truth: csr_array
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class RunResult:
    """All that an experiment leaves behind, before it is written.

    fingerprint: of all articles, also those that are only trained on. per_tag: one row a tag, as
    `per_tag_table` makes it, and "examples", the articles that the tag was trained on.
    """

    config: ExperimentConfig
    fingerprint: str
    report: RunReport
    per_tag: pd.DataFrame
    test: ScoredPart
    out_of_fold: ScoredPart
    thresholds: RunThresholds
    tagger: Tagger
    events: Sequence[ProgressEvent | Epoch]
    environment: Environment
    log: Sequence[str]
