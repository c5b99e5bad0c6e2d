"""Figures of one data set: totals, tag counts, pairs, spellings, near-duplicates and lengths."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.commands.output import print_json, print_records, print_table
from core.commands.reading import read_announced

if TYPE_CHECKING:
    from core.articles.article import Article  # brings pydantic, which --help does without


def show_stats(options: argparse.Namespace) -> None:
    """Print the figures of a data set or file."""
    from core.dataset.statistics import build_statistics

    articles = read_announced([options.name], options).articles
    stats = build_statistics(articles)
    findings = find_more(articles, stats.tag_counts)
    if options.json:
        print_json(asdict(stats) | findings)
        return
    print_table(
        ("articles", "tags", "tags per article", "share with a rare tag", "duplicates"),
        [(stats.articles, stats.tags, stats.tags_per_article, stats.rare_share, stats.duplicates)],
    )
    print("\nlanguages: " + ", ".join(f"{code} {n:,}" for code, n in stats.languages.items()))
    print("\nmost frequent tags")
    print_table(("tag", "articles"), list(stats.tag_counts.items())[:20])
    for title, name in _FINDINGS.items():
        rows = findings[name]
        print(f"\n{title}" + ("" if rows else ": none"))
        if rows:
            print_records(rows[:20])


_FINDINGS = {
    "tags that stand together": "pairs",
    "tags that may be one": "variants",
    "articles that say nearly the same": "near_duplicates",
    "lengths": "lengths",
}


def find_more(articles: Sequence[Article], tag_counts: dict[str, int]) -> dict[str, Any]:
    """Under each name of _FINDINGS a list of records; of the pairs the hundred most frequent."""
    from core.dataset.near_duplicates import find_near_duplicates, near_duplicate_table
    from core.dataset.pairs import pair_table
    from core.dataset.variants import find_variants

    doubles = near_duplicate_table(articles, find_near_duplicates(articles))
    return {
        "pairs": pair_table(articles).head(100).to_dict("records"),
        "variants": [asdict(variant) for variant in find_variants(tag_counts)],
        "near_duplicates": doubles.to_dict("records"),
        "lengths": measure_lengths(articles),
    }


def measure_lengths(articles: Sequence[Article]) -> list[dict[str, Any]]:
    """A record for each part of the articles and unit; over_limit: beyond what MiniLM reads."""
    from core.dataset.lengths import PARTS, build_lengths, count_words, texts_of
    from core.features.config import EncoderConfig
    from core.features.token_counts import count_tokens, whole_lengths

    records = []
    for part in PARTS:
        texts = texts_of(articles, part)
        words = build_lengths(count_words(texts))
        tokens = build_lengths(whole_lengths(count_tokens(texts)), limit=EncoderConfig().max_tokens)
        for unit, lengths in (("words", words), ("tokens", tokens)):
            figures = {name: value for name, value in asdict(lengths).items() if name != "bars"}
            records.append({"part": part, "unit": unit} | figures)
    return records
