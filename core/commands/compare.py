"""Runs side by side, with what chance may have to do with their differences."""

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.base.errors import ConfigError
from core.commands.exit_codes import DONE, USER_CAN_FIX
from core.commands.options import add_command, add_json_option
from core.commands.output import print_json, print_table

if TYPE_CHECKING:
    from core.evaluate.comparison import Comparison, Row
    from core.evaluate.export import Published
    from core.runs.lineup import Lineup
    from core.runs.store import Run

_EXAMPLE = "20261124-101500000-0123456789 20261124-102000000-9876543210"


def add_commands(commands: Any) -> None:
    """Add `compare` to the command line."""
    compare = add_command(
        commands,
        "compare",
        compare_runs,
        "runs side by side: figures, differences with intervals, cost, settings",
        f"compare {_EXAMPLE} --markdown",
        json=False,
    )
    compare.add_argument("runs", nargs="+", metavar="RUN", help="ids, as `runs` lists them")
    compare.add_argument(
        "--reference",
        metavar="RUN",
        help="the run that the others are compared with (default: the first)",
    )
    form = compare.add_mutually_exclusive_group()
    add_json_option(form)
    form.add_argument("--csv", action="store_true", help="print the figures as CSV")
    form.add_argument("--markdown", action="store_true", help="print the figures in Markdown")
    form.add_argument("--latex", action="store_true", help="print the figures as a LaTeX tabular")


def compare_runs(options: argparse.Namespace) -> int | None:
    """Print runs side by side; exit code 2 where they cannot be compared, after their figures."""
    from core.runs.lineup import line_up_runs, published_columns
    from core.runs.names import short_names
    from core.runs.store import RunStore

    ids = list(dict.fromkeys(options.runs))
    reference = options.reference or ids[0]
    if reference not in ids:
        raise ConfigError(f"The reference {reference!r} is not among the runs. Name it there too.")
    runs = [RunStore().load(run_id) for run_id in ids]
    lineup = line_up_runs(runs, reference=reference, names=short_names(runs))
    published = published_columns(runs)
    if options.json:
        print_json(_lineup_json(runs, lineup, published))
    for table in () if options.json else lineup.tables:
        _print_figures(table, published, options)
    if not (options.json or options.csv or options.markdown or options.latex):
        _print_settings(runs)
    if not lineup.mismatches:
        return DONE
    print("This is no comparison. " + " ".join(lineup.mismatches), file=sys.stderr)
    return USER_CAN_FIX


def _print_figures(
    comparison: "Comparison", published: "Published", options: argparse.Namespace
) -> None:
    from core.evaluate import export

    rows = (*comparison.figures, *export.band_rows(comparison))
    table = export.text_table(comparison, rows, published)
    if options.csv:
        print(export.csv_text(comparison, rows, published), end="")
    elif options.markdown:
        print(export.to_markdown(table))
    elif options.latex:
        print(export.to_latex(table))
    else:
        print_table(table.header, table.rows)
        print(f"\n{comparison.articles:,} test articles. {export.INTERVAL_NOTE}.\n")


def _print_settings(runs: "list[Run]") -> None:
    from core.base.progress import format_seconds
    from core.runs.lineup import cost_of, list_settings
    from core.runs.names import short_names

    names, costs = short_names(runs), [cost_of(run) for run in runs]
    rows = [
        ("training time", *(format_seconds(cost.train_seconds) for cost in costs)),
        ("peak memory", *(f"{cost.peak_memory_bytes / 1e6:,.0f} MB" for cost in costs)),
        ("model on disk", *(f"{cost.model_bytes / 1e6:,.1f} MB" for cost in costs)),
        *((name, *map(str, values)) for name, values in list_settings(runs).items()),
    ]
    print_table(("cost, and settings that differ", *names.values()), rows)


def _lineup_json(runs: "list[Run]", lineup: "Lineup", published: "Published") -> dict[str, Any]:
    from core.evaluate.bootstrap import LEVEL, RESAMPLES
    from core.runs.lineup import cost_of, list_settings
    from core.runs.names import short_names

    names = short_names(runs)
    return {
        "comparable": not lineup.mismatches,
        "why_not": list(lineup.mismatches),
        "interval": LEVEL,
        "resamples": RESAMPLES,
        "runs": [
            {"run": run.id, "name": names[run.id], "cost": asdict(cost_of(run))} for run in runs
        ],
        "tables": [
            {
                "reference": table.reference,
                "articles": table.articles,
                "support": table.support,
                "figures": _rows_json(table, table.figures),
                "bands": _rows_json(table, table.bands),
                "tags": _rows_json(table, table.tags),
            }
            for table in lineup.tables
        ],
        "settings": list_settings(runs),
        "published": dict(published),
    }


def _rows_json(table: "Comparison", rows: "tuple[Row, ...]") -> dict[str, Any]:
    """By figure, then by run's name."""
    return {
        row.figure: {
            name: {"value": value}
            | (
                {
                    "against_reference": {
                        "difference": d.value,
                        "low": d.low,
                        "high": d.high,
                        "sure": d.is_sure,
                    }
                }
                if d
                else {}
            )
            for name, value, d in zip(table.names, row.values, row.differences, strict=True)
        }
        for row in rows
    }
