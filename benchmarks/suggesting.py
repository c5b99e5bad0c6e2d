"""One article's tags, and a file's, against nothing but the encoder on the same texts.

python -m benchmarks.suggesting FILE [--articles 1000] [--rounds 3]

The model is a best-encoder run on FILE, made first if there is none. A forward pass gets the token
ids of one whole text; the encoder alone gets the texts of the file in one call. Both are on the
CPU with the run's settings, warm, in turn.
"""

import argparse
import json
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from benchmarks.speed import median_seconds
from core.articles.store.sets import read_sources
from core.dataset.compose import compose_text
from core.features.vectors import load
from core.methods.encoder.tagger import VectorTagger
from core.runs.experiment import run_experiment
from core.runs.store import Run, RunStore
from core.study.presets import configure, preset_named
from core.suggest.bulk import tag_file
from core.suggest.model_pool import model_pool
from core.suggest.suggester import Suggester, SuggestRequest

LONE_ARTICLES = 100
_WARM_UP = 5


def measure_lone(run: Run, texts: list[str]) -> None:
    """Medians over single texts, each of which goes through everything in turn."""
    model = model_pool(RunStore().folder).model(run.id)
    tagger = _vector_tagger(Suggester.load(run))
    encoder = load(tagger.files, tagger.config)
    limit = tagger.config.max_tokens

    def forward(text: str) -> Callable[[], object]:
        tokens = encoder.tokenizer(text, truncation=True, max_length=limit, return_tensors="pt")
        ids, mask = tokens["input_ids"], tokens["attention_mask"]

        def run_model() -> None:
            with torch.inference_mode():
                encoder.model(input_ids=ids, attention_mask=mask)

        return run_model

    seconds: dict[str, list[float]] = {"forward": [], "tags": [], "evidence": []}
    for number, text in enumerate(texts):
        works: dict[str, Callable[[], object]] = {
            "forward": forward(text),
            "tags": partial(model.suggest, SuggestRequest(text, evidence=False)),
            "evidence": partial(model.suggest, SuggestRequest(text)),
        }
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if number >= _WARM_UP:
                seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(took) for name, took in seconds.items()}
    for name, what in (("tags", "its tags"), ("evidence", "its tags and the words behind them")):
        _show(f"one article: {what}", "one forward pass", medians[name], medians["forward"])


def measure_bulk(run: Run, texts: list[str], rounds: int) -> None:
    suggester = Suggester.load(run)
    tagger = _vector_tagger(suggester)
    encoder = load(tagger.files, tagger.config)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "articles.jsonl", Path(folder) / "tagged.jsonl"
        rows = ({"id": str(n), "description": text} for n, text in enumerate(texts))
        source.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        ours, theirs = median_seconds(
            lambda: tag_file(source, target, suggester),
            lambda: encoder.encode(texts, tagger.config),
            rounds,
        )
    _show(f"a file of {len(texts)} articles", "the encoder's vectors of its texts", ours, theirs)


def _vector_tagger(suggester: Suggester) -> VectorTagger:
    assert isinstance(suggester.tagger, VectorTagger)
    return suggester.tagger


def _show(work: str, against: str, ours: float, theirs: float) -> None:
    cells = (work, against, f"{1000 * ours:,.1f} ms", f"{1000 * theirs:,.1f} ms")
    print(f"| {' | '.join(cells)} | {ours / theirs:.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--articles", type=int, default=1000, help="of the file that is tagged")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    config = configure(
        preset_named("best-encoder").config(),
        sources=[options.file],
        assignments=["features.encoder.device=cpu"],
    )
    run = run_experiment(config, RunStore()).run
    found = read_sources([options.file])
    step = max(len(found) // options.articles, 1)
    texts = [compose_text(article, config.data) for article in found[::step]]
    print("| work | against | ours | the encoder | ours / the encoder |\n|---|---|---|---|---|")
    measure_lone(run, texts[: _WARM_UP + LONE_ARTICLES])
    measure_bulk(run, texts[: options.articles], options.rounds)


if __name__ == "__main__":
    main()
