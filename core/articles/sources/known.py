"""The sources by name, for the command line, jobs and pages."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from core.articles.sources.fetching import Source
from core.articles.sources.forem import Forem
from core.articles.sources.linkedinfo import LinkedInfo
from core.articles.sources.stackexchange import StackExchange

SourceName = Literal["open-articles", "linkedinfo", "stackexchange", "forem"]
OPEN_ARTICLES: SourceName = "open-articles"


def build_source(
    name: SourceName,
    *,
    address: str = "",
    site: str = "stackoverflow",
    tag: str = "",
    fulltext: bool = False,
    keep_code: bool = True,
    key: str = "",
    fulltext_of: Callable[[str], str] | None = None,
) -> Source:
    """address: "" for the public site. Each source takes those of the settings that it knows."""
    source: StackExchange | Forem | LinkedInfo
    if name == "stackexchange":
        source = StackExchange(site=site, tagged=tag, keep_code=keep_code, key=key)
    elif name == "forem":
        source = Forem(tag=tag, fulltext=fulltext)
    else:
        source = LinkedInfo(fulltext=fulltext, fulltext_of=fulltext_of)
    return replace(source, address=address.rstrip("/")) if address else source
