"""Corrections as articles, to learn from."""

from core.articles.article import Article
from core.articles.sets import keep_articles
from core.articles.versions import SetInfo
from core.base.errors import FeedbackError
from core.suggest.feedback import FeedbackStore, Kept

CORRECTIONS_SET = "corrections"
_NOTE = "corrected by editors"


def correction_articles(store: FeedbackStore) -> list[Article]:
    """An article for every text that was left with a tag; its latest correction counts."""
    return [_article(kept) for kept in store.read_latest() if kept.correction.tags]


def export_corrections(store: FeedbackStore, name: str = CORRECTIONS_SET) -> SetInfo:
    """Keep them as a data set, in place of the one of that name. Raises FeedbackError if none."""
    articles = correction_articles(store)
    if not articles:
        raise FeedbackError("There are no corrections yet. Correct an article on Suggest first.")
    return keep_articles(name, articles, note=_NOTE, replace=True)


def _article(kept: Kept) -> Article:
    """Whatever column a model reads, it reads what the editor read."""
    correction = kept.correction
    return Article(
        id=f"correction-{kept.text_hash[:16]}",
        title=correction.title,
        description=correction.text,
        fulltext=correction.text,
        tags=correction.tags,
        language=correction.language,
        url=correction.url,
        published=kept.at.date(),
        source=CORRECTIONS_SET,
    )
