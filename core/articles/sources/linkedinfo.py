"""Articles of LinkedInfo.co, or another site with its API, in pages of ten."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from core.articles.sources.fetching import Page
from core.articles.sources.polite import PoliteClient
from core.base.errors import FetchError

_PAGE_SIZE = 10
_LANGUAGES = {"cn": "zh"}


@dataclass(frozen=True)
class LinkedInfo:
    """LinkedInfo.co. fulltext_of: the text behind an address or ""; it is asked if `fulltext`."""

    label: ClassVar[str] = "LinkedInfo.co"
    fulltext: bool = False
    address: str = "https://linkedinfo.co"
    fulltext_of: Callable[[str], str] | None = field(default=None, repr=False)
    _aliases: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    @property
    def name(self) -> str:
        """The site's name, as messages have it."""
        return f"{self.address.split('//')[-1]} articles"

    @property
    def first(self) -> str:
        """The cursor of the first page."""
        return "0"

    def fetch_page(self, cursor: str, client: PoliteClient) -> Page:
        """The articles at this cursor. Raises FetchError for an answer of another form."""
        wanted = {"offset": int(cursor), "quantify": _PAGE_SIZE}
        answer = client.get_json(f"{self.address}/infos", wanted)
        content = answer.get("content") if isinstance(answer, dict) else None
        if not isinstance(content, list):
            raise FetchError(f"{self.name}: the answer has no list of articles (content).")
        if content and not self._aliases:
            self._aliases.update(self.tag_map(client))
        rows = tuple(self._cells(item) for item in content if isinstance(item, dict))
        return Page(rows, str(int(cursor) + len(content)) if len(content) >= _PAGE_SIZE else "")

    def tag_map(self, client: PoliteClient) -> dict[str, str]:
        """Alias -> tagID, as the site has it."""
        answer = client.get_json(f"{self.address}/tag-map")
        return {str(a): str(b) for a, b in answer.items()} if isinstance(answer, dict) else {}

    def _cells(self, item: dict[str, Any]) -> dict[str, Any]:
        tags = [_name(tag, "tagID", "label") for tag in item.get("tags") or []]
        url = str(item.get("url") or "")
        language = str(item.get("language") or "")
        text = str(item.get("fulltext") or "")
        if not text and url and self.fulltext and self.fulltext_of:
            text = self.fulltext_of(url)
        return {
            "id": str(item.get("key") or item.get("id") or url),
            "title": item.get("title", ""),
            "description": item.get("description", ""),
            "fulltext": text,
            "tags": [self._aliases.get(tag, tag) for tag in tags if tag],
            "language": _LANGUAGES.get(language, language),
            "url": url,
            "creators": [_name(creator, "label") for creator in item.get("creators") or []],
            "source": self.address.split("//")[-1],
        }


def _name(value: Any, *fields: str) -> str:
    if isinstance(value, dict):
        return str(next((value[field] for field in fields if value.get(field)), ""))
    return str(value)
