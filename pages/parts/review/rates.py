"""How often suggestions stayed, by tag and by model."""

import pandas as pd
import streamlit as st

from core.feedback.corrections import FeedbackStore
from core.feedback.statistics import acceptance_by_model, acceptance_by_tag
from pages.parts.shared.tables import show_table


def show_rates(store: FeedbackStore) -> None:
    """Two tables: how often a tag's suggestions stayed, and how often a model's did."""
    share = st.column_config.ProgressColumn("stayed", format="percent", min_value=0, max_value=1)
    for what, acceptance in (("tag", acceptance_by_tag), ("model", acceptance_by_model)):
        rows = [
            (line.name or "unknown", line.rate, line.suggested, line.accepted, line.missed)
            for line in acceptance(store)
        ]
        columns = [what, "stayed", "suggested", "left in place", "added by hand"]
        st.markdown(f"**By {what}**")
        show_table(
            pd.DataFrame(rows, columns=columns),
            f"corrections-by-{what}.csv",
            column_config={"stayed": share},
            alt=f"How often each {what}'s suggestions stayed, and how often it was missed.",
        )
