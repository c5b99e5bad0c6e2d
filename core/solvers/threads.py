"""One fit a tag, in threads."""

import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sklearn.exceptions import ConvergenceWarning

Fitted = TypeVar("Fitted")


def fit_columns(
    fit: Callable[[int], Fitted], columns: int, *, threads: int, on_column: Callable[[int], None]
) -> list[Fitted]:
    """The results of `fit` for column 0 to columns - 1.

    `on_column` gets each column once it is fitted, in order and in the caller's thread. An error
    there or in a fit is raised, and no further column is begun. ConvergenceWarnings are ignored:
    one a tag would flood the log.
    """
    fitted = []
    with warnings.catch_warnings(), ThreadPoolExecutor(threads) as pool:
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            for column, result in enumerate(pool.map(fit, range(columns))):
                fitted.append(result)
                on_column(column)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return fitted
