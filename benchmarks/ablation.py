"""What each idea in our best presets is worth: F1 without it, with an interval, and its cost.

python -m benchmarks.ablation SET.jsonl.gz ...

Of the training part alone; the test part stays unseen. It is cut into three once more, each
variant learns from two with everything tuned there, and is judged on the third. Pooled over
the three; differences to the whole preset have 95% intervals (a paired bootstrap of articles).
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import vstack

from benchmarks.quality import FIGURES
from core.base.progress import no_progress
from core.dataset.groups import duplicate_groups
from core.dataset.split import Split, split_dataset
from core.evaluate.comparison import Contender, compare
from core.models.folds import build_folds
from core.runs.experiment import read_dataset, train
from core.runs.journal import Journal
from core.runs.store import RunStore
from core.settings.classifier import ClassifierConfig
from core.settings.experiment import ExperimentConfig
from core.study.presets import configure, preset_named

_CUTS = {
    "a cut for each tag": ["thresholds.rule=per_tag"],
    "cut at margin 0": ["thresholds.rule=zero"],
    "C of the best F1, not F0.5": ["classifier.scorer=micro_f1"],
}
# Of each preset, changes of its settings that take an idea away or put another in its place.
VARIANTS = {
    "best-tfidf": {
        "scikit-learn's words": ["features.analyzer=sklearn"],
        "single words": ["features.ngram_range=[1,1]"],
        "up to four words": ["features.ngram_range=[1,4]"],
        "counts, not their logarithm": ["features.sublinear_tf=false"],
        "no words of one article alone": ["features.min_df=2"],
        **_CUTS,
    },
    "best-encoder": {
        "a straight line in place of nearness": ["classifier.vector_kernel=linear"],
        "the last layer's mean alone": ["features.encoder.pooling=mean"],
        "its [CLS] vector alone": ["features.encoder.pooling=cls"],
        **_CUTS,
    },
    "best-hybrid": {
        "without words": ["features.hybrid.words=0"],
        "without title words": ["features.hybrid.title_words=0"],
        "without characters": ["features.hybrid.characters=0"],
        "without the text's vector": ["features.hybrid.text_vector=0"],
        "without the title's vector": ["features.hybrid.title_vector=0"],
        "vectors at twice the weight": [
            "features.hybrid.text_vector=2",
            "features.hybrid.title_vector=2",
        ],
        "[CLS] vectors in place of means": ["features.encoder.pooling=cls"],
        "one vector of two layers, at twice the weight": [
            "features.encoder.pooling=layers",
            "features.hybrid.text_vector=2",
            "features.hybrid.title_vector=0",
        ],
        "without second stage": ["features.hybrid.second_stage=false"],
        "two folds, not three": ["classifier.folds=2"],
        "five folds": ["classifier.folds=5"],
        "ten folds": ["classifier.folds=10"],
        "C = 0.1, not the best": ["classifier.C=[0.1]"],
        "C = 1": ["classifier.C=[1.0]"],
        "C = 3": ["classifier.C=[3.0]"],
        "a cut for each tag": _CUTS["a cut for each tag"],
    },
}


def measure(source: str) -> None:
    print(f"\n{Path(source).name.split('.')[0]}\n")
    print("| variant | micro F1 | macro F1 | less the preset: micro | macro | time |")
    print(f"|{'---|' * 6}", flush=True)
    for name, variants in VARIANTS.items():
        whole = configure(preset_named(name).config(), sources=[source])
        found: list[tuple[Contender, float]] = []
        for variant, changes in {name: (), **variants}.items():
            found.append(judge(variant, configure(whole, assignments=changes)))
        show(found, name)


def judge(name: str, config: ExperimentConfig) -> tuple[Contender, float]:
    """Margins above the cut, pooled over the parts of the training part; and seconds."""
    dataset = read_dataset(config)
    learnt = split_dataset(dataset, config.split, seed=config.seed).train
    groups = duplicate_groups([dataset.articles[row] for row in learnt])
    parts = build_folds(groups, dataset.Y[learnt], ClassifierConfig(folds=3), seed=config.seed)
    begun = time.perf_counter()
    tested = []
    for train_rows, test_rows in parts:
        split = Split(learnt[train_rows], learnt[test_rows])
        tested.append(train(config, dataset, RunStore(), Journal(no_progress), split=split))
    seconds = time.perf_counter() - begun
    tests = [result.test for result in tested]
    margins = [result.test.scores - result.tagger.thresholds for result in tested]
    return Contender(
        name,
        dataset.fingerprint,
        dataset.tags,
        [article_id for test in tests for article_id in test.ids],
        vstack([test.truth for test in tests], format="csr"),
        np.concatenate(margins),
        np.zeros(len(dataset.tags)),
    ), seconds


def show(found: Sequence[tuple[Contender, float]], reference: str) -> None:
    table = compare([contender for contender, _ in found], reference=reference)
    micro, macro = (next(r for r in table.figures if r.figure == figure) for figure in FIGURES[:2])
    for number, (contender, seconds) in enumerate(found):
        cells = [contender.name, f"{micro.values[number]:.3f}", f"{macro.values[number]:.3f}"]
        for row in (micro, macro):
            gap = row.differences[number]
            cells.append(f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})" if gap else "")
        print(f"| {' | '.join(cells)} | {seconds:.0f} s |", flush=True)


def main() -> None:
    for source in sys.argv[1:]:
        measure(source)


if __name__ == "__main__":
    main()
