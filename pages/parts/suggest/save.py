"""Save the editor's tags, so that the next model learns from them; and take that back."""

import streamlit as st

from core.base.errors import CoreError
from core.feedback.corrections import Correction, ShownTag
from core.runs.store import RunStore
from pages.parts.shared.feedback import load_feedback
from pages.parts.shared.words import count, plain
from pages.parts.suggest.answer import Answer
from pages.parts.suggest.chips import Chosen

_SAVED = "saved_feedback"
_SAID = "said_of_saving"


def show_saving(answer: Answer, chosen: Chosen) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Save these tags",
            on_click=_save,
            args=(answer, chosen),
            key="save_tags",
            shortcut="Alt+S",
            help="Keeps the text, the suggestions and your tags here, so that the next model can "
            "learn from them. The Review page lists them.",
        )
        st.text_input(
            "Your name (optional)",
            key="editor_name",
            max_chars=100,
            persist_state="session",
            label_visibility="collapsed",
            placeholder="Your name (optional)",
            width=220,
        )
    kind, sentence = st.session_state.pop(_SAID, ("", ""))
    if kind == "error":
        st.error(plain(sentence))
    elif kind:
        st.info(plain(sentence))
    number, kept_id, tags = st.session_state.get(_SAVED, (0, 0, []))
    if number == answer.number:
        with st.container(horizontal=True, vertical_alignment="center"):
            said = f"Saved with {count(len(tags), 'tag')}. The next model can learn from it."
            st.markdown(f":green[**{said}**]", width="content")
            st.button("Take it back", on_click=_take_back, args=(kept_id,), key="unsave")
        if tags != chosen.tags:
            st.caption("The tags have changed since they were saved; save them again.")


def _save(answer: Answer, chosen: Chosen) -> None:
    try:
        run = RunStore().load(answer.run)
        kept = load_feedback().save(
            Correction(
                text=answer.article,
                title=answer.title,
                url=answer.url,
                tags=tuple(chosen.tags),
                rejected=tuple(chosen.rejected),
                shown=tuple(
                    ShownTag(
                        rated.tag,
                        rated.suggestion.score,
                        rated.suggestion.threshold,
                        rated.verdict == "suggested",
                    )
                    for rated in chosen.shown
                ),
                run=run.id,
                model=run.recipe,
                language=answer.found.language,
                name=st.session_state.get("editor_name", ""),
            )
        )
    except CoreError as error:
        st.session_state[_SAID] = "error", str(error)
        return
    st.session_state[_SAVED] = answer.number, kept.id, list(chosen.tags)


def _take_back(kept_id: int) -> None:
    st.session_state.pop(_SAVED, None)
    try:
        gone = load_feedback().delete(kept_id)
    except CoreError as error:
        st.session_state[_SAID] = "error", str(error)
        return
    said = "Taken back: nothing of it is kept." if gone else "It was deleted already."
    st.session_state[_SAID] = "info", said
