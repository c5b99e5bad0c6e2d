"""Compare: curves over all tags, what the runs cost, and in which settings they differ."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.base.progress import format_seconds
from core.evaluate.drilldown import overall_curve
from core.metrics.averages import MACRO, MICRO
from core.runs.lineup import cost_of, list_settings
from core.runs.names import labels_of
from core.runs.store import Run
from pages.parts.compare.charts import curve_frame, precision_recall_lines
from pages.parts.compare.runs import Chosen
from pages.parts.shared.families import family_of
from pages.parts.shared.tables import show_chart, show_table
from pages.parts.shared.words import plain, size


def show_curves(chosen: Chosen) -> None:
    """Precision and recall over all tags, a curve a run, the best one named first."""
    curves = {contender.name: overall_curve(contender) for contender in chosen.contenders()}
    micro = [run.report.averages[MICRO] for run in chosen.runs]
    cuts = [(n, m.recall, m.precision) for n, m in zip(curves, micro, strict=True)]
    ranked = sorted(curves, key=lambda name: -curves[name].average_precision)
    best, *others = (f"{name} {curves[name].average_precision:.3f}" for name in ranked)
    title = f"Average precision: {best}" + (f", then {', '.join(others)}" if others else "")
    show_chart(
        precision_recall_lines(curves, chosen.colours, cuts),
        curve_frame(curves),
        "precision-recall.csv",
        label="Download these curves",
        title=[title],
        key="curves",
        alt=f"{title}. Precision against recall of each run.",
    )
    st.caption(
        "All (article, tag) pairs under one cut for all tags, from the highest to the lowest; a "
        "dot is the cut in use."
    )


def show_costs(chosen: Chosen) -> None:
    """What the runs cost, and the settings in which they differ."""
    names = [plain(name) for name in chosen.names]
    costs = [cost_of(run) for run in chosen.runs]
    frame = pd.DataFrame(
        {
            "training time": [format_seconds(cost.train_seconds) for cost in costs],
            "whole run": [format_seconds(cost.total_seconds) for cost in costs],
            "peak memory": [size(cost.peak_memory_bytes) for cost in costs],
            "model on disk": [size(cost.model_bytes) for cost in costs],
        },
        index=pd.Index(names, name="cost"),
    ).T
    st.table(frame.rename_axis("cost"), alt="Time, memory and size of each run.")
    st.caption(
        "On disk: what the run trained; a pretrained encoder that it only reads is not in it."
    )
    everything = st.toggle("All settings, not only those that differ", key="all_settings")
    settings = list_settings(chosen.runs, all_of_them=everything)
    if not settings:
        st.info("These runs have the same settings.")
        return
    table = pd.DataFrame(
        [
            [plain(name), *(plain(str(value)) for value in values)]
            for name, values in settings.items()
        ],
        columns=["setting", *names],
    )
    st.table(table.set_index("setting"), alt="Settings of each run.")


def show_all_runs(runs: Sequence[Run]) -> None:
    """The list of all finished runs with their main figures."""
    frame = pd.DataFrame(
        {
            "run": list(labels_of(runs).values()),
            "family": [family_of(run.config).name for run in runs],
            "micro F1": [run.report.averages[MICRO].f1_score for run in runs],
            "macro F1": [run.report.averages[MACRO].f1_score for run in runs],
            "articles": [run.report.data.articles for run in runs],
            "extra articles": [run.report.data.extra.learnt for run in runs],
            "tags": [run.report.data.tags for run in runs],
            "training time": [format_seconds(run.environment.train_seconds) for run in runs],
            "id": [run.id for run in runs],
        }
    )
    st.caption("Figures of runs on other data, tags or test articles cannot be compared.")
    show_table(
        frame,
        "runs.csv",
        label="Download the list of runs",
        shown=frame.style.format({"micro F1": "{:.3f}", "macro F1": "{:.3f}"}),
        alt="All finished runs, newest first.",
    )
