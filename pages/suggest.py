"""Suggest: which tags fit this article?"""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import streamlit as st

from core.base.errors import CoreError
from core.jobs.job import list_jobs
from core.jobs.queue import wait_for
from core.runs.operating_points import chosen_point
from core.runs.store import Run, RunStore, labels_of
from core.suggest.suggester import Suggester, Suggestions, choose_run, train_first_run
from pages.parts.examples import EXAMPLES
from pages.parts.frame import (
    ProgressBar,
    open_page,
    put_in_link,
    runs_in_link,
    show_question,
    warn_of_sample,
)
from pages.parts.words import plain, signed

ANSWER = "answer"


@dataclass(frozen=True)
class Answer:
    """What was asked and what came back; number: counts the questions of a session."""

    title: str
    article: str
    found: Suggestions
    number: int


def show_page() -> None:
    show_question("Which tags fit this article?")
    left, right = st.columns([2, 3], gap="large")
    with left:
        pressed = ask_for_article()
        run = choose_model()
    with right:
        if pressed:
            suggest(run)
        show_answer()


def ask_for_article() -> bool:
    with st.container(horizontal=True, gap="small"):
        for name in EXAMPLES:
            st.button(name, on_click=use_example, args=(name,), type="tertiary", help="An example")
    st.text_input("Title (optional)", key="title", max_chars=500, persist_state="session")
    st.text_area(
        "Article",
        key="article",
        height=280,
        max_chars=200_000,
        placeholder="Paste the article here.",
        persist_state="session",
    )
    return st.button("Suggest tags", type="primary", shortcut="Ctrl+Enter")


def use_example(name: str) -> None:
    st.session_state["title"], st.session_state["article"] = EXAMPLES[name]
    st.session_state.pop(ANSWER, None)


def choose_model() -> Run | None:
    """The run to ask; None while there is none."""
    store = RunStore()
    runs = {run.id: run for run in store.finished()}
    if not runs:
        return None
    asked = runs_in_link(runs)
    preferred = choose_run(store, asked[0] if asked else None)
    run_id = st.selectbox(
        "Tags learnt from",
        list(runs),
        index=list(runs).index(preferred.id) if preferred else 0,
        format_func=labels_of(list(runs.values())).__getitem__,
        key="chosen_run",
    )
    put_in_link([run_id])
    warn_of_sample(shown=runs[run_id].is_of_sample)
    return runs[run_id]


def suggest(run: Run | None) -> None:
    """Ask the model and keep the answer for the reruns that follow."""
    before: Answer | None = st.session_state.pop(ANSWER, None)
    title, article = st.session_state["title"], st.session_state["article"]
    try:
        found = load_suggester(run or prepare()).suggest(article, title=title)
    except CoreError as error:
        st.error(plain(str(error)))
        return
    st.session_state[ANSWER] = Answer(title, article, found, before.number + 1 if before else 1)
    if run is None:
        st.rerun()  # so that the list of models shows the first one


def load_suggester(run: Run) -> Suggester:
    """The loaded model under the operating point that holds now."""
    model = _suggester(str(run.folder.parent), run.id)
    return replace(model, point=chosen_point(run))


@st.cache_resource(max_entries=3, show_spinner="Loading the model ...")
def _suggester(folder: str, run_id: str) -> Suggester:
    return Suggester.load(RunStore(Path(folder)).load(run_id))


def prepare() -> Run:
    """The first time there is nothing to ask: learn from the sample, or wait until a job has."""
    bar = ProgressBar("Learning from the sample articles, once")
    run = wait_for_first_run(bar) or train_first_run(RunStore(), bar)
    bar.finish()
    return run


def wait_for_first_run(bar: ProgressBar) -> Run | None:
    """The first run that a job under way makes; None if there is no such job or it fails."""
    while (run := choose_run(RunStore())) is None:
        at_work = [job for job in list_jobs() if job.is_active and job.task == "experiment"]
        if not at_work:
            return None
        job = wait_for(at_work[-1].id, seconds=0.5)
        if job.is_active and job.done:
            bar(job.step, job.done, job.total, job.unit)
    return run


def show_answer() -> None:
    answer: Answer | None = st.session_state.get(ANSWER)
    if answer is None:
        st.info("The tags will stand here. Paste an article and press Suggest tags.")
        return
    if (answer.title, answer.article) != (st.session_state["title"], st.session_state["article"]):
        st.caption("The article has changed since; press Suggest tags again.")
    found = answer.found
    if found.note:
        st.warning(plain(found.note))
    suggested = [tag.tag for tag in found.tags if tag.suggested]
    if not suggested:
        st.info("No tag is sure enough. The nearest ones stand below.")
    score_of = {tag.tag: tag.score for tag in found.tags}
    chosen = st.pills(
        "Press a tag to take it or leave it",
        list(score_of),
        default=suggested,
        selection_mode="multi",
        format_func=lambda tag: f"{plain(tag)} {signed(score_of[tag])}",
        key=f"chosen_{answer.number}",
        wrap=True,
    )
    st.code(", ".join(chosen) or " ", language=None, wrap_lines=True)
    show_reasons(found)


def show_reasons(found: Suggestions) -> None:
    st.markdown("**Why these?**")
    rows = [
        {
            "Tag": plain(tag.tag),
            "Score": signed(tag.score),
            "Sure": "yes" if tag.suggested else "no",
            "Because of": plain(", ".join(part.term for part in tag.evidence[:4])),
        }
        for tag in found.tags
    ]
    st.table(pd.DataFrame(rows), hide_index=True, alt="Tags, scores and the words for each.")
    cuts = {signed(tag.threshold) for tag in found.tags}
    above = cuts.pop() if len(cuts) == 1 else "the cut of its tag"
    st.caption(
        f"A tag is sure when its score is above {above}. Scores rank tags; they are no percentages."
    )
    if any(tag.suggested != (tag.score > tag.threshold) for tag in found.tags):
        st.caption("How many tags an article gets is limited too: see Thresholds.")


open_page(show_page)
