"""Save the editor's tags, so that the next model learns from them; and take that back."""

import streamlit as st

from core.feedback.corrections import Correction, ShownTag
from core.runs.store import RunStore
from pages.parts.shared.feedback import load_feedback
from pages.parts.shared.notices import errors_kept, keep_notice, show_notice
from pages.parts.shared.words import count
from pages.parts.suggest.answer import Answer
from pages.parts.suggest.chips import Chosen

_SAVED = "saved_feedback"


def show_saving(answer: Answer, chosen: Chosen) -> None:
    """The button that keeps the editor's tags; after it, what was kept and the way back."""
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
    show_notice("saving")
    number, kept_id, tags = st.session_state.get(_SAVED, (0, 0, []))
    if number == answer.number:
        with st.container(horizontal=True, vertical_alignment="center"):
            said = f"Saved with {count(len(tags), 'tag')}. The next model can learn from it."
            st.markdown(f":green[**{said}**]", width="content")
            st.button("Take it back", on_click=_take_back, args=(kept_id,), key="unsave")
        if tags != chosen.tags:
            st.caption("The tags have changed since they were saved; save them again.")


def _save(answer: Answer, chosen: Chosen) -> None:
    shown = (
        ShownTag(
            rated.tag,
            rated.suggestion.score,
            rated.suggestion.threshold,
            rated.verdict == "suggested",
        )
        for rated in chosen.shown
    )
    with errors_kept("saving"):
        run = RunStore().load(answer.run)
        correction = Correction(
            text=answer.article,
            title=answer.title,
            url=answer.url,
            tags=tuple(chosen.tags),
            rejected=tuple(chosen.rejected),
            shown=tuple(shown),
            run=run.id,
            model=run.recipe,
            language=answer.found.language,
            name=st.session_state.get("editor_name", ""),
        )
        kept = load_feedback().save(correction)
        st.session_state[_SAVED] = answer.number, kept.id, list(chosen.tags)


def _take_back(kept_id: int) -> None:
    st.session_state.pop(_SAVED, None)
    with errors_kept("saving"):
        gone = load_feedback().delete(kept_id)
        said = "Taken back: nothing of it is kept." if gone else "It was deleted already."
        keep_notice("saving", said, "info")
