"""Articles from a site, or the ready-made set."""

import argparse
from typing import Any

from core.base.errors import ConfigError
from core.commands.output import ProgressLine, print_json

# Each source, and the options that it knows beside those of the set.
_SOURCES = {
    "open-articles": (),
    "linkedinfo": ("address", "fulltext", "most"),
    "stackexchange": ("address", "tag", "site", "key", "no_code", "most"),
    "forem": ("address", "tag", "fulltext", "most"),
}
_OF_SOURCES = {name for names in _SOURCES.values() for name in names}


def add_commands(family: Any) -> None:
    fetch = family.add_parser(
        "fetch",
        help="articles from a site; goes on where it was interrupted",
        epilog="example: python -m core data fetch forem --tag python --most 500 --name devto",
    )
    fetch.add_argument("source", choices=_SOURCES, metavar="SOURCE", help=", ".join(_SOURCES))
    fetch.add_argument("--name", required=True, help="name of the new data set")
    fetch.add_argument("--tag", default="", help="only articles with this tag")
    fetch.add_argument("--site", help="which Stack Exchange site (default: stackoverflow)")
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
    from core.base.config import build_config
    from core.jobs.fetch_task import FetchTask

    _refuse_what_would_be_ignored(options)
    given = {
        "source": options.source,
        "name": options.name,
        "tag": options.tag,
        "site": options.site or "stackoverflow",
        "address": options.address,
        "key": options.key,
        "fulltext": options.fulltext,
        "keep_code": not options.no_code,
        "most": options.most,
        "replace": options.replace,
        "update": options.update,
    }
    task = build_config(FetchTask, given)
    found = task.fetch(ProgressLine())
    if options.json:
        print_json(found)
        return
    bad = f"; {found['bad_rows']:,} could not be read" if found["bad_rows"] else ""
    print(f"Kept {found['articles']:,} articles as data set {found['data']!r}{bad}.")


def _refuse_what_would_be_ignored(options: argparse.Namespace) -> None:
    known = _SOURCES[options.source]
    for name in sorted(_OF_SOURCES):
        if getattr(options, name) and name not in known:
            able = [source for source, names in _SOURCES.items() if name in names]
            raise ConfigError(
                f"--{name.replace('_', '-')} is an option of {' and '.join(able)}; "
                f"{options.source} does not know it. Leave it out."
            )
