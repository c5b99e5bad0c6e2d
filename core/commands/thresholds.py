"""Cuts of a run: what they cost, the cut for a goal, and operating points."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.base.errors import ConfigError
from core.commands.options import add_command
from core.commands.output import print_json, print_table

if TYPE_CHECKING:
    from core.evaluate.cut_cost import CutFigures
    from core.models.cut_solver import Goal
    from core.runs.operating_points import OperatingPoint
    from core.runs.run_scores import RunScores, SolvedCuts
    from core.runs.store import Run

_NO_LIMITS = {"at_least": 0, "at_most": None}


def add_commands(commands: Any) -> None:
    """Add `thresholds` to the command line."""
    thresholds = add_command(
        commands,
        "thresholds",
        show_thresholds,
        "what a cut costs; solve for one; save it for the suggester",
        "thresholds RUN --precision 0.8 --save careful",
    )
    thresholds.add_argument("run", metavar="RUN", help="a finished run's id")
    rule = thresholds.add_mutually_exclusive_group()
    rule.add_argument("--precision", type=float, help="the cut for this precision, 0..1")
    rule.add_argument("--recall", type=float, help="the cut for this recall, 0..1")
    rule.add_argument("--beta", type=float, help="the cut with the best F-beta")
    rule.add_argument("--value", type=float, help="this cut")
    rule.add_argument("--top-k", type=int, metavar="K", help="the K best tags of every article")
    thresholds.add_argument(
        "--per-tag", action="store_true", help="a cut for each tag (alone: for its best F1)"
    )
    thresholds.add_argument(
        "--min-support", type=int, help="rarer tags keep the common cut (--per-tag; default: 5)"
    )
    thresholds.add_argument(
        "--smoothing",
        type=float,
        help="how strongly rare tags are drawn to the common cut, 0 for not (--per-tag; "
        "default: 20)",
    )
    thresholds.add_argument(
        "--average",
        choices=["micro", "macro", "weighted", "samples"],
        help="which average a common cut is solved for (default: micro)",
    )
    thresholds.add_argument(
        "--at-least-one",
        action="store_true",
        help="take the best tag of an article if none is above its threshold",
    )
    thresholds.add_argument(
        "--save", nargs="?", const="", metavar="NAME", help="save it, and suggest with it"
    )


def show_thresholds(options: argparse.Namespace) -> None:
    """Print what an operating point of a run costs: the one asked for, else the chosen one."""
    from core.runs.run_scores import LEAK_NOTE, build_run_scores
    from core.runs.store import RunStore

    _refuse_options_without_effect(options)
    run = RunStore().load(options.run)
    scores = build_run_scores(run)
    point, out_of_reach = _build_point(options, run, scores)
    figures = scores.figures(point)
    saved = options.save is not None
    if saved:
        _save(run, point)
    if options.json:
        print_json(_as_json(run, point, figures, out_of_reach, saved=saved))
        return
    if scores.leaks:
        print(LEAK_NOTE, file=sys.stderr)
    _print_figures(run, point, figures)
    if out_of_reach:
        print(f"The goal cannot be reached, so the common cut is used: {', '.join(out_of_reach)}.")
    if saved:
        print(f"Saved as {point.name!r}; suggest uses it now.")


def _refuse_options_without_effect(options: argparse.Namespace) -> None:
    goals = (options.precision, options.recall, options.beta)
    has_goal = any(goal is not None for goal in goals)
    if options.per_tag and (options.top_k is not None or options.value is not None):
        raise ConfigError("A cut for each tag needs a goal: --precision, --recall or --beta.")
    for name in ("min_support", "smoothing"):
        if getattr(options, name) is not None and not options.per_tag:
            option = f"--{name.replace('_', '-')}"
            raise ConfigError(f"{option} is about a cut for each tag: add --per-tag.")
    if options.average is not None and (options.per_tag or not has_goal):
        raise ConfigError(
            "--average is about one cut solved for a goal: add --precision, --recall or --beta, "
            "without --per-tag."
        )


def _build_point(
    options: argparse.Namespace, run: "Run", scores: "RunScores"
) -> "tuple[OperatingPoint, Sequence[str]]":
    """The operating point asked for, and the tags that cannot meet its goal."""
    from core.runs.operating_points import change_point, chosen_point, trained_point

    point = chosen_point(run) or trained_point(run)
    changes: dict[str, Any] = {}
    out_of_reach: Sequence[str] = ()
    if options.top_k is not None:
        changes = {"at_least": options.top_k, "at_most": options.top_k, "goal": ""}
    elif options.value is not None:
        changes = {"cut": options.value, "own": {}, "goal": "", **_NO_LIMITS}
    elif goal := _goal(options):
        solved = _solve(options, scores, goal)
        changes = {"cut": solved.cut, "own": solved.own, "goal": solved.goal, **_NO_LIMITS}
        out_of_reach = solved.out_of_reach
    if options.at_least_one:
        changes["at_least"] = max(changes.get("at_least", point.at_least), 1)
    if changes or options.save is not None:
        point = change_point(point, options.save or "", **changes)
    return point, out_of_reach


def _solve(options: argparse.Namespace, scores: "RunScores", goal: "Goal") -> "SolvedCuts":
    if not options.per_tag:
        return scores.solve(goal, average=f"{options.average or 'micro'} avg")
    given = {"min_support": options.min_support, "smoothing": options.smoothing}
    return scores.solve_tags(goal, **{n: value for n, value in given.items() if value is not None})


def _goal(options: argparse.Namespace) -> "Goal | None":
    from core.models.cut_solver import Goal

    if options.precision is not None:
        return Goal("precision", options.precision)
    if options.recall is not None:
        return Goal("recall", options.recall)
    if options.beta is not None:
        return Goal("f_beta", beta=options.beta)
    return Goal("f_beta") if options.per_tag else None


def _save(run: "Run", point: "OperatingPoint") -> None:
    from core.runs.operating_points import OperatingPoints

    OperatingPoints(run.folder.parent).save(point)


def _as_json(
    run: "Run",
    point: "OperatingPoint",
    figures: "dict[str, CutFigures]",
    out_of_reach: Sequence[str],
    *,
    saved: bool,
) -> dict[str, Any]:
    cuts = point.decision(run.tags).thresholds.tolist()
    return {
        "run": run.id,
        "point": point.model_dump(mode="json"),
        "thresholds": dict(zip(run.tags, cuts, strict=True)),
        "tuned_on": run.thresholds.tuned_on if "held-out" in figures else None,
        "held_out": _figures_json(figures["held-out"]) if "held-out" in figures else None,
        "test": _figures_json(figures["test"]),
        "out_of_reach": list(out_of_reach),
        "saved": saved,
    }


def _figures_json(figures: "CutFigures") -> dict[str, Any]:
    from core.metrics.report import averages_json

    found = asdict(figures) | {"averages": averages_json(figures.averages)}
    del found["by_tag"]
    return found


def _print_figures(run: "Run", point: "OperatingPoint", figures: "dict[str, CutFigures]") -> None:
    cut = f"the {point.at_most} best" if point.at_most else f"cut {point.cut:.3f}"
    own = f", {len(point.own)} tags with their own" if point.own else ""
    print(f"{point.name}: {cut}{own}, tuned on {run.thresholds.tuned_on}")
    rows = [
        (part, name, average.precision, average.recall, average.f1_score)
        for part, found in figures.items()
        for name, average in found.averages.items()
    ]
    print_table(("part", "average", "precision", "recall", "f1-score"), rows)
    for part, found in figures.items():
        print(
            f"{part}: {found.right:,} tags right, {found.missed:,} missed, {found.wrong:,} wrong; "
            f"articles without a tag {found.empty_rate:.3f}, tags per article "
            f"{found.tags_per_article:.2f}"
        )
