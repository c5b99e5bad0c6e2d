"""The task that fetches articles from a site."""

from typing import Any, Literal

from pydantic import Field, field_validator

from core.articles.sources.known import OPEN_ARTICLES, SOURCES, build_source
from core.base.errors import FetchError
from core.base.progress import Progress
from core.jobs.task import JobTask, Listener


class FetchTask(JobTask):
    """Fetch articles and keep them as a data set; run again, it goes on where it stopped."""

    kind: Literal["fetch"] = "fetch"
    source: str
    name: str
    tag: str = ""
    site: str = "stackoverflow"
    address: str = ""
    key: str = Field("", repr=False)
    fulltext: bool = False
    keep_code: bool = True
    most: int = Field(0, ge=0)
    replace: bool = False
    update: bool = False

    @field_validator("source")
    @classmethod
    def _known_source(cls, value: str) -> str:
        if value not in (known := (OPEN_ARTICLES, *SOURCES)):
            raise ValueError(f"there is no source {value!r}; known are {', '.join(known)}")
        return value

    @property
    def title(self) -> str:
        """The site and the set's name."""
        return f"fetch {self.source} as {self.name}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key of a site, if one is given."""
        return ("key",) if self.key else ()

    def perform(self, listener: Listener) -> dict[str, Any]:
        """Fetch the articles; the result is that of `fetch`."""
        return self.fetch(listener.progress)

    def fetch(self, progress: Progress) -> dict[str, Any]:
        """Fetch and keep the articles; the set's name, its articles, and rows left out."""
        from core.articles.sources.fetching import fetch_source
        from core.articles.sources.open_articles import fetch_open_articles
        from core.articles.sources.polite import PoliteClient

        client = PoliteClient()
        if self.source == OPEN_ARTICLES:
            info, report = fetch_open_articles(
                self.name, client, replace=self.replace, update=self.update, progress=progress
            )
        else:
            settings = self.model_dump() | {"address": self.address.rstrip("/")}
            info, report = fetch_source(
                build_source(self.source, settings | {"fulltext_of": text_behind}),
                self.name,
                client,
                most=self.most,
                replace=self.replace,
                update=self.update,
                progress=progress,
            )
        return {"data": info.name, "articles": info.articles, "bad_rows": report.bad_count}


def text_behind(url: str) -> str:
    """The full text of a public page, fetched under the guard; "" for one that cannot be had."""
    from core.fetch.page import fetch_page

    try:
        return fetch_page(url).text
    except FetchError:
        return ""
