"""Tags of the training data that are probably missing or wrong, each with keep and fix."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.evaluate.label_noise import Doubt
from core.runs.store import Run
from core.suggest.doubts import (
    DoubtfulData,
    build_doubtful_data,
    decide_doubt,
    last_decision,
    undecided,
    undo_doubt,
)
from pages.parts.shared.frame import choose_section, warn_of_sample
from pages.parts.shared.notices import errors_kept, keep_notice, show_empty, show_notice
from pages.parts.shared.runs import RUN_KEY, choose_run
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import percent, plain

MISSING, WRONG = "Probably missing", "Probably wrong"
_SHOWN = 10
_DID = {"added": "added", "removed": "removed", "kept": "kept as it is"}


def show_doubts(runs: Sequence[Run]) -> None:
    """The tags that a chosen model doubts most, each with the buttons that keep or change it."""
    if not runs:
        sentence = "Once a model has learnt from a data set, doubtful tags are shown here."
        show_empty(sentence, "train", "Train the first one")
        return
    run = choose_run(
        runs,
        "Model that doubts the tags",
        key="doubting_run",
        help="Each article was judged by models that had not seen it.",
    )
    warn_of_sample(shown=run.is_of_sample)
    data = _load(run)
    if data is None:
        st.info("This model kept no scores of articles it had not seen. Choose another one.")
        return
    kind = choose_section("Which", [MISSING, WRONG], key="doubt", hidden=False)
    doubts = undecided(data, data.missing if kind == MISSING else data.wrong)
    show_notice("doubts")
    if decided := last_decision(run):
        label = f"Undo: {_DID[decided.change]} {plain(decided.tag)}"
        st.button(label, key="undo_doubt", on_click=_undo, args=(run,))
    if not doubts:
        st.info("Nothing is in doubt any more.")
        return
    for doubt in doubts[:_SHOWN]:
        _show_doubt(data, doubt)
    show_download(_doubt_frame(data, doubts), f"{kind.split()[1]}-tags.csv")


def _doubt_frame(data: DoubtfulData, doubts: Sequence[Doubt]) -> pd.DataFrame:
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
    with errors_kept("doubts"):
        info = decide_doubt(data, doubt, fix=fix)
        what = "Kept" if not fix else "Removed" if doubt.has_it else "Added"
        where = f"version {info.version} of {info.name!r}"
        keep_notice("doubts", f"{what} {doubt.tag!r}; {where} has it so.")


def _undo(run: Run) -> None:
    with errors_kept("doubts"):
        undo_doubt(run)


@st.cache_resource(max_entries=3, show_spinner="Looking for doubtful tags ...", hash_funcs=RUN_KEY)
def _load(run: Run) -> DoubtfulData | None:
    return build_doubtful_data(run)
