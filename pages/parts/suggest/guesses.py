"""New tags that the editor looks for: guessed from their names, apart from the suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.base.errors import CoreError
from core.runs.store import RunStore
from core.suggest.model_pool import model_pool
from pages.parts.shared.words import percent, plain
from pages.parts.suggest.answer import Answer, load_suggester

if TYPE_CHECKING:
    from core.suggest.guesses import Guess
    from pages.parts.suggest.chips import Desk


def show_guesses(answer: Answer, names: tuple[str, ...], desk: Desk) -> None:
    """Chips of the guessed tags, filled only once they are pressed and so are added tags."""
    if not names:
        return
    try:
        with st.spinner("Looking for new tags ..."):
            found = _ask(answer, names)
    except CoreError as error:
        st.error(plain(str(error)))
        return
    guessed = [guess for guess in found if guess.guessed]
    if guessed:
        _show_chips(answer, guessed, desk)
    if others := [guess.tag for guess in found if not guess.guessed]:
        st.caption(f"No sign of {plain(', '.join(others))}.")
    if learnt := set(names) - {guess.tag for guess in found}:
        st.caption(f"Learnt already, so see the suggestions: {plain(', '.join(sorted(learnt)))}.")


def _ask(answer: Answer, names: tuple[str, ...]) -> list[Guess]:
    if names not in answer.guesses:
        known = load_suggester(answer.run).tagger.tags
        pool = model_pool(RunStore().folder)
        answer.guesses[names] = pool.guess_tags(answer.whole, names, known=known)
    return answer.guesses[names]


def _show_chips(answer: Answer, guessed: Sequence[Guess], desk: Desk) -> None:
    tags = [guess.tag for guess in guessed]
    key = f"guesses {answer.number} {hash(tuple(tags))}"
    st.session_state[key] = [tag for tag in tags if tag in desk.now.added]
    labels = {guess.tag: _label(guess) for guess in guessed}
    st.pills(
        "Guesses, from the name alone",
        tags,
        selection_mode="multi",
        format_func=labels.__getitem__,
        key=key,
        on_change=_take_or_leave,
        args=(key, tags, desk),
        help="Nothing was learnt of these tags. Alike says how near the text is to the tag's name; "
        "it is no probability. Press one to take it.",
        wrap=True,
    )


def _label(guess: Guess) -> str:
    sign = f"“{plain(guess.found)}” in the text, " if guess.found else ""
    return f"{plain(guess.tag)} ({sign}alike {plain(percent(guess.likeness))})"


def _take_or_leave(key: str, tags: Sequence[str], desk: Desk) -> None:
    chosen = st.session_state[key] or []
    desk.add([*(tag for tag in desk.now.added if tag not in tags), *chosen])
