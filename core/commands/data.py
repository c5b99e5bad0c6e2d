"""Data sets: list, check, import, and what is done with the imported ones."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.base.errors import DataError
from core.commands import data_fetch
from core.commands.data_report import print_report, report_json
from core.commands.data_stats import show_stats
from core.commands.output import ProgressLine, print_json, print_table, says_yes
from core.commands.reading import options_of, reading_options


def add_commands(commands: Any) -> None:
    data = commands.add_parser("data", help="import, check, fetch and describe data sets")
    family = data.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_reading(family)
    _add_keeping(family)
    data_fetch.add_commands(family)


def _add_reading(family: Any) -> None:
    """Commands that read a file, a folder, an archive or a database."""
    reading = reading_options()
    importing = family.add_parser(
        "import",
        parents=[reading],
        help="check articles and keep them under a name",
        epilog="example: python -m core data import posts.csv --name blog --description summary",
    )
    importing.add_argument("source", metavar="SOURCE", help=_SOURCE)
    importing.add_argument("--name", required=True, help="name of the new data set")
    again = importing.add_mutually_exclusive_group()
    again.add_argument("--replace", action="store_true", help="as a new version of that set")
    again.add_argument(
        "--update", action="store_true", help="a new version: known ids replaced, new ones added"
    )
    importing.set_defaults(handler=import_set)
    checking = family.add_parser(
        "check",
        parents=[reading_options(keeps_bad_rows=True)],
        help="what is wrong with articles, row by row; keeps nothing",
        epilog="example: python -m core data check posts.csv --problems problems.csv",
    )
    checking.add_argument("source", metavar="SOURCE", help=_SOURCE)
    checking.add_argument("--problems", type=Path, metavar="FILE", help="write every row's fault")
    checking.set_defaults(handler=check)
    for command in (importing, checking):
        command.add_argument("--query", default="", help="SQL of the rows, for a database")
        command.add_argument("--json", action="store_true", help="print one JSON document")
    stats = family.add_parser(
        "stats",
        parents=[reading],
        help="totals, tag counts, pairs, spellings, near-duplicates and lengths",
        epilog="example: python -m core data stats sample --json",
    )
    stats.add_argument("name", metavar="NAME_OR_FILE")
    stats.add_argument("--json", action="store_true", help="print one JSON document")
    stats.set_defaults(handler=show_stats)


_SOURCE = "a file, a folder of Markdown posts, a .zip, or a database's address"


def _add_keeping(family: Any) -> None:
    """Commands for the sets that are kept."""

    def add(name: str, help: str, example: str, handler: Any) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = family.add_parser(
            name, help=help, epilog=f"example: python -m core data {name}{example}"
        )
        command.set_defaults(handler=handler)
        return command

    listing = add("list", "the data sets known by name", "", show_list)
    listing.add_argument("--json", action="store_true", help="print one JSON document")
    rename = add("rename", "give a data set another name", " blog posts", rename_set)
    rename.add_argument("old", metavar="NAME")
    rename.add_argument("new", metavar="NEW_NAME")
    export = add("export", "write a data set to a file", " blog blog.csv", export_set)
    export.add_argument("name", metavar="NAME")
    export.add_argument("target", type=Path, metavar="FILE", help=".jsonl, .csv (.gz), .parquet")
    delete = add("delete", "remove a data set and its versions", " blog --yes", delete_set)
    delete.add_argument("name", metavar="NAME")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    versions = add(
        "versions", "the versions of a data set; go back to one", " blog --use 1", show_versions
    )
    versions.add_argument("name", metavar="NAME")
    versions.add_argument("--use", type=int, metavar="N", help="make version N the current one")
    versions.add_argument("--json", action="store_true", help="print one JSON document")


def show_list(options: argparse.Namespace) -> None:
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
    from core.articles.importing import check_source

    report = check_source(options.source, options_of(options), progress=ProgressLine())
    if options.problems:
        options.problems.write_text(report.problems_csv(), encoding="utf-8")
    if options.json:
        print_json(report_json(report))
    else:
        print_report(report)
    return 2 if report.bad_count else 0


def rename_set(options: argparse.Namespace) -> None:
    from core.articles.store.versions import rename_set

    rename_set(options.old, options.new)
    print(f"{options.old!r} is {options.new!r} now.")


def export_set(options: argparse.Namespace) -> None:
    from core.articles.export import export_articles

    count = export_articles(options.name, options.target)
    print(f"Wrote {count:,} articles to {options.target}.")


def delete_set(options: argparse.Namespace) -> None:
    from core.articles.store.versions import delete_set

    question = f"Delete {options.name!r} with {_versions_in_words(options.name)}?"
    if not options.yes and not says_yes(question):
        raise DataError("Nothing was deleted. Say yes, or give --yes.")
    delete_set(options.name)
    print(f"{options.name!r} is deleted.")


def _versions_in_words(name: str) -> str:
    """Also of a set whose record is damaged, which may be deleted too."""
    from core.articles.store.versions import require_set, versions_of

    require_set(name)
    try:
        return f"{len(versions_of(name))} version(s)"
    except DataError:
        return "all its files; its record is damaged"


def show_versions(options: argparse.Namespace) -> None:
    from core.articles.store.versions import (
        current_number,
        problem_in,
        require_set,
        use_version,
        versions_of,
    )

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
