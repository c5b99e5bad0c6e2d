"""What the model said of an article, kept while the editor works on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import streamlit as st

from core.runs.operating_points import chosen_point
from core.runs.store import Run, RunStore
from core.suggest.guesses import Guess
from core.suggest.keywords import TextFacts, describe_text
from core.suggest.model_pool import model_pool
from core.suggest.suggester import Suggester, Suggestions
from core.suggest.text_warnings import find_warnings
from pages.parts.shared.notices import errors_shown

if TYPE_CHECKING:
    from core.methods.tfidf import Contributions
    from pages.parts.suggest.input import Asked

# So many tags are asked for; the settings show some of them.
MOST_TAGS = 30
_ANSWER = "answer"
_COUNTER = "answers"


@dataclass(frozen=True)
class Answer:
    """What the model said of one article, and what was found out about it since.

    number: counts the answers of a session. whole: what the model read.

    reasons: contributions by run, once opened. guesses: by the tags that were looked for.
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
    reasons: dict[str, Contributions] = field(default_factory=dict)
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


def load_suggester(run_id: str, *, shared: bool = True) -> Suggester:
    """The server's one loaded model of a run, under the operating point that holds now.

    shared: False for its own tagger, which explains at any cost.
    """
    found = model_pool(RunStore().folder).suggester(run_id, evidence=not shared)
    return replace(found, point=chosen_point(found.run))


def _ask(run: Run, asked: Asked) -> Answer:
    suggester, own = load_suggester(run.id), load_suggester(run.id, shared=False)
    found = suggester.suggest(asked.article, title=asked.title, limit=MOST_TAGS)
    warnings = find_warnings(own, found, text=asked.article, title=asked.title)
    return Answer(
        number=st.session_state.get(_COUNTER, 0) + 1,
        title=asked.title,
        article=asked.article,
        url=asked.url,
        run=run.id,
        found=found,
        facts=describe_text(
            asked.article, title=asked.title, tagger=own.tagger, language=found.language
        ),
        warnings=[note for note in (asked.note, *warnings) if note],
        whole=suggester.reads(asked.article, title=asked.title),
    )
