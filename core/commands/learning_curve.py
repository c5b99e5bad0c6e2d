"""How a tagger's F1 grows with the number of labelled articles."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.commands.experiment_options import chosen_config, experiment_options
from core.commands.options import add_command, add_json_option
from core.commands.output import ProgressLine, print_json, print_table
from core.commands.reading import reading_options, source_reader

if TYPE_CHECKING:
    from core.evaluate.learning_curve import CurveLine, LearningCurve

_SHOWN = 15


def add_commands(commands: Any) -> None:
    """Add `learning-curve` to the command line."""
    curve = add_command(
        commands,
        "learning-curve",
        show_learning_curve,
        "F1 against the number of labelled articles, and which tags would gain from more",
        "learning-curve best-tfidf --data sample",
        parents=[experiment_options(preset_help="a preset"), reading_options()],
        json=False,
    )
    curve.add_argument(
        "--shares",
        nargs="+",
        type=float,
        metavar="SHARE",
        help="of the training articles, rising (default: 0.0625 0.125 0.25 0.5); all come last",
    )
    curve.add_argument("--repeats", type=int, help="drawings of each share (default: 3)")
    curve.add_argument(
        "--again",
        action="store_true",
        help="measure it again if it exists; other shares or repeats imply that",
    )
    form = curve.add_mutually_exclusive_group()
    add_json_option(form)
    form.add_argument("--csv", action="store_true", help="print F1 of every size and tag as CSV")


def show_learning_curve(options: argparse.Namespace) -> None:
    """Print the learning curve of an experiment, whose run is trained first if there is none."""
    from core.runs.experiment import run_experiment
    from core.runs.learning_curves import (
        REPEATS,
        SHARES,
        check_curve,
        measure_learning_curve,
        read_learning_curve,
    )
    from core.runs.store import RunStore

    config = chosen_config(options)
    shares = SHARES if options.shares is None else options.shares
    repeats = REPEATS if options.repeats is None else options.repeats
    check_curve(config, shares, repeats)
    store, progress, read = RunStore(), ProgressLine(), source_reader(options)
    run = run_experiment(config, store, read=read, progress=progress).run
    asked = options.again or options.shares is not None or options.repeats is not None
    curve = None if asked else read_learning_curve(run)
    if curve is None:
        curve = measure_learning_curve(
            run, store, read=read, shares=shares, repeats=repeats, progress=progress
        )
    if options.json:
        print_json({"run": run.id, **_as_json(curve)})
    elif options.csv:
        _print_csv(curve)
    else:
        _print_curve(curve)
        print(f"\nrun {run.id}")


def _as_json(curve: "LearningCurve") -> dict[str, Any]:
    from core.evaluate.bootstrap import LEVEL, RESAMPLES

    counts = zip(curve.tags, curve.training, curve.support, strict=True)
    return {
        "sizes": curve.sizes,
        "repeats": curve.repeats,
        "test_articles": curve.test_articles,
        "interval": LEVEL,
        "resamples": RESAMPLES,
        "averages": {line.name: _line_json(curve, line) for line in curve.averages},
        "tags": {
            line.name: {"training": training, "support": support, **_line_json(curve, line)}
            for line, training, support in counts
        },
    }


def _line_json(curve: "LearningCurve", line: "CurveLine") -> dict[str, Any]:
    return {
        "f1": line.values,
        "low": line.low,
        "high": line.high,
        "gain": {**asdict(line.growth), "sure": line.growth.is_sure},
        "per_doubling": curve.per_doubling(line),
    }


def _print_csv(curve: "LearningCurve") -> None:
    from core.base.files import safe_csv
    from core.evaluate.learning_curve import size_table

    table = size_table(curve)
    print(safe_csv(list(table.columns), table.itertuples(index=False)), end="")


def _print_curve(curve: "LearningCurve") -> None:
    from core.evaluate.learning_curve import CURVE_NOTE, state_growth, state_tag_gains, tag_gains

    sizes = [f"{size:,}" for size in curve.sizes]
    rows = [(line.name, *(f"{value:.3f}" for value in line.values)) for line in curve.averages]
    print_table(("training articles", *sizes), rows)
    print()
    for line in curve.averages:
        print(state_growth(curve, line))
    print(f"\n{state_tag_gains(curve)} The first {_SHOWN}:")
    gains = tag_gains(curve).head(_SHOWN)
    print_table(list(gains.columns), gains.values.tolist())
    print(f"\n{curve.test_articles:,} test articles. {CURVE_NOTE}.")
