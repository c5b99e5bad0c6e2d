"""Review: what did editors correct, and what may be wrong in the data?"""

from core.feedback.corrections import FeedbackStore
from core.feedback.statistics import acceptance_by_model, find_disagreements
from core.runs.store import RunStore
from pages.parts.review.corrections import show_corrections
from pages.parts.review.doubts import show_doubts
from pages.parts.review.learning import show_learning
from pages.parts.review.rates import show_rates
from pages.parts.shared.feedback import load_feedback
from pages.parts.shared.frame import choose_section, open_page, show_metrics, show_question
from pages.parts.shared.notices import show_empty

CORRECTIONS, RATES, DOUBTS = "Corrections", "Tags and models", "Doubtful tags"


def show_page() -> None:
    """Four numbers, training with the corrections, and one section of what was saved."""
    show_question(
        "What did editors correct, and what may be wrong in the data?",
        do="Read what was changed, decide about doubtful tags, then let a new model learn it.",
    )
    store = load_feedback()
    total = store.read(limit=1).total
    _show_numbers(store, total)
    runs = RunStore().finished()
    if total:
        show_learning(store, runs)
    section = choose_section("Section", [CORRECTIONS, RATES, DOUBTS], key="review")
    if section == DOUBTS:
        show_doubts(runs)
    elif not total:
        sentence = "What editors save on Suggest is listed here. Nothing has been saved yet."
        show_empty(sentence, "suggest", "Suggest tags for the first article")
    elif section == RATES:
        show_rates(store)
    else:
        show_corrections(store, total)


def _show_numbers(store: FeedbackStore, total: int) -> None:
    models = acceptance_by_model(store)
    suggested = sum(model.suggested for model in models)
    stayed = sum(model.accepted for model in models)
    show_metrics(
        {
            "Saved articles": f"{total:,}",
            "Suggestions that stayed": f"{stayed / suggested:.0%}" if suggested else "none yet",
            "Tags they added": f"{sum(model.missed for model in models):,}",
            "Articles in dispute": f"{len(find_disagreements(store)):,}",
        },
        help={
            "Saved articles": "Articles whose tags an editor saved.",
            "Suggestions that stayed": "Of all suggested tags, the share that editors left in "
            "place.",
            "Tags they added": "Tags that editors took though they were not suggested.",
            "Articles in dispute": "Articles to which two people gave different tags.",
        },
        width=190,
    )


open_page(show_page)
