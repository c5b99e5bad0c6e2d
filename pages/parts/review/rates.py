"""How often suggestions stayed, by tag and by model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.feedback.statistics import Acceptance, acceptance_by_model, acceptance_by_tag
from pages.parts.shared.tables import show_download

if TYPE_CHECKING:
    from core.feedback.corrections import FeedbackStore


def show_rates(store: FeedbackStore) -> None:
    for what, lines in (
        ("tag", acceptance_by_tag(store)),
        ("model", acceptance_by_model(store)),
    ):
        frame = rate_frame(lines, what)
        st.markdown(f"**By {what}**")
        st.dataframe(
            frame,
            hide_index=True,
            column_config={
                "stayed": st.column_config.ProgressColumn(
                    "stayed", format="percent", min_value=0, max_value=1
                )
            },
            alt=f"How often each {what}'s suggestions stayed, and how often it was missed.",
        )
        show_download(frame, f"corrections-by-{what}.csv")


def rate_frame(lines: Sequence[Acceptance], what: str) -> pd.DataFrame:
    """stayed: a share of 0..1, none where nothing was suggested."""
    rows = [
        {
            what: line.name or "unknown",
            "stayed": line.rate,
            "suggested": line.suggested,
            "left in place": line.accepted,
            "added by hand": line.missed,
        }
        for line in lines
    ]
    return pd.DataFrame(
        rows, columns=[what, "stayed", "suggested", "left in place", "added by hand"]
    )
