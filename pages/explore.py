"""Explore: what is in this data set?"""

from importlib import import_module

import streamlit as st

from core.dataset.statistics import RARE_TAG_COUNT, Statistics
from pages.parts.shared.frame import choose_section, choose_set, open_page, show_question
from pages.parts.shared.loading import load_statistics

# Only the section in view is imported and computed: pandas alone takes half a second.
SECTIONS = {
    "Tags": "tags",
    "Pairs": "pairs",
    "Spellings": "variants",
    "Texts": "texts",
    "Origins": "origins",
    "Copies": "copies",
    "Map": "map",
    "Articles": "articles",
}


def show_page() -> None:
    show_question(
        "What is in this data set?",
        do="Choose a data set, move the minimum to see which tags stay, then look further.",
    )
    info = choose_set()
    show_totals(load_statistics(info)[0])
    section = choose_section("Section", list(SECTIONS), key="section", persist=True)
    import_module(f"pages.parts.explore.{SECTIONS[section]}").show_section(info)


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
