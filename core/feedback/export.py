"""The editors' corrections as a data set, for models to learn from."""

from core.articles.article import Article
from core.articles.store.record import SetInfo, lock_set, read_record, sets_folder
from core.articles.store.sets import keep_articles
from core.articles.store.versions import current_number
from core.base.errors import FeedbackError
from core.feedback.corrections import FeedbackStore, Kept

CORRECTIONS_SET = "corrections"
_NOTE = "corrected by editors"


def correction_articles(store: FeedbackStore) -> list[Article]:
    """Build an article from the latest correction of every text that was left with a tag."""
    return [_article(kept) for kept in store.read_latest() if kept.correction.tags]


def export_corrections(store: FeedbackStore, name: str = CORRECTIONS_SET) -> SetInfo:
    """Save the latest correction of every text as a data set, which replaces an earlier export.

    A text whose correction left it without tags is not saved. Raises FeedbackError if no text
    remains, or if a data set of that name exists that is not an export of corrections; DataError
    if the record of the data set of that name is damaged.
    """
    with lock_set(name):
        articles = correction_articles(store)
        if not articles:
            raise FeedbackError(
                "There are no corrections yet. Correct an article on Suggest first."
            )
        if read_corrections_set(name) is None and (sets_folder() / name).exists():
            raise FeedbackError(
                f"There is a data set {name!r} already that holds other articles than corrections. "
                "Rename it, then keep the corrections again."
            )
        return keep_articles(name, articles, note=_NOTE, replace=True)


def read_corrections_set(name: str = CORRECTIONS_SET) -> SetInfo | None:
    """Read the record of the set of corrections.

    None if there is no set of that name, or it holds other articles. Raises DataError if its record
    is damaged.
    """
    if not current_number(name):
        return None
    info = read_record(sets_folder() / name).info
    return info if info.note == _NOTE else None


def _article(kept: Kept) -> Article:
    """The text stands in every column, so that each model reads what the editor read."""
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
