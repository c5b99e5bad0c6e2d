"""Suggest's settings: how many tags, from which sureness on, and a second model beside."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.runs.store import Run
from core.suggest.guesses import read_names
from core.suggest.suggester import Suggestions
from core.suggest.sureness import RatedTag, rate_tags
from pages.parts.shared.link import choose_in_link
from pages.parts.suggest.answer import MOST_TAGS, served_model

AS_SET = "as set for this model"
NO_SECOND = ""
_LINES = {AS_SET: None} | {f"{percent} %": percent / 100 for percent in range(10, 100, 10)}


@dataclass(frozen=True)
class Settings:
    """How many tags are shown, and which of them are suggested.

    limit: tags shown. line: AS_SET or a percentage. second: a run's id or NO_SECOND.

    also: tags that the model has not learnt, to be looked for by name.
    """

    limit: int = 10
    line: str = AS_SET
    second: str = NO_SECOND
    also: tuple[str, ...] = ()

    @property
    def has_line(self) -> bool:
        """Whether the editor chose how sure a tag must be."""
        return _LINES[self.line] is not None

    def rate(self, run_id: str, found: Suggestions) -> list[RatedTag]:
        """The tags to show with their verdicts."""
        model, line = served_model(run_id), _LINES[self.line]
        sure_from = line if model.calibration else None
        return rate_tags(model, found.tags[: self.limit], sure_from=sure_from)


def ask_for_settings(run: Run, labels: Mapping[str, str]) -> Settings:
    """The editor's settings. labels: of all runs by id, for a second model beside this one."""
    limit = st.number_input(
        "Show at most", 1, MOST_TAGS, 10, key="limit", bind="query-params", help="So many tags."
    )
    line = st.selectbox(
        "Suggest a tag that is at least so sure",
        list(_LINES),
        key="line",
        bind="query-params",
        help="As set: the limit that was chosen for this model, by hand or in training.",
    )
    also = st.text_input(
        "Also look for these new tags",
        key="also",
        bind="query-params",
        max_chars=500,
        placeholder="webassembly, observability",
        help="Tags that no article had yet, with commas between them. They are guessed from their "
        "names alone and are shown apart from the suggestions.",
    )
    others = {run_id: label for run_id, label in labels.items() if run_id != run.id}
    second = choose_in_link(
        "Beside it, a second model",
        {NO_SECOND: "none"} | others,
        "beside",
        key="second_run",
        help="Shows where two models differ, such as one by words and one by meaning.",
    )
    return Settings(limit, line, second, tuple(read_names(also)))
