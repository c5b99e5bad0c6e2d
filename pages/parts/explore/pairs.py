"""Explore, Pairs: which tags stand together."""

import pandas as pd
import streamlit as st

from core.articles.store.record import SetInfo
from core.dataset.pairs import shared_table
from pages.parts.explore.charts import shared_heat
from pages.parts.explore.loading import load_pairs
from pages.parts.explore.reader import show_list, show_open_article
from pages.parts.shared.loading import load_article_table, load_statistics
from pages.parts.shared.tables import show_chart, show_table
from pages.parts.shared.words import count, plain

_ORDERS = {"articles with both": "articles", "overlap (Jaccard)": "jaccard", "lift": "lift"}
_SIZES = (10, 20, 30)


def show_section(info: SetInfo) -> None:
    """The heat map of the most frequent tags, and the list of all pairs."""
    pairs = load_pairs(info)
    if pairs.empty:
        st.info("No article has two tags, so no pairs can be shown.")
        return
    _show_heat(info, pairs)
    _show_pair_list(info, pairs)


def _show_heat(info: SetInfo, pairs: pd.DataFrame) -> None:
    counts = load_statistics(info)[0].tag_counts
    size = st.selectbox(
        "Most frequent tags", _SIZES, index=1, key="heat", bind="query-params", width=180
    )
    tags = list(counts)[:size]
    shared = shared_table(pairs, counts, tags)
    show_chart(
        shared_heat(shared, tags),
        shared,
        "tags-together.csv",
        label="Download the heat map's figures",
        alt=f"Heat map of how often the {len(tags)} most frequent tags occur together.",
    )


def _show_pair_list(info: SetInfo, pairs: pd.DataFrame) -> None:
    st.markdown("#### All pairs")
    with st.container(horizontal=True):
        search = st.text_input("Tags that contain", key="pair_search", placeholder="script")
        least = st.number_input(
            "Articles with both, at least", 1, None, 2, key="pair_least", bind="query-params"
        )
        order = st.selectbox("Order", list(_ORDERS), key="pair_order", bind="query-params")
    found = pairs[pairs["articles"] >= least]
    if wanted := search.strip():
        names = found["first"] + "\n" + found["second"]
        found = found[names.str.contains(wanted, case=False, regex=False)]
    found = found.sort_values(_ORDERS[order], ascending=False, kind="stable", ignore_index=True)
    if found.empty:
        st.info("No pair fits. Clear the search or lower the number of articles.")
        return
    st.caption(f"{count(len(found), 'pair')}; choose one to see its articles.")
    number = st.column_config.NumberColumn
    event = show_table(
        found,
        "tag-pairs.csv",
        label="Download these pairs",
        height=320,
        on_select="rerun",
        selection_mode="single-row",
        key=f"pairs of {info.name} by {order} from {least} with {search}",
        column_config={
            "first": "Tag",
            "second": "With",
            "articles": number("Articles with both", format="localized"),
            "jaccard": number(
                "Overlap", format="%.3f", help="Articles with both / articles with either: Jaccard."
            ),
            "lift": number(
                "Lift", format="%.1f", help="Times more often together than by chance; 1 is chance."
            ),
        },
        alt="Pairs of tags with the articles that have both, their overlap and their lift.",
    )
    if event.selection.rows:
        pair = found.iloc[event.selection.rows[0]]
        _show_articles_of(info, pair["first"], pair["second"])


def _show_articles_of(info: SetInfo, first: str, second: str) -> None:
    table = load_article_table(info)
    both = table[table["tags"].map(lambda tags: first in tags and second in tags)]
    st.markdown(f"##### Articles with {plain(first)} and {plain(second)}")
    show_list(
        both,
        key=f"articles of {info.name} with {first} and {second}",
        alt="Articles that have both tags.",
    )
    show_open_article(info)
