"""Split articles into a training and a test part: stratified by tags, at random, or as given."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.articles.article import Article
from core.base.errors import DataError
from core.dataset.config import Rule, SplitConfig
from core.dataset.dataset import TagDataset
from core.dataset.groups import copies_of, duplicate_groups, few_articles
from core.dataset.stratify import stratified_parts, stratified_test_groups

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

    >>> from core.dataset.config import DataConfig
    >>> from core.dataset.dataset import build_dataset
    >>> texts = [f"Text {n}" for n in range(9)]
    >>> articles = [Article(id=t, title=t, description="", tags=("go",)) for t in texts]
    >>> dataset = build_dataset(articles, DataConfig(min_tag_count=2))
    >>> split = split_dataset(dataset, SplitConfig(test_share=1 / 3), seed=7)
    >>> len(split.train), len(split.test)
    (6, 3)
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
            in_test = np.isin(groups, chosen)
        else:
            in_test = test_rows(dataset.Y[:rows], groups, config.test_share, config.rule, rng)
    if in_test.all() or not in_test.any():
        raise DataError(_one_side_empty(articles, config))
    test = np.flatnonzero(in_test)
    given_away = copies_of(further, [articles[row] for row in test])
    learnt = rows + np.flatnonzero(~given_away)
    return Split(np.concatenate([np.flatnonzero(~in_test), learnt]), test)


def _one_side_empty(articles: Sequence[Article], config: SplitConfig) -> str:
    if config.method == "file":
        return (
            f"All {len(articles):,} articles have the split {articles[0].split!r}, so the other "
            "side is empty. Choose split.method iterative or random."
        )
    different = len(articles)
    if config.group_duplicates:
        different = len(set(duplicate_groups(articles).tolist()))
    why, advice = few_articles(len(articles), different)
    return (
        f"A test share of {config.test_share:g} of {different} articles leaves one side "
        f"empty{why}. {advice} or choose another split.test_share."
    )


def random_test_rows(rows: int, test_share: float, rng: np.random.Generator) -> IntArray:
    """round(rows x test_share) distinct rows, each set of rows equally likely."""
    return rng.choice(rows, size=round(rows * test_share), replace=False)


def test_rows(
    Y: csr_array, groups: IntArray, test_share: float, rule: Rule, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which rows (n,) to test on; rows of one group are on one side.

    Y: bool (n, K). groups: (n,), numbers from 0 on without gaps.
    """
    if rule == "iterative":
        chosen = iterative_test_rows(union_by_group(Y, groups), test_share, rng)
        return np.isin(groups, chosen)
    counts, sizes = counts_by_group(Y, groups), np.bincount(groups)
    return stratified_test_groups(counts, sizes, test_share, rng)[groups]


def part_of_rows(
    Y: csr_array, groups: IntArray, shares: Sequence[float], rule: Rule, rng: np.random.Generator
) -> IntArray:
    """The part (n,) of each row, for parts of the given shares; groups stay together.

    Y, groups: as for test_rows. shares: sum to 1.
    """
    if rule == "iterative":
        return iterative_parts(union_by_group(Y, groups), shares, rng)[groups]
    return stratified_parts(counts_by_group(Y, groups), np.bincount(groups), shares, rng)[groups]


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
    pairs = _tag_pairs(Y)
    left = array("q", [len(rows) for rows in pairs.rows_of_pair])
    wanted = [[share * rows for rows in left] for share in shares]
    wanted_rows = [share * Y.shape[0] for share in shares]
    part = [-1] * Y.shape[0]
    for pair in _pairs_in_turn(left, pairs.is_pair):
        for row in reversed(pairs.rows_of_pair[pair]):
            if part[row] >= 0:
                continue
            chosen = part[row] = _neediest_part([of_part[pair] for of_part in wanted], rng)
            wanted_rows[chosen] -= 1
            of_chosen = wanted[chosen]
            for other in pairs.pairs_of_row[row]:
                left[other] -= 1
                of_chosen[other] -= 1
    for row in reversed([row for row, chosen in enumerate(part) if chosen < 0]):
        still = [number for number, rows in enumerate(wanted_rows) if rows > 0]
        chosen = part[row] = _draw(still, rng)
        wanted_rows[chosen] -= 1
    return np.array(part, dtype=np.int64)


@dataclass(frozen=True)
class _TagPairs:
    """Pairs of tags (a tag with itself too), numbered by first appearance.

    is_pair: (pairs,), False for a tag with itself.
    """

    pairs_of_row: list[list[int]]
    rows_of_pair: list[list[int]]
    is_pair: NDArray[np.bool_]


def _tag_pairs(Y: csr_array) -> _TagPairs:
    """In each row the pairs of its ascending tags come in their lexicographic order."""
    Y = Y.sorted_indices()
    ends = np.repeat(Y.indptr[1:], np.diff(Y.indptr))  # of each entry's row
    partners = ends - np.arange(Y.nnz)
    starts = np.cumsum(partners) - partners
    entry = np.repeat(np.arange(Y.nnz), partners)
    one, other = Y.indices[entry], Y.indices[entry + np.arange(len(entry)) - starts[entry]]
    codes = one.astype(np.int64) * Y.shape[1] + other
    _, places, sorted_number = np.unique(codes, return_index=True, return_inverse=True)
    by_appearance = np.argsort(places)
    rank = np.empty_like(by_appearance)
    rank[by_appearance] = np.arange(len(rank))
    number = rank[sorted_number]
    pairs_before = np.concatenate([[0], np.cumsum(partners)])[Y.indptr]
    row = np.repeat(np.arange(Y.shape[0]), np.diff(pairs_before))
    rows_before = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=len(rank)))])
    return _TagPairs(
        pairs_of_row=_cut(number, pairs_before),
        rows_of_pair=_cut(row[np.argsort(number, kind="stable")], rows_before),
        is_pair=(one != other)[places[by_appearance]],
    )


def _cut(numbers: IntArray, bounds: IntArray) -> list[list[int]]:
    """The numbers between each bound and the next."""
    flat, at = numbers.tolist(), bounds.tolist()
    return [flat[start:end] for start, end in pairwise(at)]


def _pairs_in_turn(left: "array[int]", is_pair: NDArray[np.bool_]) -> Iterator[int]:
    """Always the first pair that has rows left, unless that is a single tag and a rarer true
    pair comes later: then the first such one. left: changed between one pair and the next.
    """
    counts = np.frombuffer(left, np.int64)
    true_pair = is_pair.tolist()
    # The first number that has rows left, and the first true pair that has.
    first = pair = 0
    while True:
        while first < len(left) and not left[first]:
            first += 1
        if first == len(left):
            return
        if true_pair[first]:
            yield first
            continue
        while pair < len(left) and not (true_pair[pair] and left[pair]):
            pair += 1
        if pair < len(left) and left[pair] < left[first]:
            yield pair
            continue
        later = counts[pair:]
        rarer = is_pair[pair:] & (later > 0) & (later < left[first])
        yield pair + int(rarer.argmax()) if rarer.any() else first


def _neediest_part(wanted: list[float], rng: np.random.Generator) -> int:
    most = max(wanted)
    if wanted.count(most) == 1:
        return wanted.index(most)
    return _draw([number for number, rows in enumerate(wanted) if rows == most], rng)


def _draw(options: list[int], rng: np.random.Generator) -> int:
    """One of them, as the slower `rng.choice` draws it."""
    return options[rng.integers(len(options))]


def counts_by_group(Y: csr_array, groups: IntArray) -> csr_array:
    """One row a group: how many of its articles have each tag."""
    ones = np.ones(len(groups), dtype=np.int64)
    member = csr_array(
        (ones, (groups, np.arange(len(groups)))), shape=(groups.max() + 1, len(groups))
    )
    counts = csr_array(member @ Y.astype(np.int64))
    counts.sort_indices()
    return counts


def union_by_group(Y: csr_array, groups: IntArray) -> csr_array:
    """One row a group, with the tags of all its articles."""
    return counts_by_group(Y, groups).astype(bool)


def _own_split(articles: Sequence[Article]) -> NDArray[np.bool_]:
    without = [a.id for a in articles if a.split is None]
    if without:
        raise DataError(
            f"{len(without)} of {len(articles)} articles have no split of their own "
            f"(the first: {without[0]!r}). Choose split.method stratified or random."
        )
    return np.array([a.split == "test" for a in articles], dtype=bool)
