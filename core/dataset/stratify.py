"""Share groups of articles out so that every part has its share of each tag.

Tags come first, then pairs of tags. Groups are dealt one by one, those of the rarest tags first, to
the side that keeps the tags and pairs dealt so far nearest to their shares (after Sechidis et al.
2011, ECML PKDD, and Szymanski and Kajdanowicz 2017, PMLR 74, 22-35). Then core.dataset.exchange
moves groups until each tag is as near to its share as whole articles allow.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.dataset.exchange import UNIT, Exchange, Goals

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Of a group's tags so many, the rarest, are paired: memory and time grow with the entries only.
_PAIRED_TAGS = 12
# A tag counts so much more than the number of articles while groups are dealt.
_TAG_WEIGHT = 8


def stratified_parts(
    counts: csr_array, sizes: IntArray, shares: Sequence[float], rng: np.random.Generator
) -> IntArray:
    """The part (m,) of each group, so that each part has its share of every tag's articles.

    counts: (m, K), how many articles of each group have each tag. sizes: (m,), articles in each
    group. shares: above 0; sum to 1.
    """
    part = np.full(len(sizes), len(shares) - 1, dtype=np.int64)
    left, left_share = np.arange(len(sizes)), 1.0
    for number, share in enumerate(shares[:-1]):
        inside = _share_out(counts[left], sizes[left], share / left_share, rng, both_sides=False)
        part[left[inside]] = number
        left, left_share = left[~inside], left_share - share
    return part


def stratified_test_groups(
    counts: csr_array, sizes: IntArray, test_share: float, rng: np.random.Generator
) -> BoolArray:
    """Which groups (m,) to test on, so that each tag has its share of test articles.

    A tag of one article is learnt, and one of more articles is on both sides, wherever groups
    and the shares of other tags leave that open. counts, sizes: as for stratified_parts.
    """
    return _share_out(counts, sizes, test_share, rng, both_sides=True)


def _share_out(
    counts: csr_array, sizes: IntArray, share: float, rng: np.random.Generator, *, both_sides: bool
) -> BoolArray:
    counts, order = _rarest_first(counts, sizes, rng)
    sizes = sizes[order]
    dealt = _deal(counts, sizes, round(share * UNIT))
    goals = Goals.of(counts, sizes, share, both_sides=both_sides)
    inside = np.empty(len(order), dtype=np.bool_)
    inside[order] = Exchange(counts, sizes, goals, dealt).settle()
    return inside


def _rarest_first(
    counts: csr_array, sizes: IntArray, rng: np.random.Generator
) -> tuple[csr_array, IntArray]:
    """Tags renumbered and groups reordered so that the rarest tags come first, and the order.

    Large groups come before all others, as they are the hardest to make up for. Equals are in an
    order that the generator draws.
    """
    groups, tags = counts.shape
    by_count = np.lexsort((rng.random(tags), counts.sum(axis=0)))
    counts = csr_array(counts[:, by_count])
    counts.sort_indices()
    rarest = np.full(groups, tags)
    filled = np.diff(counts.indptr) > 0
    rarest[filled] = counts.indices[counts.indptr[:-1][filled]]
    order = np.lexsort((rng.random(groups), rarest, -sizes))
    return csr_array(counts[order]), order


def _deal(counts: csr_array, sizes: IntArray, share: int) -> BoolArray:
    """Which groups (m,) are inside, each decided by the tags and pairs of those before it.

    share: in parts of UNIT. A balance is how many articles more than its share are inside.
    """
    ends, tags = counts.indptr.tolist(), counts.indices.tolist()
    numbers, of_group = counts.data.tolist(), sizes.tolist()
    tag_balance = [0] * counts.shape[1]
    pair_balance: dict[tuple[int, int], int] = {}
    article_balance = 0
    rest = UNIT - share
    inside = np.zeros(len(of_group), dtype=np.bool_)
    for group, size in enumerate(of_group):
        start, end = ends[group], ends[group + 1]
        own = tags[start:end]
        pairs = list(combinations(own[:_PAIRED_TAGS], 2))
        # Twice the balance, and what the group would add to it on both sides together.
        need = len(pairs) * (rest - share)
        for pair in pairs:
            need += 2 * pair_balance.get(pair, 0)
        for tag, number in zip(own, numbers[start:end], strict=True):
            need += number * (2 * tag_balance[tag] + number * (rest - share))
        articles = size * (2 * article_balance + size * (rest - share))
        inside[group] = taken = _TAG_WEIGHT * need + articles < 0
        step = rest if taken else -share
        article_balance += step * size
        for pair in pairs:
            pair_balance[pair] = pair_balance.get(pair, 0) + step
        for tag, number in zip(own, numbers[start:end], strict=True):
            tag_balance[tag] += step * number
    return inside
