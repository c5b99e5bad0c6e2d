"""Split articles into a training and a test part: at random, stratified by tags, or as given."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.articles.article import Article
from core.base.errors import DataError
from core.dataset.config import SplitConfig
from core.dataset.dataset import TagDataset
from core.dataset.groups import copies_of, duplicate_groups

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Ascending row numbers of the training and the test part; disjoint.

    Together all rows but for further articles that are copies of test articles.
    """

    train: IntArray
    test: IntArray


def split_dataset(dataset: TagDataset, config: SplitConfig, *, seed: int) -> Split:
    """Split as configured. Raises DataError if a side stays empty or a file's split is missing.

    Corrections and extra articles go to the training part; the split of the data's own is the
    same without them.
    """
    rows = dataset.own
    articles, further = dataset.articles[:rows], dataset.articles[rows:]
    if config.method == "file":
        in_test = _own_split(articles)
    else:
        groups = duplicate_groups(articles) if config.group_duplicates else np.arange(rows)
        rng = np.random.default_rng(seed)
        if config.method == "random":
            chosen = random_test_rows(groups.max() + 1, config.test_share, rng)
        else:
            chosen = iterative_test_rows(
                union_by_group(dataset.Y[:rows], groups), config.test_share, rng
            )
        in_test = np.isin(groups, chosen)
    if in_test.all() or not in_test.any():
        raise DataError(
            f"A test share of {config.test_share} of {rows} articles leaves one side empty. "
            "Use more articles or another split.test_share."
        )
    test = np.flatnonzero(in_test)
    given_away = copies_of(further, [articles[row] for row in test])
    learnt = rows + np.flatnonzero(~given_away)
    return Split(np.concatenate([np.flatnonzero(~in_test), learnt]), test)


def random_test_rows(rows: int, test_share: float, rng: np.random.Generator) -> IntArray:
    """round(rows x test_share) distinct rows, each set of rows equally likely."""
    return rng.choice(rows, size=round(rows * test_share), replace=False)


def iterative_test_rows(Y: csr_array, test_share: float, rng: np.random.Generator) -> IntArray:
    """Test rows by iterative_parts: the same rows as scikit-multilearn's
    `iterative_train_test_split`, given the same draws. Y: (n, K).
    """
    return np.flatnonzero(iterative_parts(Y, [test_share, 1.0 - test_share], rng) == 0)


def iterative_parts(Y: csr_array, shares: Sequence[float], rng: np.random.Generator) -> IntArray:
    """The part (n,) of each row, so that every part has its share of each tag and pair of tags.

    scikit-multilearn 0.2.0's second-order iterative stratification, draw for draw, on sparse
    data and with a generator of our own. Y: (n, K). shares: sum to 1.
    Source: Szymanski and Kajdanowicz 2017, PMLR 74, 22-35.
    """
    pairs_of_row, rows_of_pair, is_pair = _tag_pairs(Y)
    left = np.array([len(rows) for rows in rows_of_pair], dtype=np.int64)
    wanted = left[:, None] * np.array(shares)
    wanted_rows = np.array(shares) * Y.shape[0]
    part = np.full(Y.shape[0], -1)
    first = 0
    while True:
        while first < len(left) and left[first] == 0:
            first += 1
        if first == len(left):
            break
        pair = _next_pair(first, left, is_pair)
        while left[pair]:
            row = rows_of_pair[pair].pop()
            if part[row] >= 0:
                continue
            chosen = _neediest_part(wanted[pair], rng)
            part[row] = chosen
            wanted_rows[chosen] -= 1
            for other in pairs_of_row[row]:
                left[other] -= 1
                wanted[other, chosen] -= 1
    for row in np.flatnonzero(part < 0)[::-1]:
        chosen = rng.choice(np.flatnonzero(wanted_rows > 0))
        part[row] = chosen
        wanted_rows[chosen] -= 1
    return part


def _tag_pairs(Y: csr_array) -> tuple[list[list[int]], list[list[int]], NDArray[np.bool_]]:
    """Pairs of tags (a tag with itself too), numbered by first appearance, and their rows."""
    number_of: dict[tuple[int, int], int] = {}
    pairs_of_row: list[list[int]] = []
    rows_of_pair: list[list[int]] = []
    for row in range(Y.shape[0]):
        tags = Y.indices[Y.indptr[row] : Y.indptr[row + 1]].tolist()
        numbers = []
        for pair in combinations_with_replacement(sorted(tags), 2):
            number = number_of.setdefault(pair, len(number_of))
            if number == len(rows_of_pair):
                rows_of_pair.append([])
            rows_of_pair[number].append(row)
            numbers.append(number)
        pairs_of_row.append(numbers)
    return pairs_of_row, rows_of_pair, np.array([a != b for a, b in number_of], dtype=bool)


def _next_pair(first: int, left: IntArray, is_pair: NDArray[np.bool_]) -> int:
    """The first open pair, unless it is a single tag and a rarer true pair comes later."""
    if is_pair[first]:
        return first
    later = left[first:]
    rarer = is_pair[first:] & (later > 0) & (later < left[first])
    return first + int(rarer.argmax()) if rarer.any() else first


def _neediest_part(wanted: NDArray[np.float64], rng: np.random.Generator) -> int:
    best = np.flatnonzero(wanted == wanted.max())
    return int(best[0]) if len(best) == 1 else int(rng.choice(best))


def union_by_group(Y: csr_array, groups: IntArray) -> csr_array:
    """One row a group, with the tags of all its articles."""
    ones = np.ones(len(groups))
    member = csr_array(
        (ones, (groups, np.arange(len(groups)))), shape=(groups.max() + 1, len(groups))
    )
    united = (member @ Y.astype(np.float64)).astype(bool).tocsr()
    united.sort_indices()
    return united


def _own_split(articles: Sequence[Article]) -> NDArray[np.bool_]:
    without = [a.id for a in articles if a.split is None]
    if without:
        raise DataError(
            f"{len(without)} of {len(articles)} articles have no split of their own "
            f"(the first: {without[0]!r}). Choose split.method iterative or random."
        )
    return np.array([a.split == "test" for a in articles], dtype=bool)
