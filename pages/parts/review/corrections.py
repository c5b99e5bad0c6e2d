"""The corrections: over time, in dispute, as a table and a data set; deleted by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st

from core.base.errors import CoreError
from core.feedback.export import export_corrections
from core.feedback.forgetting import forget_person
from core.feedback.statistics import corrections_per_day, find_disagreements
from pages.parts.data.feedback import said_of
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import count, plain

if TYPE_CHECKING:
    from core.feedback.corrections import FeedbackStore, Kept

_SHOWN, _FEW = 500, 8
_ALL = 1_000_000
_SAID = "said_of_corrections"


def show_corrections(store: FeedbackStore, total: int) -> None:
    if said := st.session_state.pop(_SAID, ""):
        st.success(said)
    days = corrections_per_day(store)
    if len(days) > 1:
        st.vega_lite_chart(
            days_spec(days), alt=f"Saved articles on {len(days)} days, {total} in all."
        )
    frame = correction_frame(store.read(limit=_SHOWN).kept)
    height: Literal["auto"] | int = "auto" if len(frame) < _FEW else 320
    st.dataframe(frame, hide_index=True, height=height, alt="Saved articles, the newest first.")
    if total > _SHOWN:
        st.caption(f"The newest {_SHOWN} of {total:,}; the download has all.")
        frame = correction_frame(store.read(limit=_ALL).kept)
    with st.container(horizontal=True):
        show_download(frame, "corrections.csv")
        if st.button("Make them a data set", key="export_corrections"):
            _export(store)
        with st.popover("Delete everything about me"):
            _ask_to_delete(store)
    _show_disagreements(store)


def days_spec(days: Mapping[date, int]) -> dict[str, Any]:
    values = [{"day": day.isoformat(), "articles": number} for day, number in days.items()]
    return {
        "title": "Articles saved a day",
        "data": {"values": values},
        "mark": {"type": "bar", "tooltip": True},
        "height": 160,
        "encoding": {
            "x": {
                "field": "day",
                "type": "ordinal",
                "title": "day (UTC)",
                "timeUnit": "yearmonthdate",
            },
            "y": {"field": "articles", "type": "quantitative", "axis": {"tickMinStep": 1}},
        },
    }


def correction_frame(kept: list[Kept]) -> pd.DataFrame:
    rows = [
        {
            "when": one.at.strftime("%Y-%m-%d %H:%M"),
            "article": one.correction.title or one.correction.text[:80],
            "tags": "; ".join(one.correction.tags),
            "added": "; ".join(one.correction.added),
            "rejected": "; ".join(one.correction.rejected),
            "suggested": "; ".join(tag.tag for tag in one.correction.shown if tag.suggested),
            "model": one.correction.model,
            "name": one.correction.name,
        }
        for one in kept
    ]
    return pd.DataFrame(rows)


def _export(store: FeedbackStore) -> None:
    try:
        info = export_corrections(store)
    except CoreError as error:
        st.error(plain(str(error)))
        return
    articles = count(info.articles, "article")
    st.success(f"The data set “{plain(info.name)}” has them now: {articles}.")


def _ask_to_delete(store: FeedbackStore) -> None:
    name = st.text_input("The name under which you saved", key="delete_name")
    st.caption("All that was saved under it goes, texts and tags, and cannot be brought back.")
    if not st.button("Delete it for good", key="delete_me", disabled=not name.strip()):
        return
    try:
        st.session_state[_SAID] = said_of(forget_person(store, name))
    except CoreError as error:
        st.error(plain(str(error)))
        return
    st.rerun()


def _show_disagreements(store: FeedbackStore) -> None:
    if not (found := find_disagreements(store)):
        return
    st.markdown("**Articles in dispute**")
    rows = [
        {
            "article": one.latest.title or one.latest.text[:80],
            "people": one.corrections,
            "in dispute": "; ".join(f"{tag} ({number})" for tag, number in one.disputed.items()),
            "latest tags": "; ".join(one.latest.tags),
        }
        for one in found
    ]
    frame = pd.DataFrame(rows)
    st.dataframe(frame, hide_index=True, alt="Articles to which people gave different tags.")
    show_download(frame, "disputes.csv")
