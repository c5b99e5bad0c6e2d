"""Thresholds: what does this cut cost?"""

import pandas as pd
import streamlit as st

from core.base.errors import CoreError
from core.evaluate.cut_cost import CutFigures, change_sentence, changed_tags
from core.metrics.averages import MICRO
from core.metrics.report import averages_json
from core.runs.names import labels_of
from core.runs.operating_points import (
    OWN_NAME,
    OperatingPoint,
    OperatingPoints,
    chosen_point,
    trained_point,
)
from core.runs.store import Run, RunStore
from core.runs.sweeps import LEAK_NOTE, RunSweeps
from pages.parts.shared.frame import (
    choose_section,
    open_page,
    show_question,
    warn_of_sample,
    warn_of_unreadable,
)
from pages.parts.shared.runs import put_in_link, runs_in_link
from pages.parts.shared.tables import show_download, show_figures
from pages.parts.shared.words import count, plain
from pages.parts.thresholds.charts import precision_recall_spec
from pages.parts.thresholds.controls import choose_rule, keep_point, solve_for
from pages.parts.thresholds.cuts import Controls
from pages.parts.thresholds.data import load_curves, load_sweeps
from pages.parts.thresholds.details import show_probabilities, show_tag_cuts

CHANGED, EACH, PROBABILITIES = "Tags that change", "Cuts of the tags", "Probabilities"


def show_page() -> None:
    show_question(
        "What does this cut cost?",
        do="Choose a run, move the cut until its price is right, then save it for Suggest.",
    )
    finished, unreadable = RunStore().survey()
    warn_of_unreadable(unreadable)
    if not finished:
        st.info("Here a slider shows what a run's threshold costs. There is no finished run yet.")
        st.page_link("pages/train.py", label="Train the first one")
        return
    runs = {run.id: run for run in finished}
    label_of = labels_of(finished)
    asked = runs_in_link(runs)
    used = OperatingPoints(RunStore().folder).chosen()
    first = asked[0] if asked else used.run if used and used.run in runs else finished[0].id
    run_id = st.selectbox(
        "Run",
        list(runs),
        index=list(runs).index(first),
        format_func=label_of.__getitem__,
        key="thresholds_run",
    )
    put_in_link([run_id])
    warn_of_sample(shown=runs[run_id].is_of_sample)
    show_what_if(runs[run_id])


@st.fragment
def show_what_if(run: Run) -> None:
    """All that a move of the slider draws anew."""
    try:
        show_cut(run)
    except CoreError as error:
        st.error(plain(str(error)))


def show_cut(run: Run) -> None:
    sweeps, store = load_sweeps(run), OperatingPoints(run.folder.parent)
    saved = chosen_point(run) or trained_point(run)
    points = store.of_run(run.id)
    controls = Controls(run)
    controls.start(saved, points)
    if sweeps.held_out is None:
        st.warning(
            "This run has no held-out scores: the figures are of the test part, and a cut tuned "
            "on them would look better than it is. Set a fixed cut; solving is off."
        )
    if sweeps.leaks:
        st.warning(LEAK_NOTE)
    left, right = st.columns([5, 6], gap="large")
    with left:
        choose_rule(controls)
    now = sweeps.figures(controls.point())
    before = sweeps.figures(saved)
    with left:
        show_cost(now, before, saved, sweeps)
        solve_for(controls, possible=sweeps.held_out is not None)
        keep_point(controls, store, points)
    with right:
        show_curve(run, now)
        show_averages(now)
    controls.put_in_link(points)
    show_details(run, controls, now, before)


def show_cost(
    now: dict[str, CutFigures],
    before: dict[str, CutFigures],
    saved: OperatingPoint,
    sweeps: RunSweeps,
) -> None:
    """The part to tune on, large; how the test part fares stands in the table beside."""
    part = next(iter(now))
    figures, old = now[part].averages[MICRO], before[part].averages[MICRO]
    changes = {
        "Precision": (figures.precision, old.precision, "Share of the tags taken that are true."),
        "Recall": (figures.recall, old.recall, "Share of the true tags that are taken."),
        "F1": (figures.f1_score, old.f1_score, "Harmonic mean of precision and recall."),
    }
    with st.container(horizontal=True):
        for name, (value, earlier, meaning) in changes.items():
            # Streamlit reads the direction from a leading hyphen; a true minus would point up.
            change = f"{value - earlier:+.3f}"
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
    articles = count(sweeps.parts()[part].articles, f"{part} article")
    against = "the cut it was trained with" if saved.name == OWN_NAME else plain(saved.name)
    st.caption(f"On {articles}, against {against}.")


def show_curve(run: Run, now: dict[str, CutFigures]) -> None:
    points = pd.DataFrame(
        {
            "part": list(now),
            "precision": [part.averages[MICRO].precision for part in now.values()],
            "recall": [part.averages[MICRO].recall for part in now.values()],
        }
    )
    curves = load_curves(run)
    st.vega_lite_chart(
        precision_recall_spec(curves, points),
        alt="Precision against recall of every common cut, with the cut in view as a point.",
    )


def show_averages(now: dict[str, CutFigures]) -> None:
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
    st.caption("Tune on held-out; the test part only shows what is to be expected.")
    show_download(frame.reset_index(names="average"), "cut-averages.csv")


def show_details(
    run: Run, controls: Controls, now: dict[str, CutFigures], before: dict[str, CutFigures]
) -> None:
    part = next(iter(now))
    detail = choose_section("Details", [CHANGED, EACH, PROBABILITIES], key="detail")
    if detail == EACH:
        show_tag_cuts(run, controls, now[part])
    elif detail == PROBABILITIES:
        show_probabilities(run, controls)
    else:
        show_changed(changed_tags(before[part], now[part], run.tags), part)


def show_changed(changed: pd.DataFrame, part: str) -> None:
    if changed.empty:
        st.info("No tag changes against the saved cut. Move the slider.")
        return
    st.caption(f"{count(len(changed), 'tag')} change on the {part} part; missed and wrong in tags.")
    st.dataframe(
        changed,
        hide_index=True,
        column_config={
            "missed": st.column_config.NumberColumn("missed", format="%+d"),
            "wrong": st.column_config.NumberColumn("wrong", format="%+d"),
            **{name: st.column_config.NumberColumn(format="%.3f") for name in changed.columns[3:]},
        },
        height=280,
        alt="Tags with the change of missed and wrong articles, and their figures now.",
    )
    show_download(changed, "changed-tags.csv")


open_page(show_page)
