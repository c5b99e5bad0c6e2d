"""Explore, Articles: a list to search and filter, and one article to read."""

import pandas as pd
import streamlit as st

from core.articles.store.record import SetInfo
from pages.parts.explore.reader import show_list, show_open_article
from pages.parts.shared.loading import load_article_table, load_statistics
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import count


def show_section(info: SetInfo) -> None:
    """The articles that fit the filters, and the one that the address names."""
    found, asked = _filter_table(info, load_article_table(info))
    if found.empty:
        st.info("No article fits. Clear the search or choose another tag.")
    else:
        st.caption(f"{count(len(found), 'article')}; choose one to read it.")
        show_list(
            found,
            key=f"articles of {info.name} with {asked}",  # another list, no row chosen
            alt="Articles with title, tags, language, source and date.",
        )
        listed = found.assign(tags=found["tags"].map("; ".join))
        show_download(listed, "articles.csv", "Download these articles")
    show_open_article(info)


def _filter_table(info: SetInfo, table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The rows that fit, and what was asked for."""
    statistics = load_statistics(info)[0]
    with st.container(horizontal=True):
        search = st.text_input(
            "Search", key="search", placeholder="goroutine", help="In title and description."
        ).strip()
        tag = _choose("With the tag", list(statistics.tag_counts), "tag")
        language = _choose("In the language", list(statistics.languages), "language")
        source = _choose("From the source", list(statistics.sources), "source")
        numbers = _choose_tag_numbers(list(statistics.articles_by_tag_number))
    fits = table["tags"].map(len).between(*numbers)
    if search:
        texts = table["title"] + "\n" + table["description"]
        fits &= texts.str.contains(search, case=False, regex=False)
    if tag:
        fits &= table["tags"].map(lambda tags: tag in tags)
    for column, wanted in (("language", language), ("source", source)):
        if wanted:
            fits &= table[column].replace("", "unknown") == wanted
    return table[fits], f"{tag}, {language}, {source}, {numbers}, {search}"


def _choose(label: str, options: list[str], key: str) -> str | None:
    return st.selectbox(
        label, options, index=None, key=key, bind="query-params", disabled=not options
    )


def _choose_tag_numbers(numbers: list[int]) -> tuple[int, int]:
    """The least and the most tags that an article may have."""
    least, most = min(numbers, default=0), max(numbers, default=0)
    if least == most:
        return least, most
    low, high = st.session_state.get("tag_numbers", (least, most))
    if not least <= low <= high <= most:
        st.session_state["tag_numbers"] = (least, most)  # chosen on another data set
    return st.slider("Number of tags", least, most, (least, most), key="tag_numbers", width=200)
