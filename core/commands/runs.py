"""Experiments: presets, run, runs."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import ConfigError
from core.commands.experiment_options import (
    chosen_config,
    experiment_options,
    require_one_value_each,
)
from core.commands.options import add_command, add_json_option
from core.commands.output import ProgressLine, print_json, print_table
from core.commands.reading import reading_options, source_reader

if TYPE_CHECKING:
    from core.runs.records import CrossValidation
    from core.runs.store import Run
    from core.settings.experiment import ExperimentConfig


def add_commands(commands: Any) -> None:
    """Add `presets`, `run` and `runs` to the command line."""
    add_command(commands, "presets", show_presets, "the experiments known by name", "presets")
    run = add_command(
        commands,
        "run",
        run_preset,
        "train a tagger and test it",
        "run best-tfidf --data a.jsonl --set data.min_tag_count=10",
        parents=[
            experiment_options(preset_help="a preset, or study for its whole family"),
            reading_options(),
        ],
        json=False,
    )
    run.add_argument(
        "--sweep",
        action="append",
        default=[],
        metavar="NAME=VALUE,VALUE",
        help="a run for each value of a setting, one table; again for every combination. A value "
        "with commas in it is a [list] or a quoted text",
    )
    run.add_argument("--chart", type=Path, metavar="FILE", help="draw the sweep into an HTML file")
    form = run.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="print tables in Markdown")
    add_json_option(form)
    run.add_argument("--again", action="store_true", help="run even if this run is there already")
    run.add_argument(
        "--detach",
        action="store_true",
        help="submit background jobs, one a run, and print their ids",
    )
    run.add_argument(
        "--engine",
        choices=("local", "ray"),
        help="as jobs on this engine, and wait for them (with --detach the default is "
        "TAGSMITH_ENGINE)",
    )
    add_command(commands, "runs", show_runs, "finished runs, newest first", "runs --json")


def show_presets(options: argparse.Namespace) -> None:
    """Print the presets; with --json their settings and published figures too."""
    from core.metrics.report import averages_json
    from core.study.presets import list_presets
    from core.study.published import PUBLISHED_NOTE

    presets = list_presets()
    if not options.json:
        print_table(("name", "what it is"), [(p.name, p.title) for p in presets])
        return
    print_json(
        [
            {
                "name": preset.name,
                "title": preset.title,
                "config": preset.config().model_dump(mode="json"),
                "published": preset.published
                and {
                    "note": PUBLISHED_NOTE,
                    "cv_score": preset.published.cv_score,
                    "averages": averages_json(preset.published.averages),
                },
            }
            for preset in presets
        ]
    )


def run_preset(options: argparse.Namespace) -> int | None:
    """Run one experiment, the study's family of them, or a sweep; here or as jobs."""
    from core.commands.batch import run_batch
    from core.runs.batch import family_entries, sweep_entries
    from core.study.presets import FAMILY

    _refuse_options_without_effect(options)
    if options.preset == FAMILY:
        require_one_value_each(options)
        return run_batch(options, family_entries(options.data, options.assignments))
    config = chosen_config(options)
    if options.sweep:
        return run_batch(options, sweep_entries(config, options.sweep))
    if options.detach or options.engine:
        _run_as_job(options, config)
    else:
        _run_one(options, config)
    return None


def _refuse_options_without_effect(options: argparse.Namespace) -> None:
    from core.study.presets import FAMILY

    if options.chart and not options.sweep:
        raise ConfigError("--chart draws a sweep: name one with --sweep NAME=VALUE,VALUE.")
    if options.preset == FAMILY and options.sweep:
        raise ConfigError("A sweep needs one preset, not the whole family.")
    if options.detach and (options.chart or options.markdown):
        wanted = "--chart" if options.chart else "--markdown"
        raise ConfigError(
            f"{wanted} shows results, and --detach does not wait for any. Leave one of them out."
        )


def _run_as_job(options: argparse.Namespace, config: "ExperimentConfig") -> None:
    """Submit, and wait for the end unless --detach."""
    from core.commands.jobs import follow
    from core.commands.run_jobs import submit_entry
    from core.runs.batch import Entry
    from core.runs.store import RunStore

    job = submit_entry(Entry({}, config), options)
    if options.detach:
        if options.json:
            print_json({"job": job.id})
        else:
            print(f"job {job.id}; follow it with: python -m core jobs show {job.id}")
        return
    result = follow(job)
    _print_outcome(RunStore().load(result["run"]), options, reused=result["reused"])


def _run_one(options: argparse.Namespace, config: "ExperimentConfig") -> None:
    from core.runs.experiment import run_experiment
    from core.runs.store import RunStore

    outcome = run_experiment(
        config,
        RunStore(),
        read=source_reader(options),
        progress=ProgressLine(),
        again=options.again,
    )
    _print_outcome(outcome.run, options, reused=outcome.reused)


def _print_outcome(run: "Run", options: argparse.Namespace, *, reused: bool) -> None:
    if options.json:
        print_json({"run": run.id, "report": run.report.as_json()})
        return
    _print_report(run, markdown=options.markdown)
    print(f"\nrun {run.id}" + (" (finished before; --again repeats it)" if reused else ""))


def show_runs(options: argparse.Namespace) -> None:
    """Print the finished runs, damaged ones with what is wrong with them."""
    from core.runs.names import labels_of
    from core.runs.store import RunStore

    runs, unreadable = RunStore().survey()
    if options.json:
        listed = [
            {
                "run": run.id,
                "config": run.config.model_dump(mode="json"),
                "report": run.report.as_json(),
            }
            for run in runs
        ]
        unread = {"config": None, "report": None}
        print_json(
            [run | {"problem": ""} for run in listed]
            + [{"run": run.name, **unread, "problem": run.problem} for run in unreadable]
        )
    elif runs or unreadable:
        labels = labels_of(runs)
        rows: list[tuple[object, ...]] = [(run.id, labels[run.id], *_f1_of(run)) for run in runs]
        rows += [(run.name, "cannot be read", None, None) for run in unreadable]
        print_table(("run", "what", "micro F1", "macro F1"), rows)
        for run in unreadable:
            print(run.problem)
    else:
        print("No run yet. Start one with: python -m core run best-tfidf")


def _f1_of(run: "Run") -> tuple[float, float]:
    averages = run.report.averages
    return averages["micro avg"].f1_score, averages["macro avg"].f1_score


def _print_report(run: "Run", *, markdown: bool) -> None:
    report = run.report
    rule = {
        "zero": "margin 0",
        "value": f"margin {run.config.thresholds.value:g}",
        "global": "one tuned threshold",
        "per_tag": "a threshold a tag",
    }
    print(f"test part at {rule[report.at]}")
    rows = [
        (name, average.precision, average.recall, average.f1_score, average.support)
        for name, average in report.averages.items()
    ]
    print_table(("average", "precision", "recall", "f1-score", "support"), rows, markdown=markdown)
    print(
        f"\nsubset accuracy {report.subset_accuracy:.3f}, articles without a tag "
        f"{report.empty_rate:.3f}, tags per article {report.tags_per_article:.2f}"
    )
    if cv := report.cv:
        _print_cross_validation(cv, report.test_scorer)
    for epoch in run.read_epochs():
        print(
            f"epoch {epoch.epoch}: training loss {epoch.train_loss:.3f}, validation "
            f"loss {epoch.validation_loss:.3f}, micro F1 {epoch.micro_f1_score:.3f}, "
            f"macro F1 {epoch.macro_f1_score:.3f}"
        )
    for note in run.environment.notes:
        print(note)


def _print_cross_validation(cv: "CrossValidation", test_score: float) -> None:
    from core.runs.records import FOLDS_NOTE

    params = ", ".join(f"{name} {value}" for name, value in cv.params if value is not None)
    print(
        f"{cv.scorer} at margin 0: cross-validation {cv.score:.3f} "
        f"({params}), test {test_score:.3f}"
    )
    if not cv.is_sound:
        print(FOLDS_NOTE)
