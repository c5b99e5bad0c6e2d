"""Review: what did editors correct, and what may be wrong in the data?"""

import streamlit as st

from core.feedback.corrections import FeedbackStore
from core.feedback.statistics import acceptance_by_model, find_disagreements
from core.runs.store import RunStore
from pages.parts.review.corrections import show_corrections
from pages.parts.review.doubts import show_doubts
from pages.parts.review.learning import show_learning
from pages.parts.review.rates import show_rates
from pages.parts.shared.feedback import load_feedback
from pages.parts.shared.frame import choose_section, open_page, show_question

CORRECTIONS, RATES, DOUBTS = "Corrections", "Tags and models", "Doubtful tags"


def show_page() -> None:
    show_question(
        "What did editors correct, and what may be wrong in the data?",
        do="Read what was changed, decide about doubtful tags, then let a new model learn it.",
    )
    store = load_feedback()
    total = store.read(limit=1).total
    show_numbers(store, total)
    runs = RunStore().finished()
    if total:
        show_learning(store, runs)
    section = choose_section("Section", [CORRECTIONS, RATES, DOUBTS], key="review")
    if section == DOUBTS:
        show_doubts(runs)
    elif not total:
        st.info("What editors save on Suggest stands here. Nothing has been saved yet.")
        st.page_link("pages/suggest.py", label="Suggest tags for the first article")
    elif section == RATES:
        show_rates(store)
    else:
        show_corrections(store, total)


def show_numbers(store: FeedbackStore, total: int) -> None:
    models = acceptance_by_model(store)
    suggested, stayed = (
        sum(getattr(model, name) for model in models) for name in ("suggested", "accepted")
    )
    numbers = {
        "Saved articles": (f"{total:,}", "Articles whose tags an editor saved."),
        "Suggestions that stayed": (
            f"{stayed / suggested:.0%}" if suggested else "none yet",
            "Of all suggested tags, the share that editors left in place.",
        ),
        "Tags they added": (
            f"{sum(model.missed for model in models):,}",
            "Tags that editors took though they were not suggested.",
        ),
        "Articles in dispute": (
            f"{len(find_disagreements(store)):,}",
            "Articles to which two people gave different tags.",
        ),
    }
    with st.container(horizontal=True):
        for name, (value, meaning) in numbers.items():
            st.metric(name, value, help=meaning, width=190)


open_page(show_page)
