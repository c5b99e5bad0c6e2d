"""The articles behind a run: it stores their ids only, the texts stay with the data set."""

from collections.abc import Mapping

from core.articles.article import Article
from core.articles.sets import read_sources
from core.base.errors import CoreError, DataError
from core.dataset.dataset import build_dataset
from core.runs.store import Run


def learnt_sources(run: Run) -> tuple[str, ...]:
    """The run's data; of a set the version that was current then, as "NAME@2"."""
    return tuple(run.environment.get("sources", run.config.data.sources))


def read_articles_of(run: Run) -> Mapping[str, Article]:
    """Articles of the run's data by id, if the data is still what the run learnt from.

    Raises DataError if the data is gone, cannot be read, or has changed since.
    """
    names = " + ".join(run.data_names)
    try:
        dataset = build_dataset(read_sources(learnt_sources(run)), run.config.data)
    except (CoreError, OSError) as error:
        raise DataError(
            f"The texts of {names} are gone ({error}) Scores and tags are kept with the run."
        ) from None
    if dataset.fingerprint != run.environment["fingerprint"]:
        raise DataError(
            f"{names} has changed since this run, so its texts are not shown. Import the articles "
            "of that time under another name, or run the experiment again."
        )
    return {article.id: article for article in dataset.articles}
