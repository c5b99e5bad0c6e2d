"""The articles behind a run: it stores their ids only, the texts stay with the data set."""

from collections.abc import Mapping

from core.articles.article import Article
from core.articles.store.sets import read_with_plans
from core.base.errors import CoreError, DataError
from core.dataset.dataset import build_dataset
from core.runs.store import Run


def read_articles_of(run: Run) -> Mapping[str, Article]:
    """Read the articles that the run was trained and tested on from their sources again, by id.

    Corrections and extra data, which are only learnt from, are left out. Raises DataError if the
    data is gone, cannot be read, or has changed since the run was trained.
    """
    names = " + ".join(run.data_names)
    # A set's articles are kept as they were read; a file is read as it was for the run.
    kept = dict(zip(run.sources, run.environment.readings, strict=False))
    try:
        dataset = build_dataset(read_with_plans(run.sources, kept=kept).articles, run.config.data)
    except (CoreError, OSError) as error:
        raise DataError(
            f"The texts of {names} are gone ({error}) Scores and tags are kept with the run."
        ) from None
    if dataset.fingerprint != run.environment.fingerprint:
        raise DataError(
            f"{names} has changed since this run, so its texts are not shown. Import the articles "
            "of that time under another name, or run the experiment again."
        )
    return {article.id: article for article in dataset.articles}
