"""Language codes (ISO 639-1), and the language of a text by py3langid."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.articles.article import Article  # which imports this file

# LinkedInfo's files say "cn"; py3langid tells apart varieties that are written with the same words.
_ALIASES = {
    "cn": "zh",
    "cmn": "zh",
    "wuu": "zh",
    "yue": "zh",
    "nan": "zh",
    "gan": "zh",
    "lzh": "zh",
}


def language_code(name: str) -> str:
    """The short code of "en-US", "EN", "cn" and the like; "" stays ""."""
    code = re.split(r"[-_]", name.strip().lower())[0]
    return _ALIASES.get(code, code)


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
