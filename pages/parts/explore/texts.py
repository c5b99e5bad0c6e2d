"""Explore, Texts: tags per article, and lengths in words and in the encoder's tokens."""

import pandas as pd
import streamlit as st

from core.articles.store.record import SetInfo
from core.dataset.lengths import PARTS, LengthOf, Lengths
from pages.parts.explore.charts import length_bars, length_frame
from pages.parts.explore.loading import MINILM_LIMIT, load_token_lengths, load_word_lengths
from pages.parts.shared.charts import count_bars
from pages.parts.shared.loading import load_statistics
from pages.parts.shared.tables import show_chart
from pages.parts.shared.words import count


def show_section(info: SetInfo) -> None:
    """Articles by their number of tags, and the lengths of a part of them."""
    numbers = load_statistics(info)[0].articles_by_tag_number
    show_chart(
        count_bars({str(n): k for n, k in numbers.items()}, title="Tags per article", label="tags"),
        pd.DataFrame(list(numbers.items()), columns=["tags", "articles"]),
        "tags-per-article.csv",
        label="Download the tags per article",
        alt="Bars of articles by their number of tags.",
    )
    _show_lengths(info)


def _show_lengths(info: SetInfo) -> None:
    st.markdown("#### Lengths")
    part: LengthOf = st.segmented_control(
        "Length of",
        PARTS,
        default="title + description",
        required=True,
        key="part",
        bind="query-params",
    )
    words = load_word_lengths(info, part)
    if not words.texts:
        st.info(f"No article has a {part}.")
        return
    left, right = st.columns(2)
    with left:
        _show_unit(words, "words", part)
    with right:
        tokens = load_token_lengths(info, part)
        _show_unit(tokens, "tokens", part)
        over = f"{tokens.over_limit:.1%}" if tokens.over_limit else "None"
        st.caption(
            f"MiniLM reads {MINILM_LIMIT} tokens of a text. **{over}** of the texts are longer: "
            "their end is not read."
        )
    if words.empty:
        st.caption(f"{count(words.empty, 'article')} without a {part} left out.")


def _show_unit(lengths: Lengths, unit: str, part: str) -> None:
    frame = length_frame(lengths)
    show_chart(
        length_bars(
            frame,
            unit=f"{unit}, the last bar and longer",
            title=f"Length of {part} in {unit}",
            limit=None if lengths.over_limit is None else MINILM_LIMIT,
        ),
        frame,
        f"length-in-{unit}.csv",
        label=f"Download the {unit}",
        alt=f"Bars of articles by the {unit} of their {part}; half have up to {lengths.median}.",
    )
    st.caption(
        f"Half have up to {lengths.median:,} {unit}, nine in ten up to {lengths.nine_tenths:,}; "
        f"the longest has {lengths.longest:,}."
    )
