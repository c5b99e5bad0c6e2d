"""Explore, Spellings: tags that are probably one tag, and the map that merges them."""

import json

import pandas as pd
import streamlit as st

from core.articles.store.record import SetInfo
from core.dataset.statistics import RARE_TAG_COUNT
from core.dataset.variants import GUESS, Variant, merge_map, merged_counts
from pages.parts.explore.loading import load_variants
from pages.parts.shared.downloads import offer_file
from pages.parts.shared.loading import load_articles, load_statistics
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import count


def show_section(info: SetInfo) -> None:
    """The table of spellings to edit, what merging them does, and the map to download."""
    variants = load_variants(info)
    if variants:
        st.markdown(
            f"**{count(len(variants), 'tag')}** may be another tag in other letters. Tick the ones "
            "to merge, change the name that stays, or add a row; then download the map."
        )
    else:
        st.info("No two tags look like the same one. Add a row to merge tags that mean the same.")
    edited = _edit_merges(info, variants)
    merges = merge_map(edited.loc[edited["merge"], ["tag", "into"]].itertuples(index=False))
    _show_effect(info, merges)
    with st.container(horizontal=True):
        content = json.dumps(merges, ensure_ascii=False, indent=1) + "\n"
        label = "Download the merge map (JSON)"
        offer_file(label, content, "tag-merges.json", key="download_merges", type="primary")
        show_download(edited, "tag-variants.csv", "Download the table")


def variant_frame(variants: list[Variant]) -> pd.DataFrame:
    """One row a spelling; a guess by one letter is not ticked: spring is not string."""
    rows = [
        (v.reason != GUESS, v.tag, v.into, v.tag_articles, v.into_articles, v.reason)
        for v in variants
    ]
    columns = ["merge", "tag", "into", "tag_articles", "into_articles", "reason"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"merge": bool, "tag": str, "into": str, "reason": str})


def _edit_merges(info: SetInfo, variants: list[Variant]) -> pd.DataFrame:
    """The columns of `variant_frame` as edited; blank cells are ""."""
    column = st.column_config
    edited = st.data_editor(
        variant_frame(variants),
        hide_index=True,
        num_rows="dynamic",
        height=420 if variants else "auto",
        key=f"merges of {info.name}",
        disabled=["tag_articles", "into_articles", "reason"],
        column_config={
            "merge": column.CheckboxColumn("Merge", default=True, width="small"),
            "tag": column.TextColumn("Tag", required=True),
            "into": column.TextColumn("Becomes", required=True),
            "tag_articles": column.NumberColumn("Its articles", format="localized"),
            "into_articles": column.NumberColumn("The other's", format="localized"),
            "reason": column.TextColumn("Why", default="by hand"),
        },
        alt="Tags, the tags they may become, the articles of each, and why.",
    )
    texts = ["tag", "into", "reason"]
    edited[texts] = edited[texts].fillna("")
    return edited.assign(merge=edited["merge"].fillna(False).astype(bool))


def _show_effect(info: SetInfo, merges: dict[str, str]) -> None:
    before = load_statistics(info)[0].tag_counts
    after = merged_counts(load_articles(info), merges)
    frequent = [sum(n >= RARE_TAG_COUNT for n in counts.values()) for counts in (before, after)]
    st.markdown(
        f"This merges {count(len(merges), 'tag')}: **{len(before):,} tags become {len(after):,}**, "
        f"and {frequent[0]:,} tags in {RARE_TAG_COUNT} or more articles become {frequent[1]:,}."
    )
