"""Data sets: list, import, check, stats."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.commands.output import print_json, print_records, print_table

if TYPE_CHECKING:
    from core.articles.article import Article  # brings pydantic, which --help does without

COLUMNS = ("id", "title", "description", "fulltext", "tags")


def add_commands(commands: Any) -> None:
    data = commands.add_parser("data", help="list, import, check and describe data sets")
    family = data.add_subparsers(title="commands", required=True, metavar="COMMAND")
    reading = reading_options()

    listing = family.add_parser(
        "list", help="the data sets known by name", epilog="example: python -m core data list"
    )
    listing.set_defaults(handler=show_list)

    importing = family.add_parser(
        "import",
        parents=[reading],
        help="check an article file and keep it under a name",
        epilog="example: python -m core data import posts.csv --name blog --description summary",
    )
    importing.add_argument("file", type=Path)
    importing.add_argument("--name", required=True, help="name of the new data set")
    importing.add_argument("--replace", action="store_true", help="replace a set of that name")
    importing.set_defaults(handler=import_set)

    checking = family.add_parser(
        "check",
        parents=[reading],
        help="what is wrong with an article file, row by row",
        epilog="example: python -m core data check posts.csv",
    )
    checking.add_argument("file", type=Path)
    checking.set_defaults(handler=check)

    stats = family.add_parser(
        "stats",
        parents=[reading],
        help="totals, tag counts, pairs, spellings, near-duplicates and lengths",
        epilog="example: python -m core data stats sample --json",
    )
    stats.add_argument("name", metavar="NAME_OR_FILE")
    stats.set_defaults(handler=show_stats)
    for command in (listing, importing, checking, stats):
        command.add_argument("--json", action="store_true", help="print one JSON document")


def reading_options() -> argparse.ArgumentParser:
    """Options of every command that reads article files."""
    options = argparse.ArgumentParser(add_help=False)
    group = options.add_argument_group("reading")
    for field in COLUMNS:
        group.add_argument(f"--{field}", metavar="COLUMN", help=f"column that holds the {field}")
    group.add_argument("--encoding", default="utf-8", help="text encoding (default: utf-8)")
    group.add_argument("--skip-bad-rows", action="store_true", help="leave out rows that are wrong")
    return options


def reading_arguments(options: argparse.Namespace) -> dict[str, Any]:
    columns = {f: getattr(options, f) for f in COLUMNS if getattr(options, f, None)}
    return {
        "columns": columns,
        "encoding": options.encoding,
        "skip_bad_rows": options.skip_bad_rows,
    }


def show_list(options: argparse.Namespace) -> None:
    from core.articles.sets import list_sets

    infos = list_sets()
    if options.json:
        print_json([asdict(info) for info in infos])
    else:
        print_table(("name", "articles", "note"), [(i.name, i.articles, i.note) for i in infos])


def import_set(options: argparse.Namespace) -> None:
    from core.articles.sets import import_file

    info, result = import_file(
        options.file, options.name, replace=options.replace, **reading_arguments(options)
    )
    if options.json:
        print_json(asdict(info) | {"rows": result.rows, "bad_rows": result.bad_count})
    else:
        skipped = f"; {result.bad_count:,} bad rows left out" if result.bad_count else ""
        print(f"Kept {info.articles:,} articles as data set {info.name!r}{skipped}.")


def check(options: argparse.Namespace) -> int:
    from core.articles.read import check_file
    from core.dataset.groups import duplicate_groups

    columns = reading_arguments(options)["columns"]
    result = check_file(options.file, columns=columns, encoding=options.encoding)
    duplicates = len(result.articles) - len(set(duplicate_groups(result.articles).tolist()))
    if options.json:
        print_json(
            {
                "file": result.name,
                "rows": result.rows,
                "articles": len(result.articles),
                "duplicates": duplicates,
                "bad_rows": result.bad_count,
                "first_bad_rows": [asdict(row) for row in result.bad_rows],
            }
        )
    else:
        print(
            f"{result.name}: {result.rows:,} rows, {len(result.articles):,} articles, "
            f"{duplicates:,} duplicates, {result.bad_count:,} bad rows"
        )
        for row in result.bad_rows:
            print(f"  {row}")
    return 2 if result.bad_count else 0


def show_stats(options: argparse.Namespace) -> None:
    from core.articles.sets import read_sources
    from core.dataset.statistics import build_statistics

    articles = read_sources([options.name], **reading_arguments(options))
    stats = build_statistics(articles)
    findings = find_more(articles, stats.tag_counts)
    if options.json:
        print_json(asdict(stats) | findings)
        return
    print_table(
        ("articles", "tags", "tags per article", "share with a rare tag", "duplicates"),
        [(stats.articles, stats.tags, stats.tags_per_article, stats.rare_share, stats.duplicates)],
    )
    print("\nlanguages: " + ", ".join(f"{code} {n:,}" for code, n in stats.languages.items()))
    print("\nmost frequent tags")
    print_table(("tag", "articles"), list(stats.tag_counts.items())[:20])
    for title, name in _FINDINGS.items():
        rows = findings[name]
        print(f"\n{title}" + ("" if rows else ": none"))
        if rows:
            print_records(rows[:20])


_FINDINGS = {
    "tags that stand together": "pairs",
    "tags that may be one": "variants",
    "articles that say nearly the same": "near_duplicates",
    "lengths": "lengths",
}


def find_more(articles: Sequence[Article], tag_counts: dict[str, int]) -> dict[str, Any]:
    """Under each name of _FINDINGS a list of records; of the pairs the hundred most frequent."""
    from core.dataset.near_duplicates import find_near_duplicates, near_duplicate_table
    from core.dataset.pairs import pair_table
    from core.dataset.variants import find_variants

    doubles = near_duplicate_table(articles, find_near_duplicates(articles))
    return {
        "pairs": pair_table(articles).head(100).to_dict("records"),
        "variants": [asdict(variant) for variant in find_variants(tag_counts)],
        "near_duplicates": doubles.to_dict("records"),
        "lengths": measure_lengths(articles),
    }


def measure_lengths(articles: Sequence[Article]) -> list[dict[str, Any]]:
    """A record for each part of the articles and unit; over_limit: beyond what MiniLM reads."""
    from core.dataset.lengths import PARTS, build_lengths, count_words, texts_of
    from core.features.config import EncoderConfig
    from core.features.token_lengths import count_tokens

    records = []
    for part in PARTS:
        texts = texts_of(articles, part)
        words = build_lengths(count_words(texts))
        tokens = build_lengths(count_tokens(texts), limit=EncoderConfig().max_tokens)
        for unit, lengths in (("words", words), ("tokens", tokens)):
            figures = {name: value for name, value in asdict(lengths).items() if name != "bars"}
            records.append({"part": part, "unit": unit} | figures)
    return records
