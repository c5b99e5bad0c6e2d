"""Tags of ours and of peers on the same split, scored once: F1 with intervals, time and size.

python -m benchmarks.quality SET.jsonl.gz ... [--also PRESET ...] [--peers PYTHON [--only PEER ...]]
    [--split iterative]

A+B is one set of both files; where it has several languages, a second table holds the model of all
against a model of each language.
PYTHON: of an environment with the peers (requirements-bench.txt). PEER: a file of benchmarks/peers
without its ending; by default all but Annif, which wants an environment of its own. setfit_pairs
and transformers_trainer take many minutes.
Every model reads the same text (title and description), learns from the same 70% and is judged on
the same 30%: by the stratified rule, or by the one that --split names. Thresholds come from
training articles only. Where articles name their source, "source alone" knows nothing else, and
shared tags are those that two sources or more give to 5 articles or more each.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from core.base.progress import no_progress
from core.dataset.dataset import TagDataset
from core.dataset.split import Split, split_dataset
from core.evaluate.comparison import Contender, compare
from core.features.encoder_files import MINILM, find_encoder
from core.metrics.averages import MACRO, MICRO, build_averages, f_beta
from core.metrics.counts import count_outcomes, predict
from core.models.thresholds import best_cut
from core.runs.experiment import read_dataset, run_experiment, train
from core.runs.journal import Journal
from core.runs.lineup import build_contender
from core.runs.store import RunStore
from core.settings.experiment import ExperimentConfig
from core.study.presets import configure, preset_named

OURS = ("best-tfidf", "best-encoder", "best-hybrid")
# The study's keywords (experiment 8) without copies, on these languages.
STUDY = ("study-08", "augment.level=0", "data.languages=[]")
PEERS = Path(__file__).parent / "peers"
ALL_PEERS = sorted(path.stem for path in PEERS.glob("[!_]*.py"))
TOGETHER = [peer for peer in ALL_PEERS if peer != "annif_ensemble"]
FIGURES = (
    *("micro F1", "macro F1", "samples F1"),
    *("precision@1", "precision@3", "precision@5", "empty rate"),
)
# (model, seconds, bytes); not a number where it is not known.
Found = tuple[Contender, float, float]
_LEAST_SHARED = 5


def measure(
    source: str, also: Sequence[str], python: str | None, peers: Sequence[str], method: str
) -> None:
    files = source.split("+")
    print(f"\n{' + '.join(Path(file).name.split('.')[0] for file in files)}\n", flush=True)
    found: list[Found] = []
    preset, *changes = STUDY
    for name, more in [(preset, changes), *((name, []) for name in (*OURS, *also))]:
        wanted = [*more, f"split.method={method}"]
        config = configure(preset_named(name).config(), sources=files, assignments=wanted)
        run = run_experiment(config, RunStore()).run
        size = sum(path.stat().st_size for path in (run.folder / "model").rglob("*"))
        found.append((build_contender(run, name), run.environment.total_seconds, size))
    dataset = read_dataset(config)
    split = split_dataset(dataset, config.split, seed=config.seed)
    shared = _shared_tags(dataset)
    if shared.any():
        found.append((_source_alone(dataset, split, found[0][0]), np.nan, np.nan))
    found += list(_peers(dataset, split, config, found[0][0], python, peers))
    show(found, shared)
    languages = sorted({article.language for article in dataset.articles})
    if len(languages) > 1:
        show_languages(dataset, split, files, languages, {c.name: c for c, *_ in found}, method)


def show(found: Sequence[Found], shared: NDArray[np.bool_]) -> None:
    """Each held against our best, with the 95% interval of the difference.

    shared: (K,), the tags that the last column is about; none leaves it out.
    """
    contenders = [contender for contender, *_ in found]
    table = compare(contenders, reference=OURS[-1])
    rows = {row.figure: row for row in table.figures}
    gaps = [f"{figure} less {OURS[-1]}" for figure in FIGURES[:2]]
    last = [f"macro F1 of {shared.sum()} shared tags"] if shared.any() else []
    heads = [*FIGURES, "s", "MB", *gaps, *last]
    print(f"| | {' | '.join(heads)} |")
    print(f"|{'---|' * (len(heads) + 1)}")
    for number, (contender, seconds, size) in enumerate(found):
        cells = [contender.name, *(f"{rows[figure].values[number]:.3f}" for figure in FIGURES)]
        cells += ["" if np.isnan(seconds) else f"{seconds:.0f}"]
        cells += ["" if np.isnan(size) else f"{size / 1e6:.1f}"]
        for figure in FIGURES[:2]:
            gap = rows[figure].differences[number]
            cells.append(f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})" if gap else "")
        if last:
            by_tag = count_outcomes(contender.truth, _predicted(contender)).by_tag
            cells.append(f"{f_beta(by_tag)[shared].mean():.3f}")
        print(f"| {' | '.join(cells)} |", flush=True)


def show_languages(
    dataset: TagDataset,
    split: Split,
    files: Sequence[str],
    languages: Sequence[str],
    joint: Mapping[str, Contender],
    method: str,
) -> None:
    """Micro and macro F1 of each language: by the model of all and by one of that language alone.

    Both on the same test articles and the tags that are frequent enough in the language.
    """
    sides = [{dataset.articles[row].id for row in rows} for rows in (split.train, split.test)]
    print("\n| preset | language | test articles | tags | one model | a model of its own |")
    print(f"|{'---|' * 6}")
    for name, language in product(("best-tfidf", "best-encoder", "best-hybrid"), languages):
        wanted = [f'data.languages=["{language}"]', f"split.method={method}"]
        config = configure(preset_named(name).config(), sources=files, assignments=wanted)
        own = read_dataset(config)
        ids = [article.id for article in own.articles]
        train_rows, test_rows = (
            np.array([row for row, article_id in enumerate(ids) if article_id in side])
            for side in sides
        )
        result = train(
            config, own, RunStore(), Journal(no_progress), split=Split(train_rows, test_rows)
        )
        test = result.test
        cuts = result.tagger.thresholds
        one = joint[name]
        rows = [one.test_ids.index(article_id) for article_id in test.ids]
        columns = [one.tags.index(tag) for tag in own.tags]
        predicted = _predicted(one)[rows][:, columns]
        cells = [name, language, str(len(rows)), str(len(columns))]
        for guess in (predicted, predict(test.scores, cuts)):
            averages = build_averages(count_outcomes(test.truth, guess))
            cells.append(" / ".join(f"{averages[kind].f1_score:.3f}" for kind in (MICRO, MACRO)))
        print(f"| {' | '.join(cells)} |", flush=True)


def _predicted(contender: Contender) -> csr_array:
    return predict(contender.scores, contender.cuts)


def _source_shares(dataset: TagDataset, rows: NDArray[np.int64]) -> Mapping[str, NDArray[np.int64]]:
    """Of each source, how many of the rows' articles have each tag, (K,)."""
    sources = np.array([dataset.articles[row].source for row in rows])
    Y = dataset.Y[rows]
    return {source: Y[sources == source].sum(axis=0) for source in sorted(set(sources))}


def _shared_tags(dataset: TagDataset) -> NDArray[np.bool_]:
    """(K,); none where all articles are of one source."""
    counts = _source_shares(dataset, np.arange(len(dataset.articles)))
    return np.sum([of >= _LEAST_SHARED for of in counts.values()], axis=0) > 1


def _source_alone(dataset: TagDataset, split: Split, ours: Contender) -> Contender:
    """The tags of an article's source, best first, down to the cut that fits training best."""
    counts = _source_shares(dataset, split.train)
    sources = Counter(dataset.articles[row].source for row in split.train)
    source_of = {article.id: article.source for article in dataset.articles}
    none = np.zeros(len(dataset.tags))

    def scores(of: Iterable[str]) -> NDArray[np.floating]:
        return np.array([counts[s] / sources[s] if s in counts else none for s in of])

    learnt = scores(dataset.articles[row].source for row in split.train)
    cut = best_cut(dataset.Y[split.train].toarray().ravel(), learnt.ravel())
    tested = scores(source_of[article_id] for article_id in ours.test_ids)
    return replace(ours, name="source alone", scores=tested, cuts=np.full(len(none), cut))


def _peers(
    dataset: TagDataset,
    split: Split,
    config: ExperimentConfig,
    ours: Contender,
    python: str | None,
    peers: Sequence[str],
) -> Iterator[Found]:
    """In the order of the test articles of `ours`."""
    row_of = {article.id: row for row, article in enumerate(dataset.articles)}
    test = [row_of[article_id] for article_id in ours.test_ids]
    sides = {"train": split.train.tolist(), "test": test}
    texts = {side: [dataset.texts[row] for row in rows] for side, rows in sides.items()}

    def contender(name: str, scores: NDArray[np.floating], cut: float) -> Contender:
        return replace(ours, name=name, scores=scores, cuts=np.full(len(dataset.tags), cut))

    begun = time.perf_counter()
    vectorizer = TfidfVectorizer()
    model = OneVsRestClassifier(LinearSVC(random_state=0), n_jobs=-1)
    model.fit(vectorizer.fit_transform(texts["train"]), dataset.Y[split.train].toarray())
    scores = model.decision_function(vectorizer.transform(texts["test"]))
    yield contender("scikit-learn defaults", scores, 0.0), time.perf_counter() - begun, np.nan
    if python is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        told = {
            side: [
                {"text": text, "tags": dataset.Y[[row]].indices.tolist()}
                for text, row in zip(texts[side], rows, strict=True)
            ]
            for side, rows in sides.items()
        }
        given = Path(folder) / "articles.json"
        encoder = str(find_encoder(MINILM).folder)
        given.write_text(json.dumps({**told, "names": dataset.tags, "encoder": encoder}))
        for peer in peers:
            command = [python, str(PEERS / f"{peer}.py"), str(given), folder]
            subprocess.run(command, stdout=sys.stderr, check=True)
        for path in sorted(Path(folder).glob("*.npz")):
            with np.load(path) as stored:
                cut, seconds, size = (float(stored[name]) for name in ("cut", "seconds", "bytes"))
                yield contender(path.stem, stored["scores"], cut), seconds, size


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--also", nargs="+", default=[], metavar="PRESET")
    parser.add_argument("--peers", metavar="PYTHON")
    parser.add_argument("--only", nargs="+", choices=ALL_PEERS, default=TOGETHER, metavar="PEER")
    parser.add_argument("--split", default="stratified", choices=["stratified", "iterative"])
    options = parser.parse_args()
    for source in options.sets:
        measure(source, options.also, options.peers, options.only, options.split)


if __name__ == "__main__":
    main()
