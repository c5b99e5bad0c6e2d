"""What Explore's sections show, through Streamlit's caches: keyed by fingerprint, never by path.

The libraries that a section needs are imported when it opens, so that the page opens without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.articles.store.versions import SetInfo
from core.dataset.lengths import LengthOf, Lengths, build_lengths, count_words, texts_of
from core.dataset.near_duplicates import find_near_duplicates, near_duplicate_table
from core.dataset.origins import Origins, build_origins
from core.dataset.pairs import pair_table
from core.dataset.variants import Variant, find_variants
from core.features.config import EncoderConfig
from pages.parts.shared.loading import load_articles, load_statistics

if TYPE_CHECKING:
    from core.features.article_map import Layout

MINILM_LIMIT = EncoderConfig().max_tokens


def load_pairs(info: SetInfo) -> pd.DataFrame:
    return _pairs(info.fingerprint, info)


def load_variants(info: SetInfo) -> list[Variant]:
    return _variants(info.fingerprint, info)


def load_origins(info: SetInfo) -> Origins:
    return _origins(info.fingerprint, info)


def load_word_lengths(info: SetInfo, part: LengthOf) -> Lengths:
    return _word_lengths(info.fingerprint, part, info)


def load_token_lengths(info: SetInfo, part: LengthOf) -> Lengths:
    """Raises ModelError if the encoder's tokenizer cannot be had."""
    return _token_lengths(info.fingerprint, part, info)


def load_near_duplicates(info: SetInfo) -> pd.DataFrame:
    return _near_duplicates(info.fingerprint, info)


def load_map_rows(info: SetInfo, most: int) -> list[int]:
    """Rows of the articles that the map shows."""
    return _map_rows(info.fingerprint, most, info)


def load_points(info: SetInfo, *, vectors: str, layout: Layout, dimensions: int) -> pd.DataFrame:
    """row, x, y and, of three dimensions, z. vectors: "words", or "minilm" from the cache.

    Raises DataError if the articles are too few or too unlike for a map.
    """
    return _points(info.fingerprint, vectors, layout, dimensions, info)


def map_texts(info: SetInfo, most: int) -> list[str]:
    from core.features.article_map import text_of

    articles = load_articles(info)
    return [text_of(articles[row]) for row in load_map_rows(info, most)]


@st.cache_resource(max_entries=4, show_spinner="Counting the pairs ...")
def _pairs(fingerprint: str, _info: SetInfo) -> pd.DataFrame:
    return pair_table(load_articles(_info))


@st.cache_resource(max_entries=4, show_spinner="Comparing the tags ...")
def _variants(fingerprint: str, _info: SetInfo) -> list[Variant]:
    return find_variants(load_statistics(_info)[0].tag_counts)


@st.cache_resource(max_entries=4, show_spinner=False)
def _origins(fingerprint: str, _info: SetInfo) -> Origins:
    return build_origins(load_articles(_info))


@st.cache_resource(max_entries=16, show_spinner="Counting the words ...")
def _word_lengths(fingerprint: str, part: LengthOf, _info: SetInfo) -> Lengths:
    return build_lengths(count_words(texts_of(load_articles(_info), part)))


@st.cache_resource(max_entries=16, show_spinner="Counting the tokens ...", show_time=True)
def _token_lengths(fingerprint: str, part: LengthOf, _info: SetInfo) -> Lengths:
    from core.features.token_lengths import count_tokens

    counts = count_tokens(texts_of(load_articles(_info), part))
    return build_lengths(counts, limit=MINILM_LIMIT)


@st.cache_resource(max_entries=4, show_spinner="Comparing the articles ...", show_time=True)
def _near_duplicates(fingerprint: str, _info: SetInfo) -> pd.DataFrame:
    articles = load_articles(_info)
    return near_duplicate_table(articles, find_near_duplicates(articles))


@st.cache_resource(max_entries=8, show_spinner=False)
def _map_rows(fingerprint: str, most: int, _info: SetInfo) -> list[int]:
    from core.features.article_map import map_rows

    return map_rows(load_articles(_info), most)


@st.cache_resource(max_entries=16, show_spinner="Laying out the articles ...", show_time=True)
def _points(
    fingerprint: str, vectors: str, layout: Layout, dimensions: int, _info: SetInfo
) -> pd.DataFrame:
    from core.features.article_map import MOST_POINTS, lay_out, word_vectors
    from core.features.article_vectors import read_vectors

    texts = map_texts(_info, MOST_POINTS[layout])
    found = word_vectors(texts) if vectors == "words" else read_vectors(texts, EncoderConfig())
    points = lay_out(found, dimensions=dimensions, layout=layout)
    frame = pd.DataFrame(points, columns=list("xyz"[:dimensions]))
    return frame.assign(row=load_map_rows(_info, MOST_POINTS[layout]))
