"""Explore, Copies: articles that say nearly the same."""

import pandas as pd
import streamlit as st

from core.articles.store.record import SetInfo
from core.dataset.near_duplicates import LEAST_SIMILARITY, MOST_PAIRS
from pages.parts.explore.loading import load_near_duplicates
from pages.parts.explore.reader import show_article
from pages.parts.shared.loading import load_articles
from pages.parts.shared.tables import show_table
from pages.parts.shared.words import count, plain


def show_section(info: SetInfo) -> None:
    """Pairs of articles from a chosen similarity on, and the two of one pair."""
    pairs = load_near_duplicates(info)
    if pairs.empty:
        st.info(
            f"No two articles share {LEAST_SIMILARITY:.0%} of their title, description and the "
            "start of their text."
        )
        return
    least = st.slider(
        "Similarity, at least",
        LEAST_SIMILARITY,
        1.0,
        0.8,
        0.01,
        key="similarity",
        bind="query-params",
        help="Pieces of five letters in both articles / in either one, of title, description "
        "and the first 1,000 characters of the text. 1 is a copy.",
    )
    shown = pairs[pairs["similarity"] >= least]
    if shown.empty:
        st.info(f"No pair is so alike; the nearest has {pairs['similarity'].iloc[0]:.2f}.")
        return
    _show_summary(shown, complete=len(pairs) < MOST_PAIRS)
    _show_pair_list(info, shown, least)


def _show_summary(shown: pd.DataFrame, *, complete: bool) -> None:
    apart = int((~shown["kept_together"]).sum())
    st.markdown(
        f"**{count(len(shown), 'pair')}**. A split keeps {len(shown) - apart:,} of them on one "
        f"side, as exact copies; of the other {apart:,}, one may be learnt from and the other "
        "tested on."
    )
    if not complete:
        st.caption(f"There are more: the search stopped after {count(MOST_PAIRS, 'pair')}.")


def _show_pair_list(info: SetInfo, shown: pd.DataFrame, least: float) -> None:
    st.caption("Choose a pair to read both articles.")
    column = st.column_config
    event = show_table(
        shown,
        "near-duplicates.csv",
        label="Download these pairs",
        height=320,
        on_select="rerun",
        selection_mode="single-row",
        key=f"copies in {info.name} from {least}",
        column_order=["similarity", "first_title", "second_title", "same_tags", "kept_together"],
        column_config={
            "similarity": column.NumberColumn("Similarity", format="%.2f"),
            "first_title": column.TextColumn("Article", width=250),
            "second_title": column.TextColumn("Its double", width=250),
            "same_tags": column.CheckboxColumn("Same tags"),
            "kept_together": column.CheckboxColumn("Kept together"),
        },
        alt="Pairs of articles with their similarity and whether their tags are the same.",
    )
    if event.selection.rows:
        _show_both(info, shown.iloc[event.selection.rows[0]])


def _show_both(info: SetInfo, pair: pd.Series) -> None:
    article_with = {article.id: article for article in load_articles(info)}
    for column, which in zip(st.columns(2), ("first_id", "second_id"), strict=True):
        with column:
            show_article(article_with[pair[which]])
            st.page_link(
                "pages/explore.py",
                label=f"Open {plain(pair[which])} by itself",
                query_params={"data": info.name, "section": "Articles", "article": pair[which]},
            )
