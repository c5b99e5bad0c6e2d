"""The sources by name, for the command line, jobs and pages: a new source is one line here."""

from collections.abc import Mapping
from dataclasses import fields
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.articles.sources.fetching import Source

# The ready-made set, which is fetched as archives and not page by page.
OPEN_ARTICLES = "open-articles"
# Imported when it is used: a source needs an HTTP client, which takes time to load.
SOURCES = {
    "linkedinfo": "core.articles.sources.linkedinfo:LinkedInfo",
    "stackexchange": "core.articles.sources.stackexchange:StackExchange",
    "forem": "core.articles.sources.forem:Forem",
}


def label_of(name: str) -> str:
    """What a source is called on a page."""
    return _class_of(name).label


def settings_of(name: str) -> tuple[str, ...]:
    """Names of the settings that a source has: the fields of its class."""
    return tuple(one.name for one in fields(_class_of(name)) if one.init)  # type: ignore[arg-type]


def build_source(name: str, settings: Mapping[str, Any]) -> "Source":
    """The source of this name, with those of the settings that it has.

    A text that is empty leaves the source's own default, such as the address of the public site.
    """
    known = settings_of(name)
    given = {one: value for one, value in settings.items() if one in known and value != ""}
    return _class_of(name)(**given)


def _class_of(name: str) -> "type[Source]":
    found: type[Source] = resolve_name(SOURCES[name])
    return found
