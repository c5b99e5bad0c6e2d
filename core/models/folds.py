"""Folds for cross-validation: stratified and grouped by article unless told otherwise."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.model_selection import GroupKFold, KFold

from core.base.errors import DataError
from core.dataset.config import Rule
from core.dataset.groups import few_articles
from core.dataset.split import part_of_rows
from core.settings.classifier import ClassifierConfig

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
    copies: NDArray[np.bool_] | None = None,
    rule: Rule = "stratified",
) -> list[Fold]:
    """Train and test rows of each fold; rows of one group stay together if grouped.

    judged: (n,), False for rows that are only learnt from: each fold trains on those of them
    that are not in a group of its test rows. None: all are judged.
    copies: (n,), True for rows that are made of others, which are not counted where tags are
    shared out: each has the tags of a row of its group. None: there are none.

    Shuffled folds of groups are stratified by tags, by the rule of the test part: without that, a
    rare tag is missing from one side, and the score is lower than the test part's.
    groups: (n,). Y: bool (n, K). Raises DataError if there are fewer groups than folds.
    """
    if judged is not None and not judged.all():
        own, further = np.flatnonzero(judged), np.flatnonzero(~judged)
        copies = None if copies is None else copies[own]
        folds = build_folds(groups[own], Y[own], config, seed=seed, copies=copies, rule=rule)
        return [_beside(fold, groups, own, further) for fold in folds]
    check_folds(groups, config)
    if not config.grouped_folds:
        random_state = seed if config.shuffle_folds else None
        folds = KFold(config.folds, shuffle=config.shuffle_folds, random_state=random_state)
        return list(folds.split(groups))
    if not config.shuffle_folds:
        return list(GroupKFold(config.folds).split(groups, groups=groups))
    _, group = np.unique(groups, return_inverse=True)
    counted = slice(None) if copies is None else ~copies
    shares = [1 / config.folds] * config.folds
    part = np.empty(group.max() + 1, dtype=np.int64)
    rng = np.random.default_rng(seed)
    part[group[counted]] = part_of_rows(Y[counted], group[counted], shares, rule, rng)
    parts = part[group]
    numbers = range(config.folds)
    return [(np.flatnonzero(parts != n), np.flatnonzero(parts == n)) for n in numbers]


def _beside(fold: Fold, groups: IntArray, own: IntArray, further: IntArray) -> Fold:
    """A fold of own rows, which also learns from further rows of other groups."""
    train, test = fold
    learnt = further[~np.isin(groups[further], groups[own[test]])]
    return np.concatenate([own[train], learnt]), own[test]
