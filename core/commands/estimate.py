"""What an experiment will cost on this machine, before it is run."""

import argparse
from typing import TYPE_CHECKING, Any

from core.commands.experiment_options import chosen_config, experiment_options
from core.commands.options import add_command
from core.commands.output import ProgressLine, print_json
from core.commands.reading import reading_options, source_reader

if TYPE_CHECKING:
    from core.estimate.cost import Estimate
    from core.estimate.plan import Plan


def add_commands(commands: Any) -> None:
    """Add `estimate` to the command line."""
    add_command(
        commands,
        "estimate",
        show_estimate,
        "what an experiment will cost on this machine",
        "estimate best-encoder --data sample",
        parents=[experiment_options(preset_help="a preset"), reading_options()],
    )


def show_estimate(options: argparse.Namespace) -> None:
    """Print what the experiment will cost in time and memory.

    What this machine has no record of is measured first, which takes a few seconds.
    """
    from core.estimate.cost import measure_missing
    from core.estimate.plan import plan_experiment
    from core.runs.experiment import read_dataset
    from core.runs.store import RunStore

    config = chosen_config(options)
    dataset, store = read_dataset(config, read=source_reader(options)), RunStore()
    plan = plan_experiment(config, dataset, store)
    estimate = measure_missing(plan, store, progress=ProgressLine())
    if options.json:
        print_json(_as_json(plan, estimate))
    else:
        _print_estimate(plan, estimate)


def _as_json(plan: "Plan", estimate: "Estimate") -> dict[str, Any]:
    return {
        "articles": len(plan.split.train) + len(plan.split.test),
        "tags": len(plan.part.tags),
        "training_texts": len(plan.part.texts),
        "tokens": plan.work.tokens,
        "vectors_from_cache": plan.work.cached,
        "seconds": round(estimate.seconds, 1),
        "seconds_by_step": {step: round(s, 2) for step, s in estimate.by_step.items()},
        "peak_memory_bytes": estimate.peak_bytes,
        "judged_by_runs": list(estimate.runs),
        "judged_by_measurement": list(estimate.measured),
    }


def _print_estimate(plan: "Plan", estimate: "Estimate") -> None:
    from core.base.progress import format_seconds

    articles = len(plan.split.train) + len(plan.split.test)
    print(
        f"{articles:,} articles, {len(plan.part.tags):,} tags, "
        f"{len(plan.part.texts):,} training texts with copies"
    )
    if plan.files:
        print(f"{plan.work.tokens:,} tokens; {plan.work.cached:,} texts have their vectors already")
    print(
        f"about {format_seconds(estimate.seconds)}, {estimate.peak_bytes / 1e6:,.0f} MB of memory"
    )
