"""The chosen runs of Compare, through Streamlit's caches: a stored run never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.base.errors import CoreError
from core.runs.lineup import Lineup, build_contender, line_up, training_counts
from core.runs.names import short_names
from core.runs.store import Run, RunStore
from core.runs.texts import read_articles_of
from pages.parts.shared.families import FAMILIES, Family, family_of, run_colours

if TYPE_CHECKING:
    from core.articles.article import Article
    from core.evaluate.comparison import Contender


@dataclass(frozen=True)
class Chosen:
    """The runs in view, with a name, a family and a colour each, in the user's order."""

    runs: tuple[Run, ...]
    names: Mapping[str, str]
    families: tuple[Family, ...]

    @property
    def colours(self) -> dict[str, str]:
        """Colour by name."""
        return dict(zip(self.names.values(), run_colours(self.families), strict=True))

    @property
    def first_reference(self) -> int:
        """The run that others are held against if nobody says: of tf-idf if one is there."""
        order = [FAMILIES.index(family) for family in self.families]
        return order.index(min(order))

    def contenders(self) -> list[Contender]:
        return [_contender(str(run.folder), self.names[run.id]) for run in self.runs]

    def lineup(self, reference: str) -> Lineup:
        folders = tuple(str(run.folder) for run in self.runs)
        return _lineup(folders, tuple(self.names.values()), reference)

    def articles(self) -> Mapping[str, Article] | str:
        """The articles by id, or the sentence that says why they cannot be shown."""
        run = self.runs[0]
        try:
            return _articles(run.environment["fingerprint"], str(run.folder))
        except CoreError as error:
            return str(error)


def build_chosen(runs: Sequence[Run]) -> Chosen:
    """Runs of different families are named by them, others by their recipes."""
    families = tuple(family_of(run.config) for run in runs)
    names = short_names(runs)
    if len(set(families)) == len(families) > 1:
        names = {run.id: family.name for run, family in zip(runs, families, strict=True)}
    return Chosen(tuple(runs), names, families)


# cache_resource, not cache_data: these are immutable and too large to copy on every rerun.
@st.cache_resource(max_entries=24, show_spinner=False)
def _contender(folder: str, name: str) -> Contender:
    return build_contender(_load(folder), name)


@st.cache_resource(max_entries=24, show_spinner="Comparing the runs ...")
def _lineup(folders: tuple[str, ...], names: tuple[str, ...], reference: str) -> Lineup:
    contenders = [_contender(f, name) for f, name in zip(folders, names, strict=True)]
    return line_up(contenders, training_counts([_load(f) for f in folders]), reference)


@st.cache_resource(max_entries=4, show_spinner="Reading the articles ...")
def _articles(fingerprint: str, _folder: str) -> Mapping[str, Article]:
    return read_articles_of(_load(_folder))


def _load(folder: str) -> Run:
    path = Path(folder)
    return RunStore(path.parent).load(path.name)
