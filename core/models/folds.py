"""Folds for cross-validation: stratified and grouped by article unless told otherwise."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.model_selection import GroupKFold, KFold

from core.base.errors import DataError
from core.dataset.groups import few_articles
from core.dataset.split import iterative_parts, union_by_group
from core.models.config import ClassifierConfig

IntArray = NDArray[np.int64]
Fold = tuple[IntArray, IntArray]


def check_folds(groups: IntArray, config: ClassifierConfig) -> None:
    """Raises DataError if there are fewer groups (n,) than folds."""
    units = len(set(groups.tolist())) if config.grouped_folds else len(groups)
    if units < config.folds:
        why, advice = few_articles(len(groups), units)
        raise DataError(
            f"{units} training articles cannot make {config.folds} folds{why}. "
            f"{advice} or lower classifier.folds."
        )


def require_filled(folds: Sequence[Fold], articles: int) -> None:
    """Raises DataError if a fold has no row to learn from, or none to judge by."""
    if not all(len(train) and len(test) for train, test in folds):
        raise DataError(
            f"{articles} training articles leave one of {len(folds)} folds empty, for they share "
            "few tags. Use more articles or lower classifier.folds."
        )


def build_folds(
    groups: IntArray,
    Y: csr_array,
    config: ClassifierConfig,
    *,
    seed: int,
    judged: NDArray[np.bool_] | None = None,
) -> list[Fold]:
    """Train and test rows of each fold; rows of one group stay together if grouped.

    judged: (n,), False for rows that are only learnt from: each fold trains on those of them
    that are not in a group of its test rows. None: all are judged.

    Shuffled folds of groups are stratified by tags, as the test part is: without that, a rare
    tag is missing from one side, and the score is lower than the test part's.
    groups: (n,). Y: bool (n, K). Raises DataError if there are fewer groups than folds.
    """
    if judged is not None and not judged.all():
        return _folds_beside(groups, Y, config, seed, judged)
    check_folds(groups, config)
    if not config.grouped_folds:
        random_state = seed if config.shuffle_folds else None
        folds = KFold(config.folds, shuffle=config.shuffle_folds, random_state=random_state)
        return list(folds.split(groups))
    if not config.shuffle_folds:
        return list(GroupKFold(config.folds).split(groups, groups=groups))
    _, group = np.unique(groups, return_inverse=True)
    rng = np.random.default_rng(seed)
    parts = iterative_parts(union_by_group(Y, group), [1 / config.folds] * config.folds, rng)[group]
    numbers = range(config.folds)
    return [(np.flatnonzero(parts != n), np.flatnonzero(parts == n)) for n in numbers]


def _folds_beside(
    groups: IntArray, Y: csr_array, config: ClassifierConfig, seed: int, judged: NDArray[np.bool_]
) -> list[Fold]:
    own, further = np.flatnonzero(judged), np.flatnonzero(~judged)
    folds = []
    for train, test in build_folds(groups[own], Y[own], config, seed=seed):
        learnt = further[~np.isin(groups[further], groups[own[test]])]
        folds.append((np.concatenate([own[train], learnt]), own[test]))
    return folds
