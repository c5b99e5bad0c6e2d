"""Folds for cross-validation: shuffled and grouped by article unless told otherwise."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, KFold

from core.base.errors import DataError
from core.models.config import ClassifierConfig

IntArray = NDArray[np.int64]
Fold = tuple[IntArray, IntArray]


def build_folds(groups: IntArray, config: ClassifierConfig, *, seed: int) -> list[Fold]:
    """Train and test rows of each fold; rows of one group stay together if grouped.

    groups: (n,). Raises DataError if there are fewer groups than folds.
    """
    units = len(set(groups.tolist())) if config.grouped_folds else len(groups)
    if units < config.folds:
        raise DataError(
            f"{units} training articles cannot make {config.folds} folds. "
            "Use more articles or lower classifier.folds."
        )
    shuffling = {
        "shuffle": config.shuffle_folds,
        "random_state": seed if config.shuffle_folds else None,
    }
    if config.grouped_folds:
        return list(GroupKFold(config.folds, **shuffling).split(groups, groups=groups))
    return list(KFold(config.folds, **shuffling).split(groups))
