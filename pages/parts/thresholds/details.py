"""The lower half of Thresholds: each tag's cut, and probabilities with the not-sure band."""

import streamlit as st

from core.base.errors import CoreError
from core.evaluate.cut_cost import CutFigures, tag_table
from core.models.calibration import METHODS
from core.runs.calibrated import LIKELY, Calibrated
from core.runs.store import Run
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import plain
from pages.parts.thresholds.charts import reliability_chart
from pages.parts.thresholds.cuts import EACH_TAG, Controls
from pages.parts.thresholds.data import load_calibrated


def show_tag_cuts(run: Run, controls: Controls, figures: CutFigures) -> None:
    """Every tag with its figures, and its cut to be changed."""
    table = tag_table(figures, run.tags)
    own = controls.get("own") if controls.get("rule") == EACH_TAG else {}
    table.insert(1, "cut", [own.get(tag) for tag in run.tags])
    table["cut"] = table["cut"].astype(float)
    if controls.get("rule") != EACH_TAG:
        st.caption("Choose “A cut for each tag” above to change them here.")
    else:
        st.caption("Double-click a cut to change it; an empty one follows the common cut.")
    key = controls.key(f"editor {controls.get('version')}")
    st.data_editor(
        table,
        hide_index=True,
        disabled=True if controls.get("rule") != EACH_TAG else _all_but_the_cut(table.columns),
        column_config={
            "cut": st.column_config.NumberColumn("own cut", format="%.3f", step=0.001),
            **{n: st.column_config.NumberColumn(format="%.3f") for n in table.columns[4:]},
        },
        key=key,
        on_change=_take_edits,
        args=(controls, key),
        height=320,
    )
    show_download(table, "tag-cuts.csv")


def _all_but_the_cut(columns: list[str]) -> list[str]:
    return [name for name in columns if name != "cut"]


def _take_edits(controls: Controls, key: str) -> None:
    for row, change in st.session_state[key]["edited_rows"].items():
        if "cut" in change:
            controls.set_own(controls.run.tags[int(row)], change["cut"])
    controls.set(version=controls.get("version") + 1)


def show_probabilities(run: Run, controls: Controls) -> None:
    method = st.segmented_control(
        "Fitted by", METHODS, default=METHODS[0], key="method", bind="query-params", required=True
    )
    found = load_calibrated(run, method)
    if found is None:
        st.info("Probabilities are fitted on held-out scores, and this run has none.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.altair_chart(
            reliability_chart(found.reliability),
            alt="Probability given against the share that is true, ten bins, test part.",
        )
        show_download(found.reliability, "reliability.csv")
    with right:
        with st.container(horizontal=True):
            st.metric(
                "Calibration error",
                f"{found.error:.3f}",
                help="Mean distance of probability and share of true, over all (article, tag) "
                "pairs of the test part; most are near 0.",
                width="content",
            )
            st.metric(
                f"... of those above {LIKELY:g}",
                f"{found.error_of_likely:.3f}",
                help="The same over pairs that somebody might look at.",
                width="content",
            )
        if found.calibration.pooled:
            st.caption(
                "Too few articles, so with the common curve: "
                f"{plain(', '.join(found.calibration.pooled))}."
            )
        _show_band(controls, found)


def _show_band(controls: Controls, found: Calibrated) -> None:
    """The range of probabilities that an editor should look at."""
    st.markdown("**Not sure: where a person should look**")
    with st.container(horizontal=True):
        right = st.number_input(
            "Right above it, at least", 0.5, 1.0, 0.9, 0.05, key="band_right", width=190
        )
        missed = st.number_input(
            "True tags below it, at most", 0.0, 0.5, 0.2, 0.05, key="band_missed", width=190
        )
    try:
        band = found.solve_band(right=right, missed=missed)
    except CoreError as error:
        st.error(plain(str(error)))
        return
    figures = found.count_band(band)
    st.markdown(
        f"Not sure from **{band.low:.0%}** to **{band.high:.0%}**. On the test part, an article "
        f"gets {figures.sure:.2f} sure tags ({figures.sure_right:.0%} of them true) and "
        f"{figures.unsure:.2f} not sure ({figures.unsure_right:.0%} true); {figures.missed:.0%} of "
        "the true tags are below."
    )
    key, now = controls.key("band"), (band.low, band.high)
    st.session_state[key] = controls.get("shown").not_sure == now
    st.checkbox(
        "Keep this band with the next operating point saved",
        key=key,
        on_change=lambda: controls.set_band(now if st.session_state[key] else None),
    )
    if (kept := controls.get("shown").not_sure) not in (None, now):
        st.caption(f"The operating point in view keeps {kept[0]:.0%} to {kept[1]:.0%}.")
