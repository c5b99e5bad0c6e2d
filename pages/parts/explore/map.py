"""Explore, Map: the articles as points, near where they say alike things."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core.articles.store.record import SetInfo
from core.base.errors import DataError
from core.features.config import EncoderConfig
from pages.parts.explore.loading import load_points, map_texts
from pages.parts.explore.map_chart import article_points
from pages.parts.explore.reader import open_article, show_open_article
from pages.parts.shared.frame import choose_section
from pages.parts.shared.loading import load_article_table, load_statistics
from pages.parts.shared.progress import ProgressBar
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import count, plain

if TYPE_CHECKING:
    from core.features.article_map import Layout

_MOST_TAGS = 6
_VECTORS = {"words (tf-idf)": "words", "meaning (MiniLM)": "minilm"}
_LAYOUTS: dict[str, Layout] = {"overview (PCA)": "pca", "islands (t-SNE)": "tsne"}
_DIMENSIONS = {"2-D": 2, "3-D": 3}


def show_section(info: SetInfo) -> None:
    """The map in the chosen layout; where vectors are missing, the button that computes them."""
    with st.container(horizontal=True):
        vectors = _VECTORS[choose_section("Near in", list(_VECTORS), key="vectors", hidden=False)]
        chosen = choose_section("Dimensions", list(_DIMENSIONS), key="dimensions", hidden=False)
        dimensions = _DIMENSIONS[chosen]
        layout = _choose_layout() if dimensions == 2 else "pca"
    tags = _choose_tags(info)
    try:
        if vectors == "words" or _has_vectors(info, layout):
            points = load_points(info, vectors=vectors, layout=layout, dimensions=dimensions)
            if points[["x", "y"]].nunique().max() == 1:
                layout = "pca"
                st.info(
                    "These articles' vectors are all alike, so there are no islands to find: the "
                    "overview is shown, with all articles on one point."
                )
            key = f"map of {info.name} {vectors} {layout} {dimensions}"
            _draw(info, points, tags, dimensions=dimensions, key=key)
    except DataError as error:
        st.info(plain(str(error)))
    show_open_article(info)


def point_frame(table: pd.DataFrame, points: pd.DataFrame, tags: list[str]) -> pd.DataFrame:
    """points with id, title, tags and colour: the first of `tags` that an article has, or ""."""
    own = table.iloc[points["row"]].reset_index(drop=True)
    colour = [next((tag for tag in tags if tag in its), "") for its in own["tags"]]
    frame = points.assign(
        id=own["id"], title=own["title"], tags=own["tags"].map("; ".join), colour=colour
    )
    # Grey first, so that no colour lies under it; then the tags as chosen.
    place = {name: number for number, name in enumerate(["", *tags])}
    return frame.sort_values("colour", key=lambda names: names.map(place), kind="stable")


def _choose_layout() -> Layout:
    chosen = choose_section(
        "Layout",
        list(_LAYOUTS),
        key="layout",
        hidden=False,
        help="PCA takes seconds and keeps what is far apart. t-SNE shows groups of near articles "
        "and takes half a minute; distances between its groups say little.",
    )
    return _LAYOUTS[chosen]


def _choose_tags(info: SetInfo) -> list[str]:
    tags = list(load_statistics(info)[0].tag_counts)
    return st.multiselect(
        "Coloured by tag",
        tags,
        default=tags[:_MOST_TAGS],
        max_selections=_MOST_TAGS,
        key="map_tags",
        bind="query-params",
        help="An article with several of them takes the colour of the first.",
    )


def _has_vectors(info: SetInfo, layout: Layout) -> bool:
    """Whether every article has its sentence vector; if not, a button computes them."""
    from core.features.article_map import MOST_POINTS
    from core.features.vectors import count_missing

    texts, config = map_texts(info, MOST_POINTS[layout]), EncoderConfig()
    missing = count_missing(texts, config)
    if not missing:
        return True
    st.info(
        f"{count(missing, 'article')} of {len(texts):,} have no MiniLM vector yet. "
        "They are kept for training too."
    )
    if st.button("Encode them", type="primary"):
        _encode(texts, config)
        st.rerun()
    return False


def _encode(texts: list[str], config: EncoderConfig) -> None:
    from core.features.encoder_files import find_encoder
    from core.features.vector_cache import VectorCache
    from core.features.vectors import embed_texts

    bar = ProgressBar("Encoding")
    embed_texts(texts, find_encoder(config.name), config, cache=VectorCache(), progress=bar)
    bar.finish()


def _draw(
    info: SetInfo, points: pd.DataFrame, tags: list[str], *, dimensions: int, key: str
) -> None:
    shown = point_frame(load_article_table(info), points, tags)
    st.plotly_chart(
        article_points(shown, title=f"{len(shown):,} articles, near where they are alike"),
        key=key,
        on_select=partial(_open_clicked, key, shown.set_index("row")["id"]),
        selection_mode="points",
        config={"scrollZoom": True},
        alt="Map of the articles as points, near ones alike, coloured by tag.",
    )
    if len(shown) < info.articles:
        st.caption(f"{len(shown):,} of {count(info.articles, 'article')}, always the same ones.")
    if dimensions == 2:
        st.caption("Scroll to zoom, drag to move, point at a dot for its title, click it to read.")
    else:
        st.caption("Drag to turn, scroll to zoom, point at a dot for its title.")
    _choose_by_title(shown, key=f"{key} by title")
    show_download(shown.drop(columns="row"), "article-map.csv", "Download the points")


def _choose_by_title(shown: pd.DataFrame, *, key: str) -> None:
    """For the keyboard, and for three dimensions, in which Streamlit reports no click."""
    twice = shown["title"].duplicated(keep=False)
    labels = shown["title"].where(~twice, shown["title"] + " (" + shown["id"] + ")")
    label_of = dict(zip(shown["id"], labels, strict=True))
    st.selectbox(
        "Read an article of the map",
        list(label_of),
        index=None,
        format_func=label_of.__getitem__,
        placeholder="Type a part of its title",
        key=key,
        on_change=lambda: open_article(st.session_state[key]),
    )


def _open_clicked(key: str, ids: pd.Series) -> None:
    points: list[Any] = st.session_state[key].selection.points
    if points:
        row = points[0]["customdata"]
        open_article(ids.loc[row[0] if isinstance(row, list) else row])
