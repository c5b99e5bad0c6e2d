"""What the model said of an article, kept while the editor works on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from core.runs.store import Run, RunStore
from core.suggest.guesses import Guess
from core.suggest.keywords import TextFacts
from core.suggest.model_pool import ServedModel, model_pool
from core.suggest.suggester import Suggestions, SuggestRequest
from pages.parts.shared.notices import errors_shown

if TYPE_CHECKING:
    from pages.parts.suggest.input import Asked

# So many tags are asked for; the settings show some of them.
MOST_TAGS = 30
_ANSWER = "answer"
_COUNTER = "answers"


@dataclass(frozen=True)
class Answer:
    """What the model said of one article, and what was found out about it since.

    number: counts the answers of a session. whole: what the model read. guesses: by the tags that
    were looked for.
    """

    number: int
    title: str
    article: str
    url: str
    run: str
    found: Suggestions
    facts: TextFacts
    warnings: list[str]
    whole: str
    guesses: dict[tuple[str, ...], list[Guess]] = field(default_factory=dict)


def current_answer() -> Answer | None:
    """The answer in view; None before the first one and after an error."""
    return st.session_state.get(_ANSWER)


def ask_model(run: Run, asked: Asked) -> bool:
    """Ask, and keep the answer in place of the last one. Whether there is one."""
    st.session_state.pop(_ANSWER, None)
    with errors_shown(), st.spinner("Reading ...", show_time=False):
        answer = _ask(run, asked)
        st.session_state[_ANSWER], st.session_state[_COUNTER] = answer, answer.number
    return _ANSWER in st.session_state


def served_model(run_id: str) -> ServedModel:
    """The server's one loaded model of a run, under the operating point that holds now."""
    return model_pool(RunStore().folder).model(run_id)


def _ask(run: Run, asked: Asked) -> Answer:
    request = SuggestRequest(asked.article, asked.title, limit=MOST_TAGS)
    reading = served_model(run.id).read_article(request)
    return Answer(
        number=st.session_state.get(_COUNTER, 0) + 1,
        title=asked.title,
        article=asked.article,
        url=asked.url,
        run=run.id,
        found=reading.found,
        facts=reading.facts,
        warnings=[note for note in (asked.note, *reading.warnings) if note],
        whole=reading.whole,
    )
