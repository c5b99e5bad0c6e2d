"""Compare: which run is better?"""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.base.progress import format_seconds
from core.evaluate.comparison import Contender, find_differences, side_by_side
from core.metrics.averages import MACRO, MICRO
from core.runs.store import Run, RunStore, labels_of
from pages.parts.charts import f1_bars
from pages.parts.frame import (
    open_page,
    put_in_link,
    runs_in_link,
    show_question,
    warn_of_sample,
)
from pages.parts.tables import averages_frame, show_download, show_figures
from pages.parts.words import plain, signed

MOST_RUNS = 6


def show_page() -> None:
    show_question("Which run is better?")
    finished, damaged = RunStore().survey()
    runs = {run.id: run for run in finished}
    if damaged:
        st.warning(f"Left out, for they cannot be read: {plain(', '.join(damaged))}.")
    if not runs:
        st.info("Here finished runs stand side by side. There is none yet.")
        st.page_link("pages/train.py", label="Train the first one")
        return
    label_of = labels_of(finished)
    chosen = choose_runs(runs, label_of)
    warn_of_sample(shown=any(run.is_of_sample for run in chosen))
    if chosen:
        show_chosen([contender_of(run, label_of[run.id]) for run in chosen])
    else:
        st.info("Choose one run or more.")
    show_list(finished)


def choose_runs(runs: Mapping[str, Run], label_of: Mapping[str, str]) -> list[Run]:
    chosen = st.multiselect(
        "Runs",
        list(runs),
        default=runs_in_link(runs)[:MOST_RUNS] or like_the_newest(list(runs.values())),
        format_func=label_of.__getitem__,
        max_selections=MOST_RUNS,
        key="chosen_runs",
    )
    put_in_link(chosen)
    return [runs[run_id] for run_id in chosen]


def like_the_newest(runs: list[Run]) -> list[str]:
    """Ids of the newest run and, before it, the newest other one on the same data."""
    newest, *others = runs
    fingerprint = newest.environment["fingerprint"]
    same = [run for run in others if run.environment["fingerprint"] == fingerprint]
    return [run.id for run in [*same[:1], newest]]


def contender_of(run: Run, name: str) -> Contender:
    return Contender(
        name=name,
        fingerprint=run.environment["fingerprint"],
        tags=run.tags,
        test_ids=run.read_part("test").ids,
        averages=run.report["averages"],
    )


def show_chosen(contenders: list[Contender]) -> None:
    """One table if the runs may be compared, else one a run and the reason."""
    if differences := find_differences(contenders):
        st.warning(
            "This is no comparison, so the runs stand apart. " + plain(" ".join(differences))
        )
        for contender in contenders:
            st.markdown(f"**{plain(contender.name)}**")
            show_figures(averages_frame(contender.averages), alt=f"Averages of {contender.name}.")
        return
    table = side_by_side(contenders)
    frame = table.copy()
    frame.index = [f"{average.removesuffix(' avg')} {measure}" for average, measure in table.index]
    if "difference" in frame:
        frame["difference"] = frame["difference"].map(signed)
    show_figures(frame.rename_axis("average"), alt="Averages of the chosen runs side by side.")
    show_download(table.reset_index(), "comparison.csv")
    scores = table.xs("f1-score", level="measure")[[c.name for c in contenders]]
    scores = scores.rename_axis(columns="run").stack().rename("F1").reset_index()
    st.altair_chart(f1_bars(scores), alt="Bars of F1 of each run by average.")


def show_list(runs: list[Run]) -> None:
    st.markdown("#### All runs")
    frame = pd.DataFrame(
        {
            "run": [run.label for run in runs],
            "micro F1": [run.report["averages"][MICRO]["f1-score"] for run in runs],
            "macro F1": [run.report["averages"][MACRO]["f1-score"] for run in runs],
            "articles": [run.report["data"]["articles"] for run in runs],
            "tags": [run.report["data"]["tags"] for run in runs],
            "training time": [format_seconds(run.environment["seconds"]["train"]) for run in runs],
            "id": [run.id for run in runs],
        }
    )
    st.dataframe(
        frame.style.format({"micro F1": "{:.3f}", "macro F1": "{:.3f}"}),
        hide_index=True,
        alt="All finished runs, newest first.",
    )
    show_download(frame, "runs.csv")


open_page(show_page)
