"""Options of every command that reads article files."""

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.articles.options import ReadingOptions
    from core.articles.store.sets import SourceArticles
    from core.runs.sources import SourceReader

COLUMNS = ("id", "title", "description", "fulltext", "tags")


def reading_options(
    *, keeps_bad_rows: bool = False, reads_tags: bool = True
) -> argparse.ArgumentParser:
    """Options of every command that reads article files.

    keeps_bad_rows: of a command that shows or marks wrong rows, and so leaves none out.
    reads_tags: False for a command that gives tags and reads none.
    """
    options = argparse.ArgumentParser(add_help=False)
    group = options.add_argument_group("reading")
    for field in COLUMNS:
        if reads_tags or field != "tags":
            group.add_argument(
                f"--{field}", metavar="COLUMN", help=f"column that holds the {field}"
            )
    group.add_argument("--encoding", default="auto", help="text encoding (default: detected)")
    if reads_tags:
        group.add_argument(
            "--tag-separator",
            default="",
            metavar="MARK",
            help="what stands between tags, such as ';', tab, newline, space, or none for one tag "
            "a cell (default: detected)",
        )
    if not keeps_bad_rows:
        group.add_argument(
            "--skip-bad-rows", action="store_true", help="leave out rows that are wrong"
        )
    return options


def options_of(arguments: argparse.Namespace) -> "ReadingOptions":
    """How the user says that article files are read."""
    from core.articles.options import ReadingOptions

    return ReadingOptions(
        columns={name: column for name in COLUMNS if (column := getattr(arguments, name, None))},
        encoding=arguments.encoding,
        tag_separator=getattr(arguments, "tag_separator", ""),
        query=getattr(arguments, "query", ""),
    )


def read_announced(sources: "Sequence[str]", options: argparse.Namespace) -> "SourceArticles":
    """The articles of sets and files; how each file is read goes to standard error."""
    from core.articles.mapping import reading_sentence
    from core.articles.store.sets import is_named, read_with_plans

    found = read_with_plans(
        sources, options_of(options), skip_bad_rows=getattr(options, "skip_bad_rows", False)
    )
    for source, reading in found.readings.items():
        if not is_named(source):
            print(f"{source}: {reading_sentence(reading)}", file=sys.stderr)
    return found


def source_reader(options: argparse.Namespace) -> "SourceReader":
    """Reads the articles of sources as the options say, and says how each file is read."""
    from functools import partial

    from core.runs.sources import SourceReader

    return SourceReader(partial(read_announced, options=options))
