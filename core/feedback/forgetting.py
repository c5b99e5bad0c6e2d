"""Deleting all that one person saved, where they ask for it."""

from dataclasses import dataclass

from core.articles.store.versions import delete_set
from core.feedback.corrections import FeedbackStore
from core.feedback.export import (
    CORRECTIONS_SET,
    correction_articles,
    export_corrections,
    read_corrections_set,
)


@dataclass(frozen=True)
class Forgotten:
    """What was deleted for one person.

    saved: corrections that were saved under the name. from_set: articles that the data set of
    corrections lost with them.
    """

    name: str
    saved: int
    from_set: int


def forget_person(store: FeedbackStore, name: str) -> Forgotten:
    """Delete what was saved under a name, and build the data set of corrections again without it.

    A model that has learnt from these corrections stays as it is. Raises FeedbackError for an
    empty name, and DataError, before anything is deleted, if the record of that data set is
    damaged.
    """
    before = read_corrections_set()
    saved = store.delete_by_name(name)
    if not saved or before is None:
        return Forgotten(name, saved, 0)
    if left := correction_articles(store):
        export_corrections(store)
    else:
        delete_set(CORRECTIONS_SET)
    return Forgotten(name, saved, max(before.articles - len(left), 0))
