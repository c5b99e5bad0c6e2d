"""What a cut costs: its figures beside the saved one's, the curve, and the tags that change."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.evaluate.cut_cost import CutFigures, change_sentence
from core.metrics.averages import MICRO
from core.metrics.report import averages_json
from core.runs.operating_points import OWN_NAME, OperatingPoint
from core.runs.run_scores import RunScores
from core.runs.store import Run
from pages.parts.shared.tables import show_download, show_figures, show_table
from pages.parts.shared.words import count, plain
from pages.parts.thresholds.charts import precision_recall_spec
from pages.parts.thresholds.data import load_curves

_MEANINGS = {
    "Precision": "Share of the tags taken that are true.",
    "Recall": "Share of the true tags that are taken.",
    "F1": "Harmonic mean of precision and recall.",
}


def show_cost(
    now: Mapping[str, CutFigures],
    before: Mapping[str, CutFigures],
    saved: OperatingPoint,
    scores: RunScores,
) -> None:
    """Precision, recall and F1 on the part to tune on, and their change since the saved cut.

    now, before: figures by part, the part to tune on first.
    """
    part = next(iter(now))
    figures = (figures_of[part].averages[MICRO] for figures_of in (now, before))
    values, earlier = ((one.precision, one.recall, one.f1_score) for one in figures)
    with st.container(horizontal=True):
        for (name, meaning), value, old in zip(_MEANINGS.items(), values, earlier, strict=True):
            # Streamlit reads the direction from a leading hyphen; a true minus would point up.
            change = f"{value - old:+.3f}"
            st.metric(
                name,
                f"{value:.3f}",
                delta=change,
                delta_color="normal" if float(change) else "off",
                delta_arrow="auto" if float(change) else "off",
                help=f"{meaning} Over all tags of all articles (micro average).",
                width="content",
            )
    st.markdown(f"**{change_sentence(before[part], now[part])}**")
    articles = count(scores.parts()[part].articles, f"{part} article")
    against = "the cut it was trained with" if saved.name == OWN_NAME else plain(saved.name)
    st.caption(f"On {articles}; the changes are from {against}.")


def show_curve(run: Run, now: Mapping[str, CutFigures]) -> None:
    """Precision against recall of every common cut, with the cut in view as a point."""
    micro = {part: figures.averages[MICRO] for part, figures in now.items()}
    rows = [(part, figures.precision, figures.recall) for part, figures in micro.items()]
    points = pd.DataFrame(rows, columns=["part", "precision", "recall"])
    st.vega_lite_chart(
        precision_recall_spec(load_curves(run), points),
        alt="Precision against recall of every common cut, with the cut in view as a point.",
    )


def show_averages(now: Mapping[str, CutFigures]) -> None:
    """All averages on the part to tune on and on the test part, and how many tags there are."""
    names = {"precision": "P", "recall": "R", "f1-score": "F1"}
    frame = pd.concat(
        {
            f"{part} {short}": pd.DataFrame(averages_json(figures.averages)).loc[measure]
            for part, figures in now.items()
            for measure, short in names.items()
        },
        axis=1,
    )
    frame.index = [name.removesuffix(" avg") for name in frame.index]
    show_figures(frame.rename_axis("average"), alt="Averages on the held-out and the test part.")
    for part, figures in now.items():
        st.caption(
            f"{part}: {figures.empty_rate:.1%} of the articles get no tag; "
            f"{figures.tags_per_article:.2f} tags per article."
        )
    st.caption(
        "Choose the cut on the held-out part; the test part only shows what to expect of new "
        "articles."
    )
    show_download(frame.reset_index(names="average"), "cut-averages.csv")


def show_changed(changed: pd.DataFrame, part: str) -> None:
    """The tags that get more or fewer articles than by the saved cut. changed: of changed_tags."""
    if changed.empty:
        st.info("No tag changes against the saved cut. Move the slider.")
        return
    number = st.column_config.NumberColumn
    formats = {name: number(format="%.3f") for name in changed.columns[3:]}
    st.caption(f"{count(len(changed), 'tag')} change on the {part} part; missed and wrong in tags.")
    show_table(
        changed,
        "changed-tags.csv",
        column_config=formats | {name: number(format="%+d") for name in ("missed", "wrong")},
        height=280,
        alt="Tags with the change of missed and wrong articles, and their figures now.",
    )
