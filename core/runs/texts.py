"""The articles behind a run: it stores their ids only, the texts stay with the data set."""

from collections.abc import Mapping
from typing import Any

from core.articles.article import Article
from core.articles.store.sets import read_with_plans
from core.base.errors import CoreError, DataError
from core.dataset.dataset import build_dataset
from core.runs.store import Run
from core.settings.experiment import ExperimentConfig


def learnt_sources(run: Run) -> tuple[str, ...]:
    """The run's data; of a set the version that was current then, as "NAME@2"."""
    sources = run.environment.sources
    return run.config.data.sources if sources is None else sources


def readings_of(run: Run) -> tuple[Mapping[str, Any], ...]:
    """How each of the run's sources was read; of runs of earlier versions that is not known."""
    return run.environment.readings


def learnt_config(run: Run) -> ExperimentConfig:
    """The run's settings, with the versions of its sources that it learnt from."""
    data = run.config.data.model_copy(update={"sources": learnt_sources(run)})
    return run.config.model_copy(update={"data": data})


def read_articles_of(run: Run) -> Mapping[str, Article]:
    """Articles of the run's data by id, if the data is still what the run learnt from.

    Raises DataError if the data is gone, cannot be read, or has changed since.
    """
    names = " + ".join(run.data_names)
    sources = learnt_sources(run)
    # A set's articles are kept as they were read; a file is read as it was for the run.
    kept = dict(zip(sources, readings_of(run), strict=False))
    try:
        dataset = build_dataset(read_with_plans(sources, kept=kept).articles, run.config.data)
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
