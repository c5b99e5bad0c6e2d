"""The text that a model reads of an article: one function for training and for every answer."""

from dataclasses import dataclass
from typing import Protocol

from core.articles.fields.article_text import join_title, lead_of, plain_text
from core.articles.sources.front_matter import without_head
from core.dataset.config import DataConfig


class HasTexts(Protocol):
    """Whatever has the three texts of an article."""

    @property
    def title(self) -> str:
        """Of the article; "" if it has none, as below."""

    @property
    def description(self) -> str:
        """A summary in a sentence or two."""

    @property
    def fulltext(self) -> str:
        """The article itself."""


@dataclass(frozen=True)
class Texts:
    """The three texts of an article that is in no data set."""

    title: str = ""
    description: str = ""
    fulltext: str = ""


def pasted_texts(text: str, *, title: str = "", fulltext: str = "") -> Texts:
    """The texts of one article as somebody typed, pasted or sent them.

    text: the description, or a text of which nobody said what it is. HTML becomes plain text, the
    head of a Markdown post, which holds its tags, is left out, and half characters (lone
    surrogates) become question marks.
    """
    title, text, fulltext = (
        plain_text(one.encode(errors="replace").decode()) for one in (title, text, fulltext)
    )
    return Texts(title, without_head(text), without_head(fulltext))


def compose_text(article: HasTexts, config: DataConfig) -> str:
    """The text a model reads: the chosen column, under the title if `prepend_title`.

    Where the article lacks the chosen column, what comes nearest to it is read instead: the first
    300 characters of the full text for the description, the description for the full text, the
    start of either for the title. "everything" leaves out a description that only repeats the
    start of the full text.

    >>> article = Texts("Channels", "", "How a goroutine waits.")
    >>> compose_text(article, DataConfig(text_column="description"))
    'Channels\\nHow a goroutine waits.'
    """
    fulltext = article.fulltext.strip()
    description = article.description.strip() or lead_of(fulltext)
    if config.text_column == "title":
        return article.title.strip() or lead_of(description)
    body = {
        "description": description,
        "fulltext": fulltext or description,
        # Cut before the spaces around it are taken off, as a model of an earlier version did.
        "partial_text": (article.fulltext if fulltext else description)[: config.partial_length],
        "everything": fulltext
        if description == lead_of(fulltext)
        else f"{description}\n{article.fulltext}",
    }[config.text_column].strip()
    return join_title(article.title, body) if config.prepend_title else body


def lacks_column(article: HasTexts, config: DataConfig) -> bool:
    """Whether another text is read instead of the chosen column, which the article lacks."""
    column = {"partial_text": "fulltext", "everything": ""}.get(
        config.text_column, config.text_column
    )
    return bool(column) and not getattr(article, column).strip()
