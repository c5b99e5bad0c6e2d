"""Questions of a Stack Exchange site by its API, version 2.3.

Source: https://api.stackexchange.com/docs (paging, throttling: "backoff", "quota_remaining").
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any, ClassVar

from core.articles.fields.article_text import lead_of
from core.articles.sources.fetching import Page
from core.articles.sources.html_text import html_to_text
from core.articles.sources.polite import PoliteClient
from core.base.errors import FetchError

_PAGE_SIZE = 100


@dataclass(frozen=True)
class StackExchange:
    """A site of the network. tag: tags that all questions have, with ; between them, or "".

    site: such as stackoverflow. key: an application's key, which raises the day's quota from 300
    to 10,000 pages.
    """

    label: ClassVar[str] = "Stack Exchange questions"
    site: str = "stackoverflow"
    tag: str = ""
    keep_code: bool = True
    key: str = ""
    address: str = "https://api.stackexchange.com/2.3"

    @property
    def name(self) -> str:
        """The site's name, as messages have it."""
        return f"{self.site} questions"

    @property
    def first(self) -> str:
        """The cursor of the first page."""
        return "1"

    def fetch_page(self, cursor: str, client: PoliteClient) -> Page:
        """The questions at this cursor. Raises FetchError for an answer of another form."""
        wanted: dict[str, str | int] = {
            "site": self.site,
            "page": cursor,
            "pagesize": _PAGE_SIZE,
            "order": "asc",
            "sort": "creation",
            "filter": "withbody",
        }
        wanted |= {"tagged": self.tag} if self.tag else {}
        wanted |= {"key": self.key} if self.key else {}
        answer = client.get_json(f"{self.address}/questions", wanted)
        if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
            raise FetchError(f"{self.site} answers with something that is no page of questions.")
        client.wait(float(answer.get("backoff") or 0))
        more = bool(answer.get("has_more"))
        if more and answer.get("quota_remaining") == 0 and not answer["items"]:
            raise FetchError(
                "Today's quota of the Stack Exchange API is used up. Start again tomorrow, or "
                "give an application's key: it continues from there."
            )
        rows = tuple(self._cells(item) for item in answer["items"] if isinstance(item, dict))
        return Page(rows, str(int(cursor) + 1) if more else "")

    def _cells(self, item: dict[str, Any]) -> dict[str, Any]:
        body = html_to_text(str(item.get("body", "")), keep_code=self.keep_code)
        created = item.get("creation_date")
        day = datetime.fromtimestamp(created, UTC).date().isoformat() if created else ""
        return {
            "id": f"{self.site}-{item.get('question_id', '')}",
            "title": unescape(str(item.get("title", ""))),
            "description": lead_of(body),
            "fulltext": body,
            "tags": item.get("tags", []),
            "url": item.get("link", ""),
            "published": day,
            "source": f"{self.site}, {item.get('content_license', 'CC BY-SA')}",
        }
