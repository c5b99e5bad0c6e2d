"""Articles that say nearly the same: exact Jaccard similarity of their pieces of text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.articles.article import Article
from core.dataset.groups import duplicate_groups

LEAST_SIMILARITY = 0.7
MOST_PAIRS = 20_000
# Characters in a piece. Long enough that a piece is rare, short enough for a title of six words.
_PIECE = 5
# The texts of one site end alike; what tells articles apart stands at their start.
_FULLTEXT_CHARACTERS = 1000
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class NearDuplicate:
    """Two articles by row, first < second; similarity in 0..1: pieces in both / in either."""

    first: int
    second: int
    similarity: float


def find_near_duplicates(
    articles: Sequence[Article],
    *,
    least: float = LEAST_SIMILARITY,
    most_pairs: int = MOST_PAIRS,
) -> list[NearDuplicate]:
    """Every pair of articles at least so similar, the most similar first.

    Compared are title, description and the first 1,000 characters of the full text, without
    case, spaces and punctuation. Of articles with the same pieces, each is paired with the
    first only. Stops after about `most_pairs`, so that a set of copies does not fill memory.
    Source: Bayardo, Ma, Srikant 2007, Scaling up all pairs similarity search (prefix filter).
    """
    pieces = _piece_matrix([_text(article) for article in articles])
    sizes = np.diff(pieces.indptr)
    first_of = _first_alike(pieces)
    found = [
        NearDuplicate(int(first), row, 1.0)
        for row, first in enumerate(first_of)
        if first != row and sizes[row]
    ][:most_pairs]
    rows = np.flatnonzero((first_of == np.arange(len(articles))) & (sizes > 0))
    found += _similar_rows(pieces[rows], rows, least, most_pairs - len(found))
    return sorted(found, key=lambda pair: (-pair.similarity, pair.first, pair.second))


def near_duplicate_table(
    articles: Sequence[Article], pairs: Sequence[NearDuplicate]
) -> pd.DataFrame:
    """One row a pair, in the order of `pairs`.

    same_tags: whether both have the same tags. kept_together: whether a split keeps both on one
    side, as it does with exact copies and articles of one address.
    """
    group = duplicate_groups(articles).tolist()
    columns = ("similarity", "first_id", "first_title", "second_id", "second_title")
    rows = [
        (
            pair.similarity,
            articles[pair.first].id,
            articles[pair.first].title,
            articles[pair.second].id,
            articles[pair.second].title,
            set(articles[pair.first].tags) == set(articles[pair.second].tags),
            group[pair.first] == group[pair.second],
        )
        for pair in pairs
    ]
    return pd.DataFrame(rows, columns=[*columns, "same_tags", "kept_together"])


def _text(article: Article) -> str:
    body = article.fulltext[:_FULLTEXT_CHARACTERS]
    parts = unicodedata.normalize("NFKC", f"{article.title} {article.description} {body}")
    return re.sub(r"[\W_]+", " ", parts.casefold()).strip()


def _piece_matrix(texts: Sequence[str]) -> csr_array:
    """int64 (n, V), 1 where the text has the piece; the rarest pieces first."""
    # Characters of all texts in one array; a piece that crosses into the next text is left out.
    # A shorter text than a piece is filled up, so that it has one.
    filled = [text.ljust(_PIECE, "\0") if text else "" for text in texts]
    lengths = np.fromiter(map(len, filled), np.int64, count=len(filled))
    letters = np.frombuffer("".join(filled).encode("utf-32-le"), np.uint32).astype(np.uint64)
    number = np.maximum(lengths - _PIECE + 1, 0)
    owner = np.repeat(np.arange(len(texts)), number)
    starts = np.repeat(np.cumsum(lengths) - lengths, number)
    starts += np.arange(len(starts)) - np.repeat(np.cumsum(number) - number, number)
    codes = np.zeros(len(starts), np.uint64)
    for step in range(_PIECE):
        # A polynomial of the letters modulo 2**64: two pieces share a code by chance alone.
        codes = codes * np.uint64(0x9E3779B97F4A7C15) + letters[starts + step]
    _, columns = np.unique(codes, return_inverse=True)
    matrix = csr_array(
        (np.ones(len(columns), np.int64), (owner, columns)),
        shape=(len(texts), int(columns.max(initial=-1)) + 1),
    )
    matrix.sum_duplicates()
    matrix.data[:] = 1
    rank = np.argsort(np.argsort(np.bincount(matrix.indices), kind="stable"), kind="stable")
    matrix.indices = rank[matrix.indices].astype(matrix.indices.dtype)
    matrix.has_sorted_indices = False
    matrix.sort_indices()
    return matrix


def _first_alike(pieces: csr_array) -> NDArray[np.int64]:
    """For each row the first row with the same pieces, (n,)."""
    first_with: dict[bytes, int] = {}
    ends = pieces.indptr
    return np.array(
        [
            first_with.setdefault(pieces.indices[ends[row] : ends[row + 1]].tobytes(), row)
            for row in range(pieces.shape[0])
        ],
        dtype=np.int64,
    )


def _similar_rows(
    pieces: csr_array, names: NDArray[np.int64], least: float, most: int
) -> list[NearDuplicate]:
    """Pairs of rows by the names (m,) of the rows."""
    prefixes = _prefixes(pieces, least)
    sizes = np.diff(pieces.indptr)
    rests = sizes - np.diff(prefixes.indptr)
    found: list[NearDuplicate] = []
    for start in range(0, pieces.shape[0], _ROWS_AT_ONCE):
        if len(found) >= most:
            break
        candidates = (prefixes[start : start + _ROWS_AT_ONCE] @ prefixes.T).tocoo()
        first, second = candidates.row + start, candidates.col
        # Beyond their prefixes two rows can share no more pieces than the longer rest has.
        most_common = candidates.data + np.maximum(rests[first], rests[second])
        needed = least / (1 + least) * (sizes[first] + sizes[second])
        likely = (first < second) & (most_common >= needed - 1e-9)
        first, second = first[likely], second[likely]
        common = _common_pieces(pieces, first, second)
        similarity = common / (sizes[first] + sizes[second] - common)
        kept = np.flatnonzero(similarity >= least)
        found += [
            NearDuplicate(int(names[first[i]]), int(names[second[i]]), float(similarity[i]))
            for i in kept[: most - len(found)]
        ]
    return found


def _common_pieces(
    pieces: csr_array, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Pieces that are in both rows of each pair, (pairs,)."""
    common = np.empty(len(first), np.int64)
    for start in range(0, len(first), _ROWS_AT_ONCE):
        some = slice(start, start + _ROWS_AT_ONCE)
        common[some] = pieces[first[some]].multiply(pieces[second[some]]).sum(axis=1)
    return common


def _prefixes(pieces: csr_array, least: float) -> csr_array:
    """Each row's rarest pieces, so many that rows at least so similar must share one of them."""
    sizes = np.diff(pieces.indptr)
    # The small number keeps 0.7 * 10 = 7.000000000000001 from rounding up to 8.
    kept = sizes - np.ceil(least * sizes - 1e-9).astype(np.int64) + 1
    place = np.arange(pieces.nnz) - np.repeat(pieces.indptr[:-1], sizes)
    chosen = place < np.repeat(kept, sizes)
    ends = np.concatenate(([0], np.cumsum(kept)))
    indices = pieces.indices[chosen]
    return csr_array((np.ones(len(indices), np.int32), indices, ends), shape=pieces.shape)
