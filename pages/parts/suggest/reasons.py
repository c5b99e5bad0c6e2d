"""What stands behind the tags: warnings, what the text says, the words and articles that decide."""

import pandas as pd
import streamlit as st

from core.base.errors import CoreError
from core.suggest.highlights import Stretch
from pages.parts.shared.words import percent, plain
from pages.parts.suggest.answer import Answer, served_model
from pages.parts.suggest.settings import Settings

_SHOWN_CHARACTERS = 3000
# Of the strongest word's part: from here on a word is marked.
_WEAKEST = 0.1
_LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "zh": "Chinese",
}


def show_warnings(answer: Answer) -> None:
    """What may make the tags worse than they look, one sentence each."""
    for warning in answer.warnings:
        st.warning(plain(warning))


def show_facts(answer: Answer) -> None:
    """Language, keywords and other names of tags: what the text says, not what the model says."""
    facts = answer.facts
    language = _LANGUAGES.get(facts.language, facts.language) or "none found"
    st.caption(f"Language: **{plain(language)}**")
    if facts.keywords:
        words = ", ".join(plain(keyword.term) for keyword in facts.keywords)
        st.caption(f"Keywords of the text: {words}")
    if facts.aliases:
        names = ", ".join(f"“{plain(m.found)}” → {plain(m.tag)}" for m in facts.aliases)
        st.caption(f"Other names of tags in the text: {names}")


def show_reasons(answer: Answer, settings: Settings) -> None:
    """Computed only once it is open: for a model of meaning it costs some fifty readings."""
    part = st.expander("Why these tags?", key="why", on_change="rerun")
    if not part.open:
        return
    with part:
        names = [tag.tag for tag in answer.found.tags[: settings.limit]]
        tag = st.pills(
            "Words that speak for",
            names,
            default=names[0],
            required=True,
            format_func=plain,
            key=f"why tag {answer.number} {settings.limit}",
            wrap=True,
        )
        try:
            _show_words(answer, str(tag))
            _show_neighbours(answer)
        except CoreError as error:
            st.caption(plain(str(error)))


def _show_words(answer: Answer, tag: str) -> None:
    with st.spinner("Looking for the words that matter ..."):
        stretches = served_model(answer.run).explain(answer.whole, tag)
    st.markdown(marked(stretches, most_characters=_SHOWN_CHARACTERS))
    cut = " The first part of the text is shown." if len(answer.whole) > _SHOWN_CHARACTERS else ""
    st.caption(
        f":blue-background[Blue] speaks for {plain(tag)}, :orange-background[orange] against it; "
        f"**bold** is strongest.{cut}"
    )


def marked(stretches: list[Stretch], *, most_characters: int) -> str:
    """Markdown of a text, letter by letter, with its telling words marked."""
    strongest = max((abs(stretch.part) for stretch in stretches), default=0.0)
    shown, room = [], most_characters
    for stretch in stretches:
        text = stretch.text[:room]
        room -= len(text)
        weight = abs(stretch.part) / strongest if strongest else 0.0
        shown.append(_mark(text, stretch.part, weight) if weight >= _WEAKEST else _spaced(text))
        if room <= 0:
            break
    return "".join(shown)


def _mark(text: str, part: float, weight: float) -> str:
    colour = "blue" if part > 0 else "orange"
    words = plain(text)
    return f":{colour}-background[{f'**{words}**' if weight > 0.5 else words}]"


def _spaced(text: str) -> str:
    """Escaped, with the spaces at its ends that part it from marked words."""
    if not text.strip():
        return " " if text else ""
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return f"{before}{plain(text)}{after}"


def _show_neighbours(answer: Answer) -> None:
    with st.spinner("Reading the articles the tags were learnt from ..."):
        by, found = served_model(answer.run).nearest_articles(answer.whole)
    if not found:
        return
    st.markdown(f"**Most like it, by {by}, among the articles the tags were learnt from**")
    rows = [
        {
            "Article": plain(near.article.title or near.article.description[:100]),
            "Its tags": plain(", ".join(near.article.tags)),
            "Alike": percent(near.likeness),
        }
        for near in found
    ]
    st.table(pd.DataFrame(rows), hide_index=True, alt="The five nearest articles and their tags.")
