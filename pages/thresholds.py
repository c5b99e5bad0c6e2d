"""Thresholds: what does this cut cost?"""

from collections.abc import Mapping

import streamlit as st

from core.evaluate.cut_cost import CutFigures, changed_tags
from core.runs.operating_points import OperatingPoints, chosen_point, trained_point
from core.runs.run_scores import LEAK_NOTE
from core.runs.store import Run, RunStore
from pages.parts.shared.frame import (
    choose_section,
    open_page,
    show_question,
    warn_of_sample,
    warn_of_unreadable,
)
from pages.parts.shared.notices import errors_shown, show_empty
from pages.parts.shared.runs import choose_run
from pages.parts.thresholds.controls import choose_rule, keep_point, solve_for
from pages.parts.thresholds.cuts import Controls
from pages.parts.thresholds.data import load_run_scores
from pages.parts.thresholds.details import show_probabilities, show_tag_cuts
from pages.parts.thresholds.figures import show_averages, show_changed, show_cost, show_curve

_CHANGED, _EACH, _PROBABILITIES = "Tags that change", "Cuts of the tags", "Probabilities"


def show_page() -> None:
    """The run in view and, as a part that runs by itself, what its cut costs."""
    show_question(
        "What does this cut cost?",
        do="Choose a run, move the cut until its errors are acceptable, then save it for Suggest.",
    )
    finished, unreadable = RunStore().survey()
    warn_of_unreadable(unreadable)
    if not finished:
        sentence = "Here a slider shows what a run's threshold costs. There is no finished run yet."
        show_empty(sentence, "train", "Train the first one")
        return
    used = OperatingPoints(RunStore().folder).chosen()
    run = choose_run(finished, "Run", key="thresholds_run", first=used.run if used else "")
    warn_of_sample(shown=run.is_of_sample)
    _show_what_if(run)


@st.fragment
def _show_what_if(run: Run) -> None:
    """All that a move of the slider draws anew."""
    with errors_shown():
        _show_cut(run)


def _show_cut(run: Run) -> None:
    scores, store = load_run_scores(run), OperatingPoints(run.folder.parent)
    saved = chosen_point(run) or trained_point(run)
    points = store.of_run(run.id)
    controls = Controls(run)
    controls.start(saved, points)
    if scores.held_out is None:
        st.warning(
            "This run has no held-out scores: the figures are of the test part, and a cut tuned "
            "on them would look better than it is. Set a fixed cut; solving is off."
        )
    if scores.leaks:
        st.warning(LEAK_NOTE)
    left, right = st.columns([5, 6], gap="large")
    with left:
        choose_rule(controls)
        now, before = scores.figures(controls.point()), scores.figures(saved)
        show_cost(now, before, saved, scores)
        solve_for(controls, possible=scores.held_out is not None)
        keep_point(controls, store, points)
    with right:
        show_curve(run, now)
        show_averages(now)
    controls.put_in_link(points)
    _show_details(controls, now, before)


def _show_details(
    controls: Controls, now: Mapping[str, CutFigures], before: Mapping[str, CutFigures]
) -> None:
    part, run = next(iter(now)), controls.run
    detail = choose_section("Details", [_CHANGED, _EACH, _PROBABILITIES], key="detail")
    if detail == _EACH:
        show_tag_cuts(controls, now[part])
    elif detail == _PROBABILITIES:
        show_probabilities(controls)
    else:
        show_changed(changed_tags(before[part], now[part], run.tags), part)


open_page(show_page)
