"""The sets as cards: size, versions, and what can be done with each."""

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.articles.export import export_articles
from core.articles.store.changes import Change, changes_of
from core.articles.store.sets import survey_sets
from core.articles.store.versions import (
    SAMPLE,
    SetInfo,
    SetVersion,
    current_number,
    delete_set,
    rename_set,
    use_version,
    versions_of,
)
from core.base.errors import CoreError
from pages.parts.shared.frame import warn_of_sample
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import count, plain

_FORMATS = ("csv", "jsonl", "parquet")


def show_sets() -> None:
    infos, damaged = survey_sets()
    problems = {one.name: one.problem for one in damaged}
    if len(infos) == 1 and not damaged:
        st.info(
            "Only the sample is here. Add a file of your own, or fetch a ready-made set of openly "
            "licensed articles."
        )
    for info in infos:
        show_card(info, problems.pop(info.name, ""))
    for name, problem in problems.items():
        show_damaged_card(name, problem)


def show_damaged_card(name: str, problem: str) -> None:
    """A set whose record cannot be read: nothing can be done with it but deleting it."""
    with st.container(border=True):
        st.markdown(f"**{plain(name)}**")
        st.error(plain(problem))
        _button("Delete", name, ask_delete)


def show_card(info: SetInfo, problem: str = "") -> None:
    versions = () if info.name == SAMPLE else versions_of(info.name)
    with st.container(border=True):
        st.markdown(f"**{plain(info.name)}**")
        st.caption(plain(facts_of(info, versions)))
        warn_of_sample(shown=info.name == SAMPLE)
        if problem:
            st.error(plain(problem))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link("pages/explore.py", label="Explore", query_params={"data": info.name})
            _button("Download", info.name, ask_format)
            if versions:
                _button("Rename", info.name, ask_name)
                _button("Versions", info.name, ask_version)
                _button("Delete", info.name, ask_delete)


def facts_of(info: SetInfo, versions: tuple[SetVersion, ...]) -> str:
    """ "1,440 articles · version 2 of 2 · 3.1 MB · from posts.csv, 2026-11-24"."""
    facts = [count(info.articles, "article")]
    for current in versions:
        if current.version == info.version:
            facts.append(f"version {info.version} of {len(versions)}")
            facts += [f"{current.bytes / 1e6:.1f} MB"] if current.bytes else []
            facts += [f"from {current.origin}, {current.created[:10]}"] if current.origin else []
    return " · ".join([*facts, info.note] if info.note and versions else facts)


def _button(label: str, name: str, ask: Callable[[str], None]) -> None:
    if st.button(label, key=f"{label.lower()}_{name}", type="tertiary"):
        ask(name)


@st.dialog("Download")
def ask_format(name: str) -> None:
    ending = st.radio("Format", _FORMATS, horizontal=True, key="download_format")
    st.download_button(
        "Download",
        lambda: _file_of(name, ending),
        file_name=f"{name}.{ending}",
        on_click="ignore",
        type="primary",
        key="download_set",
    )
    st.caption(
        "Imported again, every format gives the same articles. In CSV, an apostrophe stands before "
        "what a spreadsheet would run."
    )


def _file_of(name: str, ending: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"set.{ending}"
        export_articles(name, target)
        return target.read_bytes()


def close_when_answered() -> None:
    """End the question whose button was pressed just now: what it asks of may be gone already."""
    if "data_done" in st.session_state or "data_problem" in st.session_state:
        st.rerun()


@st.dialog("Rename")
def ask_name(name: str) -> None:
    close_when_answered()
    st.text_input("New name", value=name, max_chars=64, key="new_name")
    st.caption("Finished runs keep the old name.")
    st.button("Rename", type="primary", key="do_rename", on_click=do_rename, args=(name,))


@st.dialog("Versions")
def ask_version(name: str) -> None:
    close_when_answered()
    versions = versions_of(name)
    by_number = {version.version: version for version in versions}
    current = current_number(name)
    chosen = st.radio(
        "In use",
        list(by_number),
        index=list(by_number).index(current),
        format_func=lambda number: _version_text(by_number[number]),
        key="chosen_version",
    )
    show_history(name, by_number[chosen])
    st.button(
        "Use this version",
        type="primary",
        key="do_use",
        disabled=chosen == current,
        on_click=do_use,
        args=(name,),
    )


def show_history(name: str, version: SetVersion) -> None:
    """Which tags were checked and changed to make the version of the one before."""
    changes = changes_of(version.changes)
    if not changes:
        return
    kinds = Counter(change.change for change in changes)
    st.caption(
        "Tags that were checked on Review: "
        + ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
        + "."
    )
    frame = change_frame(changes)
    st.dataframe(frame, hide_index=True, width="stretch", alt="Tags that were checked.")
    show_download(frame, f"{name}-{version.version}-checked-tags.csv")


def change_frame(changes: Sequence[Change]) -> pd.DataFrame:
    """What was decided first: a narrow screen cuts the rest off."""
    rows = [(c.change, c.tag, c.article, c.when[:16].replace("T", " ")) for c in changes]
    return pd.DataFrame(rows, columns=["what", "tag", "article", "when (UTC)"])


def _version_text(version: SetVersion) -> str:
    origin = f" from {plain(version.origin)}" if version.origin else ""
    day = f", {version.created[:10]}" if version.created else ""
    return f"{version.version}: {count(version.articles, 'article')}{origin}{day}"


@st.dialog("Delete")
def ask_delete(name: str) -> None:
    close_when_answered()
    st.markdown(
        f"Delete **{plain(name)}** with {_versions_in_words(name)}? This cannot be undone; "
        "finished runs stay, but their articles cannot be shown any more."
    )
    st.button("Delete", type="primary", key="do_delete", on_click=do_delete, args=(name,))


def _versions_in_words(name: str) -> str:
    """Also of a set whose record is damaged, which may be deleted too."""
    try:
        return count(len(versions_of(name)), "version")
    except CoreError:
        return "all its files"


def do_rename(name: str) -> None:
    new = st.session_state["new_name"].strip()
    _do(lambda: rename_set(name, new), f"{plain(name)} is {plain(new)} now.")


def do_use(name: str) -> None:
    version = st.session_state["chosen_version"]
    _do(lambda: use_version(name, version), f"{plain(name)} is at version {version}.")


def do_delete(name: str) -> None:
    _do(lambda: delete_set(name), f"{plain(name)} is deleted.")


def _do(action: Callable[[], object], done: str) -> None:
    """What a question was answered with; the page says how it went."""
    try:
        action()
        st.session_state["data_done"] = done
    except CoreError as error:
        st.session_state["data_problem"] = plain(str(error))
