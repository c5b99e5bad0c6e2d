"""Explore: what is in this data set?"""

from importlib import import_module

from core.dataset.statistics import RARE_TAG_COUNT, Statistics
from pages.parts.shared.frame import choose_section, open_page, show_metrics, show_question
from pages.parts.shared.loading import load_statistics
from pages.parts.shared.sets import choose_set

# Only the section in view is imported and computed: pandas alone takes half a second.
SECTIONS = {
    "Tags": "tags",
    "Pairs": "pairs",
    "Spellings": "variants",
    "Texts": "texts",
    "Origins": "origins",
    "Copies": "copies",
    "Map": "map",
    "Articles": "articles",
}


def show_page() -> None:
    """The totals of the data set in view, and one section of what is in it."""
    show_question(
        "What is in this data set?",
        do="Choose a data set, move the minimum to see which tags stay, then look further.",
    )
    info = choose_set()
    _show_totals(load_statistics(info)[0])
    section = choose_section("Section", list(SECTIONS), key="section", persist=True)
    import_module(f"pages.parts.explore.{SECTIONS[section]}").show_section(info)


def _show_totals(statistics: Statistics) -> None:
    rare = f"Share of articles with a tag that fewer than {RARE_TAG_COUNT} articles have."
    show_metrics(
        {
            "Articles": f"{statistics.articles:,}",
            "Tags": f"{statistics.tags:,}",
            "Tags per article": f"{statistics.tags_per_article:.2f}",
            "Languages": str(len(statistics.languages)),
            "With a rare tag": f"{statistics.rare_share:.0%}",
        },
        help={"With a rare tag": rare},
    )


open_page(show_page)
