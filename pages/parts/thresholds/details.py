"""The lower half of Thresholds: each tag's cut, and probabilities with the not-sure band."""

import streamlit as st

from core.evaluate.cut_cost import CutFigures, tag_table
from core.models.calibration import METHODS
from core.runs.calibrated import LIKELY, Calibrated
from pages.parts.shared.frame import show_metrics
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.tables import show_chart, show_download
from pages.parts.shared.words import plain
from pages.parts.thresholds.charts import reliability_chart
from pages.parts.thresholds.cuts import EACH_TAG, Controls
from pages.parts.thresholds.data import load_calibrated


def show_tag_cuts(controls: Controls, figures: CutFigures) -> None:
    """Every tag with its figures, and its cut to be changed."""
    tags = controls.run.tags
    each = controls.get("rule") == EACH_TAG
    own = controls.get("own") if each else {}
    table = tag_table(figures, tags)
    table.insert(1, "cut", [own.get(tag) for tag in tags])
    table["cut"] = table["cut"].astype(float)
    if each:
        st.caption("Double-click a cut to change it; an empty cell uses the common cut.")
    else:
        st.caption("Choose “A cut for each tag” above to change them here.")
    key, number = controls.key(f"editor {controls.get('version')}"), st.column_config.NumberColumn
    st.data_editor(
        table,
        hide_index=True,
        disabled=[name for name in table.columns if name != "cut"] if each else True,
        column_config={
            "cut": number("own cut", format="%.3f", step=0.001),
            **{name: number(format="%.3f") for name in table.columns[4:]},
        },
        key=key,
        on_change=lambda: controls.take_edits(st.session_state[key]["edited_rows"]),
        height=320,
    )
    show_download(table, "tag-cuts.csv")


def show_probabilities(controls: Controls) -> None:
    """How well scores become probabilities, and the band in which a person should look."""
    method = st.segmented_control(
        "Fitted by", METHODS, default=METHODS[0], key="method", bind="query-params", required=True
    )
    found = load_calibrated(controls.run, method)
    if found is None:
        st.info("Probabilities are fitted on held-out scores, and this run has none.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        show_chart(
            reliability_chart(found.reliability),
            found.reliability,
            "reliability.csv",
            label="Download as CSV",
            alt="Probability given against the share that is true, ten bins, test part.",
        )
    with right:
        error, likely = "Calibration error", f"... of those above {LIKELY:g}"
        show_metrics(
            {error: f"{found.error:.3f}", likely: f"{found.error_of_likely:.3f}"},
            help={
                error: "Mean distance of probability and share of true, over all (article, tag) "
                "pairs of the test part; most are near 0.",
                likely: "The same over pairs of at least this probability.",
            },
        )
        if pooled := found.calibration.pooled:
            st.caption(
                f"Too few articles, so the common curve is used: {plain(', '.join(pooled))}."
            )
        _show_band(controls, found)


def _show_band(controls: Controls, found: Calibrated) -> None:
    """The range of probabilities that an editor should look at."""
    st.markdown("**Not sure: where a person should look**")
    with st.container(horizontal=True):
        right = st.number_input(
            "Right above the band, at least", 0.5, 1.0, 0.9, 0.05, key="band_right", width=190
        )
        missed = st.number_input(
            "True tags below the band, at most", 0.0, 0.5, 0.2, 0.05, key="band_missed", width=190
        )
    with errors_shown():
        band = found.solve_not_sure(right=right, missed=missed)
        figures = found.count_not_sure(band)
        st.markdown(
            f"Not sure from **{band.low:.0%}** to **{band.high:.0%}**. On the test part, an "
            f"article gets {figures.sure:.2f} sure tags ({figures.sure_right:.0%} of them true) "
            f"and {figures.unsure:.2f} not sure ({figures.unsure_right:.0%} true); "
            f"{figures.missed:.0%} of the true tags are below."
        )
        _keep_band(controls, (band.low, band.high))


def _keep_band(controls: Controls, solved: tuple[float, float]) -> None:
    key, kept = controls.key("band"), controls.get("shown").not_sure
    st.session_state[key] = kept == solved
    st.checkbox(
        "Keep this band with the next operating point saved",
        key=key,
        on_change=lambda: controls.set_not_sure(solved if st.session_state[key] else None),
    )
    if kept not in (None, solved):
        st.caption(f"The operating point in view keeps {kept[0]:.0%} to {kept[1]:.0%}.")
