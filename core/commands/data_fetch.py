"""Articles from a site, or the ready-made set."""

import argparse
from typing import Any

from core.commands.output import ProgressLine, print_json

_SOURCES = ("open-articles", "linkedinfo", "stackexchange", "forem")


def add_commands(family: Any) -> None:
    fetch = family.add_parser(
        "fetch",
        help="articles from a site; goes on where it was interrupted",
        epilog="example: python -m core data fetch forem --tag python --most 500 --name devto",
    )
    fetch.add_argument("source", choices=_SOURCES, metavar="SOURCE", help=", ".join(_SOURCES))
    fetch.add_argument("--name", required=True, help="name of the new data set")
    fetch.add_argument("--tag", default="", help="only articles with this tag")
    fetch.add_argument("--site", default="stackoverflow", help="which Stack Exchange site")
    fetch.add_argument("--address", default="", help="another site with the same API")
    fetch.add_argument("--key", default="", help="an application's key (Stack Exchange)")
    fetch.add_argument("--fulltext", action="store_true", help="the articles' full texts as well")
    fetch.add_argument("--no-code", action="store_true", help="leave code out of the texts")
    fetch.add_argument("--most", type=int, default=0, help="stop after so many articles")
    again = fetch.add_mutually_exclusive_group()
    again.add_argument("--replace", action="store_true", help="as a new version of that set")
    again.add_argument("--update", action="store_true", help="known ids replaced, new ones added")
    fetch.add_argument("--json", action="store_true", help="print one JSON document")
    fetch.set_defaults(handler=fetch_set)


def fetch_set(options: argparse.Namespace) -> None:
    from core.jobs.fetch_task import FetchTask

    task = FetchTask(
        source=options.source,
        name=options.name,
        tag=options.tag,
        site=options.site,
        address=options.address,
        key=options.key,
        fulltext=options.fulltext,
        keep_code=not options.no_code,
        most=options.most,
        replace=options.replace,
        update=options.update,
    )
    found = task.fetch(ProgressLine())
    if options.json:
        print_json(found)
        return
    bad = f"; {found['bad_rows']:,} could not be read" if found["bad_rows"] else ""
    print(f"Kept {found['articles']:,} articles as data set {found['data']!r}{bad}.")
