"""How the cost of each stage grows with articles and with tags: seconds, memory, exponents.

python -m benchmarks.growth [FILE]    (a real set of 30,000 articles; else one is generated)

Articles: every so many-th of the set, with all of its tags. Tags: generated sets of 10,000
articles. Every stage of every point has a process of its own (Linux), which prepares what the stage
is given, then measures the stage: seconds, and resident memory at its peak less that at its start.
An exponent is the slope of the least-squares line through the logarithms: 1 is linear, 2 quadratic.
Vectors (384 numbers) and scores are made up, seed 7.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.articles.article import Article
from core.articles.store.sets import read_sources
from core.base.home import PROJECT
from core.dataset.config import DataConfig, SplitConfig
from core.dataset.dataset import TagDataset, build_dataset
from core.dataset.split import split_dataset
from core.methods.part import TrainingPart
from core.methods.search import search_tfidf_svm, search_vector_svm
from core.metrics.report import build_report
from core.models.thresholds import tune_thresholds
from core.settings.classifier import ClassifierConfig, ThresholdsConfig
from core.study.presets import preset_named

ARTICLES = (1_000, 3_000, 10_000, 30_000)
TAGS = (50, 200, 500)
GENERATED_ARTICLES = 10_000
_DIMENSIONS, _SEED = 384, 7
_LEAST_MEGABYTES = 1


@dataclass(frozen=True)
class Cost:
    """Of one stage at one point; bytes: at its peak, above those at its start."""

    seconds: float
    bytes: float


@dataclass(frozen=True)
class Part:
    """A set split, and its training part as every stage of a run is given it."""

    dataset: TagDataset
    train: TrainingPart
    test: NDArray[np.int64]


Stage = Callable[[Path], Callable[[], object]]


def prepare_read(path: Path) -> Callable[[], TagDataset]:
    return lambda: build_dataset(read_sources([str(path)]), DataConfig(min_tag_count=1))


def prepare_split(path: Path) -> Callable[[], object]:
    dataset = prepare_read(path)()
    return lambda: split_dataset(dataset, SplitConfig(), seed=_SEED)


def prepare_tfidf(path: Path) -> Callable[[], object]:
    train, config = _split(path).train, preset_named("best-tfidf").config()
    folds = train.folds(config.classifier, seed=_SEED)
    return lambda: search_tfidf_svm(
        train.texts, train.Y, folds, config.features, config.classifier, seed=_SEED
    )


def prepare_vectors(path: Path) -> Callable[[], object]:
    """Unit vectors that lean towards a direction of each of their tags, under a linear SVM."""
    train, classifier = _split(path).train, ClassifierConfig()
    rng = np.random.default_rng(_SEED)
    X = rng.normal(size=(len(train.texts), _DIMENSIONS)).astype(np.float32)
    X += train.Y @ rng.normal(size=(len(train.tags), _DIMENSIONS)).astype(np.float32)
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    folds = train.folds(classifier, seed=_SEED)
    return lambda: search_vector_svm(X, train.Y, folds, classifier, seed=_SEED)


def prepare_thresholds(path: Path) -> Callable[[], object]:
    truth = _split(path).train.Y
    scores = _made_up_scores(truth.toarray())
    return lambda: tune_thresholds(truth, scores, ThresholdsConfig())


def prepare_report(path: Path) -> Callable[[], object]:
    part = _split(path)
    truth = part.dataset.Y[part.test]
    scores = _made_up_scores(truth.toarray())
    cuts = tune_thresholds(truth, scores, ThresholdsConfig()).cuts()
    languages = [part.dataset.articles[row].language for row in part.test]
    return lambda: build_report(truth, scores, cuts, at="global", languages=languages)


STAGES: dict[str, Stage] = {
    "read": prepare_read,
    "split": prepare_split,
    "tf-idf grid": prepare_tfidf,
    "SVM grid on vectors": prepare_vectors,
    "thresholds": prepare_thresholds,
    "report": prepare_report,
}


def _split(path: Path) -> Part:
    dataset = prepare_read(path)()
    split = split_dataset(dataset, SplitConfig(), seed=_SEED)
    rows = np.arange(len(split.train))
    texts = [dataset.texts[row] for row in split.train]
    train = TrainingPart(texts, dataset.Y[split.train], dataset.tags, rows, rows)
    return Part(dataset, train, split.test)


def _made_up_scores(truth: NDArray[np.bool_]) -> NDArray[np.float32]:
    noise = np.random.default_rng(_SEED).normal(-1.0, 0.25, truth.shape)
    return (noise + 1.1 * truth).astype(np.float32)


def measure_here(stage: str, path: Path) -> Cost:
    """In this process, once; the kernel's mark of its highest memory is set back before."""
    work = STAGES[stage](path)
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    start = time.perf_counter()
    work()
    return Cost(time.perf_counter() - start, _status("VmHWM") - before)


def _status(field: str) -> float:
    """Bytes of a field of this process's status."""
    text = Path("/proc/self/status").read_text()
    found = re.search(rf"{field}:\s+(\d+) kB", text)
    assert found
    return 1024.0 * int(found[1])


def measure(stage: str, path: Path) -> Cost:
    """In a new process."""
    command = [sys.executable, "-m", "benchmarks.growth", str(path), "--stage", stage]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True)
    cost = Cost(**json.loads(done.stdout))
    print(f"{path.stem}, {stage}: {cost}", file=sys.stderr, flush=True)
    return cost


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def spread(found: Sequence[Article], articles: int) -> list[Article]:
    """So many of them, evenly apart."""
    return [found[row] for row in np.linspace(0, len(found) - 1, articles).astype(int)]


def generate(articles: int, tags: int) -> list[Article]:
    """Up to three tags each, some tags frequent and most rare; 40 words of the sample, and two
    words that belong to each tag.
    """
    chance = random.Random(_SEED)
    sample = (article for article in read_sources(["sample"]) if article.language == "en")
    words = [word for article in sample for word in article.description.split()]
    weights = [1 / (5 + number) for number in range(tags)]
    made = []
    for number in range(articles):
        own = sorted(set(chance.choices(range(tags), weights, k=3)))
        told = [f"topic{tag}{part}" for tag in own for part in "ab"]
        text = " ".join([*chance.choices(words, k=40), *told])
        names = tuple(f"tag {tag}" for tag in own)
        made.append(Article(id=str(number), title="", description=text, tags=names, language="en"))
    return made


def _three_digits(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def print_growth(what: str, sets: Mapping[int, Sequence[Article]], folder: Path) -> None:
    """Tables of seconds and of memory; sets: by their size, in articles or tags."""
    costs: dict[str, list[Cost]] = {stage: [] for stage in STAGES}
    for size, articles in sets.items():
        path = folder / f"{size}-{what}.jsonl"
        path.write_text("".join(f"{a.model_dump_json()}\n" for a in articles), encoding="utf-8")
        for stage in STAGES:
            costs[stage].append(measure(stage, path))
    seconds = {stage: [cost.seconds for cost in of] for stage, of in costs.items()}
    megabytes = {stage: [cost.bytes / 1e6 for cost in of] for stage, of in costs.items()}
    for title, rows in (("seconds", seconds), ("MB", megabytes)):
        print(f"\n| {title} | {' | '.join(f'{size:,} {what}' for size in sets)} | exponent |")
        print(f"|---|{'---|' * len(sets)}---|")
        for stage, values in rows.items():
            # A page or two of memory says nothing of its growth.
            fits = title == "seconds" or min(values) >= _LEAST_MEGABYTES
            fitted = f"{exponent(list(sets), values):.2f}" if fits else ""
            cells = [stage, *(_three_digits(value) for value in values), fitted]
            print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--stage", choices=list(STAGES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        print(json.dumps(asdict(measure_here(options.stage, options.file))))
        return
    start = time.perf_counter()
    found = read_sources([str(options.file)]) if options.file else generate(max(ARTICLES), 100)
    sizes = [min(size, len(found)) for size in ARTICLES]
    with tempfile.TemporaryDirectory() as folder:
        print_growth("articles", {size: spread(found, size) for size in sizes}, Path(folder))
        of_tags = {tags: generate(GENERATED_ARTICLES, tags) for tags in TAGS}
        print_growth("tags", of_tags, Path(folder))
    print(f"\nAll of it took {(time.perf_counter() - start) / 60:.1f} minutes.")


if __name__ == "__main__":
    main()
