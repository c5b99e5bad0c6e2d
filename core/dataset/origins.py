"""Where and when articles were published, as far as they say."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import pandas as pd

from core.articles.article import Article

ALL = "all articles"
_MOST_MONTHS = 36


@dataclass(frozen=True)
class Origins:
    """Articles of each author and host, most first; how many articles have a date."""

    authors: dict[str, int]
    hosts: dict[str, int]
    dated: int


def build_origins(articles: Sequence[Article]) -> Origins:
    """Count the authors, the hosts of the addresses and the dates of articles."""
    return Origins(
        authors=dict(Counter(name for a in articles for name in a.creators).most_common()),
        hosts=dict(Counter(filter(None, (host_of(a.url) for a in articles))).most_common()),
        dated=sum(a.published is not None for a in articles),
    )


def host_of(url: str) -> str:
    """The host of an address without "www."; "" if there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # such as "http://[": no address at all
        return ""


def time_line(articles: Iterable[Article], tags: Sequence[str] = ()) -> pd.DataFrame:
    """Articles per month, or per year where they span more than three years.

    Columns: start (first day), series (each of `tags`, or ALL if there are none), articles.
    Every period between the first and the last article has a row for each series.
    """
    dated = [a for a in articles if a.published]
    days = pd.to_datetime(pd.Series([a.published for a in dated], dtype=object))
    unit = period_unit(dated)
    periods = days.dt.to_period(unit)
    every = pd.period_range(periods.min(), periods.max(), freq=unit) if dated else periods
    chosen = {tag: [tag in a.tags for a in dated] for tag in tags} or {ALL: [True] * len(dated)}
    parts = [
        pd.DataFrame(
            {
                "start": every.to_timestamp() if dated else [],
                "series": series,
                "articles": periods[rows].value_counts().reindex(every, fill_value=0).to_numpy(),
            }
        )
        for series, rows in chosen.items()
    ]
    return pd.concat(parts, ignore_index=True)


def period_unit(articles: Iterable[Article]) -> str:
    """ "M" for months, "Y" for years: what `time_line` counts by."""
    months = {(a.published.year * 12 + a.published.month) for a in articles if a.published}
    return "Y" if months and max(months) - min(months) >= _MOST_MONTHS else "M"
