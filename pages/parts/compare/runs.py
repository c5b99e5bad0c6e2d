"""The chosen runs of Compare, through Streamlit's caches: a stored run never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.base.errors import CoreError
from core.methods.base import Family
from core.runs.lineup import Lineup, build_contender, line_up, training_counts
from core.runs.names import short_names
from core.runs.store import Run
from core.runs.texts import read_articles_of
from pages.parts.shared.families import family_of, list_families, run_colours
from pages.parts.shared.runs import RUN_KEY

if TYPE_CHECKING:
    from core.articles.article import Article
    from core.evaluate.comparison import Contender


@dataclass(frozen=True)
class Chosen:
    """The runs in view, with a name and a family each, in the user's order."""

    runs: tuple[Run, ...]
    names: tuple[str, ...]
    families: tuple[Family, ...]

    @property
    def colours(self) -> dict[str, str]:
        """Colour by name."""
        return dict(zip(self.names, run_colours(self.families), strict=True))

    @property
    def first_reference(self) -> int:
        """Position of the run that others are compared with at first: of tf-idf if one is there."""
        known = list_families()
        order = [known.index(family) for family in self.families]
        return order.index(min(order))

    def contenders(self) -> list[Contender]:
        """The runs' test parts under their names."""
        return [_contender(run, name) for run, name in zip(self.runs, self.names, strict=True)]

    def lineup(self, reference: str) -> Lineup:
        """The runs side by side, each compared with the one of that name."""
        return _lineup(self.runs, self.names, reference)

    def articles(self) -> tuple[Mapping[str, Article], str]:
        """The articles by id; none, and the sentence that says why, if they cannot be shown."""
        try:
            return _articles(self.runs[0]), ""
        except CoreError as error:
            return {}, str(error)


def build_chosen(runs: Sequence[Run]) -> Chosen:
    """Runs of different families are named by them, others by their recipes."""
    families = tuple(family_of(run.config) for run in runs)
    names = tuple(short_names(runs)[run.id] for run in runs)
    if len(set(families)) == len(families) > 1:
        names = tuple(family.name for family in families)
    return Chosen(tuple(runs), names, families)


# cache_resource, not cache_data: these are immutable and too large to copy on every rerun.
@st.cache_resource(max_entries=24, show_spinner=False, hash_funcs=RUN_KEY)
def _contender(run: Run, name: str) -> Contender:
    return build_contender(run, name)


@st.cache_resource(max_entries=24, show_spinner="Comparing the runs ...", hash_funcs=RUN_KEY)
def _lineup(runs: tuple[Run, ...], names: tuple[str, ...], reference: str) -> Lineup:
    contenders = [_contender(run, name) for run, name in zip(runs, names, strict=True)]
    return line_up(contenders, training_counts(runs), reference)


@st.cache_resource(max_entries=4, show_spinner="Reading the articles ...", hash_funcs=RUN_KEY)
def _articles(run: Run) -> Mapping[str, Article]:
    return read_articles_of(run)
