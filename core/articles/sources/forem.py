"""Articles of dev.to and other Forem communities, by tag.

Source: https://developers.forem.com/api/v1 (GET /api/articles: page, per_page, tag).
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.articles.sources.fetching import Page
from core.articles.sources.front_matter import body_of
from core.articles.sources.markdown_text import read_markdown
from core.articles.sources.polite import PoliteClient
from core.base.errors import FetchError

_PAGE_SIZE = 100


@dataclass(frozen=True)
class Forem:
    """A Forem community. tag: "" for articles of any. fulltext: asks once more for each."""

    label: ClassVar[str] = "dev.to (Forem)"
    tag: str = ""
    fulltext: bool = False
    address: str = "https://dev.to"

    @property
    def name(self) -> str:
        """The site's name, as messages have it."""
        return f"{self.address.split('//')[-1]} articles"

    @property
    def first(self) -> str:
        """The cursor of the first page."""
        return "1"

    def fetch_page(self, cursor: str, client: PoliteClient) -> Page:
        """The articles at this cursor. Raises FetchError for an answer of another form."""
        wanted: dict[str, str | int] = {"page": cursor, "per_page": _PAGE_SIZE}
        wanted |= {"tag": self.tag} if self.tag else {}
        answer = client.get_json(f"{self.address}/api/articles", wanted)
        if not isinstance(answer, list):
            raise FetchError(f"{self.name}: the answer is no list of articles.")
        rows = tuple(self._cells(item, client) for item in answer if isinstance(item, dict))
        return Page(rows, str(int(cursor) + 1) if rows else "")

    def _cells(self, item: dict[str, Any], client: PoliteClient) -> dict[str, Any]:
        body = ""
        if self.fulltext:
            whole = client.get_json(f"{self.address}/api/articles/{int(item['id'])}")
            # The editor keeps the tags in a head of the text itself.
            body = read_markdown(body_of(str(whole.get("body_markdown") or ""))).text
        user = item.get("user")
        return {
            "id": f"forem-{item.get('id', '')}",
            "title": item.get("title", ""),
            "description": item.get("description", ""),
            "fulltext": body,
            # A list in answers with many articles, one text in that of a single one.
            "tags": item.get("tag_list", []),
            "url": item.get("url", ""),
            "creators": [str(user["name"])] if isinstance(user, dict) and user.get("name") else [],
            "published": str(item.get("published_at") or "")[:10],
            "source": self.address.split("//")[-1],
        }
