"""Compare: which run is better, for which tags, and is it sure?"""

from collections.abc import Callable, Mapping

import streamlit as st

from core.runs.lineup import Lineup, choose_alike
from core.runs.names import labels_of
from core.runs.store import Run, RunStore
from pages.parts.compare.articles import show_article, show_articles
from pages.parts.compare.costs import show_all_runs, show_costs, show_curves
from pages.parts.compare.figures import show_apart, show_comparison
from pages.parts.compare.learning import show_learning_curve
from pages.parts.compare.runs import Chosen, build_chosen
from pages.parts.compare.tags import show_tags
from pages.parts.shared.frame import (
    choose_section,
    open_page,
    show_question,
    warn_of_sample,
    warn_of_unreadable,
)
from pages.parts.shared.link import put_in_link
from pages.parts.shared.notices import show_empty
from pages.parts.shared.runs import runs_in_link
from pages.parts.shared.words import plain

_MOST_RUNS = 6


def show_page() -> None:
    """The chosen runs side by side, and what there is to see further of them."""
    show_question(
        "Which run is better, for which tags, and is it sure?",
        do="Choose two or more runs to see which is better, and whether that may be chance.",
    )
    finished, unreadable = RunStore().survey()
    runs = {run.id: run for run in finished}
    warn_of_unreadable(unreadable)
    if not runs:
        sentence = "Finished runs are compared here. There is none yet."
        show_empty(sentence, "train", "Train the first one")
        return
    left, right = st.columns([2, 1])
    with left:
        chosen = build_chosen(_choose_runs(runs, labels_of(finished)))
    warn_of_sample(shown=any(run.is_of_sample for run in chosen.runs))
    if not chosen.runs:
        st.info("Choose one run or more.")
        show_all_runs(finished)
        return
    with right:
        reference = _choose_reference(chosen)
    lineup = chosen.lineup(reference)
    if lineup.mismatches:
        st.warning(
            "These runs cannot be compared, so they are shown in separate tables. "
            + plain(" ".join(lineup.mismatches))
        )
        show_apart(chosen, lineup.tables)
    else:
        show_comparison(chosen, lineup)
    _show_more(chosen, lineup, finished)


def _choose_runs(runs: Mapping[str, Run], label_of: Mapping[str, str]) -> list[Run]:
    ids_alike = [run.id for run in choose_alike(list(runs.values()))]
    chosen = st.multiselect(
        "Runs",
        list(runs),
        default=runs_in_link(runs)[:_MOST_RUNS] or ids_alike,
        format_func=label_of.__getitem__,
        max_selections=_MOST_RUNS,
        key="chosen_runs",
        wrap=True,
    )
    put_in_link(run=chosen)
    return [runs[run_id] for run_id in chosen]


def _choose_reference(chosen: Chosen) -> str:
    """The name of the run that the others are held against."""
    return st.selectbox(
        "Against",
        chosen.names,
        index=chosen.first_reference,
        key="reference",
        bind="query-params",
        disabled=len(chosen.names) == 1,
        help="Differences are the other runs' figures minus this run's.",
    )


def _show_more(chosen: Chosen, lineup: Lineup, finished: list[Run]) -> None:
    """What is below the first screen, one part at a time."""
    learning = {"Learning curve": lambda: show_learning_curve(chosen, finished)}
    costs = {"Cost and settings": lambda: show_costs(chosen)}
    parts: dict[str, Callable[[], None]] = costs | learning
    if not lineup.mismatches:
        tags = {"Tags": lambda: show_tags(chosen, lineup), "Curves": lambda: show_curves(chosen)}
        parts = tags | {"Articles": lambda: show_articles(chosen)} | learning | costs
    parts["All runs"] = lambda: show_all_runs(finished)
    parts[choose_section("Look further", list(parts), key="part", hidden=False)]()
    if not lineup.mismatches:
        show_article(chosen)


open_page(show_page)
