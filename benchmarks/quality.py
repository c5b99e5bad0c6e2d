"""Tags of ours and of peers on the same split, scored once: F1 with intervals, time and size.

python -m benchmarks.quality SET.jsonl.gz ... [--peers PYTHON]

PYTHON: of an environment with the peers (pip install libmultilabel==0.10.0 omikuji==0.5.2).
Every model reads the same text (title and description), learns from the same 70% and is judged on
the same 30% (iterative split). Thresholds come from training articles only.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from core.dataset.dataset import TagDataset
from core.dataset.split import Split, split_dataset
from core.evaluate.comparison import Contender, compare
from core.runs.config import ExperimentConfig
from core.runs.experiment import read_dataset, run_experiment
from core.runs.lineup import build_contender
from core.runs.presets import configure, preset_named
from core.runs.store import RunStore

OURS = ("best-tfidf", "best-encoder", "best-hybrid")
# The study's keywords (experiment 8) without copies, on these languages.
STUDY = ("study-08", "augment.level=0", "data.languages=[]")
PEERS = Path(__file__).parent / "peers"
FIGURES = (
    *("micro F1", "macro F1", "samples F1"),
    *("precision@1", "precision@3", "precision@5", "empty rate"),
)


def measure(source: str, peers: str | None) -> None:
    print(f"\n{Path(source).name.split('.')[0]}\n", flush=True)
    found: list[tuple[Contender, float, float]] = []
    preset, *changes = STUDY
    for name, more in [(preset, changes), *((name, []) for name in OURS)]:
        config = configure(preset_named(name).config(), sources=[source], assignments=more)
        run = run_experiment(config, RunStore()).run
        size = sum(path.stat().st_size for path in (run.folder / "model").rglob("*"))
        found.append((build_contender(run, name), sum(run.environment["seconds"].values()), size))
    dataset = read_dataset(config)
    split = split_dataset(dataset, config.split, seed=config.seed)
    found += list(_peers(dataset, split, config, found[0][0], peers))
    show(found)


def show(found: Sequence[tuple[Contender, float, float]]) -> None:
    """Each held against our best, with the 95% interval of the difference."""
    contenders = [contender for contender, *_ in found]
    table = compare(contenders, reference=OURS[-1])
    rows = {row.figure: row for row in table.figures}
    gaps = [f"{figure} less {OURS[-1]}" for figure in FIGURES[:2]]
    print(f"| | {' | '.join([*FIGURES, 's', 'MB', *gaps])} |")
    print(f"|{'---|' * (len(FIGURES) + 5)}")
    for number, (contender, seconds, size) in enumerate(found):
        cells = [contender.name, *(f"{rows[figure].values[number]:.3f}" for figure in FIGURES)]
        cells += [f"{seconds:.0f}", "" if np.isnan(size) else f"{size / 1e6:.1f}"]
        for figure in FIGURES[:2]:
            gap = rows[figure].differences[number]
            cells.append(f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})" if gap else "")
        print(f"| {' | '.join(cells)} |", flush=True)


def _peers(
    dataset: TagDataset,
    split: Split,
    config: ExperimentConfig,
    ours: Contender,
    python: str | None,
) -> Iterator[tuple[Contender, float, float]]:
    """In the order of the test articles of `ours`."""
    row_of = {article.id: row for row, article in enumerate(dataset.articles)}
    test = [row_of[article_id] for article_id in ours.test_ids]
    sides = {"train": split.train.tolist(), "test": test}
    texts = {side: [dataset.texts[row] for row in rows] for side, rows in sides.items()}

    def contender(name: str, scores: NDArray[np.floating], cut: float) -> Contender:
        cuts = np.full(len(dataset.tags), cut)
        return Contender(name, ours.fingerprint, ours.tags, ours.test_ids, ours.truth, scores, cuts)

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
        given.write_text(json.dumps({**told, "tags": len(dataset.tags)}))
        for script in sorted(PEERS.glob("*.py")):
            subprocess.run([python, script, given, folder], check=True)
        for path in sorted(Path(folder).glob("*.npz")):
            with np.load(path) as stored:
                cut, seconds, size = (float(stored[name]) for name in ("cut", "seconds", "bytes"))
                yield contender(path.stem, stored["scores"], cut), seconds, size


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--peers", metavar="PYTHON")
    options = parser.parse_args()
    for source in options.sets:
        measure(source, options.peers)


if __name__ == "__main__":
    main()
