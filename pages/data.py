"""Data: which articles do I have, and are they clean?"""

from collections.abc import Callable

from pages.parts.data.add_file import show_import
from pages.parts.data.feedback import show_feedback
from pages.parts.data.fetch import show_fetch
from pages.parts.data.sets import show_sets
from pages.parts.shared.frame import choose_section, open_page, show_question
from pages.parts.shared.notices import show_notice

_SECTIONS: dict[str, Callable[[], None]] = {
    "Sets": show_sets,
    "Add a file": show_import,
    "Fetch": show_fetch,
    "Feedback": show_feedback,
}


def show_page() -> None:
    """One section of the page: the sets, or a way to add articles to them."""
    show_question(
        "Which articles do I have, and are they clean?",
        do="Choose a set to see what is wrong in it, or add articles from a file or a site.",
    )
    show_notice("data")
    _SECTIONS[choose_section("Section", list(_SECTIONS), key="part")]()


open_page(show_page)
