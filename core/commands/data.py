"""Data sets: list, check, import, and what is done with the imported ones."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.base.errors import DataError
from core.commands import data_fetch
from core.commands.data_report import print_report, report_json
from core.commands.data_stats import show_stats
from core.commands.exit_codes import DONE, USER_CAN_FIX
from core.commands.options import add_command
from core.commands.output import ProgressLine, print_json, print_table, says_yes
from core.commands.reading import options_of, reading_options

_SOURCE = "a file, a folder of Markdown posts, a .zip, or a database's address"


def add_commands(commands: Any) -> None:
    """Add the `data` family to the command line."""
    data = commands.add_parser("data", help="import, check, fetch and describe data sets")
    family = data.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_reading(family)
    _add_keeping(family)
    data_fetch.add_commands(family)


def _add_reading(family: Any) -> None:
    """Commands that read a file, a folder, an archive or a database."""
    reading = reading_options()
    importing = add_command(
        family,
        "import",
        import_set,
        "check articles and keep them under a name",
        "data import posts.csv --name blog --description summary",
        parents=[reading],
    )
    checking = add_command(
        family,
        "check",
        check,
        "what is wrong with articles, row by row; keeps nothing",
        "data check posts.csv --problems problems.csv",
        parents=[reading_options(keeps_bad_rows=True)],
    )
    for command in (importing, checking):
        command.add_argument("source", metavar="SOURCE", help=_SOURCE)
        command.add_argument("--query", default="", help="SQL of the rows, for a database")
    data_fetch.add_set_options(importing)
    checking.add_argument("--problems", type=Path, metavar="FILE", help="write every row's fault")
    stats = add_command(
        family,
        "stats",
        show_stats,
        "totals, tag counts, pairs, spellings, near-duplicates and lengths",
        "data stats sample --json",
        parents=[reading],
    )
    stats.add_argument("name", metavar="NAME_OR_FILE")


def _add_keeping(family: Any) -> None:
    """Commands for the sets that are kept."""
    add_command(family, "list", show_list, "the data sets known by name", "data list")
    rename = add_command(
        family,
        "rename",
        rename_set,
        "give a data set another name",
        "data rename blog posts",
        json=False,
    )
    rename.add_argument("old", metavar="NAME")
    rename.add_argument("new", metavar="NEW_NAME")
    export = add_command(
        family,
        "export",
        export_set,
        "write a data set to a file",
        "data export blog blog.csv",
        json=False,
    )
    export.add_argument("name", metavar="NAME")
    export.add_argument("target", type=Path, metavar="FILE", help=".jsonl, .csv (.gz), .parquet")
    delete = add_command(
        family,
        "delete",
        delete_set,
        "remove a data set and its versions",
        "data delete blog --yes",
        json=False,
    )
    delete.add_argument("name", metavar="NAME")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    versions = add_command(
        family,
        "versions",
        show_versions,
        "the versions of a data set; go back to one",
        "data versions blog --use 1",
    )
    versions.add_argument("name", metavar="NAME")
    versions.add_argument("--use", type=int, metavar="N", help="make version N the current one")


def show_list(options: argparse.Namespace) -> None:
    """Print the data sets, damaged ones with what is wrong with them."""
    from core.articles.store.sets import survey_sets

    infos, damaged = survey_sets()
    problems = {set_.name: set_.problem for set_ in damaged}
    listed = [asdict(info) | {"problem": problems.pop(info.name, "")} for info in infos]
    unknown = dict.fromkeys(listed[0], None)
    listed += [unknown | {"name": name, "problem": why} for name, why in problems.items()]
    if options.json:
        print_json(listed)
        return
    rows = [
        (s["name"], s["articles"], s["version"], "damaged" if s["problem"] else s["note"])
        for s in listed
    ]
    print_table(("name", "articles", "version", "note"), rows)
    for set_ in damaged:
        print(set_.problem)


def import_set(options: argparse.Namespace) -> None:
    """Keep a source's articles as a data set, and print what was found in them."""
    from core.articles.importing import import_source

    info, report = import_source(
        options.source,
        options.name,
        options_of(options),
        skip_bad_rows=options.skip_bad_rows,
        replace_set=options.replace,
        update=options.update,
        progress=ProgressLine(),
    )
    if options.json:
        read = {"rows": report.rows, "bad_rows": report.bad_count}
        said = {"encoding": report.encoding, "notes": report.notes}
        print_json(asdict(info) | read | said | {"left_empty": report.left_empty_counts})
        return
    print_report(report)
    skipped = f"; {report.bad_count:,} bad rows left out" if report.bad_count else ""
    if cells := sum(report.left_empty_counts.values()):
        skipped += f"; {cells:,} optional cell{'' if cells == 1 else 's'} left empty"
    version = f", version {info.version}" if info.version > 1 else ""
    print(f"Kept {info.articles:,} articles as data set {info.name!r}{version}{skipped}.")


def check(options: argparse.Namespace) -> int:
    """Print what is wrong with a source's rows; exit code 2 if any row is."""
    from core.articles.importing import check_source

    report = check_source(options.source, options_of(options), progress=ProgressLine())
    if options.problems:
        options.problems.write_text(report.problems_csv(), encoding="utf-8")
    if options.json:
        print_json(report_json(report))
    else:
        print_report(report)
    return USER_CAN_FIX if report.bad_count else DONE


def rename_set(options: argparse.Namespace) -> None:
    """Give a data set another name."""
    from core.articles.store.versions import rename_set

    rename_set(options.old, options.new)
    print(f"{options.old!r} is {options.new!r} now.")


def export_set(options: argparse.Namespace) -> None:
    """Write a data set to a file, in the form that the file's ending names."""
    from core.articles.export import export_articles

    count = export_articles(options.name, options.target)
    print(f"Wrote {count:,} articles to {options.target}.")


def delete_set(options: argparse.Namespace) -> None:
    """Delete a data set once somebody has said yes, or with --yes."""
    from core.articles.store.versions import delete_set

    question = f"Delete {options.name!r} with {_versions_in_words(options.name)}?"
    if not options.yes and not says_yes(question):
        raise DataError("Nothing was deleted. Say yes, or give --yes.")
    delete_set(options.name)
    print(f"{options.name!r} is deleted.")


def _versions_in_words(name: str) -> str:
    """Also of a set whose record is damaged, which may be deleted too."""
    from core.articles.store.record import require_set
    from core.articles.store.versions import versions_of

    require_set(name)
    try:
        return f"{len(versions_of(name))} version(s)"
    except DataError:
        return "all its files; its record is damaged"


def show_versions(options: argparse.Namespace) -> None:
    """Print the versions of a data set, after making one the current one if asked."""
    from core.articles.store.record import require_set
    from core.articles.store.versions import current_number, problem_in, use_version, versions_of

    if options.use is not None:
        use_version(options.name, options.use)
    versions = versions_of(options.name)
    current = current_number(options.name)
    folder = require_set(options.name)
    problems = {v.version: problem_in(folder, v) for v in versions}
    if options.json:
        print_json(
            [
                asdict(v) | {"current": v.version == current, "problem": problems[v.version]}
                for v in versions
            ]
        )
        return
    rows = [
        (v.version, "current" if v.version == current else "", v.articles, v.created, v.origin)
        for v in versions
    ]
    print_table(("version", "", "articles", "imported", "from"), rows)
    for version in versions:
        if problem := problems[version.version]:
            file = f"sets/{options.name}/{version.file}"
            print(f"Version {version.version} is damaged: {file} cannot be used ({problem}).")
