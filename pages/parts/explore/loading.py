"""What Explore's sections show, through Streamlit's caches: keyed by fingerprint, never by path.

The libraries that a section needs are imported when it opens, so that the page opens without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.articles.store.record import SetInfo
from core.dataset.lengths import LengthOf, Lengths, build_lengths, count_words, texts_of
from core.dataset.near_duplicates import find_near_duplicates, near_duplicate_table
from core.dataset.origins import Origins, build_origins
from core.dataset.pairs import pair_table
from core.dataset.variants import Variant, find_variants
from core.features.config import EncoderConfig
from pages.parts.shared.loading import SET_KEY, load_articles, load_statistics

if TYPE_CHECKING:
    from core.features.article_map import Layout

MINILM_LIMIT = EncoderConfig().max_tokens


@st.cache_resource(max_entries=4, show_spinner="Counting the pairs ...", hash_funcs=SET_KEY)
def load_pairs(info: SetInfo) -> pd.DataFrame:
    """Tags that stand together, as `pair_table` has them."""
    return pair_table(load_articles(info))


@st.cache_resource(max_entries=4, show_spinner="Comparing the tags ...", hash_funcs=SET_KEY)
def load_variants(info: SetInfo) -> list[Variant]:
    """Tags that are probably one tag in two spellings."""
    return find_variants(load_statistics(info)[0].tag_counts)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=SET_KEY)
def load_origins(info: SetInfo) -> Origins:
    """Authors, hosts and dates of the articles."""
    return build_origins(load_articles(info))


@st.cache_resource(max_entries=16, show_spinner="Counting the words ...", hash_funcs=SET_KEY)
def load_word_lengths(info: SetInfo, part: LengthOf) -> Lengths:
    """How many words the articles have in one of their parts."""
    return build_lengths(count_words(texts_of(load_articles(info), part)))


@st.cache_resource(
    max_entries=16, show_spinner="Counting the tokens ...", show_time=True, hash_funcs=SET_KEY
)
def load_token_lengths(info: SetInfo, part: LengthOf) -> Lengths:
    """The same in MiniLM's tokens. Raises ModelError if its tokenizer cannot be had."""
    from core.features.token_counts import count_tokens, whole_lengths

    counts = count_tokens(texts_of(load_articles(info), part))
    return build_lengths(whole_lengths(counts), limit=MINILM_LIMIT)


@st.cache_resource(
    max_entries=4, show_spinner="Comparing the articles ...", show_time=True, hash_funcs=SET_KEY
)
def load_near_duplicates(info: SetInfo) -> pd.DataFrame:
    """Pairs of articles that say nearly the same, the most alike first."""
    articles = load_articles(info)
    return near_duplicate_table(articles, find_near_duplicates(articles))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=SET_KEY)
def load_map_rows(info: SetInfo, most: int) -> list[int]:
    """Rows of the articles that the map shows, `most` at most."""
    from core.features.article_map import map_rows

    return map_rows(load_articles(info), most)


@st.cache_resource(
    max_entries=16, show_spinner="Computing the map ...", show_time=True, hash_funcs=SET_KEY
)
def load_points(info: SetInfo, *, vectors: str, layout: Layout, dimensions: int) -> pd.DataFrame:
    """row, x, y and, of three dimensions, z. vectors: "words", or "minilm" from the cache.

    Raises DataError if the articles are too few or too unlike for a map.
    """
    from core.features.article_map import MOST_POINTS, lay_out, word_vectors
    from core.features.vectors import read_vectors

    texts = map_texts(info, MOST_POINTS[layout])
    found = word_vectors(texts) if vectors == "words" else read_vectors(texts, EncoderConfig())
    points = lay_out(found, dimensions=dimensions, layout=layout)
    frame = pd.DataFrame(points, columns=list("xyz"[:dimensions]))
    return frame.assign(row=load_map_rows(info, MOST_POINTS[layout]))


def map_texts(info: SetInfo, most: int) -> list[str]:
    """The texts of the articles that the map shows, in the order of `load_map_rows`."""
    from core.features.article_map import text_of

    articles = load_articles(info)
    return [text_of(articles[row]) for row in load_map_rows(info, most)]
