"""Which tags stand together on articles, and how much more often than by chance."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import triu

from core.articles.article import Article
from core.dataset.dataset import tag_matrix

COLUMNS = ("first", "second", "articles", "jaccard", "lift")


def pair_table(articles: Sequence[Article]) -> pd.DataFrame:
    """One row a pair of tags that share an article, most articles first, ties by name.

    first: the more frequent tag. jaccard: articles with both / articles with either, 0..1.
    lift: articles with both / those expected if the tags were independent; 1 is chance.
    """
    names = sorted({tag for article in articles for tag in article.tags})
    tags = np.array(names, dtype=object)
    together = tag_matrix(articles, names).astype(np.int64)
    upper = triu(together.T @ together, k=1).tocoo()
    counts = np.asarray(together.sum(axis=0)).ravel()
    first, second, both = upper.row, upper.col, upper.data
    swap = counts[second] > counts[first]
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    product = counts[first].astype(float) * counts[second]
    table = pd.DataFrame(
        {
            "first": tags[first],
            "second": tags[second],
            "articles": both,
            "jaccard": both / np.maximum(counts[first] + counts[second] - both, 1),
            "lift": both * len(articles) / np.maximum(product, 1),
        }
    )
    return table.sort_values(
        ["articles", "first", "second"], ascending=[False, True, True], ignore_index=True
    )


def shared_table(pairs: pd.DataFrame, counts: dict[str, int], tags: Sequence[str]) -> pd.DataFrame:
    """A row for each ordered pair of different tags: tag, with_tag, articles, share.

    share: of the articles of `tag`, those that have `with_tag` too, 0..1.
    """
    both = {
        (row.first, row.second): row.articles
        for row in pairs[pairs["first"].isin(tags) & pairs["second"].isin(tags)].itertuples()
    }
    rows = [
        (tag, other, int(both.get((tag, other), both.get((other, tag), 0))))
        for tag in tags
        for other in tags
        if tag != other
    ]
    table = pd.DataFrame(rows, columns=["tag", "with_tag", "articles"])
    table["share"] = table["articles"] / table["tag"].map(counts)
    return table
