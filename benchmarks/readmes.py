"""Tags for ten well-known projects, described in our own words, by what a new home learns.

python -m benchmarks.readmes

Trains the models of a first start on the sample, in a home of its own, and prints a Markdown table
for each text: what each model suggests and what it is not sure of, with probabilities in percent.
docs/history/suggestions.md adds a judgement to each.
"""

import json
import os
import tempfile
import textwrap
from pathlib import Path

from core.jobs.first_start import PRESETS
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from core.study.presets import preset_named
from core.suggest.suggester import Suggester
from core.suggest.sureness import RatedTag, Verdict, rate_tags

TEXTS = Path(__file__).with_name("readmes.jsonl")


def train(preset: str) -> Suggester:
    """On the sample, as the first start does."""
    run = run_experiment(preset_named(preset).config(), RunStore()).run
    seconds = run.environment.total_seconds
    print(f"{preset}: trained in {seconds:.0f} s", flush=True)
    return Suggester.load(run)


def show(project: str, text: str, suggesters: dict[str, Suggester]) -> None:
    print(f"\n## {project}\n\n{textwrap.indent(textwrap.fill(text, 98), '> ')}\n")
    print("| model | suggested | not sure |\n|---|---|---|")
    for preset, suggester in suggesters.items():
        rated = rate_tags(suggester, suggester.suggest(text).tags)
        rated = sorted(rated, key=lambda tag: -(tag.probability or 0.0))
        print(f"| {preset} | {cell(rated, 'suggested')} | {cell(rated, 'not sure')} |")


def cell(rated: list[RatedTag], verdict: Verdict) -> str:
    """Tags with their probabilities in percent, the likeliest first."""
    chosen = (tag for tag in rated if tag.verdict == verdict)
    return ", ".join(f"{tag.tag} {100 * (tag.probability or 0):.0f}" for tag in chosen)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["TAGSMITH_HOME"] = home
        suggesters = {preset: train(preset) for preset in PRESETS}
        for line in TEXTS.read_text(encoding="utf-8").splitlines():
            show(**json.loads(line), suggesters=suggesters)


if __name__ == "__main__":
    main()
