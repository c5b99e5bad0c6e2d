"""A run's learning curve: the same training on parts of its own training articles."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from pydantic import TypeAdapter, ValidationError

from core.articles.article import Article
from core.articles.store.sets import read_with_plans
from core.base.errors import ConfigError, DataError, RunError
from core.base.files import read_json, write_json
from core.base.progress import Progress, no_progress
from core.dataset.config import Rule
from core.dataset.dataset import TagDataset
from core.dataset.groups import duplicate_groups
from core.dataset.split import Split, part_of_rows, split_dataset
from core.evaluate.learning_curve import LearningCurve, build_learning_curve
from core.evaluate.outcomes import ArticleOutcomes, build_outcomes
from core.methods.registry import method_of
from core.metrics.counts import predict
from core.models.folds import IntArray
from core.runs.experiment import read_dataset, train
from core.runs.journal import Journal
from core.runs.results import article_ids
from core.runs.sources import Read
from core.runs.store import Run, RunStore
from core.settings.experiment import RUN_PREFIX, ExperimentConfig

# Each step doubles the articles, so the last step shows what labelling as many again may bring.
SHARES = (0.0625, 0.125, 0.25, 0.5)
REPEATS = 3
_FEWEST = 20
# Share of a training's time that does not shrink with its articles, as best-tfidf was measured.
_FIXED = 0.25
_FILE = "learning_curve.json"
_ADAPTER = TypeAdapter(LearningCurve)


def read_learning_curve(run: Run) -> LearningCurve | None:
    """The curve that measure_learning_curve kept with the run; None if there is none to read."""
    try:
        return _ADAPTER.validate_python(read_json(run.folder / _FILE))
    except (OSError, ValueError, ValidationError):
        return None


def measure_learning_curve(
    run: Run,
    store: RunStore,
    *,
    articles: Sequence[Article] | None = None,
    read: Read = read_with_plans,
    shares: Sequence[float] = SHARES,
    repeats: int = REPEATS,
    progress: Progress = no_progress,
) -> LearningCurve:
    """Train as the run did on shares of its training articles, and keep the curve with the run.

    shares: ascending, between 0 and 1; those of fewer than 20 articles are skipped. repeats: parts
    drawn for each share. articles, read: as for read_dataset. The run itself is the last point.
    Raises ConfigError for a run that `has_curve` excludes, RunError if its data has changed,
    DataError if it is too small.
    """
    check_curve(run.config, shares, repeats)
    dataset = read_dataset(run.config, articles, read=read)
    split = split_dataset(dataset, run.config.split, seed=run.config.seed)
    _require_same_data(run, dataset, split)
    own = split.train[split.train < dataset.own]
    shares = usable_shares(len(own), shares)
    drawn = [
        nested_parts(
            dataset, own, shares, seed=[run.config.seed, repeat], rule=run.config.split.rule
        )
        for repeat in range(repeats)
    ]
    report = _TotalProgress(progress, [len(rows) for parts in drawn for rows in parts])
    measured: list[list[ArticleOutcomes]] = [[] for _ in shares]
    for parts in drawn:
        for of_size, rows in zip(measured, parts, strict=True):
            learnt = np.concatenate([rows, split.train[len(own) :]])
            of_size.append(_outcomes(run.config, dataset, Split(learnt, split.test), store, report))
            report.finished += 1
    test = run.read_part("test")
    whole = build_outcomes(
        test.truth, test.scores, predict(test.scores, run.thresholds.cuts(run.tags))
    )
    sizes = [round(np.mean([len(parts[n]) for parts in drawn])) for n in range(len(shares))]
    curve = build_learning_curve(
        [*measured, [whole]],
        sizes=[*sizes, len(own)],
        tags=run.tags,
        training=np.asarray(dataset.Y[own].sum(axis=0, dtype=np.int64)).ravel().tolist(),
    )
    write_json(run.folder / _FILE, asdict(curve))
    return curve


def check_curve(
    config: ExperimentConfig, shares: Sequence[float] = SHARES, repeats: int = REPEATS
) -> None:
    """Raise ConfigError for settings, shares or repeats that measure_learning_curve refuses."""
    if not has_curve(config):
        raise ConfigError(
            "A learning curve trains many times, each on less: that takes a tagger that needs no "
            "fine-tuned encoder. Choose best-tfidf, best-encoder or best-hybrid."
        )
    rising = all(low < high for low, high in pairwise([0, *shares, 1]))
    if not shares or not rising:
        given = ", ".join(f"{share:g}" for share in shares)
        raise ConfigError(f"The shares are {given}: they should rise from above 0 to below 1.")
    if repeats < 1:
        raise ConfigError(f"{repeats} repeats are too few. Ask for one at least.")


def has_curve(config: ExperimentConfig) -> bool:
    """Whether these settings train quickly enough for a dozen trainings: without fine-tuning."""
    method = method_of(config)
    of_a_run = config.features.encoder.name.startswith(RUN_PREFIX) and method.uses_encoder(config)
    return not of_a_run and not method.trains_encoder(config)


def usable_shares(articles: int, shares: Sequence[float] = SHARES) -> list[float]:
    """Those shares of the number of training articles that are at least 20 articles.

    Raises DataError if there is none.

    >>> usable_shares(100)
    [0.25, 0.5]
    """
    usable = [share for share in shares if share * articles >= _FEWEST]
    if not usable:
        raise DataError(
            f"{articles} training articles are too few for a learning curve: the smallest part "
            f"needs {_FEWEST}. Import more articles."
        )
    return usable


def curve_seconds(seconds: Mapping[str, float], articles: int) -> float:
    """Estimate the seconds that measure_learning_curve takes with its default shares and repeats.

    seconds: of the run's own steps, by name ("train", "thresholds", "test").
    articles: number of its training articles. Raises DataError if these are too few for a curve.
    """
    shares = usable_shares(articles)
    trained = sum(_FIXED + (1 - _FIXED) * share for share in shares)
    other = sum(seconds.get(step, 0.0) for step in ("thresholds", "test"))
    return REPEATS * (trained * seconds["train"] + len(shares) * other)


def nested_parts(
    dataset: TagDataset,
    rows: IntArray,
    shares: Sequence[float],
    *,
    seed: Sequence[int],
    rule: Rule = "stratified",
) -> list[IntArray]:
    """Parts of the rows, one a share, each within the next; shares: ascending.

    Every part has its share of each tag's articles, by the same rule as the test part; copies of
    an article stay together.
    """
    groups = duplicate_groups([dataset.articles[row] for row in rows])
    slices = np.diff([0.0, *shares, 1.0]).tolist()
    rng = np.random.default_rng(seed)
    # The iterative rule draws lots for ties only: without another order all seeds give almost the
    # same parts.
    place = np.argsort(rng.permutation(groups.max() + 1))
    slice_of = part_of_rows(dataset.Y[rows], place[groups], slices, rule, rng)
    return [rows[slice_of <= number] for number in range(len(shares))]


def _require_same_data(run: Run, dataset: TagDataset, split: Split) -> None:
    same_ids = article_ids(dataset, split.test) == run.read_part("test").ids
    if not same_ids or dataset.tested_fingerprint != run.environment.fingerprint:
        raise RunError(
            f"{' + '.join(run.data_names)} has changed since run {run.id}. "
            "Run the experiment again, then measure the new run."
        )


def _outcomes(
    config: ExperimentConfig,
    dataset: TagDataset,
    split: Split,
    store: RunStore,
    progress: Progress,
) -> ArticleOutcomes:
    result = train(config, dataset, store, Journal(progress), split=split)
    predicted = predict(result.test.scores, result.tagger.thresholds)
    return build_outcomes(result.test.truth, result.test.scores, predicted)


@dataclass
class _TotalProgress:
    """Progress of all trainings as one, in training articles. sizes: of each training."""

    progress: Progress
    sizes: Sequence[int]
    finished: int = 0

    def __call__(self, step: str, done: int, total: int, unit: str) -> None:
        if step != "train":
            self.progress(step, done, total, unit)
            return
        now = sum(self.sizes[: self.finished]) + self.sizes[self.finished] * done // total
        self.progress("learn", max(now, 1), sum(self.sizes), "articles")
