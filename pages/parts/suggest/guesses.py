"""New tags that the editor looks for: guessed from their names, apart from the suggestions."""

import streamlit as st

from core.runs.store import RunStore
from core.suggest.guesses import Guess
from core.suggest.model_pool import model_pool
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.words import percent, plain
from pages.parts.suggest.answer import Answer, load_suggester


def find_guesses(answer: Answer, names: tuple[str, ...]) -> list[Guess]:
    """What the text says of these tags; none for a tag that the model has learnt.

    Kept with the answer. Empty, with the reason shown, where it cannot be found out.
    """
    if names not in answer.guesses:
        with errors_shown(), st.spinner("Looking for new tags ..."):
            known = load_suggester(answer.run).tagger.tags
            pool = model_pool(RunStore().folder)
            answer.guesses[names] = pool.guess_tags(answer.whole, names, known=known)
    return answer.guesses.get(names, [])


def label_of_guess(guess: Guess) -> str:
    """The tag, the words in the text that name it, and how near the text is to its name."""
    sign = f"“{plain(guess.found)}” in the text, " if guess.found else ""
    return f"{plain(guess.tag)} ({sign}alike {plain(percent(guess.likeness))})"
