"""Language codes (ISO 639-1), and the language of a text by py3langid."""

from typing import TYPE_CHECKING

from core.articles.language_codes import code_of_language

if TYPE_CHECKING:
    from core.articles.article import Article  # which imports this file


def language_code(name: str) -> str:
    """The short code of "en-US", "EN", "English", "cn" and the like; "" for what names none."""
    return code_of_language(name)


def detect_language(text: str) -> str:
    """Code of the likeliest language; "" for text without letters."""
    if not any(character.isalpha() for character in text):
        return ""
    import py3langid  # its model takes half a second to load

    return language_code(str(py3langid.classify(text)[0]))


def with_language(article: "Article") -> "Article":
    """The article, its language detected where it has none."""
    if article.language:
        return article
    text = f"{article.title}\n{article.description}\n{article.fulltext[:1000]}"
    return article.model_copy(update={"language": detect_language(text)})
