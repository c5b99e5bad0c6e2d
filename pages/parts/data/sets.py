"""The sets as cards: size, versions, and what can be done with each."""

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from core.articles.export import export_articles
from core.articles.store.changes import changes_of
from core.articles.store.record import SAMPLE, SetInfo, SetVersion
from core.articles.store.sets import survey_sets
from core.articles.store.versions import (
    current_number,
    delete_set,
    rename_set,
    use_version,
    versions_of,
)
from core.base.errors import CoreError
from pages.parts.shared.downloads import offer_file
from pages.parts.shared.forgetting import close_when_answered
from pages.parts.shared.frame import warn_of_sample
from pages.parts.shared.notices import errors_kept
from pages.parts.shared.tables import show_table
from pages.parts.shared.words import count, plain, size

_FORMATS = ("csv", "jsonl", "parquet")


def show_sets() -> None:
    """A card for every data set, those whose record is damaged last."""
    infos, damaged = survey_sets()
    problems = {one.name: one.problem for one in damaged}
    if len(infos) == 1 and not damaged:
        st.info(
            "Only the sample is here. Add a file of your own, or fetch a ready-made set of openly "
            "licensed articles."
        )
    for info in infos:
        _show_card(info, problems.pop(info.name, ""))
    for name, problem in problems.items():  # nothing can be done with these but deleting them
        with st.container(border=True):
            st.markdown(f"**{plain(name)}**")
            st.error(plain(problem))
            _button("Delete", name, _ask_delete)


def _show_card(info: SetInfo, problem: str) -> None:
    versions = () if info.name == SAMPLE else versions_of(info.name)
    with st.container(border=True):
        st.markdown(f"**{plain(info.name)}**")
        st.caption(plain(_facts_of(info, versions)))
        warn_of_sample(shown=info.name == SAMPLE)
        if problem:
            st.error(plain(problem))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link("pages/explore.py", label="Explore", query_params={"data": info.name})
            _button("Download", info.name, _ask_format)
            if versions:
                _button("Rename", info.name, _ask_name)
                _button("Versions", info.name, _ask_version)
                _button("Delete", info.name, _ask_delete)


def _facts_of(info: SetInfo, versions: tuple[SetVersion, ...]) -> str:
    """ "1,440 articles · version 2 of 2 · 3.1 MB · from posts.csv, 2026-11-24"."""
    facts = [count(info.articles, "article")]
    for current in versions:
        if current.version == info.version:
            facts.append(f"version {info.version} of {len(versions)}")
            facts += [size(current.bytes)] if current.bytes else []
            facts += [f"from {current.origin}, {current.created[:10]}"] if current.origin else []
    return " · ".join([*facts, info.note] if info.note and versions else facts)


def _button(label: str, name: str, ask: Callable[[str], None]) -> None:
    if st.button(label, key=f"{label.lower()}_{name}", type="tertiary"):
        ask(name)


@st.dialog("Download")
def _ask_format(name: str) -> None:
    ending = st.radio("Format", _FORMATS, horizontal=True, key="download_format")
    file_name = f"{name}.{ending}"
    offer_file("Download", lambda: _file_of(name, ending), file_name, type="primary")
    st.caption(
        "Imported again, every format gives the same articles. In CSV, an apostrophe stands before "
        "what a spreadsheet would run."
    )


def _file_of(name: str, ending: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"set.{ending}"
        export_articles(name, target)
        return target.read_bytes()


@st.dialog("Rename")
def _ask_name(name: str) -> None:
    close_when_answered("data")
    st.text_input("New name", value=name, max_chars=64, key="new_name")
    st.caption("Finished runs keep the old name.")
    st.button("Rename", type="primary", key="do_rename", on_click=_rename, args=(name,))


def _rename(name: str) -> None:
    new = st.session_state["new_name"].strip()
    with errors_kept("data", done=f"{name} is {new} now."):
        rename_set(name, new)


@st.dialog("Versions")
def _ask_version(name: str) -> None:
    close_when_answered("data")
    by_number = {version.version: version for version in versions_of(name)}
    current = current_number(name)
    chosen = st.radio(
        "In use",
        list(by_number),
        index=list(by_number).index(current),
        format_func=lambda number: _version_text(by_number[number]),
        key="chosen_version",
    )
    _show_history(name, by_number[chosen])
    st.button(
        "Use this version",
        type="primary",
        key="do_use",
        disabled=chosen == current,
        on_click=_use,
        args=(name, chosen),
    )


def _use(name: str, version: int) -> None:
    with errors_kept("data", done=f"{name} is at version {version}."):
        use_version(name, version)


def _show_history(name: str, version: SetVersion) -> None:
    """Which tags were checked and changed to make the version of the one before."""
    changes = changes_of(version.changes)
    if not changes:
        return
    kinds = Counter(change.change for change in changes)
    counted = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    st.caption(f"Tags that were checked on Review: {counted}.")
    # What was decided first: a narrow screen cuts the rest off.
    rows = [(c.change, c.tag, c.article, c.when[:16].replace("T", " ")) for c in changes]
    frame = pd.DataFrame(rows, columns=["what", "tag", "article", "when (UTC)"])
    file_name = f"{name}-{version.version}-checked-tags.csv"
    show_table(frame, file_name, alt="Tags that were checked.")


def _version_text(version: SetVersion) -> str:
    origin = f" from {plain(version.origin)}" if version.origin else ""
    day = f", {version.created[:10]}" if version.created else ""
    return f"{version.version}: {count(version.articles, 'article')}{origin}{day}"


@st.dialog("Delete")
def _ask_delete(name: str) -> None:
    close_when_answered("data")
    try:
        versions = count(len(versions_of(name)), "version")
    except CoreError:  # its record is damaged
        versions = "all its files"
    st.markdown(
        f"Delete **{plain(name)}** with {versions}? This cannot be undone; finished runs stay, "
        "but their articles cannot be shown any more."
    )
    st.button("Delete", type="primary", key="do_delete", on_click=_delete, args=(name,))


def _delete(name: str) -> None:
    with errors_kept("data", done=f"{name} is deleted."):
        delete_set(name)
