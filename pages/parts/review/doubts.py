"""Tags of the training data that are probably missing or wrong, each with keep and fix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.base.errors import CoreError
from core.evaluate.label_noise import Doubt
from core.runs.names import labels_of
from core.runs.store import RunStore
from core.suggest.doubts import (
    DoubtfulData,
    build_doubtful_data,
    decide_doubt,
    last_decision,
    undecided,
    undo_doubt,
)
from pages.parts.shared.frame import warn_of_sample
from pages.parts.shared.runs import put_in_link, runs_in_link
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import percent, plain

if TYPE_CHECKING:
    from core.runs.store import Run

MISSING, WRONG = "Probably missing", "Probably wrong"
_SHOWN = 10
_SAID = "said_of_doubts"
_DID = {"added": "added", "removed": "removed", "kept": "kept as it is"}


def show_doubts(runs: Sequence[Run]) -> None:
    by_id = {run.id: run for run in runs}
    if not by_id:
        st.info("Once a model has learnt from a data set, the tags that it doubts stand here.")
        st.page_link("pages/train.py", label="Train the first one")
        return
    named, labels = runs_in_link(by_id), labels_of(runs)
    run_id = st.selectbox(
        "What doubts the tags",
        list(by_id),
        index=list(by_id).index(named[0]) if named else 0,
        format_func=labels.__getitem__,
        key="doubting_run",
        help="Each article was judged by models that had not seen it.",
    )
    put_in_link([run_id])
    run = by_id[run_id]
    warn_of_sample(shown=run.is_of_sample)
    data = _load(run.id, str(run.folder.parent))
    if data is None:
        st.info("This model kept no scores of articles it had not seen. Choose another one.")
        return
    kind = st.segmented_control(
        "Which", [MISSING, WRONG], default=MISSING, required=True, key="doubt", bind="query-params"
    )
    doubts = undecided(data, data.missing if kind == MISSING else data.wrong)
    _show_said()
    if decided := last_decision(run):
        st.button(
            f"Undo: {_DID[decided.change]} {plain(decided.tag)}",
            key="undo_doubt",
            on_click=_undo,
            args=(run,),
        )
    if not doubts:
        st.info("Nothing is in doubt any more.")
        return
    for doubt in doubts[:_SHOWN]:
        _show_doubt(data, doubt)
    show_download(doubt_frame(data, doubts), f"{kind.split()[1]}-tags.csv")


def doubt_frame(data: DoubtfulData, doubts: Sequence[Doubt]) -> pd.DataFrame:
    rows = [
        {
            "article": doubt.article,
            "title": data.articles[doubt.article].title,
            "tag": doubt.tag,
            "has it": doubt.has_it,
            "sure": doubt.probability,
        }
        for doubt in doubts
    ]
    return pd.DataFrame(rows)


def _show_doubt(data: DoubtfulData, doubt: Doubt) -> None:
    article = data.articles[doubt.article]
    key = f"{doubt.article} {doubt.tag}"
    with st.container(border=True):
        st.markdown(f"**{plain(article.title or article.description[:100])}**")
        st.caption(plain(article.description[:240]))
        others = [tag for tag in article.tags if tag != doubt.tag]
        st.caption(f"Its other tags: {plain(', '.join(others)) or 'none'}")
        with st.container(horizontal=True, vertical_alignment="center"):
            claim = "has" if doubt.has_it else "lacks"
            st.markdown(
                f"It {claim} **{plain(doubt.tag)}**; the model is "
                f"{plain(percent(doubt.probability))} sure that it fits.",
                width="content",
            )
            fix = f"Remove {plain(doubt.tag)}" if doubt.has_it else f"Add {plain(doubt.tag)}"
            st.button(
                "Keep as it is", key=f"keep {key}", on_click=_decide, args=(data, doubt, False)
            )
            st.button(fix, key=f"fix {key}", on_click=_decide, args=(data, doubt, True))


def _decide(data: DoubtfulData, doubt: Doubt, fix: bool) -> None:
    try:
        info = decide_doubt(data, doubt, fix=fix)
    except CoreError as error:
        st.session_state[_SAID] = "error", str(error)
        return
    what = "Kept" if not fix else "Removed" if doubt.has_it else "Added"
    where = f"version {info.version} of {info.name!r}"
    st.session_state[_SAID] = "done", f"{what} {doubt.tag!r}; {where} has it so."


def _show_said() -> None:
    kind, sentence = st.session_state.pop(_SAID, ("", ""))
    if kind == "error":
        st.error(plain(sentence))
    elif kind:
        st.success(plain(sentence))


def _undo(run: Run) -> None:
    try:
        undo_doubt(run)
    except CoreError as error:
        st.session_state[_SAID] = "error", str(error)


@st.cache_resource(max_entries=3, show_spinner="Looking for doubtful tags ...")
def _load(run_id: str, folder: str) -> DoubtfulData | None:
    return build_doubtful_data(RunStore(Path(folder)).load(run_id))
