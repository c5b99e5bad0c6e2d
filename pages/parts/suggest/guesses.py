"""New tags that the editor looks for: guessed from their names, apart from the suggestions."""

import streamlit as st

from core.suggest.guesses import Guess
from core.suggest.suggester import SuggestRequest
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.words import percent, plain
from pages.parts.suggest.answer import Answer, served_model


def find_guesses(answer: Answer, names: tuple[str, ...]) -> list[Guess]:
    """What the text says of these tags; none for a tag that the model has learnt.

    Kept with the answer. Empty, with the reason shown, where it cannot be found out.
    """
    if names not in answer.guesses:
        with errors_shown(), st.spinner("Looking for new tags ..."):
            request = SuggestRequest(answer.article, answer.title)
            answer.guesses[names] = served_model(answer.run).guess_tags(request, names)
    return answer.guesses.get(names, [])


def label_of_guess(guess: Guess) -> str:
    """The tag, the words in the text that name it, and how near the text is to its name."""
    sign = f"“{plain(guess.found)}” in the text, " if guess.found else ""
    return f"{plain(guess.tag)} ({sign}alike {plain(percent(guess.likeness))})"
