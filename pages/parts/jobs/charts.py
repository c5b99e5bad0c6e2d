"""The learning curves of a fine-tuning job, as a function of data."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from pages.parts.shared.charts import figures


def learning_curves(points: Sequence[Mapping[str, Any]]) -> alt.HConcatChart:
    """Losses on the left, F1 of the watched articles on the right, by epoch."""
    frame = pd.DataFrame(points)

    def lines(names: Mapping[str, str], title: str) -> alt.Chart:
        long = frame[["epoch", *names]].rename(columns=names).melt("epoch", var_name="what")
        what = alt.Color("what:N", title=None, sort=None, legend=alt.Legend(orient="bottom"))
        return (
            alt.Chart(long, title=title, height=220, width=300)
            .mark_line(point=True)
            .encode(
                x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")),
                y=alt.Y("value:Q", title=None, scale={"zero": False}),
                color=what,
                tooltip=["epoch", "what", *figures("value")],
            )
        )

    losses = {"train_loss": "training", "validation_loss": "watched articles"}
    scores = {"micro_f1_score": "micro F1", "macro_f1_score": "macro F1"}
    charts = lines(losses, "Loss by epoch"), lines(scores, "F1 of the watched articles by epoch")
    return alt.hconcat(*charts).resolve_scale(color="independent")
