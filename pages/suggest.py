"""Suggest: which tags fit this article?"""

import streamlit as st

from core.jobs.first_run import wait_for_first_run
from core.runs.names import labels_of
from core.runs.store import Run, RunStore
from core.suggest.model_pool import model_pool
from core.suggest.suggester import choose_run, note_of_unreadable, train_first_run
from pages.parts.shared.frame import open_page, show_question, warn_of_sample
from pages.parts.shared.link import put_in_link
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.progress import ProgressBar
from pages.parts.shared.runs import runs_in_link
from pages.parts.shared.words import plain
from pages.parts.suggest.answer import ask_model, current_answer
from pages.parts.suggest.chips import show_chips
from pages.parts.suggest.file import show_file_tagging
from pages.parts.suggest.input import ask_for_article, has_changed
from pages.parts.suggest.reasons import show_facts, show_reasons, show_warnings
from pages.parts.suggest.save import show_saving
from pages.parts.suggest.second import show_second
from pages.parts.suggest.settings import NO_SECOND, Settings, ask_for_settings


def show_page() -> None:
    """An article on the left, its tags on the right, and a file of articles below."""
    show_question(
        "Which tags fit this article?",
        do="Paste an article, press Suggest tags, keep what fits, and save.",
    )
    left, right = st.columns([2, 3], gap="large")
    with left:
        asked, settings_place = ask_for_article()
        with settings_place:
            run, settings = _choose_model()
        warn_of_sample(shown=run is not None and run.is_of_sample)
    with right:
        if asked is not None and ask_model(run or _prepare(), asked) and run is None:
            st.rerun()  # so that the list of models shows the first one
        _show_answer(run, settings)
    if run is not None:
        show_file_tagging(run)


def _choose_model() -> tuple[Run | None, Settings]:
    """The run to ask, None while there is none; and how many tags, how sure."""
    store = RunStore()
    runs = {run.id: run for run in store.finished()}
    named = runs_in_link(runs)
    preferred = _preferred_run(store, named[0] if named else None)
    if not runs:
        return None, Settings()
    labels = labels_of(list(runs.values()))
    with st.popover("Settings"):
        run_id = st.selectbox(
            "Tags learnt from",
            list(runs),
            index=list(runs).index(preferred.id) if preferred else None,
            format_func=labels.__getitem__,
            key="chosen_run",
            placeholder="Choose another model",
        )
        if run_id is None:
            return None, Settings()
        settings = ask_for_settings(runs[run_id], labels)
    put_in_link(run=run_id)
    model_pool(store.folder).warm(run_id)  # while the editor pastes
    return runs[run_id], settings


def _preferred_run(store: RunStore, named: str | None) -> Run | None:
    """The run to suggest with; says where it cannot be read, or a newer one cannot."""
    with errors_shown():
        run = choose_run(store, named)
        if run and not named and (note := note_of_unreadable(store, run)):
            st.warning(plain(note))
        return run
    return None


def _prepare() -> Run:
    """The first time there is nothing to ask: learn from the sample, or wait until a job has."""
    bar = ProgressBar("Learning from the sample articles, once")
    run = wait_for_first_run(RunStore(), bar) or train_first_run(RunStore(), bar)
    bar.finish()
    return run


def _show_answer(run: Run | None, settings: Settings) -> None:
    answer = current_answer()
    if answer is None:
        st.info("The tags will be shown here. Paste an article and press Suggest tags.")
        return
    if has_changed(answer.title, answer.article):
        st.caption("The article has changed since; press Suggest tags again.")
    elif run is not None and run.id != answer.run:
        st.caption("These are another model's tags; press Suggest tags to use the chosen one.")
    show_warnings(answer)
    chosen = show_chips(answer, settings)
    show_saving(answer, chosen)
    show_facts(answer)
    if settings.second != NO_SECOND:
        show_second(answer, settings)
    show_reasons(answer, settings)


open_page(show_page)
