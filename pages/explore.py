"""Explore: what is in this data set?"""

from collections.abc import Callable

import streamlit as st

from core.articles.versions import SetInfo
from core.dataset.statistics import RARE_TAG_COUNT, Statistics
from pages.parts.explore_articles import show_articles
from pages.parts.explore_copies import show_copies
from pages.parts.explore_map import show_map
from pages.parts.explore_origins import show_origins
from pages.parts.explore_pairs import show_pairs
from pages.parts.explore_tags import show_tags
from pages.parts.explore_texts import show_texts
from pages.parts.explore_variants import show_variants
from pages.parts.frame import choose_section, choose_set, open_page, show_question
from pages.parts.loading import load_statistics

# Only the section in view is computed.
SECTIONS: dict[str, Callable[[SetInfo], None]] = {
    "Tags": show_tags,
    "Pairs": show_pairs,
    "Spellings": show_variants,
    "Texts": show_texts,
    "Origins": show_origins,
    "Copies": show_copies,
    "Map": show_map,
    "Articles": show_articles,
}


def show_page() -> None:
    show_question(
        "What is in this data set?",
        do="Choose a data set, move the minimum to see which tags stay, then look further.",
    )
    info = choose_set()
    show_totals(load_statistics(info)[0])
    section = choose_section("Section", list(SECTIONS), key="section", persist=True)
    SECTIONS[section](info)


def show_totals(statistics: Statistics) -> None:
    with st.container(horizontal=True):
        st.metric("Articles", f"{statistics.articles:,}", width="content")
        st.metric("Tags", f"{statistics.tags:,}", width="content")
        st.metric("Tags per article", f"{statistics.tags_per_article:.2f}", width="content")
        st.metric("Languages", len(statistics.languages), width="content")
        st.metric(
            "With a rare tag",
            f"{statistics.rare_share:.0%}",
            help=f"Share of articles with a tag that fewer than {RARE_TAG_COUNT} articles have.",
            width="content",
        )


open_page(show_page)
