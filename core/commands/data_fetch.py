"""Articles from a site, or the ready-made set."""

import argparse
from typing import Any

from core.articles.sources.known import OPEN_ARTICLES, SOURCES, settings_of
from core.base.errors import ConfigError
from core.commands.options import add_command
from core.commands.output import ProgressLine, print_json

_SOURCES = (OPEN_ARTICLES, *SOURCES)
# Each option that only some of the sources have, and the setting of a source that it gives.
_SETTINGS = {
    "address": "address",
    "fulltext": "fulltext",
    "key": "key",
    "most": "most",
    "no_code": "keep_code",
    "site": "site",
    "tag": "tag",
}


def add_commands(family: Any) -> None:
    """Add `data fetch` to the family of data commands."""
    fetch = add_command(
        family,
        "fetch",
        fetch_set,
        "articles from a site; goes on where it was interrupted",
        "data fetch forem --tag python --most 500 --name devto",
    )
    fetch.add_argument("source", choices=_SOURCES, metavar="SOURCE", help=", ".join(_SOURCES))
    add_set_options(fetch)
    fetch.add_argument("--tag", default="", help="only articles with this tag")
    fetch.add_argument("--site", help="which Stack Exchange site (default: stackoverflow)")
    fetch.add_argument("--address", default="", help="another site with the same API")
    fetch.add_argument("--key", default="", help="an application's key (Stack Exchange)")
    fetch.add_argument("--fulltext", action="store_true", help="the articles' full texts as well")
    fetch.add_argument("--no-code", action="store_true", help="leave code out of the texts")
    fetch.add_argument("--most", type=int, default=0, help="stop after so many articles")


def add_set_options(command: argparse.ArgumentParser) -> None:
    """Add the name of the set to make, and whether it may be a new version of one of that name."""
    command.add_argument("--name", required=True, help="name of the new data set")
    again = command.add_mutually_exclusive_group()
    again.add_argument("--replace", action="store_true", help="as a new version of that set")
    again.add_argument(
        "--update", action="store_true", help="a new version: known ids replaced, new ones added"
    )


def fetch_set(options: argparse.Namespace) -> None:
    """Fetch articles from a site and keep them as a data set."""
    from core.base.config import build_config
    from core.jobs.fetch_task import FetchTask

    _refuse_options_without_effect(options)
    same = ("source", "name", "tag", "address", "key", "fulltext", "most", "replace", "update")
    given = {name: getattr(options, name) for name in same}
    given["keep_code"] = not options.no_code
    if options.site:
        given["site"] = options.site
    found = build_config(FetchTask, given).fetch(ProgressLine())
    if options.json:
        print_json(found)
        return
    bad = f"; {found['bad_rows']:,} could not be read" if found["bad_rows"] else ""
    print(f"Kept {found['articles']:,} articles as data set {found['data']!r}{bad}.")


def _refuse_options_without_effect(options: argparse.Namespace) -> None:
    known = {source: (*settings_of(source), "most") for source in SOURCES} | {OPEN_ARTICLES: ()}
    for name, setting in _SETTINGS.items():
        if getattr(options, name) and setting not in known[options.source]:
            able = [source for source, settings in known.items() if setting in settings]
            raise ConfigError(
                f"--{name.replace('_', '-')} is an option of {' and '.join(able)}; "
                f"{options.source} does not know it. Leave it out."
            )
