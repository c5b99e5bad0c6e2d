"""The corrections: over time, in dispute, as a table and a data set; deleted by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

import pandas as pd
import streamlit as st

from core.feedback.export import export_corrections
from core.feedback.statistics import Disagreement, corrections_per_day, find_disagreements
from pages.parts.shared.forgetting import show_forgetting
from pages.parts.shared.notices import errors_shown, show_notice
from pages.parts.shared.tables import show_download, show_table
from pages.parts.shared.words import count, plain

if TYPE_CHECKING:
    import altair

    from core.feedback.corrections import FeedbackStore, Kept

_SHOWN, _FEW = 500, 8
_ALL = 1_000_000


def show_corrections(store: FeedbackStore, total: int) -> None:
    """What editors saved, the newest first, and what can be done with it. total: of all saved."""
    show_notice("corrections")
    days = corrections_per_day(store)
    if len(days) > 1:
        st.altair_chart(day_bars(days), alt=f"Saved articles on {len(days)} days, {total} in all.")
    frame = correction_frame(store.read(limit=_SHOWN).kept)
    height: Literal["auto"] | int = "auto" if len(frame) < _FEW else 320
    st.dataframe(frame, hide_index=True, height=height, alt="Saved articles, the newest first.")
    if total > _SHOWN:
        st.caption(f"The newest {_SHOWN} of {total:,}; the download has all.")
        frame = correction_frame(store.read(limit=_ALL).kept)
    with st.container(horizontal=True):
        show_download(frame, "corrections.csv")
        if st.button("Make them a data set", key="export_corrections"):
            with errors_shown():
                info = export_corrections(store)
                articles = count(info.articles, "article")
                st.success(f"The data set “{plain(info.name)}” has them now: {articles}.")
        with st.popover("Delete everything about me"):
            show_forgetting("corrections")
    if found := find_disagreements(store):
        _show_disagreements(found)


def day_bars(days: Mapping[date, int]) -> altair.Chart:
    """Bars of the articles that were saved on each day."""
    import altair as alt

    rows = [(day.isoformat(), number) for day, number in days.items()]
    frame = pd.DataFrame(rows, columns=["day", "articles"])
    return (
        alt.Chart(frame, title="Articles saved a day", height=160)
        .mark_bar(tooltip=True)
        .encode(
            x=alt.X("yearmonthdate(day):O", title="day (UTC)"),
            y=alt.Y("articles:Q", axis=alt.Axis(tickMinStep=1)),
        )
    )


def correction_frame(kept: Sequence[Kept]) -> pd.DataFrame:
    """One row a correction, with its tags as the editor left them and as they were suggested."""
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


def _show_disagreements(found: Sequence[Disagreement]) -> None:
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
    alt = "Articles to which people gave different tags."
    show_table(pd.DataFrame(rows), "disputes.csv", alt=alt)
