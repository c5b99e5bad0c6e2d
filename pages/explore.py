"""Explore: what is in this data set?"""

import pandas as pd
import streamlit as st

from core.articles.sets import SetInfo
from core.dataset.statistics import RARE_TAG_COUNT, Remaining, Statistics
from pages.parts.charts import count_bars, tag_bars
from pages.parts.frame import choose_set, open_page, show_question
from pages.parts.loading import load_article_table, load_articles, load_statistics
from pages.parts.tables import show_download
from pages.parts.words import count

TOP, BOTTOM = 100, 200


def show_page() -> None:
    show_question("What is in this data set?")
    info = choose_set()
    statistics, remaining = load_statistics(info)
    show_totals(statistics)
    show_frequencies(statistics, remaining)
    show_distributions(statistics)
    show_articles(info, statistics)


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


def show_frequencies(statistics: Statistics, remaining: list[Remaining]) -> None:
    if not remaining:
        st.info("These articles have no tags, so there is nothing to count.")
        return
    most = remaining[-1].min_count
    minimum = 1
    if st.session_state.get("min_count", 1) > most:
        st.session_state["min_count"] = most  # chosen on a larger data set
    if most > 1:
        minimum = st.slider(
            "Minimum number of articles a tag must have",
            1,
            most,
            min(RARE_TAG_COUNT, most),
            key="min_count",
            bind="query-params",
            help="Rarer tags give a model too little to learn from. Train uses the same setting.",
        )
    stay = remaining[minimum - 1]
    st.markdown(
        f"**{count(stay.tags, 'tag')}, {count(stay.articles, 'article')} stay**; "
        f"{count(statistics.tags - stay.tags, 'tag')} are rarer."
    )
    ranked = list(statistics.tag_counts.items())
    top, bottom = ranked[:TOP], ranked[TOP:][-BOTTOM:]
    st.plotly_chart(
        tag_bars(top, title=f"The {len(top)} most frequent tags", line_at=minimum),
        key="top_tags",
        alt=f"Bars of articles per tag, from {top[0][1]} for {top[0][0]} down to {top[-1][1]}.",
    )
    if bottom:
        st.plotly_chart(
            tag_bars(bottom, title=f"The {len(bottom)} rarest tags"),
            key="bottom_tags",
            alt=f"Bars of articles per tag, from {bottom[0][1]} down to {bottom[-1][1]}.",
        )
    counts = pd.DataFrame(ranked, columns=["tag", "articles"])
    show_download(counts, "tag-counts.csv", "Download the tag counts")


def show_distributions(statistics: Statistics) -> None:
    left, right = st.columns(2)
    numbers = {str(tags): n for tags, n in statistics.articles_by_tag_number.items()}
    left.altair_chart(
        count_bars(numbers, title="Tags per article", label="tags"),
        alt="Bars of articles by their number of tags.",
    )
    right.altair_chart(
        count_bars(statistics.languages, title="Languages", label="language"),
        alt="Bars of articles by language.",
    )


def show_articles(info: SetInfo, statistics: Statistics) -> None:
    st.markdown("#### Articles")
    with st.container(horizontal=True):
        search = st.text_input(
            "Search in title and description", key="search", placeholder="goroutine"
        )
        tag = st.selectbox(
            "With the tag", list(statistics.tag_counts), index=None, key="tag", bind="query-params"
        )
    table = load_article_table(info)
    if search.strip():
        texts = table["title"] + "\n" + table["description"]
        table = table[texts.str.contains(search.strip(), case=False, regex=False)]
    if tag:
        table = table[table["tags"].map(lambda tags: tag in tags)]
    if table.empty:
        st.info("No article fits. Clear the search or choose another tag.")
        return
    st.caption(f"{count(len(table), 'article')}; choose one to read it.")
    shown = ["title", "tags", "language", "source", "published"]
    event = st.dataframe(
        table[shown],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"articles of {info.name} with {tag} and {search}",  # another list, no row chosen
        alt="Articles with title, tags, language, source and date.",
    )
    show_download(
        table.assign(tags=table["tags"].map("; ".join)), "articles.csv", "Download these articles"
    )
    if event.selection.rows:
        article = load_articles(info)[table.index[event.selection.rows[0]]]
        with st.container(border=True):
            st.text(article.title)
            st.text(article.description)
            st.text(article.fulltext[:2000])


open_page(show_page)
